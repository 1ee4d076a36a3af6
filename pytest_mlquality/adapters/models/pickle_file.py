"""A model in a pickle or joblib file: loaded only if its very bytes were pinned or signed.

A pickle is a program. It has to be known before it runs: nothing about it can be checked afterwards.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlquality.adapters.models.kept import Kept
from pytest_mlquality.adapters.models.wanted import Wanted
from pytest_mlquality.errors import ModelError
from pytest_mlquality.foreign_code import foreign_code
from pytest_mlquality.own_error import ANY_FAILURE, cause_of, told

if TYPE_CHECKING:
    from pytest_mlquality.adapters.models.face import Model


def is_one(path: Path) -> bool:
    """Say whether the path has the name of a pickle."""
    return path.suffix in {".joblib", ".pkl", ".pickle"}


def read(path: Path, kept: Kept, wanted: Wanted) -> Model:
    """See `FileFormat.read`.

    Raises
    ------
    ModelError
        Neither pinned nor signed: nothing was loaded. Or it cannot be unpickled with what is installed here.
    """
    from pytest_mlquality.adapters.models.scikit_learn import model_of

    wanted.trust.require_pin("a pickle", kept.digest, wanted.uri)
    # scikit-learn depends on it; it reads plain pickles too.
    import joblib

    try:
        with foreign_code():
            estimator = joblib.load(path)
    except ANY_FAILURE as error:
        raise ModelError(
            f"the model {wanted.uri!r} cannot be unpickled: {told(error)}",
            "install here what it was pickled with, in these versions, and make its own modules importable",
        ) from cause_of(error)
    return model_of(estimator, kept, wanted)
