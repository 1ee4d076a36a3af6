"""Test rows as CSV through the gate: read as the model, the schema, another split or the settings say."""

import catboost
import lightgbm
import numpy as np
import pandas as pd
import pytest

from pytest_mlquality.adapters import models
from pytest_mlquality.errors import DataError
from pytest_mlquality.subject import load

ROWS = 600


def rows(words, labels=(0, 1), seed=0):
    """Return rows whose label depends on a category of two words."""
    draw = np.random.default_rng(seed)
    word = draw.integers(0, 2, ROWS)
    held = draw.random(ROWS) < np.where(word == 0, 0.85, 0.15)
    columns = {"c": np.array(words, dtype=object)[word], "x": draw.normal(size=ROWS), "y": np.array(labels)[held * 1]}
    return pd.DataFrame(columns).infer_objects().assign(flag=draw.random(ROWS) < 0.5)


def write_both(folder, frame, name="test"):
    frame.to_csv(folder / f"{name}.csv", index=False)
    frame.to_parquet(folder / f"{name}.parquet", index=False)


def subject(folder, source, model="", more=""):
    text = f"{model}[data]\ntarget = 'y'\n{more}[data.test]\nsource = '{source}'\n"
    (folder / "mlquality.toml").write_text(text)
    return load(folder / "mlquality.toml")


def trained(folder, frame):
    made = lightgbm.Dataset(frame[["c", "x", "flag"]].assign(c=frame["c"].astype("category")), frame["y"])
    lightgbm.train({"objective": "binary", "verbose": -1}, made, 5).save_model(folder / "m.txt")


CODES = [
    ["yes", "no"], ["T", "F"], ["true", "false"], ["01", "02"], ["1", "2"], [1, 2], [True, False],
    ["10-1-3", "10/1/4"], ["12:30", "13:30"], ["0x1F", "0x2F"], ["inf", "nan"], ["2024-05-01", "2024-05-02"],
]  # fmt: skip


@pytest.mark.parametrize("words", CODES, ids=lambda words: f"{words[0]!r} and {words[1]!r}")
def test_a_category_of_lightgbm_is_the_same_in_csv_as_in_parquet(tmp_path, words):
    frame = rows(words)
    trained(tmp_path, frame)
    write_both(tmp_path, frame)
    model = "[model]\nuri = 'm.txt'\n"
    of_csv, of_parquet = (subject(tmp_path, f"test.{kind}", model) for kind in ("csv", "parquet"))
    accuracy = of_parquet.performance.metric("accuracy").value
    assert of_csv.performance.metric("accuracy").value == accuracy
    assert accuracy > 0.8
    assert dict(of_csv.data["test"].schema) == dict(of_parquet.data["test"].schema)


def test_the_gate_judges_csv_as_parquet(project):
    frame = rows(["yes", "no"])
    trained(project.path, frame)
    write_both(project.path, frame)
    for kind in ("csv", "parquet"):
        text = f'[model]\nuri = "m.txt"\n[data]\ntarget = "y"\n[data.test]\nsource = "test.{kind}"\n'
        project.write("mlquality.toml", text + "[performance.metrics]\naccuracy = { at_least = 0.75 }\n")
        project.run("-k", "meets_its_limit")
        [check] = [check for check in project.subject()["checks"] if "accuracy" in check["id"]]
        assert check["outcome"] == "passed"


FITTED = """\
import pytest_mlquality

@pytest_mlquality.model(features=["c", "x"], classes={classes})
def answer(frame):
    assert {holds}
    return (frame["x"] > 0) * 0.6 + 0.2
"""


@pytest.mark.parametrize("labels", [("no", "yes"), ("F", "T"), (False, True), ("0", "1"), ("01", "02"), (0, 1)])
def test_the_target_is_read_as_the_classes_of_the_model(tmp_path, monkeypatch, labels):
    monkeypatch.syspath_prepend(tmp_path)
    name = f"answers_{labels[0]}_{type(labels[0]).__name__}"
    (tmp_path / f"{name}.py").write_text(FITTED.format(classes=list(labels), holds="True"))
    write_both(tmp_path, rows(["a", "b"], labels))
    model = f"[model]\nuri = 'python:{name}:answer'\n"
    found = [subject(tmp_path, f"test.{k}", model).performance.metric("accuracy").value for k in ("csv", "parquet")]
    assert found[0] == found[1]


