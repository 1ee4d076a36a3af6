"""Divergences of two frequency distributions that are smooth: sums over bins of a function of both shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy.special import rel_entr

from pytest_mlquality.statistics.frequencies import LEAST_EXPECTED

Floats = NDArray[np.float64]
OfShares = Callable[[Floats, Floats], Floats]
Pair = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True)
class Divergence:
    """What a bin adds to a divergence, as a function f of its shares p and q, and how it changes with them.

    Parameters
    ----------
    term
        f(p, q), 0 where both are the same.
    slopes
        The derivatives of f by p and by q.
    curvatures
        ``p f_pp`` and ``q f_qq``, the second derivatives times the share.
    local
        f is ``local (p - q)^2 / p`` where q is near p.
    pseudo_count
        What is added to every count, where f has no finite value at a share of 0.
    least_expected
        Rows that a bin needs on the smaller side, were both alike. Where fewer are expected, the bias is more than the
        expansion says where derivatives grow without end towards a share of 0 (studies/distances.py).
    """

    term: OfShares
    slopes: Callable[[Floats, Floats], Pair]
    curvatures: Callable[[Floats, Floats], Pair]
    local: float
    pseudo_count: float = 0.0
    least_expected: float = LEAST_EXPECTED


BITS = 1 / log(2)


def _jensen_shannon(p: Floats, q: Floats) -> Floats:
    middle = (p + q) / 2
    found: Floats = BITS / 2 * (rel_entr(p, middle) + rel_entr(q, middle))
    return found


def _jensen_shannon_slopes(p: Floats, q: Floats) -> Pair:
    middle = (p + q) / 2
    return BITS / 2 * np.log(p / middle), BITS / 2 * np.log(q / middle)


def _jensen_shannon_curvatures(p: Floats, q: Floats) -> Pair:
    return BITS / 2 * q / (p + q), BITS / 2 * p / (p + q)


JENSEN_SHANNON = Divergence(_jensen_shannon, _jensen_shannon_slopes, _jensen_shannon_curvatures, BITS / 8)

SQUARED_HELLINGER = Divergence(
    lambda p, q: (np.sqrt(p) - np.sqrt(q)) ** 2 / 2,
    lambda p, q: ((1 - np.sqrt(q / p)) / 2, (1 - np.sqrt(p / q)) / 2),
    lambda p, q: (np.sqrt(q / p) / 4, np.sqrt(p / q) / 4),
    1 / 8,
    least_expected=5.0,
)

POPULATION_STABILITY = Divergence(
    lambda p, q: (q - p) * np.log(q / p),
    lambda p, q: (1 - q / p - np.log(q / p), 1 - p / q + np.log(q / p)),
    lambda p, q: (1 + q / p, 1 + p / q),
    1.0,
    pseudo_count=0.5,
    least_expected=5.0,
)
