"""PyTorch files and KServe endpoints, with the real ones, in an environment of their own (`make verify`)."""

import sys
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from serving import server
from sklearn.linear_model import LogisticRegression

from pytest_mlquality.adapters.models import Trust, Wanted, digest, load
from pytest_mlquality.errors import ModelError
from pytest_mlquality.shown import showing_values

pytestmark = pytest.mark.others

RANDOM = np.random.default_rng(2)
FRAME = pd.DataFrame({"age": RANDOM.integers(17, 90, 2_500).astype(float), "school": RANDOM.normal(size=2_500)})
TARGET = (FRAME["school"] + RANDOM.normal(size=2_500) > 0).astype(int)
FITTED = LogisticRegression(max_iter=1_000).fit(FRAME.to_numpy(), TARGET)
EXPECTED = FITTED.predict_proba(FRAME.to_numpy())
# float32 against float64.
SINGLE = 1e-6

# --- KServe -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kserve(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kserve")
    joblib.dump(FITTED, folder / "m.joblib")
    script = str(Path(__file__).with_name("serve_kserve.py"))
    with server(
        lambda port: [sys.executable, script, str(folder / "m.joblib"), str(port)], "/v2/health/ready", folder / "log"
    ) as address:
        yield address


def endpoint(uri, **more):
    return load(Wanted(uri, Path(), classes=(0, 1), **more))


@pytest.mark.parametrize("output", ["probabilities", "positive"])
def test_the_open_inference_protocol_gives_the_models_answers(kserve, output):
    model = endpoint(f"{kserve}/v2/models/loans?output={output}")
    assert (model.columns, model.column_types) == (("age", "school"), {"age": "double", "school": "double"})
    assert np.allclose(model.predict_proba(FRAME[["school", "age"]]), EXPECTED, atol=1e-12)
    assert model.digest is None


def test_the_protocol_of_tensorflow_serving_gives_the_models_answers(kserve):
    model = endpoint(f"{kserve}/v1/models/loans", features=("age", "school"))
    assert np.allclose(model.predict_proba(FRAME[["school", "age"]]), EXPECTED, atol=1e-12)
    assert (model.predict(FRAME) == FITTED.predict(FRAME.to_numpy())).all()


def test_what_a_server_refuses_is_told_without_its_rows(kserve):
    with pytest.raises(ModelError, match=r"status 404 \(Not Found\)"):
        endpoint(f"{kserve}/v2/models/lons")
    with pytest.raises(ModelError, match="status 500") as caught:
        endpoint(f"{kserve}/v1/models/loans", features=("age",)).predict(FRAME)
    assert "ask it by hand" in caught.value.remedy
    with showing_values(True), pytest.raises(ModelError, match="has the outputs probabilities, positive") as caught:
        endpoint(f"{kserve}/v2/models/loans").predict(FRAME)
    assert "?output=NAME" in caught.value.remedy


# --- PyTorch ----------------------------------------------------------------------------------------------------------


def module(*last):
    import torch

    linear = torch.nn.Linear(2, 1)
    with torch.no_grad():
        linear.weight[:] = torch.tensor(FITTED.coef_, dtype=torch.float32)
        linear.bias[:] = torch.tensor(FITTED.intercept_, dtype=torch.float32)
    return torch.nn.Sequential(torch.nn.Dropout(0.5), linear, *last)


def pinned(folder, name, **more):
    sha256 = digest.of_file(folder / name).removeprefix("sha256:")
    return load(Wanted(name, folder, trust=Trust(sha256=sha256), features=("age", "school"), **more))


@pytest.mark.parametrize("name", ["m.pt", "m.pt2"])
def test_pytorch_gives_the_answers_of_the_module(name, tmp_path):
    import torch

    net = module(torch.nn.Sigmoid()).eval()
    if name == "m.pt":
        # Saved while training: loading must switch dropout off.
        torch.jit.script(net.train()).save(tmp_path / name)
    else:
        rows = torch.export.Dim("rows")
        exported = torch.export.export(net, (torch.zeros(2, 2),), dynamic_shapes=({0: rows},))
        torch.export.save(exported, tmp_path / name)
    with pytest.raises(ModelError, match="is a program of PyTorch: it can run any code"):
        load(Wanted(name, tmp_path))
    model = pinned(tmp_path, name, task="binary")
    assert model.classes == (0, 1)
    assert np.allclose(model.predict_proba(FRAME[["school", "age"]]), EXPECTED, atol=SINGLE)


def test_logits_and_pickles_of_pytorch_are_explained(tmp_path):
    import torch

    torch.jit.script(module()).save(tmp_path / "m.pt")
    with pytest.raises(ModelError, match="outside 0 to 1"):
        pinned(tmp_path, "m.pt", classes=("no", "yes")).predict_proba(FRAME)
    found = pinned(tmp_path, "m.pt").predict(FRAME)
    assert np.allclose(found, FITTED.decision_function(FRAME.to_numpy()), atol=1e-5)
    torch.save({"weights": torch.zeros(2)}, tmp_path / "m.pth")
    with pytest.raises(ModelError, match="neither TorchScript nor an exported program") as caught:
        pinned(tmp_path, "m.pth")
    assert "torch.export" in caught.value.remedy
