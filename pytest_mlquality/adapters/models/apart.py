"""What runs in a process of its own: a native model file is loaded there, and asked, before the gate's process does so.

The compiled readers of LightGBM, XGBoost, CatBoost and ONNX Runtime believe the node numbers of a file: a damaged one
ends the process, or keeps it busy for ever. `tried_apart` starts this file as a script, with nothing of the gate in it.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

# What the boosting libraries import where it is there, and do not need for a matrix of numbers: two seconds of start.
_NOT_NEEDED = ("matplotlib", "plotly", "graphviz", "dask", "sklearn", "pandas")
# CatBoost's own code takes pandas for granted.
_NEEDED_BY = {"catboost": "pandas"}
# How many rows are asked, and how many numbers these have at most.
_ROWS, _NUMBERS = 64, 2**20
_PAGE = resource.getpagesize()


def main() -> None:
    """Read what to try from standard input, and write to standard output what came of it, each as one JSON object."""
    told = _quiet()
    given = json.load(sys.stdin)
    _limit(resource.RLIMIT_CORE, 0)
    # Where memory runs out, this process goes before the gate's.
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
    signal.alarm(given["wall_s"])
    sys.path[:] = given["import_from"]
    name = given["library"]
    sys.modules.update(dict.fromkeys((one for one in _NOT_NEEDED if one != _NEEDED_BY.get(name)), None))  # type: ignore[arg-type]
    library = __import__(name)
    # From here on the file is at work.
    _limit(resource.RLIMIT_CPU, int(time.process_time()) + given["cpu_s"])
    _limit(resource.RLIMIT_AS, _mapped() + given["memory"])
    done: list[str] = []
    try:
        for stage, act in zip(("loaded", "asked", "explained"), _STEPS[name](library, given["path"]), strict=False):
            if stage == "explained":
                # Whoever explains deep trees waits long: it is tried for a while.
                _limit(resource.RLIMIT_CPU, int(time.process_time()) + given["explain_s"])
            act()
            done.append(stage)
            os.write(told, f"{json.dumps({'done': done})}\n".encode())
    except Exception as error:
        no_memory = isinstance(error, MemoryError) or "bad_alloc" in str(error)
        told_last = {"done": done, "raised": type(error).__name__, "no_memory": no_memory}
        os.write(told, json.dumps(told_last).encode())
    # A library's destructors would follow the same node numbers.
    os._exit(0)


def _quiet() -> int:
    """Send what libraries print to nowhere, and return a descriptor of what was standard output."""
    told, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return told


def _limit(what: int, most: int) -> None:
    # A stricter limit of the machine's stays; some systems know no limit of memory.
    with suppress(ValueError, OSError):
        _, hard = resource.getrlimit(what)
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _mapped() -> int:
    """Return how many bytes of addresses this process has mapped so far; 0 where nobody says."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[0]) * _PAGE
    except OSError:
        return 0


