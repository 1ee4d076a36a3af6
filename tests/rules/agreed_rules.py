"""The check of what was agreed, a rule that is sound, and the rules that a gate found broken."""

AGREED = "schema::test_the_data_keep_to_what_was_agreed[test]"
SOUND = "  age: {dtype: int64, in_range: {min_value: 18, max_value: 80}}\n"


def broken(rules):
    return {name: rule["message"] for name, rule in rules.items() if rule["count"]}
