"""What is wrong with a schema or with the data is told in a sentence, and everything else is still judged."""

import sqlite3
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import duckdb
import ibis
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from pytest_mlquality.data.table import Origin, Table
from pytest_mlquality.errors import DataError
from pytest_mlquality.rules.conditions import with_rules
from pytest_mlquality.rules.counting import findings
from pytest_mlquality.rules.schema_file import read_agreement

AGREED = "schema::test_the_data_keep_to_what_was_agreed[test]"
RANGE = "in_range: {min_value: 0, max_value: 1}"
SOUND = "  age: {dtype: int64, in_range: {min_value: 18, max_value: 80}}\n"


@pytest.fixture
def judge(project):
    """Run a gate on the test split alone with a schema file; return the check, and its rules by name."""

    def run(schema=None, settings="", file="schema.yaml"):
        if schema is not None:
            project.write(file, schema)
        said = f'name = "loans"\n[data.test]\nsource = "test.parquet"\n{settings}'
        project.write("mlquality.toml", said if "[schema]" in settings else f'{said}[schema]\nfile = "{file}"\n')
        project.result = project.run("-k", "agreed")
        check = next(check for check in project.subject()["checks"] if check["id"] == AGREED)
        text = project.result.stdout.str()
        assert "Traceback" not in text
        assert "site-packages" not in text.partition("warnings summary")[0]
        if check["outcome"] == "error":
            return check, {}
        [measurement] = check["measurements"]
        return check, {rule["rule"]: rule for rule in measurement["details"]["rules"]}

    return run


def broken(rules):
    return {name: rule["message"] for name, rule in rules.items() if rule["count"]}


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


CUSTOM = """
import pandera.pandas as pa
import pandera.extensions as extensions

def is_multiple_of(series, *, factor):
    return series % factor == 0

if not hasattr(pa.Check, "is_multiple_of"):  # a process registers it once
    extensions.register_check_method(is_multiple_of, statistics=["factor"])

def column(*checks):
    return pa.Column(None, list(checks))

def explodes(series):
    raise ValueError("boom")

SCHEMA = pa.DataFrameSchema(
    {
        "id": column(pa.Check.is_multiple_of(factor=2), pa.Check(explodes)),
        "age": column(pa.Check(lambda age: age >= 18, name="grown up"), pa.Check.in_range(18, 80)),
        "income": column(pa.Check(lambda part: part > 0, groupby="region", name="by region")),
        "region": column(pa.Check(lambda region: region < 3, element_wise=True, name="one by one")),
        "paid": column(pa.Check(lambda paid: paid.nunique() == 3, name="of three kinds")),
    },
    checks=pa.Check(lambda rows: rows["age"] > rows["region"], name="older than the region"),
)

class Model(pa.DataFrameModel):
    age: int = pa.Field(ge=18, coerce=True)

OTHER = 3
"""


def test_checks_in_python_are_run_on_batches(judge, project):
    test = pd.read_parquet(project.path / "test.parquet")
    test.loc[test.index[:3], "age"] = [17, -1, 80]
    test.to_parquet(project.path / "test.parquet")
    project.write("agreed.py", CUSTOM)
    _, rules = judge(settings='[schema]\nfile = "python:agreed:SCHEMA"\ntolerated = { "*" = 0.9 }\n')
    assert rules["id: is_multiple_of(factor=2)"]["count"] == (test["id"] % 2 != 0).sum()
    assert rules["age: grown up"]["count"] == rules["age: in_range(18, 80)"]["count"] == 2
    assert rules["region: one by one"]["count"] == (test["region"] == 3).sum()
    assert rules["paid: of three kinds"]["count"] == 1
    assert rules["older than the region"]["count"] == (test["age"] <= test["region"]).sum()
    assert rules["id: explodes"]["message"] == "could not be judged: the check raises ValueError"
    assert rules["income: by region"]["message"].startswith("could not be judged: it groups rows")


def test_what_could_not_be_judged_is_never_tolerated(judge, project):
    project.write("agreed.py", CUSTOM)
    check, _ = judge(settings='[schema]\nfile = "python:agreed:SCHEMA"\ntolerated = { "*" = 1 }\n')
    assert check["outcome"] == "failed"
    # One raises, one groups rows, one answers for the whole column.
    assert check["measurements"][0]["value"] == 3


