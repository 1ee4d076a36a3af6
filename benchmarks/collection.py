"""Collecting 1,000 subjects of 30 checks each: at most 1.5 times plain pytest on as many parametrized tests."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from interleaved import medians

SUBJECTS, CHECKS, ROUNDS = 1000, 30, 3
ALLOWED = 1.5


def main() -> int:
    from pytest_mlquality.measures.metrics import METRICS

    binary = [name for name, metric in METRICS.items() if "binary" in metric.tasks and metric.higher_is_better]
    limits = "".join(f"{name} = {{ at_least = 0.1 }}\n" for name in binary[: CHECKS - 1])
    settings = (
        '[model]\nuri = "model.skops"\n[data]\ntarget = "y"\n[data.test]\nsource = "test.parquet"\n'
        f"[performance.metrics]\n{limits}"
    )
    tests = f"import pytest\n@pytest.mark.parametrize('n', range({CHECKS}))\ndef test_it(n): pass\n"
    with tempfile.TemporaryDirectory() as name:
        gates, plain = Path(name, "gates"), Path(name, "plain")
        for number in range(SUBJECTS):
            for folder, file, text in ((gates, "mlquality.toml", settings), (plain, "test_it.py", tests)):
                place = folder / f"s{number}"
                place.mkdir(parents=True)
                (place / file).write_text(text)
        collect = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--collect-only",
            "-p",
            "no:cacheprovider",
            "--import-mode=importlib",
        ]
        ours, theirs = medians([([*collect, "--ml-quality"], gates), (collect, plain)], ROUNDS)
    print(
        f"{SUBJECTS} subjects x {CHECKS} checks: {ours:.1f} s; as many parametrized tests: {theirs:.1f} s; "
        f"ratio {ours / theirs:.2f}"
    )
    print(f"allowed {ALLOWED}")
    return 0 if ours <= ALLOWED * theirs else 1


if __name__ == "__main__":
    raise SystemExit(main())
