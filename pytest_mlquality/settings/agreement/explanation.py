"""What [explanation] needs: a model, a method that can be asked, and the columns that its measures are of."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_mlquality.settings.agreement.declared import DEFAULT_SPLIT, table_of, undeclared, without_baseline
from pytest_mlquality.settings.explanation_section import OF_COLUMNS, OF_METHODS
from pytest_mlquality.settings.problem import Finding, Key
from pytest_mlquality.settings.source import Tree
from pytest_mlquality.settings.toml_text import value_text


def of_explanation(tree: Tree) -> Iterator[Finding]:
    """Yield what cannot be meant in ``[explanation]``."""
    if "explanation" not in tree:
        return
    here: Key = ("explanation",)
    section = table_of(tree, "explanation")
    if "model" not in tree:
        yield Finding(here, "there is no [model] whose answers are explained", "add [model] with a uri")
    yield from undeclared(tree, (*here, "on"), section.get("on", DEFAULT_SPLIT))
    yield from without_baseline("explanation", tree, "drift_to_baseline")
    method = section.get("method", "shap")
    for measure, limit in table_of(section, "metrics").items():
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
            yield from undeclared(tree, key, split)
    if section.get("between") and not section.get("drift"):
        remedy = "add, for example: drift = { ndcg = { at_least = 0.9 } }"
        yield Finding(("explanation", "between"), "no limit is of drift", remedy)
