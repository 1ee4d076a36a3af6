"""What sections ask of each other.

Looked at in the tree, not in the validated document, so that a mistake in one section hides none between others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_mlquality.settings.document import CONCERNS, SPLITS
from pytest_mlquality.settings.explanation_section import OF_COLUMNS, OF_METHODS
from pytest_mlquality.settings.performance_section import PerformanceSettings
from pytest_mlquality.settings.problem import Finding, Key
from pytest_mlquality.settings.source import Tree
from pytest_mlquality.settings.toml_text import value_text

DEFAULT_SPLIT = PerformanceSettings.model_fields["on"].default


def disagreements(tree: Tree, task: object) -> Iterator[Finding]:
    """Yield what cannot be meant, section by section.

    Parameters
    ----------
    tree
        As the files have it, with the limits that hold by default for the task.
    task
        That of ``[model]``, with the environment read in.
    """
    yield from _data(tree)
    yield from _schema(tree)
    yield from _skew(tree)
    yield from _performance(tree)
    yield from _fairness(tree, task)
    yield from _explanation(tree)
    yield from _stages(tree)


def _data(tree: Tree) -> Iterator[Finding]:
    if "model" in tree and "target" not in _table(tree, "data"):
        message = "is required: what the model answers is compared with this column"
        yield Finding(("data", "target"), message, 'add, for example: target = "churned"')
    if "split_by" in _table(tree, "data") and "time" not in _table(tree, "data"):
        message = "there is no column of time"
        yield Finding(("data", "split_by"), message, 'add, for example: time = "month"')
    if not _declared(tree):
        yield Finding(("data",), "no split is declared", 'add [data.test] with source = "data/test.parquet"')


def _schema(tree: Tree) -> Iterator[Finding]:
    section = _table(tree, "schema")
    on = section.get("on")
    named = on if isinstance(on, list) else []
    for place, split in enumerate(named):
        yield from _undeclared(tree, ("schema", "on", place), split)
        if split in named[:place]:
            yield Finding(("schema", "on", place), f"the split {value_text(split)} is named twice", "name it once")
    yield from _plain_numbers(_table(section, "metrics"))
    yield from _what_measures_need(tree)
    known = {*_declared(tree), *_environments(tree)}
    for name in _table(section, "environments"):
        if name not in known:
            message = f"no split is in the environment {value_text(name)}; there are {', '.join(sorted(known))}"
            yield Finding(("schema", "environments", name), message, "name it as the environment of a split")
    if _table(section, "tolerated") and not {"file", "rules", "references", "distinct_values"} & section.keys():
        message = "there is no rule that rows may break"
        yield Finding(("schema", "tolerated"), message, 'add, for example: file = "schema.yaml"')
    if _table(section, "known_at") and "time" not in _table(tree, "data"):
        message = "there is no time of the rows to compare with"
        yield Finding(("schema", "known_at"), message, 'add, for example: [data] time = "decided_on"')


def _plain_numbers(metrics: Tree) -> Iterator[Finding]:
    for name, limit in metrics.items():
        for edge, value in limit.items() if isinstance(limit, dict) and name != "staleness" else ():
            if isinstance(value, str):
                message = f"expected a number, found {value_text(value)}"
                yield Finding(("schema", "metrics", name, edge), message, "only staleness is a length of time")


def _what_measures_need(tree: Tree) -> Iterator[Finding]:
    """A limit that somebody wrote and that nothing could ask is never passed over in silence."""
    there = {*_declared(tree), *_table(tree, "data"), *_table(tree, "schema")}
    for (table, name), needs in _NEEDS.items():
        written = _table(_table(tree, "schema"), table).get(name, False)
        lacking = [need for need in needs if need not in there]
        if written is not False and lacking:
            where = "schema" if lacking[0] == "known_at" else "data"
            message = f"cannot be measured: {where}.{lacking[0]} is not declared"
            yield Finding(("schema", table, name), message, f"declare {where}.{lacking[0]}, or remove the limit")
    schema = _table(tree, "schema")
    for name in _NOT_OF_RAW if schema.get("on") == ["raw"] else ():
        if _table(schema, "metrics").get(name, False) is not False:
            message = "cannot be measured: schema.on names raw alone, whose columns are not those of the model"
            yield Finding(("schema", "metrics", name), message, "name another split in schema.on, or remove the limit")


_NOT_OF_RAW = ("mismatched_columns", "outlier_rows")
_NEEDS = {
    ("metrics", "staleness"): ("production", "time"),
    ("metrics", "outlier_rows"): ("train",),
    ("metrics", "missing_targets"): ("target",),
    ("metrics", "conflicting_labels"): ("target",),
    ("metrics", "ambiguous_labels"): ("target",),
    ("metrics", "rarest_class"): ("target",),
    ("leakage", "shared_keys"): ("train", "test", "key"),
    ("leakage", "shared_rows"): ("train", "test"),
    ("leakage", "time_overlap"): ("train", "test", "time", "split_by"),
    ("leakage", "known_too_late"): ("train", "test", "time", "known_at"),
    ("leakage", "single_column_score"): ("train", "target"),
    ("leakage", "order_score"): ("train", "target"),
    ("leakage", "target_named_columns"): ("train", "target"),
}


def _environments(tree: Tree) -> list[str]:
    splits = [_table(_table(tree, "data"), split) for split in _declared(tree)]
    return [str(split["environment"]) for split in splits if "environment" in split]


def _performance(tree: Tree) -> Iterator[Finding]:
    if "performance" not in tree:
        return
    section = _table(tree, "performance")
    if "model" not in tree:
        yield Finding(
            ("performance",), "there is no [model] to measure", "add [model] with a uri, or remove the section"
        )
    yield from _undeclared(tree, ("performance", "on"), section.get("on", DEFAULT_SPLIT))
    yield from _without_baseline("performance", tree)
    yield from _slices(_table(section, "slices"), tree) if "slices" in section else ()


def _without_baseline(concern: str, tree: Tree, table: str = "loss_to_baseline") -> Iterator[Finding]:
    limits = _table(_table(tree, concern), table)
    has_baseline = "baseline" in _table(tree, "model") or any("baseline" in stage for stage in _stage_tables(tree))
    if any(limit is not False for limit in limits.values()) and not has_baseline:
        message = "there is no baseline to compare with"
        yield Finding(
            (concern, table),
            message,
            'add, for example: [model] baseline = "models:/churn@champion"',
        )


def _fairness(tree: Tree, task: object) -> Iterator[Finding]:
    if "fairness" not in tree:
        return
    here: Key = ("fairness",)
    section = _table(tree, "fairness")
    if "model" not in tree:
        yield Finding(here, "there is no [model] whose answers are compared", "add [model] with a uri")
    yield from _undeclared(tree, (*here, "on"), section.get("on", DEFAULT_SPLIT))
    yield from _without_baseline("fairness", tree)
    yield from _no_limit_of_groups(here, section, task, tree)
    entries = _entries(section)
    for place, name in enumerate(entries):
        if name in entries[:place]:
            yield Finding((*here, "by"), f"{value_text(name)} makes groups twice", "name it once")
    for name in _table(section, "only"):
        if name not in entries:
            message = f"no groups are made by {value_text(name)}; by makes {', '.join(map(str, entries))}"
            yield Finding((*here, "only", name), message, "name an entry of by, its columns joined by +")
    control = section.get("control", [])
    controlled = control if isinstance(control, list) else []
    yield from _bins(here, section, [*entries, *map(str, controlled)])
    if controlled and not section.get("conditional"):
        remedy = "add, for example: conditional = { demographic_parity_difference = { at_most = 0.1 } }"
        yield Finding((*here, "control"), "no limit is conditional on it", remedy)
    if section.get("conditional") and not controlled:
        yield Finding(
            (*here, "conditional"), "there is no column to condition on", 'add, for example: control = ["job"]'
        )
    if "table" in section and "key" not in _table(tree, "data"):
        yield Finding(
            (*here, "table"), "there is no key to find rows by", 'add, for example: [data] key = "customer_id"'
        )


def _no_limit_of_groups(here: Key, section: Tree, task: object, tree: Tree) -> Iterator[Finding]:
    """A header alone that demands nothing would pass in silence; one's own tests may be all that asks."""
    if not isinstance(task, str) or task not in _WITHOUT_DEFAULT or _table(tree, "checks").get("own"):
        return
    tables = [_table(section, name) for name in ("metrics", "conditional", "loss_to_baseline", "reliance")]
    tables += [one for one in _table(section, "only").values() if isinstance(one, dict)]
    if all(limit is False for table in tables for limit in table.values()):
        written = value_text(_table(tree, "model")["task"])
        message = f"no group is held to a limit: the task {written} has none by default"
        remedy = f"add, for example: {_WITHOUT_DEFAULT[task]}; `mlquality list metrics` names the metrics of each task"
        yield Finding((*here, "metrics"), message, remedy)


