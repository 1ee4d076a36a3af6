"""What `mlquality init` proposes where a row has several labels."""

import numpy as np
import pandas as pd
import pytest

from pytest_mlquality.cli import main
from pytest_mlquality.settings import read_settings


@pytest.fixture(scope="module")
def articles(tmp_path_factory):
    folder = tmp_path_factory.mktemp("articles")
    draw = np.random.default_rng(1)
    for split in ("train", "test"):
        frame = pd.DataFrame({"x": draw.normal(size=300), "y": draw.normal(size=300)})
        marks = (draw.random((300, 2)) > 0.6).astype(int)
        frame[["news", "sport"]] = marks
        frame["tags"] = [[one for one, has in zip(("news", "sport"), row, strict=True) if has] for row in marks]
        frame.to_parquet(folder / f"{split}.parquet", index=False)
    return folder


ASKED = {
    "between commas": (["--target", "news,sport"], ("news", "sport"), {}),
    "one by one": (["--target", "news", "--target", "sport"], ("news", "sport"), {}),
    "lists": (["--target", "tags"], "tags", {"tags.news": "news", "tags.sport": "sport"}),
}


@pytest.mark.parametrize(("words", "target", "labels"), ASKED.values(), ids=ASKED)
def test_a_gate_of_several_labels_is_proposed(articles, tmp_path, monkeypatch, words, target, labels):
    monkeypatch.chdir(articles)
    data = [f"--data={split}={split}.parquet" for split in ("train", "test")]
    assert main(["init", *data, *words, "--directory", str(tmp_path)]) == 0
    settings = read_settings(tmp_path / "mlquality.toml")
    assert settings.data.target == target
    assert not labels or settings.data.label_columns == labels
    assert settings.task == "multilabel"
    assert settings.schema.metrics["missing_targets"].at_most == 0
    assert 0.2 < settings.schema.metrics["rarest_class"].at_least < 0.4
    # Beside the lists the columns of the same labels give them away, which is no limit to propose.
    assert ("single_column_score" in settings.schema.leakage) is not bool(labels)


def test_a_label_that_is_no_column_is_told_with_the_nearest(articles, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(articles)
    assert main(["init", "--data=test=test.parquet", "--target=news,sprot", "--directory", str(tmp_path)]) != 0
    assert "has no column 'sprot' (did you mean 'sport'?)" in capsys.readouterr().err
