"""What [data] needs: a target for the model, a column of time to split by, and a split."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_mlquality.settings.agreement.declared import declared_splits, table_of
from pytest_mlquality.settings.problem import Finding
from pytest_mlquality.settings.source import Tree


def of_data(tree: Tree) -> Iterator[Finding]:
    """Yield what the rest of the file needs and ``[data]`` lacks."""
    if "model" in tree and "target" not in table_of(tree, "data"):
        message = "is required: what the model answers is compared with this column"
        yield Finding(("data", "target"), message, 'add, for example: target = "churned"')
    if "split_by" in table_of(tree, "data") and "time" not in table_of(tree, "data"):
        message = "there is no column of time"
        yield Finding(("data", "split_by"), message, 'add, for example: time = "month"')
    if not declared_splits(tree):
        yield Finding(("data",), "no split is declared", 'add [data.test] with source = "data/test.parquet"')
