"""Labels of a column: which have a bin of their own, and how many rows each has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mlquality.data.profiles.edges import LEAST_ROWS
from pytest_mlquality.data.profiles.kinds import label_of
from pytest_mlquality.data.profiles.records import records

if TYPE_CHECKING:
    from pytest_mlquality.data.table import Table

MOST_LABELS = 1_000
# Labels outside of the layout that are counted one by one, and different ones from which on a column holds texts.
MOST_NEW = MOST_DIFFERENT = 10_000
_MOST_ASKED = MOST_LABELS + MOST_NEW
OTHER = "other labels"


@dataclass(frozen=True, slots=True)
class LabelLayout:
    """Labels with bins of their own, the most frequent of the reference first; all others share the last bin."""

    labels: tuple[str, ...]

    @property
    def size(self) -> int:
        """Number of bins."""
        return len(self.labels) + 1

    @property
    def bins(self) -> tuple[str, ...]:
        """Words of each bin."""
        return (*self.labels, OTHER)


@dataclass(frozen=True)
class Counted:
    """Rows by label.

    Parameters
    ----------
    rows
        By label, the most frequent first.
    tail_labels, tail_rows
        How many further labels and rows there are.
    common_rows
        Rows of labels that have at least 10.
    """

    rows: Mapping[str, int]
    null: int
    tail_labels: int = 0
    tail_rows: int = 0
    common_rows: int = 0

    @property
    def known(self) -> int:
        """Rows that have a label."""
        return sum(self.rows.values()) + self.tail_rows

    @property
    def different(self) -> int:
        """Number of different labels."""
        return len(self.rows) + self.tail_labels

    @property
    def is_text(self) -> bool:
        """Whether the labels are so many, or so rare, that they are texts."""
        return self.different > MOST_DIFFERENT or 2 * self.common_rows < self.known

    def layout(self) -> LabelLayout:
        """Return the bins for this column as a reference."""
        return LabelLayout(tuple(name for name, n in self.rows.items() if n >= LEAST_ROWS)[:MOST_LABELS])


def count_labels(table: Table, name: str, asked: Sequence[str] = ()) -> Counted:
    """Return the rows by label: of those `asked` for, and of the 11,000 most frequent."""
    import ibis

    rows = table.expression.select(mlq_label=label_of(table.expression[name]))
    counted = rows.group_by("mlq_label").aggregate(mlq_rows=rows.count())
    known, null = counted.mlq_label.notnull(), counted.mlq_label.isnull()
    order = [null.ifelse(0, 1), ibis.desc(counted.mlq_rows), counted.mlq_label]
    some = records(table, name, counted.order_by(order).limit(_MOST_ASKED + 1))
    by_label = {str(row["mlq_label"]): int(row["mlq_rows"]) for row in some if row["mlq_label"] is not None}
    nulls = sum(int(row["mlq_rows"]) for row in some if row["mlq_label"] is None)
    if len(some) <= _MOST_ASKED:
        return Counted(by_label, nulls, common_rows=sum(n for n in by_label.values() if n >= LEAST_ROWS))
    # Named in a query of their own, and only here: a thousand labels take an engine longer to read than to count.
    lacking = [label for label in asked if label not in by_label]
    if lacking:
        rare = records(table, name, counted.filter(counted.mlq_label.isin(lacking)))
        by_label |= {str(row["mlq_label"]): int(row["mlq_rows"]) for row in rare}
    labels = counted.filter(known)
    common = labels.mlq_rows.sum(where=labels.mlq_rows >= LEAST_ROWS)
    totals = {"labels": labels.count(), "rows": labels.mlq_rows.sum(), "common": common}
    answer = table.aggregates(totals, of=labels)
    tail = int(answer["labels"]) - len(by_label), int(answer["rows"]) - sum(by_label.values())
    return Counted(by_label, nulls, *tail, common_rows=int(answer["common"] or 0))
