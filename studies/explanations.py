"""Do bounds of what a model relies on hold their level? ``python studies/explanations.py`` writes explanations.json.

Ranks of columns, agreement of two orders and changes of shares, of rows drawn so that shares are known; then boosted
trees, explained by SHAP and held to limits, clean and with a fault; and what NDCG is of orders that say nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
from attributed import World, explained, shares
from explained_models import LIMITS, SITUATIONS, measured
from numpy.typing import NDArray
from record import origin, write

from pytest_mlquality.measures.attribution_drift import attribution_drift
from pytest_mlquality.statistics.rank_agreement import AGREEMENTS, agreement, ndcg
from pytest_mlquality.statistics.ranks import rank

SEED = 2026
COVERED = (
    "statistics/ranks.py", "statistics/rank_agreement.py", "statistics/pairwise.py", "statistics/mean.py",
    "measures/column_importance.py", "measures/attribution_shares.py", "measures/attribution_drift.py",
    "measures/attribution_soundness.py",
)  # fmt: skip
OUTPUT = Path(__file__).with_name("explanations.json")
LEVELS = (0.05, 0.01, 1e-3)
# Runs by the number of columns, as what is many takes longer.
RANK_RUNS, POWER_RUNS = {5: 300, 20: 60}, 60
AGREEMENT_RUNS = {5: 800, 10: 800, 20: 100}
SHARE_RUNS, MODEL_RUNS, ORDERS = 100, 50, 10_000
CHANGE_LIMIT, CHANGES = 0.05, (0.0, 0.05, 0.15)
ROWS_OF_TWO = (200, 500)
SLACK = 1e-9

Floats = NDArray[np.float64]
# Shape, which column's rank is asked for, and whether parts are heavy-tailed.
RANKED: dict[str, tuple[str, int, bool]] = {
    "equal": ("equal", 0, False),
    "equal, heavy-tailed": ("equal", 0, True),
    "one dominant, another": ("one dominant", 1, False),
    "geometric decay, third": ("geometric decay", 2, False),
    "geometric decay, third, heavy-tailed": ("geometric decay", 2, True),
    "near ties, second": ("near ties", 1, False),
}
COMPARED: dict[str, World] = {
    "alike, equal, 20": World.alike("equal", 20),
    "alike, near ties, 20": World.alike("near ties", 20),
    "NDCG 0.95, 10": World.reordered(10, 0.95),
    "NDCG 0.9, 10": World.reordered(10, 0.9),
    "NDCG 0.8, 10": World.reordered(10, 0.8),
    "NDCG 0.9, 20": World.reordered(20, 0.9),
    "last and first tied, 5": World.tied(5, -1e-4),
    "first and last tied, 10": World.tied(10, 1e-4),
    "last and first tied, 10": World.tied(10, -1e-4),
}


def main() -> None:
    with ProcessPoolExecutor() as workers:
        each = product(RANKED, RANK_RUNS, (100, 500))
        ranked = [_cell(workers, ranks_err, RANK_RUNS[columns], world, columns, n) for world, columns, n in each]
        each_power = list(product((100, 500), (False, True)))
        power = list(workers.map(first_among, *zip(*each_power, strict=True)))
        print(power, flush=True)
        compared = [
            cell
            for world, same_rows, heavy in product(COMPARED, (False, True), (False, True))
            for cell in _agreements(workers, world, same_rows=same_rows, heavy=heavy)
        ]
        changed = [_cell(workers, changes_fail, SHARE_RUNS, change) for change in CHANGES]
        models = [_situation(workers, situation) for situation in SITUATIONS]
    figures = {
        "ranks": ranked,
        "first_of_geometric_decay": power,
        "agreements": compared,
        "share_changes": changed,
        "models": models,
        "scale": [ndcg_of_orders(columns) for columns in (5, 10, 30)],
    }
    write(OUTPUT, origin(SEED, ("numpy", "scipy", "scikit-learn", "shap"), COVERED) | figures)


def _cell(workers: ProcessPoolExecutor, one: Callable[..., Any], runs: int, *where: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return how often bounds err, by side and level, over runs of one place."""
    found = list(workers.map(one, *([part] * runs for part in where), range(runs), chunksize=10))
    cell = {"where": list(where), "runs": runs, "errors": _errors(np.array(found), runs)}
    print(cell, flush=True)
    return cell


def _situation(workers: ProcessPoolExecutor, situation: str) -> dict[str, Any]:
    """Return how often each limit passes, fails and decides nothing, and the quantiles of the measures."""
    found = list(workers.map(measured, [situation] * MODEL_RUNS, range(MODEL_RUNS)))
    cell: dict[str, Any] = {"situation": situation, "runs": MODEL_RUNS, "measures": {}}
    for name in (one for one in LIMITS if one in found[0]):
        values = np.quantile([one[name][0] for one in found], [0, 0.5, 1]).round(4).tolist()
        verdicts = {limit: dict(Counter(one[name][1][limit] for one in found)) for limit in found[0][name][1]}
        cell["measures"][name] = {"least, median, largest": values, "verdicts": verdicts}
    print(cell, flush=True)
    return cell


