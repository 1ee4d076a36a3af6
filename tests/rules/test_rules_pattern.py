"""A pattern means to every engine what it means to Python, or is left to Python."""

import re

import pandera.pandas as pandera
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from patterns import OF_PYTHON, PORTABLE, TEXTS, as_python
from random_schemas import FIXED

from pytest_mlquality.rules.pattern import portable
from pytest_mlquality.rules.rule import CustomRule, RowRule


def matched(table, patterns):
    """The texts in which an engine finds each pattern."""
    text = table.expression.text
    asked = table.expression.select(text=text, **{f"p{n}": text.re_search(said) for n, said in enumerate(patterns)})
    answers = asked.to_pyarrow()
    texts = answers["text"].to_pylist()
    return [
        {text for text, found in zip(texts, answers[f"p{n}"].to_pylist(), strict=True) if found}
        for n in range(len(patterns))
    ]


@pytest.mark.parametrize("from_start", [True, False], ids=["match", "search"])
@pytest.mark.parametrize("engine", ["duckdb", "polars"])
def test_a_portable_pattern_finds_what_python_finds(engines, engine, from_start):
    table = getattr(engines, engine)(pa.table({"text": TEXTS}))
    found = matched(table, [portable(pattern, from_start=from_start) for pattern in PORTABLE])
    wanted = [{text for text in TEXTS if as_python(pattern, text, from_start)} for pattern in PORTABLE]
    assert dict(zip(PORTABLE, found, strict=True)) == dict(zip(PORTABLE, wanted, strict=True))


@pytest.mark.parametrize("engine", ["duckdb", "polars"])
@settings(FIXED, max_examples=60)
@given(
    st.lists(st.from_regex(r"\A([ab.^$|]|\\[dwsDWS]|\[\^?[ab\-é]+\]|\(a|b\)|[ab][*+?]){0,6}\Z"), min_size=1, max_size=8)
)
def test_a_random_pattern_finds_what_python_finds(engines, engine, patterns):
    known = [pattern for pattern in patterns if is_pattern(pattern) and portable(pattern, from_start=False) is not None]
    assume(known)
    table = getattr(engines, engine)(pa.table({"text": TEXTS}))
    found = matched(table, [portable(pattern, from_start=False) for pattern in known])
    assert found == [{text for text in TEXTS if as_python(pattern, text, from_start=False)} for pattern in known]


def is_pattern(text):
    try:
        re.compile(text)
    except re.error:
        return False
    return True


@pytest.mark.parametrize("pattern", OF_PYTHON)
def test_what_engines_read_otherwise_is_left_to_python(pattern):
    assert portable(pattern, from_start=True) is None


@pytest.mark.parametrize("engine", ["duckdb", "polars"])
@pytest.mark.parametrize("made", [pandera.Check.str_matches, pandera.Check.str_contains], ids=["match", "search"])
def test_python_counts_what_engines_cannot(engines, engine, made):
    patterns = [*OF_PYTHON, re.compile("a", re.IGNORECASE), re.compile("b$", re.MULTILINE)]
    checks = [made(pattern, name=f"p{place}", error=f"p{place}") for place, pattern in enumerate(patterns)]
    schema = pandera.DataFrameSchema({"text": pandera.Column(str, checks, nullable=True)})
    found = engines.judged(schema, getattr(engines, engine)(pa.table({"text": [*TEXTS, None]})))
    from_start = made == pandera.Check.str_matches
    for place, pattern in enumerate(patterns):
        finding = found[f"text: p{place}"]
        assert isinstance(finding.rule, CustomRule)
        assert finding.count == sum(not as_python(pattern, text, from_start) for text in TEXTS), pattern


def test_a_compiled_pattern_without_flags_is_a_query(engines):
    check = pandera.Check.str_matches(re.compile("a"))
    found = engines.judged(
        pandera.DataFrameSchema({"text": pandera.Column(str, check)}), engines.duckdb(pa.table({"text": TEXTS}))
    )
    [finding] = [finding for rule, finding in found.items() if "str_matches" in rule]
    assert isinstance(finding.rule, RowRule)
    assert finding.count == sum(not text.startswith("a") for text in TEXTS)
