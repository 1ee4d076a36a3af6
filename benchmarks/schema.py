"""How long 60 rules take on a file, against DuckDB reading and summing every column of it, and against pandera.

    python benchmarks/schema.py [--rows 1000000 20000000] [--wide]

The data are made here with a seed: 20 numbers, 8 texts with 3 to 1,000 levels, a time and a boolean. Every figure is
the time or the peak memory of a process of its own, in turn; what counts are the ratios within one run.
`--expectations PYTHON` times Great Expectations too, in the environment of that interpreter.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import apart
import big_tables
import numpy as np
from big_tables import COLUMNS, LEVELS, NUMBERS, PART, WIDE, level_names

ROUNDS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 20_000_000])
    parser.add_argument("--wide", action="store_true", help="2,000 columns x 100,000 rows too")
    parser.add_argument("--expectations", metavar="PYTHON", help="an interpreter that has great_expectations")
    options = parser.parse_args()
    for rows in options.rows:
        with tempfile.TemporaryDirectory(suffix=f".{rows}") as folder:
            compare(rows, Path(folder), options.expectations)
    if options.wide:
        with tempfile.TemporaryDirectory() as folder:
            run("write_wide", Path(folder))
            report("2,000 columns x 100,000 rows, 2 rules a column", run("wide", Path(folder)))


def compare(rows: int, folder: Path, expectations: str | None) -> None:
    """Print what each way takes on a file of so many rows."""
    run("write", folder)
    ways = ["sums", "rules", "digest"] + (["pandera"] if rows <= PART else [])
    results = {way: [run(way, folder) for _ in range(ROUNDS)] for way in ways}
    typical = {way: median(each["wall"] for each in some) for way, some in results.items()}
    print(f"{rows:,} rows x {COLUMNS} columns")
    for way, some in results.items():
        report(f"  {way}", {**some[0], "wall": typical[way]})
    print(f"  rules / sums: {typical['rules'] / typical['sums']:.2f} (allowed 3)")
    if "pandera" in typical:
        print(f"  pandera / rules: {typical['pandera'] / typical['rules']:.1f} (at least 20)")
        print(f"  pandera / rules, imports included: {whole(results, 'pandera') / whole(results, 'rules'):.1f}")
    if expectations and rows <= PART:
        other = run("expectations", folder, python=expectations)
        report("  expectations", other)
        print(f"  expectations / rules: {other['wall'] / typical['rules']:.1f} (at least 20)")


def whole(results: dict[str, list[dict[str, Any]]], way: str) -> float:
    """Return the median time of whole processes, imports included."""
    return float(median(each["whole"] for each in results[way]))


def report(name: str, result: dict[str, Any]) -> None:
    print(f"{name}: {result['wall']:.2f} s, {result['gibibytes']:.2f} GiB {result['found']}", flush=True)


run = partial(apart.run, __file__)


# What is timed


def sums(folder: Path) -> Callable[[], object]:
    return big_tables.sums(folder / "rows.parquet")


def rules(folder: Path) -> Callable[[], str]:
    return _rules(folder, "rows.parquet", "schema.yaml")


def wide(folder: Path) -> Callable[[], str]:
    return _rules(folder, "wide.parquet", "wide.yaml")


def _rules(folder: Path, data: str, schema: str) -> Callable[[], str]:
    import pandera.io.pandas_io
    import pandera.pandas  # noqa: F401 - not timed

    from pytest_mlquality.data import open_split
    from pytest_mlquality.rules.agreement import rules_of
    from pytest_mlquality.rules.counting import findings
    from pytest_mlquality.rules.schema_file import read_agreement

    def count() -> str:
        table = open_split("test", source=data, base=folder)
        agreement = read_agreement(schema, folder)
        found = findings(rules_of(agreement, table.expression, table.columns), table)
        return f"{sum(each.count > 0 for each in found)} of {len(found)} rules broken"

    return count


def digest(folder: Path) -> Callable[[], str]:
    from pytest_mlquality.data.digest import files_digest

    return lambda: files_digest((folder / "rows.parquet",), ("rows.parquet",), rehash=True, where="")[:15]


def with_pandera(folder: Path) -> Callable[[], str]:
    import pandas as pd
    from pandera.errors import SchemaErrors
    from pandera.io.pandas_io import from_yaml

    def validate() -> str:
        schema = from_yaml(folder / "schema.yaml")  # type: ignore[no-untyped-call]
        try:
            schema.validate(pd.read_parquet(folder / "rows.parquet"), lazy=True)
        except SchemaErrors as errors:
            return f"{len(errors.failure_cases.groupby(['column', 'check']))} broken"
        return "0 broken"

    return validate


def with_expectations(folder: Path) -> Callable[[], str]:
    import great_expectations as gx  # type: ignore[import-not-found]  # in an environment of its own
    import pandas as pd

    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("p").add_dataframe_asset("a")
    batch = asset.add_batch_definition_whole_dataframe("b")
    e = gx.expectations
    suite = context.suites.add(gx.ExpectationSuite(name="s"))
    for name in [f"n{place}" for place in range(NUMBERS)]:
        suite.add_expectation(e.ExpectColumnValuesToNotBeNull(column=name))
        suite.add_expectation(e.ExpectColumnValuesToBeBetween(column=name, min_value=-8, max_value=8))
    for place, levels in enumerate(LEVELS):
        suite.add_expectation(e.ExpectColumnValuesToNotBeNull(column=f"t{place}"))
        suite.add_expectation(e.ExpectColumnValuesToBeInSet(column=f"t{place}", value_set=level_names(levels)))
    suite.add_expectation(e.ExpectColumnValuesToNotBeNull(column="at"))
    suite.add_expectation(e.ExpectColumnValuesToNotBeNull(column="flag"))

    def validate() -> str:
        rows = pd.read_parquet(folder / "rows.parquet")
        result = batch.get_batch(batch_parameters={"dataframe": rows}).validate(suite)
        return f"success {result.success}, version {gx.__version__}"

    return validate


# The data, and 60 rules about them


def write(folder: Path) -> Callable[[], object]:
    """Leave as many rows as the folder's name says, and their schema."""

    def written() -> None:
        big_tables.write(int(folder.suffix[1:]), folder / "rows.parquet")
        (folder / "schema.yaml").write_text(_schema(), encoding="utf-8")

    return written


