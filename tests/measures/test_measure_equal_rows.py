"""Rows are compared by the values of the features: not by their types, nor by what tells all apart."""

import datetime as dt
import uuid
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from pytest_mlquality.data import in_memory, open_split
from pytest_mlquality.errors import DataError
from pytest_mlquality.measures.integrity import Roles, integrity
from pytest_mlquality.measures.leakage import shared_keys, shared_rows

NAN = float("nan")
N = 200
DAY, MIDNIGHT = dt.date(2026, 1, 1), dt.datetime(2026, 1, 1)
NOON = dt.datetime(2026, 1, 1, 12)
WRITTEN = {
    "NaN and NULL": (pa.array([NAN, 1.0]), pa.array([None, 1.0])),
    "single and double precision": (pa.array([0.1, NAN], pa.float32()), pa.array([0.1, None])),
    "zeros": (pa.array([-0.0]), pa.array([0.0])),
    "whole and floating": (pa.array([1, None]), pa.array([1.0, NAN])),
    "whole and decimal": (pa.array([1]), pa.array([Decimal("1.00")])),
    "decimal and floating": (pa.array([Decimal("0.10")]), pa.array([0.1])),
    "decimals": (pa.array([Decimal("0.10")]), pa.array([Decimal("0.1000")], pa.decimal128(38, 20))),
    "small and unsigned": (pa.array([7], pa.int8()), pa.array([7], pa.uint64())),
    "truth and whole": (pa.array([True, None]), pa.array([1, None])),
    "day and midnight": (pa.array([DAY]), pa.array([MIDNIGHT])),
    "units of time": (
        pa.array([MIDNIGHT, dt.datetime(9999, 12, 31)], pa.timestamp("us")),
        pa.array([MIDNIGHT, None], pa.timestamp("ns")),
    ),
    "zones": (pa.array([NOON], pa.timestamp("us", "UTC")), pa.array([NOON], pa.timestamp("ns", "America/New_York"))),
    "a zone and none": (pa.array([NOON], pa.timestamp("us", "UTC")), pa.array([NOON])),
    "dictionary and text": (pa.array(["a", None]).dictionary_encode(), pa.array(["a", None])),
    "nothing and a type": (pa.nulls(2), pa.array([None, NAN])),
    "large text": (pa.array(["a"], pa.large_string()), pa.array(["a"], pa.string_view())),
}


@pytest.fixture(params=["file", "memory"])
def opened(request, tmp_path):
    def open_table(columns, name):
        table = columns if isinstance(columns, pa.Table) else pa.table(columns)
        if request.param == "memory":
            return in_memory(name, table, "made here")
        parquet.write_table(table, tmp_path / f"{name}.parquet")
        return open_split(name, source=f"{name}.parquet", base=tmp_path)

    return open_table


@pytest.mark.parametrize("kind", WRITTEN)
def test_rows_are_equal_whichever_type_their_values_have(opened, kind):
    here, there = (pa.table({"a": values, "b": ["same"] * len(values)}) for values in WRITTEN[kind])
    roles = Roles(("a", "b"))
    for train, test in ((here, there), (there, here)):
        common = 0.5 if kind == "units of time" and test is here else 1.0
        wanted = 0.5 if kind == "units of time" else common
        assert shared_rows(opened(train, "train"), opened(test, "test"), roles).value == wanted


def test_unequal_values_stay_so(opened):
    train = opened({"a": [1.0, NAN], "b": [2**60, 2**60 + 1]}, "train")
    test = opened({"a": [1.0, 0.0], "b": [2**60 + 1, 2**60 + 1]}, "test")
    assert shared_rows(train, test, Roles(("a", "b"))).value == 0.0


def test_what_cannot_be_compared_is_named(opened):
    with pytest.raises(DataError, match=r"shared_rows: 'a' is a number in data\.train and text in data\.test"):
        shared_rows(opened({"a": [1]}, "train"), opened({"a": ["1"]}, "test"), Roles(("a",)))


