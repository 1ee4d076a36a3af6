"""Models that answer several labels a row: from the settings to the evidence, equal to scikit-learn's own numbers."""

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn import metrics as theirs
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from pytest_mlquality.measures.metrics import find
from pytest_mlquality.measures.sample import Sample
from pytest_mlquality.measures.scoring import score
from pytest_mlquality.subject import load

TRUSTED = 'trusted_types = ["sklearn.tree._tree.Tree"]'
LABELS, FEATURES = ["sport", "news", "arts"], list("wxyz")
MODELS = {
    "multi-output": MultiOutputClassifier(LogisticRegression()),
    "one against the rest": OneVsRestClassifier(LogisticRegression()),
    "forest": RandomForestClassifier(10, max_depth=4, random_state=0),
    "tree": DecisionTreeClassifier(max_depth=3),
    "network": MLPClassifier(4, max_iter=20, random_state=0),
    "pipeline": make_pipeline(StandardScaler(), MultiOutputClassifier(LogisticRegression())),
}
LIMITS = {
    "f1_micro": lambda y, d, p: theirs.f1_score(y, d, average="micro"),
    "f1_macro": lambda y, d, p: theirs.f1_score(y, d, average="macro"),
    "f1_samples": lambda y, d, p: theirs.f1_score(y, d, average="samples", zero_division=0),
    "f1_weighted": lambda y, d, p: theirs.f1_score(y, d, average="weighted"),
    "precision_macro": lambda y, d, p: theirs.precision_score(y, d, average="macro"),
    "recall_samples": lambda y, d, p: theirs.recall_score(y, d, average="samples", zero_division=0),
    "jaccard_macro": lambda y, d, p: theirs.jaccard_score(y, d, average="macro"),
    "jaccard_samples": lambda y, d, p: theirs.jaccard_score(y, d, average="samples", zero_division=0),
    "accuracy": lambda y, d, p: theirs.accuracy_score(y, d),
    "hamming_loss": lambda y, d, p: theirs.hamming_loss(y, d),
    "zero_one_loss": lambda y, d, p: theirs.zero_one_loss(y, d),
    "roc_auc": lambda y, d, p: theirs.roc_auc_score(y, p),
    "average_precision": lambda y, d, p: theirs.average_precision_score(y, p),
    "coverage_error": lambda y, d, p: theirs.coverage_error(y, p),
    "label_ranking_loss": lambda y, d, p: theirs.label_ranking_loss(y, p),
    "label_ranking_average_precision_score": lambda y, d, p: theirs.label_ranking_average_precision_score(y, p),
    "ndcg_score": lambda y, d, p: theirs.ndcg_score(y, p),
}
GATE = """\
[model]
uri = "model.skops"
{trusted}
[data]
{target}
[data.train]
source = "train.parquet"
[data.test]
source = "test.parquet"
"""
COLUMNS = 'target = ["sport", "news", "arts"]\nignore = ["tags", "flags", "who"]'
NAMES = 'target = "tags"\nlabels = ["sport", "news", "arts"]\nignore = ["sport", "news", "arts", "flags", "who"]'
FLAGS = 'target = "flags"\nlabels = ["sport", "news", "arts"]\nignore = ["sport", "news", "arts", "tags", "who"]'


def articles(seed, rows=500):
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame(draw.normal(size=(rows, 4)), columns=FEATURES)
    marks = (frame[FEATURES[:3]].to_numpy() + 0.7 * draw.normal(size=(rows, 3)) > [0, 0.3, 0.6]).astype(int)
    frame[LABELS] = marks
    frame["tags"] = [[label for label, has in zip(LABELS, row, strict=True) if has] for row in marks]
    frame["flags"] = marks.tolist()
    frame["who"] = draw.choice(["a", "b"], rows)
    return frame


TRAIN, TEST = articles(1), articles(2)


@pytest.fixture
def news(tmp_path):
    """A folder with articles of several labels; returns the subject of a model fitted to them, or of a URI."""
    TRAIN.to_parquet(tmp_path / "train.parquet", index=False)
    TEST.to_parquet(tmp_path / "test.parquet", index=False)

    def make(model, target=COLUMNS, more=""):
        text = GATE.format(target=target, trusted=TRUSTED)
        if isinstance(model, str):
            text = text.replace('"model.skops"', f'"{model}"').replace(
                'trusted_types = ["sklearn.tree._tree.Tree"]', ""
            )
        else:
            skops.io.dump(model, tmp_path / "model.skops")
        (tmp_path / "mlquality.toml").write_text(text.replace("[data]", more + "[data]", 1))
        return load(tmp_path / "mlquality.toml")

    make.path = tmp_path
    return make


