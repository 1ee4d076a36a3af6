"""The comparisons that are judgements, and the ones that would be mistakes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from math import isfinite
from typing import NoReturn, SupportsFloat, overload

from pytest_mlquality.errors import ComparisonError
from pytest_mlquality.limit import Limit


def _refuse(what: str, instead: str) -> NoReturn:
    raise ComparisonError(f"{what}: a comparison of a measurement is a judgement that is recorded; {instead}")


class Comparable(ABC):
    """What is judged when it is compared with a limit."""

    __slots__ = ()
    # Keeps numpy scalars on the left from taking the comparison over.
    __array_ufunc__ = None
    __hash__ = object.__hash__

    @abstractmethod
    def _judge(self, limit: Limit) -> bool:
        """Judge, record, and return whether the verdict lets the stage go on."""

    def __le__(self, limit: object) -> bool:
        return self._judge(as_limit(limit, at_most=True))

    def __ge__(self, limit: object) -> bool:
        return self._judge(as_limit(limit, at_most=False))

    @overload
    def within(self, limit: Limit, /) -> bool: ...
    @overload
    def within(self, margin: float, /) -> bool: ...
    @overload
    def within(self, at_least: float, at_most: float, /) -> bool: ...
    def within(self, first: Limit | float, second: float | None = None, /) -> bool:
        """Judge against a `Limit`, against ``[-margin, margin]``, or against ``[at_least, at_most]``.

        With a margin this is an equivalence test: two one-sided tests (Schuirmann 1987).
        """
        if isinstance(first, Limit):
            return self._judge(first)
        if second is None:
            margin = abs(as_number(first))
            return self._judge(Limit(at_least=-margin, at_most=margin))
        return self._judge(Limit(at_least=as_number(first), at_most=as_number(second)))

    def __lt__(self, other: object) -> NoReturn:
        _refuse("'<' on a measurement", "use '<=', or '.value' for the plain number")

    def __gt__(self, other: object) -> NoReturn:
        _refuse("'>' on a measurement", "use '>=', or '.value' for the plain number")

    def __eq__(self, other: object) -> NoReturn:
        _refuse("'==' on a measurement", "use '.within(margin)', or '.value' for the plain number")

    def __ne__(self, other: object) -> NoReturn:
        _refuse("'!=' on a measurement", "use '.within(margin)', or '.value' for the plain number")

    def __bool__(self) -> NoReturn:
        _refuse("a measurement as a truth value", "compare it with a limit, or use '.value' for the plain number")


def as_number(value: object) -> float:
    """Return a limit as a plain number.

    Raises
    ------
    ComparisonError
        For anything but a finite number, a measurement among them.
    """
    if isinstance(value, Comparable):
        _refuse("comparing two measurements", "use '.value' of one of them for the plain number")
    if not isinstance(value, SupportsFloat):
        raise ComparisonError(f"a limit is a number or a Limit, not {type(value).__name__}")
    number = float(value)
    if not isfinite(number):
        raise ComparisonError(f"a limit is a finite number, not {number}")
    return number


def as_limit(value: object, *, at_most: bool) -> Limit:
    """Return what stands right of ``<=`` (`at_most`) or ``>=`` as a limit.

    Raises
    ------
    ComparisonError
        For anything but a finite number or a limit in that direction.
    """
    if isinstance(value, Limit):
        wrong_way = value.at_least if at_most else value.at_most
        if wrong_way is not None:
            _refuse(f"'{'<=' if at_most else '>='}' with a limit that says {value.describe()}", "use '.within(limit)'")
        return value
    number = as_number(value)
    return Limit(at_most=number) if at_most else Limit(at_least=number)
