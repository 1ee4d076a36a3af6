"""Columns of text, those of CSV and of folders called key=value, and the types that they are read as.

What people write goes before what a model, a schema or another split says, and that before a guess. Guessed are only
numbers, and dates as ISO 8601 writes them: a text that merely looks like another type stays text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_mlquality.column_type import ANY, BIT, LABEL, MOMENT, NUMERIC
from pytest_mlquality.data import cell_kinds as kind
from pytest_mlquality.data import date_formats
from pytest_mlquality.data.faults import explained, failure
from pytest_mlquality.data.sql_text import literal
from pytest_mlquality.settings.toml_text import key_text

if TYPE_CHECKING:
    from ibis.backends import BaseBackend


@dataclass(frozen=True, slots=True)
class Said:
    """What is known of columns whose files do not say their types.

    Parameters
    ----------
    types
        Column to type as people write it (`pytest_mlquality.column_type`): it holds, or there is an error.
    expected
        Called once text is to be read: column to type, which holds where the cells are such.
    """

    types: Mapping[str, str] = field(default_factory=dict)
    expected: Callable[[], Mapping[str, str]] = dict


@dataclass(frozen=True, slots=True)
class Reading:
    """How a column of text is read.

    Parameters
    ----------
    type
        As people would write it; empty where no cell has a value.
    sql
        The value, ``{}`` standing for the text.
    """

    type: str
    sql: str

    def of(self, text: str) -> str:
        """Return the SQL of the value whose text is the SQL `text`."""
        return self.sql.replace("{}", text)


_PLAIN = Reading("text", "{}")
_TRUE = "('true', 't', 'yes', 'y', '1')"
_BOOLEAN = Reading("boolean", f"lower(trim({{}})) IN {_TRUE}")


def _cast(type_: str, to: str) -> Reading:
    return Reading(type_, f"CAST(trim({{}}) AS {to})")


_INTEGER, _UNSIGNED, _NUMBER = _cast("integer", "BIGINT"), _cast("integer", "UBIGINT"), _cast("number", "DOUBLE")
_DATE, _TIMESTAMP, _ZONED = _cast("date", "DATE"), _cast("timestamp", "TIMESTAMP"), _cast("timestamp", "TIMESTAMPTZ")


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A column whose cells are text.

    Parameters
    ----------
    relation
        What the engine selects it from.
    kinds
        The bits of its cells.
    where
        The key that errors name, such as ``data.test.source``.
    """

    backend: BaseBackend
    relation: str
    name: str
    kinds: int
    where: str

    def reading(self, written: str | None, expected: str) -> Reading:
        """Return how it is read.

        Raises
        ------
        DataError
            Its cells are not what people wrote, or are dates whose month and day can be told either way.
        """
        if written is not None:
            return self._as_written(written)
        return self._as_expected(expected) or _guess(self.kinds)

    def _as_written(self, written: str) -> Reading:
        type_, _, format_ = written.partition(" ")
        if format_:
            return self._as_format(type_, format_)
        found = self._as_moment(type_, strict=True) if type_ in ("date", "timestamp") else _written(self.kinds, type_)
        return found or self._refuse(f"are no {type_}", type_)

    def _as_format(self, type_: str, format_: str) -> Reading:
        what = f"{self._key}: {self.name!r} cannot be read as {format_!r}"
        with explained(what, "write it as strptime does, such as %m/%d/%Y"):
            unread = date_formats.unread(self.backend, self.relation, self.name, format_)
        if unread:
            raise failure(
                f"{self._key}: {unread:,} cells of {self.name!r} are no {type_} written {format_!r}",
                "correct the format, which strptime of DuckDB reads, or the cells",
            )
        return _formatted(type_, format_)

    def _as_expected(self, expected: str) -> Reading | None:
        type_, _, format_ = expected.partition(" ")
        if format_ and self.kinds & kind.DATE_LIKE:
            if not date_formats.unread(self.backend, self.relation, self.name, format_):
                return _formatted(type_, format_)
            others = date_formats.fitting(self.backend, self.relation, self.name)
            self._refuse_dates(f"are not written {format_!r} as those of another split are", others)
        if type_ in ("date", "timestamp", MOMENT):
            return self._as_moment(type_, strict=type_ == MOMENT)
        return _expected(self.kinds, type_)

    def _as_moment(self, type_: str, *, strict: bool) -> Reading | None:
        if not self.kinds & kind.DATE_LIKE or self.kinds & ~kind.MOMENTS:
            return _moment(self.kinds, type_)
        formats = date_formats.fitting(self.backend, self.relation, self.name)
        if len(formats) > 1:
            self._refuse_dates("can be told either way, which is the month and which the day", formats)
        if not formats:
            return self._refuse_dates("are written in more than one form") if strict else None
        [format_] = formats
        # A date is also a time; a time is no date.
        return _formatted("timestamp" if type_ == "timestamp" or date_formats.has_time(format_) else "date", format_)

    def _refuse(self, complaint: str, type_: str) -> Reading:
        allowed = _ALLOWED.get(type_, kind.MOMENTS & ~kind.DATE_LIKE)
        cells = kind.others(self.backend, self.relation, self.name, allowed)
        many = f"{cells:,} cells" if cells else "not all cells"
        how = "; of dates say how they are written, such as date %m/%d/%Y" if type_ in ("date", "timestamp") else ""
        raise failure(f"{self._key}: {many} of {self.name!r} {complaint}", f"correct them, or the type{how}")

    def _refuse_dates(self, complaint: str, formats: Sequence[str] = ()) -> Reading:
        shown = [f"{'timestamp' if date_formats.has_time(one) else 'date'} {one}" for one in formats[:2]]
        ways = [f'types = {{ {key_text((self.name,))} = "{one}" }}' for one in shown]
        written = f"write under [{self.where.removesuffix('.source')}] {' or '.join(ways)}, or " if ways else ""
        raise failure(
            f"{self.where}: dates in {self.name!r} {complaint}",
            f"{written}have the files written with dates in ISO form, such as 2024-12-31",
        )

    @property
    def _key(self) -> str:
        return f"{self.where.removesuffix('.source')}.types"