@pytest.mark.parametrize("words", [["yes", "no"], ["1", "2"], ["01", "02"], [True, False], [1, 2]])
def test_a_pipeline_of_scikit_learn_says_what_its_columns_are(tmp_path, words):
    import skops.io
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    frame = rows(words)
    parts = [(OneHotEncoder(handle_unknown="ignore"), ["c"])]
    parts += [(make_pipeline(SimpleImputer(), StandardScaler()), ["x"]), ("passthrough", ["flag"])]
    fitted = make_pipeline(make_column_transformer(*parts), LogisticRegression())
    skops.io.dump(fitted.fit(frame[["c", "x", "flag"]], frame["y"]), tmp_path / "m.skops")
    write_both(tmp_path, frame)
    model = "[model]\nuri = 'm.skops'\n"
    of_csv, of_parquet = (subject(tmp_path, f"test.{kind}", model) for kind in ("csv", "parquet"))
    assert of_csv.performance.metric("accuracy").value == of_parquet.performance.metric("accuracy").value
    assert dict(of_csv.data["test"].schema) == dict(of_parquet.data["test"].schema)


def test_a_model_that_cannot_be_loaded_leaves_the_guess(tmp_path):
    write_both(tmp_path, rows(["a", "b"]))
    schema = subject(tmp_path, "test.csv", "[model]\nuri = 'nowhere.txt'\n").data["test"].schema
    assert dict(schema) == {"c": "string", "x": "float64", "y": "int64", "flag": "string"}


def test_a_schema_says_what_a_column_is(tmp_path):
    write_both(tmp_path, rows(["1", "2"]))
    (tmp_path / "schema.yaml").write_text("columns:\n  c: {dtype: str}\n  flag: {dtype: bool}\n  x: {dtype: int64}\n")
    schema = subject(tmp_path, "test.csv", "[schema]\nfile = 'schema.yaml'\n").data["test"].schema
    assert dict(schema) == {"c": "string", "x": "float64", "y": "int64", "flag": "boolean"}


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_train_says_what_a_column_of_test_is(tmp_path, kind):
    write_both(tmp_path, rows(["A1", "2"]), "train")
    write_both(tmp_path, rows(["1", "2"]))
    loaded = subject(tmp_path, "test.csv", more=f"[data.train]\nsource = 'train.{kind}'\n")
    assert dict(loaded.data["test"].schema) == dict(loaded.data["train"].schema)
    # What cannot be read as train has it is shown as it is.
    write_both(tmp_path, rows(["1", "2"]), "train")
    write_both(tmp_path, rows(["A1", "2"]))
    assert (
        subject(tmp_path, "test.csv", more="[data.train]\nsource = 'train.csv'\n").schema.mismatched_columns().value
        == 1
    )


def test_types_are_written_for_all_splits_or_for_one(tmp_path):
    write_both(tmp_path, rows(["1", "2"]), "train")
    write_both(tmp_path, rows(["1", "2"]))
    train = "[data.train]\nsource = 'train.csv'\n"
    loaded = subject(tmp_path, "test.csv", more=f"types = {{ c = 'text' }}\n{train}types = {{ c = 'number' }}\n")
    assert [loaded.data[name].schema["c"] for name in ("train", "test")] == ["float64", "string"]
    for types, said in (("k = 'text'", "there is no column 'k'"), ("c = 'text'", "'c' is no column of text")):
        of_parquet = f"[data.train]\nsource = 'train.parquet'\ntypes = {{ {types} }}\n"
        with pytest.raises(DataError, match=rf"data\.train\.types: {said}"):
            subject(tmp_path, "test.csv", more=of_parquet).data["train"]
    with pytest.raises(DataError, match=r"data\.types: there is no column 'k'"):
        subject(tmp_path, "test.csv", more=f"types = {{ k = 'text' }}\n{train}").data["train"]


def times(folder, train, test, more=""):
    for name, days in (("train", train), ("test", test)):
        pd.DataFrame({"day": days, "x": range(len(days)), "y": 0}).to_csv(folder / f"{name}.csv", index=False)
    return subject(folder, "test.csv", more=f"time = 'day'\n{more}[data.train]\nsource = 'train.csv'\n")