def of_labels(model):
    """Probabilities of each label on the test rows, as scikit-learn's estimators give them."""
    found = model.predict_proba(TEST[FEATURES])
    return np.column_stack([one[:, 1] for one in found]) if isinstance(found, list) else found


@pytest.mark.parametrize("name", MODELS)
def test_every_metric_is_that_of_scikit_learn(news, name):
    model = MODELS[name].fit(TRAIN[FEATURES], TRAIN[LABELS])
    subject = news(model)
    answers = subject.predictions_of(subject.model).on("test")
    truth, decided, likely = TEST[LABELS].to_numpy(), model.predict(TEST[FEATURES]), of_labels(model)
    for metric, value in LIMITS.items():
        assert score(find(metric), Sample.of(answers)).value == pytest.approx(value(truth, decided, likely)), metric


@pytest.mark.parametrize("target", [COLUMNS, NAMES, FLAGS], ids=["columns", "names", "flags"])
def test_columns_and_lists_mean_the_same(news, target):
    model = MODELS["multi-output"].fit(TRAIN[FEATURES], TRAIN[LABELS])
    found = news(model, target).performance.metric("roc_auc")
    assert found.value == pytest.approx(theirs.roc_auc_score(TEST[LABELS], of_labels(model)))


def test_labels_may_stand_in_another_order_than_the_model_has(news):
    model = MODELS["multi-output"].fit(TRAIN[FEATURES], TRAIN[LABELS[::-1]])
    more = 'classes = ["arts", "news", "sport"]\n'
    found = news(model, more=more).performance.metric("roc_auc")
    assert found.value == pytest.approx(theirs.roc_auc_score(TEST[LABELS[::-1]], of_labels(model)))


def test_a_label_that_no_row_of_train_has_is_never_likely(news):
    without = TRAIN.assign(arts=0)
    model = DecisionTreeClassifier(max_depth=3).fit(without[FEATURES], without[LABELS])
    found = news(model).predictions_of(news(model).model).on("test")
    assert not found.probabilities[:, 2].any()


def test_a_threshold_that_is_written_goes_before_the_models_own(news):
    model = MODELS["multi-output"].fit(TRAIN[FEATURES], TRAIN[LABELS])
    found = news(model, more="threshold = 0.3\n").performance.metric("f1_macro")
    decided = of_labels(model) >= 0.3
    assert found.value == pytest.approx(theirs.f1_score(TEST[LABELS], decided, average="macro"))


FACTORY = """\
import numpy as np

def predict(frame):
    return 1 / (1 + np.exp(-2 * (frame[["w", "x", "y"]].to_numpy() - [0, 0.3, 0.6])))

def made():
    return predict

def decided():
    class Decides:
        def predict(self, frame):
            return predict(frame) >= 0.5
    return Decides()

def mixed_up():
    return lambda frame: np.ones((3, len(frame), 2))

def of_two():
    return lambda frame: predict(frame)[:, :2]
"""


def test_a_function_answers_an_array_of_probabilities(news):
    (news.path / "of_labels.py").write_text(FACTORY)
    performance = news("python:of_labels:made").performance
    assert performance.metric("roc_auc").value > 0.8
    assert performance.metric("gain_over_trivial").value > 0.3


def test_a_model_of_decisions_has_metrics_of_decisions(news):
    (news.path / "of_labels.py").write_text(FACTORY)
    assert news("python:of_labels:decided").performance.metric("f1_macro").value > 0.5


def test_a_model_of_other_labels_is_told(news):
    (news.path / "of_labels.py").write_text(FACTORY)
    with pytest.raises(Exception, match=r"answered with shape \(500, 2\) where \(500, 3\) was expected") as refused:
        news("python:of_labels:of_two").performance.metric("roc_auc")
    assert "one probability for each of its 3 labels" in str(refused.value)


def test_probabilities_of_a_label_that_are_none_are_refused(news):
    (news.path / "of_labels.py").write_text(FACTORY)
    with pytest.raises(Exception, match="those of 500 rows do not sum to 1"):
        news("python:of_labels:mixed_up").performance.metric("roc_auc")