def test_a_key_is_shared_as_number_and_as_text(opened):
    train, test = opened({"id": [1, 2, 2**60 + 1]}, "train"), opened({"id": ["2", "3", str(2**60 + 1)]}, "test")
    assert shared_keys(train, test, Roles((), key="id")).value == pytest.approx(2 / 3)
    assert shared_keys(test, train, Roles((), key="id")).value == pytest.approx(2 / 3)


def features(seed, n=N):
    draw = np.random.default_rng(seed)
    return {"income": draw.normal(size=n), "age": draw.integers(18, 80, size=n), "y": draw.integers(2, size=n)}


IDENTIFIERS = {
    "customer_id": lambda start: start * 10**9 + np.arange(N) * 7919,
    "instant": lambda start: start * N + np.arange(N),
    "uuid": lambda start: [str(uuid.UUID(int=start * N + n)) for n in range(N)],
    "account": lambda start: [f"C-{start}{n:05}" for n in range(N)],
    "Unnamed: 0": lambda start: start * 10**6 + np.arange(N) * 97,
}


@pytest.mark.parametrize("name", IDENTIFIERS)
def test_rows_are_compared_without_what_tells_every_row_apart(opened, name):
    train = opened({name: IDENTIFIERS[name](1), **features(1)}, "train")
    test = opened({name: IDENTIFIERS[name](2), **features(1)}, "test")
    roles = Roles((name, "income", "age"), target="y")
    found = shared_rows(train, test, roles)
    assert (found.value, found.reason) == (1.0, f"compared without {name}: unique in every row")
    assert integrity("duplicate_rows", test, roles).value == 0.0


@pytest.mark.parametrize(
    "values",
    [
        lambda seed: np.random.default_rng(seed).normal(size=N),
        lambda seed: np.random.default_rng(seed).permutation(10**5)[:N],
        lambda seed: [dt.datetime(2026, 1, 1) + dt.timedelta(hours=seed * N + n) for n in range(N)],
        lambda seed: [f"the customer wrote {seed} times {n}" for n in range(N)],
    ],
    ids=["floating", "large numbers", "times", "prose"],
)
def test_a_feature_that_happens_to_be_unique_is_a_feature(opened, values):
    same = {"sex": ["f", "m"] * (N // 2)}
    train, test = (opened({"value": values(seed), **same}, name) for seed, name in ((1, "train"), (2, "test")))
    found = shared_rows(train, test, Roles(("value", "sex")))
    assert found.value < 0.02
    assert not found.reason
    assert integrity("duplicate_rows", test, Roles(("value", "sex"))).value < 0.02


def test_the_folder_of_a_split_does_not_tell_its_rows_apart(tmp_path):
    for split in ("train", "test"):
        (tmp_path / f"split={split}").mkdir()
        parquet.write_table(pa.table(features(1)), tmp_path / f"split={split}" / "a.parquet")
    train, test = (open_split(s, source=f"split={s[:3]}*/*.parquet", base=tmp_path) for s in ("train", "test"))
    found = shared_rows(train, test, Roles(("income", "age", "split"), target="y"))
    assert (found.value, found.reason) == (1.0, "compared without split: one value in train, another in test")


def test_repeated_and_contradicting_rows_take_nan_for_missing_and_leave_identifiers_out(opened):
    n = 40
    table = opened(
        {
            "id": np.arange(n),
            "a": pa.array([NAN, None, 1.0, -1.0] * (n // 4)),
            "note": [f"{row} days" for row in range(n)],
            "y": pa.array([0.0, 1.0, NAN, None] * (n // 4)),
        },
        "test",
    )
    roles = Roles(("id", "a"), target="y", ignored=("note",))
    assert integrity("duplicate_rows", table, roles).value == 1 - 4 / n
    assert integrity("conflicting_labels", table, roles).value == 0.5
    assert integrity("rarest_class", table, roles).value == 0.5


@pytest.mark.parametrize("target", ["y", ("y",), ("y", "z")])
def test_labels_take_part_one_or_several(opened, target):
    train = opened({"a": [1, 2], "y": [0, 1], "z": [1, 1]}, "train")
    test = opened({"a": [1, 2], "y": [0, 0], "z": [1, 1]}, "test")
    assert shared_rows(train, test, Roles(("a",), target=target)).value == 0.5
