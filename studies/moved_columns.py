"""Two samples of 30 columns, of one distribution or with a fault: what drift checks, ours and others, are tried on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jointly
import numpy as np
import pandas as pd
from jointly import wide

SEED = 2026
CLEAN, CLEAN_RUNS = (500, 5_000, 50_000), 200
POWER, POWER_RUNS = 5_000, 100
CORRELATION = 0.7

Rows = pd.DataFrame
Draw = np.random.Generator


def _some(rows: Rows, share: float, draw: Draw) -> Any:  # noqa: ANN401 - flags
    return draw.random(len(rows)) < share


# The columns that a fault is in, and what it makes of the current rows.
FAULTS: dict[str, tuple[set[str], Callable[[Rows, Draw], Rows]]] = {
    "mean + 0.5 sd": ({"n12"}, lambda rows, _: rows.assign(n12=rows["n12"] + 0.5)),
    "scale x 1.5": ({"n13"}, lambda rows, _: rows.assign(n13=rows["n13"] * 1.5)),
    "x 100 in 5% of rows": (
        {"n14"},
        lambda rows, draw: rows.assign(n14=rows["n14"] * np.where(_some(rows, 0.05, draw), 100, 1)),
    ),
    "missing 1% -> 10%": ({"n15"}, lambda rows, draw: rows.assign(n15=rows["n15"].mask(_some(rows, 0.091, draw)))),
    "new label at 3%": (
        {"l12"},
        lambda rows, draw: rows.assign(l12=np.where(_some(rows, 0.03, draw), "new", rows["l12"])),
    ),
    "two columns swapped": ({"n16", "n18"}, lambda rows, _: rows.assign(n16=rows["n18"], n18=rows["n16"])),
    "column constant": ({"n17"}, lambda rows, _: rows.assign(n17=0.0)),
    "last third of the time is missing": (
        {"time"},
        lambda rows, draw: rows.assign(time=rows["time"].min() + (rows["time"] - rows["time"].min()) * 2 / 3),
    ),
}
# The columns whose relation to the others is broken, as joint_drift.py breaks it: each by itself is as before.
RELATIONS = {"shuffled": {"n3"}, "swapped": {"n3", "n6"}, "label shuffled": {"l8"}}


def alike(rows: int, run: int) -> tuple[Rows, Rows]:
    """Return two samples of one distribution."""
    draw = np.random.default_rng([SEED, rows, run])
    return wide(rows, CORRELATION, draw), wide(rows, CORRELATION, draw)


def faulty(fault: str, run: int) -> tuple[Rows, Rows]:
    """Return reference and current rows, of which the current ones have one of `FAULTS`."""
    columns, change = FAULTS[fault]
    draw = np.random.default_rng([SEED, list(FAULTS).index(fault), run, 1])
    reference, current = wide(POWER, CORRELATION, draw), wide(POWER, CORRELATION, draw)
    if columns == {"n15"}:
        reference, current = (
            side.assign(n15=side["n15"].mask(_some(side, 0.01, draw))) for side in (reference, current)
        )
    return reference, change(current, draw)


def unrelated(fault: str, run: int) -> tuple[Rows, Rows]:
    """Return the rows of joint_drift.py, of which the current ones have one of `RELATIONS` broken."""
    draw = np.random.default_rng([SEED, 99, round(100 * CORRELATION), run])
    reference = wide(POWER, CORRELATION, draw)
    return reference, jointly.faulty(wide(POWER, CORRELATION, draw), fault, draw)