# A limit of groups that suits the task, where there is none by default.
_WITHOUT_DEFAULT: dict[str, str] = {
    "multilabel": "f1_macro_difference = { at_most = 0.05 }",
    "ranking": '"ndcg_score[10]_difference" = { at_most = 0.05 }',
}


def _explanation(tree: Tree) -> Iterator[Finding]:
    if "explanation" not in tree:
        return
    here: Key = ("explanation",)
    section = _table(tree, "explanation")
    if "model" not in tree:
        yield Finding(here, "there is no [model] whose answers are explained", "add [model] with a uri")
    yield from _undeclared(tree, (*here, "on"), section.get("on", DEFAULT_SPLIT))
    yield from _without_baseline("explanation", tree, "drift_to_baseline")
    method = section.get("method", "shap")
    for measure, limit in _table(section, "metrics").items():
        columns = OF_COLUMNS.get(measure)
        if limit is not False and measure in OF_METHODS and method not in OF_METHODS[measure]:
            message, methods = f"cannot be measured: the method is {value_text(method)}", ", ".join(OF_METHODS[measure])
            yield Finding((*here, "metrics", measure), message, f"it is of {methods}: remove the limit")
        if limit is not False and columns is not None and not section.get(columns):
            message = f"cannot be measured: explanation.{columns} names no column"
            yield Finding((*here, "metrics", measure), message, f"name columns in {columns}, or remove the limit")
    for key in ("expected", "forbidden"):
        written = section.get(key)
        named = written if isinstance(written, list) else []
        for place, name in enumerate(named):
            if name in named[:place]:
                yield Finding((*here, key), f"{value_text(name)} is named twice", "name it once")
    if section.get("drift") or section.get("between"):
        yield from _drifting(section, tree)


