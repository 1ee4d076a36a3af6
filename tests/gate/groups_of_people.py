"""Limits that groups of people are held to, the rows of a project, and what a gate measured of them."""

import pandas as pd

ALIKE = "fairness::test_groups_are_treated_alike"
LOOSE = (
    "[fairness.metrics]\ndemographic_parity_ratio = { at_least = 0.6 }\n"
    "equalized_odds_difference = { at_most = 0.25 }\n"
)
# Nothing else asks for a limit.
ONLY = "[fairness.metrics]\ndemographic_parity_ratio = false\nequalized_odds_difference = false\n"


def read(project, file="test.parquet"):
    return pd.read_parquet(project.path / file)


def add(project, **columns):
    """Write columns into the test split."""
    read(project).assign(**columns).to_parquet(project.path / "test.parquet")


def judged(project, name):
    [check] = [check for check in project.subject()["checks"] if check["id"] == name]
    return check["outcome"], {m["name"]: m for m in check["measurements"]}
