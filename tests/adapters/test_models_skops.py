"""skops files are loaded safely, and what is not available says what is."""

import hashlib
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OutputCodeClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline

from pytest_mlquality.adapters.models import Trust, Wanted, digest, load
from pytest_mlquality.adapters.models.skops_types import HARMLESS
from pytest_mlquality.errors import MissingExtra, ModelError

RANDOM = np.random.default_rng(3)
FRAME = pd.DataFrame(RANDOM.normal(size=(60, 3)), columns=["age", "school", "hours"])
TARGET = np.arange(60) % 3


class Majority(ClassifierMixin, BaseEstimator):
    """A user's own estimator, which nobody has judged."""

    def fit(self, X, y):
        self.classes_, counts = np.unique(y, return_counts=True)
        self.winner_ = self.classes_[counts.argmax()]
        return self

    def predict(self, X):
        return np.full(len(X), self.winner_)


SELF_EVIDENT = [
    make_pipeline(
        make_column_transformer((SimpleImputer(), make_column_selector(dtype_include="number"))),
        SelectKBest(k=2),
        LogisticRegression(),
    ),
    CalibratedClassifierCV(LogisticRegression(), cv=2),
    MLPClassifier(hidden_layer_sizes=(3,), max_iter=400, tol=1e-2, random_state=0),
    OutputCodeClassifier(LogisticRegression(), random_state=1),
]


def saved(estimator, path):
    skops.io.dump(estimator.fit(FRAME, TARGET), path)
    return estimator


def loaded(uri, base, trusted_types=()):
    return load(Wanted(uri, base, trust=Trust(types=tuple(trusted_types))))


@pytest.mark.parametrize("estimator", SELF_EVIDENT, ids=lambda estimator: type(estimator).__name__)
def test_harmless_parts_of_scikit_learn_need_no_trust(estimator, tmp_path):
    fitted = saved(estimator, tmp_path / "m.skops")
    model = loaded("m.skops", tmp_path)
    assert model.predict(FRAME).tolist() == fitted.predict(FRAME).tolist()


def test_every_type_of_the_built_in_list_is_met_in_a_real_model():
    met = set()
    for estimator in SELF_EVIDENT:
        met |= set(skops.io.get_untrusted_types(data=skops.io.dumps(estimator.fit(FRAME, TARGET))))
    assert set(HARMLESS) == met


def test_a_model_shows_its_face(tmp_path, monkeypatch):
    fitted = saved(LogisticRegression(), tmp_path / "m.skops")
    monkeypatch.chdir("/")
    model = loaded("m.skops", tmp_path)
    assert (model.uri, model.version, model.classes) == ("m.skops", None, (0, 1, 2))
    assert (model.columns, model.column_types) == (("age", "school", "hours"), None)
    assert model.digest == "sha256:" + hashlib.sha256((tmp_path / "m.skops").read_bytes()).hexdigest()
    assert model.has_probabilities
    shuffled = FRAME[["hours", "age", "school"]]
    assert np.allclose(model.predict_proba(shuffled), fitted.predict_proba(FRAME))


def test_an_unknown_type_is_refused_with_the_line_that_would_trust_it(tmp_path):
    saved(make_pipeline(Majority()), tmp_path / "m.skops")
    name = f"{__name__}.Majority"
    with pytest.raises(ModelError, match="not trusted") as caught:
        loaded("m.skops", tmp_path, trusted_types=["mine.Other"])
    assert name in caught.value.message
    assert caught.value.remedy.endswith(f'trusted_types = ["mine.Other", "{name}"]')


def test_the_pasted_line_loads_the_model(tmp_path):
    saved(make_pipeline(Majority()), tmp_path / "m.skops")
    model = loaded("m.skops", tmp_path, trusted_types=[f"{__name__}.Majority"])
    assert set(model.predict(FRAME)) == {0}
    assert not model.has_probabilities


