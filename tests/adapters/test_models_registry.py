"""Models in an MLflow registry on SQLite, wherever the user stands."""

import json
import os
import pickle
import re
import shutil
import sqlite3
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
mlflow = pytest.importorskip("mlflow")

from mlflow.models import infer_signature  # noqa: E402 - the variable must be set before MLflow is imported

from pytest_mlquality.adapters.models import Trust, Wanted, digest, load, mlflow_folder  # noqa: E402
from pytest_mlquality.adapters.registry import AliasNotFound, Version, open_registry  # noqa: E402
from pytest_mlquality.errors import MissingExtra, ModelError  # noqa: E402

FRAME = pd.DataFrame({"age": [20.0, 40.0, 60.0, 70.0], "school": [10, 20, 20, 5], "hours": [0, 8, 8, 0]})
FITTED = LogisticRegression().fit(FRAME, [0, 1, 1, 0])
REGISTRY = "sqlite:///mlflow.db"
REQUIREMENTS = ["scikit-learn"]
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:mlflow", "ignore::DeprecationWarning")


def saved(folder, frame=FRAME, **more):
    mlflow.sklearn.save_model(FITTED, folder, signature=infer_signature(frame), pip_requirements=REQUIREMENTS, **more)
    return str(folder)


@pytest.fixture(scope="session")
def kept(tmp_path_factory):
    """Make a project with a registry: the model 'census' in six versions, and 'released' with gate evidence."""
    base = tmp_path_factory.mktemp("project")
    mlflow.set_tracking_uri(f"sqlite:///{base}/mlflow.db")
    try:
        client = mlflow.MlflowClient()
        client.create_registered_model("census")
        client.create_registered_model("released")
        experiment = client.create_experiment("e", artifact_location=str(base / "mlartifacts"))
        with mlflow.start_run(experiment_id=experiment):
            mlflow.log_metrics({"test_auc": 0.91, "test_loss": 0.3})
            logged = mlflow.sklearn.log_model(
                FITTED, name="m", signature=infer_signature(FRAME), pip_requirements=REQUIREMENTS
            )
        saved(base / "kept" / "relative")
        sources = [
            logged.model_uri,
            "kept/relative",
            saved(base / "reordered", FRAME[["school", "age", "hours"]]),
            saved(base / "pickled", serialization_format="cloudpickle"),
            str(base / "gone"),
            (base / "kept" / "relative").as_uri(),
        ]
        for source in sources:
            client.create_model_version("census", source)
        client.set_registered_model_alias("census", "champion", "1")
        client.create_model_version("released", sources[0], tags={"mlquality.evidence": "sha256:1"})
    finally:
        mlflow.set_tracking_uri(None)
    return base


def loaded(uri, base, **trust):
    return load(Wanted(uri, base, REGISTRY, Trust(**trust)))


