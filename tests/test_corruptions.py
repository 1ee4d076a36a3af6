"""What each corruption does: the check that must fail, on the census example's data; and nothing fails on clean data.

One table: corruption -> split -> the check that must fail.
"""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.ensemble import HistGradientBoostingClassifier

EXAMPLE = Path(__file__).parent.parent / "examples" / "acs_employment"
NOT_FEATURES = ["id", "year", "employed"]
TREES = "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"
SETTINGS = f"""\
[model]
uri = "challenger.skops"
baseline = "champion.skops"
trusted_types = ["{TREES}"]
[data]
target = "employed"
key = "id"
[data.test]
source = "test.parquet"
[schema]
[performance.metrics]
roc_auc = {{ at_least = 0.88 }}
accuracy = {{ at_least = 0.80 }}
[performance.loss_to_baseline]
roc_auc = {{ at_most = 0.005 }}
accuracy = {{ at_most = 0.005 }}
"""


def trained(people, **settings):
    model = HistGradientBoostingClassifier(random_state=0, **settings)
    return model.fit(people.drop(columns=NOT_FEATURES), people["employed"])


@pytest.fixture(scope="module")
def census(tmp_path_factory):
    folder = tmp_path_factory.mktemp("census")
    people = pd.read_parquet(EXAMPLE / "data" / "people_2015.parquet")
    held_out = people["id"] % 5 == 0
    people[held_out].to_parquet(folder / "test.parquet")
    train = people[~held_out]
    skops.io.dump(trained(train, max_iter=60, max_leaf_nodes=15), folder / "champion.skops")
    skops.io.dump(trained(train, max_iter=120, learning_rate=0.08), folder / "challenger.skops")
    skops.io.dump(trained(train.iloc[::100]), folder / "hundredth.skops")
    (folder / "mlquality.toml").write_text(SETTINGS)
    return folder


def flip_labels(folder):
    test = pd.read_parquet(folder / "test.parquet")
    flipped = np.random.default_rng(0).random(len(test)) < 0.05
    test.loc[flipped, "employed"] = 1 - test.loc[flipped, "employed"]
    test.to_parquet(folder / "test.parquet")


def train_on_a_hundredth(folder):
    shutil.copy(folder / "hundredth.skops", folder / "challenger.skops")


def drop_column(folder):
    pd.read_parquet(folder / "test.parquet").drop(columns="SCHL").to_parquet(folder / "test.parquet")


def write_numbers_as_text(folder):
    test = pd.read_parquet(folder / "test.parquet")
    test["AGEP"] = test["AGEP"].astype(str)
    test.to_parquet(folder / "test.parquet")


def lose_labels(folder):
    test = pd.read_parquet(folder / "test.parquet").astype({"employed": "Int16"})
    test.loc[test.index[:7], "employed"] = None
    test.to_parquet(folder / "test.parquet")


METRIC, LOSS = (
    "performance::test_a_metric_meets_its_limit",
    "performance::test_the_model_is_not_worse_than_the_baseline",
)
TABLE = [
    (flip_labels, "test", f"{METRIC}[roc_auc]"),
    (train_on_a_hundredth, "test", f"{LOSS}[roc_auc]"),
    (train_on_a_hundredth, "test", f"{LOSS}[accuracy]"),
    (drop_column, "test", "schema::test_columns_are_what_the_model_expects[test]"),
    (lose_labels, "test", "schema::test_every_row_has_a_label[test]"),
]


def gate(pytester, census, *options):
    import json

    folder = pytester.path
    result = pytester.runpytest_inprocess("--ml-quality", "--ml-stage=predeploy", "-p", "no:cacheprovider", *options)
    evidence = json.loads((folder / "ml-quality-report" / "evidence.json").read_text())
    return result, {check["id"]: check["outcome"] for check in evidence["subjects"][0]["checks"]}, evidence


@pytest.fixture
def folder(pytester, census):
    for file in census.iterdir():
        shutil.copy(file, pytester.path)
    return pytester.path


@pytest.mark.parametrize(("corrupt", "split", "check"), TABLE, ids=lambda value: getattr(value, "__name__", None))
def test_a_corruption_fails_its_check(pytester, census, folder, corrupt, split, check):
    corrupt(folder)
    result, outcomes, evidence = gate(pytester, census)
    assert outcomes[check] == "failed"
    assert evidence["verdict"] == "fail"
    assert result.ret == 1
    assert "Traceback" not in result.stdout.str()


def test_nothing_fails_on_the_clean_subject(pytester, census, folder):
    result, outcomes, evidence = gate(pytester, census)
    assert set(outcomes.values()) == {"passed"}, result.stdout.str()
    assert evidence["verdict"] == "pass"


def test_a_model_registered_over_a_wrong_column_order_is_a_clear_error(pytester, census, folder, monkeypatch):
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    import mlflow
    from mlflow.models import infer_signature

    model = skops.io.load(folder / "champion.skops", trusted=[TREES])
    wrong = pd.read_parquet(folder / "test.parquet").drop(columns=NOT_FEATURES).iloc[:, ::-1]
    mlflow.sklearn.save_model(
        model,
        folder / "saved",
        signature=infer_signature(wrong, [0, 1]),
        serialization_format="skops",
        skops_trusted_types=[TREES],
    )
    settings = (folder / "mlquality.toml").read_text().replace('"challenger.skops"', '"saved"')
    (folder / "mlquality.toml").write_text(settings)
    result, outcomes, _evidence = gate(pytester, census)
    assert outcomes[f"{METRIC}[roc_auc]"] == "error"
    text = result.stdout.str()
    assert "registered over a wrong column order: column 1 of its signature is 'RAC1P'" in text
    assert "Traceback" not in text


def take(answers, rows):
    """The same answers on some of the rows."""
    parts = {name: getattr(answers, name)[rows] for name in ("target", "predicted", "probabilities", "unit")}
    return replace(answers, **parts)


@pytest.mark.parametrize("rows", [500, 5000, None])
def test_no_subsample_of_clean_data_fails(census, rows):
    """100 subsamples without replacement; at 1e-5 a limit, a single fail would be a broken level."""
    import pytest_mlquality
    from pytest_mlquality.measures.performance import loss_to_baseline, metric
    from pytest_mlquality.verdict import Levels, Verdict, judge

    subject = pytest_mlquality.load(census / "mlquality.toml", stage="predeploy")
    challenger = subject.predictions_of(subject.model).on("test")
    champion = subject.predictions_of(subject.baseline).on("test")
    draw = np.random.default_rng(rows or 0)
    section = subject.settings.performance
    verdicts = []
    for _ in range(100 if rows else 1):
        chosen = draw.choice(len(challenger.target), size=rows, replace=False) if rows else slice(None)
        part, other = take(challenger, chosen), take(champion, chosen)
        measured = [(metric(name, part), limit) for name, limit in section.metrics.items()]
        measured += [(loss_to_baseline(name, part, other), limit) for name, limit in section.loss_to_baseline.items()]
        verdicts += [judge(measurement, limit, Levels()).verdict for measurement, limit in measured]
    assert Verdict.FAIL not in verdicts
    assert rows or set(verdicts) == {Verdict.PASS}
