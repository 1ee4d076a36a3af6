"""What [data] needs: a target that suits the model's task, a column of time to split by, and a split."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_mlquality.settings.agreement.declared import declared_splits, table_of
from pytest_mlquality.settings.problem import Finding
from pytest_mlquality.settings.source import Tree
from pytest_mlquality.settings.toml_text import value_text

COLUMNS = 'target = ["news", "sport"]'
LISTS = 'labels = ["news", "sport"]'


def of_data(tree: Tree, task: object) -> Iterator[Finding]:
    """Yield what the rest of the file needs and ``[data]`` lacks, or has otherwise than the task asks for."""
    yield from _labels(table_of(tree, "data"), task, table_of(tree, "model").get("classes"))
    if "model" in tree and "target" not in table_of(tree, "data"):
        message = "is required: what the model answers is compared with this column"
        yield Finding(("data", "target"), message, 'add, for example: target = "churned"')
    if "split_by" in table_of(tree, "data") and "time" not in table_of(tree, "data"):
        message = "there is no column of time"
        yield Finding(("data", "split_by"), message, 'add, for example: time = "month"')
    yield from _block(table_of(tree, "data"), task)
    if not declared_splits(tree):
        yield Finding(("data",), "no split is declared", 'add [data.test] with source = "data/test.parquet"')


def _block(data: Tree, task: object) -> Iterator[Finding]:
    """Yield what does not fit blocks of time."""
    if "block" not in data:
        return
    if "time" not in data:
        yield Finding(("data", "block"), "there is no column of time", 'add, for example: time = "day"')
    if "unit" in data:
        yield Finding(("data", "block"), "makes units of its own, and unit names others", "remove one of both")
    if task == "ranking":
        yield Finding(("data", "block"), "makes units, and those of a ranking are its lists", "remove it")


def _labels(data: Tree, task: object, classes: object) -> Iterator[Finding]:
    """Yield what does not fit together of a target, its labels and the task."""
    target, labels = data.get("target"), data.get("labels")
    if isinstance(target, list) and labels is not None:
        yield Finding(("data", "labels"), "says nothing where target names a column for each label", "remove it")
    for key, names in (("target", target), ("labels", labels)):
        if not isinstance(names, list):
            continue
        if len(set(map(str, names))) < len(names):
            yield Finding(("data", key), "names a label twice", "name it once")
        elif len(names) == 1:
            yield Finding(("data", key), "names one label alone", f"write target = {value_text(names[0])}")
        elif isinstance(classes, list) and classes and sorted(map(str, classes)) != sorted(map(str, names)):
            message = f"are other labels than [data] {key} names: {', '.join(map(str, names))}"
            yield Finding(("model", "classes"), message, "name these, in the order of the model's probabilities")
    several = isinstance(target, list) or labels is not None
    if several and task != "multilabel":
        message = f"names several labels, and the task is {value_text(task)}"
        yield Finding(("data", "target"), message, 'set [model] task = "multilabel", or name one column')
    if task == "multilabel" and isinstance(target, str) and labels is None:
        message = f"{value_text(target)} is one column, and a multilabel model answers several labels"
        yield Finding(("data", "target"), message, f"name a column for each: {COLUMNS}; of one of lists, {LISTS}")
