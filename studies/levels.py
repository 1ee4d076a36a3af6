"""Do the bounds hold their level? ``python studies/levels.py [--quick | --all]`` writes levels.json beside this file.

Only the measures whose code has changed since are looked at again; with --all, every one.

For every measure, sample size, prevalence, design and side: the probability that the bound at a level excludes the
truth. Clopper-Pearson is enumerated; all else is importance sampling. A sample is drawn from one of several
exponential tilts of the population towards the errors of each level and side, and weighs the plain density over the
mean density of the tilts (the balance heuristic; Veach and Guibas 1995), which is exact: so one set of samples serves
all levels, down to 1e-5 and below.
"""

from __future__ import annotations

import argparse
import json
import zlib
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

import grimp
import numpy as np
from level_measures import MEASURES, Entry, Measure
from level_populations import WORLDS, Design, Floats, Population, Tilted, World
from record import digests, versions
from scipy.special import ndtri
from scipy.stats import binom

import pytest_mlquality
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.proportion import share

SEED = 2026
LEVELS = (0.05, 1e-3, 1e-5)
# A bound at an end of a measure's range decides nothing.
ENDS = (-1.0, 0.0, 1.0)
SIDES = ("lower", "upper")
OUTPUT = Path(__file__).with_name("levels.json")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few draws of the fewest rows, printed and not written")
    parser.add_argument("--all", action="store_true", help="every measure again")
    asked = parser.parse_args()
    quick, covers = asked.quick, covered()
    before = {"covers": {}, "cells": []} if asked.all else json.loads(OUTPUT.read_text(encoding="utf-8"))
    stale = [name for name in MEASURES if quick or before["covers"].get(name) != covers[name]]
    parts = [
        (world, name, n, prevalence, clustered, 20 if quick else 1)
        for world in WORLDS
        for name, n, prevalence, clustered in product(
            stale, world.sizes[:1] if quick else world.sizes, world.prevalences, (False, True)
        )
    ]
    cells = [cell for cell in before["cells"] if cell["measure"] not in stale]
    with ProcessPoolExecutor() as workers:
        for part, added in zip(parts, workers.map(study, *zip(*parts, strict=True)), strict=True):
            cells += added
            worst = max(added, key=lambda cell: cell["error"] / cell["level"])
            world, name, n, prevalence, clustered, _ = part
            print(f"{world.name}: {name}, n = {n}, prevalence {prevalence}, clusters {clustered}: ", end="")
            print(f"worst {worst['error'] / worst['level']:.2f} x {worst['level']:g}, {worst['side']}", flush=True)
    if not quick:
        OUTPUT.write_text(text_of(record(cells, covers)), encoding="utf-8")


def covered() -> dict[str, dict[str, str]]:
    """Return digests by path from the package's folder, of what each measure's bounds are computed with."""
    package = pytest_mlquality.__name__
    imports = grimp.build_graph(package)
    covers = {}
    for name, entry in MEASURES.items():
        modules = {entry.tested.__module__, *imports.find_upstream_modules(entry.tested.__module__)}
        paths = sorted(f"{module.removeprefix(package + '.').replace('.', '/')}.py" for module in modules)
        covers[name] = digests(paths)
    return covers


def record(cells: list[dict[str, Any]], covers: dict[str, dict[str, str]]) -> dict[str, Any]:
    """Return what levels.json holds: the cells, and by which code they were made."""
    made = versions(("numpy", "scipy"))
    return {"seed": SEED, "versions": made, "covers": covers, "cells": sorted(cells, key=_place)}


def _place(cell: dict[str, Any]) -> tuple[int, int]:
    """Return where a cell stands: by its world and its measure; what is left in order stays so."""
    return [world.name for world in WORLDS].index(cell["world"]), list(MEASURES).index(cell["measure"])


def text_of(study: dict[str, Any]) -> str:
    """Return a study as JSON with a line a cell."""
    head = json.dumps({**study, "cells": []}, indent=1).removesuffix("[]\n}")
    return head + "[\n" + ",\n".join(json.dumps(cell) for cell in study["cells"]) + "\n]}\n"


