"""Columns of labels, as a library takes them that numbers labels by the order in which training knew them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pytest_mlquality.errors import ModelError

# pandas' names of what a column holds -> text, number or truth; others have no like among labels.
_KINDS = {"string": "text", "boolean": "truth"} | dict.fromkeys(
    ("integer", "floating", "mixed-integer-float"), "number"
)
# What stands for which labels: truths arrive as 0 and 1 where some are missing.
_STANDS_FOR = {"text": {"text"}, "number": {"number"}, "truth": {"truth", "number"}}


def kind_of(values: Any) -> str:  # noqa: ANN401 - a column, or a list of labels
    """Return what the values are: text, number, truth, another word of pandas, or empty where all are missing."""
    if isinstance(getattr(values, "dtype", None), pd.CategoricalDtype):
        values = values.dtype.categories
    elif isinstance(values, list):
        values = pd.Series(values, dtype=object)
    found = pd.api.types.infer_dtype(values, skipna=True)
    return "" if found == "empty" or (found == "floating" and bool(pd.isna(values).all())) else _KINDS.get(found, found)


def are_like(kind: str, labels: Sequence[Any]) -> bool:
    """Say whether values of a kind can be some of the labels."""
    wanted = kind_of(list(labels))
    return not kind or kind in _STANDS_FOR.get(wanted, {wanted})


def numbered(values: pd.Series[Any], labels: Sequence[Any], uri: str) -> pd.Categorical[Any]:
    """Return a column as a pandas categorical of exactly these labels, in their order; others become missing.

    Raises
    ------
    ModelError
        The column holds something of another kind, of which none could be a label.
    """
    if not are_like(kind := kind_of(values), labels):
        raise ModelError(
            f"the column {values.name!r} holds values of the kind {kind!r}, and the model {uri!r} was trained on "
            f"labels of the kind {kind_of(list(labels))!r} there",
            "give the split the type that the rows of train had",
        )
    codes, found = pd.factorize(values.astype(object), use_na_sentinel=True)
    known: pd.Index[Any] = pd.Index(list(labels))
    return pd.Categorical.from_codes(_places(found, labels)[codes], categories=known)


def share_known(values: pd.Series[Any], known: Iterable[Any]) -> float:
    """Return how many of the values that are not missing are among the known ones, as a share; of none 1."""
    given = values.dropna()
    # A truth is 0 or 1 in a column of numbers.
    listed = [int(one) if isinstance(one, bool | np.bool_) else one for one in known]
    return float(given.isin(listed).mean()) if len(given) else 1.0


def _places(found: Any, labels: Sequence[Any]) -> NDArray[np.intp]:  # noqa: ANN401 - an array
    """Return the place of each value among the labels, -1 where it has none; the last is that of missing values."""
    place = {label: number for number, label in enumerate(labels)}
    return np.array([*(place.get(value, -1) for value in found), -1], dtype=np.intp)
