"""The metrics that can be asked for by name, and what each needs to know: no scikit-learn is imported for this.

Names are scikit-learn's own: of its scorers (higher is better, hence ``neg_log_loss``), and of its metric functions
where no scorer has that name (``log_loss``, with its plain sign). `ALIASES` are functions whose scorer has a shorter
name. `LEFT_OUT` says why the rest cannot be asked for. Names with a number in brackets are in `metric_families`.
Those of calibration, and the mean value of decisions, are not scikit-learn's.
"""

from __future__ import annotations

from math import inf

from pytest_mlquality.errors import ModelError, nearest
from pytest_mlquality.measures.metric import (
    ANY_LABELS,
    BINARY,
    CORRELATION,
    LOSS,
    MULTICLASS,
    MULTILABEL,
    NEGATIVE_LOSS,
    ONE_LABEL,
    RANKING,
    REGRESSION,
    SHARE,
    UP_TO_ONE,
    Metric,
    averages,
    loss,
    loss_and_scorer,
    score,
)
from pytest_mlquality.measures.metric_families import FAMILIES, LIST, parametrised

GAIN_OVER_TRIVIAL = "gain_over_trivial"
MEAN_VALUE = "mean_value"

_LABELS = (
    score("accuracy", ANY_LABELS, "labels", "Share of rows that are decided rightly (of multilabel, in all labels)."),
    score("balanced_accuracy", ONE_LABEL, "labels", "Recall averaged over the classes, so that rare ones count."),
    score("precision", BINARY, "labels", "Share of truly positive rows among those decided positive."),
    score("recall", BINARY, "labels", "Share of rows decided positive among the truly positive (sensitivity)."),
    score("f1", BINARY, "labels", "Harmonic mean of precision and recall of the positive class."),
    score("jaccard", BINARY, "labels", "Share of true positives among rows that are positive in truth or decision."),
    *averages("precision", "Precision"),
    *averages("recall", "Recall"),
    *averages("f1", "F1"),
    *averages("jaccard", "Jaccard index"),
    score("matthews_corrcoef", ONE_LABEL, "labels", "Correlation of truth and decision over all classes.", CORRELATION),
    score("cohen_kappa_score", ONE_LABEL, "labels", "Agreement of truth and decision beyond chance.", CORRELATION),
    score(
        "positive_likelihood_ratio",
        BINARY,
        "labels",
        "How many times likelier a truly positive row is decided positive than a negative one.",
        LOSS,
    ),
    loss("zero_one_loss", ANY_LABELS, "labels", "Share of rows that are decided wrongly.", SHARE),
    loss("hamming_loss", ANY_LABELS, "labels", "Share of labels that are decided wrongly.", SHARE),
    Metric(
        "neg_negative_likelihood_ratio",
        BINARY,
        "labels",
        True,
        NEGATIVE_LOSS,
        "How many times likelier a truly positive row is decided negative than a negative one, with a minus sign.",
    ),
)

