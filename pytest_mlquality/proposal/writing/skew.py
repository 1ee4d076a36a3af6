"""Whether other splits look like train, as tables of the gate file."""

from __future__ import annotations

from pytest_mlquality.proposal.limits.skew import ColumnLimits, SkewProposal
from pytest_mlquality.proposal.looking.shifts import REFERENCE
from pytest_mlquality.proposal.remark import listed
from pytest_mlquality.proposal.writing.entry import Entry
from pytest_mlquality.settings.limits import written_all
from pytest_mlquality.settings.toml_text import value_text

_SAID = (
    "How far may columns, and rows as a whole, be from those of train? The default limits (docs/skew.md), with more "
    "room where the rows of today need it."
)


def skew_tables(proposed: SkewProposal | None) -> dict[str, list[Entry]]:
    """Return the entries of ``[skew]`` and its tables; none where nothing is proposed, nor where only a reason is."""
    if proposed is None or proposed.why_none:
        return {}
    tables = {
        "skew": [Entry(None, "", _SAID), *_between(proposed), *_unweighted(proposed), *_ignored(proposed)],
        "skew.metrics": list(map(Entry.of, proposed.metrics)),
        "skew.columns": [_of_column(name, own) for name, own in proposed.columns.items()],
    }
    return {name: entries for name, entries in tables.items() if entries}


def _between(proposed: SkewProposal) -> list[Entry]:
    pairs = [[REFERENCE, split] for split in proposed.between]
    return [Entry("between", value_text(pairs), "The others have too few rows.")] if pairs else []


def _unweighted(proposed: SkewProposal) -> list[Entry]:
    return [Entry("weighted", "false", "Rows are compared as they are.")] if proposed.unweighted else []


def _ignored(proposed: SkewProposal) -> list[Entry]:
    if not proposed.ignored:
        return []
    alike: dict[str, list[str]] = {}
    for name, why in proposed.ignored.items():
        alike.setdefault(why, []).append(name)
    said = "; ".join(f"{listed(names)}: {why}" for why, names in alike.items())
    return [Entry("ignore", value_text(list(proposed.ignored)), f"Not compared are {said}.")]


def _of_column(name: str, own: ColumnLimits) -> Entry:
    said = f"{'; '.join(own.reasons)}: beyond the limit of all columns. Is that how it is meant?"
    return Entry(name, value_text(written_all(own.limits)), said)
