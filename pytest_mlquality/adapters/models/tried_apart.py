"""Native model files are tried in a process of its own before this one reads them: its death is no death of the run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_mlquality.adapters.models.libraries import unreadable
from pytest_mlquality.errors import ModelError

_SCRIPT = Path(__file__).with_name("apart.py")
# Seconds of the processor for any file, and one more for so many bytes: of XGBoost's binary JSON, the slowest, one
# second tries 6 MB, of its JSON 7 MB, of LightGBM's text 11 MB.
_CPU_S = 5
_BYTES_A_SECOND = 2 * 2**20
# How many more for explaining.
_EXPLAIN_S = 3
# What a busy machine adds, and what waits without computing.
_WALL_S = 60
# Bytes of memory for any file, and for each of its own.
_MEMORY = 2 * 2**30
_MEMORY_A_BYTE = 40
_CALM = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
# Of the environment what says where libraries and the machine's own things are, no secret of the user's.
_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")


def require_sound(path: Path, library: Any, uri: str, how: str) -> None:  # noqa: ANN401 - a module without types
    """Refuse a file that a library cannot read, or that ends or occupies the process that reads it.

    A file that was tried is known by its bytes as long as this process lives.

    Parameters
    ----------
    path
        The file, where nobody else writes.
    library
        The module that will read it.
    how
        How such a file is saved.

    Raises
    ------
    ModelError
        Naming the model, what became of the other process, and what to do.
    """
    from pytest_mlquality.adapters.models import digest

    outcome = _outcome(library.__name__, digest.of_file(path), path, path.stat().st_size)
    if outcome.ended:
        raise ModelError(
            f"the model {uri!r}: its file {path.name} is damaged or made to do harm: {library.__name__} "
            f"{library.__version__} {outcome.ended} when it loaded and asked it, in a process of its own",
            f"save it again with {how}; if it was downloaded or copied, do that again, from somebody whom you know",
        )
    if outcome.raised:
        raise unreadable(uri, library, how, outcome.raised)


@dataclass(frozen=True, slots=True)
class _Tried:
    """What came of a try: the process ended otherwise than it should, or loading raised an exception of this name."""

    ended: str | None = None
    raised: str | None = None


_known: dict[tuple[str, str], _Tried] = {}


def _outcome(library: str, digest: str, path: Path, size: int) -> _Tried:
    key = (library, digest)
    if key not in _known:
        _known[key] = _tried(library, path, size)
    return _known[key]


def _tried(library: str, path: Path, size: int) -> _Tried:
    more = size // _BYTES_A_SECOND
    cpu_s, wall_s, memory = _CPU_S + more, _WALL_S + 10 * more, _MEMORY + _MEMORY_A_BYTE * size
    given = {
        "library": library,
        "path": str(path),
        "import_from": sys.path,
        "cpu_s": cpu_s,
        "explain_s": _EXPLAIN_S,
        "wall_s": wall_s,
        "memory": memory,
    }
    child = subprocess.Popen(
        # Isolated: neither the folder it stands in nor the user's start-up files take part.
        [sys.executable, "-I", str(_SCRIPT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=path.parent,
        env=_environment(),
        start_new_session=True,
    )
    try:
        said, _ = child.communicate(json.dumps(given).encode(), timeout=2 * wall_s)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        return _Tried(ended=f"took more than {wall_s} seconds")
    except BaseException:
        child.kill()
        child.wait()
        raise
    told = json.loads(said.splitlines()[-1]) if said else {}
    done = told.get("done", ())
    # Explaining deep trees takes long and much memory, and is another's wish; that they are trees is known by then.
    if child.returncode < 0 and not (child.returncode == -signal.SIGXCPU and "asked" in done):
        return _Tried(ended=_how_ended(-child.returncode, cpu_s, wall_s))
    if told.get("no_memory") and "asked" not in done:
        return _Tried(ended=f"took more than {memory / 2**30:.0f} GiB of memory")
    if child.returncode > 0 or not told:
        return _Tried(ended=f"ended with status {child.returncode}")
    return _Tried(raised=None if "loaded" in done else told["raised"])


def _how_ended(number: int, cpu_s: int, wall_s: int) -> str:
    if number == signal.SIGXCPU:
        return f"computed for more than {cpu_s} seconds"
    if number == signal.SIGALRM:
        return f"took more than {wall_s} seconds"
    name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
    return f"died of {name}"


def _environment() -> dict[str, str]:
    """Return an environment in which libraries start no threads of their own: time and memory are limited."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | dict.fromkeys(_CALM, "1")
