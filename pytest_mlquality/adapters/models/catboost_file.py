"""A model in CatBoost's own file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlquality.adapters.models.face import Inside
from pytest_mlquality.adapters.models.kept import Kept
from pytest_mlquality.adapters.models.libraries import library, reading
from pytest_mlquality.adapters.models.wanted import Wanted

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlquality.adapters.models.face import Model


def is_one(path: Path) -> bool:
    """Say whether the path is that of CatBoost's binary file."""
    return path.suffix in {".cbm", ".cb"}


def read(path: Path, kept: Kept, wanted: Wanted) -> Model:
    """See `FileFormat.read`."""
    from pytest_mlquality.adapters.models.numbers import answering, with_plain_truths

    model = _model(path, wanted.uri)
    classes = tuple(model.classes_.tolist())
    kind = "Probability" if classes else "RawFormulaVal"

    labels = [model.feature_names_[place] for place in model.get_cat_feature_indices()]

    def ask(frame: pd.DataFrame) -> Any:  # noqa: ANN401 - CheckedModel makes an array of it
        return model.predict(with_plain_truths(frame, labels), prediction_type=kind)

    return answering(
        ask,
        kept,
        wanted,
        columns=tuple(model.feature_names_) or None,
        column_types=kept.signature,
        classes=classes,
        inside=Inside(model),
    )


def _model(path: Path, uri: str) -> Any:  # noqa: ANN401 - CatBoost is an extra
    catboost = library("catboost", "catboost", uri)
    with reading(uri, catboost, "model.save_model('model.cbm')"):
        return catboost.CatBoost().load_model(str(path))