MAY = [f"05/{day:02}/2024" for day in range(1, 13)]
LATER = [f"06/{day:02}/2024" for day in range(1, 13)]


def test_dates_whose_month_and_day_can_be_swapped_are_not_guessed(tmp_path):
    with pytest.raises(DataError, match="dates in 'day' can be told either way") as caught:
        times(tmp_path, MAY, LATER).schema.leakage("time_overlap")
    assert "[data.train] types" in caught.value.remedy
    written = times(tmp_path, MAY, LATER, "types = { day = 'date %m/%d/%Y' }\n")
    assert written.schema.leakage("time_overlap").value == 0


def test_dates_of_train_say_how_those_of_test_are_written(tmp_path):
    clear = [*MAY, "05/31/2024"]
    assert times(tmp_path, clear, LATER).schema.leakage("time_overlap").value == 0
    with pytest.raises(DataError, match="'%m/%d/%Y' as those of another split are"):
        times(tmp_path, clear, ["13/06/2024"]).schema.leakage("time_overlap")


@pytest.mark.parametrize("types", ["'word'", "'date'", "'date %m/%d/%Y'", "'date mm/dd'", "'text %Y'", "1"])
def test_types_are_of_known_words(tmp_path, types):
    from pytest_mlquality.errors import MLQualityError

    write_both(tmp_path, rows(["a", "b"]))
    if types.startswith("'date'") or "%m" in types:
        subject(tmp_path, "test.csv", more=f"types = {{ c = {types} }}\n")
        return
    with pytest.raises(MLQualityError, match=r"data\.types\.c"):
        subject(tmp_path, "test.csv", more=f"types = {{ c = {types} }}\n")


def test_folders_of_splits_are_no_features(tmp_path):
    for split in ("train", "test"):
        (tmp_path / f"split={split}").mkdir()
        rows(["a", "b"]).to_parquet(tmp_path / f"split={split}" / "part-0.parquet")
    loaded = subject(tmp_path, "split=test/*.parquet", more="[data.train]\nsource = 'split=train'\n")
    assert "split" not in loaded.data["test"].columns
    assert loaded.schema.leakage("shared_rows").value == 1.0


def test_names_are_matched_in_csv_without_loading_the_model_again(tmp_path, monkeypatch):
    frame = rows(["yes", "no"]).rename(columns={"x": "hours per week"})
    columns = frame[["c", "hours per week"]].assign(c=frame["c"].astype("category"))
    lightgbm.LGBMClassifier(n_estimators=5, verbose=-1).fit(columns, frame["y"]).booster_.save_model(tmp_path / "m.txt")
    write_both(tmp_path, frame)
    loaded = []
    monkeypatch.setattr(models, "load", lambda wanted, load=models.load: loaded.append(wanted.uri) or load(wanted))
    of_csv, of_parquet = (subject(tmp_path, f"test.{kind}", "[model]\nuri = 'm.txt'\n") for kind in ("csv", "parquet"))
    accuracy = of_parquet.performance.metric("accuracy").value
    assert of_csv.performance.metric("accuracy").value == accuracy > 0.8
    assert loaded == ["m.txt", "m.txt"]  # once each


@pytest.mark.parametrize("words", [(True, False), (1, 0), ("True", "False"), ("true", "false"), ("yes", "no")], ids=str)
@pytest.mark.parametrize("most", [1, 2])  # values that get a column each; more are counted
def test_a_label_of_catboost_is_the_same_in_csv_as_in_parquet(tmp_path, words, most):
    frame = rows(words)
    fit = catboost.CatBoostClassifier(
        iterations=5, depth=3, verbose=0, thread_count=1, allow_writing_files=False, one_hot_max_size=most
    )
    fit.fit(frame[["c", "x"]], frame["y"], cat_features=["c"]).save_model(str(tmp_path / "m.cbm"))
    write_both(tmp_path, frame)
    of_csv, of_parquet = (subject(tmp_path, f"test.{kind}", "[model]\nuri = 'm.cbm'\n") for kind in ("csv", "parquet"))
    accuracy = of_parquet.performance.metric("accuracy").value
    assert of_csv.performance.metric("accuracy").value == accuracy > 0.8
