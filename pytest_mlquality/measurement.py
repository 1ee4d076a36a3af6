"""One number with its uncertainty, and what happens when it is compared with a limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, overload

from pytest_mlquality.comparison import Comparable, as_number
from pytest_mlquality.limit import Limit
from pytest_mlquality.recording import compare
from pytest_mlquality.statistics.estimate import Bound, Estimate

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

# People are shown the 95% interval: two one-sided bounds of 2.5% each.
INTERVAL_LEVEL = 0.025
LEAST_JUDGED_SHARE = 0.95
JUDGED_SHARE = "judged_share"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Measurement(Comparable):
    """One number with unit, sample size, uncertainty, and how it was obtained.

    ``m <= limit``, ``m >= limit`` and ``m.within(limit)`` judge the number. In an ML test the judgement is recorded
    as evidence and decides the test's outcome, and the comparison is true when the verdict does not fail the stage.
    Elsewhere the comparison is true unless the evidence says ``fail``.

    Parameters
    ----------
    name
        What was measured, by the field's name for it.
    value
        The point estimate as a plain number; None where it is undefined or too small to judge (`reason` says why).
    lower, upper
        One-sided confidence bounds as functions of a level in (0, 0.5].
    n
        Rows that entered.
    unit
        What the number counts: "", "s", "share", "rows".
    method
        How the bounds were obtained.
    details
        What a picture of it needs: a mapping with a ``kind``.
    """

    name: str
    value: float | None
    lower: Bound
    upper: Bound
    n: int | None = None
    unit: str = ""
    method: str = "exact"
    reason: str = ""
    details: dict[str, Any] | None = field(default=None)

    @classmethod
    def of(cls, name: str, estimate: Estimate, *, unit: str = "", details: dict[str, Any] | None = None) -> Measurement:
        """Name an estimate of the statistics room."""
        return cls(
            name=name,
            value=estimate.value,
            lower=estimate.lower,
            upper=estimate.upper,
            n=estimate.n,
            unit=unit,
            method=estimate.method,
            reason=estimate.reason,
            details=details,
        )

    @classmethod
    def exact(
        cls,
        value: float,
        *,
        name: str = "value",
        n: int | None = None,
        unit: str = "",
        reason: str = "",
        details: dict[str, Any] | None = None,
    ) -> Measurement:
        """Return a number without uncertainty, such as a count: its value is both bounds."""
        number = as_number(value)
        return cls(
            name, number, lambda _level: number, lambda _level: number, n=n, unit=unit, reason=reason, details=details
        )

    @classmethod
    def share(cls, k: int, n: int, *, name: str = "share") -> Measurement:
        """Return the share of `k` among `n` independent rows, with Clopper-Pearson bounds."""
        from pytest_mlquality.statistics.proportion import share

        return cls.of(name, share(k, n), unit="share")

    @classmethod
    def mean(
        cls,
        values: ArrayLike,
        *,
        unit: ArrayLike | None = None,
        weight: ArrayLike | None = None,
        support: tuple[float, float] = (-inf, inf),
        name: str = "mean",
    ) -> Measurement:
        """Return the mean of `values`.

        Parameters
        ----------
        values
            Numbers, shape (n,).
        unit
            What is independent, shape (n,): rows that share a value are one unit. Default: every row.
        weight
            Weights, shape (n,).
        support
            Ends of the range in which the values can lie; a finite one allows sharper bounds for small n.
        """
        import numpy as np

        from pytest_mlquality.statistics.mean import mean

        units = None if unit is None else np.asarray(unit)
        weights = None if weight is None else np.asarray(weight, dtype=float)
        return cls.of(name, mean(np.asarray(values, dtype=float), unit=units, weight=weights, support=support))

    @classmethod
    def estimate(
        cls,
        function: Callable[[pd.DataFrame], float],
        table: Any,  # noqa: ANN401 - tables of several libraries have no type in common
        *,
        unit: str | None = None,
        support: tuple[float, float] = (-inf, inf),
        seed: int = 0,
        name: str | None = None,
    ) -> Measurement:
        """Return ``function(table)`` with bounds from a bootstrap standard error.

        Parameters
        ----------
        function
            Takes a pandas data frame with the columns of `table` and returns a number.
        table
            The rows, resampled with replacement: a split (``ml_data["test"]``), or a pandas, Polars, Arrow or Ibis
            table.
        unit
            Column whose values are independent; whole units are resampled. Default: every row.
        support
            Ends of the range in which the number can lie.

        Raises
        ------
        MLQualityError
            If the function fails on all rows, with what it says; if `table` is none, or lacks the unit.
        """
        from pytest_mlquality.own_function import called, column, frame_of, name_of
        from pytest_mlquality.statistics.bootstrap import bootstrap

        frame = frame_of(table)

        def on_rows(rows: NDArray[np.intp]) -> float:
            return float(function(frame.iloc[rows]))

        units = None if unit is None else column(frame, unit)
        # The bootstrap takes an error for a number that is undefined; on all rows it is one of the function.
        called(function, frame)
        result = bootstrap(on_rows, len(frame), unit=units, seed=seed, support=support)
        return cls.of(name or name_of(function), result)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The two-sided 95% interval; None where there is no value."""
        return None if self.value is None else (self.lower(INTERVAL_LEVEL), self.upper(INTERVAL_LEVEL))

    def _judge(self, limit: Limit) -> bool:
        return compare(self, limit)

    def __repr__(self) -> str:
        return f"<{describe(self)}>"


