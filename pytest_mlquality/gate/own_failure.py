"""What people read of what a user's own test raised: where it arose and of what kind, without values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_mlquality.own_error import kind_of, message, texts_of, written_in
from pytest_mlquality.shown import values_may_be_shown
from pytest_mlquality.whose_code import module_of

if TYPE_CHECKING:
    from _pytest._code.code import TracebackEntry

# How pytest begins the lines of a traceback that say what was raised.
RAISED = "E  "
# Of a group, and of what one exception was raised in handling.
MOST = 10
DEEPEST = 3
_BETWEEN = {
    "cause": "The above exception was the direct cause of the following exception:",
    "context": "During handling of the above exception, another exception occurred:",
}
_SECONDS = re.compile(r">\s*([\d.]+)\s*s")


def without_values(error: pytest.ExceptionInfo[BaseException], item: pytest.Item, file: str) -> str:
    """Return a traceback of the lines of code alone, and of each exception its kind and its own words.

    Parameters
    ----------
    file
        The gate file, in which samples may be allowed.
    """
    entries = getattr(item, "_traceback_filter", lambda found: found.traceback)(error)
    lines = list(_of_chain(error.value, item, entries))
    return "\n".join(
        [
            *lines,
            f"{RAISED}values are not shown, they may be rows of the data",
            f"{RAISED}([report] samples = true in {file} shows them)",
        ]
    )


def words_of(item: pytest.Item) -> frozenset[str]:
    """Return the texts that stand in the file of a test, such as the reasons of its marks."""
    return _words_in(item.path)


def seconds_of_time_out(error: BaseException | None) -> str | None:
    """Return after how many seconds pytest-timeout stopped a test; None where something else did."""
    if not isinstance(error, pytest.fail.Exception) or error.__traceback__ is None:
        return None
    entries = pytest.ExceptionInfo.from_exception(error).traceback
    if not any(module_of(entry.frame.raw) == "pytest_timeout" for entry in entries):
        return None
    found = _SECONDS.search(str(error))
    return found[1] if found else ""


@contextmanager
def interrupts_without_values(wanted: Callable[[], bool]) -> Iterator[None]:
    """End the run without the words of whoever ends it, where it is `wanted`: pytest writes those into the terminal."""
    try:
        yield
    except pytest.exit.Exception as error:
        if values_may_be_shown() or not wanted():
            raise
        if raised := message(error):
            raise pytest.exit.Exception(raised, error.returncode) from None
        raise pytest.exit.Exception("by a test; its reason is not shown", error.returncode) from None
    except KeyboardInterrupt as error:
        if values_may_be_shown() or not wanted() or (type(error) is KeyboardInterrupt and not error.args):
            raise
        raise KeyboardInterrupt from None


@cache
def _words_in(path: Path) -> frozenset[str]:
    if path.suffix != ".py":
        return frozenset()
    try:
        return frozenset(texts_of(compile(path.read_bytes(), str(path), "exec", dont_inherit=True)))
    except (OSError, SyntaxError, ValueError):
        return frozenset()


def _of_chain(
    error: BaseException, item: pytest.Item, entries: Iterable[TracebackEntry] | None = None, depth: int = 0
) -> Iterator[str]:
    """Yield the lines of an exception, after those of what it was raised for."""
    links = _links(error)
    for place, (one, between) in enumerate(links):
        is_last = place == len(links) - 1
        yield from _of_one(one, item, entries if is_last else None, depth)
        if not is_last:
            yield from ("", _BETWEEN[between], "")


def _links(error: BaseException) -> list[tuple[BaseException, str]]:
    """Return an exception and what it was raised for, the first of them first, each with how it led to the next."""
    links = [(error, "")]
    seen = {id(error)}
    while len(links) < MOST:
        last = links[-1][0]
        before, between = last.__cause__, "cause"
        if before is None and not last.__suppress_context__:
            before, between = last.__context__, "context"
        if before is None or id(before) in seen:
            break
        seen.add(id(before))
        links.append((before, between))
    return links[::-1]


def _of_one(
    error: BaseException, item: pytest.Item, entries: Iterable[TracebackEntry] | None, depth: int
) -> Iterator[str]:
    if entries is None:
        entries = pytest.ExceptionInfo.from_exception(error).traceback if error.__traceback__ is not None else ()
    for entry in entries:
        yield from _lines_of(entry, item)
    # Of an assert that fails Python itself says what it compared; its line stands above.
    text = "" if isinstance(error, AssertionError) else message(error)
    kind = "Failed" if isinstance(error, pytest.fail.Exception) else kind_of(error)
    yield f"{RAISED}{kind}{': ' if text else ''}{text}"
    if isinstance(error, BaseExceptionGroup) and depth < DEEPEST:
        for one in error.exceptions[:MOST]:
            yield from (f"  {line}" for line in _of_chain(one, item, depth=depth + 1))


def _lines_of(entry: TracebackEntry, item: pytest.Item) -> Iterator[str]:
    """Yield where a line of code stands, and the line; of code that was made of text while running neither."""
    if not written_in(entry.frame.code.raw):
        return
    path, here = Path(str(entry.path)), item.config.invocation_params.dir
    shown = path.relative_to(here) if path.is_relative_to(here) else path
    yield f"{shown}:{entry.lineno + 1}: in {entry.name}"
    try:
        yield f"    {entry.statement}".rstrip()
    except (OSError, IndexError):
        return
