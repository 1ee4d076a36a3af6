"""A model in XGBoost's own file, binary JSON or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlquality.adapters.models.face import Inside
from pytest_mlquality.adapters.models.kept import Kept
from pytest_mlquality.adapters.models.libraries import library, reading
from pytest_mlquality.adapters.models.tried_apart import require_sound
from pytest_mlquality.adapters.models.wanted import Wanted
from pytest_mlquality.errors import ModelError

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlquality.adapters.models.checked import Ask
    from pytest_mlquality.adapters.models.face import Model

# XGBoost's types -> MLflow's names; a category may be a text or a number.
_TYPES = {"int": "long", "float": "double", "i": "boolean", "q": "double"}


def is_one(path: Path) -> bool:
    """Say whether the path is that of XGBoost's file; of JSON by what stands in it."""
    if path.suffix == ".json" and path.is_file():
        with path.open("rb") as file:
            return b'"learner"' in file.read(4096)
    return path.suffix in {".ubj", ".xgb"}


def read(path: Path, kept: Kept, wanted: Wanted) -> Model:
    """See `FileFormat.read`.

    Of a classifier the file keeps no labels but their numbers from 0 on: ``[model] classes`` names them.
    """
    xgboost, how = library("xgboost", "xgboost", wanted.uri), "model.save_model('model.ubj')"
    require_sound(path, xgboost, wanted.uri, how)
    with reading(wanted.uri, xgboost, how):
        return of_fitted(xgboost.Booster(model_file=str(path)), kept, wanted)


def of_fitted(booster: Any, kept: Kept | None, wanted: Wanted) -> Model:  # noqa: ANN401 - XGBoost is an extra
    """Return a ``xgboost.Booster`` as a model; it is not changed."""
    from pytest_mlquality.adapters.models.numbers import answering, require_multilabel

    learner = json.loads(booster.save_config())["learner"]
    objective = str(learner["objective"]["name"])
    shape = learner["learner_model_param"]
    if objective.startswith("binary:") and int(shape.get("num_target", 1)) > 1:
        require_multilabel(wanted)
    if objective == "multi:softmax":
        # The same trees, whose sums become probabilities in place of the label with the largest.
        booster = booster.copy()
        booster.set_param({"objective": "multi:softprob"})
    names = booster.feature_names
    described = dict(zip(names, booster.feature_types, strict=True)) if names and booster.feature_types else {}
    taken = taking(booster, wanted.uri)
    ask = _asking(booster, taken)
    margin_decides = objective == "binary:logitraw" and is_of_scikit_learn(booster)
    signature = kept.signature if kept is not None else None
    return answering(
        _likely(ask) if objective == "binary:logitraw" else ask,
        kept,
        wanted,
        columns=tuple(names) if names else None,
        column_types=signature or {name: _TYPES[kind] for name, kind in described.items() if kind in _TYPES} or None,
        classes=wanted.classes or _numbers(objective, int(shape["num_class"])),
        # XGBClassifier holds whatever the trees add up to against 0.5, a margin too.
        ask_labels=_above_half(ask, wanted.classes or (0, 1)) if margin_decides else None,
        inside=Inside(booster, taken),
        remarks=_remarks(booster),
    )


def is_of_scikit_learn(booster: Any) -> bool:  # noqa: ANN401 - as above
    """Say whether a booster was fitted by XGBClassifier or one of its like, which answer with the best rounds."""
    return booster.attr("scikit_learn") is not None


def rounds(booster: Any) -> tuple[int, int]:  # noqa: ANN401 - as above
    """Return which rounds of boosting answer, from and up to; (0, 0) stands for all.

    XGBClassifier and its like answer with those up to the best one, where training looked for it, a Booster with all.
    """
    best = booster.attr("best_iteration")
    return (0, int(best) + 1) if best is not None and is_of_scikit_learn(booster) else (0, 0)


def _remarks(booster: Any) -> tuple[str, ...]:  # noqa: ANN401 - as above
    best = booster.attr("best_iteration")
    if best is None or is_of_scikit_learn(booster):
        return ()
    every = booster.num_boosted_rounds()
    if every <= int(best) + 1:
        return ()
    return (
        f"answers of all {every} rounds, as Booster.predict gives them, not of the best {int(best) + 1}; "
        "save booster[: booster.best_iteration + 1] to have these",
    )


def taking(booster: Any, uri: str) -> Callable[[pd.DataFrame], Any]:  # noqa: ANN401 - as above
    """Return what makes of a frame the ``xgboost.DMatrix`` that a booster takes.

    Raises
    ------
    ModelError
        The booster keeps codes of categories and not what they stand for.
    """
    import xgboost

    prepared = categorised(booster, uri)

    def taken(frame: pd.DataFrame) -> Any:  # noqa: ANN401 - as above
        rows: Any = prepared(frame)
        if booster.feature_names is None:
            rows = rows.to_numpy()
        return xgboost.DMatrix(rows, enable_categorical="c" in (booster.feature_types or ()))

    return taken


def categorised(booster: Any, uri: str) -> Callable[[pd.DataFrame], pd.DataFrame]:  # noqa: ANN401 - as above
    """Return what makes of a frame what a booster was trained on: its categories, floats of truths; see `taking`."""
    from pytest_mlquality.adapters.models.categories import numbered
    from pytest_mlquality.adapters.models.numbers import with_plain_truths

    known = _categories(booster, uri)

    def prepared(frame: pd.DataFrame) -> pd.DataFrame:
        changed: dict[Any, Any] = {
            name: numbered(frame[name], labels, uri) for name, labels in known.items() if name in frame.columns
        }
        return with_plain_truths(frame.assign(**changed) if changed else frame)

    return prepared


def _asking(booster: Any, taken: Callable[[pd.DataFrame], Any]) -> Ask:  # noqa: ANN401 - as above
    used = rounds(booster)
    return lambda frame: booster.predict(taken(frame), iteration_range=used)


def _likely(ask: Ask) -> Ask:
    from scipy.special import expit

    return lambda frame: expit(ask(frame))


def _above_half(ask: Ask, classes: tuple[Any, ...]) -> Ask:
    import numpy as np

    return lambda frame: np.asarray(classes)[(np.asarray(ask(frame)) > 0.5).astype(int)]


def _categories(booster: Any, uri: str) -> dict[str, list[Any]]:  # noqa: ANN401 - as above
    """Return what the codes of each column of categories stand for: the codes of other data are others."""
    names, types = booster.feature_names, booster.feature_types
    categorical = [name for name, kind in zip(names or (), types or (), strict=True) if kind == "c"]
    if not categorical:
        return {}
    kept = booster.get_categories(export_to_arrow=True) if hasattr(booster, "get_categories") else None
    found = dict(kept.to_arrow()) if kept is not None else {}
    if all(found.get(name) is None for name in categorical):
        raise ModelError(
            f"the model {uri!r} does not keep the categories of its columns {', '.join(categorical)}",
            'train and save it with XGBoost 3.1 or newer (pip install --upgrade "xgboost>=3.1")',
        )
    return {name: found[name].to_pylist() for name in categorical if found.get(name) is not None}


def _numbers(objective: str, classes: int) -> tuple[int, ...]:
    if objective.startswith("binary:"):
        return (0, 1)
    return tuple(range(classes)) if objective.startswith("multi:") else ()
