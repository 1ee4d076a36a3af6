"""The names for ``[fairness.metrics]``: the field's own disparities, and any rate or metric with an ending."""

from __future__ import annotations

import re

from pytest_mlquality.settings.limits import Pattern


def disparity_measures() -> dict[str, str]:
    """Return the field's disparities, and the rates of groups, with their meaning."""
    # Only a file that names one pays for the catalogue.
    from pytest_mlquality.measures.disparity import NAMED
    from pytest_mlquality.measures.group_rates import RATES

    return {
        **{name: meaning for name, (_, _, meaning) in NAMED.items()},
        **{name: f"{rate.meaning.removesuffix('.')}; every group meets the limit." for name, rate in RATES.items()},
    }


def disparity_patterns() -> dict[str, Pattern]:
    """Return rates and metrics with an ending, and those of the user, by the regular expression of names."""
    from pytest_mlquality.measures.disparity import ENDINGS
    from pytest_mlquality.measures.group_rates import RATES
    from pytest_mlquality.measures.metric_families import FAMILIES
    from pytest_mlquality.measures.metrics import (
        ALIASES,
        GAIN_OVER_TRIVIAL,
        METRICS,
        OWN_MEANING,
        OWN_NAME,
        OWN_PATTERN,
    )

    support = {name: rate.support for name, rate in RATES.items()}
    support |= {name: metric.support for name, metric in METRICS.items() if name != GAIN_OVER_TRIVIAL}
    support |= {alias: METRICS[name].support for alias, name in ALIASES.items()}
    positive = [name for name, (low, _) in support.items() if low >= 0]
    signed = [name for name, (low, _) in support.items() if low < 0]
    without_ratio = _endings(-1)
    families = {
        _with_ending(family.regex.removeprefix("^").removesuffix("$"), _endings(family.common.support[0])): Pattern(
            f"{family.pattern}_difference", family.meaning
        )
        for family in FAMILIES.values()
    }
    return {
        _with_ending(_any_of(positive), list(ENDINGS)): Pattern(
            "METRIC_difference", f"A rate or metric of every group, or over all groups: {', '.join(ENDINGS)}."
        ),
        _with_ending(_any_of(signed), without_ratio): Pattern(
            "METRIC_group_min", f"A metric of every group, or over all groups: {', '.join(without_ratio)}."
        ),
        **families,
        OWN_NAME: Pattern(OWN_PATTERN, OWN_MEANING),
    }


def reliance_measures() -> dict[str, str]:
    """Return the names for ``[fairness.reliance]`` with their meaning."""
    return {
        "changed_decisions": "Share of rows decided otherwise if only what makes their group were another group's.",
        "proxy_roc_auc": "How well the other features of the model tell a group from all others: ROC AUC.",
    }


def why_no_disparity(name: str) -> tuple[str, str] | None:
    """Return what is wrong with a name that is none, and the remedy; None where it is known."""
    from pytest_mlquality.errors import ModelError
    from pytest_mlquality.measures.disparity import disparity

    try:
        disparity(name)
    except ModelError as error:
        return error.message, error.remedy
    return None


def _endings(lowest: float) -> list[str]:
    from pytest_mlquality.measures.disparity import ENDINGS

    return [ending for ending in ENDINGS if ending != "ratio" or lowest >= 0]


def _any_of(names: list[str]) -> str:
    return f"({'|'.join(map(re.escape, sorted(names)))})"


def _with_ending(regex: str, endings: list[str]) -> str:
    return f"^{regex}(_({'|'.join(endings)}))?$"
