"""What an engine says when it fails, made fit for people: where, what kind, the remedy; no secrets, no row values."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from pytest_mlquality.data.error_kinds import exactly, roughly
from pytest_mlquality.errors import DataError, MLQualityError
from pytest_mlquality.own_error import kind_of
from pytest_mlquality.redaction import conceal
from pytest_mlquality.shown import values_may_be_shown

_TERMINAL_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_ECHOED_QUERY = re.compile(r"\n+(LINE \d+:|Possible (fixes|solutions):).*", re.DOTALL)
_LONGEST = 400
_LACKING = re.compile(r"Compilation rule for '(?P<operation>\w+)' operation is not defined")
# What Ibis calls an operation, in the words of people.
_CALLED = {"Quantile": "quantiles", "TryCast": "casts that may fail", "RegexSearch": "patterns"}
ANOTHER_ENGINE = "copy the split to Parquet or DuckDB"


class OperationLacking(DataError):
    """An engine has no such operation, or Ibis does not know how to ask it."""


class Reason(ValueError):
    """Why something is refused, in words of our own: what an engine says is never shown as it is, this is."""


def told(error: BaseException, *spoken: str) -> str:
    """Return on one line what went wrong: the kind of error, or all that it says where values may be shown.

    Parameters
    ----------
    spoken
        Texts that people are shown beside it: a name that stands in one of them may be told.
    """
    if isinstance(error, MLQualityError):
        return error.message
    if isinstance(error, Reason):
        return conceal(str(error))
    if not values_may_be_shown():
        rough = f"{roughly(error)} ({kind_of(error)}; [report] samples = true shows what it says)"
        return conceal(exactly(error, spoken) or rough)
    text = _ECHOED_QUERY.sub("", _TERMINAL_COLOUR.sub("", str(error))) or type(error).__name__
    line = " ".join(conceal(text).split())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + " ..."


def safe_cause(error: BaseException) -> BaseException | None:
    """Return `error` for chaining, or None where its traceback would print a value of a row or a secret."""
    if not values_may_be_shown():
        return None
    text = "".join(traceback.format_exception(error))
    return error if conceal(text) == text else None


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
        raise failure(f"{what}: {told(error, what, remedy)}", remedy) from safe_cause(error)


@contextmanager
def asked_of(engine: str, where: str) -> Iterator[None]:
    """Raise OperationLacking, which begins with `where`, if the engine has no such operation or Ibis cannot ask it."""
    from ibis.common.exceptions import OperationNotDefinedError, UnsupportedOperationError

    try:
        yield
    except (OperationNotDefinedError, UnsupportedOperationError) as error:
        named = _LACKING.search(str(error))
        what = _CALLED.get(named["operation"], named["operation"]) if named else "this"
        raise OperationLacking(f"{where}: {engine} cannot be asked for {what}", ANOTHER_ENGINE) from safe_cause(error)
