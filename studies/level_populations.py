"""Populations on a grid, from which rows are drawn plainly or tilted towards a bound's failure.

A population gives the probabilities of a row's cell by its class and by the effect of its unit. On a grid the true
value of a measure is a sum, and so is the normalising constant of an exponential tilt: the likelihood ratio of a
tilted sample is exact (importance sampling; Siegmund 1976, Annals of Statistics 4, 673-684).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp
from scipy.stats import beta, norm, t

Floats = NDArray[np.float64]
REACH = 4.6


@dataclass(frozen=True, slots=True)
class World:
    """What rows look like, whatever their number.

    Parameters
    ----------
    name
        For people.
    sizes, prevalences
        The designs that are looked at.
    distance
        Of the centres of the two classes, in standard deviations of the score.
    correlation
        Of rows of one unit.
    rows_a_unit
        Of every unit, or where `unequal` on average.
    recall
        Share of the positives that are found.
    freedom
        Degrees of freedom of the t distribution of the scores; infinite: normal.
    unequal
        Whether units differ in size (geometric), else all are alike.
    """

    name: str
    sizes: tuple[int, ...]
    prevalences: tuple[float, ...]
    distance: float
    correlation: float
    rows_a_unit: int
    recall: float
    freedom: float = np.inf
    unequal: bool = False


# The rules for trusting a bound were chosen on the first; the others were fixed before they were looked at.
TUNED = World("tuned", (200, 500, 5000), (0.5, 0.05, 0.02), 1.8124, 0.1, 20, 0.8)
HELD_OUT = (
    World("poor model, large units", (300, 2000), (0.3, 0.03), 0.7416, 0.3, 50, 0.35),
    World(
        "sharp model, heavy tails, unequal units", (300, 2000), (0.3, 0.03), 2.9044, 0.05, 5, 0.95, 3.0, unequal=True
    ),
)
WORLDS = (TUNED, *HELD_OUT)


@dataclass(frozen=True, slots=True)
class Population:
    """Cells of rows.

    Parameters
    ----------
    effects
        Probabilities of a unit's effect, shape (effects,).
    cells
        Probabilities of a row's cell, shape (classes, effects, cells).
    """

    effects: Floats
    cells: Floats

    @property
    def marginal(self) -> Floats:
        """Probabilities of a row's cell over all units, shape (classes, cells)."""
        over_units: Floats = np.einsum("k,ckg->cg", self.effects, self.cells)
        return over_units

    def independent(self) -> Population:
        """Return the population of the same rows without units."""
        return Population(np.ones(1), self.marginal[:, None, :])


@cache
def two_classes(world: World, points: int = 241) -> tuple[Population, Floats]:
    """Return scores of negatives and positives, and the score of each cell."""
    reach = REACH if np.isinf(world.freedom) else 3 * REACH
    score = np.linspace(-reach, reach + world.distance, points)
    effect, weight = _effects()
    centre = np.array([0.0, world.distance])[:, None, None] + np.sqrt(world.correlation) * effect[None, :, None]
    offset = (score - centre) / np.sqrt(1 - world.correlation)
    density = norm.pdf(offset) if np.isinf(world.freedom) else t.pdf(offset, world.freedom)
    return Population(weight, density / density.sum(axis=-1, keepdims=True)), score


@cache
def two_scores(world: World, points: int = 81, agreement: float = 0.95) -> tuple[Population, Floats, Floats]:
    """Return pairs of scores of two models whose errors agree, and both scores of each cell.

    The second one is the better: its classes are 0.1 further apart.
    """
    reach = REACH if np.isinf(world.freedom) else 3 * REACH
    score = np.linspace(-reach, reach + world.distance + 0.1, points)
    effect, weight = _effects()
    first, second = (np.ravel(grid) for grid in np.meshgrid(score, score, indexing="ij"))
    noise = 1 - world.correlation
    rho = (agreement - world.correlation) / noise
    classes = []
    for positive in (0.0, 1.0):
        shift = np.sqrt(world.correlation) * effect[:, None]
        a = (first - world.distance * positive - shift) / np.sqrt(noise)
        b = (second - (world.distance + 0.1) * positive - shift) / np.sqrt(noise)
        form = (a**2 - 2 * rho * a * b + b**2) / (1 - rho**2)
        # The bivariate normal density, or that of the bivariate t with the same correlation.
        tails = world.freedom
        density = np.exp(-form / 2) if np.isinf(tails) else (1 + form / tails) ** (-(tails + 2) / 2)
        classes.append(density / density.sum(axis=1, keepdims=True))
    return Population(weight, np.array(classes)), first, second


