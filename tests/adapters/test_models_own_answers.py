"""Library x objective x categories x missing values: a model answers as its own library's `predict` does, to 1e-6."""

import re
from pathlib import Path

import catboost
import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost

from pytest_mlquality.adapters.models import Wanted, load, naming
from pytest_mlquality.adapters.models.lightgbm_categories import ways_through
from pytest_mlquality.adapters.models.scikit_learn import model_of
from pytest_mlquality.errors import ModelError
from pytest_mlquality.measures.answers import Answers

N = 240
DRAW = np.random.default_rng(3)
NUMBERS = pd.DataFrame({"age": DRAW.integers(17, 90, N), "income": DRAW.normal(size=N)})
LABELS = NUMBERS.assign(
    region=pd.Categorical(DRAW.choice(["north", "south", "west"], N)),
    size=pd.Categorical(DRAW.choice([10, 20, 30], N), categories=[30, 10, 20], ordered=True),
)
SCORE = NUMBERS["income"] + (LABELS["region"] == "south") + 0.4 * DRAW.normal(size=N)
TARGETS = {
    "number": np.exp(SCORE / 2),
    "count": DRAW.poisson(np.exp(SCORE / 2)),
    "binary": (SCORE > 0.3).astype(int),
    "three": np.digitize(SCORE, [0, 1]),
    "chance": 1 / (1 + np.exp(-SCORE)),
    "two": np.column_stack([SCORE, np.exp(SCORE)]),
    "cox": np.where(DRAW.random(N) < 0.3, -1, 1) * np.exp(SCORE / 2),
}
LISTS = np.arange(N) // 10
GROUPS = [10] * (N // 10)


def plain(frame):
    """The rows as an engine gives them: text and numbers in place of categories."""
    return frame.assign(**{name: frame[name].astype(kind) for name, kind in KINDS.items() if name in frame})


KINDS = {"region": object, "size": float}


def with_gaps(frame):
    """Some cells are missing, as training never saw them."""
    gaps = {name: frame[name].where(np.arange(N) % 7 != place) for place, name in enumerate(frame.columns)}
    return pd.DataFrame(gaps)


# --- each library's objectives ----------------------------------------------------------------------------------------

CATBOOST = {
    "RMSE": "number",
    "MAE": "number",
    "Quantile:alpha=0.7": "number",
    "MultiQuantile:alpha=0.1,0.5,0.9": "number",
    "Poisson": "count",
    "Tweedie:variance_power=1.5": "count",
    "Huber:delta=1": "number",
    "Expectile:alpha=0.7": "number",
    "LogLinQuantile": "number",
    "RMSEWithUncertainty": "number",
    "Logloss": "binary",
    "CrossEntropy": "binary",
    "Focal:focal_alpha=0.5;focal_gamma=2": "binary",
    "MultiClass": "three",
    "MultiClassOneVsAll": "three",
    "MultiRMSE": "two",
    "Cox": "cox",
    "YetiRank": "count",
    "PairLogit": "count",
}
LIGHTGBM = {
    "regression": "number",
    "regression_l1": "number",
    "huber": "number",
    "fair": "number",
    "poisson": "count",
    "quantile": "number",
    "mape": "number",
    "gamma": "number",
    "tweedie": "number",
    "sqrt": "number",
    "own": "number",
    "cross_entropy": "chance",
    "cross_entropy_lambda": "chance",
    "lambdarank": "count",
    "rank_xendcg": "count",
    "rf": "number",
    "linear_tree": "number",
    "binary": "binary",
    "multiclass": "three",
    "multiclassova": "three",
}
XGBOOST = {
    "reg:squarederror": "number",
    "reg:pseudohubererror": "number",
    "reg:absoluteerror": "number",
    "reg:gamma": "number",
    "reg:tweedie": "number",
    "count:poisson": "count",
    "reg:logistic": "chance",
    "survival:cox": "number",
    "reg:quantileerror": "number",
    "several quantiles": "number",
    "several outputs": "two",
    "rank:pairwise": "count",
    "rank:ndcg": "count",
    "dart": "binary",
    "gblinear": "number",
    "base_score": "binary",
    "own": "number",
    "binary:logistic": "binary",
    "binary:hinge": "binary",
    "multi:softmax": "three",
    "multi:softprob": "three",
}


def as_catboost_takes(frame):
    """CatBoost knows categories as text, and none that are missing."""
    kinds = {name: kind for name, kind in KINDS.items() if name in frame}
    frame = frame.astype(kinds)
    return frame.fillna({"region": ""}) if "region" in frame else frame


def of_catboost(loss, rows, target, path):
    kind = {"Logloss": "Classifier", "CrossEntropy": "Classifier", "Focal": "Classifier", "MultiClass": "Classifier"}
    kind |= {"MultiClassOneVsAll": "Classifier", "YetiRank": "Ranker", "PairLogit": "Ranker"}
    fit = getattr(catboost, f"CatBoost{kind.get(loss.partition(':')[0], 'Regressor')}")(
        loss_function=loss, iterations=5, depth=3, verbose=0, thread_count=1, allow_writing_files=False
    )
    cats, rows = [name for name in ("region",) if name in rows], as_catboost_takes(rows)
    groups = LISTS if isinstance(fit, catboost.CatBoostRanker) else None
    fit.fit(catboost.Pool(rows, TARGETS[target], cat_features=cats, group_id=groups))
    fit.save_model(str(path / "m.cbm"))
    return fit, "m.cbm"


def of_lightgbm(objective, rows, target, path):
    more = {
        "sqrt": {"reg_sqrt": True, "objective": "regression"},
        "rf": {"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.6, "objective": "regression"},
        "linear_tree": {"linear_tree": True, "objective": "regression"},
        "own": {"objective": lambda true, said: (said - true, np.ones_like(said))},
    }.get(objective, {"objective": objective})
    kind = "Ranker" if "rank" in objective else "Classifier" if target in ("binary", "three") else "Regressor"
    fit = getattr(lightgbm, f"LGBM{kind}")(n_estimators=5, num_leaves=5, n_jobs=1, verbose=-1, **more)
    fit.fit(rows, TARGETS[target], **({"group": GROUPS} if kind == "Ranker" else {}))
    fit.booster_.save_model(path / "m.txt")
    return fit, "m.txt"


def of_xgboost(objective, rows, target, path):
    more = {
        "several quantiles": {"objective": "reg:quantileerror", "quantile_alpha": [0.1, 0.5, 0.9]},
        "reg:quantileerror": {"objective": objective, "quantile_alpha": 0.7},
        "several outputs": {"multi_strategy": "multi_output_tree"},
        "dart": {"booster": "dart", "rate_drop": 0.3},
        "gblinear": {"booster": "gblinear"},
        "base_score": {"base_score": 0.2},
        "own": {"objective": lambda true, said: (said - true, np.ones_like(said))},
    }.get(objective, {"objective": objective})
    kind = "Ranker" if "rank" in objective else "Classifier" if target in ("binary", "three") else "Regressor"
    fit = getattr(xgboost, f"XGB{kind}")(n_estimators=5, max_depth=3, n_jobs=1, enable_categorical=True, **more)
    fit.fit(rows, TARGETS[target], **({"qid": LISTS} if kind == "Ranker" else {}))
    fit.save_model(path / "m.ubj")
    return fit, "m.ubj"


LIBRARIES = {"catboost": (of_catboost, CATBOOST), "lightgbm": (of_lightgbm, LIGHTGBM), "xgboost": (of_xgboost, XGBOOST)}
CASES = [(library, objective) for library, (_, table) in LIBRARIES.items() for objective in table]


@pytest.mark.parametrize(("library", "objective"), CASES, ids=lambda each: str(each).replace(":", "_"))
def test_a_file_answers_as_its_own_library_does(library, objective, tmp_path):
    fitting, table = LIBRARIES[library]
    rows = NUMBERS if objective in ("gblinear", "several outputs") else LABELS
    fit, name = fitting(objective, rows, table[objective], tmp_path)
    model = load(Wanted(name, tmp_path))
    for asked in (rows, with_gaps(rows)):
        own, given = (as_catboost_takes(asked),) * 2 if library == "catboost" else (asked, plain(asked))
        expected = np.squeeze(fit.predict(own))
        assert model.predict(given).shape == expected.shape
        assert np.allclose(model.predict(given), expected, atol=1e-6, rtol=1e-6)
        if model.has_probabilities:
            assert np.allclose(model.predict_proba(given), fit.predict_proba(own), atol=1e-6)


def test_every_format_of_the_docs_is_a_case():
    docs = Path(__file__).parents[2] / "docs" / "models.md"
    table = docs.read_text(encoding="utf-8").partition("| uri |")[2].partition("\n\n")[0]
    rows = [row.split(" | ")[0].strip("| ") for row in table.splitlines() if row.startswith("| ") and "---" not in row]
    assert {row for row in rows if row != "what is read"} == set(PROVEN)
    tests = {file.name: file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("test_*.py")}
    for file, test in PROVEN.values():
        assert re.search(rf"def {test}\(", tests[file]), (file, test)


OWN = ("test_models_own_answers.py", "test_a_file_answers_as_its_own_library_does")
PYTORCH = ("test_models_elsewhere.py", "test_pytorch_gives_the_answers_of_the_module")
# What proves that a row of the table of docs/models.md answers as what was kept in it.
PROVEN = {
    "`models:/name@alias`, `models:/name/3`": (
        "test_models_registry.py",
        "test_a_version_is_loaded_by_its_alias_from_any_folder",
    ),
    "a folder with an `MLmodel`": (
        "test_models_registry.py",
        "test_every_flavour_that_is_offered_is_read_from_its_folder",
    ),
    "`model.skops`": ("test_models_skops.py", "test_a_model_shows_its_face"),
    "`model.onnx`": ("test_models_formats.py", "test_onnx_with_an_input_for_each_column"),
    "`model.ubj`, `model.json`": OWN,
    "`model.txt`, `.lgb`, `.lgbm`, `.model`": OWN,
    "`model.cbm`": OWN,
    "`model.pt`, `.pth`, `.ts`; `model.pt2`": PYTORCH,
    "`model.joblib`, `.pkl`, `.pickle`": (
        "test_models_formats.py",
        "test_a_scikit_learn_model_of_pandas_categoricals_takes_plain_text",
    ),
    "`python:package.module:name`": ("test_models_python.py", "test_a_factory_and_what_it_makes_are_one_model"),
    "`http(s)://.../invocations`": (
        "test_models_endpoint.py",
        "test_mlflows_scoring_server_gives_the_models_answers",
    ),
    "`http(s)://.../v2/models/NAME`": (
        "test_models_elsewhere.py",
        "test_the_open_inference_protocol_gives_the_models_answers",
    ),
    "`http(s)://.../v1/models/NAME`": (
        "test_models_elsewhere.py",
        "test_the_protocol_of_tensorflow_serving_gives_the_models_answers",
    ),
}


# --- links, rounds and decisions --------------------------------------------------------------------------------------


def test_chances_of_catboost_s_cross_entropy_are_numbers_where_the_task_is_regression(tmp_path):
    fit, name = of_catboost("CrossEntropy", NUMBERS, "chance", tmp_path)
    found = load(Wanted(name, tmp_path, task="regression")).predict(NUMBERS)
    assert np.allclose(found, fit.predict_proba(NUMBERS)[:, 1], atol=1e-6)


def test_a_rate_becomes_the_chance_that_something_happens(tmp_path):
    fit, name = of_lightgbm("cross_entropy_lambda", NUMBERS, "chance", tmp_path)
    found = load(Wanted(name, tmp_path, task="binary")).predict_proba(NUMBERS)[:, 1]
    assert np.allclose(found, 1 - np.exp(-fit.predict(NUMBERS)), atol=1e-6)


def test_a_margin_of_xgboost_decides_as_its_classifier_does(tmp_path):
    fit, name = of_xgboost("binary:logitraw", NUMBERS, "binary", tmp_path)
    model = load(Wanted(name, tmp_path))
    assert (model.predict(NUMBERS) == fit.predict(NUMBERS)).all()
    assert ((model.predict_proba(NUMBERS)[:, 1] > 0.5) != fit.predict(NUMBERS)).any()


def test_a_loss_of_one_s_own_has_no_known_link(tmp_path):
    fit, name = of_lightgbm("own", NUMBERS, "binary", tmp_path)
    for ask in (
        lambda: load(Wanted(name, tmp_path, task="binary")),
        lambda: model_of(fit, None, Wanted("m", tmp_path)),
    ):
        with pytest.raises(ModelError, match="a loss of its own") as caught:
            ask()
        assert "python:module:function" in caught.value.remedy
    assert "raw scores" in load(Wanted(name, tmp_path)).remarks[0]


def test_scores_of_one_class_against_all_are_no_probabilities(tmp_path):
    for fitting, loss in ((of_catboost, "MultiClassOneVsAll"), (of_lightgbm, "multiclassova")):
        fit, name = fitting(loss, NUMBERS, "three", tmp_path)
        for model in (load(Wanted(name, tmp_path)), model_of(fit, None, Wanted("m", tmp_path))):
            assert (model.classes, model.has_probabilities) == ((0, 1, 2), False)
            assert (model.predict(NUMBERS) == np.ravel(fit.predict(NUMBERS))).all()


def test_a_booster_answers_with_all_rounds_and_says_so(tmp_path):
    rows = [xgboost.DMatrix(NUMBERS, target) for target in (TARGETS["binary"], 1 - TARGETS["binary"])]
    booster = xgboost.train(
        {"objective": "binary:logistic"}, rows[0], 30, [(rows[1], "other")], early_stopping_rounds=3, verbose_eval=False
    )
    booster.save_model(tmp_path / "m.ubj")
    model = load(Wanted("m.ubj", tmp_path))
    assert np.allclose(model.predict_proba(NUMBERS)[:, 1], booster.predict(rows[0]), atol=1e-6)
    assert "of all 4 rounds" in model.remarks[0]


def test_several_labels_are_a_task_of_their_own(tmp_path):
    flags = np.column_stack([TARGETS["binary"], NUMBERS["income"] > 0]).astype(int)
    xgboost.XGBClassifier(n_estimators=2).fit(NUMBERS, flags).save_model(tmp_path / "m.ubj")
    with pytest.raises(ModelError, match="several labels") as caught:
        load(Wanted("m.ubj", tmp_path))
    assert 'task = "multilabel"' in caught.value.remedy


def test_several_numbers_a_row_are_not_measured_as_one():
    with pytest.raises(ModelError, match="answers with 2 numbers a row") as caught:
        Answers(TARGETS["number"], TARGETS["two"], task="regression")
    assert "python:" in caught.value.remedy


def test_objects_of_a_library_s_own_interface_answer_as_their_files(tmp_path):
    boosted, _ = of_lightgbm("binary", LABELS, "binary", tmp_path)
    trees, _ = of_xgboost("multi:softmax", LABELS, "three", tmp_path)
    for fitted, own in ((boosted.booster_, boosted), (trees.get_booster(), trees)):
        found = model_of(fitted, None, Wanted("m", tmp_path)).predict_proba(plain(LABELS))
        assert np.allclose(found, own.predict_proba(LABELS), atol=1e-6)
    # It was not changed by being asked.
    assert "softmax" in trees.get_booster().save_config()
    counted = catboost.CatBoost(
        {"loss_function": "Poisson", "iterations": 4, "verbose": 0, "allow_writing_files": False}
    )
    counted.fit(NUMBERS, TARGETS["count"])
    found = model_of(counted, None, Wanted("m", tmp_path)).predict(NUMBERS)
    assert np.allclose(found, np.exp(counted.predict(NUMBERS)), atol=1e-6)


def test_text_becomes_the_categories_of_fitted_objects_too(tmp_path):
    for fitting, loss in ((of_lightgbm, "binary"), (of_xgboost, "binary:logistic")):
        fit, _ = fitting(loss, LABELS, "binary", tmp_path)
        found = model_of(fit, None, Wanted("m", tmp_path)).predict_proba(plain(LABELS))
        assert np.allclose(found, fit.predict_proba(LABELS), atol=1e-6)


# --- LightGBM's categories --------------------------------------------------------------------------------------------

KEPT = LABELS.assign(
    code=DRAW.integers(0, 4, N),
    kids=DRAW.integers(0, 3, N),
    unit=pd.Categorical(DRAW.choice([1, 2, 3], N)),
    flag=pd.Categorical(DRAW.choice([True, False], N)),
)
ARRIVED = {"region": object, "size": int, "unit": int, "flag": bool}
OUTCOME = (
    SCORE
    + (KEPT["code"] == 2)
    + (KEPT["unit"].astype(int) == 2)
    + KEPT["flag"].astype(int)
    + (KEPT["size"].astype(int) == 10)
    > 2
).astype(int)


@pytest.mark.parametrize(
    ("names", "codes"),
    [
        (["code", "region", "income"], ["code"]),
        (["code", "region", "income"], ["code", "region"]),
        (["size", "income"], "auto"),
        (["size", "region", "income"], "auto"),
        (["code", "size", "income"], ["code"]),
        (["flag", "income"], "auto"),
        (["unit", "kids", "income"], "auto"),
        (["kids", "size"], "auto"),
        (["code", "income"], ["code"]),
        (["kids", "unit", "size", "code", "flag", "region", "income"], "auto"),
        (["kids", "unit", "size", "code", "flag", "region", "income"], ["code", "kids"]),
    ],
    ids=lambda each: "+".join(each) if isinstance(each, list) else each,
)
def test_categories_are_found_again(names, codes, tmp_path):
    rows = KEPT[names]
    fit = lightgbm.LGBMClassifier(n_estimators=12, num_leaves=5, min_child_samples=5, n_jobs=1, verbose=-1)
    fit.fit(rows, OUTCOME, categorical_feature=codes)
    fit.booster_.save_model(tmp_path / "m.txt")
    gaps = with_gaps(rows)
    for given, own in (
        (rows.astype({name: kind for name, kind in ARRIVED.items() if name in rows}), rows),
        # With gaps, whole numbers and truths arrive as floats.
        (gaps.astype({name: object if name == "region" else float for name in ARRIVED if name in rows}), gaps),
    ):
        found = load(Wanted("m.txt", tmp_path)).predict_proba(given)
        assert np.allclose(found, fit.predict_proba(own), atol=1e-6)


def test_labels_that_training_never_saw_are_missing(tmp_path):
    fit, name = of_lightgbm("binary", LABELS, "binary", tmp_path)
    new = LABELS.assign(region=LABELS["region"].cat.add_categories("east"))
    new.loc[::3, "region"] = "east"
    found = load(Wanted(name, tmp_path)).predict_proba(plain(new))
    assert np.allclose(found, fit.predict_proba(new), atol=1e-6)


@pytest.mark.parametrize("library", ["lightgbm", "xgboost"])
def test_labels_of_another_kind_are_refused(library, tmp_path):
    fitting = LIBRARIES[library][0]
    _, name = fitting("binary" if library == "lightgbm" else "binary:logistic", LABELS, "binary", tmp_path)
    model = load(Wanted(name, tmp_path))
    with pytest.raises(ModelError, match=r"'region' holds values of the kind 'number'.* labels of the kind 'text'"):
        model.predict_proba(plain(LABELS).assign(region=LABELS["region"].cat.codes))


def test_what_could_be_either_column_is_not_guessed(tmp_path):
    ordered = KEPT["kids"].astype(pd.CategoricalDtype([0, 1, 2], ordered=True))
    rows = pd.DataFrame({"kids": ordered, "others": KEPT["kids"][::-1].to_numpy(), "income": KEPT["income"]})
    fit = lightgbm.LGBMClassifier(n_estimators=3, n_jobs=1, verbose=-1).fit(rows, OUTCOME)
    fit.booster_.save_model(tmp_path / "m.txt")
    with pytest.raises(ModelError, match="does not keep which columns they were: several") as caught:
        load(Wanted("m.txt", tmp_path)).predict_proba(rows.astype({"kids": int}))
    assert "categorical_feature" in caught.value.remedy


def test_ways_are_counted_up_to_two():
    everywhere = [[True] * 1_200] * 2
    assert len(ways_through(everywhere, [False] * 1_200)) == 2
    needed = [place in (3, 1_100) for place in range(1_200)]
    assert ways_through(everywhere, needed) == [[3, 1_100]]
    assert ways_through([[False, True]], [True, False]) == []


# --- names ------------------------------------------------------------------------------------------------------------

SPACED = NUMBERS.rename(columns={"age": "hours per week"})


@pytest.mark.parametrize("keep", ["file", "object"])
def test_names_are_matched_as_lightgbm_writes_them(keep, tmp_path):
    fit, name = of_lightgbm("binary", SPACED, "binary", tmp_path)
    model = load(Wanted(name, tmp_path)) if keep == "file" else model_of(fit, None, Wanted("m", tmp_path))
    assert naming.needs_data(model)
    model = naming.of_data(model, ["id", *SPACED.columns])
    assert model.columns == ("hours per week", "income")
    assert np.allclose(model.predict_proba(SPACED), fit.predict_proba(SPACED), atol=1e-6)
    with pytest.raises(ModelError, match="may be any of the columns 'hours per week', 'hours_per_week'"):
        naming.of_data(load(Wanted(name, tmp_path)), ["hours per week", "hours_per_week", "income"])


@pytest.mark.parametrize("library", ["catboost", "lightgbm", "xgboost"])
def test_features_name_columns_that_the_data_call_otherwise(library, tmp_path):
    fitting = LIBRARIES[library][0]
    loss = {"catboost": "Logloss", "lightgbm": "binary", "xgboost": "binary:logistic"}[library]
    fit, name = fitting(loss, NUMBERS, "binary", tmp_path)
    odd = NUMBERS.rename(columns={"age": "age [years] <a>"})
    model = load(Wanted(name, tmp_path, features=("age [years] <a>", "income")))
    assert model.columns == ("age [years] <a>", "income")
    assert np.allclose(model.predict_proba(odd[odd.columns[::-1]]), fit.predict_proba(NUMBERS), atol=1e-6)
    assert model.inside.taken(odd) is not None
    # In another order they are the same names: the model's order is right.
    assert load(Wanted(name, tmp_path, features=("income", "age"))).columns == ("age", "income")
    with pytest.raises(ModelError, match="in other places: 'income' for 'age'"):
        load(Wanted(name, tmp_path, features=("income", "years")))
