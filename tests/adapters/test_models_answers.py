"""What a model answers is checked before anyone computes a metric of it."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from pytest_mlquality.adapters.models.checked import CheckedModel
from pytest_mlquality.adapters.models.scikit_learn import model_of
from pytest_mlquality.errors import ModelError
from pytest_mlquality.redaction import remember

FRAME = pd.DataFrame({"AGEP": [20, 40, 60, 70], "SCHL": [10, 20, 20, 5], "name": ["a", "b", "c", "d"]})


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
    assert isinstance(caught.value.__cause__, ValueError)


def test_a_regression_has_no_probabilities_and_says_so():
    model = model_of(
        LinearRegression().fit(FRAME[["AGEP", "SCHL"]], [1.0, 2.0, 3.0, 4.0]), uri="m", version=None, digest=""
    )
    assert model.classes is None
    assert not model.has_probabilities
    assert model.predict(FRAME).shape == (4,)
    with pytest.raises(ModelError, match="no probabilities"):
        model.predict_proba(FRAME)


def test_what_cannot_predict_is_no_model():
    with pytest.raises(ModelError, match="has no predict"):
        model_of(object(), uri="m", version=None, digest="")


@pytest.mark.filterwarnings("error")
def test_an_estimator_fitted_without_names_follows_the_signature_without_a_warning():
    fitted = LogisticRegression().fit(FRAME[["AGEP", "SCHL"]].to_numpy(), [0, 1, 0, 1])
    model = model_of(fitted, uri="m", version=None, digest="", signature={"AGEP": "long", "SCHL": "long"})
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
        model_of(fitted, uri="m", version=None, digest="", signature=dict.fromkeys(signature, "long"))
    assert "infer_signature" in caught.value.remedy
