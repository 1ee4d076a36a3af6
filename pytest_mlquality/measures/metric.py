"""What has to be known of a metric before it is measured, and how entries of the catalogue are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Literal, TypeVar

T = TypeVar("T")
Needs = Literal["labels", "scores", "values"]
Support = tuple[float, float]

BINARY = frozenset({"binary"})
MULTICLASS = frozenset({"multiclass"})
MULTILABEL = frozenset({"multilabel"})
REGRESSION = frozenset({"regression"})
RANKING = frozenset({"ranking"})
ONE_LABEL = BINARY | MULTICLASS
ANY_LABELS = ONE_LABEL | MULTILABEL

SHARE: Support = (0.0, 1.0)
CORRELATION: Support = (-1.0, 1.0)
UP_TO_ONE: Support = (-inf, 1.0)
LOSS: Support = (0.0, inf)
NEGATIVE_LOSS: Support = (-inf, 0.0)


@dataclass(frozen=True, slots=True)
class Metric:
    """What has to be known of a metric before it is measured.

    Parameters
    ----------
    tasks
        For which of binary, multiclass, multilabel, regression and ranking it is defined.
    needs
        What the model must answer: labels, scores (probabilities of the classes), or values (regression).
    support
        Ends of the range in which it can lie, whatever the model: its bounds never leave it.
    meaning
        One sentence for people who choose a metric.
    parameter
        The number in brackets behind its name, such as the 2 of ``fbeta[2]``; None where the name has none.
    unit
        What it counts, such as EUR; empty where it is a plain number.
    function
        Of a metric of the user's own: called by keyword with ``y_true``, ``y_pred``, ``y_score`` and ``sample_weight``,
        as far as `takes` names them.
    gain
        Of ``mean_value``: what a row is worth, by the words for its true label and for the one decided.
    """

    name: str
    tasks: frozenset[str]
    needs: Needs
    higher_is_better: bool
    support: Support
    meaning: str
    parameter: float | None = None
    unit: str = ""
    function: Callable[..., object] | None = None
    takes: frozenset[str] = frozenset()
    gain: Mapping[str, Mapping[str, float]] | None = None

    def __str__(self) -> str:
        return self.name

    @property
    def family(self) -> str:
        """The name without its parameter."""
        return self.name.partition("[")[0]

    def loss_of(self, judged: T, other: T) -> tuple[T, T]:
        """Return both in the order in which their difference is by how much the first is worse than the other."""
        return (other, judged) if self.higher_is_better else (judged, other)


def score(name: str, tasks: frozenset[str], needs: Needs, meaning: str, support: Support = SHARE) -> Metric:
    """Return a metric of which more is better."""
    return Metric(name, tasks, needs, True, support, meaning)


def loss(name: str, tasks: frozenset[str], needs: Needs, meaning: str, support: Support = LOSS) -> Metric:
    """Return a metric of which less is better."""
    return Metric(name, tasks, needs, False, support, meaning)


def loss_and_scorer(
    name: str, tasks: frozenset[str], needs: Needs, meaning: str, support: Support = LOSS, *, scorer: str = ""
) -> tuple[Metric, Metric]:
    """Return a loss, and the scorer that is its negative."""
    low, high = support
    negative = f"{meaning.removesuffix('.')}, with a minus sign so that higher is better."
    return (
        loss(name, tasks, needs, meaning, support),
        score(scorer or f"neg_{name}", tasks, needs, negative, (-high, -low or 0.0)),
    )


def averages(name: str, of_each: str) -> tuple[Metric, ...]:
    """Return a metric of one class, averaged over the classes in all ways of scikit-learn."""
    return (
        score(f"{name}_macro", ANY_LABELS, "labels", f"{of_each}, averaged over the classes, each counting alike."),
        score(f"{name}_micro", ANY_LABELS, "labels", f"{of_each}, from the counts of all classes added up."),
        score(f"{name}_weighted", ANY_LABELS, "labels", f"{of_each}, averaged over the classes by their frequency."),
        score(f"{name}_samples", MULTILABEL, "labels", f"{of_each} of each row's set of labels, averaged over rows."),
    )
