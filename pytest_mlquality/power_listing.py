"""What each limit of a run could have told with the rows at hand, those that tell nothing first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_mlquality.judgement_text import never_fails, never_passes, power_text
from pytest_mlquality.measurement import number_text


def listing(evidence: dict[str, Any], word: str = "") -> Iterator[str]:
    """Yield two lines a measurement that has uncertainty: check, name and rows; the limit and what it can see.

    Parameters
    ----------
    evidence
        Of a run.
    word
        Only measurements of which the check or the name contains it.
    """
    found = [
        (check["id"], measurement)
        for subject in evidence["subjects"]
        for check in subject["checks"]
        for measurement in check["measurements"]
        if measurement.get("power") and word.lower() in f"{check['id']} {measurement['name']}".lower()
    ]
    for check, measurement in sorted(found, key=lambda one: _sees(one[1])):
        rows = "" if measurement["n"] is None else f", {measurement['n']:,} rows"
        measured = number_text(measurement["value"])
        yield f"{check}: {measurement['name']}{rows}"
        yield f"    {_limit(measurement)}: {power_text(measurement['power'], measurement)}; measured {measured}"


def blind(subject: dict[str, Any]) -> list[str]:
    """Return the checks of a subject with a limit that no value can fail, or pass, with the rows at hand."""
    return [
        check["id"]
        for check in subject["checks"]
        if any(measurement.get("power") and _sees(measurement) < 1 for measurement in check["measurements"])
    ]


def _sees(measurement: dict[str, Any]) -> int:
    seen = measurement["power"]
    return 0 if never_fails(seen) or never_passes(seen, measurement) else 1


def _limit(measurement: dict[str, Any]) -> str:
    edges = (("at least", measurement["at_least"]), ("at most", measurement["at_most"]))
    return " and ".join(f"{words} {number_text(edge)}" for words, edge in edges if edge is not None)