_ROC = "Chance that a row of one class gets a higher score for it than a row of another"
_SCORES = (
    score("roc_auc", BINARY | MULTILABEL, "scores", "Chance that a positive row is ranked above a negative one."),
    score("roc_auc_ovr", ONE_LABEL, "scores", f"{_ROC}, each class against the rest, averaged alike."),
    score("roc_auc_ovr_weighted", ONE_LABEL, "scores", f"{_ROC}, each class against the rest, by frequency."),
    score("roc_auc_ovo", ONE_LABEL, "scores", f"{_ROC}, over all pairs of classes, averaged alike."),
    score("roc_auc_ovo_weighted", ONE_LABEL, "scores", f"{_ROC}, over all pairs of classes, by frequency."),
    score("average_precision", ANY_LABELS, "scores", "Precision averaged over all thresholds, by gain in recall."),
    score("top_k_accuracy", MULTICLASS, "scores", "Share of rows whose class is among the two with the best scores."),
    *loss_and_scorer("log_loss", ONE_LABEL, "scores", "Cross-entropy of truth and probabilities, in nats."),
    *loss_and_scorer(
        "brier_score_loss",
        ONE_LABEL,
        "scores",
        "Mean squared error of the probabilities (of multiclass, summed over the classes).",
        (0.0, 2.0),
        scorer="neg_brier_score",
    ),
    loss(
        "expected_calibration_error",
        ONE_LABEL,
        "scores",
        "Mean distance of probabilities from frequencies in 15 bins of equally many rows, less its bias.",
        SHARE,
    ),
    loss(
        "brier_reliability",
        BINARY,
        "scores",
        "Part of the Brier score that better calibration would mend: mean squared distance from frequencies in bins.",
        SHARE,
    ),
    loss(
        "brier_refinement",
        BINARY,
        "scores",
        "Part of the Brier score that calibration leaves: brier_score_loss less brier_reliability.",
        SHARE,
    ),
    score(
        "brier_resolution",
        BINARY,
        "scores",
        "By how much brier_refinement is below the Brier score of the share of positive rows.",
        (-1.0, 0.25),
    ),
    score("d2_log_loss_score", ONE_LABEL, "scores", "Share of the log loss of the class shares removed.", UP_TO_ONE),
    score("d2_brier_score", ONE_LABEL, "scores", "Share of the Brier score of the class shares removed.", UP_TO_ONE),
)

_VALUES = (
    score("r2", REGRESSION, "values", "Share of the target's variance that is explained.", UP_TO_ONE),
    score("explained_variance", REGRESSION, "values", "As r2, but blind to a constant error.", UP_TO_ONE),
    score("d2_absolute_error_score", REGRESSION, "values", "Share of the median's absolute error removed.", UP_TO_ONE),
    score("d2_pinball_score", REGRESSION, "values", "Share of the median's pinball loss removed.", UP_TO_ONE),
    score("d2_tweedie_score", REGRESSION, "values", "Share of the mean's squared error removed (power 0).", UP_TO_ONE),
    *loss_and_scorer("max_error", REGRESSION, "values", "Largest absolute error of any row."),
    *loss_and_scorer("mean_absolute_error", REGRESSION, "values", "Mean absolute error, in the target's unit."),
    *loss_and_scorer("mean_squared_error", REGRESSION, "values", "Mean squared error."),
    *loss_and_scorer("root_mean_squared_error", REGRESSION, "values", "Root of the mean squared error."),
    *loss_and_scorer("median_absolute_error", REGRESSION, "values", "Median absolute error, deaf to outliers."),
    *loss_and_scorer("mean_absolute_percentage_error", REGRESSION, "values", "Mean absolute error over the target."),
    *loss_and_scorer("mean_squared_log_error", REGRESSION, "values", "Mean squared error of log(1 + value)."),
    *loss_and_scorer("root_mean_squared_log_error", REGRESSION, "values", "Root of the mean squared log error."),
    *loss_and_scorer("mean_poisson_deviance", REGRESSION, "values", "Mean Poisson deviance: for counts."),
    *loss_and_scorer("mean_gamma_deviance", REGRESSION, "values", "Mean gamma deviance: for positive amounts."),
    loss("mean_tweedie_deviance", REGRESSION, "values", "Mean Tweedie deviance at power 0: the squared error."),
    loss("mean_pinball_loss", REGRESSION, "values", "Mean pinball loss of the median: half the absolute error."),
)

_VALUE = score(
    MEAN_VALUE,
    ONE_LABEL,
    "labels",
    "What a row's decision is worth on average, by the gains of [performance.value].",
    (-inf, inf),
)

_TRIVIAL = score(
    GAIN_OVER_TRIVIAL,
    ANY_LABELS | REGRESSION,
    "labels",
    "How much better than a model that ignores the features: roc_auc - 0.5, balanced_accuracy - 1 / classes, or r2.",
    UP_TO_ONE,
)