def _drifting(section: Tree, tree: Tree) -> Iterator[Finding]:
    between = section.get("between") or [["train", "production"]]
    for place, pair in enumerate(between if isinstance(between, list) else ()):
        for side, split in enumerate(pair if isinstance(pair, list) else ()):
            key: Key = ("explanation", "between", place, side) if section.get("between") else ("explanation", "drift")
            yield from _undeclared(tree, key, split)
    if section.get("between") and not section.get("drift"):
        remedy = "add, for example: drift = { ndcg = { at_least = 0.9 } }"
        yield Finding(("explanation", "between"), "no limit is of drift", remedy)


def _skew(tree: Tree) -> Iterator[Finding]:
    if "skew" not in tree:
        return
    section = _table(tree, "skew")
    yield from _pairs(section, tree)
    if "time" in section and "time" not in _table(tree, "data"):
        yield Finding(("skew", "time"), "there is no column of time", 'add, for example: [data] time = "month"')
    if "keys" in section:
        yield from _keys(_table(section, "keys"), tree)
    for column, limits in _table(section, "columns").items():
        for measure, limit in limits.items() if isinstance(limits, dict) else ():
            if limit is False:
                message = "a measure of one column cannot be dropped"
                yield Finding(("skew", "columns", column, measure), message, "write a limit, or name it in skew.ignore")
    if section.get("predictions") and "model" not in tree:
        yield Finding(("skew", "predictions"), "there is no [model] that answers", "add [model], or remove the limits")