_ALLOWED = {
    "integer": kind.WHOLE_NUMBERS | kind.UNSIGNED | kind.ZERO_LED,
    "number": kind.NUMBERS | kind.ZERO_LED,
    "boolean": kind.TRUTH | kind.YES_NO | kind.BIT,
}


def _guess(kinds: int) -> Reading:
    if not kinds:
        return Reading(ANY, _PLAIN.sql)
    if whole := _whole(kinds):
        return whole
    if not kinds & ~kind.NUMBERS:
        # Words such as inf and nan alone are names as well, and so are numbers of more digits than a float tells apart.
        return _NUMBER if kinds & ~kind.NO_NUMBER and not (kinds & kind.VAST and not kinds & kind.NUMBER) else _PLAIN
    return _moment(kinds, MOMENT) or _PLAIN


def _whole(kinds: int) -> Reading | None:
    if not kinds & ~kind.WHOLE_NUMBERS:
        return _INTEGER
    return _UNSIGNED if not kinds & ~(kind.BIT | kind.WHOLE | kind.UNSIGNED) else None


def _moment(kinds: int, type_: str) -> Reading | None:
    """Return dates and times of ISO 8601 as `type_`; None where a cell is something else, or only some have a zone."""
    if kinds == kind.ZONED:
        return _ZONED if type_ != "date" else None
    if kinds & ~(kind.DATE | kind.TIMESTAMP) or (not kinds and type_ == MOMENT):
        return None
    if type_ == "date" or (type_ == MOMENT and kinds == kind.DATE):
        return _DATE if not kinds & kind.TIMESTAMP else None
    return _TIMESTAMP


def _written(kinds: int, type_: str) -> Reading | None:
    if type_ == "text":
        return _PLAIN
    if kinds & ~_ALLOWED[type_]:
        return None
    if type_ == "integer":
        return _whole(kinds & ~kind.ZERO_LED)
    return _NUMBER if type_ == "number" else _BOOLEAN


def _expected(kinds: int, type_: str) -> Reading | None:
    if type_ == ANY:
        return None
    if type_ == BIT and kinds == kind.TRUTH:
        return _BOOLEAN
    if type_ in (LABEL, BIT):
        return _INTEGER if kinds and not kinds & ~kind.WHOLE_NUMBERS else _PLAIN
    if kinds == kind.TRUTH and type_ in ("integer", "number", NUMERIC):
        # To whom asks for numbers, true and false are some.
        return _BOOLEAN
    if type_ == NUMERIC:
        return _written(kinds, "integer") if kinds and _written(kinds, "integer") else _written(kinds, "number")
    return _written(kinds, type_)


def _formatted(type_: str, format_: str) -> Reading:
    zoned = "%z" in format_ or "%Z" in format_
    to = "DATE" if type_ == "date" else "TIMESTAMPTZ" if zoned else "TIMESTAMP"
    return Reading(f"{type_} {format_}", f"CAST(strptime(trim({{}}), {literal(format_)}) AS {to})")
