"""What kind of column every type makes, and how frames show it."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from pytest_mlquality.data import in_memory, open_split
from pytest_mlquality.data.identifiers import identifiers
from pytest_mlquality.data.kinds import kind_of
from pytest_mlquality.data.written_values import is_written

KINDS = {
    "whole": [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()],
    "number": [pa.float16(), pa.float32(), pa.float64()],
    "decimal": [pa.decimal128(10, 2), pa.decimal128(20, 0), pa.decimal256(20, 2)],
    "day": [pa.date32(), pa.date64()],
    "moment": [
        *map(pa.timestamp, ("s", "ms", "us", "ns")),
        *(pa.timestamp(unit, "Europe/Berlin") for unit in ("s", "us", "ns")),
    ],
    "truth": [pa.bool_()],
    "text": [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string()), pa.null()],
    "other": [
        pa.time32("s"),
        pa.time64("ns"),
        pa.duration("us"),
        pa.binary(),
        pa.list_(pa.int64()),
        pa.struct([("a", pa.int64())]),
    ],
}
# pandas' dtype of a column of which one value is missing.
SHOWN = {
    "whole": "float64",
    "number": "float",
    "decimal": "float64",
    "day": "datetime64",
    "moment": "datetime64",
    "truth": "object",
}


def test_every_type_of_arrow_is_of_one_kind():
    columns = {f"{kind} {place}": (kind, type_) for kind, types in KINDS.items() for place, type_ in enumerate(types)}
    table = in_memory("test", pa.table({name: pa.nulls(2, type_) for name, (_, type_) in columns.items()}), "here")
    found = {name: kind_of(type_) for name, type_ in table.expression.schema().items()}
    assert found == {name: kind for name, (kind, _) in columns.items()}
    read = [name for name, (kind, type_) in columns.items() if not pa.types.is_duration(type_)]
    for frame in (table.frame(read), next(table.batches(read))):
        for name in read:
            assert str(frame[name].dtype).startswith(SHOWN.get(columns[name][0], "")), name


@pytest.mark.parametrize(
    "type_",
    [pa.decimal128(12, 2), pa.decimal128(38, 2), pa.decimal32(9, 2), pa.decimal256(70, 2)],
    ids=str,
)
def test_a_decimal_is_the_nearest_float(type_):
    cents = np.random.default_rng(0).integers(-(10**7), 10**7, 2000).tolist()
    wanted = [Decimal(one).scaleb(-2) for one in cents]
    frame = in_memory("test", pa.table({"v": pa.array([*wanted, None], type_)}), "here").frame(["v"])
    assert frame["v"].tolist()[:-1] == [float(one) for one in wanted]
    assert frame["v"].isna().sum() == 1


@pytest.mark.parametrize("type_", [pa.int64(), pa.uint64(), pa.decimal128(20, 0), pa.decimal128(38, 9)], ids=str)
@pytest.mark.parametrize("base", [0, 2**62])
def test_whole_numbers_name_what_they_named_where_one_is_missing(type_, base):
    numbers = [base, base + 1, None, base + 3]
    exact = [Decimal(one) if one is not None and pa.types.is_decimal(type_) else one for one in numbers]
    table = in_memory("test", pa.table({"v": pa.array(exact, type_)}), "here")
    for frame in (table.frame(["v"]), next(table.batches(["v"])), table.sample(["v"], 4, 0).sort_index()):
        assert pd.api.types.is_numeric_dtype(frame["v"])
        assert [None if pd.isna(one) else int(one) for one in identifiers(frame["v"])] == numbers


def test_decimals_that_no_integer_holds_stay_what_they_are():
    exact = [Decimal(10**25 + one) for one in range(3)]
    frame = in_memory("test", pa.table({"v": pa.array(exact, pa.decimal128(38, 0))}), "here").frame(["v"])
    assert identifiers(frame["v"]).tolist() == exact


@pytest.mark.parametrize(
    ("values", "written", "places"),
    [
        (pa.array([2**60, 2**60 + 1]), str(2**60 + 1), [1]),
        (pa.array([12.0, None]), "12", [0]),
        (pa.array([Decimal("12.00"), Decimal(2**60)]), "12", [0]),
        (pa.array([1, 2]), "1.5", []),
        (pa.array([1, 2]), str(10**30), []),
        (pa.array(["12", "012"]), "012", [1]),
    ],
)
def test_a_key_is_found_as_people_write_it(values, written, places):
    table = in_memory("test", pa.table({"id": values, "place": [0, 1]}), "here")
    found = table.having(is_written(table.expression["id"], written)).frame(["place"])
    assert found["place"].tolist() == places


def test_nanoseconds_with_a_zone_are_times_in_files_too(tmp_path):
    moments = pa.array([0, 1_500_000_000], pa.timestamp("ns", "Europe/Berlin"))
    parquet.write_table(pa.table({"at": moments}), tmp_path / "t.parquet")
    table = open_split("test", source="t.parquet", base=tmp_path)
    assert kind_of(table.expression.schema()["at"]) == "moment"
    assert table.frame(["at"])["at"].tolist() == [pd.Timestamp(0, tz="UTC"), pd.Timestamp(1.5, unit="s", tz="UTC")]