def test_a_model_of_pandera_is_a_schema_and_another_object_is_none(judge, project):
    project.write("agreed.py", CUSTOM)
    check, rules = judge(settings='[schema]\nfile = "python:agreed:Model"\n')
    assert check["outcome"] == "passed"
    assert "age: greater_than_or_equal_to(18)" in rules
    check, _ = judge(settings='[schema]\nfile = "python:agreed:OTHER"\n')
    assert check["outcome"] == "error"
    project.result.stdout.fnmatch_lines(
        ["*'python:agreed:OTHER' is a int*", "*remedy: name a pandera.DataFrameSchema*"]
    )


def test_an_answer_for_all_rows_is_not_given_by_batches(engines, monkeypatch):
    import pandera.pandas as pandera

    monkeypatch.setattr("pytest_mlquality.rules.counting.BATCH", 2)
    check = pandera.Check(lambda values: values.is_unique, name="all different")
    table = engines.duckdb(pa.table({"a": [1, 2, 1, 2]}))
    finding = engines.judged(pandera.DataFrameSchema({"a": pandera.Column(int, check)}), table)["a: all different"]
    assert finding.message.startswith("could not be judged")
    assert "it answers for all rows at once" in finding.message


CONDITIONS = {
    "a broken one": ("agee > 3", "is not a condition on this table"),
    "a statement": ("DROP TABLE x", "is not a condition on this table"),
    "no truth": ("'some text'", "is VARCHAR, neither true nor false"),
    "a number": ("age - 5", "is BIGINT, neither true nor false"),
    "equal to null": ("age > 0 OR age = NULL", "compares with NULL"),
    "among nulls": ("age IN (1, CAST(NULL AS INT))", "compares with NULL"),
    "always null": ("TRY_CAST('a' || region AS INT) > 1", "is null on every row"),
}


@pytest.mark.parametrize("case", CONDITIONS)
def test_a_rule_that_is_no_condition_is_broken_alone(judge, case):
    condition, says = CONDITIONS[case]
    check, rules = judge(
        settings=f'[schema]\n[schema.rules]\nodd = "{condition}"\nsound = "age > 0"\nbroken = "age > 20"\n'
    )
    assert check["outcome"] == "failed"
    assert rules["odd"]["count"]
    assert says in rules["odd"]["message"]
    assert rules["sound"]["count"] == 0
    assert rules["broken"]["rows"] > 0


def test_a_condition_about_columns_that_are_empty_here_is_not_judged(judge, project):
    test = pd.read_parquet(project.path / "test.parquet")
    test.assign(rate=pd.Series(dtype="float64")).to_parquet(project.path / "test.parquet")
    check, rules = judge(
        settings='[schema]\n[schema.rules]\nlow = "rate < income"\nthere = "rate IS NOT DISTINCT FROM NULL"\n'
    )
    assert check["outcome"] == "passed"
    assert rules["low"]["message"] == "not judged: no row has a value in all of its columns"
    assert not rules["there"]["message"]


NO_TRUTHS = {"b + 1": "is a number", "a": "is string", "a = NULL": "compares with NULL", "b > 1": "", "(b > 1)": ""}


@pytest.mark.parametrize("condition", NO_TRUTHS)
def test_an_engine_without_truths_is_asked_for_conditions_too(tmp_path, condition):
    with sqlite3.connect(tmp_path / "w.db") as con:
        con.execute("CREATE TABLE rows (a TEXT, b REAL)")
        con.execute("INSERT INTO rows VALUES ('x', 2)")
    con.close()
    table = Table("test", Origin("the rows", ibis.sqlite.connect(tmp_path / "w.db").table("rows"), registered=None))
    widened, rules = with_rules(table, {"rule": condition})
    [found] = findings(rules, widened)
    assert found.message.startswith(NO_TRUTHS[condition])
    assert bool(found.count) == bool(NO_TRUTHS[condition])


