"""A first gate of three lines, a first release, and bad input."""

import numpy as np
import pandas as pd
import pytest

THREE_LINES = 'model.uri = "model.skops"\ndata.target = "paid"\ndata.test.source = "test.parquet"\n'
GAIN = "performance::test_a_metric_meets_its_limit[gain_over_trivial]"


def test_three_lines_are_a_useful_gate(project):
    project.write("mlquality.toml", THREE_LINES)
    result = project.run()
    result.assert_outcomes(passed=3)
    assert project.outcomes() == {
        "schema::test_columns_are_what_the_model_expects[test]": "passed",
        "schema::test_every_row_has_a_label[test]": "passed",
        GAIN: "passed",
    }
    result.stdout.fnmatch_lines(['*inferred task = "binary"*', "*inferred positive = 1*"])


def test_three_lines_fail_a_model_that_is_no_better_than_none(project):
    project.write("mlquality.toml", THREE_LINES)
    test = pd.read_parquet(project.path / "test.parquet")
    test["paid"] = 1 - test["paid"]
    test.to_parquet(project.path / "test.parquet")
    project.run().assert_outcomes(passed=2, failed=1)
    assert project.outcomes()[GAIN] == "failed"


def test_string_labels_and_a_regression(project):
    import skops.io
    from sklearn.linear_model import LinearRegression

    test = pd.read_parquet(project.path / "test.parquet")
    model = LinearRegression().fit(test[["age", "region"]], test["income"] + test["age"])
    skops.io.dump(model, project.path / "model.skops")
    test["amount"] = test["income"] + test["age"]
    test.to_parquet(project.path / "test.parquet")
    project.write("mlquality.toml", THREE_LINES.replace("paid", "amount"))
    result = project.run()
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(['*inferred task = "regression"*'])


BROKEN = {
    "a missing model": (lambda p: (p / "model.skops").unlink(), "model.skops' does not exist"),
    "a corrupt Parquet file": (lambda p: (p / "test.parquet").write_bytes(b"PAR1nonsensePAR1"), "test.parquet"),
    "a missing Parquet file": (lambda p: (p / "test.parquet").unlink(), "test.parquet"),
    "no rows": (
        lambda p: pd.read_parquet(p / "test.parquet").iloc[:0].to_parquet(p / "test.parquet"),
        "has no row to judge",
    ),
    "a missing column": (
        lambda p: pd.read_parquet(p / "test.parquet").drop(columns="age").to_parquet(p / "test.parquet"),
        "'age'",
    ),
    "no target": (
        lambda p: pd.read_parquet(p / "test.parquet").drop(columns="paid").to_parquet(p / "test.parquet"),
        "'paid'",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_bad_input_is_an_error_with_the_remedy(project, case):
    damage, says = BROKEN[case]
    damage(project.path)
    result = project.run()
    text = result.stdout.str()
    assert result.ret == 1
    assert says in text
    assert "remedy:" in text
    assert "Traceback" not in text
    assert "site-packages" not in text
    assert set(project.outcomes().values()) == {"error"}
    assert project.evidence()["verdict"] == "fail"


def test_a_file_that_is_not_toml(project):
    project.write("mlquality.toml", "model = [\n")
    result = project.run()
    assert result.ret == 2
    text = result.stdout.str()
    assert "is not TOML" in text
    assert "line" in text
    assert "Traceback" not in text


def test_labels_that_are_missing_fail_and_are_counted(project):
    project.write("mlquality.toml", THREE_LINES)
    test = pd.read_parquet(project.path / "test.parquet").astype({"paid": "Int64"})
    test.loc[test.index[:5], "paid"] = None
    test.to_parquet(project.path / "test.parquet")
    project.run()
    assert project.outcomes()["schema::test_every_row_has_a_label[test]"] == "failed"
    assert project.outcomes()[GAIN] == "error"


def test_one_class_absent_is_undecided_and_says_why(project):
    test = pd.read_parquet(project.path / "test.parquet")
    test[test["paid"] == 1].to_parquet(project.path / "test.parquet")
    project.run("-k", "roc_auc")
    check = project.subject()["checks"][0]
    assert check["outcome"] == "inconclusive"
    assert check["measurements"][0]["value"] is None
    assert check["measurements"][0]["reason"]


@pytest.fixture
def registered(project, loans, monkeypatch):
    """The project's models in an MLflow registry on SQLite: version 1 and 2, alias challenger on 2."""
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    import mlflow
    import skops.io
    from mlflow.models import infer_signature

    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(f"sqlite:///{project.path}/mlflow.db")
    client = mlflow.MlflowClient()
    experiment = client.create_experiment("loans", artifact_location=str(project.path / "artifacts"))
    client.create_registered_model("loans")
    features = pd.read_parquet(project.path / "test.parquet")[["income", "age", "region"]].head()
    for _version in (1, 2):
        with mlflow.start_run(experiment_id=experiment) as run:
            logged = mlflow.sklearn.log_model(
                skops.io.load(project.path / "model.skops"),
                name="model",
                signature=infer_signature(features, np.array([0, 1])),
                serialization_format="skops",
                pip_requirements=[],
            )
        client.create_model_version("loans", source=logged.model_uri, run_id=run.info.run_id, model_id=logged.model_id)
    client.set_registered_model_alias("loans", "challenger", "2")
    project.settings(
        '[registry]\nuri = "sqlite:///mlflow.db"\n[performance.loss_to_baseline]\naccuracy = { at_most = 0.01 }\n',
        replace={'uri = "model.skops"': 'uri = "models:/loans@challenger"\nbaseline = "models:/loans@champion"'},
    )
    yield client
    mlflow.set_tracking_uri(before)


LOSS = "performance::test_the_model_is_not_worse_than_the_baseline[accuracy]"


def test_a_first_release_has_no_baseline_to_compare_with(project, registered):
    result = project.run("--ml-stage=predeploy")
    assert result.ret == 0
    assert project.outcomes()[LOSS] == "not_applicable"
    assert project.evidence()["verdict"] == "pass"
    result.stdout.fnmatch_lines(["not applicable*first release*"])


def test_a_missing_alias_after_a_release_is_an_error(project, registered):
    registered.set_model_version_tag("loans", "1", "mlquality.evidence", "sha256:0")
    result = project.run("--ml-stage=predeploy")
    assert result.ret == 1
    assert project.outcomes()[LOSS] == "error"
    result.stdout.fnmatch_lines(["*no version of 'loans' has the alias 'champion'*"])


def test_a_stage_compares_with_the_champion_and_ci_does_not(project, registered):
    registered.set_registered_model_alias("loans", "champion", "1")
    project.run("--ml-stage=predeploy").assert_outcomes(passed=4)
    subject = project.subject()
    assert (subject["model"]["version"], subject["baseline"]["version"]) == ("2", "1")
    project.run()
    assert LOSS not in project.subject()["expected"]
    project.run("--ml-baseline=models:/loans/1")
    assert LOSS in project.subject()["expected"]


def test_the_command_line_names_another_model(project, registered):
    registered.set_registered_model_alias("loans", "champion", "1")
    project.run("--ml-model=models:/loans/1")
    assert project.subject()["model"]["version"] == "1"


def test_a_pinned_digest_is_held(project):
    project.settings(replace={'uri = "model.skops"': f'uri = "model.skops"\nsha256 = "{"0" * 64}"'})
    result = project.run()
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*but the digest of 'model.skops' is sha256:*"])
