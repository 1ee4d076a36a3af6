"""Large tables made with a seed, in Parquet, and DuckDB reading and summing every column of one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

NUMBERS, LEVELS = 20, (3, 5, 8, 12, 30, 100, 300, 1000)
# 20 numbers, 8 texts, a time and a boolean.
COLUMNS = NUMBERS + len(LEVELS) + 2
WIDE = (2_000, 100_000)
PART = 1_000_000
SEED = 7


def level_names(levels: int) -> list[str]:
    """Return the labels of a column."""
    return [f"level_{level}" for level in range(levels)]


def write(rows: int, file: Path, seed: int = SEED) -> None:
    """Write so many rows as zstd Parquet."""
    import pyarrow as pa
    from pyarrow import parquet

    draw = np.random.default_rng(seed)
    writer = None
    for start in range(0, rows, PART):
        size = min(PART, rows - start)
        columns: dict[str, Any] = {f"n{place}": draw.normal(size=size) for place in range(NUMBERS)}
        for place, levels in enumerate(LEVELS):
            columns[f"t{place}"] = pa.array(level_names(levels)).take(pa.array(draw.integers(levels, size=size)))
        columns["at"] = (np.datetime64("2026-01-01", "us") + draw.integers(10**9, size=size)).astype("datetime64[us]")
        columns["flag"] = draw.random(size) < 0.5
        part = pa.table(columns)
        writer = writer or parquet.ParquetWriter(file, part.schema, compression="zstd")
        writer.write_table(part)
    if writer is not None:
        writer.close()


def write_wide(columns: int, rows: int, file: Path) -> None:
    """Write a table of many columns: nine of ten are numbers."""
    import pyarrow as pa
    from pyarrow import parquet

    draw = np.random.default_rng(SEED)
    names = pa.array(level_names(20))
    made = {
        f"c{place}": draw.normal(size=rows).astype("float32")
        if place % 10
        else names.take(pa.array(draw.integers(20, size=rows)))
        for place in range(columns)
    }
    parquet.write_table(pa.table(made), file, compression="zstd")


def sums(file: Path) -> Callable[[], object]:
    """Return what reads and sums every column of a file."""
    import duckdb

    engine = duckdb.connect()
    by_type = {"VARCHAR": "sum(length({}))", "TIMESTAMP": "sum(epoch_us({}))", "BOOLEAN": "sum({}::INTEGER)"}
    described = engine.execute(f"DESCRIBE SELECT * FROM '{file}'").fetchall()
    asked = ", ".join(by_type.get(kind, "sum({})").format(f'"{name}"') for name, kind, *_ in described)
    return lambda: engine.execute(f"SELECT {asked} FROM '{file}'").fetchall()