class Measurements(Comparable, Sequence[Measurement]):
    """Several measurements of one kind, such as one a column: a comparison judges and records every one.

    All are one claim, and share its level. Those that are too small to judge decide nothing; beside them stands
    ``judged_share``, the share of rows in those that were judged (of measurements, where the rows are not known).
    Where it is less than `least_judged_share` the claim is undecided; where there are none at all, it fails.
    """

    __slots__ = ("_items", "least_judged_share", "name")

    def __init__(
        self, name: str, items: Sequence[Measurement], *, least_judged_share: float = LEAST_JUDGED_SHARE
    ) -> None:
        self.name = name
        self._items = tuple(items)
        self.least_judged_share = least_judged_share

    @overload
    def __getitem__(self, index: int) -> Measurement: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Measurement]: ...
    def __getitem__(self, index: int | slice) -> Measurement | Sequence[Measurement]:
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Measurement]:
        return iter(self._items)

    @property
    def judged_share(self) -> Measurement:
        """Share of the rows that the measurements with a value cover; the others may hold the limit or not."""
        rows = [item.n if item.n is not None else 1 for item in self._items]
        judged = sum(n for n, item in zip(rows, self._items, strict=True) if item.value is not None)
        total = sum(rows)
        if not total:
            return Measurement.exact(0.0, name=JUDGED_SHARE, n=0, unit="share")
        share = judged / total
        return Measurement(
            JUDGED_SHARE, share, lambda _level: share, lambda _level: 1.0, n=total, unit="share", method="counted"
        )

    def _judge(self, limit: Limit) -> bool:
        members = sum(item.value is not None for item in self._items)
        holds = [compare(item, limit, members=members) for item in self._items]
        if not self._items or any(item.value is None for item in self._items):
            holds.append(compare(self.judged_share, Limit(at_least=self.least_judged_share)))
        return all(holds)

    def __repr__(self) -> str:
        return f"<{self.name}: {len(self)} measurements>"


def number_text(value: float | None) -> str:
    """Write a number as people read it: four significant digits, thousands grouped."""
    if value is None:
        return "undefined"
    if not isfinite(value):
        return "unbounded"
    if value == int(value) and abs(value) >= 1000:
        return f"{int(value):,}"
    return f"{value:.4g}"


def describe(measurement: Measurement) -> str:
    """Return ``name = value (95% interval lo to hi, n = rows, method)`` in one line."""
    if measurement.value is None:
        return f"{measurement.name} is too small to judge: {measurement.reason or 'undefined'}"
    unit = f" {measurement.unit}" if measurement.unit else ""
    parts = []
    interval = measurement.interval
    if interval is not None and interval[0] != interval[1]:
        parts.append(f"95% interval {number_text(interval[0])} to {number_text(interval[1])}")
    if measurement.n is not None:
        parts.append(f"n = {measurement.n:,}")
    parts.append(measurement.method)
    return f"{measurement.name} = {number_text(measurement.value)}{unit} ({', '.join(parts)})"
