"""Boosted trees on tables whose columns count for what is known, explained by SHAP and held to limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from pytest_mlquality.adapters.explainers import Question, explain
from pytest_mlquality.adapters.models import Wanted
from pytest_mlquality.adapters.models.scikit_learn import model_of
from pytest_mlquality.measurement import Measurement
from pytest_mlquality.measures.attribution_drift import attribution_drift
from pytest_mlquality.measures.attribution_shares import largest_share
from pytest_mlquality.measures.attribution_soundness import stability
from pytest_mlquality.measures.column_importance import Importance

COLUMNS, TRAINED, EXPLAINED = 10, 2_000, 500
STRENGTH = 1.5 * 0.7 ** np.arange(COLUMNS)
FALSE_FAIL, FALSE_PASS = 1e-5, 0.05
# Whether a limit holds from below, and the limits that are tried.
LIMITS: dict[str, tuple[bool, tuple[float, ...]]] = {
    "ndcg": (True, (0.9,)),
    "share_change": (False, (0.1,)),
    "largest_share": (False, (0.8, 0.6, 0.5)),
    "stability": (True, (0.95, 0.99)),
}
# How often a column that gives the label away is wrong; columns that change roles between the baseline's training data
# and the model's.
LEAKS = {"label leaked": 0.0, "label leaked, 2% wrong": 0.02, "label leaked, 10% wrong": 0.1}
SWAPS = {"first and second swapped": (0, 1), "first and fifth swapped": (0, 4)}
SITUATIONS = ("clean", "retrained", *LEAKS, *SWAPS)


def measured(situation: str, run: int) -> dict[str, tuple[float, dict[str, str]]]:
    """Return, by measure, its value on one model, and what each limit makes of it: pass, fail or inconclusive."""
    # Several processes do this at once.
    with threadpool_limits(1):
        found = _measured(situation, np.random.default_rng([2026, SITUATIONS.index(situation), run]), run)
    return {name: (one.value or 0.0, _verdicts(name, one)) for name, one in found.items()}


def _measured(situation: str, draw: np.random.Generator, run: int) -> dict[str, Measurement]:
    rows, label = _table(TRAINED, STRENGTH, draw)
    if situation in LEAKS:
        leak = np.where(draw.random(TRAINED) < LEAKS[situation], 1 - label, label)
        rows = rows.assign(leak=leak.astype(np.float64))
        return {"largest_share": largest_share(_explained(_fitted(rows, label), rows.iloc[:EXPLAINED]))}
    model = _fitted(rows, label)
    asked = _table(EXPLAINED, STRENGTH, draw)[0]
    later = _explained(model, asked)
    if situation == "clean":
        reference = _explained(model, rows.iloc[:EXPLAINED])
    else:
        strength = STRENGTH.copy()
        first, second = SWAPS.get(situation, (0, 0))
        strength[[first, second]] = strength[[second, first]]
        reference = _explained(_fitted(*_table(TRAINED, strength, draw)), asked)
    found = {
        name: attribution_drift(name, reference, later, same_rows=situation != "clean", between="both", seed=run)
        for name in ("ndcg", "share_change")
    }
    if situation == "clean":
        others = [_explained(model, _table(EXPLAINED, STRENGTH, draw)[0]) for _ in range(2)]
        found |= {"largest_share": largest_share(later), "stability": stability([later, *others])}
    return found


def _verdicts(name: str, found: Measurement) -> dict[str, str]:
    at_least, limits = LIMITS[name]
    said = {}
    for limit in limits:
        fails = found.upper(FALSE_FAIL) < limit if at_least else found.lower(FALSE_FAIL) > limit
        passes = found.lower(FALSE_PASS) >= limit if at_least else found.upper(FALSE_PASS) <= limit
        said[f"{limit:g}"] = "fail" if fails else "pass" if passes else "inconclusive"
    return said


def _table(rows: int, strength: np.ndarray, draw: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    values = draw.normal(size=(rows, COLUMNS))
    label = draw.random(rows) < 1 / (1 + np.exp(-values @ strength))
    return pd.DataFrame(values, columns=[f"column{place}" for place in range(COLUMNS)]), label.astype(int)


def _fitted(rows: pd.DataFrame, label: np.ndarray) -> Any:  # noqa: ANN401 - scikit-learn has no types
    model = HistGradientBoostingClassifier(max_iter=30, max_leaf_nodes=15, early_stopping=False, random_state=0)
    return model.fit(rows, label)


def _explained(fitted: Any, rows: pd.DataFrame) -> Importance:  # noqa: ANN401 - as above
    model = model_of(fitted, None, Wanted("drawn", Path()))
    found = explain(Question(model, rows, rows, 1, 0, 200_000), "shap")
    return Importance.of_attributions(found, unit=None, weight=None)
