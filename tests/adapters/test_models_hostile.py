"""Model files and folders that are damaged, odd or made to do harm: one refusal each, and the run goes on."""

import functools
import json
import operator
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
import pytest
import skops.io
import xgboost
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from pytest_mlquality.adapters.models import Trust, Wanted, apart, copying, load, tried_apart, unpacked
from pytest_mlquality.adapters.models.runnable_types import can_run
from pytest_mlquality.errors import ModelError

DRAW = np.random.default_rng(0)
FRAME = pd.DataFrame(DRAW.normal(size=(200, 2)), columns=["age", "income"])
TARGET = (FRAME["age"] * FRAME["income"] > 0).astype(int)
FITTED = LogisticRegression().fit(FRAME, TARGET)


def loaded(folder, name, **trust):
    return load(Wanted(name, folder, trust=Trust(**trust)))


def refused(folder, name, match, **trust):
    with pytest.raises(ModelError, match=match) as caught:
        loaded(folder, name, **trust)
    assert caught.value.remedy
    assert str(folder) not in caught.value.message
    return caught.value


# --- native files -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trees(tmp_path_factory):
    """Two honest files: of LightGBM and of XGBoost."""
    folder = tmp_path_factory.mktemp("trees")
    data = lightgbm.Dataset(FRAME, TARGET)
    lightgbm.train({"objective": "binary", "num_leaves": 8, "verbose": -1}, data, 3).save_model(folder / "m.txt")
    xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(FRAME, TARGET), 3).save_model(folder / "m.json")
    return folder


def child_of(node):
    def changed(text):
        before, key, after = text.partition("left_child=")
        first, _, rest = after.partition(" ")
        assert int(first) != node
        return f"{before}{key}{node} {rest}"

    return changed


KILLERS = {
    "a node that is its own child": child_of(0),
    "a node that is not there": child_of(99_999_999),
    "a leaf that is not there": child_of(-99_999_999),
    "more leaves than there are": lambda text: re.sub(r"num_leaves=\d+", "num_leaves=2000000000", text, count=1),
    "cut in the middle of a tree": lambda text: text[: text.index("right_child=")],
}


@pytest.mark.parametrize("change", KILLERS.values(), ids=KILLERS)
def test_a_lightgbm_file_that_kills_its_reader_is_refused_by_name(change, trees, tmp_path):
    text = (trees / "m.txt").read_text()
    (tmp_path / "m.txt").write_text(change(text))
    error = refused(tmp_path, "m.txt", r"the model 'm\.txt'")
    assert "m.txt is damaged" in error.message or "cannot be read by lightgbm" in error.message


def test_an_xgboost_tree_that_goes_in_circles_is_refused_by_name(trees, tmp_path):
    kept = json.loads((trees / "m.json").read_text())
    tree = kept["learner"]["gradient_booster"]["model"]["trees"][0]
    tree["left_children"][1] = 0
    (tmp_path / "m.json").write_text(json.dumps(kept))
    refused(tmp_path, "m.json", r"the model 'm\.json'")


@pytest.fixture(scope="module")
def by_label():
    """The text of a LightGBM model that splits by category."""
    frame = pd.DataFrame({"age": FRAME["age"], "place": np.arange(200) % 20})
    data = lightgbm.Dataset(frame, np.isin(frame["place"], [3, 5, 8, 13]).astype(int), categorical_feature=["place"])
    settings = {"objective": "binary", "min_data_per_group": 1, "cat_smooth": 1, "verbose": -1}
    text = lightgbm.train(settings, data, 3).model_to_string()
    assert "num_cat=0" not in text
    return text


BESIDE = {
    "a category that is not there": (r"(\nthreshold=)\S+", r"\g<1>999999"),
    "a category before the first": (r"(\nthreshold=)\S+", r"\g<1>-7"),
    "an end before its beginning": (r"(\ncat_boundaries=0 )\d+", r"\g<1>-7"),
    "a column that is not there": (r"(\nsplit_feature=)\d+", r"\g<1>999999"),
    "a column before the first": (r"(\nsplit_feature=)\d+", r"\g<1>-999999"),
}


@pytest.mark.parametrize(("found", "put"), BESIDE.values(), ids=BESIDE)
def test_a_lightgbm_file_whose_nodes_name_what_is_not_there_is_refused(found, put, by_label, tmp_path):
    changed, times = re.subn(found, put, by_label, count=1)
    assert times == 1
    # It would be right where this is the size of what the file says of it.
    (tmp_path / "m.txt").write_text(re.sub(r"tree_sizes=.*\n", "", changed))
    refused(tmp_path, "m.txt", r"m\.txt is damaged|cannot be read by lightgbm")


