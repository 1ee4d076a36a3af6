"""Which share of rows may break which rule, and patterns that name no rule at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from pytest_mlquality.data.column_names import replaced
from pytest_mlquality.errors import DataError, nearest
from pytest_mlquality.rules.agreement import Agreement, rules_of
from pytest_mlquality.wildcard import matches

if TYPE_CHECKING:
    import ibis


def tolerated(shares: Mapping[str, float], names: Iterable[str]) -> dict[str, float]:
    """Return the share of rows that may break a rule, by rule: of several patterns the least."""
    found = {name: [share for pattern, share in shares.items() if matches(pattern, name)] for name in names}
    return {name: min(some) for name, some in found.items() if some}


def require_named(
    patterns: Iterable[str], names: Collection[str], agreement: Agreement | None, table: ibis.Table
) -> None:
    """Raise DataError for a pattern that names no rule, neither of this split nor of any that has other columns.

    Parameters
    ----------
    names
        The rules of the split that is judged, and those of the settings.
    agreement
        The schema: what it would ask of columns that this split lacks is named with right.
    table
        The rows of the split.
    """
    for pattern in patterns:
        if any(matches(pattern, name) for name in names):
            continue
        elsewhere = _names_elsewhere(agreement, pattern, table) if agreement is not None else set()
        if not any(matches(pattern, name) for name in elsewhere):
            raise DataError(
                f"schema.tolerated: {pattern!r} names no rule{nearest(pattern, sorted({*names, *elsewhere}))}",
                "name a rule as the report shows it, or remove the line",
            )


def _names_elsewhere(agreement: Agreement, pattern: str, table: ibis.Table) -> set[str]:
    """Return the names of the rules about a table with all columns of a schema, and that which a pattern speaks of."""
    import ibis

    named = [part.name for part in agreement.parts if part.column is None or not part.column.regex]
    lacking = {*named, pattern.rpartition(":")[0] or "a column"}.difference(table.columns)
    # No row is read: only the names of the rules are of use.
    widened = replaced(table, dict.fromkeys(lacking, ibis.null("string")))
    return {rule.name for rule in rules_of(agreement, widened, widened.columns)}
