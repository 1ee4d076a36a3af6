"""Canonical cells of the content digest: arrays of any Arrow type to 33 bytes a value (see `content`)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import types

from pytest_mlquality.data.faults import Reason

WIDTH = 33
_Cells = NDArray[np.uint8]
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_DAY_S = 86_400


def cells(values: pa.Array) -> _Cells:
    """Return one cell for every value of a pyarrow Array.

    Returns
    -------
    ndarray of shape (len(values), 33), uint8

    Raises
    ------
    Reason
        The Arrow type is not in the definition.
    """
    values = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    type_ = values.type
    if types.is_null(type_):
        return _empty(len(values), b"0")
    encode = next((encode for is_kind, encode in _ENCODERS if is_kind(type_)), None)
    if encode is None:
        raise Reason(f"the type {type_} has no canonical form")
    made = encode(values)
    made[~np.asarray(pc.is_valid(values))] = _empty(1, b"0")
    return made


def _empty(n: int, tag: bytes) -> _Cells:
    made = np.zeros((n, WIDTH), dtype=np.uint8)
    made[:, 0] = tag[0]
    return made


def _laid(tag: bytes, *parts: NDArray[Any]) -> _Cells:
    """Return cells of a tag and 8 bytes for every part."""
    made = _empty(len(parts[0]), tag)
    for place, part in enumerate(parts):
        wide = part.astype(">f8" if part.dtype.kind == "f" else ">i8")
        made[:, 1 + 8 * place : 9 + 8 * place] = wide.view(np.uint8).reshape(-1, 8)
    return made


def _plain(values: pa.Array, type_: pa.DataType | None = None) -> NDArray[Any]:
    """Return the values as numpy, with zeros in place of nulls."""
    filled = pc.fill_null(values if type_ is None else values.cast(type_), 0)
    array: NDArray[Any] = filled.to_numpy(zero_copy_only=False)
    return array


def _integers(values: pa.Array) -> _Cells:
    if types.is_uint64(values.type) and (pc.max(values).as_py() or 0) >= 2**63:
        return _by_value(values, _number)
    return _laid(b"i", _plain(values, pa.int64()))


def _floats(values: pa.Array) -> _Cells:
    numbers = _plain(values, pa.float64())
    whole = (np.floor(numbers) == numbers) & (numbers >= -(2.0**63)) & (numbers < 2.0**63)
    made = _laid(b"f", numbers)
    made[whole] = _laid(b"i", numbers[whole].astype(np.int64))
    made[np.isnan(numbers)] = _empty(1, b"0")
    return made


def _booleans(values: pa.Array) -> _Cells:
    made = _empty(len(values), b"b")
    made[:, 1] = pc.fill_null(values, False).to_numpy(zero_copy_only=False)
    return made


def _timestamps(values: pa.Array) -> _Cells:
    return _seconds(b"t", values, _PER_SECOND[values.type.unit])


def _dates(values: pa.Array) -> _Cells:
    days = _plain(values.cast(pa.date32()), pa.int32()).astype(np.int64)
    return _laid(b"t", days * _DAY_S, np.zeros(len(days), dtype=np.int64))


def _times(values: pa.Array) -> _Cells:
    wide = pa.int32() if types.is_time32(values.type) else pa.int64()
    return _seconds(b"c", values.cast(wide), _PER_SECOND[values.type.unit])


def _durations(values: pa.Array) -> _Cells:
    return _seconds(b"d", values, _PER_SECOND[values.type.unit])


def _seconds(tag: bytes, values: pa.Array, per_second: int) -> _Cells:
    seconds, rest = np.divmod(_plain(values.cast(pa.int64())), per_second)
    return _laid(tag, seconds, rest * (10**9 // per_second))


def _texts(values: pa.Array) -> _Cells:
    return _by_value(values, lambda text: b"s" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())


def _binaries(values: pa.Array) -> _Cells:
    return _by_value(values, lambda raw: b"y" + hashlib.sha256(raw).digest())


def _decimals(values: pa.Array) -> _Cells:
    return _by_value(values, _number)


def _number(value: int | Decimal) -> bytes:
    if value == int(value) and -(2**63) <= value < 2**63:
        return b"i" + int(value).to_bytes(8, "big", signed=True)
    if value == float(value):
        return b"f" + np.array(float(value), dtype=">f8").tobytes()
    return b"n" + hashlib.sha256(_shortest(Decimal(value)).encode()).digest()


def _shortest(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _dictionaries(values: pa.Array) -> _Cells:
    return cells(values.cast(values.type.value_type))


def _lists(values: pa.Array) -> _Cells:
    return _over_runs(b"l", values, cells(values.flatten()), in_order=True)


def _maps(values: pa.Array) -> _Cells:
    plain = values.cast(pa.list_(pa.struct([("key", values.type.key_type), ("value", values.type.item_type)])))
    return _over_runs(b"l", plain, cells(plain.flatten()), in_order=False)


def _structs(values: pa.Array) -> _Cells:
    names = sorted((field.name for field in values.type), key=str.encode)
    heads = [hashlib.sha256(name.encode()).digest() for name in names]
    inner = [cells(values.field(name)) for name in names]
    return _joined(
        b"m",
        (
            b"".join(head + cell[row].tobytes() for head, cell in zip(heads, inner, strict=True))
            for row in range(len(values))
        ),
    )


def _over_runs(tag: bytes, values: pa.Array, inner: _Cells, *, in_order: bool) -> _Cells:
    lengths = np.asarray(pc.fill_null(pc.list_value_length(values), 0))
    ends = np.cumsum(lengths)
    runs = ([cell.tobytes() for cell in inner[end - n : end]] for n, end in zip(lengths, ends, strict=True))
    return _joined(tag, (b"".join(run if in_order else sorted(run)) for run in runs))


def _joined(tag: bytes, texts: Iterable[bytes]) -> _Cells:
    return _stacked([tag + hashlib.sha256(text).digest() for text in texts])


def _by_value(values: pa.Array, encode: Callable[[Any], bytes]) -> _Cells:
    """Encode each different value once."""
    coded = values.dictionary_encode()
    table = _stacked([encode(value) for value in coded.dictionary.to_pylist()] or [b"0"])
    places: NDArray[Any] = pc.fill_null(coded.indices, 0).to_numpy(zero_copy_only=False)
    return np.take(table, places, axis=0)


def _stacked(encoded: list[bytes]) -> _Cells:
    whole = b"".join(cell.ljust(WIDTH, b"\0") for cell in encoded)
    return np.frombuffer(whole, dtype=np.uint8).reshape(-1, WIDTH).copy()


_ENCODERS: tuple[tuple[Callable[[Any], bool], Callable[[Any], _Cells]], ...] = (
    (types.is_integer, _integers),
    (types.is_floating, _floats),
    (types.is_boolean, _booleans),
    (types.is_string, _texts),
    (types.is_large_string, _texts),
    (types.is_timestamp, _timestamps),
    (types.is_date, _dates),
    (types.is_time, _times),
    (types.is_duration, _durations),
    (types.is_decimal, _decimals),
    (types.is_dictionary, _dictionaries),
    (types.is_binary, _binaries),
    (types.is_large_binary, _binaries),
    (types.is_fixed_size_binary, _binaries),
    (types.is_map, _maps),
    (types.is_list, _lists),
    (types.is_large_list, _lists),
    (types.is_fixed_size_list, _lists),
    (types.is_struct, _structs),
)
