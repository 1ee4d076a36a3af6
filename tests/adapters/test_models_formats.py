"""Each format gives the answers of the model that was saved in it, within the tolerance stated beside it."""

import json
import sys
from importlib.util import find_spec

import catboost
import joblib
import lightgbm
import numpy as np
import onnx
import pandas as pd
import pytest
import xgboost
from onnx import helper
from skl2onnx import to_onnx
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingRegressor, HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from pytest_mlquality.adapters.models import Trust, Wanted, digest, load
from pytest_mlquality.errors import MissingExtra, ModelError

RANDOM = np.random.default_rng(5)
N = 400
FRAME = pd.DataFrame(
    {
        "age": RANDOM.integers(17, 90, N),
        "income": RANDOM.normal(size=N).astype("float32"),
        "region": pd.Categorical(RANDOM.choice(["north", "south", "west"], N)),
    }
)
# As an engine gives them: text in place of categoricals, in another order of columns.
PLAIN = FRAME.assign(region=FRAME["region"].astype(str))[["region", "income", "age"]]
NUMBERS = FRAME[["age", "income"]]
SCORE = FRAME["income"] + (FRAME["region"] == "south") + RANDOM.normal(size=N)
BINARY = (SCORE > 0.3).astype(int)
THREE = np.digitize(SCORE, [0, 1])
WORDS = np.array(["high", "low", "middle"])[THREE]

# Trees of 32-bit numbers, and sums in another order.
SINGLE = 1e-6


def loaded(folder, name, **more):
    return load(Wanted(name, folder, **more))


# --- gradient boosting in its libraries' own files --------------------------------------------------------------------


def boosted(library, target):
    if library == "catboost":
        fit = catboost.CatBoostClassifier(iterations=20, verbose=0, cat_features=["region"], allow_writing_files=False)
        return fit.fit(FRAME, target)
    if library == "lightgbm":
        return lightgbm.LGBMClassifier(n_estimators=20, verbose=-1).fit(FRAME, target)
    return xgboost.XGBClassifier(n_estimators=20, enable_categorical=True).fit(FRAME, target)


def save(model, path):
    if isinstance(model, lightgbm.LGBMClassifier):
        model.booster_.save_model(path)
    else:
        model.save_model(str(path))


@pytest.mark.parametrize("target", [BINARY, THREE], ids=["binary", "multiclass"])
@pytest.mark.parametrize("name", ["m.cbm", "m.txt", "m.ubj", "m.json"])
def test_boosted_trees_with_categoricals_answer_as_they_did(name, target, tmp_path):
    library = {"m.cbm": "catboost", "m.txt": "lightgbm"}.get(name, "xgboost")
    fitted = boosted(library, target)
    save(fitted, tmp_path / name)
    model = loaded(tmp_path, name)
    assert model.columns == ("age", "income", "region")
    assert model.classes == tuple(range(len(set(target))))
    assert model.digest == digest.of_file(tmp_path / name)
    for frame in (FRAME, PLAIN, PLAIN.iloc[::-1]):
        expected = fitted.predict_proba(FRAME.loc[frame.index])
        assert np.allclose(model.predict_proba(frame), expected, atol=SINGLE, rtol=0)
        assert (model.predict(frame) == np.ravel(fitted.predict(FRAME.loc[frame.index]))).all()


@pytest.mark.parametrize("library", ["lightgbm", "xgboost"])
def test_labels_that_a_file_does_not_keep_are_named_in_the_settings(library, tmp_path):
    target = THREE if library == "xgboost" else WORDS
    fitted = boosted(library, target)
    name = "m.txt" if library == "lightgbm" else "m.ubj"
    save(fitted, tmp_path / name)
    classes = ("low", "middle", "high") if library == "xgboost" else tuple(fitted.classes_)
    model = loaded(tmp_path, name, classes=classes)
    expected = np.asarray(classes)[fitted.predict_proba(FRAME).argmax(axis=1)]
    assert (model.predict(PLAIN) == expected).all()
    with pytest.raises(ModelError, match=r"shape \(400, 3\) where \(400, 2\) was expected"):
        loaded(tmp_path, name, classes=("low", "high")).predict_proba(PLAIN)


