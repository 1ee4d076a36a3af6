"""What [schema] needs of the data: splits, environments, and the columns and splits that its measures look at."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_mlquality.settings.agreement.declared import declared_splits, table_of, undeclared
from pytest_mlquality.settings.problem import Finding
from pytest_mlquality.settings.source import Tree
from pytest_mlquality.settings.toml_text import value_text

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


def of_schema(tree: Tree) -> Iterator[Finding]:
    """Yield what cannot be meant in ``[schema]``."""
    section = table_of(tree, "schema")
    on = section.get("on")
    named = on if isinstance(on, list) else []
    for place, split in enumerate(named):
        yield from undeclared(tree, ("schema", "on", place), split)
        if split in named[:place]:
            yield Finding(("schema", "on", place), f"the split {value_text(split)} is named twice", "name it once")
    yield from _plain_numbers(table_of(section, "metrics"))
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


def _plain_numbers(metrics: Tree) -> Iterator[Finding]:
    for name, limit in metrics.items():
        for edge, value in limit.items() if isinstance(limit, dict) and name != "staleness" else ():
            if isinstance(value, str):
                message = f"expected a number, found {value_text(value)}"
                yield Finding(("schema", "metrics", name, edge), message, "only staleness is a length of time")


def _what_measures_need(tree: Tree) -> Iterator[Finding]:
    """A limit that somebody wrote and that nothing could ask is never passed over in silence."""
    there = {*declared_splits(tree), *table_of(tree, "data"), *table_of(tree, "schema")}
    for (table, name), needs in _NEEDS.items():
        written = table_of(table_of(tree, "schema"), table).get(name, False)
        lacking = [need for need in needs if need not in there]
        if written is not False and lacking:
            where = "schema" if lacking[0] == "known_at" else "data"
            message = f"cannot be measured: {where}.{lacking[0]} is not declared"
            yield Finding(("schema", table, name), message, f"declare {where}.{lacking[0]}, or remove the limit")
    schema = table_of(tree, "schema")
    for name in _NOT_OF_RAW if schema.get("on") == ["raw"] else ():
        if table_of(schema, "metrics").get(name, False) is not False:
            message = "cannot be measured: schema.on names raw alone, whose columns are not those of the model"
            yield Finding(("schema", "metrics", name), message, "name another split in schema.on, or remove the limit")


def _environments(tree: Tree) -> list[str]:
    splits = [table_of(table_of(tree, "data"), split) for split in declared_splits(tree)]
    return [str(split["environment"]) for split in splits if "environment" in split]