@pytest.mark.parametrize(
    ("estimator", "name"),
    [
        (RandomForestClassifier(2), "sklearn.tree._tree.Tree"),
        (
            HistGradientBoostingClassifier(max_iter=2),
            "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        ),
    ],
)
def test_trees_are_built_only_for_who_trusts_them(estimator, name, tmp_path):
    fitted = saved(estimator, tmp_path / "m.skops")
    with pytest.raises(ModelError, match=name):
        loaded("m.skops", tmp_path)
    model = loaded("m.skops", tmp_path, trusted_types=[name])
    assert np.allclose(model.predict_proba(FRAME), fitted.predict_proba(FRAME))


def test_a_trusted_type_that_is_not_installed_is_explained(tmp_path):
    saved(Majority(), tmp_path / "m.skops")
    script = (
        "from pathlib import Path; from pytest_mlquality.adapters.models import Trust, Wanted, load; import sys\n"
        f"load(Wanted('m.skops', Path(sys.argv[1]), trust=Trust(types=('{__name__}.Majority',))))"
    )
    done = subprocess.run([sys.executable, "-c", script, tmp_path], capture_output=True, text=True, cwd=tmp_path)
    assert f"ModelError: the model 'm.skops' cannot be loaded: ModuleNotFoundError: No module named '{__name__}'" in (
        done.stderr
    )


def test_a_damaged_file_is_explained(tmp_path):
    (tmp_path / "m.skops").write_bytes(b"PK not a model")
    with pytest.raises(ModelError, match="not a readable skops file: BadZipFile: File is not a zip file"):
        loaded("m.skops", tmp_path)


def test_a_missing_file_names_its_place_and_the_nearest(tmp_path):
    (tmp_path / "model.skops").touch()
    with pytest.raises(ModelError, match=r"'modle.skops' does not exist: .*did you mean 'model.skops'"):
        loaded("modle.skops", tmp_path)
    with pytest.raises(ModelError, match="does not exist"):
        loaded("no/such/folder/m.skops", tmp_path)


@pytest.mark.parametrize("uri", ["m.pmml", "folder", "ftp://user:pass-word@host/m", "runs:/1/m"])
def test_a_format_that_is_not_available_says_what_is(uri, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "m.pmml").touch()
    with pytest.raises(ModelError, match="not available in this version") as caught:
        loaded(uri, tmp_path)
    assert ".skops" in caught.value.remedy
    assert "pass-word" not in str(caught.value)


def test_without_skops_the_pip_line_is_given(tmp_path, monkeypatch):
    saved(LogisticRegression(), tmp_path / "m.skops")
    monkeypatch.setitem(sys.modules, "skops", None)
    monkeypatch.setitem(sys.modules, "skops.io", None)
    with pytest.raises(MissingExtra, match=r"pytest-mlquality\[skops\]"):
        loaded("m.skops", tmp_path)


def test_a_folders_digest_is_that_of_the_shell_and_blind_to_place_and_time(tmp_path):
    for place in ("a", "b"):
        (tmp_path / place / "sub").mkdir(parents=True)
        (tmp_path / place / "MLmodel").write_text("flavors")
        (tmp_path / place / "sub" / "x.bin").write_bytes(b"\x00\x01")
    (tmp_path / "b" / "registered_model_meta").write_text("left by a download")
    lines = "".join(
        f"{hashlib.sha256((tmp_path / 'a' / name).read_bytes()).hexdigest()}  {name}\n"
        for name in ("MLmodel", "sub/x.bin")
    )
    expected = f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"
    assert digest.of_folder(tmp_path / "a") == digest.of_folder(tmp_path / "b") == expected
    (tmp_path / "b" / "sub" / "x.bin").rename(tmp_path / "b" / "sub" / "y.bin")
    assert digest.of_folder(tmp_path / "b") != expected


def test_importing_the_adapters_imports_nothing_heavy():
    script = (
        "import sys, pytest_mlquality.adapters.models\n"
        "heavy = {'numpy', 'pandas', 'sklearn', 'skops', 'mlflow', 'sqlalchemy'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
