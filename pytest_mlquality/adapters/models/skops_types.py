"""Load what skops kept, and only types that someone has judged.

A skops file names the types that it will build. skops refuses those outside its own list; what else may be built is
decided here and in the settings, never by the file or by the folder that it came in.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pytest_mlquality.adapters.models.runnable_types import HONOURED, can_run
from pytest_mlquality.adapters.models.unpacked import require_bounded
from pytest_mlquality.errors import MissingExtra, ModelError
from pytest_mlquality.own_error import cause_of, told

# Fitted parts of public scikit-learn estimators that skops 0.16 does not list because they are private. Each one is
# plain Python that keeps numbers and calls numpy: it reads no file, imports nothing, calls only parts that are audited
# themselves, and hands no number from the file to compiled code as an index. That last point is why the trees are not
# here (sklearn.tree._tree.Tree, sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor, KDTree): compiled
# code follows their node numbers without checking bounds, so a doctored file can crash the process or read foreign
# memory. Who knows where their trees come from says so, once, in trusted_types.
HARMLESS = (
    "numpy.dtype",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.compose._column_transformer.make_column_selector",
    "sklearn.feature_selection._univariate_selection.f_classif",
    "sklearn.multiclass._ConstantPredictor",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
)


class UntrustedTypes(ModelError):
    """A skops file holds types that nobody trusts yet."""

    def __init__(self, message: str, remedy: str, types: tuple[str, ...]) -> None:
        super().__init__(message, remedy)
        self.types = types


def load_trusted(path: Path, *, uri: str, trusted_types: Sequence[str]) -> Any:  # noqa: ANN401 - any estimator
    """Return the object that a skops file holds.

    Parameters
    ----------
    path
        The file.
    uri
        How the settings name the model: what errors speak of.
    trusted_types
        ``[model] trusted_types``: full type names beyond skops's list and `HARMLESS`.

    Raises
    ------
    ModelError
        The file is damaged or grows beyond bounds, holds a type that nobody trusts, or that can run commands (whoever
        trusts it), or does not fit the packages installed here.
    MissingExtra
        skops is not installed.
    """
    try:
        import skops.io
    except ModuleNotFoundError as error:
        raise MissingExtra("skops", "skops", f"the model {uri!r}") from error
    _refuse_runnable(set(trusted_types) - HONOURED, f"[model] trusted_types of {uri!r} names")
    try:
        require_bounded(path, uri)
        asked_for = skops.io.get_untrusted_types(file=path)
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(
            f"the model {uri!r} is not a readable skops file: {told(error)}",
            "save it again with skops.io.dump(model, path); if it was downloaded or copied, do that again",
        ) from cause_of(error)
    _refuse_unknown(set(asked_for) - {*HARMLESS, *trusted_types}, uri, trusted_types)
    try:
        return skops.io.load(path, trusted=[*HARMLESS, *trusted_types])
    except Exception as error:
        raise ModelError(
            f"the model {uri!r} cannot be loaded: {told(error, _modules(asked_for))}",
            "install here what it was saved with (scikit-learn, skops, its own modules), or save it again with these",
        ) from cause_of(error)


def _modules(types: Sequence[str]) -> set[str]:
    """Return the names of the modules that a file asks for: which is missing is what one has to know."""
    return {type_.rpartition(".")[0] for type_ in types}


def _refuse_runnable(names: set[str], who: str) -> None:
    able = sorted(filter(can_run, names))
    if able:
        raise ModelError(
            f"{who} what can run commands or code, or reach files: {', '.join(map(json.dumps, able))}: "
            "nothing of the model was loaded",
            "no model needs it to answer: do not load this file unless you know who made it, and have it saved without",
        )


def _refuse_unknown(unknown: set[str], uri: str, trusted_types: Sequence[str]) -> None:
    if not unknown:
        return
    _refuse_runnable(unknown, f"the model {uri!r} holds")
    # JSON strings are TOML strings: whatever a hostile file calls its types, the line stays one line of TOML.
    line = f"trusted_types = {json.dumps([*trusted_types, *sorted(unknown)])}"
    raise UntrustedTypes(
        f"the model {uri!r} holds types that are not trusted: {', '.join(map(json.dumps, sorted(unknown)))}",
        f"if you know who made this file and what these types do, put into [model]: {line}",
        tuple(sorted(unknown)),
    )
