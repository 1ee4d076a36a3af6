"""How much worse one model is than another on the same rows, with bounds also where pairing has none that hold."""

from __future__ import annotations

from dataclasses import replace

from pytest_mlquality.measures import baseline as paired
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.estimates import analytic, has_one_unit
from pytest_mlquality.measures.loss_tails import without_tails_of_difference
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.sample import Sample
from pytest_mlquality.measures.scoring import score
from pytest_mlquality.measures.shares import share
from pytest_mlquality.measures.small_samples import lacks_bounds, supported, sure_bounds
from pytest_mlquality.measures.unchanged import no_answer_differs, unchanged
from pytest_mlquality.statistics.estimate import Bound, Estimate
from pytest_mlquality.statistics.weighted_share import difference_of_shares


def loss_on_same_rows(metric: Metric, judged: Answers, other: Answers, *, exact: bool = False) -> Estimate:
    """Return by how much one model is worse than another on the same rows, as `baseline.loss`, with the best bounds.

    Where rows weigh differently a difference of shares is no surer than these shares are. Where no answer differs, or
    resamples have no bound, other bounds take their place.

    Parameters
    ----------
    exact
        Whether the rows are all there are: then the value is its own bound.
    """
    known = paired.loss(metric, judged, other, exact=True)
    if exact or known.value is None:
        return known
    if no_answer_differs(metric, judged, other) and not has_one_unit(judged):
        sure = unchanged(known, metric, judged)
        if sure is not None:
            return sure
    found = paired.loss(metric, judged, other)
    beside = replace(other, unit=judged.unit, weight=judged.weight)
    held = without_tails_of_difference(_of_weighted_shares(found, metric, judged, beside), metric, judged, beside)
    return _apart(held, metric, judged, beside)


def _of_weighted_shares(found: Estimate, metric: Metric, judged: Answers, other: Answers) -> Estimate:
    if judged.unit is None and judged.weight is None:
        return found
    worse, better = metric.loss_of(judged, other)
    a, b = share(metric, worse), share(metric, better)
    if a is None or b is None or a.function is not None or not a.fixed:
        return found
    return difference_of_shares(found, a.success[a.among], b.success[b.among], **a.rows)


def _apart(found: Estimate, metric: Metric, judged: Answers, other: Answers) -> Estimate:
    """Return a loss from resamples with bounds at any level.

    Where resamples have no bound, the worst of the one is set against the best of the other, at half the level each.
    """
    if not lacks_bounds(found):
        return found
    worse, better = metric.loss_of(_sure(metric, judged), _sure(metric, other))
    if worse is None or better is None:
        return found
    width = metric.support[1] - metric.support[0]
    sure = (
        lambda level: worse[0](level / 2) - better[1](level / 2),
        lambda level: worse[1](level / 2) - better[0](level / 2),
    )
    return supported(found, sure, (-width, width))


def _sure(metric: Metric, answers: Answers) -> tuple[Bound, Bound] | None:
    """Return bounds of a metric that do not come from resamples, or None."""
    found = analytic(metric, answers, score(metric, Sample.of(answers)).value)
    return sure_bounds(metric, answers) if found is None else (found.lower, found.upper)
