"""How many different values a column may have."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from pytest_mlquality.data.nan import without_nan
from pytest_mlquality.errors import nearest
from pytest_mlquality.rules.rule import Answers, ColumnRule, Rule, Settled

if TYPE_CHECKING:
    import ibis

    from pytest_mlquality.data import Table
    from pytest_mlquality.settings.limits import LimitTable


def of_distinct_values(
    table: Table, expression: ibis.Table, limits: Mapping[str, LimitTable], absent: Collection[str] = ()
) -> Iterator[Rule]:
    """Yield a rule for each column whose number of different values is limited; a missing one is no value.

    Parameters
    ----------
    absent
        Columns that may be missing: what is said about one that is, is not asked.
    """
    for name, limit in limits.items():
        rule = f"{name}: {_named(limit)}"
        if name in table.columns:
            yield _counted(rule, name, expression[name], limit)
        elif name in absent:
            yield Settled(rule, name, message="may be missing here", judged=False)
        else:
            yield Settled(rule, name, message=f"there is no column {name!r}{nearest(name, table.columns)}")


def _named(limit: LimitTable) -> str:
    edges = {"at_least": limit.at_least, "at_most": limit.at_most}
    return f"distinct_values({', '.join(f'{edge}={value:g}' for edge, value in edges.items() if value is not None)})"


def _counted(rule: str, name: str, value: ibis.Value, limit: LimitTable) -> Rule:
    least = 0 if limit.at_least is None else limit.at_least
    most = float("inf") if limit.at_most is None else limit.at_most

    def count(answers: Answers) -> int:
        return int(not least <= answers["different"] <= most)

    def says(answers: Answers) -> str:
        return f"has {answers['different']:,}"

    return ColumnRule(rule, name, asks={"different": without_nan(value).nunique()}, count=count, says=says)
