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
time = "year"
[data.train]
source = "train.parquet"
[data.test]
source = "test.parquet"
{{agreed}}
[schema.only.train]
rows = {{ at_least = 44000 }}
[performance.metrics]
roc_auc = {{ at_least = 0.88 }}
accuracy = {{ at_least = 0.80 }}
[performance.loss_to_baseline]
roc_auc = {{ at_most = 0.005 }}
accuracy = {{ at_most = 0.005 }}
"""


def agreed():
    """What the example agrees on about its data, word for word."""
    text = (EXAMPLE / "mlquality.toml").read_text()
    return text[text.index("[schema]") : text.index("[skew]")].replace("{ production =", "{ train =")


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
    train.to_parquet(folder / "train.parquet")
    shutil.copy(EXAMPLE / "schema.yaml", folder)
    skops.io.dump(trained(train, max_iter=60, max_leaf_nodes=15), folder / "champion.skops")
    skops.io.dump(trained(train, max_iter=120, learning_rate=0.08), folder / "challenger.skops")
    skops.io.dump(trained(train.iloc[::100]), folder / "hundredth.skops")
    (folder / "mlquality.toml").write_text(SETTINGS.replace("{agreed}", agreed()))
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


def changed(folder, change, split="test"):
    rows = pd.read_parquet(folder / f"{split}.parquet")
    result = change(rows)
    (rows if result is None else result).to_parquet(folder / f"{split}.parquet")


def null_in_a_column(folder):
    def change(test):
        test["SEX"] = test["SEX"].astype("Int16")
        test.loc[test.index[:3], "SEX"] = None

    changed(folder, change)


def unseen_category(folder):
    changed(folder, lambda test: test.__setitem__("MAR", test["MAR"].where(test.index != test.index[5], 6)))


def change_of_unit(folder):
    slipped = np.random.default_rng(1).random(13757) < 0.01
    changed(folder, lambda test: test.__setitem__("AGEP", test["AGEP"].where(~slipped, test["AGEP"] * 100)))


def duplicated_keys(folder):
    changed(folder, lambda test: pd.concat([test, test.iloc[:4]]))


def copied_test_rows(folder):
    test = pd.read_parquet(folder / "test.parquet")
    changed(folder, lambda train: pd.concat([train, test.iloc[::10]]), "train")


def many_test_rows_copied_under_new_keys(folder):
    test = pd.read_parquet(folder / "test.parquet").iloc[::3]
    test["id"] = (test["id"] + 10**8).astype("int32")
    changed(folder, lambda train: pd.concat([train, test]), "train")


def age_of_300(folder):
    changed(folder, lambda test: test.__setitem__("AGEP", test["AGEP"].where(test.index != test.index[9], 300)))


def renamed_column(folder):
    changed(folder, lambda test: test.rename(columns={"AGEP": "agep"}))


def widened_type(folder):
    changed(folder, lambda test: test.astype({"AGEP": "int64"}))


def wrong_year(folder):
    changed(folder, lambda test: test.__setitem__("year", test["year"].where(test.index >= test.index[20], 1915)))


def lost_rows(folder):
    changed(folder, lambda test: test.sample(frac=0.6, random_state=0))


def column_of_the_answer(folder):
    for split in ("train", "test"):
        changed(folder, lambda rows: rows.__setitem__("EMPLOYED_LAST", rows["employed"]), split)


def rows_of_one_label_first(folder):
    changed(folder, lambda train: train.sort_values("employed"), "train")


def contradicting_ages(folder):
    changed(folder, lambda test: test.__setitem__("MIL", test["MIL"].where(test["AGEP"] > 3, 1)))


def train_cut_to_a_third(folder):
    changed(folder, lambda train: train.iloc[: len(train) // 3], "train")


def divided_by_a_thousand(folder):
    changed(folder, lambda test: test.__setitem__("AGEP", test["AGEP"] / 1000))


def dated(folder, weeks_missing):
    """Give every row of test a weekday, some weeks left out; the gate knows how long weekends and holidays are."""
    weekdays = pd.bdate_range("2015-01-05", "2015-12-18")
    kept = weekdays[(weekdays < "2015-06-01") | (weekdays >= pd.Timestamp("2015-06-01") + weeks_missing)]
    changed(folder, lambda test: test.__setitem__("asked_on", np.resize(kept, len(test))))
    settings = (folder / "mlquality.toml").read_text().replace('time = "year"', 'time = "asked_on"')
    (folder / "mlquality.toml").write_text(
        f"{settings}[schema.only.test]\nlongest_time_gap = {{ at_most = '5 days' }}\n"
    )


def three_weeks_missing(folder):
    dated(folder, pd.Timedelta(weeks=3))


METRIC, LOSS = (
    "performance::test_a_metric_meets_its_limit",
    "performance::test_the_model_is_not_worse_than_the_baseline",
)
AGREED, SOUND, LEAK = (
    "schema::test_the_data_keep_to_what_was_agreed",
    "schema::test_the_rows_are_sound",
    "schema::test_nothing_gives_the_answer_away",
)
# Corruption, the split it is in, the check that must fail, and what it must say.
TABLE = [
    (flip_labels, "test", f"{METRIC}[roc_auc]", ""),
    (train_on_a_hundredth, "test", f"{LOSS}[roc_auc]", ""),
    (train_on_a_hundredth, "test", f"{LOSS}[accuracy]", ""),
    (drop_column, "test", "schema::test_columns_are_what_the_model_expects[test]", "SCHL: missing"),
    (lose_labels, "test", "schema::test_every_row_has_a_label[test]", ""),
    (lose_labels, "test", f"{AGREED}[test]", "employed: not null: 7 rows"),
    (null_in_a_column, "test", f"{AGREED}[test]", "SEX: not null: 3 rows"),
    (unseen_category, "test", f"{AGREED}[test]", "MAR: isin([1, 2, 3, 4, 5]): 1 rows"),
    (change_of_unit, "test", f"{AGREED}[test]", "AGEP: in_range(0, 99): "),
    (change_of_unit, "test", f"{SOUND}[outlier_rows-test]", "AGEP"),
    (duplicated_keys, "test", f"{AGREED}[test]", "id: unique: 8 rows"),
    (copied_test_rows, "train", f"{LEAK}[shared_keys]", ""),
    (many_test_rows_copied_under_new_keys, "train", f"{LEAK}[shared_rows]", ""),
    (age_of_300, "test", f"{AGREED}[test]", "AGEP: in_range(0, 99): 1 rows"),
    (renamed_column, "test", f"{AGREED}[test]", "only 'agep': upper and lower case count"),
    (renamed_column, "test", "schema::test_columns_are_what_the_model_expects[test]", "AGEP: missing"),
    (widened_type, "test", f"{AGREED}[test]", "AGEP: int16: is int64, not int16"),
    (wrong_year, "test", f"{AGREED}[test]", "year: isin([2015, 2016, 2017, 2018]): 20 rows"),
    (lost_rows, "test", f"{SOUND}[rows-test]", ""),
    (column_of_the_answer, "train", f"{AGREED}[test]", "the schema knows no column 'EMPLOYED_LAST'"),
    (rows_of_one_label_first, "train", f"{LEAK}[order_score]", ""),
    (train_cut_to_a_third, "train", f"{SOUND}[rows-train]", "rows = 18,342"),
    (divided_by_a_thousand, "test", f"{METRIC}[roc_auc]", ""),
    (three_weeks_missing, "test", f"{SOUND}[longest_time_gap-test]", "no row between 2015-05-29 and 2015-06-22"),
    (contradicting_ages, "test", f"{AGREED}[test]", "nobody under 17 has served: "),
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


@pytest.mark.parametrize(
    ("corrupt", "split", "check", "says"), TABLE, ids=lambda value: getattr(value, "__name__", None)
)
def test_a_corruption_fails_its_check(pytester, census, folder, corrupt, split, check, says):
    corrupt(folder)
    result, outcomes, evidence = gate(pytester, census, "-k", check.partition("[")[0].partition("::")[2])
    assert outcomes[check] == "failed"
    assert says in result.stdout.str()
    assert evidence["verdict"] == "fail"
    assert result.ret == 1
    assert "Traceback" not in result.stdout.str()


def test_an_empty_split_is_an_error_that_says_so(pytester, census, folder):
    changed(folder, lambda test: test.iloc[:0])
    result, outcomes, evidence = gate(pytester, census)
    assert outcomes[f"{AGREED}[test]"] == "error"
    assert evidence["verdict"] == "fail"
    assert "has no row to judge" in result.stdout.str()
    assert "Traceback" not in result.stdout.str()


def test_weekends_are_no_weeks_without_a_row(pytester, census, folder):
    dated(folder, pd.Timedelta(0))
    _result, outcomes, _evidence = gate(pytester, census, "-k", "longest_time_gap")
    assert outcomes == {f"{SOUND}[longest_time_gap-test]": "passed"}


def test_a_truncated_file_and_a_missing_label_are_one_cause_each(pytester, census, folder):
    lose_labels(folder)
    result, outcomes, _evidence = gate(pytester, census, "-k", "performance")
    assert set(outcomes.values()) == {"error"}
    result.stdout.fnmatch_lines(
        [f"FAILED mlquality.toml: {len(outcomes)} checks - data.test: 7 of 13,757 rows have no*"]
    )
    (folder / "test.parquet").write_bytes((folder / "test.parquet").read_bytes()[:50_000])
    result, outcomes, _evidence = gate(pytester, census, "-k", "performance")
    assert set(outcomes.values()) == {"error"}
    result.stdout.fnmatch_lines([f"FAILED mlquality.toml: {len(outcomes)} checks - data.test.source: *"])


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
