"""Populations on a grid, from which rows are drawn plainly or tilted towards a bound's failure.

A population gives the probabilities of a row's cell by its class and by the effect of its unit. On a grid the true
value of a measure is a sum, and so is the normalising constant of an exponential tilt: the likelihood ratio of a
tilted sample is exact (importance sampling; Siegmund 1976, Annals of Statistics 4, 673-684).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp
from scipy.stats import beta, norm

Floats = NDArray[np.float64]
ROWS_A_UNIT = 20
CORRELATION = 0.1
# Binormal classes this far apart have an AUC of 0.9.
DISTANCE = 1.8124


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


def binormal(points: int = 241) -> tuple[Population, Floats]:
    """Return scores of negatives and positives with an AUC of 0.9, and the score of each cell."""
    score = np.linspace(-4.6, 4.6 + DISTANCE, points)
    effect, weight = _effects()
    centre = np.array([0.0, DISTANCE])[:, None, None] + np.sqrt(CORRELATION) * effect[None, :, None]
    return Population(weight, _normal_cells(score, centre, np.sqrt(1 - CORRELATION))), score


def two_scores(points: int = 81, agreement: float = 0.95) -> tuple[Population, Floats, Floats]:
    """Return pairs of scores of two models whose errors agree, and both scores of each cell.

    The second one is the better: its classes are 0.1 further apart.
    """
    score = np.linspace(-4.6, 4.6 + DISTANCE + 0.1, points)
    effect, weight = _effects()
    first, second = (np.ravel(grid) for grid in np.meshgrid(score, score, indexing="ij"))
    noise = 1 - CORRELATION
    rho = (agreement - CORRELATION) / noise
    classes = []
    for positive in (0.0, 1.0):
        shift = np.sqrt(CORRELATION) * effect[:, None]
        a = (first - DISTANCE * positive - shift) / np.sqrt(noise)
        b = (second - (DISTANCE + 0.1) * positive - shift) / np.sqrt(noise)
        density = np.exp(-(a**2 - 2 * rho * a * b + b**2) / (2 * (1 - rho**2)))
        classes.append(density / density.sum(axis=1, keepdims=True))
    return Population(weight, np.array(classes)), first, second


def successes(rate: float) -> Population:
    """Return rows that succeed at `rate`; the success of rows of one unit correlates by 0.1."""
    grid = (np.arange(400) + 0.5) / 400
    strength = 1 / CORRELATION - 1
    rates = beta(rate * strength, (1 - rate) * strength).ppf(grid)
    rates = np.clip(rates * rate / rates.mean(), 0, 1)
    return Population(np.full(400, 1 / 400), np.array([np.stack([1 - rates, rates], axis=1)]))


def disagreements(rate: float) -> Population:
    """Return rows on which one of two models is right (cell 0: b alone, 2: a alone) or both are the same (cell 1).

    Units lean to one model or the other, or are all agreement, so that differences of rows of one unit correlate by
    0.1, also where disagreement is rarer than that.
    """
    leaning = min(1.0, 0.9 * rate / CORRELATION)
    lean = np.array([-1.0, 1.0, 0.0]) * np.sqrt(CORRELATION * rate / leaning)
    disagreeing = np.array([1.0, 1.0, 0.0]) * rate / leaning
    cells = np.stack([(disagreeing - lean) / 2, 1 - disagreeing, (disagreeing + lean) / 2], axis=1)
    return Population(np.array([leaning / 2, leaning / 2, 1 - leaning]), cells[None])


def _effects(points: int = 31) -> tuple[Floats, Floats]:
    effect = np.linspace(-3.9, 3.9, points)
    weight = norm.pdf(effect)
    return effect, weight / weight.sum()


def _normal_cells(score: Floats, centre: Floats, spread: float) -> Floats:
    density = norm.pdf((score - centre) / spread)
    cells: Floats = density / density.sum(axis=-1, keepdims=True)
    return cells


@dataclass(frozen=True, slots=True)
class Design:
    """Which rows there are: their class and their unit.

    Parameters
    ----------
    kind
        Class of each row, shape (n,).
    unit
        Unit of each row, shape (n,), or None where every row is one.
    """

    kind: NDArray[np.intp]
    unit: NDArray[np.intp] | None

    @classmethod
    def of(cls, n: int, positives: int, *, clustered: bool, classes: int) -> Design:
        """Return a design of n rows; in one of two classes the positives are spread at random over the units."""
        random = np.random.default_rng(n + positives)
        kind = np.zeros(n, dtype=np.intp)
        if classes == 2:
            kind[random.permutation(n)[:positives]] = 1
        return cls(kind, np.arange(n) // ROWS_A_UNIT if clustered else None)


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
