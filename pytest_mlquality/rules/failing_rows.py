"""The rows that break a rule, in a Parquet file of the user's choosing: key, rule, column, value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlquality.data import reading
from pytest_mlquality.data.faults import explained, failure
from pytest_mlquality.rules.counting import kept
from pytest_mlquality.rules.rule import CustomRule, Finding, RowRule, UniqueRule

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from pytest_mlquality.data import Table

# The place of a row in its source, from 0, where no column identifies it.
PLACE = "row"
BATCH = 100_000


def write_failing_rows(found: Iterable[Finding], table: Table, path: Path) -> int:
    """Write every row that breaks a rule, once a rule, readable by their owner alone; return how many.

    Columns: the key (else `row`, the place in the source), `rule`, `column` and `value` as text.

    Raises
    ------
    DataError
        If the file cannot be written, or neither a key nor an order of the source tells rows apart.
    """
    from pyarrow import parquet

    key, expression = _identified(table)
    schema = _schema(key, expression)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with explained(f"the failing rows cannot be written to {path}", "name a folder that can be written to"):
        path.touch(mode=0o600)
        with closing(parquet.ParquetWriter(path, schema)) as writer:
            for finding in found:
                for batch in _rows(finding, expression, key, table):
                    writer.write_table(batch.cast(schema))
                    written += batch.num_rows
    return written


def _identified(table: Table) -> tuple[str, ibis.Table]:
    import ibis

    expression = table.expression
    if table.key is not None and table.key in table.columns:
        return table.key, expression
    if not table.origin.in_order:
        raise failure(
            f"data.{table.name}: nothing tells the rows of {table.source} apart, so failing ones cannot be named",
            'say which column does: [data] key = "id"',
        )
    return PLACE, expression.mutate(**{PLACE: ibis.row_number()})


def _schema(key: str, expression: ibis.Table) -> pa.Schema:
    import pyarrow as pa

    text = pa.string()
    identity = expression.select(key).schema().to_pyarrow().field(0).with_nullable(True)
    return pa.schema([identity, ("rule", text), ("column", text), ("value", text)])


def _rows(finding: Finding, expression: ibis.Table, key: str, table: Table) -> Iterator[pa.Table]:
    rule = finding.rule
    if not finding.count or not finding.judged:
        return
    if isinstance(rule, CustomRule):
        yield from _from_python(rule, expression, key, table)
        return
    if isinstance(rule, RowRule):
        broken = expression.filter(rule.breaks)
    elif isinstance(rule, UniqueRule):
        broken = _repeated(rule, expression)
    else:
        return
    yield from reading.stream(_told(broken, key, rule.name, rule.column), BATCH, table.origin.registered)


def _repeated(rule: UniqueRule, expression: ibis.Table) -> ibis.Table:
    import ibis

    alike = ibis.window(group_by=list(rule.columns.values()))
    counted = expression.mutate(mlq_alike=expression.count().over(alike))
    return counted.filter(counted.mlq_alike > 1)


def _told(broken: ibis.Table, key: str, rule: str, column: str | None) -> ibis.Table:
    import ibis

    value = broken[column].cast("string") if column is not None else ibis.null("string")
    said = {"rule": ibis.literal(rule), "column": ibis.literal(column, type="string"), "value": value}
    return broken.select(broken[key].name(key), **said)


def _from_python(rule: CustomRule, expression: ibis.Table, key: str, table: Table) -> Iterator[pa.Table]:
    import pyarrow as pa

    columns = list(dict.fromkeys([key, *rule.columns]))
    for arrow in reading.stream(expression.select(columns), BATCH, table.origin.registered):
        batch = reading.to_pandas(arrow, table.origin.categoricals)
        broken = batch[~kept(rule, batch)]
        texts = broken[rule.column].astype("string") if rule.column is not None else [None] * len(broken)
        yield pa.table(
            {
                key: pa.array(broken[key]),
                "rule": pa.array([rule.name] * len(broken), pa.string()),
                "column": pa.array([rule.column] * len(broken), pa.string()),
                "value": pa.array(texts, pa.string(), from_pandas=True),
            }
        )
