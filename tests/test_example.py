"""The example as its reader runs it: trained, gated before deployment, and what comes of every check."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[1] / "examples" / "acs_employment"
ALIKE, PAYS = "test_groups_are_treated_alike", "test_no_group_is_worse_off_than_under_the_baseline"
FLIP = "test_the_group_itself_decides_nothing"
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