def test_a_version_is_loaded_by_its_alias_from_any_folder(kept, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = loaded("models:/census@champion", kept)
    assert (model.uri, model.version, model.classes) == ("models:/census@champion", "1", (0, 1))
    assert model.columns == ("age", "school", "hours")
    assert model.column_types == {"age": "double", "school": "long", "hours": "long"}
    assert np.allclose(model.predict_proba(FRAME[["hours", "age", "school"]]), FITTED.predict_proba(FRAME))
    assert list(tmp_path.iterdir()) == []


def test_the_digest_is_that_of_the_files_however_they_are_named(kept, tmp_path):
    shutil.copytree(kept / "kept" / "relative", tmp_path / "copy")
    named = {loaded(uri, kept).digest for uri in ("models:/census/2", "models:/census/6", "kept/relative")}
    assert named == {loaded("copy", tmp_path).digest}
    assert loaded("models:/census/1", kept).digest not in named


def test_a_relative_artifact_location_begins_at_the_settings(kept, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert loaded("models:/census/2", kept).predict(FRAME).tolist() == FITTED.predict(FRAME).tolist()


def test_the_users_own_mlflow_settings_stay_as_they_are(kept):
    before = (mlflow.get_tracking_uri(), mlflow.get_registry_uri())
    loaded("models:/census@champion", kept)
    assert (mlflow.get_tracking_uri(), mlflow.get_registry_uri()) == before


def test_a_model_registered_over_a_wrong_column_order_is_refused(kept):
    with pytest.raises(ModelError, match=r"wrong column order: column 1 of its signature is 'school'.*'age'"):
        loaded("models:/census/3", kept)


def test_a_pickle_is_refused_and_never_run(kept, tmp_path):
    folder = tmp_path / "pickled"
    shutil.copytree(kept / "pickled", folder)
    (folder / "model.pkl").write_bytes(pickle.dumps(Trap(str(tmp_path / "sprung"))))
    for uri, base in (("models:/census/4", kept), ("pickled", tmp_path)):
        with pytest.raises(ModelError, match="is a pickle: it can run any code") as caught:
            loaded(uri, base)
        assert 'sha256 = "' in caught.value.remedy
    assert not (tmp_path / "sprung").exists()


def test_a_pickle_in_a_folder_is_loaded_by_the_line_that_the_refusal_prints(kept, tmp_path):
    with pytest.raises(ModelError, match="is a pickle") as caught:
        loaded("models:/census/4", kept)
    (sha256,) = re.findall(r'sha256 = "(\w+)"', caught.value.remedy)
    model = loaded("models:/census/4", kept, sha256=sha256)
    assert (model.digest, model.version) == (f"sha256:{sha256}", "4")
    assert np.allclose(model.predict_proba(FRAME), FITTED.predict_proba(FRAME), atol=1e-15)
    shutil.copytree(kept / "pickled", tmp_path / "pickled")
    (tmp_path / "pickled" / "model.pkl").write_bytes(pickle.dumps(Trap(str(tmp_path / "sprung"))))
    with pytest.raises(ModelError, match=r"\[model\] sha256 is .* nothing of it was loaded"):
        loaded("pickled", tmp_path, sha256=sha256)
    assert not (tmp_path / "sprung").exists()


class Trap:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (self.path, "w")


def test_what_the_folder_declares_trusted_is_not_believed(kept, tmp_path):
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(2, random_state=0).fit(FRAME, [0, 1, 1, 0])
    mlflow.sklearn.save_model(
        forest, tmp_path / "forest", pip_requirements=REQUIREMENTS, skops_trusted_types=["sklearn.tree._tree.Tree"]
    )
    with pytest.raises(ModelError, match=r"sklearn\.tree\._tree\.Tree"):
        loaded("forest", tmp_path)
    model = loaded("forest", tmp_path, types=("sklearn.tree._tree.Tree",))
    assert model.predict(FRAME).tolist() == forest.predict(FRAME).tolist()
    assert (model.columns, model.column_types) == (("age", "school", "hours"), None)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("model.skops", "../relative/model.skops", "a file that its folder does not hold"),
        ("  sklearn:", "  spacy:", "no flavour that can be judged"),
        ("flavors:", "flavors: [", "cannot be read"),
    ],
)
def test_a_folder_changed_by_hand_is_refused(kept, tmp_path, old, new, words):
    shutil.copytree(kept / "kept" / "relative", tmp_path / "relative")
    shutil.copytree(kept / "kept" / "relative", tmp_path / "m")
    description = tmp_path / "m" / "MLmodel"
    description.write_text(description.read_text().replace(old, new))
    with pytest.raises(ModelError, match=words):
        loaded("m", tmp_path)


def test_files_that_are_gone_name_their_place(kept):
    with pytest.raises(ModelError, match=rf"version 5 of 'census' .* not at {kept}/gone"):
        loaded("models:/census/5", kept)


