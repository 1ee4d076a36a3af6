"""Metrics that differ in one number, which stands in brackets behind their common name: ``fbeta[2]``.

This is the one place that reads such names. Those of scikit-learn are its own, with the argument that it takes; the
operating points are thresholds that a share holds to a value, and how well the model does there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pytest_mlquality.errors import ModelError, nearest
from pytest_mlquality.measures.metric import (
    BINARY,
    LOSS,
    MULTICLASS,
    MULTILABEL,
    RANKING,
    REGRESSION,
    UP_TO_ONE,
    Metric,
    loss,
    score,
)

LIST = "run `mlquality list metrics`"


@dataclass(frozen=True, slots=True)
class Range:
    """Which numbers may stand in the brackets: in words, and as a regular expression that JSON Schema knows too."""

    words: str
    regex: str


_FRACTION = r"0\.[0-9]*[1-9][0-9]*"
_FROM_1 = r"[1-9][0-9]*(\.[0-9]+)?"
COUNT = Range("a whole number from 1", r"[1-9][0-9]*")
POSITIVE = Range("a number above 0", rf"({_FRACTION}|{_FROM_1})")
BETWEEN = Range("a number above 0 and below 1", _FRACTION)
UP_TO_ALL = Range("a number above 0, up to 1", rf"({_FRACTION}|1(\.0+)?)")
POWER = Range("a number up to 0, or from 1", rf"(-[0-9]+(\.[0-9]+)?|0(\.0+)?|{_FROM_1})")


@dataclass(frozen=True, slots=True)
class Family:
    """Metrics of one name and different numbers.

    Parameters
    ----------
    common
        What is true of all of them; its name is the one before the brackets.
    letter
        What stands for the number where the family is described.
    example
        A number that people use.
    argument
        What the function of scikit-learn calls it; empty where the metric is computed here.
    """

    common: Metric
    letter: str
    range: Range
    example: str
    argument: str = ""

    @property
    def pattern(self) -> str:
        """The family as people read it: ``fbeta[BETA]``."""
        return f"{self.common.name}[{self.letter}]"

    @property
    def meaning(self) -> str:
        """What is measured, and which numbers may stand in the brackets."""
        return f"{self.common.meaning.removesuffix('.')}; {self.letter} is {self.range.words}."

    @property
    def regex(self) -> str:
        """A regular expression of the names, as JSON Schema has them."""
        return rf"^{self.common.name}\[{self.range.regex}\]$"

    @property
    def written(self) -> str:
        """A name of the family."""
        return f"{self.common.name}[{self.example}]"

    def of(self, number: str) -> Metric:
        """Return the metric of a number as the name writes it.

        Raises
        ------
        ModelError
            If it is none, or outside of the range.
        """
        if not re.fullmatch(self.range.regex, number):
            wrong = f"{self.common.name}[{number}]: {self.letter} is {self.range.words}"
            raise ModelError(wrong, f"write, for example, {self.written}")
        return replace(self.common, name=f"{self.common.name}[{number}]", parameter=float(number))


_SKLEARN = (
    Family(
        score("fbeta", BINARY, "labels", "Mean of precision and recall in which recall counts BETA times as much."),
        "BETA",
        POSITIVE,
        "2",
        "beta",
    ),
    Family(
        score("top_k_accuracy", MULTICLASS, "scores", "Share of rows whose class is among the K with the best scores."),
        "K",
        COUNT,
        "3",
        "k",
    ),
    Family(
        loss("mean_pinball_loss", REGRESSION, "values", "Mean pinball loss of a prediction of the quantile ALPHA."),
        "ALPHA",
        BETWEEN,
        "0.9",
        "alpha",
    ),
    Family(
        score(
            "d2_pinball_score",
            REGRESSION,
            "values",
            "Share of the pinball loss of the quantile ALPHA of the target removed.",
            UP_TO_ONE,
        ),
        "ALPHA",
        BETWEEN,
        "0.9",
        "alpha",
    ),
    Family(
        loss("mean_tweedie_deviance", REGRESSION, "values", "Mean Tweedie deviance at the power POWER."),
        "POWER",
        POWER,
        "1.5",
        "power",
    ),
    Family(
        score("d2_tweedie_score", REGRESSION, "values", "Share of the mean's Tweedie deviance removed.", UP_TO_ONE),
        "POWER",
        POWER,
        "1.5",
        "power",
    ),
)

_LISTS = RANKING | MULTILABEL
_RANKINGS = (
    Family(
        score("ndcg_score", _LISTS, "scores", "Discounted gain of each list's first K, as a share of the best one."),
        "K",
        COUNT,
        "10",
        "k",
    ),
    Family(
        score("dcg_score", _LISTS, "scores", "Discounted gain of each list's first K items.", LOSS),
        "K",
        COUNT,
        "10",
        "k",
    ),
)

_OPERATING_POINTS = (
    Family(
        score("precision_at_k", BINARY, "scores", "Share of truly positive rows among the K with the highest scores."),
        "K",
        COUNT,
        "100",
    ),
    Family(
        score("recall_at_precision", BINARY, "scores", "Highest recall of a threshold with a precision of at least P."),
        "P",
        UP_TO_ALL,
        "0.9",
    ),
    Family(
        score("precision_at_recall", BINARY, "scores", "Highest precision of a threshold with a recall of at least R."),
        "R",
        UP_TO_ALL,
        "0.8",
    ),
    Family(
        score(
            "recall_at_fpr",
            BINARY,
            "scores",
            "Highest recall (sensitivity) of a threshold with a false positive rate of at most F.",
        ),
        "F",
        BETWEEN,
        "0.01",
    ),
)

FAMILIES: dict[str, Family] = {family.common.name: family for family in (*_SKLEARN, *_RANKINGS, *_OPERATING_POINTS)}
OPERATING_POINTS = frozenset(family.common.name for family in _OPERATING_POINTS)


def parametrised(name: str, number: str) -> Metric:
    """Return the metric of a family's name and what stands in the brackets behind it.

    Raises
    ------
    ModelError
        If there is no such family, the message names the nearest, or no such number in it.
    """
    if name not in FAMILIES:
        patterns = [family.pattern for family in FAMILIES.values()]
        near = nearest(f"{name}[{number}]", patterns)
        raise ModelError(f"there is no metric {name!r} with a number in brackets{near}", LIST)
    return FAMILIES[name].of(number)