_LISTS = RANKING | MULTILABEL
_RANKINGS = (
    score("ndcg_score", _LISTS, "scores", "Discounted gain of the order of each list, as a share of the best order's."),
    score("dcg_score", _LISTS, "scores", "Discounted gain of the order of each list.", LOSS),
    score("mean_reciprocal_rank", RANKING, "scores", "One over the rank of the first relevant item of each list."),
    score(
        "label_ranking_average_precision_score",
        _LISTS,
        "scores",
        "Share of relevant items among those ranked as high, averaged over the relevant items of each list.",
    ),
    loss("label_ranking_loss", _LISTS, "scores", "Share of pairs of each list that are ordered wrongly.", SHARE),
    loss("coverage_error", _LISTS, "scores", "How far down each list the last relevant item is."),
)

METRICS: dict[str, Metric] = {
    metric.name: metric for metric in (*_LABELS, *_SCORES, *_VALUES, *_RANKINGS, _VALUE, _TRIVIAL)
}

# A metric of the user's own: what its name looks like, how people read it, and what it is.
OWN_NAME = r"^python:[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_]*$"
OWN_PATTERN = "python:module:function"
OWN_MEANING = "A function of your own: function(y_true, y_pred), y_score in place of y_pred for probabilities."

# Functions of scikit-learn that a scorer of a shorter name stands for.
ALIASES: dict[str, str] = {
    f"{name}_score": name
    for name in (
        "accuracy",
        "average_precision",
        "balanced_accuracy",
        "explained_variance",
        "f1",
        "jaccard",
        "precision",
        "r2",
        "recall",
        "roc_auc",
        "top_k_accuracy",
    )
}

_CLUSTERING = "it compares two partitions, whatever their labels are called: a model's labels mean something"
LEFT_OUT: dict[str, str] = {
    "adjusted_mutual_info_score": _CLUSTERING,
    "adjusted_rand_score": _CLUSTERING,
    "completeness_score": _CLUSTERING,
    "fowlkes_mallows_score": _CLUSTERING,
    "homogeneity_score": _CLUSTERING,
    "mutual_info_score": _CLUSTERING,
    "normalized_mutual_info_score": _CLUSTERING,
    "rand_score": _CLUSTERING,
    "v_measure_score": _CLUSTERING,
    "class_likelihood_ratios": "it is two numbers: positive_likelihood_ratio and neg_negative_likelihood_ratio",
    "fbeta_score": "it needs a beta: write fbeta[2]",
    "hinge_loss": "it needs margins, not probabilities",
}

_PRIMARY = {"binary": "roc_auc", "multiclass": "balanced_accuracy", "multilabel": "roc_auc", "regression": "r2"}


def primary_metric(task: str) -> str:
    """Return the metric that judges a model where nobody chose one: insensitive to the shares of the classes.

    Raises
    ------
    ModelError
        If no metric suits the task without somebody's choice.
    """
    if task not in _PRIMARY:
        raise ModelError(
            f"no metric is the obvious one for the task {task!r}",
            "name metrics and their limits in [performance.metrics], and gain_over_trivial = false",
        )
    return _PRIMARY[task]


def find(name: str | Metric) -> Metric:
    """Return the metric that scikit-learn knows by `name`, as a scorer or as a function, or one of a family.

    What is a metric already is returned as it is.

    Raises
    ------
    ModelError
        If there is none; the message says why, or names the nearest one.
    """
    if isinstance(name, Metric):
        return name
    metric = METRICS.get(ALIASES.get(name, name))
    if metric is not None:
        return metric
    if name.endswith("]") and "[" in name:
        family, _, number = name.removesuffix("]").partition("[")
        return parametrised(ALIASES.get(family, family), number)
    if name in LEFT_OUT:
        raise ModelError(f"the metric {name!r} is not offered: {LEFT_OUT[name]}", LIST)
    if name in FAMILIES:
        raise ModelError(f"{name} needs a number in brackets", f"write, for example, {FAMILIES[name].written}")
    known = [*METRICS, *ALIASES, *(family.pattern for family in FAMILIES.values())]
    raise ModelError(f"there is no metric {name!r}{nearest(name, known)}", LIST)