@pytest.mark.parametrize(
    ("uri", "error", "words"),
    [
        (
            "models:/cencus@champion",
            ModelError,
            r"no model 'cencus' \(did you mean 'census'\?\)(.|\n)*census, released",
        ),
        ("models:/cencus/1", ModelError, r"no model 'cencus' \(did you mean 'census'\?\)"),
        ("models:/census/99", ModelError, r"no version 99(.|\n)*1, 2, 3, 4, 5, 6"),
        ("models:/census@campion", AliasNotFound, r"alias 'campion' \(did you mean 'champion'\?\)"),
        ("models:/census/latest", ModelError, "does not name one version"),
        ("models:/census", ModelError, "does not name one version"),
        ("models:/m-0123456789abcdef", ModelError, "does not name one version"),
    ],
)
def test_what_the_registry_lacks_is_named(kept, uri, error, words):
    with pytest.raises(error, match=words) as caught:
        loaded(uri, kept)
    assert type(caught.value) is error


def test_the_registry_answers_what_a_first_release_asks(kept, monkeypatch):
    monkeypatch.chdir("/")
    registry = open_registry(REGISTRY, base=kept)
    assert registry.alias_exists("census", "champion")
    assert not registry.alias_exists("census", "Champion")
    assert not registry.has_gate_evidence("census")
    assert registry.has_gate_evidence("released")
    assert registry.resolve("models:/census/2") == Version(
        "census", "2", "models:/census/2", str(kept / "kept" / "relative")
    )
    for ask in (lambda: registry.alias_exists("none", "a"), lambda: registry.has_gate_evidence("none")):
        with pytest.raises(ModelError, match="no model 'none'"):
            ask()


def test_the_metrics_of_the_training_run_are_found_by_the_version(kept):
    registry = open_registry(REGISTRY, base=kept)
    assert registry.metrics("models:/census@champion") == {"test_auc": 0.91, "test_loss": 0.3}
    assert registry.metrics("models:/census/2") == {}
    with pytest.raises(ModelError, match="no version 99"):
        registry.metrics("models:/census/99")


def test_a_missing_database_is_not_created_by_asking(tmp_path):
    (tmp_path / "mlflow.db").touch()
    for uri in ("sqlite:///mlfow.db", f"sqlite:///{tmp_path}/mlfow.db", "sqlite+pysqlite:///mlfow.db?timeout=3"):
        with pytest.raises(ModelError, match=r"no database file .*mlfow.db \(did you mean 'mlflow.db'\?\)"):
            load(Wanted("models:/census/1", tmp_path, uri))
    with pytest.raises(ModelError, match="no database file"):
        load(Wanted("models:/census/1", tmp_path, "sqlite:///no/folder/mlflow.db"))
    assert [path.name for path in tmp_path.iterdir()] == ["mlflow.db"]


def test_unusual_folders_work_or_are_refused_at_once(kept, tmp_path):
    for name in ("my #project é", "100% mine"):
        shutil.copytree(kept, tmp_path / name)
        assert open_registry(REGISTRY, base=tmp_path / name).alias_exists("census", "champion")
    shutil.copytree(kept, tmp_path / "my%20project")
    with pytest.raises(ModelError, match="% stands before two digits"):
        open_registry(REGISTRY, base=tmp_path / "my%20project")
    assert {path.name for path in tmp_path.iterdir()} == {"my #project é", "100% mine", "my%20project"}


def test_a_database_that_is_no_registry_is_left_as_it_is(tmp_path):
    sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE people (id)").connection.close()
    (tmp_path / "text.db").write_text("not a database, but longer than a header " * 20)
    before = (tmp_path / "other.db").read_bytes()
    with pytest.raises(ModelError, match="no model registry in it"):
        open_registry("sqlite:///other.db", base=tmp_path)
    with pytest.raises(ModelError, match="cannot be read as an SQLite database"):
        open_registry("sqlite:///text.db", base=tmp_path)
    assert (tmp_path / "other.db").read_bytes() == before


def test_a_registry_must_be_named_and_known(tmp_path):
    with pytest.raises(ModelError, match="needs a registry"):
        load(Wanted("models:/census/1", tmp_path, None))
    with pytest.raises(ModelError, match="not available in this version"):
        load(Wanted("models:/census/1", tmp_path, "oracle://user:pass-word@host/db"))


