"""A model in XGBoost's own file, binary JSON or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlquality.adapters.models.face import Inside
from pytest_mlquality.adapters.models.kept import Kept
from pytest_mlquality.adapters.models.libraries import library, reading
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
    from pytest_mlquality.adapters.models.numbers import answering

    booster = _booster(path, wanted.uri)
    learner = json.loads(booster.save_config())["learner"]
    objective = str(learner["objective"]["name"])
    if objective == "multi:softmax":
        # The same trees, whose sums become probabilities in place of the label with the largest.
        booster.set_param({"objective": "multi:softprob"})
    names, types = booster.feature_names, booster.feature_types
    described = dict(zip(names, types, strict=True)) if names and types else {}
    categorical = [name for name, kind in described.items() if kind == "c"]
    _require_categories(booster, categorical, wanted.uri)
    taken = _taking(booster, categorical)
    return answering(
        _asking(booster, taken, is_margin=objective == "binary:logitraw"),
        kept,
        wanted,
        columns=tuple(names) if names else None,
        column_types=kept.signature
        or {name: _TYPES[kind] for name, kind in described.items() if kind in _TYPES}
        or None,
        classes=wanted.classes or _numbers(objective, int(learner["learner_model_param"]["num_class"])),
        inside=Inside(booster, taken),
    )


def _taking(booster: Any, categorical: list[str]) -> Callable[[pd.DataFrame], Any]:  # noqa: ANN401 - XGBoost is an extra
    import xgboost

    from pytest_mlquality.adapters.models.numbers import with_plain_truths

    def taken(frame: pd.DataFrame) -> Any:  # noqa: ANN401 - as above
        # XGBoost knows the categories that it was trained on, whatever their order here.
        rows: Any = with_plain_truths(frame, categorical).astype(dict.fromkeys(categorical, "category"))
        if booster.feature_names is None:
            rows = rows.to_numpy()
        return xgboost.DMatrix(rows, enable_categorical=bool(categorical))

    return taken


def _asking(booster: Any, taken: Callable[[pd.DataFrame], Any], *, is_margin: bool) -> Ask:  # noqa: ANN401 - as above
    from scipy.special import expit

    best = booster.attr("best_iteration")
    used = (0, int(best) + 1) if best is not None else (0, 0)

    def ask(frame: pd.DataFrame) -> Any:  # noqa: ANN401 - CheckedModel makes an array of it
        found = booster.predict(taken(frame), iteration_range=used)
        return expit(found) if is_margin else found

    return ask


def _booster(path: Path, uri: str) -> Any:  # noqa: ANN401 - as above
    xgboost = library("xgboost", "xgboost", uri)
    with reading(uri, xgboost, "model.save_model('model.ubj')"):
        return xgboost.Booster(model_file=str(path))


def _require_categories(booster: Any, categorical: list[str], uri: str) -> None:  # noqa: ANN401 - as above
    """Refuse files that keep codes of categories and not what they stand for: the codes of other data are others."""
    if not categorical:
        return
    kept = booster.get_categories(export_to_arrow=True) if hasattr(booster, "get_categories") else None
    if kept is None or all(values is None for _, values in kept.to_arrow()):
        raise ModelError(
            f"the model {uri!r} does not keep the categories of its columns {', '.join(categorical)}",
            'train and save it with XGBoost 3.1 or newer (pip install --upgrade "xgboost>=3.1")',
        )


def _numbers(objective: str, classes: int) -> tuple[int, ...]:
    if objective.startswith("binary:"):
        return (0, 1)
    return tuple(range(classes)) if objective.startswith("multi:") else ()
