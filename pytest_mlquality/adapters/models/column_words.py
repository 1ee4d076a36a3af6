"""As what a model takes its columns, by what it was fitted on; in the words of `pytest_mlquality.column_type`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_mlquality.column_type import ANY, BIT, LABEL, MOMENT, NUMERIC

if TYPE_CHECKING:
    from pytest_mlquality.adapters.models.face import Model

# Names of types of MLflow's signatures.
_SIGNATURE = {
    "string": "text",
    "boolean": "boolean",
    "integer": "integer",
    "long": "integer",
    "float": NUMERIC,
    "double": NUMERIC,
    "datetime": MOMENT,
}


def columns_of(model: Model) -> dict[str, str]:
    """Return column -> type for all columns that a model names; `ANY` where it does not say as what it takes one."""
    estimator = model.inside.estimator if model.inside is not None else None
    named = dict.fromkeys(model.columns or (), ANY)
    fitted = _of_fitted(estimator, tuple(named)) if estimator is not None else {}
    signed = {name: _SIGNATURE.get(type_, ANY) for name, type_ in (model.column_types or {}).items()}
    # A signature tells text from numbers; the categories of a booster tell more where it says nothing.
    said = {name: signed.get(name) or fitted.get(name, ANY) for name in named}
    return {name: fitted.get(name, word) if word == NUMERIC and name in fitted else word for name, word in said.items()}


def labels_word(classes: Iterable[Any]) -> str:
    """Return as what labels are written, by those that a model knows."""
    kinds = {type(label) for label in classes}
    words = {bool: "boolean", int: "integer", float: NUMERIC, str: "text"}
    return words.get(kinds.pop(), ANY) if len(kinds) == 1 else ANY


def _of_fitted(estimator: Any, columns: Sequence[str]) -> dict[str, str]:  # noqa: ANN401 - an object of any library
    """Return what the fitted object of a library says of its columns, in their order."""
    booster = getattr(estimator, "booster_", estimator)  # that of LGBMClassifier
    if hasattr(booster, "pandas_categorical"):
        return _of_lightgbm(booster, columns)
    if hasattr(estimator, "get_cat_feature_indices"):
        return _with(columns, _of_catboost(estimator))
    if hasattr(booster := _xgboost(estimator), "feature_types"):
        return _of_xgboost(booster, columns)
    return _of_scikit_learn(estimator, columns)


def _with(columns: Sequence[str], words: Mapping[int, str]) -> dict[str, str]:
    return {name: words.get(place, NUMERIC) for place, name in enumerate(columns)}


def _of_lightgbm(booster: Any, columns: Sequence[str]) -> dict[str, str]:  # noqa: ANN401 - LightGBM is an extra
    places = booster.params.get("categorical_feature", [])
    kept = booster.pandas_categorical or ()
    if not isinstance(places, list) or not all(isinstance(place, int) for place in places):
        return {}
    if len(kept) == len(places):
        return _with(columns, {place: labels_word(values) for place, values in zip(places, kept, strict=True)})
    # Beside categories of pandas there are columns of codes: which is which, the file does not say.
    return _with(columns, dict.fromkeys(places, ANY))


def _of_catboost(model: Any) -> dict[int, str]:  # noqa: ANN401 - CatBoost is an extra
    """Return what it knows as labels: whole numbers and their text are one to it, and true is 1, but not its text."""
    from pytest_mlquality.adapters.models.catboost_labels import that_are_bits

    places = list(model.get_cat_feature_indices())
    return dict.fromkeys(places, LABEL) | dict.fromkeys(that_are_bits(model, places), BIT)


def _xgboost(estimator: Any) -> Any:  # noqa: ANN401 - XGBoost is an extra
    return estimator.get_booster() if hasattr(estimator, "get_booster") else estimator


def _of_xgboost(booster: Any, columns: Sequence[str]) -> dict[str, str]:  # noqa: ANN401 - as above
    kinds = booster.feature_types or ()
    if "c" not in kinds:
        return _with(columns, {})
    if not hasattr(booster, "get_categories"):
        return {}
    categories = dict(booster.get_categories(export_to_arrow=True).to_arrow())
    of_columns = zip(booster.feature_names, kinds, strict=True)
    values = {place: categories.get(name) for place, (name, kind) in enumerate(of_columns) if kind == "c"}
    words = {place: labels_word(some.to_pylist()) if some is not None else ANY for place, some in values.items()}
    return _with(columns, words)


def _of_scikit_learn(estimator: Any, columns: Sequence[str]) -> dict[str, str]:  # noqa: ANN401 - as above
    """Return what encoders say of their columns; whatever else of scikit-learn sees a column as it is takes numbers."""
    if steps := getattr(estimator, "steps", None):
        return _of_steps([step for _, step in steps if step not in (None, "passthrough")], columns)
    if parts := getattr(estimator, "transformers_", None):
        return _of_parts(parts, columns)
    categories = getattr(estimator, "categories_", None)
    if categories is not None and len(categories) == len(columns):
        return {name: labels_word(_present(some)) for name, some in zip(columns, categories, strict=True)}
    if (encoded := getattr(estimator, "_preprocessor", None)) is not None:  # histogram gradient boosting has one inside
        return dict.fromkeys(columns, NUMERIC) | _of_scikit_learn(encoded, columns)
    return dict.fromkeys(columns, NUMERIC) if _takes_numbers(estimator) else {}


def _of_steps(steps: Sequence[Any], columns: Sequence[str]) -> dict[str, str]:
    # What fills in missing values hands on the columns that it got.
    first = next((step for step in steps if not type(step).__module__.startswith("sklearn.impute")), None)
    return _of_scikit_learn(first, columns)


def _of_parts(parts: Iterable[Any], columns: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for _, part, chosen in parts:
        names = _named(chosen, columns)
        if part == "passthrough":
            found |= dict.fromkeys(names, NUMERIC)
        elif part != "drop":
            found |= _of_scikit_learn(part, names)
    return found


def _named(chosen: Any, columns: Sequence[str]) -> list[str]:  # noqa: ANN401 - names, places or truths
    if isinstance(chosen, slice):
        return list(columns[chosen]) if all(isinstance(end, int | None) for end in (chosen.start, chosen.stop)) else []
    several: list[Any] = [chosen] if isinstance(chosen, str | int) else list(chosen)
    if len(several) == len(columns) and {type(one).__name__ for one in several} <= {"bool", "bool_"}:
        return [name for name, is_chosen in zip(columns, several, strict=True) if is_chosen]
    return [one if isinstance(one, str) else columns[one] for one in several]


def _takes_numbers(estimator: Any) -> bool:  # noqa: ANN401 - as above
    module, is_own_function = type(estimator).__module__, getattr(estimator, "func", None) is not None
    of_text = ("sklearn.feature_extraction", "sklearn.impute", "sklearn.dummy")
    return module.startswith("sklearn.") and not module.startswith(of_text) and not is_own_function


def _present(values: Any) -> list[Any]:  # noqa: ANN401 - an array of labels
    return [value for value in values.tolist() if value is not None and value == value]
