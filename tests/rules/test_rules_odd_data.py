"""Data of odd types, cut short, or no Unicode: what cannot be judged is told, and everything else is still judged."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pandas as pd
import pyarrow as pa
from agreed_rules import AGREED, SOUND, broken
from pyarrow import parquet

ODD_COLUMNS = {
    "list": pa.array([[1, 2], None, []], pa.list_(pa.int64())),
    "struct": pa.array([{"a": 1}, None, {"a": None}], pa.struct([("a", pa.int64())])),
    "map": pa.array([[("a", 1)], None, []], pa.map_(pa.string(), pa.int64())),
    "decimal": pa.array([Decimal("1.50"), None, Decimal("-2.25")], pa.decimal128(9, 2)),
    "duration": pa.array([timedelta(hours=1), None, timedelta(0)], pa.duration("us")),
    "zoned": pa.array(
        [datetime(2024, 1, 1, tzinfo=UTC), None, datetime(1900, 1, 1, tzinfo=UTC)], pa.timestamp("us", "UTC")
    ),
    "precise": pa.array([1, None, 2], pa.timestamp("ns")),
    "day": pa.array([date(2024, 1, 1), None, date(1, 1, 1)], pa.date32()),
    "binary": pa.array([b"\xff\x00", None, b""], pa.binary()),
    "dictionary": pa.array(["a", None, "b"]).dictionary_encode(),
    "small": pa.array([1, None, 2], pa.uint8()),
    "nothing": pa.nulls(3),
}


def write_odd(project):
    parquet.write_table(pa.table({"age": [17, 20, 30], **ODD_COLUMNS}), project.path / "test.parquet")


def test_odd_types_beside_it_do_not_keep_a_column_from_being_judged(judge, project):
    write_odd(project)
    asked = "".join(f"  {name}: {{nullable: false}}\n" for name in ODD_COLUMNS)
    _, rules = judge(f"columns:\n{asked}{SOUND}", '[schema]\nfile = "schema.yaml"\nfailing_rows = "rows"\n')
    assert {name: rule["count"] for name, rule in rules.items() if rule["count"]} == {
        "age: in_range(18, 80)": 1,
        **{f"{name}: not null": 3 if name == "nothing" else 1 for name in ODD_COLUMNS},
    }


def test_odd_types_can_be_asked_to_be_unique_and_typed(judge, project):
    write_odd(project)
    types = {"zoned": "datetime64[us, UTC]", "precise": "datetime64[ns]", "day": "date", "small": "uint8"}
    types |= {"decimal": "Decimal(9, 2)", "binary": "binary[pyarrow]"}
    typed = {name: f", dtype: '{type_}'" for name, type_ in types.items()}
    asked = "".join(f"  {n}: {{nullable: true, unique: true{typed.get(n, '')}}}\n" for n in ODD_COLUMNS)
    _, rules = judge(f"columns:\n{asked}{SOUND}")
    assert broken(rules) == {"age: in_range(18, 80)": "", "nothing: unique": ""}


def test_values_of_odd_types_are_compared(judge, project):
    write_odd(project)
    project.write(
        "agreed.py",
        "import pandera.pandas as pa, pandas as pd, datetime, decimal\n"
        "def column(*checks): return pa.Column(None, list(checks), nullable=True)\n"
        "SCHEMA = pa.DataFrameSchema({\n"
        "  'decimal': column(pa.Check.gt(decimal.Decimal('0.5'))),\n"
        "  'duration': column(pa.Check.gt(pd.Timedelta(minutes=1))),\n"
        "  'zoned': column(*(pa.Check.gt(pd.Timestamp('2000-01-01', tz=zone)) for zone in ('UTC', None))),\n"
        "  'day': column(pa.Check.gt(datetime.date(2000, 1, 1))),\n"
        "  'list': column(pa.Check.gt(3)),\n"
        "  'age': column(pa.Check.gt(18)),\n"
        "})\n",
    )
    _, rules = judge(settings='[schema]\nfile = "python:agreed:SCHEMA"\n')
    found = broken(rules)
    assert {name.split(":")[0] for name in found} == {"decimal", "duration", "zoned", "day", "list", "age"}
    said = {name: message for name, message in found.items() if message}
    # Parquet holds a duration as a whole number, and DuckDB reads it as that.
    assert [name.split("(")[0] for name in said] == [
        "duration: greater_than",
        "zoned: greater_than",
        "list: greater_than",
    ]
    assert all("cannot be compared" in message for message in said.values())


def test_a_file_cut_in_the_middle_is_an_error(judge, project):
    whole = (project.path / "test.parquet").read_bytes()
    (project.path / "test.parquet").write_bytes(whole[: len(whole) // 2])
    check, _ = judge(f"columns:\n{SOUND}")
    assert check["outcome"] == "error"
    project.result.stdout.fnmatch_lines(["*test.parquet*", "*remedy:*"])


def write_bytes_as_text(project, cells):
    """Write texts, of which some are no Unicode, in row groups of 5,000."""
    raw = pa.array(cells, pa.binary())
    text = pa.StringArray.from_buffers(len(cells), raw.buffers()[1], raw.buffers()[2])
    ages = [17] + [20] * (len(cells) - 1)
    parquet.write_table(pa.table({"name": text, "age": ages}), project.path / "test.parquet", row_group_size=5000)


def test_text_that_is_not_unicode_is_an_error_without_the_text(judge, project):
    write_bytes_as_text(project, [b"Anna\xff", b"fine"])
    check, _ = judge("columns:\n" + SOUND)
    assert check["outcome"] == "error"
    project.result.stdout.fnmatch_lines(["*test.parquet cannot be read: its text is no UTF-8*", "*remedy:*"])
    assert "Anna" not in project.result.stdout.str()


def test_text_that_is_not_unicode_further_down_breaks_the_rules_that_look_at_it(judge, project):
    write_bytes_as_text(project, [b"fine"] * 12_000 + [b"Anna\xff"])
    check, rules = judge("columns:\n  name: {str_length: {min_value: 1}, str_matches: '(?i)F', unique: true}\n" + SOUND)
    assert check["outcome"] == "failed"
    assert rules["age: in_range(18, 80)"]["count"] == 1
    looking = [rule for name, rule in rules.items() if name.startswith("name: ") and "present" not in name]
    assert len(looking) == 4
    for rule in looking:
        assert rule["message"].startswith("could not be judged") or rule["rule"] == "name: not null"
    assert "Anna" not in project.result.stdout.str()


def test_files_of_different_columns_are_an_error(project):
    test = pd.read_parquet(project.path / "test.parquet")
    test.to_parquet(project.path / "part_1.parquet")
    test.drop(columns="age").to_parquet(project.path / "part_2.parquet")
    project.write("schema.yaml", f"columns:\n{SOUND}")
    project.write("mlquality.toml", 'data.test.source = "part_*.parquet"\nschema.file = "schema.yaml"\n')
    result = project.run("-k", "agreed")
    result.stdout.fnmatch_lines(["*part_1.parquet and part_2.parquet have different columns*", "*remedy:*"])
    assert project.outcomes() == {AGREED: "error"}
