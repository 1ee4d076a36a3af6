"""Make a `Model` of a fitted object with scikit-learn's interface."""

from __future__ import annotations

import warnings
from itertools import zip_longest
from typing import Any

import numpy as np
import pandas as pd

from pytest_mlquality.adapters.models.checked import Ask, CheckedModel
from pytest_mlquality.adapters.models.face import Inside
from pytest_mlquality.adapters.models.kept import Kept
from pytest_mlquality.adapters.models.wanted import Wanted
from pytest_mlquality.errors import ModelError


def model_of(
    estimator: Any,  # noqa: ANN401 - scikit-learn has no common type for "has predict"
    kept: Kept | None,
    wanted: Wanted,
) -> CheckedModel:
    """Return the estimator as a model that checks its own answers.

    Parameters
    ----------
    estimator
        Fitted, with ``predict`` and perhaps ``predict_proba``, ``classes_``, ``feature_names_in_``.
    kept
        The files that it was read from; None where it came from none.

    Raises
    ------
    ModelError
        The object cannot predict, or its signature names other columns than it was fitted on.
    """
    if not hasattr(estimator, "predict"):
        raise ModelError(
            f"the model {wanted.uri!r} is a {type(estimator).__name__}, which has no predict",
            "save the whole pipeline with its last, predicting step",
        )
    signature = kept.signature if kept is not None else None
    fitted = _fitted_columns(estimator)
    if signature and fitted:
        _require_same_order(wanted.uri, tuple(signature), fitted)
    columns = (tuple(signature) if signature else fitted) or wanted.features or None
    nameless = fitted is None and columns is not None
    return CheckedModel(
        uri=wanted.uri,
        version=kept.version if kept is not None else None,
        digest=kept.digest if kept is not None else None,
        columns=columns,
        column_types=signature or None,
        classes=_classes(estimator) or wanted.classes or None,
        ask_labels=_asking(estimator.predict, nameless),
        ask_probabilities=_asking(estimator.predict_proba, nameless) if hasattr(estimator, "predict_proba") else None,
        inside=Inside(estimator, pd.DataFrame.to_numpy) if nameless else Inside(estimator),
    )


def _fitted_columns(estimator: Any) -> tuple[str, ...] | None:  # noqa: ANN401 - as above
    names = getattr(estimator, "feature_names_in_", None)
    return None if names is None else tuple(str(name) for name in names)


def _classes(estimator: Any) -> tuple[Any, ...] | None:  # noqa: ANN401 - as above
    classes = getattr(estimator, "classes_", None)
    # A list of arrays means several outputs, which have no one set of classes.
    return tuple(classes.tolist()) if isinstance(classes, np.ndarray) else None


def _require_same_order(uri: str, signature: tuple[str, ...], fitted: tuple[str, ...]) -> None:
    for position, (said, learned) in enumerate(zip_longest(signature, fitted), start=1):
        if said != learned:
            raise ModelError(
                f"the model {uri!r} is registered over a wrong column order: column {position} of its signature is "
                f"{_named(said)}, where the estimator was fitted on {_named(learned)}",
                "log the model again with infer_signature(X, ...) of the very frame X that it was fitted on",
            )


def _named(column: str | None) -> str:
    return "nothing" if column is None else repr(column)


def _asking(method: Ask, nameless: bool) -> Ask:
    def ask(frame: pd.DataFrame) -> Any:  # noqa: ANN401 - CheckedModel makes an array of it
        with warnings.catch_warnings():
            if nameless:
                # Fitted without names: the signature gives the order, so scikit-learn's warning has been answered.
                warnings.filterwarnings("ignore", message="X has feature names, but")
            return method(frame)

    return ask
