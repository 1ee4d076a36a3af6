"""What users give in place of our fixtures: plain models, tables and answers."""

import ibis
import pandas as pd
import polars
import pyarrow
import pytest

from pytest_mlquality.given import as_tables
from pytest_mlquality.settings import read_settings

MODEL = """\
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
import pandas as pd

def fitted():
    train = pd.read_parquet("train.parquet")
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(train[["income", "age"]], train["paid"])
"""
TABLES = {
    "pandas": lambda frame: frame,
    "polars": polars.from_pandas,
    "lazy polars": lambda frame: polars.from_pandas(frame).lazy(),
    "arrow": pyarrow.Table.from_pandas,
    "ibis": ibis.memtable,
}


@pytest.fixture
def given(project):
    """Run the gate with a conftest of the user's; return the value of each measurement by name."""

    def run(text, *arguments):
        project.write("conftest.py", MODEL + text)
        result = project.run(*arguments)
        checks = project.subject()["checks"]
        assert not [check["message"] for check in checks if check["outcome"] == "error"], result.stdout.str()
        return {one["name"]: one["value"] for check in checks for one in check["measurements"]}

    return run


def measured(project):
    """What the project measures as it stands."""
    project.run()
    return {one["name"]: one["value"] for check in project.subject()["checks"] for one in check["measurements"]}


def test_a_fitted_pipeline_is_a_model(project, given):
    project.settings("[schema]\n[skew.metrics]\njensen_shannon_distance = { at_most = 0.9 }\n")
    found = given("@pytest.fixture(scope='session')\ndef ml_model(): return fitted()\n")
    assert found["roc_auc"] > 0.7
    assert found["mismatched_columns"] == 0


def test_a_plain_baseline_is_compared_with(project, given):
    project.settings(
        "[performance.loss_to_baseline]\nroc_auc = { at_most = 0.5 }\n",
        replace={'uri = "model.skops"': 'uri = "model.skops"\nbaseline = "weak.skops"'},
    )
    found = given("@pytest.fixture(scope='session')\ndef ml_baseline(): return fitted()\n", "--ml-stage", "predeploy")
    assert abs(found["loss_to_baseline[roc_auc]"]) < 0.2


def test_plain_tables_are_splits(project, given):
    before = measured(project)
    found = given(
        """
@pytest.fixture(scope="session")
def ml_data(): return {name: pd.read_parquet(name + ".parquet") for name in ("train", "test")}
"""
    )
    assert found == pytest.approx(before)


@pytest.mark.parametrize("made", TABLES.values(), ids=TABLES)
def test_tables_of_every_library_are_splits(project, made):
    frame = pd.read_parquet(project.path / "test.parquet")
    tables = as_tables(read_settings(project.path / "mlquality.toml"), {"test": made(frame)})
    assert tables["test"].frame(frame.columns).equals(frame)


ANSWERS = {
    "probabilities of the positive": "fitted().predict_proba(test[['income', 'age']])[:, 1]",
    "by split": "{'test': fitted().predict_proba(test[['income', 'age']])}",
}


@pytest.mark.parametrize("made", ANSWERS.values(), ids=ANSWERS)
def test_an_array_of_answers_needs_no_model(project, given, made):
    found = given(
        f"""
test = pd.read_parquet("test.parquet")
@pytest.fixture(scope="session")
def ml_predictions(): return {made}
"""
    )
    assert 0.7 < found["roc_auc"] < 0.99
    assert found["accuracy"] > 0.6


def test_an_array_of_decisions_is_measured_as_such(project, given):
    found = given(
        """
@pytest.fixture(scope="session")
def ml_predictions(): return pd.read_parquet("test.parquet")["paid"]
""",
        "-k",
        "accuracy",
    )
    assert found["accuracy"] == 1


WRONG = {
    "a model that cannot predict": ("ml_model(): return 3", "a fixture gives int as a model, which has no predict"),
    "a table of no split": ("ml_data(): return pd.DataFrame()", "gives a DataFrame, and nothing says which split"),
    "no table": ("ml_data(): return {'test': 3}", "returned builtins.int, not a table"),
    "too few answers": ("ml_predictions(): return [1, 0]", "gives answers of shape (2,) for 2,000 rows of test"),
    "another split": ("ml_predictions(): return {'train': [1]}", "gives no answers for the split 'test'"),
}


@pytest.mark.parametrize(("made", "message"), WRONG.values(), ids=WRONG)
def test_what_is_none_of_them_is_told(project, made, message):
    project.write("conftest.py", f"{MODEL}\n@pytest.fixture(scope='session')\ndef {made}\n")
    project.run("-k", "accuracy")
    [check] = [one for one in project.subject()["checks"] if one["outcome"] is not None]
    assert check["outcome"] == "error"
    assert message in check["message"]
    assert check["remedy"]


def test_answers_alone_cannot_be_asked_about_other_rows(project):
    project.settings("[explanation]\n")
    project.write(
        "conftest.py",
        MODEL
        + "@pytest.fixture(scope='session')\ndef ml_predictions(): return pd.read_parquet('test.parquet')['paid']",
    )
    project.run("-k", "explanation")
    told = {one["message"] for one in project.subject()["checks"] if one["outcome"] == "error"}
    assert len(told) == 1
    assert "ml_predictions gives answers" in told.pop()


OWN = """\
from pytest_mlquality import Measurement

def share_paid(frame):
    return frame["paid"].mean()

def test_share(ml_data, ml_subject):
    assert Measurement.estimate(share_paid, ml_data["test"]) >= 0.3

def fails(frame):
    raise ValueError(f"income {frame['income'].iloc[0]} of region {'north'.upper()} is no wage")

def test_fails(ml_data, ml_subject):
    assert Measurement.estimate(fails, ml_data["test"]) >= 0.3

def test_raises(ml_data):
    row = ml_data["test"].frame(["income"]).iloc[0, 0]
    raise RuntimeError(f"the table of {row} has no wages")
"""


def test_a_function_of_ones_own_measures_a_split_and_its_error_is_told_without_a_value(project):
    project.write("test_own.py", OWN)
    result = project.run("test_own.py")
    checks = {one["id"].split("::")[-1]: one for one in project.subject()["checks"]}
    assert checks["test_share"]["outcome"] == "passed"
    assert checks["test_fails"]["message"] == (
        "the function fails raised ValueError in line 10 of test_own.py: income ... of region ... is no wage"
    )
    text = result.stdout.str()
    assert "RuntimeError: the table of ... has no wages\nE  values are not shown" in text
    assert "NORTH" not in text


def test_spaces_in_names_are_matched_as_lightgbm_writes_them(project, given):
    for split in ("train", "test"):
        frame = pd.read_parquet(project.path / f"{split}.parquet").rename(columns={"income": "income per year"})
        frame.to_parquet(project.path / f"{split}.parquet")
    model = """
import lightgbm

@pytest.fixture(scope="session")
def ml_model():
    train = pd.read_parquet("train.parquet")
    return lightgbm.LGBMClassifier(n_estimators=5, verbose=-1).fit(train[["income per year", "age"]], train["paid"])
"""
    project.settings('\n[explanation]\nexpected = ["income per year"]\n[schema]\n')
    assert given(model)["roc_auc"] > 0.7
