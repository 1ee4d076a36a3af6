"""One rule, what it asks of the engine, and how often it is broken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis
    from pandera.api.checks import Check

Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """One sentence of the agreement about a table.

    Parameters
    ----------
    name
        As people read it and as ``[schema.tolerated]`` names it: ``AGEP: in_range(0, 95)``.
    column
        The column it is about; None for a rule about whole rows or the table.
    warns
        Whether breaking it is told, and breaks nothing.
    """

    name: str
    column: str | None = None
    warns: bool = False


@dataclass(frozen=True, slots=True)
class Settled(Rule):
    """A rule that names and types alone decide: no row is read for it.

    Parameters
    ----------
    message
        Why it is broken; empty where it holds.
    judged
        False where another broken rule leaves nothing to look at.
    """

    message: str = ""
    judged: bool = True


@dataclass(frozen=True, slots=True)
class RowRule(Rule):
    """A rule that each row keeps or breaks.

    Parameters
    ----------
    breaks
        Whether a row breaks it; null: it does not.
    label
        What it allows some values of: those that break it in many rows are named.
    """

    breaks: ibis.BooleanValue = field(kw_only=True)
    label: ibis.Value | None = field(kw_only=True, default=None)


@dataclass(frozen=True, slots=True)
class ConditionRule(RowRule):
    """A condition of the settings, which null keeps.

    Parameters
    ----------
    answers
        Whether it is true or false of a row, and not null.
    filled
        Whether the row has a value in every column that it names.
    """

    answers: ibis.BooleanValue = field(kw_only=True)
    filled: ibis.BooleanValue = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class ColumnRule(Rule):
    """A rule about a column as a whole, from a few aggregates of it.

    Parameters
    ----------
    asks
        Aggregates by name.
    count
        How often it is broken, from their answers.
    says
        What is wrong, from their answers.
    """

    asks: Mapping[str, ibis.Value] = field(kw_only=True)
    count: Callable[[Answers], int] = field(kw_only=True)
    says: Callable[[Answers], str] = field(kw_only=True, default=lambda _answers: "")


@dataclass(frozen=True, slots=True)
class UniqueRule(Rule):
    """No two rows have the same values in some columns; missing values are equal to each other.

    Parameters
    ----------
    columns
        Expressions by name.
    spared
        Rows of each group of equals that count as right: 1 where only repetitions count, 0 where all of them do.
    """

    columns: Mapping[str, ibis.Value] = field(kw_only=True)
    spared: int = 0


@dataclass(frozen=True, slots=True)
class CustomRule(Rule):
    """A check in Python, run on batches of the column, or of all columns where `column` is None.

    Parameters
    ----------
    check
        pandera's check.
    columns
        What a batch holds.
    coerced
        Those of them that are read as another type than they have, as expressions.
    """

    check: Check = field(kw_only=True)
    columns: tuple[str, ...] = field(kw_only=True)
    coerced: Mapping[str, ibis.Value] = field(kw_only=True, default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """How often a rule is broken.

    Parameters
    ----------
    count
        Rows that break it; 1 for a rule about names and types.
    message
        What is wrong, or why it was not looked at, where the rule's name does not say it.
    of_rows
        Whether it is rows that break it, of which a share may be tolerated; else the column or the table as a whole.
    named
        The values that break it in many rows, with their rows, the most frequent first.
    """

    rule: Rule
    count: int
    message: str = ""
    of_rows: bool = True
    named: tuple[tuple[str, int], ...] = ()