def test_a_tolerance_that_names_no_rule_is_an_error_with_the_nearest(judge, project):
    judge("columns:\n" + SOUND, '[schema]\nfile = "schema.yaml"\ntolerated = { "age: not nul" = 0.1 }\n')
    project.result.stdout.fnmatch_lines(["*'age: not nul' names no rule (did you mean 'age: not null'?)*"])


@pytest.mark.parametrize("named", ["gone: not null", "part_7: in_range(0, 1)", "age: *", "gone: reads as float64"])
def test_a_tolerance_may_name_a_rule_about_columns_that_this_split_lacks(judge, named):
    parts = f"  'part_.*': {{regex: true, required: false, {RANGE}}}\n"
    schema = f"columns:\n  gone: {{dtype: float64, coerce: true}}\n{parts}{SOUND}"
    settings = f"""environments = {{ test = {{ absent = ["gone"] }} }}\ntolerated = {{ "{named}" = 0.1 }}\n"""
    check, _ = judge(schema, f'[schema]\nfile = "schema.yaml"\n{settings}')
    assert check["outcome"] == "passed"


REFERENCES = {
    "no file": ('{ source = "regiones.parquet" }', "there is no file 'regiones.parquet'"),
    "no column": ('{ source = "regions.parquet", column = "kode" }', "has no column 'kode' (did you mean 'code'?)"),
    "another type": ('{ source = "regions.parquet", column = "name" }', ""),
}


@pytest.mark.parametrize("case", REFERENCES)
def test_a_reference_that_is_not_there_is_broken_alone(judge, project, case):
    reference, says = REFERENCES[case]
    pd.DataFrame({"code": [0, 1, 2], "name": ["a", "b", "c"]}).to_parquet(project.path / "regions.parquet")
    check, rules = judge(
        settings=f"[schema]\n[schema.references]\nregion = {reference}\nage = {{ source = 'test.parquet' }}\n"
        'nobody = { source = "regions.parquet" }\n'
    )
    assert check["outcome"] == "failed"
    assert rules["region: listed"]["count"]
    assert says in rules["region: listed"]["message"]
    assert rules["age: listed"]["count"] == 0
    assert "there is no column 'nobody'" in rules["nobody: listed"]["message"]


def test_a_reference_is_a_table_of_an_engine(judge, project):
    with duckdb.connect(str(project.path / "w.duckdb")) as con:
        con.execute("CREATE TABLE regions AS SELECT unnest([0, 1, 2]) AS code")
    where = 'region = { source = "regions", engine = "duckdb:///w.duckdb", column = "code" }'
    _, rules = judge(settings=f"[schema]\n[schema.references]\n{where}\n")
    test = pd.read_parquet(project.path / "test.parquet")
    assert rules["region: listed"]["rows"] == (test["region"] == 3).sum()


def test_the_number_of_different_values_is_limited(judge, project):
    test = pd.read_parquet(project.path / "test.parquet")
    test["rare"] = pd.Series([1.0, float("nan"), 2.0], dtype="float64")
    test.to_parquet(project.path / "test.parquet")
    limits = "region = { at_least = 3, at_most = 4 }\nrare = { at_least = 3 }\n"
    limits += "age = { at_most = 9 }\nrergion = { at_most = 9 }"
    _, rules = judge(settings=f"[schema]\n[schema.distinct_values]\n{limits}\n")
    assert broken(rules) == {
        "rare: distinct_values(at_least=3)": "has 2",
        "age: distinct_values(at_most=9)": "has 62",
        "rergion: distinct_values(at_most=9)": "there is no column 'rergion' (did you mean 'region'?)",
    }


@pytest.mark.parametrize("limit", ["{}", "{ at_least = 3, at_most = 2 }"])
def test_a_number_of_values_that_nothing_has_is_a_problem_of_the_file(project, limit):
    project.settings(f"[schema]\n[schema.distinct_values]\nregion = {limit}\n")
    result = project.run("--collect-only")
    result.stdout.fnmatch_lines(["*schema.distinct_values.region*"])
    assert result.ret


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
    project.result.stdout.fnmatch_lines(["*test.parquet cannot be read*not valid UTF*", "*remedy:*"])
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


def test_a_schema_is_read_without_a_gate(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        read_agreement("schema.yaml", tmp_path)
