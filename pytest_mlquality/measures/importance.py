"""How much a model relies on a column: what it loses on the same rows when the column's values are shuffled."""

from __future__ import annotations

from pytest_mlquality.measures import baseline
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.scoring import primary, suiting
from pytest_mlquality.statistics.estimate import Estimate


def importance(plain: Answers, shuffled: Answers) -> tuple[str, Estimate]:
    """Return the task's metric, and by how much it is worse with a column shuffled (Breiman 2001), paired.

    Parameters
    ----------
    plain, shuffled
        What the model answers to some rows, and to the same with the column's values in another order.

    Raises
    ------
    ModelError
        If the task has no metric that suits what the model answers.
    """
    name = primary(plain, shuffled)
    return name, baseline.loss(suiting(name, plain, shuffled), shuffled, plain)
