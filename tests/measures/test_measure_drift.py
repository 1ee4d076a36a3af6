"""Columns of two profiles: every measure on numbers, labels, times and texts, and what units are worth."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import jensenshannon

from pytest_mlquality.data import in_memory
from pytest_mlquality.data.profiles import profile
from pytest_mlquality.measures.drift import BINS, MEASURES, column_drift, incomparable_columns
from pytest_mlquality.measures.joint_drift import DEFAULT_AT_MOST
from pytest_mlquality.settings import SkewSettings
from pytest_mlquality.settings.limits import column_measures

ROWS = 4_000
SPLITS = ("train", "test")
ORDERED = {"kolmogorov_smirnov", "wasserstein_distance"}
RATIOS = {"atom_ratio", "minority_ratio", "missing_ratio"}


def rows(seed, n=ROWS):
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "number": draw.normal(size=n),
            "label": draw.choice(["a", "b", "c"], n, p=[0.5, 0.3, 0.2]),
            "time": pd.Timestamp("2026-01-01") + pd.to_timedelta(draw.integers(0, 10**6, n), unit="s"),
            "text": ["x" * int(length) + str(place) for place, length in enumerate(draw.integers(1, 30, n))],
            "unit": np.arange(n) // 4,
        }
    )


def profiles(reference, current, **settings):
    before = profile(in_memory("train", reference, "drawn"), **settings)
    return before, profile(in_memory("test", current, "drawn"), like=before, **settings)


def test_the_settings_know_every_measure():
    assert set(column_measures()) == set(MEASURES)


def test_the_default_limit_of_joint_drift_is_the_one_that_was_simulated():
    assert SkewSettings().metrics["joint_drift"].at_most == DEFAULT_AT_MOST


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_is_near_none_of_rows_alike_and_undefined_only_by_kind(measure):
    before, after = profiles(rows(1), rows(2))
    found = {name: column_drift(measure, name, before, after, SPLITS) for name in ("number", "label", "time", "text")}
    undefined = {name for name, one in found.items() if one is None}
    expected = {"label"} if measure in ORDERED else set()
    if measure == "mean_difference":
        expected = {"label", "text"}
    if measure in ("vanished_labels", "rare_share"):
        expected = {"number", "time", "text"}
    if measure in ("atom_ratio", "minority_ratio"):
        expected = {"text"} if measure == "atom_ratio" else {"number", "label", "time", "text"}
    unmoved = 1 if measure in RATIOS else 0
    assert undefined == expected
    if measure == "unseen_share":
        # The rows say which texts are new, and no profile.
        assert found.pop("text").value is None
    for one in found.values():
        assert one is None or (one.lower(0.001) <= unmoved <= one.upper(0.001) and one.value < unmoved + 0.05)


def test_a_distance_of_frequencies_is_that_of_the_groups_of_bins():
    before, after = profiles(rows(1, 50_000), rows(2, 50_000).assign(number=lambda some: some["number"] + 1))
    found = column_drift("jensen_shannon_distance", "number", before, after, SPLITS)
    counts = [side.columns["number"].coarse(BINS) for side in (before, after)]
    assert found.value == pytest.approx(jensenshannon(*counts, base=2), abs=0.001)


def test_rows_of_units_make_bounds_wider():
    shifted = rows(2).assign(number=lambda some: some["number"] + 0.5)
    alone = column_drift("jensen_shannon_distance", "number", *profiles(rows(1), shifted), SPLITS)
    in_units = column_drift("jensen_shannon_distance", "number", *profiles(rows(1), shifted, unit="unit"), SPLITS)
    assert in_units.lower(1e-5) < alone.lower(1e-5)
    assert in_units.upper(0.05) > alone.upper(0.05)


def test_a_label_that_chance_may_have_left_out_has_not_vanished():
    rare = rows(1).assign(label=lambda some: np.where(some.index < 12, "rare", some["label"]))
    before, after = profiles(rare, rows(2, 200))
    found = column_drift("vanished_labels", "label", before, after, SPLITS)
    assert (found.value, found.lower(1e-5), found.upper(0.05)) == (0, 0, 1)


def many_labels(seed, labels, rows_each):
    drawn = np.random.default_rng(seed).integers(0, labels, labels * rows_each)
    return pd.DataFrame({"label": [f"v{place}" for place in drawn]})


@pytest.mark.parametrize(("labels", "rows_each"), [(1_000, 10), (2_000, 12)])
def test_labels_about_as_frequent_as_gives_them_a_bin_do_not_alarm(labels, rows_each):
    # About half of them have a bin, by chance; the other half have more rows here than there.
    before, after = profiles(many_labels(1, labels, rows_each), many_labels(2, labels, rows_each))
    own = before.columns["label"].counts[-1] / before.rows
    assert 0.1 < own < 0.9
    assert after.columns["label"].counts[-1] / after.rows > own + 0.05
    for measure in ("jensen_shannon_distance", "total_variation", "unseen_share", "rare_share"):
        found = column_drift(measure, "label", before, after, SPLITS)
        assert found.lower(0.001) <= 0
        assert found.upper(0.001) >= 0
    assert "too rare to be compared" in column_drift("l_infinity", "label", before, after, SPLITS).reason


def test_rare_labels_that_have_become_frequent_are_found_and_named():
    reference, alike, grown = (
        many_labels(seed, 300, 20).assign(label=lambda some: some["label"].where(some.index % 3 == 0, "common"))
        for seed in (1, 2, 3)
    )
    grown.loc[grown.index[:600], "label"] = "v7"
    before, after = profiles(reference, grown)
    found = column_drift("rare_share", "label", before, after, SPLITS)
    assert found.value == pytest.approx(600 / 6_000 * 2 / 3, abs=0.02)
    assert found.lower(1e-5) > 0.02
    assert found.reason.startswith("v7 (")
    assert column_drift("jensen_shannon_distance", "label", before, after, SPLITS).lower(1e-5) > 0
    before, after = profiles(reference, alike)
    assert column_drift("rare_share", "label", before, after, SPLITS).lower(0.001) <= 0


def test_infinite_values_and_those_out_of_range_are_unseen():
    odd = rows(2).assign(
        number=lambda some: some["number"].where(some.index >= 200, np.inf).where(some.index < 3_800, 99)
    )
    before, after = profiles(rows(1), odd)
    assert column_drift("unseen_share", "number", before, after, SPLITS).value == pytest.approx(0.1, abs=0.001)


def test_columns_that_cannot_be_compared_are_named_with_the_reason():
    current = rows(2).assign(number="one", label=None).drop(columns="time")
    before, after = profiles(rows(1), current)
    found = incomparable_columns(["number", "label", "time", "text"], before, after, SPLITS)
    assert found.value == 3
    assert "time: the table has no such column in test" in found.reason