@pytest.mark.parametrize("objective", ["multi:softmax", "binary:logitraw"])
def test_xgboost_gives_probabilities_whatever_its_objective_answers(objective, tmp_path):
    target, more = (THREE, {"num_class": 3}) if objective.startswith("multi") else (BINARY, {})
    rows = xgboost.DMatrix(NUMBERS, target)
    trained = {
        one: xgboost.train({"objective": one, "seed": 1, **more}, rows, 5)
        for one in (objective, {"multi:softmax": "multi:softprob"}.get(objective, "binary:logistic"))
    }
    raw, gentle = trained.values()
    raw.save_model(tmp_path / "m.ubj")
    found = loaded(tmp_path, "m.ubj").predict_proba(NUMBERS)
    expected = gentle.predict(rows)
    if objective.startswith("multi"):
        assert np.allclose(found, expected, atol=SINGLE)
    else:
        margins = raw.predict(rows)
        assert np.allclose(found[:, 1], 1 / (1 + np.exp(-margins)), atol=SINGLE)


def test_early_stopping_is_kept(tmp_path):
    fit = xgboost.XGBClassifier(n_estimators=200, early_stopping_rounds=3, learning_rate=0.5)
    fit.fit(NUMBERS[:200], BINARY[:200], eval_set=[(NUMBERS[200:], BINARY[200:])], verbose=False)
    assert fit.best_iteration < fit.get_booster().num_boosted_rounds() - 1
    fit.save_model(tmp_path / "m.ubj")
    assert np.allclose(loaded(tmp_path, "m.ubj").predict_proba(NUMBERS), fit.predict_proba(NUMBERS), atol=SINGLE)


@pytest.mark.parametrize("library", ["catboost", "lightgbm", "xgboost"])
def test_a_regression_answers_with_numbers(library, tmp_path):
    name = {"catboost": "m.cbm", "lightgbm": "m.lgb", "xgboost": "m.ubj"}[library]
    fit = {
        "catboost": catboost.CatBoostRegressor(iterations=9, verbose=0, allow_writing_files=False),
        "lightgbm": lightgbm.LGBMRegressor(n_estimators=9, verbose=-1),
        "xgboost": xgboost.XGBRegressor(n_estimators=9),
    }[library].fit(NUMBERS, SCORE)
    if library == "lightgbm":
        fit.booster_.save_model(tmp_path / name)
    else:
        fit.save_model(str(tmp_path / name))
    model = loaded(tmp_path, name)
    assert (model.classes, model.has_probabilities) == (None, False)
    assert np.allclose(model.predict(NUMBERS), fit.predict(NUMBERS), atol=1e-5, rtol=0)


def test_xgboost_without_its_categories_is_refused(tmp_path):
    fitted = xgboost.XGBClassifier(n_estimators=2, enable_categorical=True).fit(FRAME, BINARY)
    fitted.get_booster().save_model(tmp_path / "m.json")
    kept = json.loads((tmp_path / "m.json").read_text())
    kept["learner"]["gradient_booster"]["model"]["cats"] = {"enc": [], "feature_segments": [], "sorted_idx": []}
    (tmp_path / "m.json").write_text(json.dumps(kept))
    with pytest.raises(ModelError, match="does not keep the categories of its columns region"):
        loaded(tmp_path, "m.json")


# --- ONNX -------------------------------------------------------------------------------------------------------------

PIPELINE = make_pipeline(
    make_column_transformer((OneHotEncoder(), ["region"]), (StandardScaler(), ["age", "income"])), LogisticRegression()
)


def exported(fitted, sample, path, **options):
    path.write_bytes(to_onnx(fitted, sample, options=options or None).SerializeToString())


@pytest.mark.parametrize("zipmap", [True, False])
def test_onnx_with_an_input_for_each_column(zipmap, tmp_path):
    fitted = PIPELINE.fit(PLAIN, WORDS)
    sample = PLAIN[:1].astype({"age": "int64", "income": "float32", "region": object})
    exported(fitted, sample, tmp_path / "m.onnx", zipmap=zipmap)
    model = loaded(tmp_path, "m.onnx")
    assert model.column_types == {"region": "string", "income": "float", "age": "long"}
    assert model.classes == ("high", "low", "middle")
    found = model.predict_proba(FRAME)
    assert np.allclose(found, fitted.predict_proba(FRAME), atol=SINGLE, rtol=0)
    assert (model.predict(PLAIN) == fitted.predict(PLAIN)).all()


def test_onnx_whose_words_nobody_knows_asks_for_them(tmp_path):
    nodes = [
        helper.make_node("Identity", ["x"], ["probabilities"]),
        helper.make_node("Constant", [], ["label"], value_strings=["low"]),
    ]
    tensor = helper.make_tensor_value_info
    outputs = [
        tensor("label", onnx.TensorProto.STRING, [1]),
        tensor("probabilities", onnx.TensorProto.FLOAT, [None, 2]),
    ]
    graph = helper.make_graph(nodes, "g", [tensor("x", onnx.TensorProto.FLOAT, [None, 2])], outputs)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), tmp_path / "m.onnx")
    with pytest.raises(ModelError, match=r"does not say which classes") as caught:
        loaded(tmp_path, "m.onnx")
    assert "[model] classes" in caught.value.remedy
    assert loaded(tmp_path, "m.onnx", classes=("low", "high")).classes == ("low", "high")


