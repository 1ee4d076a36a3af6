"""Import MLflow without its telemetry: a release gate tells nobody outside what it judges."""

from __future__ import annotations

import os

from pytest_mlquality.errors import MissingExtra


def require_mlflow(purpose: str) -> None:
    """Import MLflow, or say what to install.

    MLflow reads the variable once, when it is imported. A value that the user has set stays.

    Parameters
    ----------
    purpose
        What needs MLflow: the subject of the error's sentence.

    Raises
    ------
    MissingExtra
        MLflow is not installed.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    try:
        import mlflow  # noqa: F401 - imported for its presence; each user imports the part it needs
    except ModuleNotFoundError as error:
        raise MissingExtra("mlflow", "mlflow", purpose) from error
