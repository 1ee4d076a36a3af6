"""Models that want numbers, asked about decimals and about truths of which some are missing."""

from decimal import Decimal

import catboost
import lightgbm
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import xgboost

from pytest_mlquality.adapters.models import Wanted, load
from pytest_mlquality.data import in_memory

ROWS = 300
FITTED = {
    "m.txt": lambda: lightgbm.LGBMClassifier(n_estimators=9, verbose=-1),
    "m.ubj": lambda: xgboost.XGBClassifier(n_estimators=9),
    "m.cbm": lambda: catboost.CatBoostClassifier(iterations=9, verbose=False, allow_writing_files=False),
}


@pytest.fixture
def frame():
    draw = np.random.default_rng(0)
    is_new = draw.random(ROWS) < 0.5
    return pd.DataFrame(
        {
            "price": draw.integers(0, 1000, ROWS) / 100,
            "is_new": np.where(np.arange(ROWS) % 10, is_new, np.nan),
            "large": np.where(np.arange(ROWS) % 7, 2.0**60, np.nan),
        }
    )


@pytest.mark.parametrize("name", ["m.txt", "m.ubj", "m.cbm"])
def test_trees_of_numbers_take_decimals_and_truths_with_gaps(name, frame, tmp_path):
    labels = (frame["price"].to_numpy() > 5).astype(int) ^ (frame["is_new"].to_numpy() == 1)
    path = tmp_path / name
    fitted = FITTED[name]().fit(frame, labels)
    (fitted.booster_ if name == "m.txt" else fitted).save_model(str(path))
    wanted = fitted.predict_proba(frame)
    stored = pa.table(
        {
            "price": pa.array([Decimal(f"{one:.2f}") for one in frame["price"]], pa.decimal128(10, 2)),
            "is_new": pa.array([None if one != one else bool(one) for one in frame["is_new"]]),
            "large": pa.array([None if one != one else 2**60 for one in frame["large"]]),
        }
    )
    rows = in_memory("test", stored, "here").frame(list(frame.columns))
    model = load(Wanted(name, tmp_path))
    np.testing.assert_allclose(model.predict_proba(rows), wanted, atol=1e-6)
