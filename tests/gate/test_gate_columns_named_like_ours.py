"""Columns called as those that the gate adds for itself, in any case, change no number."""

import ibis
import pandas as pd
import polars
import pyarrow as pa
import pytest
from pyarrow import parquet

from pytest_mlquality.data import memory
from pytest_mlquality.data.column_names import own_name, replaced
from pytest_mlquality.data.table import Origin, Table
from pytest_mlquality.subject import load

# What stands in queries of ours beside the data's columns, or in their place.
OURS = (
    *("mlq_condition_0", "mlq_condition_1", "mlq_slice_0", "mlq_slice_1", "mlq_identity", "mlq_score0", "mlq_score1"),
    *("mlq_place", "mlq_key"),
    *(
        "mlquality_file",
        "mlq_rows",
        "mlq_x",
        "mlq_bin",
        "mlq_value",
        "mlq_label",
        "mlq_unit",
        "alike_0",
        "times",
        "who",
    ),
    *("label", "broken", "moment", "gap", "listed", "c0", "c1", "f0", "l0", "a0", "b0", "row", "rule", "rows"),
)
GATE = """\
[data]
target = "paid"
key = "id"
time = "at"
[data.train]
source = "train.parquet"
[data.test]
source = "test.parquet"
filter = "income > -9"
[schema]
file = "schema.yaml"
failing_rows = "failing"
[schema.rules]
held = "income > 0"
other = "age > 20"
[schema.metrics]
duplicate_rows = { at_most = 0.1 }
conflicting_labels = { at_most = 0.1 }
rarest_class = { at_least = 0.01 }
longest_time_gap = { at_most = 9 }
[schema.leakage]
shared_rows = { at_most = 1 }
[performance.slices]
where = { rich = "income > 0", poor = "income <= 0" }
[performance.slices.metrics]
accuracy = { at_least = 0.3 }
[skew]
ignore = ["at", "id"]
[skew.metrics]
jensen_shannon_distance = { at_most = 0.9 }
correlation_change = { at_most = 0.9 }
"""
SCHEMA = """\
columns:
  income: {in_range: {min_value: -1, max_value: 1}}
  region: {unique: true}
  age: {nullable: true}
"""
MODEL = """\
import pytest_mlquality

@pytest_mlquality.model(features=["income", "age"], classes=[0, 1])
def made(frame):
    return (frame["income"] > 0).astype(float)
"""


def measured(project, names):
    """What every check of the gate measures where five columns of numbers have these names, whatever they are."""
    for split in ("train", "test"):
        frame = pd.read_parquet(project.path / f"{split}.parquet", columns=["id", "income", "age", "region", "paid"])
        frame["at"] = pd.date_range("2024-01-01", periods=len(frame), freq="h")
        for place, name in enumerate(names):
            frame.insert(place, name, frame["income"] * 0 + [number % (place + 5) for number in range(len(frame))])
        frame.to_parquet(project.path / f"{split}.parquet")
    project.write("schema.yaml", SCHEMA)
    project.write("scorer.py", MODEL)
    project.write("mlquality.toml", f'name = "x"\n[model]\nuri = "python:scorer:made"\n{GATE}')
    project.run("-p", "no:randomly")
    rows = parquet.read_table(project.path / "failing" / "test.parquet").to_pylist()
    checks = project.subject()["checks"]
    return rows, sorted(
        (check["id"], check["outcome"], one["name"], one["value"], one["n"])
        for check in checks
        for one in check["measurements"]
        # Which of two columns as strong is named says nothing.
        if "[" not in one["name"] or "age" in one["name"] or "income" in one["name"]
    )


def test_columns_called_as_ours_change_no_number(project):
    rows, numbers = measured(project, [f"plain {place}" for place in range(len(OURS))])
    assert len(numbers) > 10
    assert {row["rule"] for row in rows} >= {"held", "other", "region: unique"}
    odd = [name.upper() if place % 2 else name for place, name in enumerate(OURS)]
    assert measured(project, odd) == (rows, numbers)


@pytest.mark.parametrize("name", ["mlq_condition_0", "MLQ_CONDITION_0", "Mlq_Condition_0_", "mlq_condition_"])
@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_a_rule_that_no_row_keeps_fails_whatever_a_column_is_called(project, name, kind):
    frame = pd.DataFrame({name: [True] * 20, "x": [-1] * 20})
    frame.to_parquet(project.path / "odd.parquet") if kind == "parquet" else frame.to_csv(project.path / "odd.csv")
    project.write("mlquality.toml", f'name = "x"\n[data.test]\nsource = "odd.{kind}"\n[schema.rules]\nr = "x > 0"\n')
    result = project.run("-k", "agreed")
    [check] = [check for check in project.subject()["checks"] if check["measurements"]]
    assert check["outcome"] == "failed"
    [rule] = check["measurements"][0]["details"]["rules"]
    assert (rule["rule"], rule["count"]) == ("r", 20)
    assert result.ret == 1


def on_duckdb(arrow):
    expression, registered = memory.register(arrow, "data.test.source")
    return Table("test", Origin("the rows", expression, in_order=True, registered=registered))


def on_polars(arrow):
    engine = ibis.polars.connect({"rows": polars.from_arrow(arrow)})
    return Table("test", Origin("the rows", engine.table("rows"), registered=None))


@pytest.mark.parametrize("engine", [on_duckdb, on_polars])
def test_a_new_column_takes_the_place_of_one_that_differs_in_case(engine):
    rows = engine(pa.table({"SCORE": [1, 2], "other": [3, 4]})).expression
    assert replaced(rows, {"score": rows.SCORE * 10, "other": rows.SCORE}).to_pyarrow().to_pydict() == {
        "score": [10, 20],
        "other": [1, 2],
    }


@pytest.mark.parametrize("name", ["mlq_place", "MLQ_PLACE"])
def test_a_sample_has_every_column_of_its_own(name):
    table = on_duckdb(pa.table({name: [7, 8, 9], "x": [0, 1, 2]}))
    sample = table.sample([name, "x"], 3, seed=0).sort_index()
    assert list(sample.index) == [0, 1, 2]
    assert sample.to_dict("list") == {name: [7, 8, 9], "x": [0, 1, 2]}


def test_a_name_of_our_own_begins_no_column():
    columns = ["MLQ_A", "mlq_a_", "mlq_A__0"]
    name = own_name("mlq_a", columns)
    assert not any(column.casefold().startswith(name) for column in columns)
    assert own_name("mlq_b", columns) == "mlq_b"


@pytest.mark.parametrize("name", ["mlq_slice_0", "MLQ_SLICE_0"])
def test_a_slice_holds_the_rows_of_its_condition_whatever_a_column_is_called(project, name):
    pd.DataFrame({name: [True] * 20, "x": [-1, 1] * 10, "y": [0, 1] * 10}).to_parquet(project.path / "odd.parquet")
    project.write("scorer.py", MODEL.replace('"income", "age"', '"x"').replace('"income"', '"x"'))
    gate = (
        'name = "x"\n[model]\nuri = "python:scorer:made"\n[data]\ntarget = "y"\n[data.test]\nsource = "odd.parquet"\n'
    )
    subject = load(project.write("mlquality.toml", gate))
    held = subject.predictions_of(subject.model).holding("test", {"above": "x > 0", "all": name})
    assert held.to_dict("list") == {"above": [False, True] * 10, "all": [True] * 20}
