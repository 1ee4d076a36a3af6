"""What a model answers is checked before anyone computes a metric of it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from pytest_mlquality.adapters.models.checked import CheckedModel
from pytest_mlquality.adapters.models.consistency import require_consistent
from pytest_mlquality.adapters.models.kept import Kept
from pytest_mlquality.adapters.models.scikit_learn import model_of
from pytest_mlquality.adapters.models.wanted import Wanted
from pytest_mlquality.errors import ModelError
from pytest_mlquality.redaction import remember
from pytest_mlquality.shown import showing_values

FRAME = pd.DataFrame({"AGEP": [20, 40, 60, 70], "SCHL": [10, 20, 20, 5], "name": ["a", "b", "c", "d"]})
WANTED = Wanted("m", Path("/"))


def signed(signature):
    return Kept(Path("/m"), "sha256:0", signature=signature)


def asked(labels=None, probabilities=None, columns=("AGEP", "SCHL")):
    return CheckedModel(
        uri="m.skops",
        version=None,
        digest="sha256:0",
        columns=columns,
        column_types=None,
        classes=(0, 1),
        ask_labels=labels or (lambda frame: np.zeros(len(frame))),
        ask_probabilities=probabilities,
    )


def test_the_model_sees_only_its_columns_in_its_own_order():
    seen = []
    model = asked(lambda frame: seen.append(list(frame.columns)) or [0] * len(frame), columns=("SCHL", "AGEP"))
    model.predict(FRAME)
    assert seen == [["SCHL", "AGEP"]]


def test_a_missing_column_is_named_with_the_nearest_of_the_data():
    with pytest.raises(ModelError, match=r"'AGE' \(did you mean 'AGEP'\?\)"):
        asked(columns=("AGE", "SCHL")).predict(FRAME)


def test_no_rows_are_not_asked_about():
    with pytest.raises(ModelError, match="0 rows"):
        asked().predict(FRAME.head(0))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([0, 1, 0], r"shape \(3,\) where \(4,\) was expected: 4 rows"),
        (np.zeros((4, 2)), r"shape \(4, 2\)"),
        ([0.0, np.nan, np.inf, 1.0], "2 of 4 rows are missing or not finite"),
        (np.array(["yes", None, "no", "no"], dtype=object), "1 of 4 rows are missing"),
    ],
)
def test_wrong_labels_are_refused_with_row_counts(answer, words):
    with pytest.raises(ModelError, match=words) as caught:
        asked(lambda frame: answer).predict(FRAME)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (np.full((3, 2), 0.5), r"shape \(3, 2\) where \(4, 2\)"),
        (np.full((4, 3), 1 / 3), r"shape \(4, 3\) where \(4, 2\)"),
        ([0.5, 0.5, 0.5, 0.5], r"shape \(4,\)"),
        ([[0.5, 0.5]] * 3 + [[np.nan, 1.0]], "1 of 4 rows are missing or not finite"),
        ([[1.2, -0.2]] * 2 + [[0.5, 0.5]] * 2, "2 of 4 rows are outside 0 to 1"),
        ([[0.5, 0.4]] * 3 + [[0.5, 0.5]], "3 of 4 rows do not sum to 1"),
    ],
)
def test_wrong_probabilities_are_refused_with_row_counts(answer, words):
    with pytest.raises(ModelError, match=words) as caught:
        asked(probabilities=lambda frame: answer).predict_proba(FRAME)
    assert caught.value.remedy


def test_right_answers_pass_unchanged():
    model = asked(lambda frame: np.array([[1], [0], [1], [0]]), lambda frame: np.float32([[0.1, 0.9]] * 4))
    assert model.predict(FRAME).tolist() == [1, 0, 1, 0]
    assert model.predict_proba(FRAME).shape == (4, 2)


def test_an_exception_of_the_model_names_rows_and_hides_secrets_and_cells():
    remember("s3cret-token")

    def raising(frame):
        raise ValueError("could not convert 'Smith' in column 'AGEP' with s3cret-token")

    with pytest.raises(ModelError, match="raised ValueError in predict on 4 rows") as caught:
        asked(raising).predict(FRAME)
    assert "Smith" not in caught.value.message
    assert "s3cret" not in caught.value.message
    assert "'AGEP'" in caught.value.message
    assert caught.value.__cause__ is None
    with showing_values(True), pytest.raises(ModelError, match="could not convert 'Smith'") as caught:
        asked(raising).predict(FRAME)
    assert isinstance(caught.value.__cause__, ValueError)
    assert "s3cret" not in caught.value.message


def test_a_regression_has_no_probabilities_and_says_so():
    model = model_of(LinearRegression().fit(FRAME[["AGEP", "SCHL"]], [1.0, 2.0, 3.0, 4.0]), None, WANTED)
    assert model.classes is None
    assert not model.has_probabilities
    assert model.predict(FRAME).shape == (4,)
    with pytest.raises(ModelError, match="no probabilities"):
        model.predict_proba(FRAME)


def test_what_cannot_predict_is_no_model():
    with pytest.raises(ModelError, match="has no predict"):
        model_of(object(), None, WANTED)


@pytest.mark.filterwarnings("error")
def test_an_estimator_fitted_without_names_follows_the_signature_without_a_warning():
    fitted = LogisticRegression().fit(FRAME[["AGEP", "SCHL"]].to_numpy(), [0, 1, 0, 1])
    model = model_of(fitted, signed({"AGEP": "long", "SCHL": "long"}), WANTED)
    assert (
        model.predict(FRAME[["SCHL", "name", "AGEP"]]).tolist()
        == fitted.predict(FRAME[["AGEP", "SCHL"]].to_numpy()).tolist()
    )


@pytest.mark.parametrize(
    ("signature", "words"),
    [
        (["SCHL", "AGEP"], "column 1 of its signature is 'SCHL', where the estimator was fitted on 'AGEP'"),
        (["AGEP"], "column 2 of its signature is nothing, where the estimator was fitted on 'SCHL'"),
        (["AGEP", "SCHL", "MAR"], "column 3 of its signature is 'MAR', where the estimator was fitted on nothing"),
    ],
)
def test_a_signature_that_disagrees_with_the_estimator_is_refused(signature, words):
    fitted = LogisticRegression().fit(FRAME[["AGEP", "SCHL"]], [0, 1, 0, 1])
    with pytest.raises(ModelError, match=words) as caught:
        model_of(fitted, signed(dict.fromkeys(signature, "long")), WANTED)
    assert "infer_signature" in caught.value.remedy


def test_the_only_row_that_a_model_cannot_answer_is_named():
    frame = pd.DataFrame({"AGEP": range(100), "SCHL": 0})

    def raising(rows):
        if (rows["AGEP"] == 16).any():
            raise ValueError("bad cell")
        return np.zeros(len(rows))

    with pytest.raises(
        ModelError, match=r"on row 17, the only one of 100 that it cannot answer \(\w+\.py:\d+\): bad cell"
    ):
        asked(raising).predict(frame)
    with pytest.raises(ModelError, match="on row 200,017, the only one"):
        asked(raising).predict(frame.set_axis(pd.RangeIndex(200_000, 200_100)))


def test_of_several_rows_that_a_model_cannot_answer_one_is_named():
    frame = pd.DataFrame({"AGEP": range(100), "SCHL": 0})

    def raising(rows):
        if rows["AGEP"].isin([16, 70]).any():
            raise ValueError("bad cell")
        return np.zeros(len(rows))

    with pytest.raises(ModelError, match=r"on 100 rows \(row 17 is one of those"):
        asked(raising).predict(frame)


ROWS = pd.DataFrame({"AGEP": np.arange(60.0), "SCHL": np.random.default_rng(0).normal(size=60)})


def consistent(model):
    require_consistent(model, ROWS, model.predict_proba(ROWS) if model.has_probabilities else model.predict(ROWS))


@pytest.mark.parametrize("kind", ["chance", "place", "neighbours"])
def test_answers_that_change_are_refused(kind):
    random = np.random.default_rng(1)
    answer = {
        "chance": lambda frame: frame["SCHL"] + random.normal(size=len(frame)),
        "place": lambda frame: frame["SCHL"].to_numpy() + np.arange(len(frame)),
        "neighbours": lambda frame: frame["SCHL"].rolling(2, min_periods=1).mean(),
    }[kind]
    with pytest.raises(ModelError, match=r"changes its answers: \d+ of 60 rows") as caught:
        consistent(asked(answer))
    assert "no dropout" in caught.value.remedy


def test_rounding_of_32_bit_models_is_no_change():
    random = np.random.default_rng(1)
    consistent(asked(lambda frame: frame["SCHL"] * (1 + 1e-6 * random.normal(size=len(frame)))))


def chances(frame):
    high = 1 / (1 + np.exp(-frame["SCHL"].to_numpy()))
    return np.column_stack([1 - high, high])


@pytest.mark.parametrize("threshold", [0.05, 0.5, 0.95])
def test_a_threshold_of_the_models_own_contradicts_nothing(threshold):
    consistent(asked(lambda frame: (chances(frame)[:, 1] >= threshold).astype(int), chances))


def test_probabilities_in_another_order_than_the_classes_are_refused():
    with pytest.raises(ModelError, match="contradict its decisions on 60 rows") as caught:
        consistent(asked(lambda frame: (frame["SCHL"] > 0).astype(int), lambda frame: chances(frame)[:, ::-1]))
    assert "[model] classes" in caught.value.remedy


def test_decisions_for_labels_that_are_no_classes_are_refused():
    with pytest.raises(ModelError, match=r"none of its classes \(0, 1\): 7"):
        consistent(asked(lambda frame: np.where(frame["SCHL"] > 0, 7, 0), chances))
