"""Columns of every kind that Arrow has: how their values are drawn, and tables made of them."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

ZONE = dt.UTC
# Numbers that a double holds too: a pandas column with a missing value has no others.
EXACT = 2**53


@dataclass(frozen=True)
class Kind:
    """One type of column, and the strategy of its values."""

    type: pa.DataType
    values: st.SearchStrategy


def whole(bits, *, signed=True):
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    return st.integers(max(low, -EXACT), min(high, EXACT))


def floats(width):
    return st.floats(width=width, allow_subnormal=False)


def moments(first, last, zone=None):
    zones = st.none() if zone is None else st.just(zone)
    return st.datetimes(first, last, timezones=zones)


# What every clock and calendar holds; a pandas column of objects may hold the others too.
LONG_AGO, FAR = dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59)
OF_NANOSECONDS = dt.datetime(1700, 1, 1), dt.datetime(2250, 1, 1)
# No surrogates, which no file holds; no control characters, at which CSV readers differ.
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12).map(str.strip).filter(bool)
LOOKS_LIKE_ELSE = st.sampled_from(
    [
        "T",
        "F",
        "yes",
        "no",
        "true",
        "10-1-3",
        "10/12/14",
        "12:30",
        "0x1F",
        "inf",
        "nan",
        "01",
        "1e5",
        "NULL",
        "a,b",
        '"',
    ]
)

KINDS = {
    **{f"int{bits}": Kind(getattr(pa, f"int{bits}")(), whole(bits)) for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": Kind(getattr(pa, f"uint{bits}")(), whole(bits, signed=False)) for bits in (8, 16, 32, 64)},
    "float16": Kind(pa.float16(), floats(16).map(np.float16)),
    "float32": Kind(pa.float32(), floats(32)),
    "float64": Kind(pa.float64(), floats(64)),
    "decimal": Kind(pa.decimal128(12, 2), st.decimals(-(10**9), 10**9, places=2)),
    "decimal_of_ids": Kind(pa.decimal128(20, 0), st.decimals(0, 10**12, places=0)),
    "date32": Kind(pa.date32(), st.dates()),
    "date64": Kind(pa.date64(), st.dates()),
    "timestamp_s": Kind(pa.timestamp("s"), moments(LONG_AGO, FAR).map(lambda time: time.replace(microsecond=0))),
    "timestamp_ms": Kind(pa.timestamp("ms"), moments(LONG_AGO, FAR).map(lambda time: time.replace(microsecond=0))),
    "timestamp_us": Kind(pa.timestamp("us"), moments(LONG_AGO, FAR)),
    "timestamp_ns": Kind(pa.timestamp("ns"), moments(*OF_NANOSECONDS)),
    "timestamp_utc": Kind(pa.timestamp("us", "UTC"), moments(*OF_NANOSECONDS, ZONE)),
    "timestamp_berlin": Kind(pa.timestamp("us", "Europe/Berlin"), moments(*OF_NANOSECONDS, ZONE)),
    "boolean": Kind(pa.bool_(), st.booleans()),
    "category": Kind(pa.dictionary(pa.int8(), pa.string()), TEXTS),
    "category_of_numbers": Kind(pa.dictionary(pa.int32(), pa.int64()), whole(16)),
    "text": Kind(pa.string(), TEXTS),
    "large_text": Kind(pa.large_string(), TEXTS),
    "text_like_else": Kind(pa.string(), LOOKS_LIKE_ELSE),
}
# What no CSV holds, and other formats hold as they can.
ODD_KINDS = {
    "decimal256": Kind(pa.decimal256(40, 2), st.decimals(-(10**9), 10**9, places=2)),
    "time32": Kind(pa.time32("s"), st.times().map(lambda time: time.replace(microsecond=0))),
    "time64": Kind(pa.time64("us"), st.times()),
    "duration": Kind(pa.duration("us"), st.timedeltas(dt.timedelta(0), dt.timedelta(days=9999))),
    "text_view": Kind(pa.string_view(), TEXTS),
    "binary": Kind(pa.binary(), st.binary(max_size=6)),
    "fixed_binary": Kind(pa.binary(2), st.binary(min_size=2, max_size=2)),
    "list": Kind(pa.list_(pa.int64()), st.lists(whole(32), max_size=3)),
    "vector": Kind(pa.list_(pa.float32(), 2), st.lists(floats(32), min_size=2, max_size=2)),
    "struct": Kind(pa.struct([("a", pa.int64())]), st.fixed_dictionaries({"a": whole(32)})),
    "null": Kind(pa.null(), st.none()),
}


@st.composite
def tables(draw, kinds, *, rows):
    """Return two tables of a column of each kind beside a key and a label, a few different values in each column."""
    pools = {name: draw(st.lists(kind.values, min_size=3, max_size=5)) for name, kind in kinds.items()}
    gaps = {name: draw(st.sampled_from([0.2, 0.0])) for name in kinds}
    seed = draw(st.integers(0, 2**16))
    return [_table(kinds, pools, gaps, np.random.default_rng([seed, side]), rows) for side in (0, 1)]


def _table(kinds, pools, gaps, chance, rows):
    start = int(chance.integers(10**6))
    columns = {"id": pa.array(range(start, start + rows)), "y": pa.array(chance.integers(0, 2, rows))}
    for name, kind in kinds.items():
        drawn = [pools[name][place] for place in chance.integers(0, len(pools[name]), rows)]
        values = [None if chance.random() < gaps[name] else value for value in drawn]
        columns[name] = _array(values, kind.type)
    return pa.table(columns)


def _array(values, type_):
    if not pa.types.is_dictionary(type_):
        return pa.array(values, type_)
    return pa.array(values, type_.value_type).dictionary_encode().cast(type_)
