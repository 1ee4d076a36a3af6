"""Labelling functions: shares by hand, and what they cannot be asked."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from pytest_mlquality.errors import DataError
from pytest_mlquality.measures.labelling import labelling

#                      0      1      2      3      4      5
VOTES = pd.DataFrame(
    {
        "says_a": ["spam", "spam", None, "ham", None, "ham"],
        "says_b": ["spam", "ham", "ham", None, None, "spam"],
        "silent": [None] * 6,
    }
)
TRUTH = pd.Series(["spam", "ham", "spam", "ham", None, None], name="label")


@pytest.mark.parametrize(
    ("name", "of_a", "of_b"),
    [("coverage", (4, 6), (4, 6)), ("conflict", (2, 4), (2, 4)), ("accuracy", (2, 3), (2, 3))],
)
def test_shares_and_their_bounds_are_counted_by_hand(name, of_a, of_b):
    found = {one.name: one for one in labelling(name, VOTES, TRUTH)}
    for function, (k, n) in (("says_a", of_a), ("says_b", of_b)):
        one = found[f"{name}[{function}]"]
        assert (one.value, one.n) == (pytest.approx(k / n), n)
        assert one.interval == pytest.approx(tuple(binomtest(k, n).proportion_ci(0.95, "exact")), abs=1e-9)
    silent = found[f"{name}[silent]"]
    assert silent.value == (0.0 if name == "coverage" else None)


def test_units_widen_the_bounds():
    votes = pd.DataFrame({"says": np.tile([1, 0], 500)})
    truth = pd.Series(np.repeat(np.arange(50) % 2, 20), name="label")
    [alone] = labelling("accuracy", votes.assign(says=1), truth)
    [together] = labelling("accuracy", votes.assign(says=1), truth, np.repeat(np.arange(50), 20))
    assert together.lower(0.05) < alone.lower(0.05) - 0.05


def test_votes_in_other_words_than_the_labels_are_an_error():
    with pytest.raises(DataError, match="no vote of 'says' is one of the labels of 'label'"):
        labelling("accuracy", pd.DataFrame({"says": ["1", "0"]}), pd.Series([1, 0], name="label"))
    with pytest.raises(DataError, match="no row has a label"):
        labelling("accuracy", VOTES, None)


def test_the_gate_names_the_function_that_is_wrong(project):
    train = pd.read_parquet(project.path / "train.parquet")
    rich = train["income"] > 1
    train["says_rich"] = np.where(rich, 1.0, np.nan)
    train["says_poor"] = np.where(rich, 0.0, np.nan)
    train.to_parquet(project.path / "train.parquet")
    project.settings(
        '[schema.labelling]\nfunctions = ["says_rich", "says_poor"]\n[schema.labelling.metrics]\n'
        "accuracy = { at_least = 0.6 }\ncoverage = { at_least = 0.1 }\nconflict = { at_most = 1.0 }\n"
    )
    result = project.run()
    outcomes = project.outcomes()
    check = "schema::test_functions_that_label_are_to_be_trusted"
    assert {name: outcomes[f"{check}[{name}]"] for name in ("accuracy", "coverage", "conflict")} == {
        "accuracy": "failed",
        "coverage": "passed",
        "conflict": "passed",
    }
    result.stdout.fnmatch_lines(["failed *accuracy[[]says_poor[]] 0.*limit at least 0.6*"])
