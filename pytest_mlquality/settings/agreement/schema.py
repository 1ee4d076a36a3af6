"""What [schema] needs of the data: splits, environments, and the columns and splits that its measures look at."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_mlquality.errors import nearest
from pytest_mlquality.settings.agreement.declared import declared_splits, table_of, undeclared
from pytest_mlquality.settings.document import SPLITS
from pytest_mlquality.settings.problem import Finding, Key
from pytest_mlquality.settings.source import Tree
from pytest_mlquality.settings.toml_text import value_text

_NOT_OF_RAW = ("mismatched_columns", "outlier_rows")
_OF_LABELS = ("missing_targets", "conflicting_labels", "ambiguous_labels", "rarest_class")
_OF_PRODUCTION = ("staleness",)
_AMOUNTS = ("staleness", "longest_time_gap")
_NEEDS = {
    ("metrics", "staleness"): ("production", "time"),
    ("metrics", "longest_time_gap"): ("time",),
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


def of_schema(tree: Tree) -> Iterator[Finding]:
    """Yield what cannot be meant in ``[schema]``."""
    section = table_of(tree, "schema")
    on = section.get("on")
    named = on if isinstance(on, list) else []
    for place, split in enumerate(named):
        yield from undeclared(tree, ("schema", "on", place), split)
        if split in named[:place]:
            yield Finding(("schema", "on", place), f"the split {value_text(split)} is named twice", "name it once")
    yield from _plain_numbers(("schema", "metrics"), table_of(section, "metrics"))
    yield from _of_one_split(tree, table_of(section, "only"), named)
    yield from _what_measures_need(tree)
    known = {*declared_splits(tree), *_environments(tree)}
    for name in table_of(section, "environments"):
        if name not in known:
            message = f"no split is in the environment {value_text(name)}; there are {', '.join(sorted(known))}"
            yield Finding(("schema", "environments", name), message, "name it as the environment of a split")
    if table_of(section, "tolerated") and not {"file", "rules", "references", "distinct_values"} & section.keys():
        message = "there is no rule that rows may break"
        yield Finding(("schema", "tolerated"), message, 'add, for example: file = "schema.yaml"')
    if table_of(section, "known_at") and "time" not in table_of(tree, "data"):
        message = "there is no time of the rows to compare with"
        yield Finding(("schema", "known_at"), message, 'add, for example: [data] time = "decided_on"')


def _plain_numbers(here: Key, metrics: Tree) -> Iterator[Finding]:
    for name, limit in metrics.items():
        for edge, value in limit.items() if isinstance(limit, dict) and name not in _AMOUNTS else ():
            if isinstance(value, str):
                message = f"expected a number, found {value_text(value)}"
                yield Finding((*here, name, edge), message, f"a length of time is that of {' or '.join(_AMOUNTS)} only")


def _of_one_split(tree: Tree, only: Tree, judged: list[object]) -> Iterator[Finding]:
    """Yield what is wrong with limits of one split."""
    declared = declared_splits(tree)
    for split in only:
        here: Key = ("schema", "only", split)
        limits = table_of(only, split)
        if split not in declared:
            message = f"the split {value_text(split)} is not declared{nearest(split, declared)}"
            add = f", or add [data.{split}] with a source" if split in SPLITS else ""
            yield Finding(here, message, f"name a declared split ({', '.join(declared)}){add}")
        elif split not in (judged or [name for name in declared if name != "raw"]):
            yield Finding(here, f"the split {value_text(split)} is not looked at", "name it in schema.on")
        yield from _plain_numbers(here, limits)
        for name in [name for name, limit in limits.items() if limit is not False and _never_asked(name, split)]:
            yield Finding((*here, name), f"is never asked of {split}", "remove it")


def _never_asked(measure: str, split: str) -> bool:
    if split == "production":
        return measure in _OF_LABELS
    return measure in _OF_PRODUCTION or (split == "raw" and measure in _NOT_OF_RAW)


def _what_measures_need(tree: Tree) -> Iterator[Finding]:
    """A limit that somebody wrote and that nothing could ask is never passed over in silence."""
    there = {*declared_splits(tree), *table_of(tree, "data"), *table_of(tree, "schema")}
    schema = table_of(tree, "schema")
    only = table_of(schema, "only")
    for (kind, name), needs in _NEEDS.items():
        lacking = [need for need in needs if need not in there]
        tables: list[tuple[Key, Tree]] = [((kind,), table_of(schema, kind))]
        tables += [(("only", split), table_of(only, split)) for split in only if kind == "metrics"]
        for key in [key for key, table in tables if lacking and table.get(name, False) is not False]:
            where = "schema" if lacking[0] == "known_at" else "data"
            message = f"cannot be measured: {where}.{lacking[0]} is not declared"
            yield Finding(("schema", *key, name), message, f"declare {where}.{lacking[0]}, or remove the limit")
    for name in _NOT_OF_RAW if schema.get("on") == ["raw"] else ():
        if table_of(schema, "metrics").get(name, False) is not False:
            message = "cannot be measured: schema.on names raw alone, whose columns are not those of the model"
            yield Finding(("schema", "metrics", name), message, "name another split in schema.on, or remove the limit")


def _environments(tree: Tree) -> list[str]:
    splits = [table_of(table_of(tree, "data"), split) for split in declared_splits(tree)]
    return [str(split["environment"]) for split in splits if "environment" in split]
