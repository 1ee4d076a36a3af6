"""A model in LightGBM's own text file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlquality.adapters.models.face import Inside
from pytest_mlquality.adapters.models.kept import Kept
from pytest_mlquality.adapters.models.libraries import library, reading
from pytest_mlquality.adapters.models.wanted import Wanted

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlquality.adapters.models.face import Model

_NO_NAME = re.compile(r"Column_\d+")


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
    from pytest_mlquality.adapters.models.numbers import answering, with_plain_truths

    booster = _booster(path, wanted.uri)
    objective = str(booster.dump_model(num_iteration=1).get("objective", "")).split()
    names = tuple(booster.feature_name())
    categorical = _categorical(booster, names)

    def taken(frame: pd.DataFrame) -> pd.DataFrame:
        # LightGBM knows the categories that it was trained on, whatever their order here.
        return with_plain_truths(frame, categorical).astype(dict.fromkeys(categorical, "category"))

    def ask(frame: pd.DataFrame) -> Any:  # noqa: ANN401 - CheckedModel makes an array of it
        return booster.predict(taken(frame))

    return answering(
        ask,
        kept,
        wanted,
        columns=None if all(map(_NO_NAME.fullmatch, names)) else names,
        column_types=kept.signature,
        classes=wanted.classes or _numbers(objective),
        inside=Inside(booster, taken),
    )


def _booster(path: Path, uri: str) -> Any:  # noqa: ANN401 - LightGBM is an extra
    lightgbm = library("lightgbm", "lightgbm", uri)
    with reading(uri, lightgbm, "booster.save_model('model.txt')"):
        return lightgbm.Booster(model_file=str(path))


def _categorical(booster: Any, names: tuple[str, ...]) -> list[str]:  # noqa: ANN401 - as above
    """Return the columns that were pandas categoricals in training; other labels are numbers already."""
    places = booster.params.get("categorical_feature", [])
    return [names[place] for place in places] if len(booster.pandas_categorical or ()) == len(places) else []


def _numbers(objective: list[str]) -> tuple[int, ...]:
    kind, words = (objective or [""])[0], dict(word.split(":") for word in objective[1:] if ":" in word)
    if kind == "binary":
        return (0, 1)
    return tuple(range(int(words["num_class"]))) if "num_class" in words else ()
