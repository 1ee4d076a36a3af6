"""What all texts of a column look like: a pattern that every row keeps, or none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from pytest_mlquality.data.date_formats import formats_of, has_time
from pytest_mlquality.proposal.looking.asking import answers
from pytest_mlquality.rules.pattern import portable

if TYPE_CHECKING:
    from pytest_mlquality.data import Table

LEAST_TEXTS = 50
# A shape is guessed from some texts and then asked of all.
MOST_READ = 2000
MOST_PARTS = 12
KNOWN = (
    ("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", "a UUID"),
    ("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "a date"),
    (r"^[^@\s]+@[^@\s]+\.[^@\s]+$", "an e-mail address"),
    (r"^https?://\S+$", "a web address"),
)
# Last of all, from narrow to wide.
ALPHABETS = (
    ("^[0-9]+$", "digits"),
    ("^[A-Z]+$", "capital letters"),
    ("^[a-z]+$", "small letters"),
    ("^[A-Za-z]+$", "letters"),
    ("^[A-Za-z0-9]+$", "letters and digits"),
    ("^[A-Za-z0-9_.-]+$", "letters, digits and _ . -"),
)
_CLASSES = (("[0-9]", str.isdigit), ("[A-Z]", str.isupper), ("[a-z]", str.islower))


def patterns_of(texts: list[str]) -> list[tuple[str, str]]:
    """Return the patterns, narrowest first, that all of some texts keep, each with what it says."""
    if len(texts) < LEAST_TEXTS:
        return []
    candidates = [*KNOWN, *((shape, "one shape") for shape in _shapes(texts[:MOST_READ])), *ALPHABETS]
    return [(pattern, said) for pattern, said in candidates if all(map(re.compile(pattern).match, texts))]


def date_formats_of(texts: list[str]) -> list[str]:
    """Return the types, as `[data] types` has them, of dates that some texts all are; none of those in ISO form."""
    known = formats_of(texts[0]) if texts else []
    fitting = [format_ for format_ in known if all(_is_date(text, format_) for text in texts)]
    return [f"{'timestamp' if has_time(format_) else 'date'} {format_}" for format_ in fitting]


def _is_date(text: str, format_: str) -> bool:
    try:
        datetime.strptime(text.strip(), format_)
    except ValueError:
        return False
    return True


def kept_by_all(
    tables: Mapping[str, Table], candidates: Mapping[str, list[tuple[str, str]]]
) -> dict[str, tuple[str, str]]:
    """Return for each column the first of its patterns that every row of every split keeps, as the gate reads it."""
    broken: dict[str, set[str]] = {name: set() for name in candidates}
    for table in tables.values():
        asked = {
            (name, pattern): table.expression.count(where=~table.expression[name].re_search(_portable(pattern)))
            for name, patterns in candidates.items()
            if name in table.columns
            for pattern, _ in patterns
        }
        answer = answers(table, {f"{place}": value for place, value in enumerate(asked.values())})
        for place, (name, pattern) in enumerate(asked):
            if answer.get(f"{place}", True):
                broken[name].add(pattern)
    kept = {name: [each for each in patterns if each[0] not in broken[name]] for name, patterns in candidates.items()}
    return {name: patterns[0] for name, patterns in kept.items() if patterns}


def _portable(pattern: str) -> str:
    said = portable(pattern, from_start=True)
    assert said is not None, pattern
    return said


def _shapes(texts: list[str]) -> list[str]:
    """Return the shape that all texts share, with the lengths of its parts and without."""
    found = [{_shape(text, lengths=lengths) for text in texts} for lengths in (True, False)]
    return [shape for shapes in found if len(shapes) == 1 for shape in shapes if shape is not None]


def _shape(text: str, *, lengths: bool) -> str | None:
    parts = [(part, len(list(run))) for part, run in groupby(map(_class, text))]
    # One run alone is an alphabet; a long row of parts is a sentence.
    if not 1 < len(parts) <= MOST_PARTS or any(part == "" for part, _ in parts):
        return None
    return "^" + "".join(part + _repeat(part, times, lengths) for part, times in parts) + "$"


def _class(letter: str) -> str:
    """Return the letters among which one is; itself where it is punctuation, empty where it is of no alphabet."""
    if not letter.isascii() or not letter.isprintable() or letter.isspace():
        return ""
    return next((name for name, fits in _CLASSES if fits(letter)), re.escape(letter))


def _repeat(part: str, times: int, lengths: bool) -> str:
    alone = times == 1 and (lengths or not part.startswith("["))
    return "" if alone else f"{{{times}}}" if lengths else "+"
