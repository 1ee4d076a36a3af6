"""How long the example's gate takes, and where the time goes: collecting, the whole gate, and its imports alone."""

from __future__ import annotations

import sys
from pathlib import Path

from interleaved import medians

EXAMPLE = Path(__file__).parent.parent / "examples" / "acs_employment"
IMPORTS = "import ibis, duckdb, pandas, sklearn.metrics, scipy.stats, mlflow, skops.io; ibis.duckdb.connect()"
ROUNDS = 5


def main() -> int:
    if not (EXAMPLE / "mlflow.db").is_file():
        raise SystemExit("train the example first: python examples/acs_employment/train.py")
    pytest = [sys.executable, "-m", "pytest", "-q", "--ml-quality", "-p", "no:cacheprovider", "."]
    gate = [*pytest, "--ml-stage=predeploy", "--ml-report=ml-quality-report"]
    collect, whole, imports = medians(
        [([*pytest, "--collect-only"], EXAMPLE), (gate, EXAMPLE), ([sys.executable, "-c", IMPORTS], EXAMPLE)], ROUNDS
    )
    print(f"--collect-only: {collect:.2f} s (allowed 1.5)")
    print(f"the whole gate of predeploy: {whole:.1f} s (allowed 15)")
    print(f"of which importing the libraries it uses: {imports:.1f} s")
    return 0 if collect < 1.5 and whole < 15 else 1


if __name__ == "__main__":
    raise SystemExit(main())
