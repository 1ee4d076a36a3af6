"""A model in LightGBM's own text file."""

from __future__ import annotations

import re
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

    from pytest_mlquality.adapters.models.face import Model

_NO_NAME = re.compile(r"Column_\d+")
# Every class is told from all others by itself: what it scores is no share of a whole.
ONE_AGAINST_ALL = "multiclassova"
OWN_LOSS = (
    "was trained with a loss of its own, of which nobody knows how scores become probabilities",
    'answer with probabilities in a function of your own: [model] uri = "python:module:function"',
)


def is_one(path: Path) -> bool:
    """Say whether the file begins as LightGBM's files do, whatever its name."""
    if path.suffix not in {".txt", ".lgb", ".lgbm", ".model"} or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(5) == b"tree\n"


def read(path: Path, kept: Kept, wanted: Wanted) -> Model:
    """See `FileFormat.read`.

    Of a classifier the file keeps no labels but their numbers from 0 on: ``[model] classes`` names them.
    """
    lightgbm, how = library("lightgbm", "lightgbm", wanted.uri), "booster.save_model('model.txt')"
    require_sound(path, lightgbm, wanted.uri, how)
    with reading(wanted.uri, lightgbm, how):
        return of_fitted(lightgbm.Booster(model_file=str(path)), kept, wanted)


def of_fitted(booster: Any, kept: Kept | None, wanted: Wanted) -> Model:  # noqa: ANN401 - LightGBM is an extra
    """Return a ``lightgbm.Booster`` as a model.

    Raises
    ------
    ModelError
        It is to give probabilities, and does not know how: it was trained with a loss of its own.
    """
    import numpy as np

    from pytest_mlquality.adapters.models.lightgbm_categories import Categories
    from pytest_mlquality.adapters.models.numbers import answering

    objective = objective_of(booster)
    names = tuple(booster.feature_name())
    categories = Categories(booster, wanted.uri)
    signature = kept.signature if kept is not None else None
    if signature and tuple(map(written, signature)) == names:
        names = tuple(signature)
    classes = wanted.classes or _numbers(objective)
    if not objective and (classes or wanted.task in ("binary", "multiclass")):
        raise ModelError(f"the model {wanted.uri!r} {OWN_LOSS[0]}", OWN_LOSS[1])
    # This loss predicts a rate: 1 less the chance that nothing happens at that rate.
    is_rate = objective[:1] == ["cross_entropy_lambda"] and (classes or wanted.task == "binary")

    def ask(frame: pd.DataFrame) -> Any:  # noqa: ANN401 - CheckedModel makes an array of it
        found = booster.predict(categories.taken(frame))
        return -np.expm1(-found) if is_rate else found

    return answering(
        ask,
        kept,
        wanted,
        columns=None if all(map(_NO_NAME.fullmatch, names)) else names,
        column_types=signature or categories.certain() or None,
        classes=classes,
        has_probabilities=objective[:1] != [ONE_AGAINST_ALL],
        inside=Inside(booster, categories.taken),
        written=written,
        remarks=() if objective else ("answers are raw scores: the model was trained with a loss of its own",),
    )


def written(column: str) -> str:
    """Return the name of a column as LightGBM writes it."""
    return column.replace(" ", "_")


def objective_of(booster: Any) -> list[str]:  # noqa: ANN401 - as above
    """Return the objective of a ``lightgbm.Booster`` and its parameters, in words; empty where it is not known."""
    return str(booster.dump_model(num_iteration=1).get("objective", "")).split()


def _numbers(objective: list[str]) -> tuple[int, ...]:
    kind, words = (objective or [""])[0], dict(word.split(":") for word in objective[1:] if ":" in word)
    if kind == "binary":
        return (0, 1)
    return tuple(range(int(words["num_class"]))) if "num_class" in words else ()
