"""Files as people have them: whatever is proposed of them passes on them."""

import numpy as np
import pandas as pd
import pytest

ROWS = 300


def messy(seed):
    draw = np.random.default_rng(seed)
    place = np.arange(ROWS)
    return pd.DataFrame(
        {
            "Kunden-ID €": draw.permutation(place) + seed * 1000.0,
            "mixed": [str(number) if number % 3 else "n/a" for number in place],
            "empty": None,
            "written": [f"{number % 12 + 1}/{number % 28 + 1}/2024" for number in place],
            "名前": draw.choice(["山田", "佐藤", "鈴木"], ROWS),
            'with "quote", and comma': draw.integers(0, 5, ROWS),
            "whole": np.where(draw.random(ROWS) < 0.1, np.nan, draw.integers(0, 9, ROWS)),
            "money": [f"${amount:,.2f}" for amount in draw.gamma(2, 900, ROWS)],
            "text": ['hello\nworld, "x"' if number % 2 else " spaced " for number in place],
            "no": draw.choice(["null", "yes", "no", "1e5"], ROWS),
            "seen": pd.date_range("2024-01-01", periods=ROWS, freq="h").astype(str),
            "zoned": [f"2023-01-01T{number % 24:02d}:00:00+02:00" for number in place],
            "label": draw.choice([0, 1], ROWS),
        }
    )


@pytest.fixture
def files(house):
    for split, seed in (("train", 1), ("test", 2)):
        messy(seed).to_csv(house.path / f"{split}.csv", index=False)
    messy(1).head(1).to_csv(house.path / "one.csv", index=False)
    return house


@pytest.mark.parametrize("target", ["label", None])
@pytest.mark.parametrize("test", ["test.csv", "one.csv"])
def test_a_messy_file_has_a_gate_that_it_passes(files, test, target):
    words = ("--data", "train=train.csv", "--data", f"test={test}")
    assert files.init(*words, "--explore", data=(), target=target) == 0, files.said.err
    assert files.passes()


def test_one_row_has_a_gate_that_it_passes_and_tells_nothing_of_it(files):
    assert files.init("--data", "train=one.csv", "--explore", data=(), target="label") == 0, files.said.err
    for name in ("schema.yaml", "profile.html"):
        assert "1000" not in files.text(name)
        assert "$" not in files.text(name)
    assert files.passes()


def test_times_with_a_zone_are_not_compared_with_times_without(files):
    assert files.init("--data", "train=train.csv", data=(), target=None) == 0, files.said.err
    assert "zoned" not in files.gate
