"""``metrics.prom``: verdicts and measurements in the OpenMetrics text format 1.0, for a metrics store to keep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

from pytest_mlquality.evidence_format import holds_rows
from pytest_mlquality.whole_file import write_whole

from . import reading, wording

FILE_NAME = "metrics.prom"
_VERDICTS = {"pass": 1, "incomplete": 0, "fail": -1}
Labels = dict[str, str]


def write(evidence: dict[str, Any], directory: Path) -> Path:
    """Write ``metrics.prom`` into `directory` and return its path.

    Raises
    ------
    EvidenceError
        Where the file cannot be written.
    """
    return write_whole(directory / FILE_NAME, render(evidence), private=holds_rows(evidence))


def render(evidence: dict[str, Any]) -> str:
    """Return the metrics as OpenMetrics text, which ends with ``# EOF``."""
    lines = [line for family in _families(evidence) for line in family.lines()]
    return "\n".join([*lines, "# EOF", ""])


@dataclass(slots=True)
class _Gauge:
    """One metric family; no two of its samples have the same labels."""

    name: str
    meaning: str
    samples: list[str] = field(default_factory=list)
    _seen: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def add(self, number: float | None, labels: Labels) -> None:
        if number is None or not isfinite(number):
            return
        key = tuple(labels.values())
        self._seen[key] += 1
        # A check may measure the same thing twice, and two files may name their subjects alike.
        numbered = labels if self._seen[key] == 1 else {**labels, "occurrence": str(self._seen[key])}
        inside = ",".join(f'{name}="{_escaped(text)}"' for name, text in numbered.items())
        self.samples.append(f"{self.name}{{{inside}}} {float(number)!r}")

    def lines(self) -> Iterator[str]:
        yield f"# TYPE {self.name} gauge"
        yield f"# HELP {self.name} {self.meaning}"
        yield from self.samples


def _families(evidence: dict[str, Any]) -> list[_Gauge]:
    verdict = _Gauge("mlquality_verdict", "1 pass, 0 incomplete, -1 fail: alert below 1.")
    checks = _Gauge("mlquality_checks", "Checks by outcome.")
    bound = _Gauge("mlquality_union_bound", "Bounds the chance of any false fail in this run.")
    for subject in evidence["subjects"]:
        labels = {"subject": subject["name"]}
        verdict.add(_VERDICTS.get(subject["verdict"], 0), labels)
        bound.add(subject["union_bound"], labels)
        counts = reading.outcome_counts(subject)
        # An outcome that does not occur is 0 and not absent, so that a series ends at 0 and not in a gap.
        for name in [*wording.OUTCOMES, *(counts.keys() - wording.OUTCOMES.keys())]:
            checks.add(counts.get(name, 0), {**labels, "outcome": name})
    return [verdict, checks, bound, *_measurements(evidence)]


def _measurements(evidence: dict[str, Any]) -> list[_Gauge]:
    value = _Gauge("mlquality_measurement", "The measured value.")
    lower = _Gauge("mlquality_measurement_lower", "Lower end of the 95% interval.")
    upper = _Gauge("mlquality_measurement_upper", "Upper end of the 95% interval.")
    least = _Gauge("mlquality_limit_at_least", "The limit that the value must not be below.")
    most = _Gauge("mlquality_limit_at_most", "The limit that the value must not be above.")
    for subject in evidence["subjects"]:
        for check in subject["checks"]:
            for measurement in check["measurements"]:
                labels = {"subject": subject["name"], "check": check["id"], "name": measurement["name"]}
                low, high = measurement["interval"] or (None, None)
                value.add(measurement["value"], labels)
                lower.add(low, labels)
                upper.add(high, labels)
                least.add(measurement["at_least"], labels)
                most.add(measurement["at_most"], labels)
    return [value, lower, upper, least, most]


def _escaped(text: str) -> str:
    return wording.visible(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
