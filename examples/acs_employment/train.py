"""Train a champion and a challenger on the census of 2015 and register both with MLflow.

Both learn from four fifths of the year; the gate judges them on the last fifth. The champion plays the model in
production: fewer and smaller trees. Each run registers new versions and moves the two aliases; training is
deterministic, so the same packages give the same models. Run it from any folder.
"""

from __future__ import annotations

import logging
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

HERE = Path(__file__).resolve().parent
NAME = "acs-employment"
TARGET = "employed"
NOT_FEATURES = ["id", "year", TARGET]
MODELS: dict[str, dict[str, Any]] = {
    "champion": {"max_iter": 60, "max_leaf_nodes": 15},
    "challenger": {"max_iter": 200, "learning_rate": 0.06, "l2_regularization": 1.0},
}
# The trees of gradient boosting are the one type in these models that skops wants to hear named.
TRUSTED_TYPES = ["sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"]


def main() -> None:
    """Train and register both models; print what was registered and how good it is on the held-out fifth."""
    client, experiment = _registry()
    train, test = _data()
    for alias, settings in MODELS.items():
        model = _trained(train, settings)
        version = _registered(client, experiment, alias, model, train)
        scores = model.predict_proba(_features(test))[:, 1]
        auc = roc_auc_score(test[TARGET], scores)
        print(f"{alias}: {NAME} version {version}, ROC AUC {auc:.4f} on {len(test):,} persons held out")


def _data() -> tuple[pd.DataFrame, pd.DataFrame]:
    people = pd.read_parquet(HERE / "data" / "people_2015.parquet")
    held_out = people["id"] % 5 == 0
    return people[~held_out], people[held_out]


def _features(people: pd.DataFrame) -> pd.DataFrame:
    return people.drop(columns=NOT_FEATURES)


def _trained(train: pd.DataFrame, settings: dict[str, Any]) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(random_state=2015, **settings).fit(_features(train), train[TARGET])


def _registry() -> tuple[MlflowClient, str]:
    """Open the registry beside this file, made on the first run; return its client and the experiment's id."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    import mlflow

    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    mlflow.set_tracking_uri(f"sqlite:///{HERE / 'mlflow.db'}")
    client = mlflow.MlflowClient()
    experiment = client.get_experiment_by_name(NAME)
    if not client.search_registered_models(f"name = '{NAME}'"):
        client.create_registered_model(NAME)
    if experiment is not None:
        return client, experiment.experiment_id
    return client, client.create_experiment(NAME, artifact_location=str(HERE / "mlartifacts"))


def _registered(
    client: MlflowClient, experiment: str, alias: str, model: HistGradientBoostingClassifier, train: pd.DataFrame
) -> str:
    """Log the model, make it a new version and point `alias` at it; return the version's number."""
    import mlflow
    import sklearn
    import skops

    with mlflow.start_run(experiment_id=experiment, run_name=alias) as run:
        mlflow.log_params(MODELS[alias])
        logged = mlflow.sklearn.log_model(
            model,
            name=alias,
            signature=_signature(model, train),
            serialization_format="skops",
            skops_trusted_types=TRUSTED_TYPES,
            pip_requirements=[f"scikit-learn=={sklearn.__version__}", f"skops=={skops.__version__}"],
        )
    version = client.create_model_version(
        NAME, source=logged.model_uri, run_id=run.info.run_id, model_id=logged.model_id
    )
    client.set_registered_model_alias(NAME, alias, version.version)
    return str(version.version)


def _signature(model: HistGradientBoostingClassifier, train: pd.DataFrame) -> Any:  # noqa: ANN401 - MLflow's type
    from mlflow.models import infer_signature

    features = _features(train)
    with warnings.catch_warnings():
        # The codes are integers and none is ever missing, so the hint to make them floats does not apply.
        warnings.filterwarnings("ignore", message="Hint: Inferred schema contains integer column")
        return infer_signature(features, model.predict(features.head()))


if __name__ == "__main__":
    main()
