"""Single values that gain or lose rows: named, at the default limits; columns that have not moved pass."""

import numpy as np
import pandas as pd
import pytest

from pytest_mlquality.data import in_memory
from pytest_mlquality.data.profiles import Profile, profile
from pytest_mlquality.measures.drift import MEASURES, column_drift, nothing_to_compare
from pytest_mlquality.settings import SkewSettings

ROWS = 5_000
SPLITS = ("train", "test")
# Of the comparison of 30 columns.
FALSE_FAIL = 1e-3 / 30
RATIOS = ("atom_ratio", "minority_ratio", "missing_ratio")


def rows(seed, n=ROWS):
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "number": draw.normal(size=n),
            "rounded": draw.normal(size=n).round(2),
            "age": draw.integers(18, 95, n),
            "count": draw.geometric(0.3, n),
            "price": np.where(draw.random(n) < 0.3, 9.99, draw.lognormal(3, 1, n).round(2)),
            "label": draw.choice(["a", "b", "c"], n, p=[0.5, 0.45, 0.05]),
            "time": pd.Timestamp("2026-01-01") + pd.to_timedelta(draw.integers(0, 10**6, n), unit="s"),
            "flag": draw.random(n) < 0.05,
            "few": draw.choice([0, 1, 2, 5], n, p=[0.9, 0.05, 0.04, 0.01]),
            "gaps": np.where(draw.random(n) < 0.1, np.nan, draw.normal(size=n)),
        }
    )


def sides(current, reference=None, **settings):
    before = profile(in_memory("train", rows(1) if reference is None else reference, "drawn"), **settings)
    return before, profile(in_memory("test", current, "drawn"), like=before, **settings)


def verdict(measure, name, before, after):
    found = column_drift(measure, name, before, after, SPLITS)
    limit = SkewSettings().metrics[measure].at_most
    if found is None:
        return None, ""
    if found.lower(FALSE_FAIL) > limit:
        return "fail", found.reason
    return "pass" if found.upper(0.05) <= limit else "inconclusive", found.reason


def with_share(name, value, share):
    """Return rows of which a share has a value, exactly."""
    moved = rows(2)
    moved.loc[moved.index[: round(share * ROWS)], name] = value
    return moved


