"""The example as its reader runs it: trained, gated before deployment, and what comes of every check."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.ensemble import HistGradientBoostingClassifier

EXAMPLE = Path(__file__).parents[1] / "examples" / "acs_employment"
ALIKE, PAYS = "test_groups_are_treated_alike", "test_no_group_is_worse_off_than_under_the_baseline"
FLIP = "test_the_group_itself_decides_nothing"
SOUND, ALONE = "test_the_explanation_is_sound", "test_no_column_is_all_or_nothing"
FORBIDDEN, EXPECTED = "test_forbidden_columns_count_for_nothing", "test_columns_count_as_people_expect"
DRIFT = "test_the_same_columns_count_as_in_the_reference"
GROUPS = ("SEX", "RAC1P", "SEX+RAC1P")


@pytest.fixture(scope="module")
def checks(tmp_path_factory):
    """Checks of a run of predeploy in a copy of the example, by their id."""
    folder = tmp_path_factory.mktemp("example") / "acs"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("mlflow.db", "mlartifacts", "ml-quality-report"))
    subprocess.run([sys.executable, "train.py"], cwd=folder, check=True, capture_output=True)
    gate = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir=.", "--ml-quality"]
    subprocess.run([*gate, "--ml-stage=predeploy", "mlquality.toml"], cwd=folder, check=False, capture_output=True)
    evidence = json.loads((folder / "ml-quality-report" / "evidence.json").read_text(encoding="utf-8"))
    return {check["id"]: check for check in evidence["subjects"][0]["checks"]}


def test_every_check_passes_before_deployment(checks):
    assert {name: check["outcome"] for name, check in checks.items() if check["outcome"] != "passed"} == {}
    assert {name for name in checks if name.startswith("fairness::")} == {
        *(f"fairness::{ALIKE}[{by}-demographic_parity_ratio]" for by in GROUPS),
        *(f"fairness::{ALIKE}[{by}-equalized_odds_difference]" for by in GROUPS),
        *(f"fairness::{PAYS}[{by}-accuracy]" for by in GROUPS),
        *(f"fairness::{FLIP}[{by}-changed_decisions]" for by in GROUPS),
    }


def test_what_the_model_relies_on_is_what_the_example_says(checks):
    outcomes = {name: check["outcome"] for name, check in checks.items() if name.startswith("explanation::")}
    assert set(outcomes) == {
        *(f"explanation::{SOUND}[{name}]" for name in ("additivity_error", "stability")),
        *(f"explanation::{ALONE}[{name}]" for name in ("largest_share", "unused_columns")),
        *(f"explanation::{FORBIDDEN}[{name}-RAC1P]" for name in ("forbidden_share", "proxy_share")),
        *(f"explanation::{EXPECTED}[expected_rank-{column}]" for column in ("AGEP", "SCHL", "RELP")),
        f"explanation::{EXPECTED}[against_direction-DIS]",
        *(f"explanation::{DRIFT}[{name}-train-production]" for name in ("ndcg", "share_change")),
        "explanation::test_the_same_columns_count_as_for_the_baseline[ndcg]",
    }
    seen = {"largest_share": 0.56, "forbidden_share[RAC1P]": 0.007, "unused_columns": 1, "proxy_share[RAC1P]": 0}
    for check in outcomes:
        for found in checks[check]["measurements"]:
            assert found["value"] == pytest.approx(seen.get(found["name"], found["value"]), abs=0.01)


def test_a_column_that_holds_the_answer_fails_the_explanation(tmp_path):
    people = pd.read_parquet(EXAMPLE / "data" / "people_2015.parquet")
    told = np.random.default_rng(2015).random(len(people)) < 0.98
    people = people.assign(TAX=np.where(told, people["employed"], 1 - people["employed"]))
    people.to_parquet(tmp_path / "people.parquet")
    train, features = people[people["id"] % 5 != 0], [one for one in people if one not in ("id", "year", "employed")]
    model = HistGradientBoostingClassifier(max_iter=30, random_state=2015).fit(train[features], train["employed"])
    skops.io.dump(model, tmp_path / "model.skops")
    text = (EXAMPLE / "mlquality.toml").read_text(encoding="utf-8")
    text = text.replace('"models:/acs-employment@challenger"', '"model.skops"').replace("data/people_2015", "people")
    own = {"name", "model", "data", "data.train", "data.test", "explanation", "explanation.metrics"}
    sections = [one for one in re.split(r"(?m)^(?=\[)", text) if one[1 : one.find("]")] in own]
    gate = "".join(sections).replace('baseline = "models:/acs-employment@champion"\n', "")
    (tmp_path / "mlquality.toml").write_text(gate, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir=.", "--ml-quality"]
    subprocess.run([*command, "mlquality.toml"], cwd=tmp_path, check=False, capture_output=True)
    evidence = json.loads((tmp_path / "ml-quality-report" / "evidence.json").read_text(encoding="utf-8"))
    found = {check["id"]: check for check in evidence["subjects"][0]["checks"]}
    assert found[f"explanation::{ALONE}[largest_share]"]["outcome"] == "failed"
    assert found[f"explanation::{ALONE}[largest_share]"]["measurements"][0]["reason"] == "largest is TAX"
    assert found[f"explanation::{SOUND}[additivity_error]"]["outcome"] == "passed"


# What the example's comments say: seen, and proven at the level of the gate.
@pytest.mark.parametrize(
    ("by", "measure", "seen", "proven"),
    [
        ("SEX", "demographic_parity_ratio", 0.999, 0.97),
        ("SEX", "equalized_odds_difference", 0.069, 0.09),
        ("RAC1P", "demographic_parity_ratio", 0.83, 0.74),
        ("RAC1P", "equalized_odds_difference", 0.10, 0.15),
        ("SEX+RAC1P", "demographic_parity_ratio", 0.72, 0.60),
        ("SEX+RAC1P", "equalized_odds_difference", 0.16, 0.23),
    ],
)
def test_what_holds_is_what_the_example_says(checks, by, measure, seen, proven):
    [found, *_] = checks[f"fairness::{ALIKE}[{by}-{measure}]"]["measurements"]
    assert found["value"] == pytest.approx(seen, abs=0.01)
    assert found["lower_bound" if measure.endswith("ratio") else "upper_bound"] == pytest.approx(proven, abs=0.01)


@pytest.mark.parametrize(("by", "seen"), [("SEX", 0.05), ("RAC1P", 0.05), ("SEX+RAC1P", 0.10)])
def test_so_many_are_decided_by_their_group_alone(checks, by, seen):
    [found] = checks[f"fairness::{FLIP}[{by}-changed_decisions]"]["measurements"]
    assert found["value"] == pytest.approx(seen, abs=0.01)


def test_races_of_few_rows_are_not_judged_and_not_hidden(checks):
    _, *aside = checks[f"fairness::{ALIKE}[RAC1P-demographic_parity_ratio]"]["measurements"]
    assert [(one["name"], one["n"], one["value"]) for one in aside if one["value"] is None] == [
        ("demographic_parity_ratio[RAC1P = 3]", 16, None),
        ("demographic_parity_ratio[RAC1P = 5]", 16, None),
        ("demographic_parity_ratio[others, each in fewer than 10 rows]", 1, None),
    ]
    [share] = [one for one in aside if one["name"] == "judged_share"]
    assert share["value"] == pytest.approx(1 - 33 / 13_757)
