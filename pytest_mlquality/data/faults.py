"""What an engine says when it fails, made fit for people: where, what, the remedy; no secrets and no row values."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from pytest_mlquality.errors import DataError, MLQualityError
from pytest_mlquality.redaction import MASK, conceal

_TERMINAL_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_ECHOED_QUERY = re.compile(r"\n+(LINE \d+:|Possible (fixes|solutions):).*", re.DOTALL)
_ECHOED_ROW = re.compile(r"^\s*(Original Line|DETAIL):.*$\n?", re.MULTILINE)
# A failed conversion quotes the cell that would not convert, and a cell may be somebody's name.
_ECHOED_CELL = re.compile(
    r"(?P<saying>could not (?:convert|cast)|invalid input (?:syntax|value)|out of range|malformed"
    r"|failed to (?:cast|parse)|\bvalue(?=\s+\".*?\" is not valid UTF))"
    r"(?P<between>[^'\"\n]*)(?P<quote>['\"]).*?(?P=quote)",
    re.IGNORECASE,
)
# What these kinds of error quote, and the numbers that they name, come out of rows.
_OF_VALUES = re.compile(r"^\s*(Conversion|Out of Range|Invalid Input) Error", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_LONG_NUMBER = re.compile(r"-?\d{5,}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_LONGEST = 400
_LACKING = re.compile(r"Compilation rule for '(?P<operation>\w+)' operation is not defined")
# What Ibis calls an operation, in the words of people.
_CALLED = {"Quantile": "quantiles", "TryCast": "casts that may fail", "RegexSearch": "patterns"}
ANOTHER_ENGINE = "copy the split to Parquet or DuckDB"


class OperationLacking(DataError):
    """An engine has no such operation, or Ibis does not know how to ask it."""


def told(error: BaseException) -> str:
    """Return the engine's message on one line, without the query, row values, colours or secrets."""
    text = _TERMINAL_COLOUR.sub("", str(error)) or type(error).__name__
    text = _ECHOED_ROW.sub("", _ECHOED_QUERY.sub("", text))
    line = " ".join(_without_secrets(text).split())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + " ..."


def safe_cause(error: BaseException) -> BaseException | None:
    """Return `error` for chaining, or None where its traceback would print a secret or a value of a row."""
    text = "".join(traceback.format_exception(error))
    return error if _without_secrets(text) == text and not _ECHOED_ROW.search(text) else None


def failure(message: str, remedy: str) -> DataError:
    """Return a DataError whose texts hold no secret, whatever part of the settings they quote."""
    return DataError(conceal(message), conceal(remedy))


@contextmanager
def explained(what: str, remedy: str) -> Iterator[None]:
    """Turn whatever an engine raises inside the block into a DataError that begins with `what`."""
    try:
        yield
    except MLQualityError:
        raise
    except Exception as error:
        raise failure(f"{what}: {told(error)}", remedy) from safe_cause(error)


def _without_secrets(text: str) -> str:
    return conceal(_without_values(_ECHOED_CELL.sub(rf"\g<saying>\g<between>\g<quote>{MASK}\g<quote>", text)))


def _without_values(text: str) -> str:
    kind = _OF_VALUES.match(text)
    if kind is None:
        return text
    # Files and their lines are named in an error of the input; numbers that long are no line.
    numbers = _LONG_NUMBER if kind[1].lower() == "invalid input" else _NUMBER
    head, rest = text[: kind.end()], text[kind.end() :]
    if "CSV" not in rest:
        # Further lines point at the place in the text that would not be read.
        rest = rest.split("\n", 1)[0]
    return head + numbers.sub(MASK, _QUOTED.sub(f'"{MASK}"', rest))


@contextmanager
def asked_of(engine: str, where: str) -> Iterator[None]:
    """Raise OperationLacking, which begins with `where`, if the engine has no such operation or Ibis cannot ask it."""
    from ibis.common.exceptions import OperationNotDefinedError, UnsupportedOperationError

    try:
        yield
    except (OperationNotDefinedError, UnsupportedOperationError) as error:
        named = _LACKING.search(str(error))
        what = _CALLED.get(named["operation"], named["operation"]) if named else f"this ({told(error)})"
        raise OperationLacking(f"{where}: {engine} cannot be asked for {what}", ANOTHER_ENGINE) from safe_cause(error)
