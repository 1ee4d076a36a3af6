"""A model that the user's own code makes: ``python:package.module:name``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pytest_mlquality.adapters.models.wanted import Wanted
from pytest_mlquality.data.callables import PREFIX, named, running
from pytest_mlquality.declaration import ATTRIBUTE, Declaration
from pytest_mlquality.errors import ModelError

if TYPE_CHECKING:
    from pytest_mlquality.adapters.models.face import Model


def answers_for(uri: str) -> bool:
    """Say whether the URI names an object of a module."""
    return uri.startswith(PREFIX)


def load(wanted: Wanted) -> Model:
    """Take what is named: a declared predict function, a fitted model, or a function without arguments that makes one.

    There are no files to digest, so a model that was pinned cannot come from here.
    """
    wanted.trust.refuse_without_files("is made by code", wanted.uri)
    found: Any = named(wanted.uri, wanted.base, "[model] uri")
    if not _is_model(found):
        found = _made(found, wanted)
    return of_object(found, wanted)


def of_object(found: Any, wanted: Wanted) -> Model:  # noqa: ANN401 - whatever the user's code makes
    """Return a fitted model, or a function from a frame to answers, as a model that checks its own answers."""
    if hasattr(found, "predict"):
        from pytest_mlquality.adapters.models.scikit_learn import model_of

        return model_of(found, None, wanted)
    return _of_function(found, wanted)


def _is_model(found: object) -> bool:
    return hasattr(found, ATTRIBUTE) or (hasattr(found, "predict") and not isinstance(found, type))


def _made(factory: object, wanted: Wanted) -> Any:  # noqa: ANN401 - whatever the user's code returns
    if not callable(factory):
        raise ModelError(
            f"the model {wanted.uri!r} is a {type(factory).__name__}: neither a model nor a function that makes one",
            "name a fitted model, a function that returns one, or a predict function under @pytest_mlquality.model",
        )
    with running(wanted.uri, wanted.base, "[model] uri"):
        made = factory()
    if not hasattr(made, "predict") and not callable(made):
        raise ModelError(
            f"the model {wanted.uri!r} made a {type(made).__name__}, which has no predict",
            "return a fitted model, or a function from a frame to answers",
        )
    return made


def _of_function(function: Callable[..., Any], wanted: Wanted) -> Model:
    from pytest_mlquality.adapters.models.checked import CheckedModel
    from pytest_mlquality.adapters.models.numbers import by_class

    declared: Declaration = getattr(function, ATTRIBUTE, Declaration((), ()))
    classes = declared.classes or wanted.classes
    return CheckedModel(
        uri=wanted.uri,
        digest=None,
        columns=declared.features or wanted.features or None,
        classes=classes or None,
        ask_labels=None if classes else function,
        ask_probabilities=by_class(function, tuple(classes)) if classes else None,
    )
