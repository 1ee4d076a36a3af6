"""Limits for what the test split, or a feature, gives away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from math import ceil

from pytest_mlquality.data import Table
from pytest_mlquality.data.kinds import NUMBERS
from pytest_mlquality.errors import DataError
from pytest_mlquality.limit import Limit
from pytest_mlquality.measurement import Measurement, Measurements
from pytest_mlquality.measures import leakage
from pytest_mlquality.measures.equal_values import alike
from pytest_mlquality.measures.roles import Roles
from pytest_mlquality.proposal import human
from pytest_mlquality.proposal.limits.metrics import LEVEL, ceiling, value
from pytest_mlquality.proposal.limits.proposal import Proposal, if_answered
from pytest_mlquality.proposal.looking.columns import kinds_of
from pytest_mlquality.proposal.looking.evidence import Evidence
from pytest_mlquality.proposal.remark import listed

# A feature that alone does as well as this is the answer in disguise, or the task needs no model.
SUSPICIOUS = 0.95
ROOM = 0.02
# The trees that try single features know no greater number.
MOST_FLOAT = 3.4e38


def leaks(evidence: Evidence, scores: Measurements | None, step: Callable[[str], None]) -> Iterator[Proposal]:
    """Yield what is proposed for ``[schema.leakage]``.

    Parameters
    ----------
    scores
        How well each feature of train alone predicts the target.
    """
    train, test = evidence.tables.get("train"), evidence.tables.get("test")
    if train is None:
        return
    if test is not None:
        step("comparing test with train")
        yield from _between(evidence, train, test)
    if evidence.has_labels(train):
        if scores is not None:
            yield _single(scores)
        step("asking whether the order of the rows knows the label")
        yield from _order(evidence, train)
        named = leakage.target_named_columns(evidence.roles["train"])
        said = f"named like the target: {named.reason or 'no feature'}"
        yield Proposal("target_named_columns", Limit(at_most=value(named)), said)


def scores_of(evidence: Evidence, sample: Table, seed: int = 0) -> Measurements | None:
    """Return how well each feature alone predicts the target; None where that cannot be asked of all of them."""
    roles = evidence.roles.get("train")
    if roles is None or not evidence.has_labels(sample):
        return None
    kinds = kinds_of(evidence.tables["train"])
    if any(kinds.get(name) == "other" for name in roles.features):
        return None
    seen = [evidence.columns[name] for name in roles.features if kinds.get(name) in NUMBERS]
    if any(max(abs(column.low or 0), abs(column.high or 0)) > MOST_FLOAT for column in seen):
        return None
    return leakage.single_column_scores(sample, roles, task=None, seed=seed)


def _between(evidence: Evidence, train: Table, test: Table) -> Iterator[Proposal]:
    key = evidence.roles["test"].key
    if key is not None and key in train.columns and key in test.columns:
        yield from if_answered("shared_keys", evidence, partial(_shared_keys, evidence, train, test))
    apart = _apart(train, test, evidence.roles["test"])
    if apart:
        yield Proposal("shared_rows", None, f"cannot be asked, for types differ: {listed(apart)}")
        return
    yield from if_answered("shared_rows", evidence, partial(_shared_rows, evidence, train, test))


def _shared_rows(evidence: Evidence, train: Table, test: Table) -> Iterator[Proposal]:
    rows = leakage.shared_rows(train, test, evidence.roles["test"])
    limit = ceiling(rows)
    said = f"{human.percent(value(rows))} of the test rows have an equal row in train, in features and target"
    said += f" ({rows.reason})" if rows.reason else ""
    if limit >= 1:
        yield Proposal("shared_rows", None, f"{said}: no limit says anything")
    else:
        yield Proposal("shared_rows", Limit(at_most=limit), said)


def _apart(train: Table, test: Table, roles: Roles) -> list[str]:
    """Return the columns whose values in train and test cannot be compared."""
    compared = [name for name in (*roles.features, *roles.targets) if name in train.columns and name in test.columns]
    return [str(name) for name in compared if alike(train.expression[name], test.expression[name]) is None]


def _shared_keys(evidence: Evidence, train: Table, test: Table) -> Iterator[Proposal]:
    keys = leakage.shared_keys(train, test, evidence.roles["test"])
    if not value(keys):
        yield Proposal("shared_keys", Limit(at_most=0), "no key of test stands in train")
        return
    said = f"{human.percent(value(keys))} of the test rows have a key that stands in train: should be 0, look into it"
    yield Proposal("shared_keys", Limit(at_most=ceiling(keys)), said)


def later(evidence: Evidence) -> bool:
    """Return whether every row of test is later than all of train."""
    train, test = evidence.tables.get("train"), evidence.tables.get("test")
    time = next(iter(evidence.roles.values())).time
    if train is None or test is None or time is None or time not in train.columns or time not in test.columns:
        return False
    try:
        return not value(leakage.time_overlap(train, test, evidence.roles["test"]))
    except DataError:
        if evidence.engine is None:
            raise
        return False


def _single(scores: Measurements) -> Proposal:
    if not len(scores) or any(score.value is None for score in scores):
        return Proposal("single_column_score", None, "could not be measured for every feature")
    best = max(scores, key=lambda score: value(score))
    limit = _above(best)
    suspects = [score.name for score in scores if value(score) >= SUSPICIOUS]
    if limit >= 1:
        reason = f"a leak? {listed(suspects)} alone nearly gives the target away, so no limit is proposed"
        return Proposal("single_column_score", None, reason)
    said = f"the best single feature, {best.name}, reaches {value(best):.2f} (ROC AUC, or R2 of a number)"
    return Proposal("single_column_score", Limit(at_most=limit), said + ("; a leak?" if suspects else ""))


def _order(evidence: Evidence, train: Table) -> Iterator[Proposal]:
    if not train.origin.in_order:
        return
    scores = list(leakage.order_score(train, evidence.roles["train"], task=None, seed=0))
    if any(score.value is None for score in scores):
        return
    score = max(scores, key=value)
    limit = max(_above(score), 0.55 if evidence.classifies else 0.05)
    said = f"the place of a row alone reaches {value(score):.2f} (ROC AUC, or R2 of a number)"
    if limit >= 1:
        yield Proposal("order_score", None, f"{said}: the rows stand sorted by the label, which a split by place leaks")
        return
    yield Proposal("order_score", Limit(at_most=limit), said)


def _above(score: Measurement) -> float:
    """Return a limit above a score: its upper bound, and room for another sample."""
    return human.clean(ceil(100 * max(score.upper(LEVEL) + ROOM, ROOM)) / 100)
