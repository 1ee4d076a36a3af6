"""Two sides that differ in how their columns go together, and in nothing else; and all that is no difference."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from pytest_mlquality.errors import DataError
from pytest_mlquality.evidence_details import acceptable
from pytest_mlquality.measures.joint_drift import joint_drift
from pytest_mlquality.measures.joint_encoding import LEVELS, encoded
from pytest_mlquality.measures.joint_halves import in_first_half, kept_together

ALONE = (None, None)
N = 1_500


def drawn(seed, n=N):
    draw = np.random.default_rng(seed)
    cause = draw.normal(size=n)
    label = np.where(cause + draw.normal(size=n) > 0, "yes", "no").astype(object)
    return pd.DataFrame(
        {
            "a": cause + 0.5 * draw.normal(size=n),
            "b": cause + 0.5 * draw.normal(size=n),
            "c": draw.lognormal(size=n),
            "d": cause + draw.normal(size=n),
            "label": label,
            "other": draw.choice(list("xyz"), size=n),
            "at": pd.Timestamp("2026-01-01") + pd.to_timedelta(draw.integers(0, 10_000, n), unit="s"),
        }
    )


def first_named(measured):
    return measured.reason.split(" ")[0]


def test_sides_that_are_alike_are_not_told_apart():
    found = joint_drift(drawn(1), drawn(2), unit=ALONE, seed=0)
    assert found.name == "joint_drift"
    assert found.lower(0.001) < 0.5 < found.upper(0.001)
    assert found.n == 2 * N
    assert (found.reason, found.details) == ("", None)


@pytest.mark.parametrize("column", ["a", "label"])
def test_a_shuffled_column_is_found_and_named(column):
    current = drawn(2)
    current[column] = np.random.default_rng(0).permutation(current[column].to_numpy())
    found = joint_drift(drawn(1), current, unit=ALONE, seed=0)
    assert found.lower(1e-5) > 0.5
    # Its partners give it away as well as it does itself.
    assert column in found.reason
    assert "other" not in found.reason
    assert found.details["kind"] == "ranking"
    assert found.details["total"] == 7
    assert column in [item["name"] for item in found.details["items"][:3]]
    assert acceptable(found.details) is found.details


def test_columns_of_one_distribution_that_are_swapped_are_found():
    noise = np.random.default_rng(3).normal(size=(2, N))
    reference, swapped = (drawn(seed).assign(e=noise[seed - 1] * drawn(1)["a"].std()) for seed in (1, 2))
    swapped = swapped.assign(a=swapped["e"], e=swapped["a"])
    found = joint_drift(reference, swapped, unit=ALONE, seed=0)
    assert found.lower(1e-5) > 0.54
    assert first_named(found) in ("a", "e", "b")


def test_a_column_that_differs_by_itself_is_found_too():
    current = drawn(2)
    current.loc[:300, "c"] = np.nan
    assert first_named(joint_drift(drawn(1), current, unit=ALONE, seed=0)) == "c"


def test_one_seed_gives_one_number():
    once, again, other = (joint_drift(drawn(1), drawn(2), unit=ALONE, seed=seed) for seed in (3, 3, 4))
    assert once.value == again.value
    assert once.interval == again.interval
    assert once.value != other.value


def test_rows_of_a_unit_that_is_learned_from_are_not_judged():
    # Every unit has its own value, so that one who knows a unit's first rows knows the side of its others.
    size = 10
    unit = np.repeat(np.arange(2 * N // size), size)
    own = np.random.default_rng(0).normal(size=2 * N // size)[unit]
    frame = pd.DataFrame({"own": own + np.random.default_rng(1).normal(scale=1e-3, size=2 * N)})
    apart = joint_drift(frame[:N], frame[N:], unit=(unit[:N], unit[N:]), seed=0)
    assert apart.lower(0.01) < 0.5
    assert joint_drift(frame[:N], frame[N:], unit=ALONE, seed=0).value > apart.value + 0.1


def test_halves_share_no_unit_and_no_copy():
    reference, current = drawn(1), pd.concat([drawn(1)[:500], drawn(2)[500:]])
    rows = encoded(reference, current)
    units = np.array([f"u{place // 3}" for place in range(N)], dtype=object)
    units[:9] = None
    group = kept_together(rows, (units, None))
    # A copy on the other side belongs to the unit of the row that it is equal to.
    assert (group[12:500] == group[N + 12 : N + 500]).all()
    assert len(np.unique(group[:9])) == 9
    assert (group[9:N:3] == group[10:N:3]).all()
    first = in_first_half(group, rows.is_current, seed=1)
    assert not set(group[first]) & set(group[~first])
    assert first[:N].mean() == pytest.approx(0.5, abs=0.05)
    assert first[N:].mean() == pytest.approx(0.5, abs=0.05)


def test_rows_of_few_values_are_no_copies():
    draw = np.random.default_rng(0)
    reference = pd.DataFrame({"p": draw.choice([True, False], N), "q": draw.choice(list("ab"), N)})
    current = reference.assign(q=np.where(reference["p"], "a", "b"))
    current["q"] = np.where(draw.random(N) < 0.3, draw.permutation(current["q"].to_numpy()), current["q"])
    assert joint_drift(reference, current, unit=ALONE, seed=0).lower(1e-5) > 0.54


def test_rows_that_repeat_are_not_learned_by_heart():
    days = 12
    reference, current = (pd.concat([drawn(seed, 400)] * days) for seed in (1, 2))
    found = joint_drift(reference, current, unit=ALONE, seed=0)
    assert found.lower(0.01) < 0.5
    # As wide as the 400 rows make it, not the 4,800.
    once = joint_drift(drawn(1, 400), drawn(2, 400), unit=ALONE, seed=0)
    assert found.interval[1] - found.interval[0] > 0.8 * (once.interval[1] - once.interval[0])
    shuffled = current.assign(a=np.tile(np.random.default_rng(0).permutation(drawn(2, 400)["a"]), days))
    assert joint_drift(reference, shuffled, unit=ALONE, seed=0).lower(0.01) > 0.5


def test_values_become_numbers_seconds_and_codes():
    day = pd.Timestamp("2026-01-01")
    reference = pd.DataFrame(
        {
            "number": [Decimal("1.5"), None],
            "whole": pd.array([1, None], dtype="Int64"),
            "at": [day, None],
            "took": pd.to_timedelta([90, None], unit="s"),
            "flag": [True, False],
            "kind": pd.Categorical([7, 8]),
            "mixed": [1, 2],
            "huge": [np.inf, -np.inf],
            "left": [0, 0],
        }
    )
    current = reference.drop(columns="left").assign(mixed=["x", "y"], at=[day.tz_localize("UTC").date(), None])
    rows = encoded(reference, current)
    found = dict(zip(rows.names, rows.values.T, strict=True))
    assert "left" not in found
    np.testing.assert_array_equal(found["number"], [1.5, np.nan, 1.5, np.nan])
    np.testing.assert_array_equal(found["whole"], [1, np.nan, 1, np.nan])
    np.testing.assert_array_equal(found["at"], [day.timestamp(), np.nan] * 2)
    np.testing.assert_array_equal(found["took"], [90, np.nan, 90, np.nan])
    assert np.isfinite(found["huge"]).all()
    categories = {name for name, is_one in zip(rows.names, rows.categorical, strict=True) if is_one}
    assert categories == {"flag", "kind", "mixed"}
    assert len(set(found["mixed"])) == 4
    assert rows.is_current.tolist() == [False, False, True, True]


def test_the_rarest_of_many_levels_are_one():
    many = [f"v{place}" for place in range(LEVELS + 50)]
    rows = encoded(pd.DataFrame({"s": many}), pd.DataFrame({"s": many[:LEVELS]}))
    assert rows.values.max() == LEVELS
    assert (rows.values == LEVELS).sum() == 50


def test_what_is_too_small_has_no_value():
    few = joint_drift(drawn(1, 150), drawn(2), unit=ALONE, seed=0)
    assert few.value is None
    assert "150" in few.reason
    one = joint_drift(drawn(1), drawn(2), unit=(np.zeros(N), np.ones(N)), seed=0)
    assert one.value is None
    assert "2 units" in one.reason


def test_sides_without_a_common_column_are_said():
    with pytest.raises(DataError, match="no column in common"):
        joint_drift(pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]}), unit=ALONE, seed=0)


def test_a_unit_of_another_length_is_refused():
    with pytest.raises(ValueError, match="3 entries for 1,500 rows"):
        joint_drift(drawn(1), drawn(2), unit=(np.arange(3), None), seed=0)
