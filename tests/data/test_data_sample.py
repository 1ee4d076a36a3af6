"""Rows drawn by the engine: reproducible, each as likely as the other, whatever the order of the file."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from scipy import stats

from pytest_mlquality.data import open_split
from pytest_mlquality.data.sampling import shuffled

ROWS, SIZE = 300_000, 6_000


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Two files with many row groups, sorted by label."""
    base = tmp_path_factory.mktemp("drawn")
    place = np.arange(ROWS)
    frame = pd.DataFrame({"place": place, "label": place >= ROWS // 2, "town": pd.Categorical(place % 3)})
    for part, some in enumerate(np.array_split(place, 2)):
        frame.iloc[some].to_parquet(base / f"{part}.parquet", row_group_size=20_000)
    assert pq.ParquetFile(base / "0.parquet").num_row_groups > 4
    return lambda: open_split("train", source="*.parquet", base=base)


def test_the_same_seed_draws_the_same_rows(opened):
    first, again, other = (opened().sample(["label", "place"], SIZE, seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert set(first["place"]) != set(other["place"])


def test_rows_are_drawn_once_and_known_by_their_place(opened):
    drawn = opened().sample(["place", "town"], SIZE, 0)
    assert drawn["place"].is_unique
    assert len(drawn) == SIZE
    assert drawn.index.tolist() == drawn["place"].tolist()
    assert drawn["town"].dtype == opened().frame(["town"])["town"].dtype


def test_more_rows_than_there_are_is_all_of_them(opened):
    drawn = opened().sample(["place"], ROWS + 1, 0)["place"].to_numpy()
    assert not np.array_equal(drawn, np.arange(ROWS))
    assert np.array_equal(np.sort(drawn), np.arange(ROWS))


def test_every_place_is_as_likely_and_the_order_is_one_of_chance():
    """200 seeds: tests of a uniform draw reject at 1% as often as they should, give or take four standard errors."""
    rejected = []
    for seed in range(200):
        drawn = np.argsort(shuffled(np.arange(ROWS), seed))[:SIZE]
        remainders = [np.bincount(drawn % period, minlength=period) for period in (2, 7, 16, 100)]
        tests = [stats.kstest(drawn / ROWS, "uniform").pvalue, *(stats.chisquare(each).pvalue for each in remainders)]
        tests.append(stats.spearmanr(drawn, np.arange(SIZE)).pvalue)
        rejected.append(np.array(tests) < 0.01)
    assert np.mean(rejected, axis=0).max() <= 0.01 + 4 * np.sqrt(0.01 * 0.99 / 200)
