"""How long a profile takes beside DuckDB reading and summing every column of the same file, and how much memory.

    python benchmarks/profiles.py [--rows 1000000 20000000] [--wide]

Each way runs in a process of its own, in turn, so that the ratio of their medians holds on a busy machine; imports are
not counted. `processor` is the time of all cores, which other work on the machine hardly changes.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import apart
from big_tables import COLUMNS, WIDE, sums, write, write_wide


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000_000, 20_000_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--wide", action="store_true", help="2,000 columns x 100,000 rows too, and half of the columns")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for rows in options.rows:
            compare(f"{rows:,} rows x {COLUMNS} columns", Path(folder) / f"{rows}.parquet", options.rounds)
        for columns in (WIDE[0] // 2, WIDE[0]) if options.wide else ():
            compare(f"{WIDE[1]:,} rows x {columns:,} columns", Path(folder) / f"{columns}.wide.parquet", 1)


def compare(title: str, file: Path, rounds: int) -> None:
    """Print the medians of each way on one file, and their ratios to the sums."""
    apart.run(__file__, "write_wide" if ".wide" in file.suffixes else "write", file)
    apart.run(__file__, "reference", file)  # not counted: it leaves the bins for `like`, and the file in the cache
    ways = ("sums", "like", "reference")
    seen: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            seen[way].append(apart.run(__file__, way, file))
    print(title)
    for way, results in seen.items():
        said = []
        for key in ("wall", "processor"):
            ratio = median(one[key] / sums[key] for one, sums in zip(results, seen["sums"], strict=True))
            said.append(f"{key} {median(each[key] for each in results):.2f} s ({ratio:.2f} of the sums)")
        peak = max(each["gibibytes"] for each in results)
        print(f"  {way}: {', '.join(said)}, {peak:.2f} GiB", flush=True)


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


def _size(file: Path) -> int:
    return int(file.name.split(".")[0])


WAYS: dict[str, apart.Way] = {
    "write": lambda file: partial(write, _size(file), file),
    "write_wide": lambda file: partial(write_wide, _size(file), WIDE[1], file),
    "sums": sums,
    "like": like,
    "reference": reference,
}

if __name__ == "__main__" and not apart.was_asked(WAYS):
    main()
