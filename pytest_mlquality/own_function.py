"""A function of the user's that takes a table and returns a number, and the tables that people hand it."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import TYPE_CHECKING, Any

from pytest_mlquality.errors import DataError, MLQualityError, nearest
from pytest_mlquality.foreign_code import foreign_code
from pytest_mlquality.own_error import ANY_FAILURE, cause_of, raised
from pytest_mlquality.whose_code import raised_by_us

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

REMEDY = "the function is yours: call it alone on the rows"


def frame_of(table: Any) -> pd.DataFrame:  # noqa: ANN401 - tables of several libraries have no type in common
    """Return a split, or a pandas, Polars, Arrow or Ibis table, as a pandas data frame.

    Raises
    ------
    DataError
        It is something else.
    """
    import pandas as pd

    if isinstance(table, pd.DataFrame):
        return table
    if hasattr(table, "frame") and hasattr(table, "columns"):
        found: pd.DataFrame = table.frame(table.columns)
        return found
    # A Polars LazyFrame gives a DataFrame.
    made = table.collect() if hasattr(table, "collect") else table
    if hasattr(made, "to_pandas") and hasattr(made, "columns"):
        return pd.DataFrame(made.to_pandas())
    raise DataError(
        f"{type(table).__module__}.{type(table).__qualname__} is not a table",
        'hand over a split such as ml_data["test"], or a pandas, Polars, Arrow or Ibis table',
    )


def called(function: Callable[[pd.DataFrame], object], frame: pd.DataFrame) -> float:
    """Return what a function says of rows.

    Raises
    ------
    MLQualityError
        It fails, with its name and what it says, or returns no number.
    """
    try:
        with foreign_code():
            value = function(frame)
    except ANY_FAILURE as error:
        if isinstance(error, MLQualityError) and raised_by_us(error):
            raise
        what = raised(f"the function {name_of(function)}", error, getattr(function, "__code__", None), frame.columns)
        raise MLQualityError(what, REMEDY) from cause_of(error)
    number = value.item() if getattr(value, "shape", None) == () and hasattr(value, "item") else value
    if not isinstance(number, Real):
        returned = f"the function {name_of(function)} returned {type(value).__name__}, not a number"
        raise MLQualityError(returned, "return one number")
    return float(number)


def name_of(function: Callable[..., object]) -> str:
    """Return what a function is called; of one without a name what is made of it."""
    return str(getattr(function, "__name__", "estimate"))


def column(frame: pd.DataFrame, name: str) -> NDArray[Any]:
    """Return the values of a column; raise DataError where there is none."""
    if name not in frame.columns:
        known = [str(one) for one in frame.columns]
        raise DataError(f"there is no column {name!r}{nearest(name, known)}", f"name one of {', '.join(known[:20])}")
    values: NDArray[Any] = frame[name].to_numpy()
    return values
