"""Fitted objects of boosting libraries, whatever they were kept in: what scikit-learn's interface does not say."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pytest_mlquality.adapters.models import catboost_file, lightgbm_file, xgboost_file
from pytest_mlquality.errors import ModelError

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlquality.adapters.models.face import Model
    from pytest_mlquality.adapters.models.kept import Kept
    from pytest_mlquality.adapters.models.wanted import Wanted

# Classes of a library's own interface: what they answer depends on the loss, as a file of theirs.
_NATIVE = {
    ("catboost", "CatBoost"): catboost_file.of_fitted,
    ("lightgbm", "Booster"): lightgbm_file.of_fitted,
    ("xgboost", "Booster"): xgboost_file.of_fitted,
}


def native(estimator: Any, kept: Kept | None, wanted: Wanted) -> Model | None:  # noqa: ANN401 - of any library
    """Return an object of a library's own interface as a model; None of everything else."""
    read = _NATIVE.get((library_of(estimator), type(estimator).__name__))
    return None if read is None else read(estimator, kept, wanted)


def library_of(estimator: Any) -> str:  # noqa: ANN401 - as above
    """Return the boosting library that an object's class stems from, also by inheritance; empty of others."""
    libraries = (base.__module__.partition(".")[0] for base in type(estimator).__mro__)
    return next((name for name in libraries if name in ("catboost", "lightgbm", "xgboost")), "")


def taking(estimator: Any, uri: str) -> Callable[[pd.DataFrame], pd.DataFrame] | None:  # noqa: ANN401 - as above
    """Return what makes of a frame what an estimator was trained on: its categories, floats of truths; None: nothing.

    Raises
    ------
    ModelError
        It keeps codes of categories and not what they stand for.
    """
    library = library_of(estimator)
    if library == "lightgbm":
        from pytest_mlquality.adapters.models.lightgbm_categories import Categories

        return Categories(estimator.booster_, uri).taken
    if library == "xgboost":
        return xgboost_file.categorised(estimator.get_booster(), uri)
    return catboost_file.taking(estimator) if library == "catboost" else None


def has_probabilities(estimator: Any, uri: str) -> bool:  # noqa: ANN401 - as above
    """Say whether what a classifier's ``predict_proba`` gives are probabilities: shares of a whole.

    Raises
    ------
    ModelError
        Nobody knows: it was trained with a loss of its own.
    """
    last = _last(estimator)
    library = library_of(last)
    if library == "lightgbm":
        objective = lightgbm_file.objective_of(last.booster_)
        if not objective:
            raise ModelError(f"the model {uri!r} {lightgbm_file.OWN_LOSS[0]}", lightgbm_file.OWN_LOSS[1])
        return objective[0] != lightgbm_file.ONE_AGAINST_ALL
    if library == "catboost":
        return catboost_file.loss_of(last) != catboost_file.ONE_AGAINST_ALL
    return library != "xgboost" or last.get_params().get("objective") != "binary:logitraw"


def writing(estimator: Any) -> Callable[[str], str] | None:  # noqa: ANN401 - as above
    """Return how the library of what sees the columns first writes their names; None: as they are."""
    first = estimator
    while hasattr(first, "best_estimator_") or hasattr(first, "steps"):
        first = first.best_estimator_ if hasattr(first, "best_estimator_") else first.steps[0][1]
    return lightgbm_file.written if library_of(first) == "lightgbm" else None


def _last(estimator: Any) -> Any:  # noqa: ANN401 - as above
    """Return what decides in the end: the last step of pipelines, the best of searches."""
    while True:
        if hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        elif hasattr(estimator, "steps"):
            estimator = estimator.steps[-1][1]
        else:
            return estimator
