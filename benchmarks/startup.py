"""What a plain pytest pays for having the plugin installed: at most 5 ms.

Run it where nothing but pytest and pytest-mlquality's core is installed, or compare as it does here: the same
environment with the plugin blocked.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from interleaved import medians

ROUNDS = 40
ALLOWED_MS = 5.0


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_plain.py").write_text("def test_plain(): pass\n")
        plain = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        blocked = [*plain, "-p", "no:mlquality"]
        without, installed = medians([(blocked, folder), (plain, folder)], ROUNDS)
    cost = 1000 * (installed - without)
    print(f"pytest alone {1000 * without:.1f} ms, with the plugin installed {1000 * installed:.1f} ms: {cost:+.1f} ms")
    print(f"allowed {ALLOWED_MS} ms")
    return 0 if cost <= ALLOWED_MS else 1


if __name__ == "__main__":
    raise SystemExit(main())
