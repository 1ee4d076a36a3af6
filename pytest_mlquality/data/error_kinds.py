"""Kinds of error in plain words: what an engine or a library says itself may quote rows, queries and secrets.

A message is matched and never repeated. Of what it holds one name is told, and only if people are shown it anyway.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection

_CLOSED = "it reads what no source declares: name the file itself as a source, or copy its rows into a table"
# What a message begins or goes on with, and how we say it; the first group that holds something is a name.
_SAYINGS = tuple(
    (re.compile(pattern, re.IGNORECASE), words)
    for pattern, words in (
        (
            r"referenced column \"([^\"]+)\" not found|no such column: \"?([^\s\"]+)"
            r"|column \"?([\w.]+)\"? does not exist"
            r"|column or function .*with name `([^`]+)` cannot be resolved|column '([^']+)' is not found",
            "there is no column {}",
        ),
        (
            r"function with name \"?(\w+)\"? (?:does not exist|is not in the catalog)|no such function: (\w+)"
            r"|function ([\w.]+)\(.*\) does not exist|cannot resolve routine `(\w+)`",
            "there is no function {}",
        ),
        (
            r"no function matches the given name and argument types '(\w+)\(|could not choose a best candidate function"
            r"|wrong number of arguments to function (\w+)",
            "the function {} does not take arguments of these types",
        ),
        (
            r"table with name (\S+) does not exist|no such table: (\S+)|relation \"([^\"]+)\" does not exist",
            "there is no table {}",
        ),
        (r"file system operations are disabled|external extensions is disabled", _CLOSED),
        (r"cannot (?:compare|mix) values of type|operator does not exist", "values of different types are compared"),
        (r"cannot contain aggregates|misuse of aggregate|aggregate functions are not allowed", "it counts over rows"),
        (r"window functions? (?:are|is) not allowed|cannot contain window|misuse of window", "it looks at other rows"),
        (r"unrecognized configuration parameter|invalid dsn|unrecognized option", "an option is unknown"),
        (r"could not set lock|database (?:table )?is locked", "another process holds it"),
        (
            r"not a (?:valid duckdb )?database|database disk image is malformed",
            "the file is no database of this engine",
        ),
        (r"authentication failed|access denied|login failed|password", "user or password is refused"),
        (r"connection refused|could not connect|connection failed", "there is no connection"),
        (r"name or service not known|could not translate host|nodename nor servname", "the host is not found"),
        (r"time[d ]*-?out|canceling statement", "it took too long"),
        (r"permission denied|insufficient privilege", "it may not be read"),
        (r"no space left|disk full|database or disk is full", "there is no room on the disk"),
        (r"out of memory|cannot allocate|failed to allocate|failed to offload", "the memory does not suffice"),
        (r"invalid unicode|not valid utf-?8|invalid utf-?8|utf-?8 encod|codec can't decode", "its text is no UTF-8"),
        (
            r"no magic bytes|too small to be a|not (?:a|an) (?:parquet|arrow|ipc)|end-of-stream|unexpected(?:ly)? end"
            r"|truncated|cut short|decompress|tried reading|expected to (?:be able to )?read|magic number|gzip",
            "the file is damaged or cut short",
        ),
        (r"' expected after '", "a quote stands within a text"),
        (r"division by zero", "it divides by zero"),
        (r"time ?zone", "a time zone is unknown"),
        (r"regular expression|regexp|missing \]|invalid escape|no argument for repetition", "a pattern is none"),
        (r"syntax error|parse error", "the engine does not read it as SQL"),
    )
)
# By the name of a class or of one that it is derived from.
_CLASSES = {
    "ConversionException": "a value cannot be converted",
    "OutOfRangeException": "a value is out of range",
    "InvalidInputException": "a value is invalid",
    "TypeMismatchException": "the types do not fit",
    "InvalidTypeException": "the types do not fit",
    "ArrowTypeError": "the types do not fit",
    "IbisTypeError": "the types do not fit",
    "BinderException": "names or types do not fit",
    "AnalysisException": "names or types do not fit",
    "CatalogException": "the engine does not know a name in it",
    "ParserException": "the engine does not read it as SQL",
    "ParseException": "the engine does not read it as SQL",
    "ParseError": "it cannot be read as SQL",
    "TokenError": "it cannot be read as SQL: is a quote or a comment not closed?",
    "PermissionException": _CLOSED,
    "OutOfMemoryException": "the memory does not suffice",
    "ArrowMemoryError": "the memory does not suffice",
    "MemoryError": "the memory does not suffice",
    "HTTPException": "there is no connection",
    "ConnectionException": "there is no connection",
    "ConnectionError": "there is no connection",
    "TimeoutError": "it took too long",
    "NotImplementedException": "the engine has no such operation",
    "OperationNotDefinedError": "the engine has no such operation",
    "UnsupportedOperationError": "the engine has no such operation",
    "ArrowNotImplementedError": "the library has no such operation",
    "UnicodeError": "its text is no UTF-8",
    "EOFError": "the file is damaged or cut short",
    "BadGzipFile": "the file is damaged or cut short",
    "IOException": "a file cannot be read",
    "ArrowInvalid": "a value or a file is invalid",
    "ZeroDivisionError": "it divides by zero",
}


def exactly(error: BaseException, spoken: Collection[str] = ()) -> str:
    """Return what went wrong where its kind says all of it; empty where it does not. Nothing of it comes from a row.

    Parameters
    ----------
    spoken
        Texts that people are shown beside it: a name that stands in one of them may be told.
    """
    said = str(error)
    for pattern, words in _SAYINGS:
        if found := pattern.search(said):
            name = next((group for group in found.groups() if group), "")
            return words.format(repr(name) if _is_spoken(name, spoken) else "of that name")
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)
    return ""


def roughly(error: BaseException) -> str:
    """Return what kind of error it is by its class; nothing of it comes from a row."""
    names = [class_.__name__ for class_ in type(error).__mro__]
    return next((_CLASSES[name] for name in names if name in _CLASSES), "it fails")


def _is_spoken(name: str, spoken: Collection[str]) -> bool:
    return bool(name) and any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for text in spoken)
