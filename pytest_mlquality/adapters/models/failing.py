"""Which row a model cannot answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_mlquality.foreign_code import foreign_code
from pytest_mlquality.own_error import ANY_FAILURE

if TYPE_CHECKING:
    import pandas as pd


def failing_row(ask: Any, frame: pd.DataFrame) -> int | None:  # noqa: ANN401 - a function of a frame
    """Return the place of a row that makes `ask` raise when it is asked alone; None where no single one does."""
    place, rows = 0, frame
    while len(rows) > 1:
        half = len(rows) // 2
        if raises(ask, rows.iloc[:half]):
            rows = rows.iloc[:half]
        else:
            place, rows = place + half, rows.iloc[half:]
    return place if raises(ask, rows) else None


def raises(ask: Any, rows: pd.DataFrame) -> bool:  # noqa: ANN401 - as above
    """Say whether a model raises when it is asked about these rows."""
    try:
        with foreign_code():
            ask(rows)
    except ANY_FAILURE:
        return True
    return False
