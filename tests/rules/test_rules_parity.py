"""What the engine counts is what pandera finds on the same rows, whatever the rows and the schema."""

import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pytest
from hypothesis import given, note, settings
from pandera.errors import SchemaErrors
from random_schemas import FIXED, cases

from pytest_mlquality.rules.agreement import described
from pytest_mlquality.rules.rule import ColumnRule, CustomRule, RowRule


def frame_of(table):
    """The rows as pandas shows them, texts as Python's own."""
    frame = table.to_pandas()
    return frame.assign(**{name: frame[name].astype(object) for name in frame if name.startswith("text")})


def expected_of_check(check, values):
    """How many values break a check as pandera runs it; None where it raises."""
    try:
        output = check(values).check_output
    except Exception:
        return None
    return int((~output.astype(bool)).sum()) if isinstance(output, pd.Series) else int(not output)


def expected(table, schema):
    """How often each rule is broken, in the rules' own names, by pandas and pandera."""
    frame, found = frame_of(table), {}
    for name, column in schema.columns.items():
        if name not in frame:
            continue
        values = frame[name]
        if not column.nullable:
            found[f"{name}: not null"] = int(values.isna().sum())
        if column.unique:
            found[f"{name}: unique"] = repeated(values, column.report_duplicates)
        for check in column.checks:
            found[f"{name}: {described(check)}"] = expected_of_check(check, values)
    if schema.unique:
        rule = f"{', '.join(schema.unique)}: unique together"
        found[rule] = repeated(frame[schema.unique], schema.report_duplicates)
    return found


def repeated(values, report_duplicates):
    keep = {"all": False, "exclude_first": "first", "exclude_last": "last"}[report_duplicates]
    return int(values.duplicated(keep=keep).sum())


def is_valid(frame, schema):
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors:
        return False
    return True


@pytest.mark.filterwarnings("ignore")
@settings(FIXED, max_examples=100)
@given(cases())
def test_every_engine_counts_what_pandera_finds(engines, case):
    table, schema = case
    wanted, valid = expected(table, schema), is_valid(frame_of(table), schema)
    for engine in (engines.duckdb, engines.polars):
        agree(engines.judged(schema, engine(table)), wanted, valid if is_comparable(table) else None)


def agree(found, wanted, valid):
    note(str({name: finding.count for name, finding in found.items()}))
    foreign = [rule for rule in found if "cannot be compared" in found[rule].message]
    for rule, count in wanted.items():
        if rule in foreign or count is None:
            # pandas finds 1 and "a" unequal, or raises; here such a check is broken, or its column's type is.
            assert found[rule].count or type_is_broken(found, rule)
        else:
            assert found[rule].count == count, rule
    if valid is not None and not foreign:
        assert valid == (not any(finding.count for finding in found.values()))


def type_is_broken(found, rule):
    column = found[rule].rule.column
    return any(each.count and each.message.startswith("is ") for each in found.values() if each.rule.column == column)


def is_comparable(table):
    """Whether pandas shows the types as they are: not whole numbers as floats, nor types from no row."""
    changes = ("whole", "truth")
    columns = zip(table.column_names, table.columns, strict=True)
    return table.num_rows > 0 and not any(column.null_count and name.startswith(changes) for name, column in columns)


BUILT_IN = (
    pandera.Check.equal_to("a"),
    pandera.Check.not_equal_to("a"),
    pandera.Check.greater_than("a"),
    pandera.Check.greater_than_or_equal_to("a"),
    pandera.Check.less_than("a"),
    pandera.Check.less_than_or_equal_to("a"),
    pandera.Check.in_range("a", "b"),
    pandera.Check.isin(["a"], name="called otherwise"),
    pandera.Check.notin(["a"]),
    pandera.Check.str_matches(r"\w+"),
    pandera.Check.str_contains(r"\w+"),
    pandera.Check.str_startswith("a"),
    pandera.Check.str_endswith("a"),
    pandera.Check.str_length(1, 2),
    pandera.Check.unique_values_eq(["a"]),
)


@pytest.mark.parametrize("check", BUILT_IN, ids=lambda check: check.registry_name)
def test_a_built_in_check_is_a_query(engines, check):
    schema = pandera.DataFrameSchema({"text": pandera.Column(str, check)})
    found = engines.judged(schema, engines.duckdb(pa.table({"text": ["a", "b"]})))
    assert isinstance(found[f"text: {described(check)}"].rule, RowRule | ColumnRule)


def test_a_check_that_bears_the_name_of_a_built_in_one_is_run_in_python(engines):
    check = pandera.Check(lambda values: values != 2, name="isin", statistics={"allowed_values": [1]})
    schema = pandera.DataFrameSchema({"number": pandera.Column(int, check)})
    found = engines.judged(schema, engines.duckdb(pa.table({"number": [1, 2, 3]})))
    assert isinstance(found["number: isin"].rule, CustomRule)
    assert found["number: isin"].count == 1
