"""What [skew] needs: two splits to compare, a key, a column of time, a model, and rows without weights."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_mlquality.settings.agreement.declared import declared_splits, table_of, undeclared
from pytest_mlquality.settings.problem import Finding
from pytest_mlquality.settings.source import Tree
from pytest_mlquality.settings.toml_text import value_text


def of_skew(tree: Tree) -> Iterator[Finding]:
    """Yield what cannot be meant in ``[skew]``."""
    if "skew" not in tree:
        return
    section = table_of(tree, "skew")
    yield from _pairs(section, tree)
    if "time" in section and "time" not in table_of(tree, "data"):
        yield Finding(("skew", "time"), "there is no column of time", 'add, for example: [data] time = "month"')
    if "weight" in table_of(tree, "data") and section.get("weighted") is not False:
        message = "compares rows as they are, and [data] weight says that they do not count alike"
        remedy = "say weighted = false in [skew] to compare them so, or name sources of rows drawn by their weight"
        yield Finding(("skew",), message, remedy)
    if "keys" in section:
        yield from _keys(table_of(section, "keys"), tree)
    for column, limits in table_of(section, "columns").items():
        for measure, limit in limits.items() if isinstance(limits, dict) else ():
            if limit is False:
                message = "a measure of one column cannot be dropped"
                yield Finding(("skew", "columns", column, measure), message, "write a limit, or name it in skew.ignore")
    if section.get("predictions") and "model" not in tree:
        yield Finding(("skew", "predictions"), "there is no [model] that answers", "add [model], or remove the limits")


def _pairs(section: Tree, tree: Tree) -> Iterator[Finding]:
    declared, known = declared_splits(tree), {*declared_splits(tree), *table_of(section, "profiles")}
    between = section.get("between")
    pairs = [pair for pair in between if isinstance(pair, list)] if isinstance(between, list) else []
    for place, pair in enumerate(pairs):
        for side, split in enumerate(pair):
            if split not in known:
                yield from undeclared(tree, ("skew", "between", place, side), split)
        if pair in pairs[:place] or len(set(map(str, pair))) < len(pair):
            message, remedy = f"{value_text(pair)} is no pair of its own", "name two splits, and each pair once"
            yield Finding(("skew", "between", place), message, f"{remedy}, the reference first")
    if not pairs and not ("train" in known and {"test", "production"} & set(declared)):
        message = "there is nothing to compare: no pair is named, and train or what to compare with it is not declared"
        yield Finding(("skew",), message, 'declare [data.train] and [data.test], or between = [["test", "production"]]')
    references = [pair[0] for pair in pairs if pair] or ["train"]
    is_asked = table_of(section, "metrics").get("joint_drift", False) is not False
    if is_asked and any(split in known and split not in declared for split in references):
        message = "cannot be measured from a stored profile: it needs the rows of both splits"
        yield Finding(
            ("skew", "metrics", "joint_drift"), message, "declare the split with a source, or remove the limit"
        )


def _keys(keys: Tree, tree: Tree) -> Iterator[Finding]:
    if "key" not in table_of(tree, "data"):
        remedy = 'add, for example: [data] key = "customer_id"'
        yield Finding(("skew", "keys"), "there is no key to find rows by", remedy)
    between = keys.get("between", ["train", "production"])
    for split in between if isinstance(between, list) else ():
        yield from undeclared(tree, ("skew", "keys", "between"), split)