def test_a_lightgbm_file_that_splits_by_category_is_sound(by_label, tmp_path):
    (tmp_path / "m.txt").write_text(by_label)
    assert tried_apart._tried("lightgbm", tmp_path / "m.txt", 0) == tried_apart._Tried()


@pytest.mark.parametrize("settings", [{"linear_tree": True}, {"boosting": "rf", "bagging_freq": 1}, {"num_leaves": 2}])
@pytest.mark.parametrize("target", [TARGET, TARGET * 0], ids=["", "one class: trees of one leaf"])
def test_every_kind_of_lightgbm_tree_is_sound(settings, target, tmp_path):
    known = {"objective": "regression", "bagging_fraction": 0.5, "verbose": -1}
    lightgbm.train(known | settings, lightgbm.Dataset(FRAME, target), 2).save_model(tmp_path / "m.txt")
    assert tried_apart._tried("lightgbm", tmp_path / "m.txt", 0) == tried_apart._Tried()


@pytest.mark.parametrize("line", ["while True: ...", "bytearray(2**40)", "raise KeyError"])
def test_a_model_that_takes_too_much_to_explain_is_sound(line, tmp_path, monkeypatch):
    (tmp_path / "lightgbm.py").write_text(
        "class Booster:\n  def __init__(self, **_): ...\n  def num_feature(self): return 2\n"
        "  def model_to_string(self, **_): return ''\n  def predict(self, rows, **_): return rows\n"
        f"  def dump_model(self):\n    {line}\n"
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setattr(tried_apart, "_EXPLAIN_S", 1)
    (tmp_path / "m").touch()
    assert tried_apart._tried("lightgbm", tmp_path / "m", 0) == tried_apart._Tried()


def test_an_honest_file_is_tried_once_a_process(trees, monkeypatch):
    monkeypatch.setattr(tried_apart, "_known", {})
    started = []
    original = subprocess.Popen

    def counted(*words, **how):
        started.append(words)
        return original(*words, **how)

    monkeypatch.setattr(subprocess, "Popen", counted)
    answers = [loaded(trees, "m.txt").predict(FRAME) for _ in range(3)]
    assert len(started) == 1
    assert np.array_equal(answers[0], answers[2])


def changes(content, number):
    """Return a file cut short, with bytes changed, or with one of its numbers changed."""
    draw = np.random.default_rng(number)
    if number % 4 == 0:
        return content[: draw.integers(len(content))]
    changed = bytearray(content)
    numbers = list(re.finditer(rb"(?<![\w.])-?\d+(?![\w.])", content)) if number % 4 == 1 else []
    if numbers:
        start, end = numbers[draw.integers(len(numbers))].span()
        return content[:start] + (b"999999", b"-99999", b"2147483647", b"0")[draw.integers(4)] + content[end:]
    for place in draw.integers(len(content), size=1 + number % 3):
        changed[place] = draw.integers(256)
    return bytes(changed)


GATE = """
import json, pathlib, resource, sys, time
import pandas as pd
from pytest_mlquality.adapters.explainers import tree
from pytest_mlquality.adapters.models import Wanted, load, tried_apart
from pytest_mlquality.errors import ModelError
folder, frame = pathlib.Path(sys.argv[1]), pd.read_parquet(sys.argv[2])
for file in sorted(folder.iterdir()):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = "answered"
    try:
        model = load(Wanted(file.name, folder, task="binary", features=("age", "income")))
        model.predict_proba(frame)
        tree.values(model.inside.estimator, model.inside.taken(frame[:20]))
    except ModelError as error:
        told = error.message
    except Exception as error:
        told = f"answered with {type(error).__name__}"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps([file.name, told, spent_s]), flush=True)
"""


@pytest.mark.verify
@pytest.mark.parametrize("name", ["m.txt", "m.json", "m.ubj", "m.cbm"])
def test_fifty_cut_or_changed_files_of_each_format_end_no_process(name, trees, tmp_path):
    import catboost

    if name == "m.ubj":
        xgboost.Booster(model_file=trees / "m.json").save_model(trees / name)
    if name == "m.cbm":
        fitted = catboost.CatBoostClassifier(iterations=3, depth=3, verbose=0, allow_writing_files=False)
        fitted.fit(FRAME, TARGET).save_model(str(trees / name))
    content = (trees / name).read_bytes()
    (tmp_path / "files").mkdir()
    for number in range(50):
        (tmp_path / "files" / f"{number}{Path(name).suffix}").write_bytes(changes(content, number))
    FRAME.to_parquet(tmp_path / "rows.parquet")
    words = [sys.executable, "-c", GATE, str(tmp_path / "files"), str(tmp_path / "rows.parquet")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=1500)
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('["')]
    assert (done.returncode, len(found)) == (0, 50), done.stderr[-2000:]
    assert [file for file, _, seconds in found if seconds > 10] == []
    assert any("damaged" in told or "cannot be read" in told for _, told, _ in found)


