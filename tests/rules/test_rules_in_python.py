"""Checks that are written in Python: run on batches of rows, and never passed where they cannot be judged so."""

import pandas as pd
import pyarrow as pa

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
