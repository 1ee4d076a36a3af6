"""Libraries that read a model's file: one that is missing, and one that cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from pytest_mlquality.errors import MissingExtra, MLQualityError, ModelError
from pytest_mlquality.own_error import cause_of, kind_of


def library(package: str, extra: str, uri: str) -> Any:  # noqa: ANN401 - a module without types
    """Import a package that only some formats need; raise MissingExtra where it is not installed."""
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        raise MissingExtra(package, extra, f"the model {uri!r}") from error


@contextmanager
def reading(uri: str, by: Any, how: str) -> Iterator[None]:  # noqa: ANN401 - as above
    """Turn whatever a library raises over a file into a ModelError.

    Parameters
    ----------
    by
        The library's module.
    how
        How the model is saved.
    """
    try:
        yield
    except MLQualityError:
        raise
    except Exception as error:
        raise unreadable(uri, by, how, kind_of(error)) from cause_of(error)


def unreadable(uri: str, by: Any, how: str, kind: str) -> ModelError:  # noqa: ANN401 - as above
    """Return the error of a file over which a library raised an exception of some kind; see `reading`."""
    return ModelError(
        f"the model {uri!r} cannot be read by {by.__name__} {by.__version__}: {kind}",
        f"save it again with {how}; if it was downloaded or copied, do that again",
    )
