"""Which labels a model of CatBoost was trained on: it keeps their hashes alone, so it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# CatBoost writes true as 1; as text it is another label. The first stands for what no training had.
_UNSEEN, _BITS, _TEXTS = "\0", ("0", "1"), ("True", "False", "true", "false", "TRUE", "FALSE")
_ROWS = 64


def that_are_bits(model: Any, places: Sequence[int]) -> list[int]:  # noqa: ANN401 - CatBoost is an extra
    """Return the places of the columns of labels in which 0 or 1 moves the answers, and no text of a truth does."""
    if model.get_text_feature_indices() or model.get_embedding_feature_indices():
        return []
    rows = _rows(model, places)
    found = []
    for place in places:
        answers = {word: _answers(model, rows, place, word) for word in (_UNSEEN, *_BITS, *_TEXTS)}
        moving = {word for word, told in answers.items() if not np.array_equal(told, answers[_UNSEEN])}
        if moving and moving <= set(_BITS):
            found.append(place)
    return found


def _rows(model: Any, places: Sequence[int]) -> pd.DataFrame:  # noqa: ANN401 - as above
    """Return rows whose numbers lie on all sides of where the trees part them, and whose labels are unseen or bits."""
    draw = np.random.default_rng(0)
    borders = model.get_borders()
    columns: dict[int, NDArray[Any]] = {}
    for place in range(len(model.feature_names_)):
        known = [-1e30, 1e30, *borders.get(place, [])]
        columns[place] = draw.choice([_UNSEEN, *_BITS] if place in places else known, _ROWS)
    return pd.DataFrame(columns)


def _answers(model: Any, rows: pd.DataFrame, place: int, word: str) -> NDArray[np.float64]:  # noqa: ANN401 - as above
    import catboost

    asked = rows.copy()
    asked[place] = word
    asked.columns = pd.Index(model.feature_names_)
    told: NDArray[np.float64] = catboost.CatBoost.predict(model, asked, prediction_type="RawFormulaVal")
    return told