def _agreements(workers: ProcessPoolExecutor, world: str, *, same_rows: bool, heavy: bool) -> list[dict[str, Any]]:
    runs = AGREEMENT_RUNS[len(COMPARED[world].reference)]
    runs = runs // 2 if heavy else runs
    found = np.array(
        list(workers.map(orders_err, [world] * runs, [same_rows] * runs, [heavy] * runs, range(runs), chunksize=10))
    )
    cells = []
    for place, (name, (function, _)) in enumerate(AGREEMENTS.items()):
        truth = float(function(COMPARED[world].reference, COMPARED[world].current))
        errors = _errors(found[:, place], runs)
        cells.append({"measure": name, "world": world, "same_rows": same_rows, "heavy_tailed": heavy, "runs": runs})
        cells[-1] |= {"truth": round(truth, 4), "errors": errors}
        print(cells[-1], flush=True)
    return cells


def _errors(found: NDArray[np.bool_], runs: int) -> dict[str, dict[str, float]]:
    """Return shares of errors with their standard errors under the level; `found` has shape (runs, sides, levels)."""
    shares_of_errors = found.mean(axis=0)
    return {
        f"{side} {level:g}": {
            "error": round(float(shares_of_errors[row, place]), 5),
            "standard_error": round(sqrt(level * (1 - level) / runs), 5),
        }
        for row, side in zip(range(found.shape[1]), ("lower", "upper"), strict=False)
        for place, level in enumerate(LEVELS)
    }


def ranks_err(world: str, columns: int, n: int, run: int) -> list[list[bool]]:
    """Return whether the true rank lies beyond its bounds; of ties every rank among them is true."""
    shape, place, heavy = RANKED[world]
    share = shares(shape, columns)
    first, last = 1 + (share > share[place] + SLACK).sum(), (share >= share[place] - SLACK).sum()
    found = explained(share, n, _draw(list(RANKED).index(world), columns, n, run), heavy=heavy)
    of = rank(found.parts, place, weight=found.weight, support=found.support)
    return [[of.lower(level) > first for level in LEVELS], [of.upper(level) < last for level in LEVELS]]


def first_among(n: int, heavy: bool) -> dict[str, Any]:
    """Return how often the first of ten columns in geometric decay is proven to be the first, and among five."""
    share = shares("geometric decay", 10)
    last = []
    for run in range(POWER_RUNS):
        found = explained(share, n, _draw(99, n, int(heavy), run), heavy=heavy)
        last.append(rank(found.parts, 0, weight=found.weight, support=found.support).upper(LEVELS[0]))
    proven = {f"top {most}": float(np.mean(np.array(last) <= most)) for most in (1, 2, 5)}
    cell = {"rows": n, "columns": 10, "runs": POWER_RUNS, "level": LEVELS[0]}
    return cell | {"heavy_tailed": heavy, "proven": proven}


def orders_err(world: str, same_rows: bool, heavy: bool, run: int) -> list[list[list[bool]]]:
    """Return, for each agreement, whether the truth lies below the lower bound, and above the upper one."""
    truths = COMPARED[world]
    draw = _draw(100 + list(COMPARED).index(world), int(same_rows), int(heavy), run)
    first, second = (one.shares for one in truths.drawn(ROWS_OF_TWO, draw, heavy=heavy, same_rows=same_rows))
    found = []
    for name, (function, _) in AGREEMENTS.items():
        truth = float(function(truths.reference, truths.current))
        of = agreement(name, first, second, same_units=same_rows, seed=run)
        lower = [of.lower(level) > truth + SLACK for level in LEVELS]
        found.append([lower, [of.upper(level) < truth - SLACK for level in LEVELS]])
    return found


def changes_fail(change: float, run: int) -> list[list[bool]]:
    """Return whether the largest change of a share is proven to be above the limit."""
    before = shares("geometric decay", 10)
    after = before.copy()
    after[[0, 1]] += np.array([-change, change])
    draw = _draw(200, CHANGES.index(change), run)
    sides = [explained(share, 500, draw, heavy=False) for share in (before, after)]
    found = attribution_drift("share_change", *sides, same_rows=False, between="both", seed=run)
    return [[found.lower(level) > CHANGE_LIMIT for level in LEVELS]]


def ndcg_of_orders(columns: int) -> dict[str, Any]:
    """Return what NDCG is of orders drawn at random, and of some that are wrong in one way."""
    share = shares("geometric decay", columns)
    orders = _draw(columns).permuted(np.tile(share, (ORDERS, 1)), axis=1)
    of_random = ndcg(np.broadcast_to(share, orders.shape), orders)
    swapped = {}
    for name, other in (("second", 1), ("third", 2), ("fifth", 4), ("last", columns - 1)):
        moved = share.copy()
        moved[[0, other]] = moved[[other, 0]]
        swapped[f"first and {name} swapped"] = round(float(ndcg(share, moved)), 3)
    quantiles = {f"{p:g}": round(float(np.quantile(of_random, p)), 3) for p in (0.05, 0.5, 0.95)}
    cell = {"columns": columns, "random": {"mean": round(float(of_random.mean()), 3), "quantiles": quantiles}}
    cell |= {"reversed": round(float(ndcg(share, -share)), 3), **swapped}
    cell["random_reach_0.9"] = float((of_random >= LIMITS["ndcg"][1][0]).mean())
    return cell


def _draw(*where: int) -> np.random.Generator:
    return np.random.default_rng([SEED, *where])


if __name__ == "__main__":
    main()
