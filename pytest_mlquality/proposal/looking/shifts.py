"""How far other splits are from train today, as the gate will measure it: from profiles of all rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_mlquality.data.identifiers import identifiers
from pytest_mlquality.measures import drift
from pytest_mlquality.proposal.looking.evidence import Evidence

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlquality.data import Table
    from pytest_mlquality.data.profiles import Profile
    from pytest_mlquality.measurement import Measurement

REFERENCE = "train"
# Splits that the gate compares with train where nothing else is said.
COMPARED = ("test", "production")


@dataclass(frozen=True, slots=True, eq=False)
class Shift:
    """How far one column of a split is from train, by one measure."""

    column: str
    split: str
    found: Measurement


@dataclass(frozen=True, slots=True)
class Pair:
    """Train and a split that is compared with it.

    Parameters
    ----------
    wanted
        The columns to compare: features, and the target where both have it.
    reference, current
        Profiles with the same bins.
    """

    split: str
    wanted: tuple[str, ...]
    reference: Profile
    current: Profile

    @property
    def rows(self) -> int:
        """How many independent rows the smaller side has."""
        return round(min(self.reference.effective_rows, self.current.effective_rows))

    def empty(self) -> Iterator[tuple[str, str]]:
        """Yield the columns that have no value on one side, with the name of that side."""
        for name in self.compared():
            for split, side in ((REFERENCE, self.reference), (self.split, self.current)):
                if side.columns[name].missing == side.columns[name].rows:
                    yield name, split

    def texts(self) -> list[str]:
        """Return the columns of so many different texts that a profile knows their lengths alone."""
        return [name for name in self.compared() if self.reference.columns[name].kind == "text"]

    def compared(self, ignored: Iterable[str] = ()) -> list[str]:
        """Return the columns that both sides have in one kind."""
        sides, aside = (self.reference.columns, self.current.columns), set(ignored)
        there = [name for name in self.wanted if name not in aside and all(name in side for side in sides)]
        return [name for name in there if not self.current.columns[name].mismatch]

    def incomparable(self, ignored: Iterable[str]) -> Measurement:
        """Count the columns that cannot be compared, and say which."""
        aside = set(ignored)
        wanted = [name for name in self.wanted if name not in aside]
        return drift.incomparable_columns(wanted, self.reference, self.current, (REFERENCE, self.split))

    def shifts(self, measure: str) -> Iterator[Shift]:
        """Yield how far each column that can be compared has moved."""
        for name in self.compared():
            found = drift.column_drift(measure, name, self.reference, self.current, (REFERENCE, self.split))
            if found is not None:
                yield Shift(name, self.split, found)


def pairs_of(
    evidence: Evidence, step: Callable[[str], None], *, unit: str | None = None, left_out: Iterable[str] = ()
) -> list[Pair]:
    """Return train with each split that the gate compares with it: one pass over each table.

    Parameters
    ----------
    unit
        Column of what is independent, where that is not the row.
    left_out
        Features that are not compared.

    Raises
    ------
    DataError
        Where an engine cannot be asked for a profile.
    """
    from pytest_mlquality.data.profiles import profile

    others = [split for split in COMPARED if split in evidence.tables]
    if REFERENCE not in evidence.tables or not others:
        return []
    step("profiling train")
    train, targets, aside = evidence.tables[REFERENCE], evidence.targets, set(left_out)
    features = [name for name in evidence.roles[REFERENCE].features if name not in aside]
    asked = [*features, *targets] if evidence.has_labels(train) else features
    reference = profile(train, [name for name in asked if name in train.columns], unit=_had_by(train, unit))
    found = []
    for split in others:
        step(f"profiling {split}")
        table = evidence.tables[split]
        current = profile(table, like=reference, unit=_had_by(table, unit))
        labelled = bool(targets) and set(targets) <= {*reference.columns} & {*current.columns}
        found.append(Pair(split, tuple(asked if labelled else features), reference, current))
    return found


def joint_drift(evidence: Evidence, pair: Pair, ignored: Iterable[str], unit: str | None = None) -> Measurement:
    """Measure how well a classifier tells rows of a split from those of train."""
    from pytest_mlquality.measures.joint_drift import joint_drift as measured

    names = pair.compared(ignored)
    reference, of_reference = _sampled(evidence.tables[REFERENCE], names, unit)
    current, of_current = _sampled(evidence.tables[pair.split], names, unit)
    return measured(reference, current, unit=(of_reference, of_current), seed=0)


def _sampled(table: Table, names: list[str], unit: str | None) -> tuple[pd.DataFrame, NDArray[Any] | None]:
    from pytest_mlquality.concerns.skew import ROWS_OF_JOINT_DRIFT

    own = _had_by(table, unit)
    rows = table.sample([*names, own] if own else names, ROWS_OF_JOINT_DRIFT, 0)
    return rows[names], identifiers(rows[own]) if own else None


def _had_by(table: Table, unit: str | None) -> str | None:
    return unit if unit in table.columns else None
