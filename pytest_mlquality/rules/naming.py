"""Which values break a rule that allows some, where so many rows have them that they point at nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_mlquality.data.faults import explained
from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.rules.rule import Finding, RowRule

if TYPE_CHECKING:
    from pytest_mlquality.data import Table

# A value in fewer rows may point at a person.
ROWS_TO_BE_NAMED = 10
MOST_NAMED = 5
LONGEST = 60


def with_names(finding: Finding, table: Table) -> Finding:
    """Return a finding with the values that break its rule, if that allows some values and rows have others."""
    import ibis

    rule = finding.rule
    if not isinstance(rule, RowRule) or rule.label is None or finding.count < ROWS_TO_BE_NAMED:
        return finding
    try:
        with explained(rule.name, ""):
            rows = table.expression.select(label=rule.label.cast("string"), broken=rule.breaks)
            broken = rows.filter(rows.broken & rows.label.notnull())
            counted = broken.group_by("label").aggregate(times=broken.count())
            often = counted.filter(counted.times >= ROWS_TO_BE_NAMED).order_by([ibis.desc("times"), "label"])
            found = often.limit(MOST_NAMED).to_pyarrow().to_pylist()
    except MLQualityError:
        # What only names the values must not hide that they are wrong.
        return finding
    return replace(finding, named=tuple((str(one["label"])[:LONGEST], int(one["times"])) for one in found))