def test_catboost_of_several_labels(news):
    catboost = pytest.importorskip("catboost")
    model = catboost.CatBoostClassifier(
        loss_function="MultiLogloss", iterations=10, verbose=0, allow_writing_files=False
    )
    model.fit(TRAIN[FEATURES], TRAIN[LABELS])
    model.save_model(str(news.path / "model.cbm"))
    performance = news("model.cbm").performance
    likely, decided = model.predict_proba(TEST[FEATURES]), model.predict(TEST[FEATURES])
    assert performance.metric("roc_auc").value == pytest.approx(theirs.roc_auc_score(TEST[LABELS], likely))
    assert performance.metric("f1_macro").value == pytest.approx(
        theirs.f1_score(TEST[LABELS], decided, average="macro")
    )


def test_a_metric_of_one_label_is_that_of_a_binary_model(news):
    model = MODELS["multi-output"].fit(TRAIN[FEATURES], TRAIN[LABELS])
    performance, likely = news(model).performance, of_labels(model)
    found = performance.metric_of_label("roc_auc", "news")
    assert found.name == "roc_auc[news]"
    assert found.value == pytest.approx(theirs.roc_auc_score(TEST["news"], likely[:, 1]))
    with pytest.raises(Exception, match=r"there is no label 'newz' \(did you mean 'news'\?\)"):
        performance.metric_of_label("recall", "newz")


def test_rows_with_a_label_missing_are_counted(news):
    subject = news(MODELS["multi-output"].fit(TRAIN[FEATURES], TRAIN[LABELS]))
    TEST.assign(news=TEST["news"].where(TEST.index > 2), arts=TEST["arts"].where(TEST.index > 0)).to_parquet(
        news.path / "test.parquet"
    )
    found = subject.schema.missing_targets()
    assert (found.value, found.reason) == (3, "news, arts")
    with pytest.raises(Exception, match="3 of 500 rows have no 'sport' or no 'news' or no 'arts', the label"):
        subject.performance.metric("f1_macro")


def test_simple_models_answer_several_labels(news):
    performance = news(MODELS["multi-output"].fit(TRAIN[FEATURES], TRAIN[LABELS])).performance
    assert performance.gain_over("f1_macro", "most_frequent").value > 0.3
    assert performance.gain_over("f1_macro", "stratified").value > 0.2
    assert performance.gain_over("roc_auc", "shallow_tree").value > -0.1
    assert abs(performance.gain_over("roc_auc", "linear").value) < 0.01


def test_the_data_are_judged_label_by_label(news):
    schema = news(MODELS["multi-output"].fit(TRAIN[FEATURES], TRAIN[LABELS])).schema
    rarest = min(min(share, 1 - share) for share in TEST[LABELS].mean())
    assert schema.metric("rarest_class").value == pytest.approx(rarest)
    assert schema.metric("conflicting_labels").value == 0
    assert schema.leakage("target_named_columns").value == 0
    alone = {one.name: one.value for one in schema.leakage("single_column_score")}
    assert alone["w of sport"] > 0.8 > alone["w of news"]
    assert [one.name for one in schema.leakage("order_score")] == [f"the place of the row of {one}" for one in LABELS]


GROUPS = """\
[skew.metrics]
jensen_shannon_distance = { at_most = 0.5 }
joint_drift = false
[skew.predictions]
jensen_shannon_distance = { at_most = 0.5 }
[performance.metrics]
gain_over_trivial = false
f1_samples = { at_least = 0.2 }
[performance.slices]
by = ["who"]
metrics = { accuracy = { at_least = 0.1 } }
[fairness]
by = ["who"]
metrics = { accuracy_difference = { at_most = 0.5 } }
"""


def test_a_gate_with_slices_groups_and_drift_passes(news, pytester):
    news(MODELS["multi-output"].fit(TRAIN[FEATURES], TRAIN[LABELS]))
    gate = news.path / "mlquality.toml"
    gate.write_text(gate.read_text() + "[schema]\n" + GROUPS)
    result = pytester.runpytest_inprocess("--ml-quality", f"--rootdir={news.path}", str(gate))
    text = result.stdout.str()
    assert ": pass (" in text, text


def test_rates_of_one_decision_are_refused_for_several_labels(news):
    news(MODELS["multi-output"].fit(TRAIN[FEATURES], TRAIN[LABELS]))
    gate = news.path / "mlquality.toml"
    gate.write_text(
        gate.read_text() + "[fairness]\nby = ['who']\nmetrics = { demographic_parity_ratio = { at_least = 0.8 } }"
    )
    with pytest.raises(Exception, match="multilabel") as refused:
        load(gate).fairness.measure("demographic_parity_ratio", "who")
    assert refused.value.remedy