def successes(rate: float, correlation: float) -> Population:
    """Return rows that succeed at `rate`; the success of rows of one unit correlates."""
    grid = (np.arange(400) + 0.5) / 400
    strength = 1 / correlation - 1
    rates = beta(rate * strength, (1 - rate) * strength).ppf(grid)
    rates = np.clip(rates * rate / rates.mean(), 0, 1)
    return Population(np.full(400, 1 / 400), np.array([np.stack([1 - rates, rates], axis=1)]))


def disagreements(rate: float, correlation: float) -> Population:
    """Return rows on which one of two models is right (cell 0: b alone, 2: a alone) or both are the same (cell 1).

    Units lean to one model or the other, or are all agreement, so that differences of rows of one unit correlate,
    also where disagreement is rarer than the correlation.
    """
    leaning = min(1.0, 0.9 * rate / correlation)
    lean = np.array([-1.0, 1.0, 0.0]) * np.sqrt(correlation * rate / leaning)
    disagreeing = np.array([1.0, 1.0, 0.0]) * rate / leaning
    cells = np.stack([(disagreeing - lean) / 2, 1 - disagreeing, (disagreeing + lean) / 2], axis=1)
    return Population(np.array([leaning / 2, leaning / 2, 1 - leaning]), cells[None])


def _effects(points: int = 31) -> tuple[Floats, Floats]:
    effect = np.linspace(-3.9, 3.9, points)
    weight = norm.pdf(effect)
    return effect, weight / weight.sum()


@dataclass(frozen=True, slots=True)
class Design:
    """Which rows there are: their class and their unit.

    Parameters
    ----------
    kind
        Class of each row, shape (n,).
    unit
        Unit of each row, shape (n,), or None where every row is one.
    world
        What the rows look like.
    """

    kind: NDArray[np.intp]
    unit: NDArray[np.intp] | None
    world: World

    @classmethod
    def of(cls, world: World, n: int, positives: int, *, clustered: bool, classes: int) -> Design:
        """Return a design of n rows; in one of two classes the positives are spread at random over the units."""
        random = np.random.default_rng(n + positives)
        kind = np.zeros(n, dtype=np.intp)
        if classes == 2:
            kind[random.permutation(n)[:positives]] = 1
        unit = np.arange(n) // world.rows_a_unit
        if world.unequal:
            unit = np.repeat(np.arange(n), random.geometric(1 / world.rows_a_unit, size=n))[:n]
        return cls(kind, unit if clustered else None, world)


class Tilted:
    """A population under one of several tilts: a function of class and cell, added to the log density."""

    def __init__(self, population: Population, design: Design, tilt: Floats) -> None:
        self.tilt = tilt
        self.design = design
        log_cells = np.log(np.maximum(population.cells, 1e-300)) + tilt[:, None, :]
        log_norm = logsumexp(log_cells, axis=2)
        cdf = np.cumsum(np.exp(log_cells - log_norm[:, :, None]), axis=2)
        self.classes, self.effects, self.size = cdf.shape
        # Made strictly below the next row's start, so that one search serves all classes and effects.
        self.cdf = (
            np.minimum(cdf, 1 - 1e-12) + np.arange(self.classes * self.effects).reshape((*cdf.shape[:2], 1))
        ).ravel()
        counts = self._counts()
        log_effect = np.log(np.maximum(population.effects, 1e-300)) + counts @ log_norm
        per_unit = logsumexp(log_effect, axis=1)
        repeats = len(design.kind) if design.unit is None else 1
        self.log_constant = float(per_unit.sum()) if repeats == 1 else float(self._kinds() @ log_norm[:, 0])
        self.effect_cdf = np.cumsum(np.exp(log_effect - per_unit[:, None]), axis=1)

    def _kinds(self) -> Floats:
        return np.bincount(self.design.kind, minlength=self.classes).astype(float)

    def _counts(self) -> Floats:
        unit = self.design.unit
        if unit is None:
            return np.zeros((1, self.classes))
        code = unit * self.classes + self.design.kind
        return np.bincount(code, minlength=(unit[-1] + 1) * self.classes).reshape(-1, self.classes).astype(float)

    def draw(self, random: np.random.Generator) -> NDArray[np.intp]:
        """Return the cell of each row, shape (n,)."""
        kind, unit = self.design.kind, self.design.unit
        start = kind * self.effects
        if unit is not None:
            uniform = random.random(len(self.effect_cdf))[:, None]
            effect = np.minimum((self.effect_cdf < uniform).sum(axis=1), self.effects - 1)
            start = start + effect[unit]
        found = np.searchsorted(self.cdf, start + random.random(len(kind)), side="left")
        within: NDArray[np.intp] = np.clip(found - start * self.size, 0, self.size - 1)
        return within

    def log_ratio(self, cell: NDArray[np.intp]) -> float:
        """Return the log of this density of the cells over the plain one."""
        return float(self.tilt[self.design.kind, cell].sum()) - self.log_constant
