"""Times commands in turn, A B A B, so that a drift of the machine's speed cancels in the ratio of the medians."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from statistics import median


def seconds(command: list[str], folder: Path) -> float:
    """Return the wall time of one run of a command that must succeed."""
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    took = time.perf_counter() - began
    if done.returncode != 0:
        raise SystemExit(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return took


def medians(commands: list[tuple[list[str], Path]], rounds: int) -> list[float]:
    """Return each command's median over `rounds` rounds, after one round that is not counted."""
    times: list[list[float]] = [[] for _ in commands]
    for round_number in range(rounds + 1):
        for place, (command, folder) in enumerate(commands):
            took = seconds(command, folder)
            if round_number:
                times[place].append(took)
    return [median(of_one) for of_one in times]
