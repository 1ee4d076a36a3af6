"""The model that a proposal is asked for, loaded on the terms of the command line or the gate file."""

from __future__ import annotations

from dataclasses import replace
from shlex import quote
from typing import TYPE_CHECKING, Any

from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.proposal.looking.seen import LEAST_ROWS
from pytest_mlquality.proposal.request import Request

if TYPE_CHECKING:
    from pytest_mlquality.adapters.models import Model, Wanted
    from pytest_mlquality.data import Table


def model_of(request: Request) -> Model | None:
    """Return the model, loaded; None where none is named.

    Raises
    ------
    MLQualityError
        Where it cannot be loaded, with the words that allow it where that is a matter of trust.
    """
    from pytest_mlquality.adapters.models import load
    from pytest_mlquality.adapters.models.skops_types import UntrustedTypes
    from pytest_mlquality.adapters.models.trust import NotPinned

    if request.model is None:
        return None
    try:
        return load(_wanted(request, request.model))
    except UntrustedTypes as error:
        words = " ".join(f"--trusted-type {quote(type_)}" for type_ in error.types)
        raise MLQualityError(
            error.message, f"if you know who made this file and what these types do, add: {words}"
        ) from None
    except NotPinned as error:
        raise MLQualityError(error.message, f"if you know who made it, add: --sha256 {error.sha256}") from None


def _wanted(request: Request, uri: str) -> Wanted:
    from pytest_mlquality.adapters.models import Wanted
    from pytest_mlquality.subject import wanted

    said = wanted(request.settings, uri) if request.settings is not None else Wanted(uri, request.base)
    if labels := tuple(request.data.label_columns.values()):
        said = replace(said, classes=said.classes or labels, task="multilabel", labels=labels)
    trust = replace(said.trust, types=request.trusted_types, sha256=request.sha256)
    return replace(said, registry_uri=request.registry, trust=trust)


def task_of(request: Request, model: Model | None) -> str | None:
    """Return what a model answers, as a gate file says it, else as the model does; None without one."""
    if model is None:
        return None
    said = "multilabel" if request.data.label_columns else request.settings.task if request.settings else None
    return said or ("regression" if model.classes is None else "binary" if len(model.classes) == 2 else "multiclass")


def classes_of(request: Request, model: Model | None, table: Table) -> list[Any]:
    """Return the labels that a model knows by number alone, in the order of the alphabet; empty where it knows them.

    Parameters
    ----------
    table
        What says which labels there are: train, where there is one.
    """
    classes = list(model.classes or ()) if model is not None else []
    if not classes or not isinstance(request.target, str) or request.target not in table.columns:
        return []
    if classes != list(range(len(classes))) or (request.settings is not None and request.settings.model is not None):
        return []
    target = table.expression[request.target]
    counted = table.expression.filter(target.notnull()).group_by(label=target).aggregate(rows=target.count())
    found = counted.limit(len(classes) + 1).to_pyarrow().to_pydict()
    labels = found["label"]
    is_text = len(labels) == len(classes) and all(isinstance(label, str) for label in labels)
    # What fewer rows have in common may point at somebody.
    return sorted(labels) if is_text and min(found["rows"]) >= LEAST_ROWS else []
