"""Arrow arrays as frames show them: decimals are floats, dates are times, and identifiers stay what they are."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

# Up to here every whole number is a float of its own.
EXACT = 2**53
_MOST_DIGITS = 22  # powers of ten up to this one are floats
Whole = Literal["Int64", "UInt64"]


def plain(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return an array as measures see it: decimals as float64 and dates as timestamps, all else as it is.

    Decimals that are whole numbers, of which some are beyond what floats tell apart, become integers where 64 bits
    hold them and stay decimals where they do not: such numbers name something.
    """
    import pyarrow as pa

    type_ = values.type
    if pa.types.is_date(type_):
        return values.cast(pa.timestamp("s")) if pa.types.is_date32(type_) else values.cast(pa.timestamp("ms"))
    if pa.types.is_decimal(type_):
        return _numbers(values)
    return values


def whole_dtype(values: pa.ChunkedArray) -> Whole | None:
    """Return the pandas dtype of integers that floats would not tell apart, and of which some are missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not (values.null_count and (pa.types.is_int64(values.type) or pa.types.is_uint64(values.type))):
        return None
    ends = pc.min_max(values).as_py()
    return wide(ends["min"], ends["max"], signed=pa.types.is_int64(values.type))


def wide(least: int | None, most: int | None, *, signed: bool) -> Whole | None:
    """Return the pandas dtype that integers between two need where some are missing; None where floats do."""
    if least is None or most is None or max(-least, most) <= EXACT:
        return None
    return "Int64" if signed else "UInt64"


def as_dtype(values: pa.ChunkedArray, dtype: str) -> pd.Series[Any]:
    """Return values in a dtype of pandas, whole numbers without a detour through floats."""
    import pandas as pd

    wanted = pd.api.types.pandas_dtype(dtype)
    mapped: pd.Series[Any] = values.to_pandas(
        types_mapper={values.type: wanted}.get if isinstance(wanted, pd.api.extensions.ExtensionDtype) else None
    )
    return mapped.astype(wanted)


def _numbers(values: pa.ChunkedArray) -> pa.ChunkedArray:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if values.type.precision > len(str(EXACT)) - 1 and _are_names(values):
        for whole in (pa.int64(), pa.uint64()):
            try:
                return values.cast(whole)
            except pa.ArrowInvalid:
                continue
        return values
    units = _units(values)
    scale = values.type.scale
    if units is None or not 0 <= scale <= _MOST_DIGITS:
        numbers = np.array([float(one or 0) for one in values.to_pylist()], dtype=np.float64)
    else:
        numbers = units / 10.0**scale
    return pa.chunked_array([pa.array(numbers, mask=np.asarray(pc.is_null(values)))])


def _are_names(values: pa.ChunkedArray) -> bool:
    """Return whether all values are whole, and some too large for floats."""
    import pyarrow.compute as pc

    ends = pc.min_max(values).as_py()
    if ends["min"] is None or max(-ends["min"], ends["max"]) <= EXACT:
        return False
    return values.type.scale <= 0 or all(one is None or one == one.to_integral_value() for one in _distinct(values))


def _distinct(values: pa.ChunkedArray) -> list[Decimal | None]:
    import pyarrow.compute as pc

    found: list[Decimal | None] = pc.unique(values).to_pylist()
    return found


def _units(values: pa.ChunkedArray) -> NDArray[np.float64] | None:
    """Return decimals in units of their last digit, missing ones as 0; None where floats do not hold these.

    A unit divided by a power of ten is the nearest float; Arrow's own cast multiplies, and often misses it.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        units = pc.fill_null(values, 0).cast(pa.decimal128(38, values.type.scale))
        # The same digits read without a fraction.
        digits = pa.decimal128(38, 0)
        whole = [pa.Array.from_buffers(digits, len(one), one.buffers(), offset=one.offset) for one in units.chunks]
        numbers = pa.chunked_array(whole, digits).cast(pa.int64()).to_numpy()
    except pa.ArrowInvalid:
        return None
    holds = numbers.min(initial=0) >= -EXACT and numbers.max(initial=0) <= EXACT
    return numbers.astype(np.float64) if holds else None