def study(world: World, name: str, n: int, prevalence: float, clustered: bool, shrink: int) -> list[dict[str, Any]]:
    """Return the cells of one measure on one design: both sides, all levels."""
    entry = MEASURES[name]
    positives = round(n * prevalence)
    design = _design(entry, world, n, positives, clustered=clustered)
    measure = entry.make(design, positives)
    fixed = {"world": world.name, "measure": name, "n": n, "prevalence": prevalence, "clusters": clustered}
    if name.startswith("share") and name != "share_difference" and not clustered:
        weights, errors, judged = _enumerated(len(design.kind), measure.truth)
        scatter, method = np.zeros(errors.shape[1]), "exact"
    else:
        draws = entry.draws * (10 if n >= entry.more_from else 1) // shrink
        seed = (SEED, zlib.crc32(f"{world.name} {name} {n} {prevalence} {clustered}".encode()))
        population = measure.population if clustered else measure.population.independent()
        weights, errors, judged = _sampled(measure, population, design, draws, np.random.default_rng(seed))
        scatter, method = (weights[:, None] * errors).std(axis=0, ddof=1) * np.sqrt(draws), "importance"
    error = (weights[:, None] * errors).sum(axis=0)
    judged_share = np.minimum((weights[:, None] * judged).sum(axis=0) / weights.sum(), 1)
    return [
        fixed
        | {
            "side": side,
            "level": level,
            "error": float(f"{error[index]:.4g}"),
            "standard_error": float(f"{scatter[index]:.4g}"),
            "method": method,
            "draws": len(weights),
            "judged": bool(judged[:, index].any()),
            "judged_share": round(float(judged_share[index]), 4),
        }
        for index, (side, level) in enumerate(product(SIDES, LEVELS))
    ]


def _design(entry: Entry, world: World, n: int, positives: int, *, clustered: bool) -> Design:
    if not entry.positives_only:
        return Design.of(world, n, positives, clustered=clustered, classes=entry.classes)
    rows = Design.of(world, n, positives, clustered=clustered, classes=2)
    chosen = rows.kind == 1
    unit = None if rows.unit is None else np.unique(rows.unit[chosen], return_inverse=True)[1]
    return Design(np.zeros(positives, dtype=np.intp), unit, world)


def _outcome(estimate: Estimate, truth: float) -> tuple[list[bool], list[bool]]:
    """Return whether each side and level errs, and whether its bound decides anything."""
    bounds = [estimate.lower(level) for level in LEVELS] + [estimate.upper(level) for level in LEVELS]
    lower = len(LEVELS)
    errs = [bound > truth if i < lower else bound < truth for i, bound in enumerate(bounds)]
    return errs, [bool(np.isfinite(bound)) and bound not in ENDS for bound in bounds]


def _enumerated(n: int, truth: float) -> tuple[Floats, Floats, Floats]:
    """Return the probability of each number of successes, and what happens with it."""
    outcomes = [_outcome(share(successes, n), truth) for successes in range(n + 1)]
    errs, judged = (np.array(part, dtype=float) for part in zip(*outcomes, strict=True))
    return binom.pmf(np.arange(n + 1), n, truth), errs, judged


def _sampled(
    measure: Measure, population: Population, design: Design, draws: int, random: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Return the weights of tilted samples, whose mean over samples is 1, and what happens with each."""
    spread = np.sqrt(_variance(measure, population, design))
    steps = [side * -ndtri(level) / spread for level in LEVELS for side in (-1, 1)]
    # The second tilt of a step is towards samples that err by a small variance too (self-normalised deviations).
    tilts = [0 * measure.push] + [
        step * measure.push - shrink * (step * measure.push) ** 2 for step in steps for shrink in (0.0, 0.5)
    ]
    parts = [Tilted(population, design, tilt) for tilt in tilts]
    weights, errors, judged = np.empty(draws), [], []
    for draw in range(draws):
        cell = parts[draw % len(parts)].draw(random)
        log_density = np.logaddexp.reduce([part.log_ratio(cell) for part in parts]) - np.log(len(parts))
        weights[draw] = np.exp(-log_density) / draws
        errs, decides = _outcome(measure.estimate(cell), measure.truth)
        errors.append(errs)
        judged.append(decides)
    return weights, np.array(errors, dtype=float), np.array(judged, dtype=float)


def _variance(measure: Measure, population: Population, design: Design) -> float:
    """Return the variance of the linearised estimate."""
    within = np.einsum("ckg,cg->ck", population.cells, measure.push)
    spread = np.einsum("ckg,cg->ck", population.cells, measure.push**2) - within**2
    classes = len(population.cells)
    if design.unit is None:
        return float(np.bincount(design.kind, minlength=classes) @ (spread @ population.effects))
    code = design.unit * classes + design.kind
    counts = np.bincount(code, minlength=(int(design.unit.max()) + 1) * classes).reshape(-1, classes)
    means = counts @ within
    between = (means**2) @ population.effects - (means @ population.effects) ** 2
    return float(between.sum() + (counts @ spread @ population.effects).sum())


if __name__ == "__main__":
    main()