SPENDS = {
    "a loop": ("while True: ...", "computed for more than"),
    "a wait": ("import time; time.sleep(3600)", "took more than 1 seconds"),
    "memory": ("bytearray(2**40)", "of memory"),
    "a signal": ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "died of SIGSEGV"),
    "an end": ("import os; os._exit(7)", "ended with status 7"),
}


@pytest.mark.parametrize(("line", "told"), SPENDS.values(), ids=SPENDS)
def test_what_a_reader_does_to_its_process_is_told(line, told, tmp_path, monkeypatch):
    (tmp_path / "lightgbm.py").write_text(
        f"__version__ = '0'\nclass Booster:\n  def __init__(self, **_):\n    {line}\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(tried_apart, "_known", {})
    monkeypatch.setattr(tried_apart, "_CPU_S", 1)
    monkeypatch.setattr(tried_apart, "_WALL_S", 1 if "sleep" in line else 60)
    (tmp_path / "m.txt").write_bytes(b"tree\n")
    refused(tmp_path, "m.txt", told)


def test_the_process_that_tries_a_file_knows_no_secret_and_leaves_no_core(tmp_path, monkeypatch):
    line = "import os, resource; assert 'TOKEN' not in os.environ and resource.getrlimit(resource.RLIMIT_CORE)[0] == 0"
    (tmp_path / "lightgbm.py").write_text(f"class Booster:\n  def __init__(self, **_):\n    {line}; raise KeyError\n")
    monkeypatch.setenv("TOKEN", "secret")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    (tmp_path / "m").touch()
    assert tried_apart._tried("lightgbm", tmp_path / "m", 0).raised == "KeyError"


def test_what_is_tried_is_what_formats_read():
    assert set(apart._STEPS) == {"catboost", "lightgbm", "onnxruntime", "xgboost"}


# --- skops ------------------------------------------------------------------------------------------------------------

ABLE = (
    *("os.system", "posix.system", "subprocess.Popen", "builtins.eval", "builtins.exec", "builtins.getattr"),
    *("builtins.__import__", "functools.partial", "operator.methodcaller", "importlib.import_module", "shutil.rmtree"),
    *("socket.socket", "ctypes.CDLL", "pickle.loads", "_pickle.loads", "joblib.load", "sys.exit", "pty.spawn"),
    *("numpy.load", "numpy.lib.npyio.NpzFile", "pandas.read_pickle", "pandas.io.common.get_handle", "webbrowser.open"),
    *("code.InteractiveInterpreter", "runpy.run_path", "mine.tools.system", "cloudpickle.loads", "pathlib.Path"),
    *("sklearn.datasets.load_files", "tempfile.mkdtemp", "timeit.timeit"),
)
UNABLE = (
    *("mine.Winsorizer", "lightgbm.basic.Booster", "lightgbm.sklearn.LGBMClassifier", "xgboost.core.Booster"),
    *("sklearn.tree._tree.Tree", "collections.OrderedDict", "collections.defaultdict", "datetime.datetime"),
    *("numpy.nan_to_num", "sklearn.feature_selection._mutual_info.mutual_info_classif"),
    *("catboost.core.CatBoostClassifier", "sklearn.neighbors._kd_tree.KDTree", "numpy.dtype", "mine.clip"),
)


@pytest.mark.parametrize("name", ABLE)
def test_types_that_can_run_commands_are_known(name):
    assert can_run(name)


@pytest.mark.parametrize("name", UNABLE)
def test_types_of_models_cannot_run_commands(name):
    assert not can_run(name)


def test_a_function_that_another_module_passes_on_is_known(monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "helper", os.system, raising=False)
    assert can_run(f"{__name__}.helper")


@pytest.mark.parametrize("function", [os.system, subprocess.Popen, operator.attrgetter("age"), functools.partial(max)])
def test_a_skops_file_that_can_run_commands_is_refused_without_a_line_to_paste(function, tmp_path):
    skops.io.dump(make_pipeline(FunctionTransformer(function), LogisticRegression()), tmp_path / "m.skops")
    error = refused(tmp_path, "m.skops", "can run commands or code")
    assert "trusted_types" not in str(error)


def test_nobody_can_trust_a_command(tmp_path):
    skops.io.dump(make_pipeline(FunctionTransformer(os.system), LogisticRegression()), tmp_path / "m.skops")
    for name in ("os.system", "posix.system"):
        refused(tmp_path, "m.skops", rf"trusted_types .*{name}", types=(name,))


def bomb(path, size):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file, file.open("a.npy", "w", force_zip64=True) as entry:
        for _ in range(size // 2**20):
            entry.write(bytes(2**20))


def test_a_small_file_that_unpacks_to_a_hundred_times_more_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacked, "_ALWAYS", 2**24)
    bomb(tmp_path / "m.skops", 2**25)
    assert (tmp_path / "m.skops").stat().st_size < 2**16
    refused(tmp_path, "m.skops", r"and takes 33,554,432 when unpacked")
    with zipfile.ZipFile(tmp_path / "n.skops", "w") as file:
        bomb(tmp_path / "inner.npz", 2**25)
        file.write(tmp_path / "inner.npz", "a.npz")
    refused(tmp_path, "n.skops", "when unpacked")


def test_a_file_that_needs_more_than_the_free_memory_is_refused(tmp_path, monkeypatch):
    skops.io.dump(FITTED, tmp_path / "m.skops")
    assert loaded(tmp_path, "m.skops").classes == (0, 1)
    monkeypatch.setattr(unpacked, "_free_memory", lambda: 100)
    refused(tmp_path, "m.skops", "100 of memory are free")


# --- odd files and folders --------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """A folder as MLflow writes it, with a file in a folder below."""
    made = tmp_path / "m"
    (made / "below").mkdir(parents=True)
    skops.io.dump(FITTED, made / "model.skops")
    (made / "below" / "note").write_text("a note")
    flavor = {"sklearn": {"pickled_model": "model.skops", "serialization_format": "skops"}}
    (made / "MLmodel").write_text(json.dumps({"flavors": flavor}))
    return made


def pipe(path):
    os.mkfifo(path)


def bound(path):
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


ODD = {
    "a named pipe": (pipe, "a named pipe"),
    "a socket": (bound, "a socket"),
    "a link to a device": (lambda path: path.symlink_to("/dev/zero"), "leads out of its folder"),
    "a link out": (lambda path: path.symlink_to("/etc/hostname"), "leads out of its folder"),
    "a link up": (lambda path: path.symlink_to(".."), "leads out of its folder|a folder and no plain file"),
    "a loop": (lambda path: path.symlink_to(path.name), "cannot be copied: Too many levels"),
    "a dangling link": (lambda path: path.symlink_to("gone"), "cannot be copied: No such file"),
}


@pytest.mark.parametrize(("make", "told"), ODD.values(), ids=ODD)
@pytest.mark.parametrize("place", ["odd", "below/odd", "MLmodel"])
def test_a_folder_that_holds_what_is_no_plain_file_is_refused(place, make, told, folder, tmp_path):
    (folder / place).unlink(missing_ok=True)
    make(folder / place)
    refused(tmp_path, "m", told)


def test_a_folder_with_a_name_of_two_lines_is_refused(folder, tmp_path):
    (folder / "below" / "a\nb").touch()
    refused(tmp_path, "m", "a line break")


def test_a_link_to_a_plain_file_of_the_same_folder_is_copied_as_that_file(folder, tmp_path):
    (folder / "model.skops").rename(folder / "below" / "blob")
    (folder / "model.skops").symlink_to("below/blob")
    assert np.array_equal(loaded(tmp_path, "m").predict(FRAME), FITTED.predict(FRAME))


@pytest.mark.parametrize("name", ["x.skops", "x.ubj", "x.txt", "x.pkl", "x.json", "x.cbm"])
@pytest.mark.parametrize("make", [pipe, lambda path: path.symlink_to("/dev/zero"), lambda path: path.symlink_to("x")])
def test_a_model_that_is_no_plain_file_is_refused(name, make, tmp_path):
    make(tmp_path / name)
    refused(tmp_path, name, "neither a plain file nor a folder|leads nowhere")


def test_a_model_that_is_a_link_to_a_plain_file_is_loaded(tmp_path):
    (tmp_path / "cache").mkdir()
    skops.io.dump(FITTED, tmp_path / "cache" / "1f")
    (tmp_path / "m.skops").symlink_to("cache/1f")
    assert loaded(tmp_path, "m.skops").classes == (0, 1)


def test_a_model_larger_than_the_disk_is_refused_before_it_is_copied(folder, tmp_path):
    with (folder / "large").open("wb") as file:
        file.truncate(2**42)
    refused(tmp_path, "m", r"and the disk of temporary files has room for")
    shutil.copy(folder / "model.skops", tmp_path / "x.skops")
    os.truncate(tmp_path / "x.skops", 2**42)
    refused(tmp_path, "x.skops", r"and the disk of temporary files has room for")


def test_a_disk_that_fills_up_while_a_model_is_copied_is_told(folder, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copying, "_copied", full)
    refused(tmp_path, "m", "cannot be copied: No space left")


def test_a_file_that_may_not_be_read_is_told(folder, tmp_path, monkeypatch):
    original = os.open

    def locked(path, *how, **more):
        if Path(path).name == "note":
            raise PermissionError(13, "Permission denied")
        return original(path, *how, **more)

    monkeypatch.setattr(os, "open", locked)
    refused(tmp_path, "m", r"'below/note' cannot be copied: Permission denied")


def test_copies_are_their_owners_alone_and_go(folder, tmp_path, monkeypatch):
    seen = []
    original = skops.io.load

    def looked(path, **how):
        places = [Path(path), *Path(path).parents]
        own = [place for place in places if place.is_relative_to(tempfile.gettempdir())][:-1]
        seen.append((own[-1], {stat.S_IMODE(place.stat().st_mode) for place in own}))
        return original(path, **how)

    monkeypatch.setattr(skops.io, "load", looked)
    before = os.umask(0)
    try:
        loaded(tmp_path, "m")
    finally:
        os.umask(before)
    ((private, modes),) = seen
    assert modes == {0o700, 0o600}
    assert not [path for path in private.rglob("*") if path.name == "model.skops"]


# --- MLmodel ----------------------------------------------------------------------------------------------------------

SHAPES = {
    "a list": "flavors: [sklearn]",
    "a text": "flavors: sklearn",
    "null": "flavors:",
    "nothing": "",
    "a number": "42",
    "a list of all": "- flavors",
    "a flavour of text": "flavors: {sklearn: yes}",
    "a flavour with a number for a name": "flavors: {1: {}}",
    "no pickled_model": "flavors: {sklearn: {}}",
    "no data": "flavors: {xgboost: {}}",
    "a path that is a list": "flavors: {sklearn: {pickled_model: [a]}}",
    "a path that is a number": "flavors: {lightgbm: {data: 1}}",
    "a path out": "flavors: {sklearn: {pickled_model: /etc/hostname}}",
    "a path with a zero": 'flavors: {sklearn: {pickled_model: "a\\0b"}}',
    "a path too long": f"flavors: {{sklearn: {{pickled_model: {'a' * 5000}}}}}",
    "a path that is a folder": "flavors: {sklearn: {pickled_model: below}}",
    "a tag": "flavors: !!python/object/apply:os.system [id]",
    "deep": "flavors: " + "[" * 100_000,
    "deep text of a signature": json.dumps({"flavors": {"a": {}}, "signature": {"inputs": "[" * 100_000}}),
    "a signature that is a list": "{flavors: {sklearn: {}}, signature: [1]}",
    "merged": "a: &a {b: c}\nflavors: {<<: *a}",
    "bytes": "\0\1\2",
    "a date that is none": "flavors: {sklearn: {a: 2020-13-45}}",
}


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_an_mlmodel_of_another_shape_is_one_refusal(text, folder, tmp_path):
    (folder / "MLmodel").write_text(text)
    refused(tmp_path, "m", "its MLmodel (cannot be read|names in)")


def test_an_mlmodel_that_is_too_large_is_not_parsed(folder, tmp_path):
    os.truncate(folder / "MLmodel", 2**25)
    refused(tmp_path, "m", "more than 16,777,216 bytes")
