"""Random tables of every kind of column, and random schemas of pandera over them."""

import math
from datetime import datetime, timedelta

import pandera.pandas as pandera
import pyarrow as pa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from pytest_mlquality.rules.agreement import described

# The same cases every time: a suite that is red on some days is believed on none.
FIXED = settings(derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
TEXTS = (
    "", "a", "A", "ab", "abc", "a b", "é", "e\u0301", "ß", "日本", "👩‍👩", "a\n", "\n", "a\nb", "7", "٣", " ", "a'b",
    "%", "_x",
)  # fmt: skip
NUMBERS = (-2.0, -1.0, -0.0, 0.0, 0.5, 1.0, 2.0, 1e300, math.inf, -math.inf, math.nan)
WHOLE = (-3, -1, 0, 1, 2, 3, 2**53 + 1, 2**63 - 1, -(2**63))
TIMES = tuple(datetime(2024, 1, 1) + timedelta(hours=hours) for hours in (0, 1, 24, 10_000))
KINDS = {
    "whole": (pa.int64(), WHOLE, "int64"),
    "number": (pa.float64(), NUMBERS, "float64"),
    "text": (pa.string(), TEXTS, "str"),
    "truth": (pa.bool_(), (True, False), "bool"),
    "time": (pa.timestamp("us"), TIMES, "datetime64[us]"),
}
PATTERNS = (
    "a", "^a", "a$", "b|A", "[ab]+", "[^a]", r"\d", r"\D", r"\w+$", r"\s", ".", "a.b", ".*b", "(a)(b)?", r"\Aa\Z",
    "é", "a{2,}", "", "(?i)a", "(?=a)", r"(.)\1",
)  # fmt: skip
REPORTS = ("all", "exclude_first", "exclude_last")


def values_of(kind):
    plain = st.sampled_from(KINDS[kind][1])
    if kind == "text":
        return plain | st.text(max_size=4)
    if kind == "whole":
        return plain | st.integers(-5, 5)
    return plain


@st.composite
def checks(draw, kind):
    like = values_of(kind if draw(st.integers(0, 9)) else draw(st.sampled_from(list(KINDS))))
    some = st.lists(like, max_size=4)
    options = {"ignore_na": draw(st.booleans())}
    made = [
        lambda: pandera.Check.equal_to(draw(like), **options),
        lambda: pandera.Check.not_equal_to(draw(like), **options),
        lambda: pandera.Check.greater_than(draw(like), **options),
        lambda: pandera.Check.greater_than_or_equal_to(draw(like), **options),
        lambda: pandera.Check.less_than(draw(like), **options),
        lambda: pandera.Check.less_than_or_equal_to(draw(like), **options),
        lambda: _in_range(draw, like, options),
        lambda: pandera.Check.isin(draw(some), **options),
        lambda: pandera.Check.notin(draw(some), **options),
        lambda: pandera.Check.unique_values_eq(draw(some), **options),
    ]
    if kind == "text" or not draw(st.integers(0, 9)):
        made += [
            lambda: pandera.Check.str_matches(draw(st.sampled_from(PATTERNS)), **options),
            lambda: pandera.Check.str_contains(draw(st.sampled_from(PATTERNS)), **options),
            lambda: pandera.Check.str_startswith(draw(st.sampled_from(TEXTS)), **options),
            lambda: pandera.Check.str_endswith(draw(st.sampled_from(TEXTS)), **options),
            lambda: pandera.Check.str_length(draw(st.integers(0, 2)), draw(st.integers(2, 4)), **options),
            lambda: pandera.Check.str_length(max_value=draw(st.integers(0, 3)), **options),
            lambda: pandera.Check.str_length(exact_value=draw(st.integers(0, 3)), **options),
        ]
    return draw(st.sampled_from(made))()


def _in_range(draw, like, options):
    low, high = draw(like), draw(like)
    try:
        low, high = (low, high) if low <= high else (high, low)
    except TypeError:
        high = low
    ends = {"include_min": draw(st.booleans()), "include_max": draw(st.booleans())}
    if low == high or low != low or high != high:
        ends = {}
    if low != low or high != high:
        low = high = 0.0
    return pandera.Check.in_range(low, high, **ends, **options)


@st.composite
def columns(draw, kind):
    wanted = draw(st.sampled_from([None, KINDS[kind][2], KINDS[kind][2], draw(st.sampled_from(list(KINDS)))]))
    return pandera.Column(
        KINDS[wanted][2] if wanted in KINDS else wanted,
        _with_different_names(draw(st.lists(checks(kind), max_size=4))),
        nullable=draw(st.booleans()),
        unique=draw(st.booleans()),
        report_duplicates=draw(st.sampled_from(REPORTS)),
    )


def _with_different_names(made):
    return list({described(check): check for check in made}.values())


@st.composite
def tables(draw):
    rows = draw(st.integers(0, 30))
    kinds = draw(st.lists(st.sampled_from(list(KINDS)), min_size=1, max_size=3))
    made = {}
    for place, kind in enumerate(kinds):
        value = values_of(kind)
        value = value | st.none() if draw(st.booleans()) else value
        made[f"{kind}_{place}"] = pa.array(draw(st.lists(value, min_size=rows, max_size=rows)), KINDS[kind][0])
    return pa.table(made)


@st.composite
def cases(draw):
    table = draw(tables())
    asked = {name: draw(columns(name.split("_")[0])) for name in table.column_names if draw(st.integers(0, 6))}
    if not draw(st.integers(0, 5)):
        asked["absent"] = pandera.Column(None, required=draw(st.booleans()))
    if not draw(st.integers(0, 2)):
        asked = {name: asked[name] for name in draw(st.permutations(list(asked)))}
    together = (
        draw(st.lists(st.sampled_from(table.column_names), unique=True, min_size=1)) if draw(st.booleans()) else None
    )
    schema = pandera.DataFrameSchema(
        asked,
        strict=draw(st.booleans()),
        ordered=draw(st.booleans()),
        unique=together,
        report_duplicates=draw(st.sampled_from(REPORTS)),
    )
    return table, schema
