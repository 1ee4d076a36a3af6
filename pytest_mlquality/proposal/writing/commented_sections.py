"""Sections about the model that people must decide on: comments, which are valid settings once uncommented."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_mlquality.data.kinds import NUMBERS
from pytest_mlquality.measures.slicing import MOST_SLICES
from pytest_mlquality.proposal.limits.leaks import SUSPICIOUS
from pytest_mlquality.proposal.look import Findings
from pytest_mlquality.proposal.looking.seen import Column
from pytest_mlquality.proposal.looking.sensitive import sensitive
from pytest_mlquality.proposal.remark import comment, listed, remark
from pytest_mlquality.settings import explanation_section, fairness_section
from pytest_mlquality.settings.limits import written
from pytest_mlquality.settings.toml_text import value_text

SPLIT = "test"
# So many features that predict best alone stand for those that people expect to count.
EXPECTED = 2
_MEANINGS = {
    "demographic_parity_ratio": "of the shares decided positive, smallest to largest",
    "equalized_odds_difference": "of true or of false positive rates",
    "mean_absolute_error_ratio": "of the groups' errors, smallest to largest",
}
_NOT_OF_NUMBERS = ("demographic_parity_ratio = false  # numbers are no decisions", "equalized_odds_difference = false")


def commented_sections(findings: Findings, seen: Mapping[str, str] | None = None) -> dict[str, list[str]]:
    """Return the lines of ``[fairness]`` and of ``[explanation]``, less those of which nothing can be said.

    Below the prose, the lines of a section lack nothing but that their ``# `` is taken away.

    Parameters
    ----------
    seen
        How far groups are apart today, by metric.
    """
    sections = {"fairness": list(_fairness(findings, seen or {})), "explanation": list(_explanation(findings))}
    return {name: lines for name, lines in sections.items() if lines}


def grouping(findings: Findings) -> list[str]:
    """Return the columns that may be sensitive and make groups of rows with answers and labels; none without those."""
    if not _is_answered(findings) or SPLIT not in findings.evidence.labelled:
        return []
    return [name for name in _suspects(findings) if _makes_groups(findings.evidence.columns[name])]


def metrics_of_groups(findings: Findings) -> dict[str, tuple[str, str]]:
    """Return limit and meaning of what is proposed of groups, by metric."""
    limits = fairness_section.DEFAULTS_OF_TASK.get(findings.task or "", fairness_section.DEFAULTS)
    return {name: (value_text(written(limit)), _MEANINGS[name]) for name, limit in limits}


def _fairness(findings: Findings, seen: Mapping[str, str]) -> Iterator[str]:
    suspects, by = _suspects(findings), grouping(findings)
    if not by:
        yield from _without_section(suspects)
        return
    others = [name for name in suspects if name not in by]
    yield from comment(
        "By their names the columns of `by` may be about what people must not be judged by"
        + (f"; so may {listed(others, 20)}, whose values make no groups" if others else "")
        + ". People decide which are: keep those, uncomment, and choose the limits (docs/fairness.md). "
        "They are the usual ones, whatever is seen today."
    )
    yield from _commented(
        "[fairness]",
        f"by = {value_text(by)}  # each makes groups; columns in brackets of their own make those of both",
        "[fairness.metrics]",
        *(_NOT_OF_NUMBERS if findings.task == "regression" else ()),
        *(
            f"{name} = {limit}  # {meaning}" + (f"; on test: {seen[name]}" if seen.get(name) else "")
            for name, (limit, meaning) in metrics_of_groups(findings).items()
        ),
    )


def _without_section(suspects: list[str]) -> Iterator[str]:
    if suspects:
        yield from comment(
            f"By their names these columns may be about what people must not be judged by: {listed(suspects, 20)}. "
            "People decide which are; compare how the model treats their groups."
        )


def _suspects(findings: Findings) -> list[str]:
    aside = (*findings.request.data.targets, findings.request.key)
    return sensitive(column.name for column in findings.columns if column.name not in aside)


def _makes_groups(column: Column) -> bool:
    """Return whether the gate can make two groups or more: of labels each, of many numbers their quartiles."""
    seen = column.seen.get(SPLIT)
    if seen is None or column.kind not in (*NUMBERS, "text", "truth"):
        return False
    if seen.counts is None:
        return column.kind in NUMBERS
    return len(seen.counts) > 1 and (column.kind in NUMBERS or len(seen.counts) <= MOST_SLICES)


def _explanation(findings: Findings) -> Iterator[str]:
    if not _is_answered(findings):
        return
    yield from comment(
        "What may the model rely on? Uncomment, and say what you expect (docs/explanation.md). To look into trees and "
        'linear models it takes: pip install "pytest-mlquality[explain]"'
    )
    best, columns = _best_alone(findings), len(findings.evidence.roles[findings.first].features)
    largest = value_text(written(_largest_share().of(max(columns, 1))))
    yield from _commented(
        "[explanation]",
        f"expected = {value_text(best)}  # columns that people expect to count most"
        + ("; these predict best alone" if best else ""),
        "forbidden = []  # columns that are to count for nothing",
        'monotone = {}  # which way the answer goes as a number rises: { COLUMN = "increasing" }',
        "[explanation.metrics]",
        f"largest_share = {largest}  # of one column in what moves the answers: near 1 it may hold the answer",
    )


def _largest_share() -> explanation_section.ByColumns:
    limit = dict(explanation_section.DEFAULTS)["largest_share"]
    assert isinstance(limit, explanation_section.ByColumns)
    return limit


def _best_alone(findings: Findings) -> list[str]:
    """Return features that predict well alone, but none that seems to leak the target."""
    scores = {score.name: score.value or 0.0 for score in findings.scores} if findings.scores is not None else {}
    best = sorted(scores, key=lambda name: -scores[name])
    return [name for name in best if 0 < scores[name] < SUSPICIOUS][:EXPECTED]


def _is_answered(findings: Findings) -> bool:
    """Return whether a model answers a split, and in a way that both concerns can judge."""
    return findings.task in ("binary", "multiclass", "regression") and SPLIT in findings.tables


def _commented(*lines: str) -> Iterator[str]:
    yield from map(remark, lines)
