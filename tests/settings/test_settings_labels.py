"""A target of several labels, and what it agrees on with the model."""

import pytest

from pytest_mlquality.settings import read_settings
from pytest_mlquality.settings.problem import SettingsError

GATE = '[model]\nuri = "m.skops"\n{model}\n[data]\n{data}\n[data.test]\nsource = "t.parquet"\n'


@pytest.fixture
def read(tmp_path):
    def read(data, model=""):
        file = tmp_path / "mlquality.toml"
        file.write_text(GATE.format(data=data, model=model))
        return read_settings(file)

    return read


def test_several_columns_make_a_multilabel_task(read):
    settings = read('target = ["news", "sport"]')
    assert settings.task == "multilabel"
    assert settings.data.targets == ("news", "sport")
    assert {"news", "sport"} <= settings.data.beside_features


def test_a_column_of_lists_has_a_column_for_each_label(read):
    settings = read('target = "tags"\nlabels = ["news", "sport"]')
    assert settings.task == "multilabel"
    assert settings.data.label_columns == {"tags.news": "news", "tags.sport": "sport"}
    assert {"tags", "tags.news", "tags.sport"} <= settings.data.beside_features


def test_one_column_is_what_it_was(read):
    settings = read('target = "y"')
    assert settings.task is None
    assert settings.data.targets == ("y",)


WRONG = {
    "a list of one": ('target = ["y"]', "", "data.target", "names one label alone", 'write target = "y"'),
    "twice": ('target = ["a", "a"]', "", "data.target", "names a label twice", ""),
    "none": ("target = []", "", "data.target", "found an empty list", ""),
    "another task": ('target = ["a", "b"]', 'task = "binary"', "data.target", 'the task is "binary"', "multilabel"),
    "one column": ('target = "y"', 'task = "multilabel"', "data.target", "is one column", 'target = ["news", "sport"]'),
    "lists beside columns": (
        'target = ["a", "b"]\nlabels = ["c", "d"]',
        "",
        "data.labels",
        "says nothing",
        "remove it",
    ),
    "other classes": (
        'target = ["a", "b"]',
        'classes = ["a", "c"]',
        "model.classes",
        "are other labels",
        "in the order",
    ),
    "text": ('target = "y"', 'task = "text"', "model.task", '"multilabel", "regression", "ranking", found "text"', ""),
    "image": ('target = "y"', 'task = "image"', "model.task", 'found "image"', ""),
}


@pytest.mark.parametrize(("data", "model", "key", "message", "remedy"), WRONG.values(), ids=WRONG)
def test_what_does_not_fit_together_is_told(read, data, model, key, message, remedy):
    with pytest.raises(SettingsError) as refused:
        read(data, model)
    [problem] = [one for one in refused.value.problems if str(one).partition(": ")[2].startswith(key)]
    assert message in str(problem)
    assert remedy in str(problem)
