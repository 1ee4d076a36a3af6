"""What the command line asks for stands in the file afterwards, or the words say why not."""

import tomllib

import pandas as pd
import pytest
import skops.io
import xgboost
from sklearn.linear_model import LogisticRegression

NUMBERS = ["low", "high"]


@pytest.fixture
def fitted(house):
    train = pd.read_parquet(house.path / "train.parquet")
    rows = train[NUMBERS].fillna(0)
    skops.io.dump(LogisticRegression(max_iter=500).fit(rows, train["granted"]), house.path / "model.skops")
    coded = pd.factorize(train["granted"], sort=True)[0]
    xgboost.XGBClassifier(n_estimators=2).fit(rows, coded).save_model(house.path / "model.ubj")
    return house


def test_update_adds_the_model_that_was_asked_for(fitted):
    house = fitted
    assert house.init("--key", "id") == 0
    before = house.gate
    assert house.init("--update", "--write", "--model", "model.ubj", data=("production",), target=None) == 0
    written = tomllib.loads(house.gate)
    assert written["model"]["uri"] == "model.ubj"
    assert written["data"]["production"]["source"] == "production.parquet"
    assert "performance" in written
    assert "roc_auc" in house.gate or "accuracy" in house.gate
    remaining = iter(house.gate.splitlines())
    assert all(line in remaining for line in before.splitlines())
    assert house.init("--update", data=(), target=None) == 0
    assert house.said.out.splitlines()[-1] == "nothing to add"


def test_what_stays_as_the_file_has_it_is_said(fitted):
    house = fitted
    assert house.init("--key", "id", "--model", "model.ubj") == 0
    assert house.init("--update", "--write", "--key", "id", "--model", "model.skops", data=("test",), target=None) in (
        0,
        1,
    )
    said = house.said.out + house.said.err
    assert "[model] uri stays 'model.ubj'" in said
    assert tomllib.loads(house.gate)["model"]["uri"] == "model.ubj"


def test_labels_that_the_model_knows_by_number_are_proposed(fitted):
    house = fitted
    for split in ("train", "test"):
        frame = pd.read_parquet(house.path / f"{split}.parquet")
        labels = sorted(frame["granted"].unique().tolist())
        frame["granted"] = frame["granted"].map(dict(zip(labels, ["no", "yes"], strict=True)))
        frame.to_parquet(house.path / f"{split}.parquet")
    assert house.init("--key", "id", "--model", "model.ubj") == 0
    assert tomllib.loads(house.gate)["model"] == {"uri": "model.ubj", "classes": ["no", "yes"]}
    assert "could not be measured" not in house.gate
