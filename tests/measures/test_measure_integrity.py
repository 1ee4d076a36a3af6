"""What can be wrong with one split, counted by the engine, against pandas."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pytest_mlquality.data import open_split
from pytest_mlquality.errors import DataError
from pytest_mlquality.measures.integrity import MEASURES, Roles, integrity
from pytest_mlquality.settings.limits import schema_measures

ROLES = Roles(("a", "b", "t"), target="y", key="id", time="at")


@pytest.fixture
def opened(tmp_path):
    def open_table(columns, name="test"):
        pq.write_table(pa.table(columns), tmp_path / f"{name}.parquet")
        return open_split(name, source=f"{name}.parquet", base=tmp_path)

    return open_table


@pytest.fixture
def drawn():
    draw = np.random.default_rng(3)
    n = 500
    return pd.DataFrame(
        {
            "id": np.arange(n),
            "a": draw.integers(4, size=n),
            "b": np.where(draw.random(n) < 0.1, None, draw.integers(3, size=n)).astype(object),
            "t": draw.choice(["x", "y ", "", "N/A", "7"], size=n),
            "y": draw.integers(2, size=n),
        }
    ).astype({"b": "Int64"})


def test_every_measure_of_the_settings_is_there():
    assert {*MEASURES, "mismatched_columns", "missing_targets", "broken_rules"} == set(schema_measures())


def test_repeated_rows_are_those_of_pandas(opened, drawn):
    table = opened(pa.Table.from_pandas(drawn))
    assert integrity("duplicate_rows", table, ROLES).value == drawn.drop(columns="id").duplicated().mean()


def test_conflicting_labels_are_those_of_pandas(opened, drawn):
    labels = drawn.groupby(["a", "b", "t"], dropna=False)["y"].transform("nunique")
    assert integrity("conflicting_labels", opened(pa.Table.from_pandas(drawn)), ROLES).value == (labels > 1).mean()


def test_features_may_have_any_name(opened):
    table = opened({"times": [1, 1], "labels": [2, 2], "f0": [3, 3], "y": [0, 1]})
    assert integrity("conflicting_labels", table, Roles(("times", "labels", "f0"), target="y")).value == 1.0


@pytest.mark.parametrize(
    ("labels", "ambiguous"), [(["yes", "Yes", " yes", "no", None], 2), ([0, 1, 1], 0), (["a", "b"], 0)]
)
def test_ambiguous_labels(opened, labels, ambiguous):
    assert integrity("ambiguous_labels", opened({"y": labels}), ROLES).value == ambiguous


def test_the_rarest_class_is_a_share_of_the_labelled_rows(opened):
    table = opened({"y": ["a"] * 6 + ["b"] * 2 + [None] * 2})
    assert integrity("rarest_class", table, ROLES).value == 0.25


def test_no_label_at_all_is_said(opened):
    with pytest.raises(DataError, match="no row has a label"):
        integrity("rarest_class", opened({"y": pa.array([None, None], pa.int64())}), ROLES)


@pytest.mark.parametrize(
    ("values", "constant"), [([1, 1, 1], 1), ([1, 1, None], 0), ([None, None, None], 1), ([1, 2, 1], 0)]
)
def test_a_missing_value_is_a_value_of_its_own(opened, values, constant):
    table = opened({"a": pa.array(values, pa.int64()), "y": [1, 1, 1]})
    assert integrity("constant_columns", table, Roles(("a",), target="y")).value == constant


def test_identifiers_are_texts_or_whole_numbers_with_a_value_a_row(opened):
    n = 300
    table = opened(
        {"a": [f"name {place}" for place in range(n)], "b": list(range(n)), "t": np.arange(n) / 7, "id": list(range(n))}
    )
    found = integrity("identifier_columns", table, ROLES)
    assert (found.value, found.reason) == (2, "a, b")


def test_numbers_among_texts(opened):
    table = opened({"a": ["1", "2", "nan", "x"], "b": ["1", "2.5", "N/A", "3"], "t": ["x", "nan", "zed", "inf"]})
    found = integrity("mixed_columns", table, ROLES)
    assert (found.value, found.reason) == (1, "a")


def test_placeholders_stand_for_missing_values(opened, drawn):
    expected = drawn["t"].str.strip().str.lower().isin(["", "n/a"]).mean()
    assert integrity("placeholders", opened(pa.Table.from_pandas(drawn)), ROLES).value == pytest.approx(expected)


@pytest.mark.parametrize("white", ["\u00a0", "\u2003", "\u3000", "\x1f", "\n", "\u200a \t"])
def test_white_space_is_all_that_python_strips(opened, white):
    table = opened(
        {"t": [white, f"{white}Null{white}", f"x{white}", "nu ll"], "a": [f"{white}1{white}", "x", "y", "z"]}
    )
    assert integrity("placeholders", table, Roles(("t",))).value == 0.5
    assert integrity("mixed_columns", table, Roles(("a",))).value == 1


def test_infinite_values(opened):
    table = opened({"a": [1.0, np.inf, np.nan, -np.inf], "b": [1.0, np.inf, 2.0, 3.0]})
    assert integrity("infinite_values", table, ROLES).value == 0.5


def test_outliers_are_far_outside_of_the_range_in_train(opened):
    train = opened({"a": np.linspace(0, 100, 2001)}, "train")
    test = opened({"a": [50.0, 150.0, 300.0, -150.0, np.nan]})
    found = integrity("outlier_rows", test, ROLES, train=train)
    assert (found.value, found.reason) == (0.4, "a")


def test_what_is_infinite_in_train_widens_no_range(opened):
    train = opened({"a": [*np.linspace(0, 100, 2001), *[np.inf, -np.inf] * 9]}, "train")
    assert integrity("outlier_rows", opened({"a": [50.0, 300.0, np.inf]}), ROLES, train=train).value == 2 / 3


def test_without_train_no_range_is_known(opened):
    with pytest.raises(DataError, match=r"\[data.train\] is not declared"):
        integrity("outlier_rows", opened({"a": [1.0]}), ROLES)


@pytest.mark.parametrize("zone", [UTC, None], ids=["zoned", "naive is UTC"])
def test_staleness_is_the_age_of_the_newest_row_in_days(opened, zone):
    newest = (datetime.now(UTC) - timedelta(hours=36)).replace(tzinfo=zone)
    table = opened({"at": [newest - timedelta(days=9), newest, None]})
    assert integrity("staleness", table, ROLES).value == pytest.approx(1.5, abs=0.01)


def test_a_newest_row_in_the_future_hides_no_age(opened):
    with pytest.raises(DataError, match="more than a year in the future"):
        integrity("staleness", opened({"at": [datetime(2020, 1, 1), datetime(2999, 1, 1)]}), ROLES)


def test_rows_without_a_time_have_no_age(opened):
    with pytest.raises(DataError, match="no row has a 'at'"):
        integrity("staleness", opened({"at": pa.array([None], pa.timestamp("us"))}), ROLES)


def test_outliers_are_counted_exactly(opened):
    draw = np.random.default_rng(4)
    values = np.concatenate([draw.normal(size=200_000), [40.0, -40.0, 9.0]])
    train = opened({"a": values}, "train")
    low, high = np.quantile(values, [0.001, 0.999])
    expected = ((values < low - (high - low)) | (values > high + (high - low))).mean()
    assert integrity("outlier_rows", train, ROLES, train=train).value == expected


def test_a_date_is_as_old_as_its_beginning(opened):
    assert 2 <= integrity("staleness", opened({"at": [date.today() - timedelta(days=2)]}), ROLES).value <= 4


def test_the_age_of_a_number_is_not_known(opened):
    with pytest.raises(DataError, match="'at' is int64, not a time"):
        integrity("staleness", opened({"at": [2015]}), ROLES)


@pytest.mark.parametrize(("name", "role"), [("staleness", "time"), ("rarest_class", "target")])
def test_a_role_that_nobody_named_is_asked_for(opened, name, role):
    with pytest.raises(DataError, match=rf"\[data\] {role} is not set"):
        integrity(name, opened({"a": [1]}), Roles(("a",)))
