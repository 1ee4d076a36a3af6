"""``report.html``: one file for the person who decides, without script and without any request to anywhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_mlquality.evidence_format import holds_rows
from pytest_mlquality.judgement_text import power_text
from pytest_mlquality.whole_file import write_whole

from . import curve, picture, ranking, reading, tables, wording

if TYPE_CHECKING:
    from jinja2 import Environment

FILE_NAME = "report.html"
_ASSETS = "pytest_mlquality.reports"
_WORD_END = re.compile(r"(?<=[_:/\[])(?![_:/\[])")


def write(evidence: dict[str, Any], directory: Path) -> Path:
    """Write ``report.html`` into `directory` and return its path.

    Raises
    ------
    EvidenceError
        Where the file cannot be written.
    """
    return write_whole(directory / FILE_NAME, render(evidence), private=holds_rows(evidence))


def render(evidence: dict[str, Any]) -> str:
    """Return the page; every text of the evidence is escaped, whatever it holds."""
    style = _asset("assets/report.css")
    started = evidence["run"]["started"]
    return (
        _environment()
        .get_template("report.html.jinja")
        .render(
            evidence=evidence,
            run=evidence["run"],
            subjects=[SubjectView.of(subject, started) for subject in evidence["subjects"]],
            style=_trusted(style),
            # The hash lets this one style sheet in and nothing that some text might smuggle into the page.
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        )
    )


@dataclass(frozen=True, slots=True)
class SubjectView:
    """One subject, with what a reader asks of it first."""

    subject: dict[str, Any]
    attention: list[reading.Concern]
    counts: dict[str, int]
    changes: list[tuple[str, str, str]]
    waived: list[tuple[dict[str, Any], str]]
    not_applicable: int
    # Measurements whose details stand in a card already, by identity: equal ones may stand in several checks.
    detailed: frozenset[int]

    @classmethod
    def of(cls, subject: dict[str, Any], started: str) -> SubjectView:
        """Read a subject of the evidence."""
        attention = reading.attention(subject, started)
        return cls(
            subject=subject,
            attention=attention,
            counts=reading.outcome_counts(subject),
            changes=reading.changes(subject),
            waived=[
                (check, reading.waiver_state(check, started))
                for check in subject["checks"]
                if check["waiver"] is not None
            ],
            not_applicable=reading.not_applicable(subject),
            detailed=frozenset(id(measurement) for concern in attention for measurement in concern.measurements),
        )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        # Every template is HTML, whatever its name.
        autoescape=True,
        finalize=_finalize,
        loader=FunctionLoader(lambda name: _asset(f"templates/{name}")),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters.update(
        breakable=_breakable,
        cell=tables.cell,
        count=wording.count,
        counted=wording.counted,
        curve=curve.curve_picture,
        dependences=ranking.dependences,
        identity=id,
        interval=wording.interval,
        limit=wording.limit,
        lost=reading.lost,
        moment=wording.moment,
        number=wording.number,
        outcome=lambda check: wording.outcome_named(wording.outcome(check)),
        picture=picture.interval_picture,
        power=lambda measurement: power_text(measurement["power"], measurement),
        pretty=lambda value: json.dumps(value, indent=2, ensure_ascii=False),
        ranking=ranking.ranking_picture,
        short_digest=_short_digest,
        tables=tables.tables,
        tone=wording.verdict_tone,
        value=wording.value,
        verdict_meaning=lambda verdict: wording.VERDICT_MEANINGS.get(verdict, ""),
        web_address=_is_web_address,
    )
    environment.globals.update(
        UNION_BOUND_WARNING=reading.UNION_BOUND_WARNING,
        box=picture,
        curve_box=curve,
        outcomes=wording.OUTCOMES,
        ranking_box=ranking,
    )
    return environment


def _finalize(value: object) -> object:
    from markupsafe import Markup

    if isinstance(value, str) and not isinstance(value, Markup):
        return wording.visible(value)
    return "" if value is None else value


def _trusted(text: str) -> object:
    from markupsafe import Markup

    return Markup(text)


def _asset(name: str) -> str:
    return files(_ASSETS).joinpath(name).read_text(encoding="utf-8")


def _breakable(text: str) -> object:
    """Let a long id be broken where its words end."""
    from markupsafe import Markup

    return Markup("<wbr>").join(_WORD_END.split(wording.visible(text)))


def _short_digest(digest: str) -> str:
    kind, _, rest = digest.rpartition(":")
    return f"{kind}:{rest[:12]}" if len(rest) > 12 else digest


def _is_web_address(text: str) -> bool:
    """Tell whether `text` may become a link: ``javascript:`` and the like may not."""
    try:
        address = urlsplit(text)
    except ValueError:
        return False
    return address.scheme in {"http", "https"} and bool(address.netloc)
