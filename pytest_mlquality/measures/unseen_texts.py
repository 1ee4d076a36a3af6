"""Texts that the reference lacks: of a column of too many different ones to count each, only lengths have bins."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_mlquality.data.nan import is_missing
from pytest_mlquality.measures.keyed_rows import in_one_engine
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.independent import difference
from pytest_mlquality.statistics.proportion import share

if TYPE_CHECKING:
    from pytest_mlquality.data import Table


def unseen_texts(reference: Table, current: Table, column: str, worths: tuple[float, float]) -> Estimate:
    """Return by how much more rows have a text that the reference lacks than as many of its own next rows would.

    Those are expected to be as many as its rows with a text of which it has no other (Good 1953, Biometrika 40,
    237-264), which vary by ``N1 + 2 N2 - N1^2 / n`` of n rows with N1 texts of one row and N2 of two (Esty 1983, Annals
    of Statistics 11, 905-912).

    Parameters
    ----------
    worths
        How many independent rows a row is worth, of the reference and of the current rows.
    """
    here, there = in_one_engine(reference, current, [column])
    known = here.filter(~is_missing(here[column])).select(mlq_text=here[column])
    texts = known.group_by("mlq_text").aggregate(mlq_rows=known.count())
    rows = {
        "rows": texts.mlq_rows.sum(),
        "once": texts.count(where=texts.mlq_rows == 1),
        "twice": texts.count(where=texts.mlq_rows == 2),
    }
    of_reference = {name: int(count or 0) for name, count in reference.aggregates(rows, of=texts).items()}
    answered = there.filter(~is_missing(there[column])).select(mlq_text=there[column])
    lacking = answered.anti_join(texts, "mlq_text")
    new = int(current.aggregates({"rows": lacking.count()}, of=lacking)["rows"] or 0)
    m = int(current.aggregates({"rows": answered.count()}, of=answered)["rows"] or 0)
    return _grown(of_reference, (new, m), worths)


def _grown(reference: dict[str, int], current: tuple[int, int], worths: tuple[float, float]) -> Estimate:
    n, once, twice = reference["rows"], reference["once"], reference["twice"]
    new, m = current
    if not n or not m:
        return Estimate.undefined(n + m, "one side has no text")
    alone = once - once**2 / n
    spread = max((alone + 2 * twice) / alone, 1.0) if alone > 0 else 1.0
    worth = worths[0] / spread
    expected = share(round(once * worth), max(round(n * worth), 1))
    seen = share(round(new * worths[1]), max(round(m * worths[1]), 1))
    reason = f"{new:,} of {m:,} rows have a text that the reference lacks, where {once / n:.1%} are expected"
    return replace(difference(seen, expected), reason=reason)
