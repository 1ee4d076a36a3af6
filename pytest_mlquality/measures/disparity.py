"""What is measured of groups, by its name: a rate or metric of every group, or how far the groups are apart in it.

Names are the field's, as fairlearn has them: ``demographic_parity_difference``, ``equalized_odds_ratio``; and of any
rate or metric ``<name>`` itself for every group, ``<name>_difference``, ``<name>_ratio``, ``<name>_group_min`` and
``<name>_group_max``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pytest_mlquality.errors import ModelError, nearest
from pytest_mlquality.measures.group_rates import RATES, Rate
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.metric_families import FAMILIES
from pytest_mlquality.measures.metrics import ALIASES, GAIN_OVER_TRIVIAL, METRICS, find

Among = Literal["each", "difference", "ratio", "group_min", "group_max"]

ENDINGS: dict[Among, str] = {
    "difference": "largest difference between two groups",
    "ratio": "smallest ratio of two groups",
    "group_min": "smallest of all groups",
    "group_max": "largest of all groups",
}
SUFFIXES = "|".join(ENDINGS)
LIST = "run `mlquality list metrics`"


@dataclass(frozen=True, slots=True)
class Disparity:
    """What is asked of groups.

    Parameters
    ----------
    asked
        Rates or metrics of every group; of several the one in which groups are farthest apart counts.
    among
        ``each`` group by itself, or what is made of all of them.
    """

    name: str
    asked: tuple[Rate | Metric, ...]
    among: Among

    def __str__(self) -> str:
        return self.name


# Definitions: Hardt, Price and Srebro 2016 (equalized odds, equal opportunity); Feldman et al. 2015 (the ratio).
_SELECTION, _TRUE_POSITIVE, _FALSE_POSITIVE = ("selection_rate",), ("true_positive_rate",), ("false_positive_rate",)
NAMED: dict[str, tuple[tuple[str, ...], Among, str]] = {
    "demographic_parity_difference": (
        _SELECTION,
        "difference",
        "Largest difference of the share decided positive between two groups.",
    ),
    "demographic_parity_ratio": (
        _SELECTION,
        "ratio",
        "Smallest ratio of the shares decided positive of two groups; 0.8 is the four-fifths rule.",
    ),
    "equalized_odds_difference": (
        _TRUE_POSITIVE + _FALSE_POSITIVE,
        "difference",
        "The larger of the differences of true and false positive rates between two groups.",
    ),
    "equalized_odds_ratio": (
        _TRUE_POSITIVE + _FALSE_POSITIVE,
        "ratio",
        "The smaller of the ratios of true and false positive rates of two groups.",
    ),
    "equal_opportunity_difference": (
        _TRUE_POSITIVE,
        "difference",
        "Largest difference of the true positive rate between two groups.",
    ),
    "equal_opportunity_ratio": (_TRUE_POSITIVE, "ratio", "Smallest ratio of the true positive rates of two groups."),
}


def disparity(name: str) -> Disparity:
    """Return what a name asks of groups.

    Raises
    ------
    ModelError
        If there is no such rate, metric or ending, or no ratio of it; the message has the nearest name.
    """
    if name in NAMED:
        rates, among, _ = NAMED[name]
        return Disparity(name, tuple(RATES[rate] for rate in rates), among)
    base, among = parts(name)
    if base == GAIN_OVER_TRIVIAL:
        raise ModelError(f"{base} says nothing of groups", "choose the metric itself, such as roc_auc")
    if base not in RATES and base not in METRICS and base not in ALIASES and base.partition("[")[0] not in FAMILIES:
        raise ModelError(f"there is no measure {name!r} of groups{nearest(name, known_names())}", LIST)
    return of_metric(name, RATES.get(base) or find(base), among)


def of_metric(name: str, asked: Rate | Metric, among: Among = "each") -> Disparity:
    """Return what is made of a rate or metric over groups.

    Raises
    ------
    ModelError
        If a ratio is asked of what can be negative.
    """
    if among == "ratio" and asked.support[0] < 0:
        raise ModelError(
            f"{name}: {asked.name} can be negative, so that a ratio says nothing", f"use {asked.name}_difference"
        )
    return Disparity(name, (asked,), among)


def parts(name: str) -> tuple[str, Among]:
    """Return the rate or metric in a name, and what is made of it over groups."""
    if name in METRICS:
        return name, "each"
    for among in ENDINGS:
        if name.endswith(f"_{among}"):
            return name.removesuffix(f"_{among}"), among
    return name, "each"


def known_names() -> Iterator[str]:
    """Yield all names, those of families as people read them."""
    yield from NAMED
    bases = (*RATES, *METRICS, *ALIASES, *(family.pattern for family in FAMILIES.values()))
    for base in bases:
        yield base
        yield from (f"{base}_{ending}" for ending in ENDINGS)
