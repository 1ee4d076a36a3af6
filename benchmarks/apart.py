"""Ways of doing the same, each measured in a process of its own; imports and what a way prepares are not counted."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

# A way prepares itself, and returns what is measured.
Way = Callable[[Path], Callable[[], object]]
ASKED = "--one"


def run(script: str, way: str, place: Path, python: str = sys.executable) -> dict[str, Any]:
    """Measure one way on files at a place.

    Whoever calls it must be small, and write large files in this way too: the peak of a process on Linux is not below
    what its parent holds as it starts.
    """
    began = time.perf_counter()
    done = subprocess.run([python, script, ASKED, way, str(place)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**result, "whole": time.perf_counter() - began}


def was_asked(ways: Mapping[str, Way]) -> bool:
    """Measure the way that `run` has asked this process for and print it; False where this is not such a process.

    `wall` and `processor` (of all cores) are seconds, `gibibytes` the peak of memory; `found` is what was returned.
    """
    if ASKED not in sys.argv:
        return False
    way, place = sys.argv[sys.argv.index(ASKED) + 1 :]
    work = ways[way](Path(place))
    wall, processor = time.perf_counter(), time.process_time()
    found = work()
    result = {
        "wall": time.perf_counter() - wall,
        "processor": time.process_time() - processor,
        "gibibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "found": found if isinstance(found, str) else "",
    }
    print(json.dumps(result))
    return True
