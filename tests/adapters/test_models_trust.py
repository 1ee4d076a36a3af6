"""A model that can run code is loaded only where its very bytes are pinned, or signed by someone who is named."""

import pickle
import re
import subprocess
import sys

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from pytest_mlquality.adapters.models import Trust, Wanted, load
from pytest_mlquality.errors import MissingExtra, ModelError

FRAME = pd.DataFrame({"age": [20.0, 40.0, 60.0, 70.0], "school": [10, 20, 20, 5]})
FITTED = LogisticRegression().fit(FRAME, [0, 1, 1, 0])
NAMES = ["m.joblib", "m.pkl", "m.pickle"]


class Trap:
    """Creates a file as soon as the first of its opcodes runs."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (self.path, "w")


def loaded(folder, name="m.pkl", **trust):
    return load(Wanted(name, folder, trust=Trust(**trust)))


def pin_in(error):
    (sha256,) = re.findall(r'\[model\]: sha256 = "([0-9a-f]{64})"', error.remedy)
    return sha256


def run(*words, cwd):
    subprocess.run(words, cwd=cwd, check=True, capture_output=True)


@pytest.fixture
def keys(tmp_path):
    """Make two pairs of keys on the curve P-256: mine and of another."""
    for name in ("mine", "other"):
        run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key", cwd=tmp_path)
        run("openssl", "ec", "-in", f"{name}.key", "-pubout", "-out", f"{name}.pub", cwd=tmp_path)
    return tmp_path


def sign(folder, name, key="mine.key"):
    signature = f"{name}/model.sig" if (folder / name).is_dir() else f"{name}.sig"
    signing = ["sign", "key", name, "--signature", signature, "--private_key", key]
    run(sys.executable, "-m", "model_signing", *signing, cwd=folder)


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_pickle_does_not_run(name, tmp_path):
    (tmp_path / name).write_bytes(pickle.dumps(Trap(str(tmp_path / "sprung"))))
    with pytest.raises(ModelError, match="is a pickle: it can run any code when it is loaded, so nothing of it was"):
        loaded(tmp_path, name)
    with pytest.raises(ModelError, match=r"\[model\] sha256 is 0+, but the digest of"):
        loaded(tmp_path, name, sha256="0" * 64)
    assert not (tmp_path / "sprung").exists()
    # The trap does spring: the proof that the refusals above proved something.
    with pytest.raises(ModelError, match="has no predict"):
        loaded(tmp_path, name, sha256=subprocess.check_output(["sha256sum", name], cwd=tmp_path, text=True).split()[0])
    assert (tmp_path / "sprung").exists()


@pytest.mark.parametrize("name", NAMES)
def test_the_line_that_the_refusal_prints_loads_the_model(name, tmp_path):
    joblib.dump(FITTED, tmp_path / name)
    with pytest.raises(ModelError) as caught:
        loaded(tmp_path, name)
    model = loaded(tmp_path, name, sha256=pin_in(caught.value).upper())
    assert np.array_equal(model.predict_proba(FRAME), FITTED.predict_proba(FRAME))
    assert model.columns == ("age", "school")


def test_a_pin_holds_for_every_format_before_it_is_loaded(tmp_path):
    (tmp_path / "m.skops").write_bytes(b"not even a model")
    with pytest.raises(ModelError, match=r"\[model\] baseline_sha256 is f+, but .*: nothing of it was loaded"):
        loaded(tmp_path, "m.skops", sha256="f" * 64, pin="baseline_sha256")


def test_what_is_loaded_is_what_was_hashed(tmp_path, monkeypatch):
    """A file that changes between the two is not loaded: what was hashed is a copy that nobody else can write."""
    joblib.dump(FITTED, tmp_path / "m.pkl")
    with pytest.raises(ModelError) as caught:
        loaded(tmp_path)
    original = joblib.load

    def swapped(path):
        (tmp_path / "m.pkl").write_bytes(pickle.dumps(Trap(str(tmp_path / "sprung"))))
        return original(path)

    monkeypatch.setattr(joblib, "load", swapped)
    assert loaded(tmp_path, sha256=pin_in(caught.value)).predict(FRAME).tolist() == [0, 1, 1, 0]
    assert not (tmp_path / "sprung").exists()


def test_a_pickle_that_does_not_load_here_is_explained(tmp_path):
    (tmp_path / "m.pkl").write_bytes(b"\x80\x04cut")
    with pytest.raises(ModelError) as caught:
        loaded(tmp_path)
    with pytest.raises(ModelError, match="cannot be unpickled") as told:
        loaded(tmp_path, sha256=pin_in(caught.value))
    assert "modules importable" in told.value.remedy


def test_a_signed_pickle_needs_no_pin(keys):
    joblib.dump(FITTED, keys / "m.pkl")
    sign(keys, "m.pkl")
    assert loaded(keys, signed_by=keys / "mine.pub").predict(FRAME).tolist() == [0, 1, 1, 0]


def test_a_signature_that_does_not_hold_is_an_error_before_anything_runs(keys):
    (keys / "m.pkl").write_bytes(pickle.dumps(Trap(str(keys / "sprung"))))
    with pytest.raises(ModelError, match=r"its signature is not there \(m\.pkl\.sig\)") as caught:
        loaded(keys, signed_by=keys / "mine.pub")
    assert "model_signing sign key" in caught.value.remedy
    sign(keys, "m.pkl", "other.key")
    with pytest.raises(ModelError, match=r"not what the owner of mine\.pub signed"):
        loaded(keys, signed_by=keys / "mine.pub")
    with pytest.raises(ModelError, match=r"public key of \[model\] signed_by is not there \(none\.pub\)"):
        loaded(keys, signed_by=keys / "none.pub")
    sign(keys, "m.pkl", "mine.key")
    (keys / "m.pkl").write_bytes((keys / "m.pkl").read_bytes() + b".")
    with pytest.raises(ModelError, match="Signature mismatch"):
        loaded(keys, signed_by=keys / "mine.pub")
    assert not (keys / "sprung").exists()


def test_signing_a_folder_leaves_its_digest_as_it_was(keys, monkeypatch):
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    import mlflow

    mlflow.sklearn.save_model(
        FITTED, keys / "folder", serialization_format="cloudpickle", pip_requirements=["scikit-learn"]
    )
    with pytest.raises(ModelError) as caught:
        loaded(keys, "folder")
    sign(keys, "folder")
    model = loaded(keys, "folder", signed_by=keys / "mine.pub", sha256=pin_in(caught.value))
    assert model.predict(FRAME).tolist() == [0, 1, 1, 0]
    # The note that a download leaves is nobody's signature.
    (keys / "folder" / "registered_model_meta").write_text("model_name: m")
    assert loaded(keys, "folder", signed_by=keys / "mine.pub").digest == model.digest
    (keys / "folder" / "extra.py").write_text("")
    with pytest.raises(ModelError, match=r"Extra files found .*extra\.py"):
        loaded(keys, "folder", signed_by=keys / "mine.pub")


def test_without_model_signing_the_pip_line_is_given(keys, monkeypatch):
    joblib.dump(FITTED, keys / "m.pkl")
    sign(keys, "m.pkl")
    monkeypatch.setitem(sys.modules, "model_signing", None)
    with pytest.raises(MissingExtra, match=r"pytest-mlquality\[signing\]"):
        loaded(keys, signed_by=keys / "mine.pub")
