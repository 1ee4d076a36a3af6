"""Models that take a table of numbers and answer with numbers, and say little about either."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import numpy as np
from pandas.api.types import infer_dtype, is_numeric_dtype, is_object_dtype

from pytest_mlquality.adapters.models.checked import Ask, CheckedModel
from pytest_mlquality.adapters.models.face import Inside
from pytest_mlquality.adapters.models.kept import Kept
from pytest_mlquality.adapters.models.wanted import Wanted
from pytest_mlquality.errors import ModelError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def matrix(frame: pd.DataFrame, uri: str, dtype: str = "float32") -> NDArray[Any]:
    """Return the frame as numbers, shape (n, columns).

    Raises
    ------
    ModelError
        Naming the columns that hold something else.
    """
    frame = with_plain_truths(frame)
    others = [str(name) for name in frame.columns if not is_numeric_dtype(frame[name].dtype)]
    if others:
        raise ModelError(
            f"the model {uri!r} takes numbers, and these columns are none: {', '.join(others)}",
            "name the model's columns in [model] features, or put the encoding into the model",
        )
    return np.ascontiguousarray(frame.to_numpy(dtype=dtype))


def with_plain_truths(frame: pd.DataFrame, aside: Collection[str] = ()) -> pd.DataFrame:
    """Return a frame in which truths of which some, or all, are missing are floats: pandas has objects for them.

    Parameters
    ----------
    aside
        Columns that are categories to the model.
    """
    objects = [name for name, dtype in frame.dtypes.items() if is_object_dtype(dtype) and name not in aside]
    truths = [name for name in objects if infer_dtype(frame[name], skipna=True) in ("boolean", "empty")]
    return frame.astype(dict.fromkeys(truths, "float64")) if truths else frame


def answering(
    ask: Ask,
    kept: Kept | None,
    wanted: Wanted,
    *,
    columns: tuple[str, ...] | None = None,
    column_types: dict[str, str] | None = None,
    classes: tuple[Any, ...] = (),
    ask_labels: Ask | None = None,
    has_probabilities: bool = True,
    inside: Inside | None = None,
    remarks: tuple[str, ...] = (),
    written: Callable[[str], str] | None = None,
) -> CheckedModel:
    """Return a model of a function that gives probabilities where there are classes, else values.

    The classes are those that the file names, else ``[model] classes``; of a binary task 0 and 1.

    Parameters
    ----------
    ask
        Frame with exactly `columns` -> n x classes, n probabilities of the second of two classes, or n values.
    ask_labels
        Where the model decides itself: frame -> n labels.
    has_probabilities
        Whether what `ask` gives of classes are probabilities; where not, the class with the largest is decided for.
    inside
        The fitted object, where an explainer may look into it.
    remarks, written
        See `CheckedModel`.
    """
    if wanted.task == "multiclass" and not (classes or wanted.classes):
        raise ModelError(
            f"the model {wanted.uri!r} does not say which classes its probabilities belong to",
            "name them in [model] classes, in the order of its probabilities",
        )
    known = classes or wanted.classes or ((0, 1) if wanted.task == "binary" else ())
    return CheckedModel(
        uri=wanted.uri,
        digest=kept.digest if kept is not None else None,
        version=kept.version if kept is not None else None,
        columns=columns or wanted.features or None,
        column_types=column_types,
        classes=known or None,
        ask_labels=_deciding(ask, ask_labels, known, has_probabilities) if known else ask,
        ask_probabilities=by_class(ask, known) if known and has_probabilities else None,
        inside=inside,
        remarks=remarks,
        written=written,
    )


def _deciding(ask: Ask, ask_labels: Ask | None, classes: tuple[Any, ...], has_probabilities: bool) -> Ask | None:
    if ask_labels is not None or has_probabilities:
        return ask_labels
    return lambda frame: np.asarray(classes)[np.asarray(ask(frame)).argmax(axis=1)]


def require_multilabel(wanted: Wanted) -> None:
    """Raise ModelError where a model says of several labels whether a row has them, and another task is judged."""
    if wanted.task != "multilabel":
        raise ModelError(
            f"the model {wanted.uri!r} says of several labels whether a row has them",
            'set [model] task = "multilabel"',
        )


def by_class(ask: Ask, classes: tuple[Any, ...]) -> Ask:
    """Return a function that answers for every class.

    Where `ask` gives one number a row, it is the probability of the second of two classes; where it gives labels, these
    are certain.
    """

    def asked(frame: pd.DataFrame) -> Any:  # noqa: ANN401 - CheckedModel makes an array of it
        found = np.asarray(ask(frame))
        if found.ndim != 1 and found.shape[1:] != (1,):
            return found
        found = found.ravel()
        if _are_labels(found, classes):
            return (found[:, None] == np.asarray(classes, dtype=object)[None, :]).astype(float)
        return np.column_stack([1 - found, found])

    return asked


def _are_labels(found: NDArray[Any], classes: tuple[Any, ...]) -> bool:
    if found.dtype.kind not in "fiu":
        return found.dtype.kind == "b" or set(found.tolist()) <= set(classes)
    is_beyond = len(classes) != 2 or bool(((found < 0) | (found > 1)).any())
    return is_beyond and set(np.unique(found).tolist()) <= set(classes)
