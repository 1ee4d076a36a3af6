"""How long all per-column drift checks take on files, beside DuckDB summing every column, Deepchecks and Evidently.

    python benchmarks/drift.py [--rows 1000000 20000000] [--other deepchecks=PYTHON] [--other evidently=PYTHON]

Each way runs in a process of its own, in turn; imports are not counted. `stored` reads the current file alone and a
stored profile of the reference, and holds every column to the default limits; `every` computes all other measures of
columns too, and `both` reads both files. The others run once, in environments of their own whose
interpreters are named; what they take is the call on frames that are read already, on all rows.
"""

from __future__ import annotations

import argparse
import tempfile
import warnings
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import apart
from big_tables import SEED, sums, write
from profiles import warm_up

OURS = ("sums", "stored", "every", "both")
Work = Callable[[], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--other", action="append", default=[], metavar="TOOL=PYTHON")
    options = parser.parse_args()
    others = dict(one.split("=", 1) for one in options.other)
    for rows in options.rows:
        with tempfile.TemporaryDirectory(suffix=f".{rows}") as folder:
            for way in ("write", "profile"):
                apart.run(__file__, way, Path(folder))
            compare(rows, Path(folder), options.rounds, others)


def compare(rows: int, folder: Path, rounds: int, others: dict[str, str]) -> None:
    """Print the medians of each way and their ratios."""
    seen: dict[str, list[dict[str, Any]]] = {way: [] for way in OURS}
    for _ in range(rounds):
        for way in OURS:
            seen[way].append(apart.run(__file__, way, folder))
    typical = {way: median(one["wall"] for one in results) for way, results in seen.items()}
    print(f"{rows:,} rows a file")
    for way, results in seen.items():
        ratio = median(one["wall"] / beside["wall"] for one, beside in zip(results, seen["sums"], strict=True))
        peak = max(one["gibibytes"] for one in results)
        print(f"  {way}: {typical[way]:.2f} s ({ratio:.2f} of the sums), {peak:.2f} GiB", flush=True)
    for tool, python in others.items():
        found = apart.run(__file__, tool, folder, python)
        ratios = ", ".join(f"{found['wall'] / typical[way]:.0f} times `{way}`" for way in ("stored", "both"))
        print(f"  {tool} {found['found']}: {found['wall']:.1f} s, {ratios}", flush=True)


def stored(folder: Path, *, everything: bool = False) -> Work:
    _import()
    from pytest_mlquality.data.profiles import Profile

    text = (folder / "reference.json").read_text(encoding="utf-8")
    return lambda: _judged(folder, Profile.from_json(text), everything=everything)


def both(folder: Path) -> Work:
    _import()
    from pytest_mlquality.data import open_split
    from pytest_mlquality.data.profiles import profile

    return lambda: _judged(folder, profile(open_split("train", source="reference.parquet", base=folder)))


def profiled(folder: Path) -> Work:
    """Leave the profile that `stored` begins with."""
    from pytest_mlquality.data import open_split
    from pytest_mlquality.data.profiles import profile

    found = profile(open_split("train", source="reference.parquet", base=folder))
    return lambda: (folder / "reference.json").write_text(found.to_json(), encoding="utf-8")


def _judged(folder: Path, reference: Any, *, everything: bool = False) -> None:  # noqa: ANN401 - others run this file too
    """Hold every column to every default limit of [skew.metrics]; with `everything`, compute all other measures."""
    from pytest_mlquality.data import open_split
    from pytest_mlquality.data.profiles import profile
    from pytest_mlquality.measures.drift import MEASURES, column_drift
    from pytest_mlquality.settings import SkewSettings

    current = profile(open_split("test", source="current.parquet", base=folder), like=reference)
    limits = SkewSettings().metrics
    for measure in MEASURES if everything else limits.keys() & MEASURES.keys():
        for name in reference.columns:
            found = column_drift(measure, name, reference, current, ("train", "test"))
            if found is not None and measure in limits:
                found.within(limits[measure])


def _import() -> None:
    import pytest_mlquality.measures.drift
    import pytest_mlquality.settings  # noqa: F401 - what follows is not to count it

    warm_up()


def deepchecks(folder: Path) -> Work:
    from deepchecks.tabular import Dataset
    from deepchecks.tabular.checks import FeatureDrift

    frames = _frames(folder)
    labels = [name for name in frames[0] if name.startswith("t") or name == "flag"]
    reference, current = (Dataset(frame, cat_features=labels, datetime_name="at") for frame in frames)
    check = FeatureDrift(n_samples=len(frames[0]), max_num_categories=None)

    def call() -> str:
        check.run(reference, current)
        return version("deepchecks")

    return call


def evidently(folder: Path) -> Work:
    from evidently import Report
    from evidently.presets import DataDriftPreset

    reference, current = _frames(folder)

    def call() -> str:
        Report([DataDriftPreset()]).run(current, reference).dict()
        return version("evidently")

    return call


def written(folder: Path) -> Work:
    """Leave two files of so many rows as the folder's name says."""

    def both_files() -> None:
        for place, split in enumerate(("reference", "current")):
            write(int(folder.suffix[1:]), folder / f"{split}.parquet", SEED + place)

    return both_files


def _frames(folder: Path) -> list[Any]:
    import pandas as pd

    return [pd.read_parquet(folder / f"{split}.parquet") for split in ("reference", "current")]


WAYS: dict[str, apart.Way] = {
    "write": written,
    "sums": lambda folder: sums(folder / "current.parquet"),
    "profile": profiled,
    "stored": stored,
    "every": partial(stored, everything=True),
    "both": both,
    "deepchecks": deepchecks,
    "evidently": evidently,
}

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if not apart.was_asked(WAYS):
        main()