def _rows(columns: int) -> Any:  # noqa: ANN401 - numpy is imported here alone
    """Return rows for a model of so many columns: of zeros, gaps, extremes, codes of categories, and drawn numbers."""
    import numpy as np

    some = max(1, min(_ROWS, _NUMBERS // max(columns, 1)))
    draw = np.random.default_rng(0)
    fixed = [np.full((1, columns), value) for value in (0.0, np.nan, 1e30, -1e30)]
    spread = draw.normal(size=(some, columns)) * np.exp(draw.normal(size=(some, 1), scale=3))
    return np.concatenate([*fixed, draw.integers(0, 40, (some, columns)).astype(float), spread])


# Each yields what to do, in order: load, ask, and what explainers ask, which visits every node of every tree.
_Steps = Iterator[Callable[[], object]]


def _lightgbm(library: Any, path: str) -> _Steps:  # noqa: ANN401 - a module without types
    booster: Any = None

    def load() -> None:
        nonlocal booster
        booster = library.Booster(model_file=path)
        # As the library understood the file, whatever stands in it twice; a dump is ten times slower than this.
        for tree in booster.model_to_string(num_iteration=-1).partition("\nend of trees\n")[0].split("\nTree=")[1:]:
            _require_whole_text(tree, booster.num_feature())

    yield load
    rows = _rows(booster.num_feature())
    yield lambda: booster.predict(rows)
    yield lambda: (booster.predict(rows[:1], pred_contrib=True), booster.dump_model())


def _require_whole_text(text: str, columns: int) -> None:
    """Raise ValueError where LightGBM's nodes are no tree, or what they name is not there."""
    import numpy as np

    tree = dict(line.partition("=")[::2] for line in text.splitlines()[1:])
    leaves = int(tree["num_leaves"])
    if leaves < 2:
        return

    def numbers(key: str) -> Any:  # noqa: ANN401 - as above
        return np.array(tree[key].split(" "), dtype=float).astype(np.int64)

    # Each node but the first, and each leaf (they count down from -1), is the child of one node.
    children = np.sort(np.concatenate([numbers("left_child"), numbers("right_child")]))
    if not np.array_equal(children, [*range(-leaves, 0), *range(1, leaves - 1)]):
        raise ValueError("children")
    used = numbers("split_feature")
    if used.min() < 0 or used.max() >= columns:
        raise ValueError("columns")
    by_label = numbers("decision_type") & 1 == 1
    if not by_label.any():
        return
    ends, words = numbers("cat_boundaries"), len(tree["cat_threshold"].split(" "))
    named = np.array(tree["threshold"].split(" "), dtype=float)[by_label]
    if named.min() < 0 or named.max() >= len(ends) - 1 or ends[0] != 0 or ends[-1] > words or (np.diff(ends) < 0).any():
        raise ValueError("categories")


def _xgboost(library: Any, path: str) -> _Steps:  # noqa: ANN401 - as above
    booster = library.Booster()

    def load() -> None:
        booster.load_model(path)
        _require_whole(json.loads(bytes(booster.save_raw("json")))["learner"])

    yield load
    rows = _rows(booster.num_features())
    known = {"feature_names": booster.feature_names, "feature_types": booster.feature_types}

    def taken(some: Any) -> Any:  # noqa: ANN401 - as above
        return library.DMatrix(some, enable_categorical=True, **known)

    yield lambda: (booster.predict(taken(rows)), booster.save_config())
    yield lambda: (booster.predict(taken(rows[:1]), pred_contribs=True), booster.get_dump())


def _require_whole(learner: Any) -> None:  # noqa: ANN401 - JSON
    """Raise ValueError where XGBoost's nodes are no trees: it reads what lies beside them then, in silence."""
    import numpy as np

    kept = learner["gradient_booster"]
    columns = int(learner["learner_model_param"]["num_feature"])
    for tree in kept.get("gbtree", kept).get("model", {}).get("trees", ()):
        left, right = np.array(tree["left_children"], np.int64), np.array(tree["right_children"], np.int64)
        is_split = left != -1
        # A leaf of several numbers keeps there where these are, another one nothing.
        ends = right[~is_split & (right != -1)]
        if ends.size and not 0 <= ends.min() <= ends.max() < len(tree.get("leaf_weights", ())):
            raise ValueError("leaves")
        children = np.concatenate([left[is_split], right[is_split]])
        if not children.size:
            continue
        # Each node but the first is the child of one other.
        if len(np.unique(children)) < len(children) or not 0 < children.min() <= children.max() < len(left):
            raise ValueError("children")
        # Of leaves, and of nodes that were pruned, the column means nothing.
        used = np.array(tree["split_indices"], np.int64)[is_split]
        if not 0 <= used.min() <= used.max() < columns:
            raise ValueError("columns")


def _catboost(library: Any, path: str) -> _Steps:  # noqa: ANN401 - as above
    model = library.CatBoost()
    yield lambda: model.load_model(path)
    rows, labels = _rows(len(model.feature_names_)), model.get_cat_feature_indices()
    if labels:
        rows = rows.astype(object)
        rows[:, labels] = [[str(number)] * len(labels) for number in range(len(rows))]

    def taken(some: Any) -> Any:  # noqa: ANN401 - as above
        return library.Pool(some, cat_features=labels, feature_names=model.feature_names_)

    yield lambda: (model.predict(taken(rows)), model.get_all_params())
    yield lambda: model.get_feature_importance(taken(rows[:1]), type="ShapValues")


def _onnxruntime(library: Any, path: str) -> _Steps:  # noqa: ANN401 - as above
    session: Any = None

    def load() -> None:
        nonlocal session
        options = library.SessionOptions()
        options.log_severity_level = 4
        session = library.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    yield load
    yield lambda: session.run(None, {one.name: _fed(one) for one in session.get_inputs()})


def _fed(one: Any) -> Any:  # noqa: ANN401 - as above
    """Return rows for an input of an ONNX graph, as it takes them."""
    import numpy as np

    types = {"tensor(double)": "float64", "tensor(int64)": "int64", "tensor(int32)": "int32", "tensor(bool)": "bool"}
    wide = len(one.shape) > 1
    width = one.shape[-1] if wide and isinstance(one.shape[-1], int) else 1
    rows = np.nan_to_num(_rows(width)).reshape(-1, *((width,) if wide else ()))
    if one.type == "tensor(string)":
        return rows.astype(str).astype(object)
    return rows.astype(types.get(one.type, "float32"))


_STEPS = {"catboost": _catboost, "lightgbm": _lightgbm, "onnxruntime": _onnxruntime, "xgboost": _xgboost}

if __name__ == "__main__":
    main()
