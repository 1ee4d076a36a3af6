"""A scikit-learn model that MLflow logged: a version in its registry, or the folder itself.

MLflow's own loader is not used: it would build whatever types the folder's MLmodel declares trusted, and unpickle where
the folder says so. What may be built is this side's decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pytest_mlquality.adapters.models import digest
from pytest_mlquality.adapters.models.trust import load_trusted
from pytest_mlquality.adapters.quiet_mlflow import require_mlflow
from pytest_mlquality.adapters.registry import open_registry
from pytest_mlquality.errors import ModelError
from pytest_mlquality.redaction import conceal

if TYPE_CHECKING:
    from pytest_mlquality.adapters.models.face import Model

# --- what it answers for ----------------------------------------------------------------------------------------------


def answers_for(uri: str, base: Path) -> bool:
    """Say whether the URI is a version in a registry or the path of a folder that MLflow wrote."""
    return uri.startswith("models:/") or (base / uri / "MLmodel").is_file()


# --- load -------------------------------------------------------------------------------------------------------------


def load(uri: str, *, registry_uri: str | None, trusted_types: Sequence[str], base: Path) -> Model:
    """Find the folder and load the model in it; see `pytest_mlquality.adapters.models.load`."""
    if not uri.startswith("models:/"):
        return _model(base / uri, uri, None, trusted_types)
    registry = open_registry(registry_uri, base=base)
    version = registry.resolve(uri)
    with TemporaryDirectory(prefix="mlquality-model-") as downloads:
        folder = registry.fetch(version, Path(downloads))
        return _model(folder, uri, version.version, trusted_types)


# --- the Model --------------------------------------------------------------------------------------------------------


def _model(folder: Path, uri: str, version: str | None, trusted_types: Sequence[str]) -> Model:
    from pytest_mlquality.adapters.models.scikit_learn import model_of

    description = _description(folder, uri)
    estimator = load_trusted(_skops_file(description, folder, uri), uri=uri, trusted_types=trusted_types)
    return model_of(
        estimator, uri=uri, version=version, digest=digest.of_folder(folder), signature=_signature(description)
    )


def _description(folder: Path, uri: str) -> Any:  # noqa: ANN401 - mlflow.models.Model, not typed
    require_mlflow(f"the model {uri!r}")
    from mlflow.models import Model as Description

    try:
        return Description.load(str(folder / "MLmodel"))
    except Exception as error:
        raise ModelError(
            f"the model {uri!r}: {folder / 'MLmodel'} cannot be read: {conceal(str(error))}",
            "log the model again; this folder is incomplete or damaged",
        ) from error


def _skops_file(description: Any, folder: Path, uri: str) -> Path:  # noqa: ANN401 - as above
    flavor = description.flavors.get("sklearn")
    if flavor is None:
        raise ModelError(
            f"the model {uri!r} has no scikit-learn flavour (it has: {', '.join(sorted(description.flavors))}): "
            "other flavours are not available in this version",
            "log it with mlflow.sklearn.log_model",
        )
    if flavor.get("serialization_format") != "skops":
        raise ModelError(
            f"the model {uri!r} is kept as {flavor.get('serialization_format')!r}: a pickle runs whatever code it "
            "holds when it is loaded, and is refused in this version",
            "log the model as skops: mlflow.sklearn.log_model(..., serialization_format='skops')",
        )
    path = (folder / str(flavor["pickled_model"])).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise ModelError(
            f"the model {uri!r}: its MLmodel names a file that its folder does not hold: {flavor['pickled_model']!r}",
            "log the model again; this folder is incomplete or was changed by hand",
        )
    return path


def _signature(description: Any) -> dict[str, str] | None:  # noqa: ANN401 - as above
    inputs = description.signature.inputs if description.signature else None
    if inputs is None or not inputs.has_input_names():
        return None
    types = inputs.input_dict()
    return {name: getattr(types[name].type, "name", str(types[name].type)) for name in inputs.input_names()}
