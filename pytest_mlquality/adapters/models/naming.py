"""Columns that a model knows by another name than the data have: as its library writes them, or as the settings say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_mlquality.adapters.models.face import Inside
from pytest_mlquality.errors import ModelError

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlquality.adapters.models.checked import CheckedModel
    from pytest_mlquality.adapters.models.face import Model


def of_settings(model: Model, features: tuple[str, ...]) -> Model:
    """Return the model with the names that ``[model] features`` gives its columns, one after the other.

    What the model knows by the same name is left as it is, whatever the order in the settings.

    Raises
    ------
    ModelError
        A name of the model's stands in another place of the settings, so that they cannot give new names by place.
    """
    from pytest_mlquality.adapters.models.checked import CheckedModel

    if not isinstance(model, CheckedModel) or model.columns is None or len(features) != len(model.columns):
        return model
    if set(features) == set(model.columns):
        return model
    for own, given in zip(model.columns, features, strict=True):
        if own != given and (own in features or given in model.columns):
            raise ModelError(
                f"the model {model.uri!r} asks for {', '.join(model.columns)}, and [model] features names some of "
                f"these in other places: {given!r} for {own!r}",
                "name all columns in the model's order, each as the data call it",
            )
    return renamed(model, features)


def of_data(model: Model, columns: Iterable[str]) -> Model:
    """Return the model with the data's names of columns that its library writes otherwise.

    Raises
    ------
    ModelError
        Several columns of the data would be written as one that the model asks for.
    """
    from pytest_mlquality.adapters.models.checked import CheckedModel

    if not isinstance(model, CheckedModel) or model.columns is None or model.written is None:
        return model
    known: dict[str, list[str]] = {}
    for column in columns:
        known.setdefault(model.written(column), []).append(column)
    for name in model.columns:
        if len(known.get(name, ())) > 1:
            raise ModelError(
                f"the model {model.uri!r} asks for {name!r}, which may be any of the columns "
                f"{', '.join(map(repr, known[name]))}: its library writes them alike",
                "name all columns in [model] features, in the model's order",
            )
    names = tuple(known.get(name, [name])[0] for name in model.columns)
    return model if names == model.columns else renamed(model, names)


def needs_data(model: Model) -> bool:
    """Say whether the data's columns may have other names than the model's."""
    from pytest_mlquality.adapters.models.checked import CheckedModel

    if not isinstance(model, CheckedModel) or model.written is None:
        return False
    # What is written like nothing else is called so.
    return any(model.written(name.replace("_", " ")) == name != name.replace("_", " ") for name in model.columns or ())


def renamed(model: CheckedModel, columns: tuple[str, ...]) -> CheckedModel:
    """Return the model as one that is asked with other names, in the order of its columns; what it sees stays."""
    known = model.known_as or model.columns or columns
    types = model.column_types or {}
    named = dict(zip(model.columns or columns, columns, strict=True))
    inside = model.inside

    def taken(frame: pd.DataFrame) -> Any:  # noqa: ANN401 - whatever the library takes
        assert inside is not None
        return inside.taken(frame.set_axis(list(known), axis=1))

    return replace(
        model,
        columns=columns,
        known_as=known,
        written=None,
        column_types={named.get(name, name): kind for name, kind in types.items()} or None,
        inside=None if inside is None else Inside(inside.estimator, taken),
    )
