"""The curve behind a direction shows no cell of a single row."""

import numpy as np

from pytest_mlquality.measures.dependence import Dependence


def test_points_that_are_cells_are_rounded_and_those_of_many_rows_are_not():
    cells = sorted((np.random.default_rng(5).lognormal(10, 1, 10)).tolist())
    answers = np.zeros((10, 3, 1))
    shown = Dependence(cells, answers, is_numeric=True, are_cells=True).details(["y"])["x"]
    assert not set(shown) & set(cells)
    assert shown == sorted(shown)
    spread = np.diff(cells).max()
    assert np.abs(np.subtract(shown, cells)).max() <= spread
    assert Dependence(cells, answers, is_numeric=True).details(["y"])["x"] == cells
