"""What [performance] needs: a model, a split, a baseline, and something that makes slices."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_mlquality.settings.agreement.declared import DEFAULT_SPLIT, table_of, undeclared, without_baseline
from pytest_mlquality.settings.agreement.parts import entries_of, wrong_bins
from pytest_mlquality.settings.problem import Finding, Key
from pytest_mlquality.settings.source import Tree
from pytest_mlquality.settings.toml_text import value_text


def of_performance(tree: Tree) -> Iterator[Finding]:
    """Yield what cannot be meant in ``[performance]``."""
    if "performance" not in tree:
        return
    section = table_of(tree, "performance")
    if "model" not in tree:
        yield Finding(
            ("performance",), "there is no [model] to measure", "add [model] with a uri, or remove the section"
        )
    yield from undeclared(tree, ("performance", "on"), section.get("on", DEFAULT_SPLIT))
    yield from without_baseline("performance", tree)
    yield from _slices(table_of(section, "slices"), tree) if "slices" in section else ()


def _slices(slices: Tree, tree: Tree) -> Iterator[Finding]:
    here: Key = ("performance", "slices")
    entries = entries_of(slices)
    made = [*entries, *(name for name in ("time", "where") if slices.get(name))]
    if not made:
        yield Finding(here, "nothing makes slices", 'add, for example: by = ["region"]')
    for place, name in enumerate(made):
        if name in made[:place]:
            yield Finding((*here, "by"), f"{value_text(name)} makes slices twice", "name it once")
    if not any(slices.get(name) for name in ("metrics", "gap", "only")):
        yield Finding(here, "no slice has a limit", "add, for example: gap = { accuracy = { at_most = 0.05 } }")
    if "time" in slices and "time" not in table_of(tree, "data"):
        yield Finding((*here, "time"), "there is no column of time", 'add, for example: [data] time = "month"')
    yield from wrong_bins(here, slices, entries)
