"""Rows of two tables that have a key in common, side by side in one engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mlquality.data.faults import explained
from pytest_mlquality.data.memory import register
from pytest_mlquality.data.nan import is_missing
from pytest_mlquality.errors import DataError
from pytest_mlquality.measures.column_kinds import kind
from pytest_mlquality.measures.equal_values import alike_keys
from pytest_mlquality.measures.roles import require_columns

if TYPE_CHECKING:
    import ibis

    from pytest_mlquality.data import Table

KEY = "mlq_key"


@dataclass(frozen=True, slots=True)
class KeyedRows:
    """Two tables, joined.

    Parameters
    ----------
    table
        Of the engine that holds them, for questions about `joined`.
    joined
        A row for each key in both: the columns of one as ``a0``, ``a1``, ..., of the other as ``b0``, ``b1``, ...
    count
        Keys in both.
    alone
        Rows of one, and of the other, whose key the other table lacks, or that have none.
    """

    table: Table
    joined: ibis.Table
    count: int
    alone: tuple[int, int]

    @classmethod
    def of(cls, one: Table, other: Table, key: str, columns: Sequence[str]) -> KeyedRows:
        """Join two tables by the engine of both; tables of two engines are held in memory for that.

        Raises
        ------
        DataError
            A table lacks a column, its key is not unique, or no key stands in both.
        """
        for table in (one, other):
            require_columns(table, [key, *columns], f"both data.{one.name} and data.{other.name} must have it")
        if alike_keys(one.expression[key], other.expression[key]) is None:
            kinds = [kind(table.expression[key].type()) for table in (one, other)]
            raise DataError(
                f"the key {key!r} is {kinds[0]} in data.{one.name} and {kinds[1]} in data.{other.name}",
                "store it in one type",
            )
        for table in (one, other):
            _require_unique(table, key)
        left, right = in_one_engine(one, other, [key, *columns])
        with explained(f"data.{one.name} and data.{other.name} cannot be joined", f"look at the key {key!r}"):
            keys = alike_keys(left[key], right[key])
            assert keys is not None
            joined = _side(left, keys[0], columns, "a").inner_join(_side(right, keys[1], columns, "b"), KEY)
        count = int(one.aggregates({"rows": joined.count()}, of=joined)["rows"])
        if not count:
            raise DataError(
                f"no value of the key {key!r} stands in both data.{one.name} ({one.rows:,} rows) and "
                f"data.{other.name} ({other.rows:,} rows)",
                "log the same entities under the same key, and look at the filters of both",
            )
        return cls(one, joined, count, (one.rows - count, other.rows - count))


def _require_unique(table: Table, key: str) -> None:
    value = table.expression[key]
    known = ~is_missing(value)
    answer = table.aggregates({"rows": table.expression.count(where=known), "keys": value.nunique(where=known)})
    repeated = int(answer["rows"] or 0) - int(answer["keys"] or 0)
    if repeated:
        raise DataError(
            f"data.{table.name}: {repeated:,} of {table.rows:,} rows repeat a value of the key {key!r}",
            "name a key of which every row has its own, or keep one row of each by the filter",
        )


def in_one_engine(one: Table, other: Table, columns: Sequence[str]) -> tuple[ibis.Table, ibis.Table]:
    """Return two tables that their engine can join, or, of two engines, these columns of both in memory."""
    if one.expression.get_backend() is other.expression.get_backend():
        return one.expression, other.expression
    return _held(one, columns), _held(other, columns)


def _held(table: Table, columns: Sequence[str]) -> ibis.Table:
    import pyarrow as pa

    schema = table.expression.select(list(dict.fromkeys(columns))).schema().to_pyarrow()
    batches = list(table.arrow_batches(dict.fromkeys(columns), ordered=False))
    rows = pa.concat_tables(batches) if batches else schema.empty_table()
    return register(rows, f"data.{table.name}")[0]


def _side(rows: ibis.Table, key: ibis.Value, columns: Sequence[str], letter: str) -> ibis.Table:
    # By place: engines differ in which names they allow, and a column may be called as the key is here.
    named = {f"{letter}{place}": rows[name] for place, name in enumerate(columns)}
    return rows.filter(~is_missing(key)).select(**{KEY: key}, **named)
