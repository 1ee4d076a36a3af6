"""How far apart groups are today, said beside the limits that people are to choose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pytest_mlquality.errors import MLQualityError

if TYPE_CHECKING:
    from pytest_mlquality.subject import Subject


def disparities(subject: Subject, metrics: Iterable[str], by: Iterable[str]) -> dict[str, str]:
    """Return, by metric, what is seen between the groups that each column makes; no group is named."""
    columns = list(by)
    return {metric: ", ".join(_seen(subject, metric, columns)) for metric in metrics}


def _seen(subject: Subject, metric: str, columns: Iterable[str]) -> Iterator[str]:
    for name in columns:
        try:
            found = subject.fairness.measure(metric, by=[name], on="test")
        except MLQualityError:  # as where no positive label is known: the gate says it once the section is there
            continue
        value = next((one.value for one in found if one.value is not None), None)
        if value is not None:
            yield f"{name} {value:.2g}"
