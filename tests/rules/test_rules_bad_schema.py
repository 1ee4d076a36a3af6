"""What is wrong with a schema is told in a sentence, and everything else is still judged."""

import pytest
from agreed_rules import SOUND, broken

from pytest_mlquality.errors import DataError
from pytest_mlquality.rules.schema_file import read_agreement

UNREADABLE = {
    "an unknown check": ("income: {greater_then: 0}", "unknown check 'greater_then' (did you mean 'greater_than'?)"),
    "a name of Python's": ("income: {get_backend: 0}", "unknown check 'get_backend'"),
    "a listed unknown check": (
        "income: {checks: [{value: 0, options: {check_name: greater_then}}]}",
        "unknown check 'greater_then' (did you mean 'greater_than'?)",
    ),
    "a tabled unknown check": ("income: {checks: {greater_then: 0}}", "unknown check 'greater_then'"),
    "checks beside checks": ("income: {lt: 9, checks: {gt: -9}}", "lt stands beside `checks`: write it in there"),
    "an unknown dtype": ("income: {dtype: int65}", "dtype: "),
    "a dtype that no table has": ("income: {dtype: complex128}", "has no type of a table beside it"),
    "an unknown argument": ("income: {in_range: {min: 0, max: 3}}", "in_range: "),
    "a word for true": ("income: {nullable: never}", "nullable is 'never', neither true nor false"),
    "a list of rules": ("income: [1]", "its rules must be a table"),
    "a column that is no pattern": ("'(inc': {regex: true}", "the name is no regular expression"),
    "a text that is no pattern": ("income: {str_matches: '(a'}", "str_matches: "),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_a_column_asks_and_nobody_understands_is_broken_alone(judge, case):
    column, says = UNREADABLE[case]
    check, rules = judge(f"columns:\n  {column}\n{SOUND}")
    assert check["outcome"] == "failed"
    [(name, message)] = broken(rules).items()
    assert name.split(":")[0] in ("income", "(inc")
    assert says in message
    assert rules["age: in_range(18, 80)"]["count"] == 0


ODD_KEYS = {
    "an unknown key": ("stict: true", "unknown key 'stict' (did you mean 'strict'?)"),
    "an index": ("index: [{dtype: int64}]", "an index: tables of files and engines have none, make it a column"),
    "a wrong strictness": ("strict: 'yes'", "strict: "),
    "an unknown check of the frame": ("checks: {greater_then: 0}", "checks: "),
}


@pytest.mark.parametrize("case", ODD_KEYS)
def test_what_the_schema_asks_and_nobody_understands_is_broken_alone(judge, case):
    line, says = ODD_KEYS[case]
    _, rules = judge(f"{line}\nordered: true\ncolumns:\n{SOUND}")
    assert list(broken(rules)) == ["schema: readable"]
    assert says in rules["schema: readable"]["message"]
    assert rules["age: in_range(18, 80)"]["count"] == 0
    assert "columns in order" in rules


NO_SCHEMA = {
    "no YAML": ("columns: [\n", "schema.yaml is not YAML", "correct the file"),
    "a date that is none": ("columns: {a: {gt: 2024-13-45}}", "holds a value that is none", "correct the file"),
    "a column twice": ("columns:\n  age: {}\n  age: {gt: 3}\n", "the key 'age' stands twice in line 3", "correct"),
    "no table": ("- 1\n", "holds no schema: it needs a table of `columns`", "mlquality init"),
    "not even text": ("\x00", "is not YAML", "correct the file"),
}


@pytest.mark.parametrize("case", NO_SCHEMA)
def test_a_file_that_is_no_schema_is_an_error_with_the_remedy(judge, project, case):
    text, says, remedy = NO_SCHEMA[case]
    check, _ = judge(text)
    assert check["outcome"] == "error"
    assert says in project.result.stdout.str()
    assert remedy in project.result.stdout.str()


@pytest.mark.parametrize("schema", ["{}", "columns: {}", "name: loans\ndtype: int64\n"])
def test_a_schema_that_asks_for_nothing_is_told(judge, schema):
    check, rules = judge(schema)
    assert check["outcome"] == "failed"
    assert broken(rules)["schema: readable"].startswith("it asks for no column and no check")


def test_a_missing_file_offers_the_nearest(judge, project):
    check, _ = judge("columns: {}", '[schema]\nfile = "shema.yaml"\n')
    assert check["outcome"] == "error"
    project.result.stdout.fnmatch_lines(["*'shema.yaml' cannot be read*did you mean 'schema.yaml'*"])
    assert "remedy:" in project.result.stdout.str()


def test_columns_that_are_missing_unknown_or_in_another_case(judge):
    _, rules = judge("strict: true\ncolumns:\n  Income: {}\n  salary: {}\n  maybe: {required: false}\n" + SOUND)
    found = broken(rules)
    assert found["Income: present"] == "there is no column 'Income', only 'income': upper and lower case count"
    assert found["salary: present"].startswith("there is no column 'salary'")
    assert found["region: known"] == "the schema knows no column 'region'"
    assert {name for name in found if name.endswith("known")} == {
        f"{n}: known" for n in ("id", "income", "region", "paid")
    }
    assert rules["age: in_range(18, 80)"]["count"] == 0


def test_columns_in_another_order(judge):
    _, rules = judge("ordered: true\ncolumns:\n  region: {}\n  'inc.*': {regex: true}\n" + SOUND)
    assert broken(rules) == {"columns in order": "'region' stands behind 'age'"}


def test_columns_that_should_be_unique_together_and_are_not_there(judge):
    _, rules = judge("unique: [age, sallary]\ncolumns:\n" + SOUND)
    assert "there is no column 'sallary'" in broken(rules)["age, sallary: unique together"]


def test_several_sets_of_columns_are_unique_each_alone(judge):
    _, rules = judge("unique: [[id, age], [region]]\ncolumns:\n" + SOUND)
    assert list(broken(rules)) == ["region: unique together"]


def test_a_schema_is_read_without_a_gate(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        read_agreement("schema.yaml", tmp_path)