def _schema() -> str:
    """20 ranges, 8 domains, 2 lengths, and 30 columns without missing values: 60 rules, beside presence and type."""
    lines = ["columns:"]
    lines += [f"  n{place}: {{in_range: {{min_value: -8, max_value: 8}}}}" for place in range(NUMBERS)]
    for place, levels in enumerate(LEVELS):
        length = ", str_length: {min_value: 1, max_value: 9}" if place < 2 else ""
        lines.append(f"  t{place}: {{isin: {json.dumps(level_names(levels))}{length}}}")
    return "\n".join([*lines, "  at: {}", "  flag: {}", ""])


def write_wide(folder: Path) -> Callable[[], object]:
    """Leave a table of many numbers, and a schema with two rules a column."""
    return partial(_write_wide, folder)


def _write_wide(folder: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    columns, rows = WIDE
    draw = np.random.default_rng(8)
    parquet.write_table(
        pa.table({f"n{place}": draw.normal(size=rows).astype("float32") for place in range(columns)}),
        folder / "wide.parquet",
    )
    lines = [f"  n{place}: {{in_range: {{min_value: -8, max_value: 8}}}}" for place in range(columns)]
    (folder / "wide.yaml").write_text("\n".join(["columns:", *lines, ""]), encoding="utf-8")


WAYS: dict[str, apart.Way] = {
    "write": write,
    "write_wide": write_wide,
    "sums": sums,
    "rules": rules,
    "wide": wide,
    "digest": digest,
    "pandera": with_pandera,
    "expectations": with_expectations,
}

if __name__ == "__main__" and not apart.was_asked(WAYS):
    main()