FAULTS = {
    "a sentinel within the range": ("number", "atom_ratio", with_share("number", 0.5, 0.012), "value 0.5: at most"),
    "a sentinel of whole numbers": ("age", "atom_ratio", with_share("age", -999, 0.012), "value -999: 0.00% -> 1.20%"),
    "zeros": ("price", "atom_ratio", with_share("price", 0.0, 0.05), "value 0: at most 0."),
    "a value of a few": ("few", "atom_ratio", with_share("few", 3, 0.012), "value 3: 0.00% -> 1.20%"),
    "a time of nobody": (
        "time", "atom_ratio", with_share("time", pd.Timestamp("2026-01-03"), 0.015), "value 2026-01-03: at most",
    ),
    "a clipped sensor": (
        "number", "atom_ratio", rows(2).assign(number=lambda some: some["number"].clip(upper=1.645)), "value 1.645:",
    ),
    "a new label": ("label", "atom_ratio", with_share("label", "new", 0.012), "value new: 0.00% -> 1.20%"),
    "a rare label": ("label", "atom_ratio", with_share("label", "c", 0.1), "value c: "),
    "twice the flags": (
        "flag", "minority_ratio", rows(2).assign(flag=np.arange(ROWS) % 8 == 0), "the rarer value: 4.86% -> 12.50%",
    ),
    "missing values": ("gaps", "missing_ratio", with_share("gaps", np.nan, 0.08), "without a value: "),
    "missing where none did": ("number", "missing_ratio", with_share("number", np.nan, 0.032), "0.00% -> 3.20%"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_value_that_gains_rows_fails_and_is_named(fault):
    name, measure, current, said = FAULTS[fault]
    found, reason = verdict(measure, name, *sides(current))
    assert found == "fail"
    assert said in reason
    # It is seen the other way round, too, but for a number among others that many rows have.
    assert verdict(measure, name, *sides(rows(1), current))[0] == "fail" or name == "age"


@pytest.mark.parametrize("measure", RATIOS)
def test_columns_that_have_not_moved_pass(measure):
    before, after = sides(rows(2))
    found = {name: verdict(measure, name, before, after)[0] for name in before.columns}
    asked = {name: one for name, one in found.items() if one is not None}
    assert set(asked.values()) == {"pass"}
    expected = (
        {"flag"} if measure == "minority_ratio" else set(found) - ({"flag"} if measure == "atom_ratio" else set())
    )
    assert set(asked) == expected


def test_few_rows_prove_nothing_and_fail_nothing():
    before, after = sides(rows(2, 300), rows(1, 300))
    for name in before.columns:
        assert verdict("atom_ratio", name, before, after)[0] in ("inconclusive", None)
    assert verdict("minority_ratio", "flag", before, after)[0] == "inconclusive"


def test_a_stored_reference_finds_it_too():
    before = Profile.from_json(profile(in_memory("train", rows(1), "drawn")).to_json())
    after = profile(in_memory("test", with_share("age", -999, 0.012), "drawn"), like=before)
    assert verdict("atom_ratio", "age", before, after)[0] == "fail"


def test_rows_of_units_count_as_one():
    def units(seed, share):
        alike = rows(seed, ROWS // 50).loc[lambda some: np.repeat(some.index, 50)].reset_index(drop=True)
        return alike.assign(unit=alike.index // 50).assign(
            number=lambda some: some["number"].where(some["unit"] >= share * ROWS // 50, 0.5)
        )

    alone = verdict("atom_ratio", "number", *sides(units(2, 0.1), units(1, 0)))[0]
    in_units = verdict("atom_ratio", "number", *sides(units(2, 0.1), units(1, 0), unit="unit"))[0]
    assert (alone, in_units) == ("fail", "inconclusive")


def test_no_value_of_few_rows_is_named():
    current = rows(2)
    current.loc[:8, "number"] = 0.123
    for measure in RATIOS:
        found = column_drift(measure, "number", *sides(current), SPLITS)
        assert found is None or "0.123" not in found.reason


def test_a_table_without_such_columns_is_told_and_passes():
    found = nothing_to_compare("minority_ratio", sides(rows(2))[0])
    assert (found.value, found.lower(1e-5), found.upper(0.05)) == (1, 1, 1)
    assert found.reason == "no column has such values"


def test_a_lone_bin_has_no_range_to_be_out_of():
    reference = pd.DataFrame({"number": [1.0, 2.0, np.nan] * 2})
    before, after = sides(pd.DataFrame({"number": [1.0, 2.0, 3.0] * 10}), reference)
    assert len(before.columns["number"].centres) == 1
    assert column_drift("unseen_share", "number", before, after, SPLITS).value == 0


@pytest.mark.parametrize("known", [0.003, 0.001])
def test_a_rare_flag_and_a_column_that_few_rows_know_do_not_fail(known):
    def some(seed, n):
        draw = np.random.default_rng(seed)
        return pd.DataFrame(
            {
                "flag": np.arange(n) % 1_000 == 7,
                "seldom": np.where(draw.random(n) < known, draw.normal(size=n), np.nan),
                "label": np.where(draw.random(n) < known, draw.choice(["a", "b"], n), None),
            }
        )

    before, after = sides(some(2, 500), some(1, 5_000))
    limits = {name: limit for name, limit in SkewSettings().metrics.items() if name in MEASURES}
    for name in before.columns:
        for measure, limit in limits.items():
            found = column_drift(measure, name, before, after, SPLITS)
            assert found is None or found.value is None or not found.lower(1e-3) > limit.at_most
    assert column_drift("jensen_shannon_distance", "flag", before, after, SPLITS).value == 0
