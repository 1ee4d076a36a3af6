"""A profile as JSON: whole, versioned, refused where it is broken, and silent about single people."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from profiled import in_duckdb, rows

from pytest_mlquality.data.profiles import Profile, profile
from pytest_mlquality.errors import DataError


@pytest.fixture(scope="module")
def reference():
    return profile(in_duckdb(rows(3_000)), unit="age")


def test_a_profile_is_read_as_it_was_written(reference):
    again = Profile.from_json(reference.to_json())
    assert again == reference
    assert again.to_json() == reference.to_json()
    other = rows(500, seed=3)
    assert profile(in_duckdb(other), like=again) == profile(in_duckdb(other), like=reference)


def test_a_profile_of_the_first_version_is_read(reference):
    document = json.loads(reference.to_json().replace("profile/v3", "profile/v1"))
    del document["profile"]["pairs"]
    for column in document["profile"]["columns"].values():
        del column["atoms"], column["unlisted"]
    assert Profile.from_json(json.dumps(document)) == without_atoms(reference)


def without_atoms(some):
    """Return a profile that says nothing of single numbers, as old ones do and as few rows have it."""
    return replace(some, columns={name: replace(one, atoms={}, unlisted=None) for name, one in some.columns.items()})


def test_it_is_json_of_the_standard_even_where_moments_overflow(reference):
    def refuse(constant):
        raise AssertionError(constant)

    json.loads(reference.to_json(), parse_constant=refuse)
    assert not np.isfinite(reference.columns["spiked"].sums[3])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text[: len(text) // 2], "no JSON"),
        (lambda text: "", "no JSON"),
        (lambda text: "[1, 2]", "no format"),
        (lambda text: text.replace("profile/v3", "profile/v4"), "version 4 is newer than 3"),
        (lambda text: text.replace('"counts":[', '"counts":[1,', 1), "counts for"),
        (lambda text: text.replace('"missing":0', '"missing":7', 1), "do not add up"),
        (lambda text: text.replace('"kind":"number"', '"kind":"colour"', 1), "columns.normal.kind"),
        (lambda text: text.replace('"rows":3000', '"rows":2999', 1), "other rows than the table"),
        (lambda text: text.replace('"zeros"', '"zeroes"', 1), "zeroes"),
        (
            lambda text: text.replace('"starts":[', '"starts":[1e9,', 1).replace('"counts":[', '"counts":[0,', 1),
            "starts",
        ),
    ],
)
def test_a_broken_or_newer_profile_is_refused_with_a_remedy(reference, change, said):
    with pytest.raises(DataError, match=said) as caught:
        Profile.from_json(change(reference.to_json()))
    assert caught.value.remedy


def canaries():
    """Return rows in which single people stand out: their name, note, largest salary, birthday."""
    draw = np.random.default_rng(5)
    n = 2_000
    frame = pd.DataFrame(
        {
            "salary": draw.lognormal(10, 0.5, n).round(2),
            "born": pd.Timestamp("1960-01-01") + pd.to_timedelta(draw.integers(0, 10**9, n), unit="s"),
            "town": draw.choice(["Lynn", "Boston"], n),
            "note": [f"note of person {one}" for one in range(n)],
        }
    )
    frame.loc[0, ["salary", "town", "note"]] = [9876543.21, "Canaryville", "secret canary"]
    frame.loc[1, "salary"] = -123456.78
    frame.loc[0, "born"] = pd.Timestamp("1901-02-03 04:05:06")
    frame.loc[2:10, "town"] = "Nine of us"
    frame.loc[11:20, "town"] = "Ten of us"
    return frame


def test_json_holds_nothing_of_single_people():
    frame = canaries()
    p = profile(in_duckdb(frame))
    assert p.columns["town"].new_labels == {"Nine of us": 9, "Canaryville": 1}
    text = p.to_json()
    for canary in ("9876543.21", "-123456.78", "Canaryville", "Nine of us", "canary", "note of", "1901", "-2174"):
        assert canary not in text, canary
    assert "Ten of us" in text
    read = Profile.from_json(text).columns["town"]
    assert (read.new_labels, read.more_labels, read.more_rows) == ({}, 2, 10)
    assert read.counts == p.columns["town"].counts
    numbers = set(_numbers(json.loads(text)))
    for name in ("salary", "born"):
        values = frame[name] if name == "salary" else frame[name].astype("int64") / 10**9
        for extreme in (values.min(), values.max()):
            assert extreme not in numbers
        assert not any(abs(number) >= abs(values.max()) for number in p.columns[name].layout.starts) or name == "born"


def test_few_values_have_neither_edges_nor_moments():
    p = profile(in_duckdb(pd.DataFrame({"x": [3.25, 7.5], "t": ["Ann", "Bob"]})))
    text = p.to_json()
    assert not {3.25, 7.5, 5.375} & set(_numbers(json.loads(text)))
    assert "Ann" not in text
    read = Profile.from_json(text)
    assert np.isnan(read.columns["x"].mean)
    assert read.columns["x"].counts == (2, 0, 0)


def test_a_merge_of_what_was_read_keeps_the_counts(reference):
    some = profile(in_duckdb(rows(400, seed=8)), like=reference)
    merged = Profile.from_json(reference.to_json()).merge(Profile.from_json(some.to_json()))
    assert {name: column.counts for name, column in merged.columns.items()} == {
        name: column.counts for name, column in reference.merge(some).columns.items()
    }


def test_columns_that_do_not_match_are_written_too(reference):
    numbers_here = rows(50).assign(colour=range(50))
    found = profile(in_duckdb(numbers_here), like=reference)
    assert without_atoms(Profile.from_json(found.to_json())) == without_atoms(found)


def _numbers(node):
    if isinstance(node, dict):
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from _numbers(each)
    elif isinstance(node, int | float):
        yield node
