"""What [fairness] needs: a model, groups, limits for them, and columns to control for."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_mlquality.settings.agreement.declared import DEFAULT_SPLIT, table_of, undeclared, without_baseline
from pytest_mlquality.settings.agreement.parts import entries_of, wrong_bins
from pytest_mlquality.settings.problem import Finding, Key
from pytest_mlquality.settings.source import Tree
from pytest_mlquality.settings.toml_text import value_text

# A limit of groups that suits the task, where there is none by default.
_WITHOUT_DEFAULT: dict[str, str] = {
    "multilabel": "f1_macro_difference = { at_most = 0.05 }",
    "ranking": '"ndcg_score[10]_difference" = { at_most = 0.05 }',
}


def of_fairness(tree: Tree, task: object) -> Iterator[Finding]:
    """Yield what cannot be meant in ``[fairness]``, for the task of ``[model]``."""
    if "fairness" not in tree:
        return
    here: Key = ("fairness",)
    section = table_of(tree, "fairness")
    if "model" not in tree:
        yield Finding(here, "there is no [model] whose answers are compared", "add [model] with a uri")
    yield from undeclared(tree, (*here, "on"), section.get("on", DEFAULT_SPLIT))
    yield from without_baseline("fairness", tree)
    yield from _no_limit_of_groups(here, section, task, tree)
    entries = entries_of(section)
    for place, name in enumerate(entries):
        if name in entries[:place]:
            yield Finding((*here, "by"), f"{value_text(name)} makes groups twice", "name it once")
    for name in table_of(section, "only"):
        if name not in entries:
            message = f"no groups are made by {value_text(name)}; by makes {', '.join(map(str, entries))}"
            yield Finding((*here, "only", name), message, "name an entry of by, its columns joined by +")
    control = section.get("control", [])
    controlled = control if isinstance(control, list) else []
    yield from wrong_bins(here, section, [*entries, *map(str, controlled)])
    if controlled and not section.get("conditional"):
        remedy = "add, for example: conditional = { demographic_parity_difference = { at_most = 0.1 } }"
        yield Finding((*here, "control"), "no limit is conditional on it", remedy)
    if section.get("conditional") and not controlled:
        yield Finding(
            (*here, "conditional"), "there is no column to condition on", 'add, for example: control = ["job"]'
        )
    if "table" in section and "key" not in table_of(tree, "data"):
        yield Finding(
            (*here, "table"), "there is no key to find rows by", 'add, for example: [data] key = "customer_id"'
        )


def _no_limit_of_groups(here: Key, section: Tree, task: object, tree: Tree) -> Iterator[Finding]:
    """A header alone that demands nothing would pass in silence; one's own tests may be all that asks."""
    if not isinstance(task, str) or task not in _WITHOUT_DEFAULT or table_of(tree, "checks").get("own"):
        return
    tables = [table_of(section, name) for name in ("metrics", "conditional", "loss_to_baseline", "reliance")]
    tables += [one for one in table_of(section, "only").values() if isinstance(one, dict)]
    if all(limit is False for table in tables for limit in table.values()):
        written = value_text(table_of(tree, "model").get("task", task))
        message = f"no group is held to a limit: the task {written} has none by default"
        remedy = f"add, for example: {_WITHOUT_DEFAULT[task]}; `mlquality list metrics` names the metrics of each task"
        yield Finding((*here, "metrics"), message, remedy)
