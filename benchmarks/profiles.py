"""How long a profile takes beside DuckDB reading and summing every column of the same file, and how much memory.

Both run in processes of their own, in turn, so that the ratio of their medians holds on a busy machine; imports are not
counted. `processor` is the time of all cores, which other work on the machine hardly changes.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

NUMBERS, LEVELS = 20, (3, 5, 8, 12, 30, 100, 300, 1000)
PART = 1_000_000
WIDE = (2_000, 100_000)
SEED = 7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000_000, 20_000_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--wide", action="store_true", help="2,000 columns x 100,000 rows too, and half of the columns")
    parser.add_argument("--one", nargs=2, metavar=("WHAT", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measured(*options.one)))
        return
    with tempfile.TemporaryDirectory() as folder:
        for rows in options.rows:
            file = Path(folder) / "rows.parquet"
            write(rows, file)
            compare(f"{rows:,} rows x {NUMBERS + len(LEVELS) + 2} columns", file, options.rounds)
        for columns in (WIDE[0] // 2, WIDE[0]) if options.wide else ():
            file = Path(folder) / "wide.parquet"
            write_wide(columns, WIDE[1], file)
            compare(f"{WIDE[1]:,} rows x {columns:,} columns", file, 1)


def compare(title: str, file: Path, rounds: int) -> None:
    """Print the medians of each way on one file, and their ratios to the sums."""
    run("reference", file)  # not counted: it leaves the bins for `like`, and the file in the system's cache
    ways = ("sums", "like", "reference")
    seen: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            seen[way].append(run(way, file))
    print(title)
    for way, results in seen.items():
        typical = {key: median(each[key] for each in results) for key in results[0]}
        ratio = {
            key: median(one[key] / sums[key] for one, sums in zip(results, seen["sums"], strict=True))
            for key in ("wall", "processor")
        }
        peak = max(each["gibibytes"] for each in results)
        said = [f"{key} {typical[key]:.2f} s ({ratio[key]:.2f} of the sums)" for key in ("wall", "processor")]
        print(f"  {way}: {', '.join(said)}, {peak:.2f} GiB", flush=True)


def run(what: str, file: Path) -> dict[str, float]:
    """Measure one way in a process of its own."""
    command = [sys.executable, __file__, "--one", what, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def measured(what: str, file: str) -> dict[str, float]:
    """Return seconds of the clock and of all cores, and the peak of memory, of one way in this process."""
    ways: dict[str, Callable[[Path], Callable[[], object]]] = {"sums": sums, "like": like, "reference": reference}
    work = ways[what](Path(file))
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return {
        "wall": time.perf_counter() - wall,
        "processor": time.process_time() - processor,
        "gibibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


def sums(file: Path) -> Callable[[], object]:
    import duckdb

    engine = duckdb.connect()
    by_type = {"VARCHAR": "sum(length({}))", "TIMESTAMP": "sum(epoch_us({}))", "BOOLEAN": "sum({}::INTEGER)"}
    described = engine.execute(f"DESCRIBE SELECT * FROM '{file}'").fetchall()
    asked = ", ".join(by_type.get(kind, "sum({})").format(f'"{name}"') for name, kind, *_ in described)
    return lambda: engine.execute(f"SELECT {asked} FROM '{file}'").fetchall()


def like(file: Path) -> Callable[[], object]:
    warm_up()
    from pytest_mlquality.data import open_split
    from pytest_mlquality.data.profiles import Profile, profile

    bins = Profile.from_json(file.with_suffix(".json").read_text(encoding="utf-8"))
    return lambda: profile(open_split("test", source=file.name, base=file.parent), like=bins)


def reference(file: Path) -> Callable[[], object]:
    warm_up()
    from pytest_mlquality.data import open_split
    from pytest_mlquality.data.profiles import profile

    def made() -> None:
        found = profile(open_split("train", source=file.name, base=file.parent))
        file.with_suffix(".json").write_text(found.to_json(), encoding="utf-8")

    return made


def warm_up() -> None:
    """Import what is not to be counted, and start the engine."""
    import pandas as pd
    import pyarrow.dataset

    from pytest_mlquality.data.memory import register

    register(pyarrow.table({"x": [1.0]}), "")[0].x.sum().to_pyarrow()
    pd.DataFrame({"x": [1.0]}).describe()


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
            names = pa.array([f"level_{level}" for level in range(levels)])
            columns[f"t{place}"] = names.take(pa.array(draw.integers(levels, size=size)))
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
    names = pa.array([f"level_{level}" for level in range(20)])
    made = {
        f"c{place}": draw.normal(size=rows).astype("float32")
        if place % 10
        else names.take(pa.array(draw.integers(20, size=rows)))
        for place in range(columns)
    }
    parquet.write_table(pa.table(made), file, compression="zstd")


if __name__ == "__main__":
    main()
