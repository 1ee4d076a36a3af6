"""`mlquality init` looks at whether days are alike, and proposes blocks where they are."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def daily(house):
    """Write splits whose rows have a day; of one column days go together as closely as asked."""

    def write(correlation):
        for place, split in enumerate(("train", "test")):
            draw, level = np.random.default_rng(place), np.zeros(200)
            for day in range(1, 200):
                level[day] = correlation * level[day - 1] + draw.normal()
            frame = pd.DataFrame({"day": pd.date_range(f"202{4 + place}-01-01", periods=200).repeat(10)})
            frame["load"] = np.repeat(level, 10) + draw.normal(size=2_000)
            frame["granted"] = (draw.random(2_000) < 0.5).astype(int)
            frame.to_parquet(house.path / f"{split}.parquet")
        assert house.init("--time", "day") == 0
        return house.gate

    return write


def test_days_that_are_alike_are_told_and_blocks_proposed(daily):
    gate = daily(0.8)
    assert "load of a day goes with that of the day before (correlation 0." in gate.replace("\n# ", " ")
    assert '# block = "' in gate


def test_independent_days_are_not(daily):
    assert "block" not in daily(0.0)
