"""Rules of the settings: conditions, tolerances, references and numbers of values, and what is wrong with one."""

import sqlite3

import duckdb
import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from agreed_rules import SOUND, broken
from pyarrow import parquet

from pytest_mlquality.data.table import Origin, Table
from pytest_mlquality.rules.conditions import with_rules
from pytest_mlquality.rules.counting import findings

RANGE = "in_range: {min_value: 0, max_value: 1}"
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
    "another type": (
        '{ source = "regions.parquet", column = "name" }',
        "'region' is int64 and 'name' of regions.parquet is string",
    ),
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


def test_a_number_of_single_precision_is_listed_among_those_of_double(judge, project):
    rates = np.arange(40) / 10
    test = pd.read_parquet(project.path / "test.parquet")
    test["rate"] = np.resize(rates, len(test)).astype("float32")
    test.to_parquet(project.path / "test.parquet")
    for kept, lacking in ((rates, 0), (rates[1:], (test["rate"] == 0).sum())):
        pd.DataFrame({"rate": kept}).to_parquet(project.path / "rates.parquet")
        _, rules = judge(
            settings='[schema]\n[schema.references]\nrate = { source = "rates.parquet", column = "rate" }\n'
        )
        assert rules["rate: listed"]["rows"] == lacking


def test_a_condition_that_names_no_column_is_judged(judge):
    _, rules = judge(settings="[schema]\n[schema.rules]\nlate = \"now() > DATE '2020-01-01'\"\nnever = '1 > 2'\n")
    assert not rules["late"]["message"]
    assert rules["never"]["rows"] > 0


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


def test_a_nan_breaks_no_condition_and_no_reference(judge, project):
    test = pd.read_parquet(project.path / "test.parquet")
    for name, dtype in (("wide", "float64"), ("narrow", "float32")):
        test[name] = np.where(test.index < 700, np.nan, test["age"] % 3).astype(dtype)
    # pandas would write NULL.
    parquet.write_table(
        pa.table({name: pa.array(test[name].to_numpy()) for name in test}), project.path / "test.parquet"
    )
    pd.DataFrame({"code": [0.0, 1.0, np.nan]}).to_csv(project.path / "codes.csv", index=False)
    rules = 'small = "wide < 2"\ntiny = "NOT (narrow > 1)"\n'
    listed = "".join(f'{name} = {{ source = "codes.csv", column = "code" }}\n' for name in ("wide", "narrow"))
    check, found = judge(settings=f"[schema]\n[schema.rules]\n{rules}[schema.references]\n{listed}")
    assert check["outcome"] == "failed"
    twos = int((test["wide"] == 2).sum())
    assert {name: rule["rows"] for name, rule in found.items()} == dict.fromkeys(
        ("small", "tiny", "wide: listed", "narrow: listed"), twos
    )
