"""The words and numbers that people read, the same in every report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

# Left to right marks, embeddings and isolates: with them a name could show text in an order of its own choosing.
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_DIGITS = 4
_MOST_DIGITS = 17
# A limit was written down by a person: it is shown as written, and never rounded to look like another.
_LIMIT_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an outcome is called, how urgent it is (0 first), and its tone in the style sheet."""

    word: str
    rank: int
    tone: str


MISSING = "missing"
OUTCOMES = {
    "failed": Outcome("failed", 0, "bad"),
    "error": Outcome("error", 1, "bad"),
    MISSING: Outcome("missing", 2, "unsure"),
    "inconclusive": Outcome("inconclusive", 3, "unsure"),
    "skipped": Outcome("skipped", 4, "unsure"),
    "waived": Outcome("waived", 5, "waived"),
    "not_applicable": Outcome("not applicable", 6, "quiet"),
    "passed": Outcome("passed", 7, "good"),
}
VERDICT_TONES = {"pass": "good", "fail": "bad", "incomplete": "unsure"}
VERDICT_MEANINGS = {
    "pass": "Everything demanded of this stage is proven",
    "fail": "A demanded check failed or could not run",
    "incomplete": "Something demanded has no outcome, or the evidence does not decide it",
}


def outcome(check: dict[str, Any]) -> str:
    """Return the outcome of a check; one that was never finished is missing."""
    return check["outcome"] or MISSING


def outcome_named(name: str) -> Outcome:
    """Return the words for an outcome; an unknown one keeps its name and is shown first."""
    return OUTCOMES.get(name, Outcome(name, -1, "unsure"))


def verdict_tone(verdict: str) -> str:
    """Return the tone of a verdict."""
    return VERDICT_TONES.get(verdict, "unsure")


def visible(text: str) -> str:
    r"""Return `text` with what cannot be seen, or would reorder what is, written as ``\u202e``.

    Lone surrogates, which no file can hold, are written out too.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text.replace("\r\n", "\n"))


def _visible(character: str) -> str:
    code = ord(character)
    hidden = (code < 0x20 and character not in "\n\t") or 0x7F <= code < 0xA0 or 0xD800 <= code <= 0xDFFF
    return f"\\u{code:04x}" if hidden or character in _DIRECTION else character


def number(value: float | None, digits: int = _DIGITS) -> str:
    """Write a number as people read it: four significant digits, thousands grouped."""
    if value is None:
        return "none"
    if 1000 <= abs(value) < 1e15:
        decimals = 0 if value == int(value) else max(0, digits - len(str(int(abs(value)))))
        text = f"{value:,.{decimals}f}"
    else:
        # A zero has no sign.
        text = f"{value + 0.0:.{digits}g}"
    return text.replace("-", "\N{MINUS SIGN}")


def count(value: int | None) -> str:
    """Write a number of rows."""
    return "unknown" if value is None else f"{value:,}"


def value(measurement: dict[str, Any]) -> str:
    """Write a measured value with its unit, and with as many digits as set it apart from its limits."""
    measured = measurement["value"]
    if measured is None:
        return "not measured"
    limits = [edge for edge in (measurement["at_least"], measurement["at_most"]) if edge is not None]
    return _with_unit(apart(measured, limits), measurement)


def _with_unit(text: str, measurement: dict[str, Any]) -> str:
    unit = measurement["unit"]
    return text if unit in {"", "share"} else f"{text} {unit}"


def apart(measured: float, others: list[float]) -> str:
    """Write `measured` so that it does not look equal to what it is not equal to: 0.87999 beside a limit of 0.88."""
    for digits in range(_DIGITS, _MOST_DIGITS + 1):
        text = number(measured, digits)
        if all(measured == other or text != number(other, digits) for other in others):
            return text
    return repr(measured)


def interval(ends: list[float | None] | None) -> str:
    """Write the 95% interval; an exact number has none to show."""
    if ends is None:
        return ""
    low, high = ends
    if low is not None and low == high:
        return "exact"
    left = "unbounded" if low is None else number(low)
    right = "unbounded" if high is None else number(high)
    return f"{left} to {right}"


def limit(measurement: dict[str, Any]) -> str:
    """Write what the number must satisfy."""
    low, high = measurement["at_least"], measurement["at_most"]
    if low is not None and low == high:
        return _with_unit(f"exactly {number(low, _LIMIT_DIGITS)}", measurement)
    parts = [] if low is None else [f"at least {number(low, _LIMIT_DIGITS)}"]
    if high is not None:
        parts.append(f"at most {number(high, _LIMIT_DIGITS)}")
    return _with_unit(" and ".join(parts), measurement) if parts else "none"


def moment(text: str | None) -> str:
    """Write a time stamp as date and time in UTC; what is no time stamp stays as it is."""
    if text is None:
        return "not finished"
    try:
        return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    except ValueError:
        return text


def counted(counts: dict[str, int]) -> str:
    """Return ``2 failed, 1 inconclusive, 25 passed``, the urgent first."""
    ranked = sorted(((outcome_named(name), n) for name, n in counts.items() if n), key=lambda pair: pair[0].rank)
    return ", ".join(f"{n:,} {kind.word}" for kind, n in ranked) or "no checks"
