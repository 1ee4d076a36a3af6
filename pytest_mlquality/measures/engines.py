"""What a measure says where an engine cannot be asked for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pytest_mlquality.data.faults import OperationLacking


@contextmanager
def answered(measure: str) -> Iterator[None]:
    """Name the measure in the error of an engine that lacks an operation, and how to do without."""
    try:
        yield
    except OperationLacking as error:
        raise OperationLacking(
            f"{measure}: {error.message}", f"{error.remedy}, or set {measure} = false"
        ) from error.__cause__
