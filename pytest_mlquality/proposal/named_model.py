"""The model that a proposal is asked for, loaded on the terms of the command line or the gate file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from shlex import quote
from typing import TYPE_CHECKING

from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.proposal.request import Request

if TYPE_CHECKING:
    from pytest_mlquality.adapters.models import Model, Wanted


def model_of(request: Request, columns: Iterable[str]) -> Model | None:
    """Return the model, loaded, with the names that the data have for its columns; None where none is named.

    Raises
    ------
    MLQualityError
        Where it cannot be loaded, with the words that allow it where that is a matter of trust.
    """
    from pytest_mlquality.adapters.models import load, naming
    from pytest_mlquality.adapters.models.skops_types import UntrustedTypes
    from pytest_mlquality.adapters.models.trust import NotPinned

    if request.model is None:
        return None
    try:
        return naming.of_data(load(_wanted(request, request.model)), columns)
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
    trust = replace(said.trust, types=request.trusted_types, sha256=request.sha256)
    return replace(said, registry_uri=request.registry, trust=trust)


def task_of(request: Request, model: Model | None) -> str | None:
    """Return what a model answers, as a gate file says it, else as the model does; None without one."""
    if model is None:
        return None
    said = request.settings.model.task if request.settings is not None and request.settings.model is not None else None
    return said or ("regression" if model.classes is None else "binary" if len(model.classes) == 2 else "multiclass")
