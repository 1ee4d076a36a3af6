"""How columns go together: the correlations of scipy, from every engine, in parts, as JSON without single people."""

import json

import numpy as np
import pandas as pd
import pytest
from profiled import in_duckdb, in_polars, in_sqlite, rows
from scipy.stats import spearmanr

from pytest_mlquality.data.profiles import Profile, pairs, profile
from pytest_mlquality.data.profiles.scores import LABELS, MOST
from pytest_mlquality.errors import DataError


def together(n, seed=0):
    """Rows of `rows`, some of whose columns go together."""
    frame = rows(n, seed)
    return frame.assign(
        skewed=np.exp(0.1 * frame["normal"] + np.random.default_rng(seed).normal(0, 1, n)),
        flag=(frame["age"] > 60) | frame["flag"],
    )


@pytest.fixture(scope="module")
def reference():
    return profile(in_duckdb(together(3_000)))


def assert_same(found, wanted):
    assert (found.rows, found.scores, found.left_out) == (wanted.rows, wanted.scores, wanted.left_out)
    np.testing.assert_allclose(found.sums, wanted.sums, rtol=1e-9, atol=1e-9 * wanted.rows)
    np.testing.assert_allclose(found.products, wanted.products, rtol=1e-9, atol=1e-9 * wanted.rows)


def test_numbers_have_their_rank_correlation(reference):
    frame = together(3_000)
    found = pairs(in_duckdb(frame), reference).matrix()
    assert found.loc["normal", "skewed"] == pytest.approx(spearmanr(frame["normal"], frame["skewed"])[0], abs=0.01)
    assert found.loc["normal", "age"] == pytest.approx(spearmanr(frame["normal"], frame["age"])[0], abs=0.01)
    assert "at" not in found
    assert "note" not in found


def test_a_label_is_one_or_not_and_one_of_two_says_all(reference):
    frame = together(3_000)
    found = pairs(in_duckdb(frame), reference).matrix()
    # Green is rarer than 5% of the rows by chance or not; the others are not.
    assert {"colour=blue", "colour=red", "colour="} <= set(found.columns)
    # The more frequent one.
    assert [name for name in found.columns if name.startswith("flag")] == ["flag=true"]
    blue, red, flag = frame["colour"] == "blue", frame["colour"] == "red", frame["flag"]
    assert found.loc["colour=blue", "colour=red"] == pytest.approx(np.corrcoef(blue, red)[0, 1], abs=1e-9)
    assert found.loc["colour=blue", "flag=true"] == pytest.approx(np.corrcoef(blue, flag)[0, 1], abs=1e-9)


@pytest.mark.parametrize("engine", ["asked", "polars", "sqlite"])
def test_engines_say_the_same(reference, engine, tmp_path):
    frame = together(1_200, seed=1)
    table = {
        "asked": lambda: in_duckdb(frame, streams=False),
        "polars": lambda: in_polars(frame),
        "sqlite": lambda: in_sqlite(frame, tmp_path / "rows.db"),
    }[engine]()
    assert_same(pairs(table, reference), pairs(in_duckdb(frame), reference))


def test_parts_add_up(reference):
    frame = together(2_000, seed=2)
    parts = [pairs(in_duckdb(part), reference) for part in (frame[:700], frame[700:])]
    assert_same(parts[0].merge(parts[1]), pairs(in_duckdb(frame), reference))
    with pytest.raises(DataError, match="other scores"):
        parts[0].merge(pairs(in_duckdb(frame), profile(in_duckdb(frame[["age"]]))))


def test_a_column_that_is_missing_or_another_is_constant(reference):
    frame = together(500, seed=3).drop(columns="age").assign(normal="text")
    found = pairs(in_duckdb(frame), reference)
    lacking = found.matrix().loc[["age", "normal"]]
    assert lacking.isna().all(axis=None)
    assert found.scores == pairs(in_duckdb(together(500)), reference).scores


def test_too_many_columns_are_left_out_by_name():
    draw = np.random.default_rng(0)
    frame = pd.DataFrame(draw.normal(size=(200, MOST + 3)), columns=[f"x{place}" for place in range(MOST + 3)])
    frame["label"] = draw.choice([f"v{place}" for place in range(LABELS + 3)], 200)
    found = pairs(in_duckdb(frame), profile(in_duckdb(frame)))
    assert len(found.scores) == MOST
    assert found.left_out == (f"x{MOST}", f"x{MOST + 1}", f"x{MOST + 2}", "label")


def test_as_json_they_are_the_same_but_for_two_labels_that_few_rows_share():
    frame = together(2_000)
    first = np.where(np.arange(2_000) < 400, "a", "b")
    second = np.where((np.arange(2_000) >= 393) & (np.arange(2_000) < 900), "c", "d")
    frame = frame.assign(first=first, second=second)
    table = in_duckdb(frame)
    made = profile(table)
    whole = Profile(made.rows, made.effective_rows, made.columns, made.unprofiled, pairs(table, made))
    read = Profile.from_json(whole.to_json())
    assert read.pairs.scores == whole.pairs.scores
    before, after = whole.pairs.matrix(), read.pairs.matrix()
    # Seven rows have both.
    assert np.isnan(after.loc["first=b", "second=d"])
    assert np.isfinite(before.loc["first=b", "second=d"])
    assert after.loc["normal", "first=b"] == before.loc["normal", "first=b"]
    assert Profile.from_json(read.to_json()).pairs.matrix().equals(after)
    few = profile(in_duckdb(frame[:8]))
    assert Profile.from_json(Profile(8, 8.0, few.columns, {}, pairs(in_duckdb(frame[:8]), few)).to_json()).pairs is None


def test_pairs_that_contradict_the_profile_are_refused():
    table = in_duckdb(together(300)[["normal", "skewed"]])
    made = profile(table)
    document = json.loads(Profile(300, 300.0, made.columns, {}, pairs(table, made)).to_json())
    for change, said in (({"rows": 299}, "other rows"), ({"sums": [0.0]}, "scores")):
        broken = {**document, "profile": {**document["profile"], "pairs": {**document["profile"]["pairs"], **change}}}
        with pytest.raises(DataError, match=said):
            Profile.from_json(json.dumps(broken))
