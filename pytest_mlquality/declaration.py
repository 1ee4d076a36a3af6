"""``@pytest_mlquality.model``: a predict function that says itself what a gate has to know of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar, overload

Function = TypeVar("Function", bound=Callable[..., Any])

ATTRIBUTE = "__mlquality_model__"


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a predict function says of itself; see `model`."""

    features: tuple[str, ...]
    classes: tuple[Any, ...]


@overload
def model(function: Function, /) -> Function: ...
@overload
def model(*, features: Iterable[str] = (), classes: Iterable[Any] = ()) -> Callable[[Function], Function]: ...
def model(
    function: Function | None = None, /, *, features: Iterable[str] = (), classes: Iterable[Any] = ()
) -> Function | Callable[[Function], Function]:
    """Declare a predict function a model: ``[model] uri = "python:package.module:function"`` then names it.

    The function is left as it is. It takes a pandas DataFrame of the features, n rows, and returns an array.

    Parameters
    ----------
    features
        Columns that it takes, in its order. Default: ``[model] features``, else all columns that are features.
    classes
        Class labels. With them the function returns probabilities, shape (n, classes) in this order, or of two
        classes the probability of the second, shape (n,). Without, it returns decisions or numbers, shape (n,).
    """

    def declare(declared: Function) -> Function:
        setattr(declared, ATTRIBUTE, Declaration(tuple(features), tuple(classes)))
        return declared

    return declare if function is None else declare(function)