def test_onnx_with_one_input_takes_the_features_of_the_settings_in_their_order(tmp_path):
    fitted = LogisticRegression().fit(NUMBERS.to_numpy("float32"), BINARY)
    exported(fitted, NUMBERS.to_numpy("float32")[:1], tmp_path / "m.onnx", zipmap=False)
    model = loaded(tmp_path, "m.onnx", features=("age", "income"))
    assert (model.columns, model.classes) == (("age", "income"), (0, 1))
    expected = fitted.predict_proba(NUMBERS.to_numpy("float32"))
    assert np.allclose(model.predict_proba(PLAIN), expected, atol=SINGLE, rtol=0)
    with pytest.raises(ModelError, match=r"takes 2 columns, and .* names 1"):
        loaded(tmp_path, "m.onnx", features=("age",))
    with pytest.raises(ModelError, match="takes numbers, and these columns are none: region"):
        loaded(tmp_path, "m.onnx", features=("age", "region")).predict_proba(PLAIN)


def test_an_onnx_regression_answers_with_numbers(tmp_path):
    fitted = GradientBoostingRegressor(n_estimators=9).fit(NUMBERS.to_numpy("float32"), SCORE)
    exported(fitted, NUMBERS.to_numpy("float32")[:1], tmp_path / "m.onnx")
    model = loaded(tmp_path, "m.onnx", features=("age", "income"))
    assert np.allclose(model.predict(FRAME), fitted.predict(NUMBERS.to_numpy("float32")), atol=1e-5, rtol=0)
    assert not model.has_probabilities


# --- pandas categoricals in scikit-learn ------------------------------------------------------------------------------


def test_a_scikit_learn_model_of_pandas_categoricals_takes_plain_text(tmp_path):
    fitted = HistGradientBoostingClassifier(max_iter=9, categorical_features="from_dtype").fit(FRAME, BINARY)
    joblib.dump(fitted, tmp_path / "m.joblib")
    sha256 = digest.of_file(tmp_path / "m.joblib").removeprefix("sha256:")
    model = loaded(tmp_path, "m.joblib", trust=Trust(sha256=sha256))
    for frame in (FRAME, PLAIN):
        assert np.allclose(model.predict_proba(frame), fitted.predict_proba(FRAME), atol=1e-12)


# --- what cannot be read ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["m.cbm", "m.ubj", "m.json", "m.onnx", "m.txt"])
def test_a_damaged_file_is_explained(name, tmp_path):
    (tmp_path / name).write_bytes(b'tree\n{"learner" cut' if name != "m.onnx" else b"cut")
    with pytest.raises(ModelError, match="'m") as caught:
        loaded(tmp_path, name)
    assert "again" in caught.value.remedy
    assert str(tmp_path) not in caught.value.message


@pytest.mark.parametrize(
    ("name", "module", "extra"),
    [
        ("m.cbm", "catboost", "catboost"),
        ("m.ubj", "xgboost", "xgboost"),
        ("m.onnx", "onnxruntime", "onnx"),
        ("m.txt", "lightgbm", "lightgbm"),
    ],
)
def test_without_its_package_the_pip_line_is_given(name, module, extra, tmp_path, monkeypatch):
    (tmp_path / name).write_bytes(b"tree\n")
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtra, match=rf"pytest-mlquality\[{extra}\]"):
        loaded(tmp_path, name)


@pytest.mark.skipif(
    find_spec("torch") is not None, reason="PyTorch is installed: tests/adapters/test_models_elsewhere.py"
)
def test_pytorch_is_asked_for_only_once_the_file_is_pinned(tmp_path):
    (tmp_path / "m.pt").write_bytes(b"cut")
    with pytest.raises(ModelError, match="is a program of PyTorch"):
        loaded(tmp_path, "m.pt")
    sha256 = digest.of_file(tmp_path / "m.pt").removeprefix("sha256:")
    with pytest.raises(MissingExtra, match=r"pytest-mlquality\[torch\]"):
        loaded(tmp_path, "m.pt", trust=Trust(sha256=sha256))


@pytest.mark.parametrize(("name", "text"), [("m.txt", b"a note"), ("m.json", b"{}"), ("m.h5", b"")])
def test_another_format_says_which_there_are(name, text, tmp_path):
    (tmp_path / name).write_bytes(text)
    with pytest.raises(ModelError, match="not available in this version") as caught:
        loaded(tmp_path, name)
    assert ".onnx" in caught.value.remedy
