"""Make a `Model` of a fitted object with scikit-learn's interface."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from itertools import zip_longest
from typing import Any

import numpy as np
import pandas as pd

from pytest_mlquality.adapters.models import boosted, catboost_file
from pytest_mlquality.adapters.models.checked import Ask, CheckedModel
from pytest_mlquality.adapters.models.face import Inside, Model
from pytest_mlquality.adapters.models.kept import Kept
from pytest_mlquality.adapters.models.wanted import Wanted
from pytest_mlquality.errors import ModelError


def model_of(
    estimator: Any,  # noqa: ANN401 - scikit-learn has no common type for "has predict"
    kept: Kept | None,
    wanted: Wanted,
) -> Model:
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
    model = boosted.native(estimator, kept, wanted)
    if model is not None:
        return model
    signature = kept.signature if kept is not None else None
    fitted = _fitted_columns(estimator)
    writing = boosted.writing(estimator)
    if signature and fitted:
        _require_same_order(wanted.uri, tuple(signature), fitted, writing)
    columns = (tuple(signature) if signature else fitted) or wanted.features or None
    nameless = fitted is None and columns is not None
    prepared = boosted.taking(estimator, wanted.uri)
    taken = prepared or (pd.DataFrame.to_numpy if nameless else None)
    own = _classes(estimator)
    # Of several labels the classes are the labels, and those of a row no one of them.
    classes = (own or wanted.classes) if wanted.task == "multilabel" else _named_classes(own, wanted.classes)
    by_probability = hasattr(estimator, "predict_proba")
    if by_probability and own is not None:
        by_probability = boosted.has_probabilities(estimator, wanted.uri)
    ask = _asking(estimator.predict, nameless, prepared)
    return CheckedModel(
        uri=wanted.uri,
        version=kept.version if kept is not None else None,
        digest=kept.digest if kept is not None else None,
        columns=columns,
        column_types=signature or None,
        classes=classes or None,
        ask_labels=ask if classes == own or own is None else _renamed(ask, own, classes),
        ask_probabilities=_asking(estimator.predict_proba, nameless, prepared) if by_probability else None,
        inside=Inside(estimator) if taken is None else Inside(estimator, taken),
        written=writing,
    )


def _named_classes(own: tuple[Any, ...] | None, named: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the labels: the estimator's own, unless these are numbers from 0 on, and the settings name them."""
    if own is None:
        return named
    is_numbered = list(own) == list(range(len(named))) and not set(own) & set(named)
    return named if is_numbered else own


def _renamed(ask: Ask, own: tuple[Any, ...], classes: tuple[Any, ...]) -> Ask:
    place = {label: number for number, label in enumerate(own)}

    def asked(frame: pd.DataFrame) -> Any:  # noqa: ANN401 - CheckedModel makes an array of it
        return np.asarray(classes)[[place[label] for label in np.ravel(ask(frame)).tolist()]]

    return asked


def _fitted_columns(estimator: Any) -> tuple[str, ...] | None:  # noqa: ANN401 - as above
    names = getattr(estimator, "feature_names_in_", None)
    if names is None and boosted.library_of(estimator) == "catboost":
        return catboost_file.names_of(estimator)
    return None if names is None else tuple(str(name) for name in names)


def _classes(estimator: Any) -> tuple[Any, ...] | None:  # noqa: ANN401 - as above
    classes = getattr(estimator, "classes_", None)
    # A list of arrays means several outputs, which have no one set of classes.
    return tuple(classes.tolist()) if isinstance(classes, np.ndarray) else None


def _require_same_order(
    uri: str, signature: tuple[str, ...], fitted: tuple[str, ...], writing: Callable[[str], str] | None
) -> None:
    for position, (said, learned) in enumerate(zip_longest(signature, fitted), start=1):
        is_written_so = writing is not None and said is not None and writing(said) == learned
        if said != learned and not is_written_so:
            raise ModelError(
                f"the model {uri!r} is registered over a wrong column order: column {position} of its signature is "
                f"{_named(said)}, where the estimator was fitted on {_named(learned)}",
                "log the model again with infer_signature(X, ...) of the very frame X that it was fitted on",
            )


def _named(column: str | None) -> str:
    return "nothing" if column is None else repr(column)


def _asking(method: Ask, nameless: bool, prepared: Callable[[pd.DataFrame], pd.DataFrame] | None) -> Ask:
    def ask(frame: pd.DataFrame) -> Any:  # noqa: ANN401 - CheckedModel makes an array of it
        with warnings.catch_warnings():
            if nameless:
                # Fitted without names: the signature gives the order, so scikit-learn's warning has been answered.
                warnings.filterwarnings("ignore", message="X has feature names, but")
            return method(frame if prepared is None else prepared(frame))

    return ask
