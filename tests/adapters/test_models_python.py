"""Models that code makes: a factory, a fitted model, or a predict function that says itself what it is."""

import numpy as np
import pandas as pd
import pytest

from pytest_mlquality.adapters.models import Trust, Wanted, load
from pytest_mlquality.errors import MLQualityError, ModelError

FRAME = pd.DataFrame({"age": [20.0, 40.0, 60.0, 70.0], "school": [10, 20, 20, 5]})
MODULE = """
import pandas as pd
from sklearn.linear_model import LogisticRegression
import pytest_mlquality

X = pd.DataFrame({"age": [20.0, 40.0, 60.0, 70.0], "school": [10, 20, 20, 5]})
fitted = LogisticRegression().fit(X, ["no", "yes", "yes", "no"])

def make():
    import beside
    return fitted

def make_function():
    return lambda frame: frame["age"] * 2

@pytest_mlquality.model(features=["school", "age"], classes=["no", "yes"])
def chance(frame):
    assert list(frame.columns) == ["school", "age"]
    return fitted.predict_proba(frame[["age", "school"]])[:, 1]

@pytest_mlquality.model
def decided(frame):
    return fitted.predict(frame[["age", "school"]])

def nothing():
    return None

def broken():
    raise RuntimeError("no such bucket")

number = 3
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "serve.py").write_text(MODULE)
    (tmp_path / "beside.py").touch()
    return tmp_path


def loaded(project, name, **more):
    return load(Wanted(f"python:serve:{name}", project, **more))


@pytest.mark.parametrize("name", ["make", "fitted"])
def test_a_factory_and_what_it_makes_are_one_model(name, project):
    model = loaded(project, name)
    assert (model.classes, model.columns, model.digest, model.version) == (("no", "yes"), ("age", "school"), None, None)
    assert model.predict(FRAME).tolist() == ["no", "yes", "yes", "no"]


def test_a_declared_function_needs_no_further_word(project):
    model = loaded(project, "chance")
    assert (model.classes, model.columns, model.has_probabilities) == (("no", "yes"), ("school", "age"), True)
    assert model.predict(FRAME).tolist() == ["no", "yes", "yes", "no"]
    assert model.predict_proba(FRAME).shape == (4, 2)


def test_a_function_without_classes_decides(project):
    model = loaded(project, "decided")
    assert (model.classes, model.columns, model.has_probabilities) == (None, None, False)
    assert model.predict(FRAME).tolist() == ["no", "yes", "yes", "no"]
    assert loaded(project, "make_function", features=("age",)).predict(FRAME).tolist() == [40.0, 80.0, 120.0, 140.0]


def test_declaring_leaves_the_function_as_it_is():
    import pytest_mlquality

    def predict(frame):
        return np.zeros(len(frame))

    assert pytest_mlquality.model(predict) is predict


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nothing", "made a NoneType, which has no predict"),
        ("number", "is a int: neither a model nor a function that makes one"),
        ("maek", r"no 'maek' \(did you mean 'make'\?\)"),
        ("broken", r"broken\(\) of serve failed: (.|\n)*no such bucket"),
    ],
)
def test_what_is_no_model_is_explained(name, words, project):
    with pytest.raises(MLQualityError, match=words):
        loaded(project, name)


def test_what_has_no_file_cannot_be_pinned(project):
    with pytest.raises(ModelError, match="no file that could be pinned") as caught:
        loaded(project, "make", trust=Trust(sha256="0" * 64))
    assert "remove [model] sha256" in caught.value.remedy