def _pairs(section: Tree, tree: Tree) -> Iterator[Finding]:
    declared, known = _declared(tree), {*_declared(tree), *_table(section, "profiles")}
    between = section.get("between")
    pairs = [pair for pair in between if isinstance(pair, list)] if isinstance(between, list) else []
    for place, pair in enumerate(pairs):
        for side, split in enumerate(pair):
            if split not in known:
                yield from _undeclared(tree, ("skew", "between", place, side), split)
        if pair in pairs[:place] or len(set(map(str, pair))) < len(pair):
            message, remedy = f"{value_text(pair)} is no pair of its own", "name two splits, and each pair once"
            yield Finding(("skew", "between", place), message, f"{remedy}, the reference first")
    if not pairs and not ("train" in known and {"test", "production"} & set(declared)):
        message = "there is nothing to compare: no pair is named, and train or what to compare with it is not declared"
        yield Finding(("skew",), message, 'declare [data.train] and [data.test], or between = [["test", "production"]]')
    references = [pair[0] for pair in pairs if pair] or ["train"]
    is_asked = _table(section, "metrics").get("joint_drift", False) is not False
    if is_asked and any(split in known and split not in declared for split in references):
        message = "cannot be measured from a stored profile: it needs the rows of both splits"
        yield Finding(
            ("skew", "metrics", "joint_drift"), message, "declare the split with a source, or remove the limit"
        )


def _keys(keys: Tree, tree: Tree) -> Iterator[Finding]:
    if "key" not in _table(tree, "data"):
        remedy = 'add, for example: [data] key = "customer_id"'
        yield Finding(("skew", "keys"), "there is no key to find rows by", remedy)
    between = keys.get("between", ["train", "production"])
    for split in between if isinstance(between, list) else ():
        yield from _undeclared(tree, ("skew", "keys", "between"), split)


def _slices(slices: Tree, tree: Tree) -> Iterator[Finding]:
    here: Key = ("performance", "slices")
    entries = _entries(slices)
    made = [*entries, *(name for name in ("time", "where") if slices.get(name))]
    if not made:
        yield Finding(here, "nothing makes slices", 'add, for example: by = ["region"]')
    for place, name in enumerate(made):
        if name in made[:place]:
            yield Finding((*here, "by"), f"{value_text(name)} makes slices twice", "name it once")
    if not any(slices.get(name) for name in ("metrics", "gap", "only")):
        yield Finding(here, "no slice has a limit", "add, for example: gap = { accuracy = { at_most = 0.05 } }")
    if "time" in slices and "time" not in _table(tree, "data"):
        yield Finding((*here, "time"), "there is no column of time", 'add, for example: [data] time = "month"')
    yield from _bins(here, slices, entries)


def _entries(section: Tree) -> list[Any]:
    """Return what the entries of `by` are called: columns joined by ``+``."""
    by = section.get("by", [])
    return ["+".join(map(str, one)) if isinstance(one, list) else one for one in by] if isinstance(by, list) else []


def _bins(here: Key, section: Tree, entries: list[Any]) -> Iterator[Finding]:
    columns = {name for one in entries for name in str(one).split("+")}
    made = "slice" if "slices" in here else "group"
    for name, edges in _table(section, "bins").items():
        if name not in columns:
            yield Finding((*here, "bins", name), f"no {made} is made by this column", "add the column to by")
        if isinstance(edges, list) and edges != sorted(set(edges)):
            yield Finding((*here, "bins", name), "the edges do not rise", "write each edge once, the smallest first")


def _stages(tree: Tree) -> Iterator[Finding]:
    for name, stage in _table(tree, "stage").items():
        checks = stage.get("checks") if isinstance(stage, dict) else None
        for place, concern in enumerate(checks if isinstance(checks, list) else ()):
            if concern in CONCERNS and concern not in tree:
                message = f"the file has no section [{concern}]"
                yield Finding(("stage", name, "checks", place), message, f"add [{concern}], or remove the concern here")


def _undeclared(tree: Tree, key: Key, split: object) -> Iterator[Finding]:
    declared = _declared(tree)
    if declared and split in SPLITS and split not in declared:
        message = f"the split {value_text(split)} is not declared; declared: {', '.join(declared)}"
        yield Finding(key, message, f"add [data.{split}] with a source, or name another split")


def _declared(tree: Tree) -> list[str]:
    return [split for split in SPLITS if split in _table(tree, "data")]


def _stage_tables(tree: Tree) -> list[dict[str, Any]]:
    return [stage for stage in _table(tree, "stage").values() if isinstance(stage, dict)]


def _table(tree: Tree, name: str) -> dict[str, Any]:
    value = tree.get(name)
    return value if isinstance(value, dict) else {}
