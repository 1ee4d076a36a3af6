"""What there is to use: checks, metrics, settings and markers, each described by the code itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import indent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_mlquality.limit import Limit

# Tasks whose answers are explained.
EXPLAINED = "binary, multiclass, regression"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the catalogue, with what stands below it.

    Parameters
    ----------
    facts
        Label to text, such as the default and the line to put into mlquality.toml.
    """

    name: str
    meaning: str
    facts: dict[str, str]

    def contains(self, word: str) -> bool:
        """Return whether `word` stands anywhere in the entry, whatever its case."""
        return word.lower() in str(self).lower()

    def __str__(self) -> str:
        below = "\n".join(f"{label}: {text}" for label, text in self.facts.items() if text)
        return "\n".join(filter(None, [self.name, indent(self.meaning, "    "), indent(below, "    ")]))


def entries(kinds: Iterable[str]) -> Iterator[Entry]:
    """Yield the entries of some kinds: checks, metrics, settings, marks."""
    sources = {"checks": _checks, "metrics": _metrics, "settings": _settings, "marks": _marks}
    for kind in kinds:
        yield from sources[kind]()


def _checks() -> Iterator[Entry]:
    from pytest_mlquality.plan import checks_of
    from pytest_mlquality.settings import CONCERNS

    for concern in CONCERNS:
        for function, info in checks_of(concern):
            meaning = (function.__doc__ or "").strip().splitlines()[0]
            facts = {
                "stages": ", ".join(info.stages),
                "challenge": f"{info.challenge} ({', '.join(info.principles)})",
                "ML Test Score": ", ".join(info.serves),
                "switched on by": f"[{concern}]",
            }
            yield Entry(f"{concern}::{function.__name__}", meaning, facts)


def _metrics() -> Iterator[Entry]:
    from pytest_mlquality.measures.metric_families import FAMILIES
    from pytest_mlquality.measures.metrics import METRICS, OWN_MEANING, OWN_PATTERN

    for metric in METRICS.values():
        edge = "at_least" if metric.higher_is_better else "at_most"
        facts = {
            "tasks": ", ".join(sorted(metric.tasks)),
            "TOML": f"[performance.metrics] {metric.name} = {{ {edge} = ... }}",
        }
        yield Entry(metric.name, metric.meaning, facts)
    for family in FAMILIES.values():
        edge = "at_least" if family.common.higher_is_better else "at_most"
        facts = {
            "tasks": ", ".join(sorted(family.common.tasks)),
            "TOML": f'[performance.metrics] "{family.written}" = {{ {edge} = ... }}',
        }
        yield Entry(family.pattern, family.meaning, facts)
    yield from _disparities()
    yield from _explanations()
    line = '[performance.metrics] "python:my_metrics:profit" = { at_least = ... }'
    yield Entry(OWN_PATTERN, OWN_MEANING, {"tasks": "all", "TOML": line})


def _disparities() -> Iterator[Entry]:
    from pytest_mlquality.measures.disparity import ENDINGS, NAMED
    from pytest_mlquality.measures.group_rates import RATES

    for name, (rates, among, meaning) in NAMED.items():
        edge = "at_least" if among == "ratio" else "at_most"
        tasks = ", ".join(sorted(RATES[rates[0]].tasks))
        yield Entry(name, meaning, {"tasks": tasks, "TOML": f"[fairness.metrics] {name} = {{ {edge} = ... }}"})
    for rate in RATES.values():
        line = f"[fairness.metrics] {rate.name}_difference = {{ at_most = ... }}"
        yield Entry(rate.name, rate.meaning, {"tasks": ", ".join(sorted(rate.tasks)), "TOML": line})
    for ending, meaning in ENDINGS.items():
        line = f"[fairness.metrics] accuracy_{ending} = {{ at_{'most' if ending == 'difference' else 'least'} = ... }}"
        yield Entry(f"METRIC_{ending}", f"Of any rate or metric over groups: the {meaning}.", {"TOML": line})


def _explanations() -> Iterator[Entry]:
    from pytest_mlquality.settings.explanation_section import (
        DEFAULTS,
        OF_COLUMNS,
        OF_METHODS,
        drift_measures,
        explanation_measures,
    )

    defaults = dict(DEFAULTS)
    for name, meaning in explanation_measures().items():
        edge = "at_least" if name in ("fidelity", "stability") else "at_most"
        facts = {
            "tasks": EXPLAINED,
            "methods": ", ".join(OF_METHODS.get(name, ())),
            "default": _limit(defaults[name]) if name in defaults else "",
            "needs": f"[explanation] {OF_COLUMNS[name]}" if name in OF_COLUMNS else "",
            "TOML": f"[explanation.metrics] {name} = {{ {edge} = ... }}",
        }
        yield Entry(name, meaning, facts)
    for name, meaning in drift_measures().items():
        line = f"[explanation.drift] {name} = {{ at_{'most' if name == 'share_change' else 'least'} = ... }}"
        yield Entry(name, meaning, {"tasks": EXPLAINED, "TOML": line})


def _limit(limit: Limit) -> str:
    from pytest_mlquality.settings.toml_text import value_text

    edges = {"at_least": limit.at_least, "at_most": limit.at_most}
    return value_text({edge: value for edge, value in edges.items() if value is not None})


def _settings() -> Iterator[Entry]:
    from pytest_mlquality.settings import describe_settings

    for setting in describe_settings():
        yield Entry(setting.key, setting.meaning, {"default": setting.default, "TOML": setting.example_toml_line})


def _marks() -> Iterator[Entry]:
    from pytest_mlquality.markers import CONCERN_MARKERS, OTHER_MARKERS

    for name, meaning in {**CONCERN_MARKERS, **OTHER_MARKERS}.items():
        yield Entry(f"@pytest.mark.{name}", meaning, {})
