"""A model in CatBoost's own file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlquality.adapters.models.face import Inside
from pytest_mlquality.adapters.models.kept import Kept
from pytest_mlquality.adapters.models.libraries import library, reading
from pytest_mlquality.adapters.models.tried_apart import require_sound
from pytest_mlquality.adapters.models.wanted import Wanted

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlquality.adapters.models.checked import Ask
    from pytest_mlquality.adapters.models.face import Model

# What CatBoostRegressor.predict answers with where it is no plain sum of the trees.
_LINKS = {"Poisson": "Exponent", "Tweedie": "Exponent", "RMSEWithUncertainty": "RMSEWithUncertainty"}
# Every class is told from all others by itself: what it scores is no share of a whole.
ONE_AGAINST_ALL = "MultiClassOneVsAll"
_MULTILABEL = {"MultiLogloss", "MultiCrossEntropy"}
# Losses whose target is a probability as well as a label.
_OF_PROBABILITIES = {"CrossEntropy"}


def is_one(path: Path) -> bool:
    """Say whether the path is that of CatBoost's binary file."""
    return path.suffix in {".cbm", ".cb"}


def read(path: Path, kept: Kept, wanted: Wanted) -> Model:
    """See `FileFormat.read`."""
    catboost, how = library("catboost", "catboost", wanted.uri), "model.save_model('model.cbm')"
    require_sound(path, catboost, wanted.uri, how)
    with reading(wanted.uri, catboost, how):
        return of_fitted(catboost.CatBoost().load_model(str(path)), kept, wanted)


def of_fitted(model: Any, kept: Kept | None, wanted: Wanted) -> Model:  # noqa: ANN401 - CatBoost is an extra
    """Return a fitted ``catboost.CatBoost`` as a model: it answers as the class for its loss does."""
    from pytest_mlquality.adapters.models.numbers import answering, require_multilabel

    loss = loss_of(model)
    if loss in _MULTILABEL:
        require_multilabel(wanted)
    classes = tuple(model.classes_.tolist())
    if loss in _OF_PROBABILITIES and wanted.task == "regression":
        classes = ()

    taken = taking(model)

    def asking(kind: str) -> Ask:
        return lambda frame: model.predict(taken(frame), prediction_type=kind)

    def chance(frame: Any) -> Any:  # noqa: ANN401 - a frame, and what CheckedModel makes an array of
        return model.predict(taken(frame), prediction_type="Probability")[:, 1]

    by_number = chance if loss in _OF_PROBABILITIES else asking(_LINKS.get(loss, "RawFormulaVal"))
    return answering(
        asking("Probability") if classes else by_number,
        kept,
        wanted,
        columns=names_of(model),
        column_types=kept.signature if kept is not None else None,
        classes=classes,
        # It decides from a threshold that is kept in the file.
        ask_labels=asking("Class") if classes else None,
        has_probabilities=loss != ONE_AGAINST_ALL,
        inside=Inside(model),
    )


def taking(model: Any) -> Callable[[pd.DataFrame], pd.DataFrame]:  # noqa: ANN401 - as above
    """Return what makes floats of truths in a frame that are no categories to a model."""
    from pytest_mlquality.adapters.models.numbers import with_plain_truths

    labels = [model.feature_names_[place] for place in model.get_cat_feature_indices()]
    return lambda frame: with_plain_truths(frame, labels)


def loss_of(model: Any) -> str:  # noqa: ANN401 - as above
    """Return the name of the loss that a fitted object of CatBoost was trained with; empty where nobody knows."""
    import catboost

    try:
        named = model.get_all_params().get("loss_function", "")
    except catboost.CatBoostError:
        # A sum of several models keeps none.
        return ""
    return str(named).partition(":")[0]


def names_of(model: Any) -> tuple[str, ...] | None:  # noqa: ANN401 - as above
    """Return the columns that a fitted object of CatBoost asks for; None where it was trained on columns by number."""
    names = tuple(map(str, model.feature_names_))
    return None if names == tuple(map(str, range(len(names)))) else names