def test_a_server_that_does_not_answer_is_an_error_without_its_password(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "2")
    with pytest.raises(ModelError, match="cannot be asked") as caught:
        load(Wanted("models:/census/1", tmp_path, "http://me:pass-word@127.0.0.1:9"))
    assert "pass-word" not in str(caught.value)


def test_without_mlflow_the_pip_line_is_given(kept, monkeypatch):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    for uri in ("models:/census/1", "kept/relative"):
        with pytest.raises(MissingExtra, match=r"pytest-mlquality\[mlflow\]"):
            loaded(uri, kept)


def test_files_elsewhere_are_fetched_and_are_the_same_model(kept, tmp_path, monkeypatch):
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    registry = open_registry(REGISTRY, base=kept)
    run = registry.client.get_model_version("census", "1").run_id
    # A source that is not a path is downloaded by MLflow, wherever it leads.
    folder = registry.fetch(Version("census", "1", "models:/census/1", f"runs:/{run}/m"), tmp_path / "into")
    assert folder.is_relative_to(tmp_path / "into")
    assert digest.of_folder(folder) == loaded("models:/census/1", kept).digest
    assert list((tmp_path / "cwd").iterdir()) == []


def test_files_elsewhere_that_cannot_be_fetched_hide_the_password(kept, tmp_path):
    registry = open_registry(REGISTRY, base=kept)
    with pytest.raises(ModelError, match="version 2 of 'census' cannot be fetched") as caught:
        registry.fetch(Version("census", "2", "models:/census/2", "gopher://me:pass-word@host/m"), tmp_path)
    assert "pass-word" not in str(caught.value)


# --- other flavours ---------------------------------------------------------------------------------------------------


def test_every_flavour_that_is_offered_is_read_from_its_folder(tmp_path):
    import catboost
    import lightgbm
    import xgboost
    from skl2onnx import to_onnx

    target = [0, 1, 1, 0]
    flavours = {
        "xgboost": xgboost.XGBClassifier(n_estimators=3).fit(FRAME, target),
        "lightgbm": lightgbm.train(
            {"objective": "binary", "min_data_in_leaf": 1, "verbose": -1}, lightgbm.Dataset(FRAME, target), 3
        ),
        "catboost": catboost.CatBoostClassifier(iterations=3, verbose=0, allow_writing_files=False).fit(FRAME, target),
        "onnx": to_onnx(FITTED, FRAME.to_numpy("float32")[:1], options={"zipmap": False}),
    }
    assert set(flavours) == set(mlflow_folder._NATIVE)
    for name, fitted in flavours.items():
        flavour = getattr(mlflow, name)
        flavour.save_model(fitted, tmp_path / name, signature=infer_signature(FRAME), pip_requirements=[name])
        model = loaded(name, tmp_path)
        assert model.column_types == {"age": "double", "school": "long", "hours": "long"}
        expected = (
            fitted.predict(FRAME)
            if name == "lightgbm"
            else getattr(fitted, "predict_proba", FITTED.predict_proba)(FRAME)[:, 1]
        )
        assert np.allclose(model.predict_proba(FRAME)[:, 1], expected, atol=1e-6)


def test_a_scikit_learn_wrapper_of_lightgbm_is_kept_as_skops_and_must_be_trusted(tmp_path):
    import lightgbm

    fitted = lightgbm.LGBMClassifier(n_estimators=3, verbose=-1, min_child_samples=1).fit(
        FRAME, ["no", "yes", "yes", "no"]
    )
    mlflow.lightgbm.save_model(fitted, tmp_path / "m", pip_requirements=["lightgbm"])
    with pytest.raises(ModelError, match=r"not trusted: .*lightgbm\.basic\.Booster") as caught:
        loaded("m", tmp_path)
    trusted = json.loads(caught.value.remedy.partition("trusted_types = ")[2])
    model = loaded("m", tmp_path, types=tuple(trusted))
    assert model.classes == ("no", "yes")
    assert np.allclose(model.predict_proba(FRAME), fitted.predict_proba(FRAME))
