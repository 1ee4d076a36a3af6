"""What columns of text are expected to be: by the model, their part in the settings, the schema, other splits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pytest_mlquality.column_type import ANY, MOMENT, refined
from pytest_mlquality.errors import MLQualityError

if TYPE_CHECKING:
    from pytest_mlquality.adapters.models import Model
    from pytest_mlquality.data import Table
    from pytest_mlquality.settings import Settings
    from pytest_mlquality.settings.subject_sections import DataSettings


def together(*said: Mapping[str, str]) -> dict[str, str]:
    """Return column -> type; what is said first goes before, unless it says the same less exactly."""
    found: dict[str, str] = {}
    for types in said:
        for name, type_ in types.items():
            found[name] = refined(found.get(name, ANY), type_)
    return found


def of_model(model: Callable[[], Model | None], data: DataSettings) -> dict[str, str]:
    """Return what a model says of its columns and of a target of one column; nothing where it cannot be loaded.

    Whoever asks the model is told why it cannot.
    """
    from pytest_mlquality.adapters.models.column_words import columns_of, labels_word

    try:
        loaded = model()
        if loaded is None:
            return {}
        columns = columns_of(loaded)
    except MLQualityError:
        return {}
    if isinstance(data.target, str) and loaded.classes and not data.label_columns:
        columns[data.target] = labels_word(loaded.classes)
    return columns


def of_schema(settings: Settings) -> dict[str, str]:
    """Return what ``[schema] file`` says of its columns; nothing where it cannot be read, which its checks tell."""
    from pytest_mlquality.rules.schema_file import column_words

    file = settings.schema.file if settings.schema is not None else None
    if file is None:
        return {}
    try:
        return column_words(file, settings.base)
    except MLQualityError:
        return {}


def of_table(table: Table, *, but_text: bool = False) -> dict[str, str]:
    """Return the types that the columns of another split have.

    Parameters
    ----------
    but_text
        Leave columns out whose types are a reading of text themselves.
    """
    from pytest_mlquality.rules.types import word_of

    read_as = table.origin.read_as
    words = {name: read_as.get(name) or word_of(type_) for name, type_ in table.expression.schema().items()}
    return {name: word for name, word in words.items() if not (but_text and name in read_as)}


def of_settings(settings: Settings) -> dict[str, str]:
    """Return the columns that sections name by the part that they play; those of times are dates or times."""
    data, performance, fairness = settings.data, settings.performance, settings.fairness
    named = dict.fromkeys(data.beside_features, ANY)
    for section in (performance.slices if performance is not None else None, fairness):
        for entry in section.by if section is not None else ():
            named |= dict.fromkeys([entry] if isinstance(entry, str) else entry, ANY)
    known_at = settings.schema.known_at if settings.schema is not None else {}
    times = [*([data.time] if data.time is not None else []), *known_at.values()]
    return named | dict.fromkeys(times, MOMENT)
