"""The populations of the study of distances: shares of bins, at a given distance from others, and rows with faults."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import jensenshannon
from scipy.special import ndtr

Floats = NDArray[np.float64]

ROWS, BINS = 5_000, 20
FAULTS = (
    "nothing (number)",
    "nothing (labels)",
    "mean + 0.5 sd",
    "scale x 1.5",
    "x 100 in 5% of rows",
    "missing 1% -> 10%",
    "new label, 3%",
    "constant",
)


def shares(bins: int, shape: str) -> Floats:
    """Return shares of bins: some more, some less than others; "tied": 60% of the rows in the first."""
    draw = np.random.default_rng([bins, len(shape)])
    others = draw.gamma(5, 1, bins - 1 if shape == "tied" else bins)
    if shape == "tied":
        return np.append(0.6, 0.4 * others / others.sum())
    found: Floats = others / others.sum()
    return found


def truth(name: str, p: Floats, q: Floats, centres: Floats | None = None) -> float:
    """Return a distance by its definition."""
    if name == "jensen_shannon_distance":
        return float(jensenshannon(p, q, base=2))
    if name == "hellinger_distance":
        return float(np.sqrt(((np.sqrt(p) - np.sqrt(q)) ** 2).sum() / 2))
    if name == "population_stability_index":
        return float(((q - p) * np.log(q / p)).sum())
    gaps = q - p
    if name == "total_variation":
        return float(np.abs(gaps).sum() / 2)
    if name == "l_infinity":
        return float(np.abs(gaps).max())
    if name == "kolmogorov_smirnov":
        return float(np.abs(np.cumsum(gaps)).max())
    places = np.arange(len(p), dtype=np.float64) if centres is None else centres
    sd = np.sqrt(p @ (places - p @ places) ** 2)
    return float(np.abs(np.cumsum(gaps))[:-1] @ np.diff(places) / sd)


def shifted(name: str, reference: Floats, distance: float) -> Floats | None:
    """Return `reference` tilted towards its last bins up to a true `distance`; None where no tilt reaches it."""
    if distance == 0:
        return reference
    low, high = 0.0, 50.0
    for _ in range(60):
        tilt = (low + high) / 2
        if truth(name, reference, _tilted(reference, tilt)) < distance:
            low = tilt
        else:
            high = tilt
    current = _tilted(reference, low)
    return current if abs(truth(name, reference, current) - distance) < 1e-6 else None


def _tilted(reference: Floats, tilt: float) -> Floats:
    weighted = reference * np.exp(tilt * np.linspace(-1, 0, len(reference)))
    found: Floats = weighted / weighted.sum()
    return found


def counts(fault: str, draw: np.random.Generator) -> tuple[Any, Any, Floats]:
    """Return counts of the reference and of rows with a fault, and the centres of the bins.

    Numbers: bins at the quantiles of the reference, and one below and one above all that the reference has seen.
    """
    if "label" in fault:
        known = shares(BINS, "tied")
        new = 0.03 if fault.startswith("new") else 0.0
        labels = draw.multinomial(ROWS, np.append((1 - new) * known, new))
        return draw.multinomial(ROWS, np.append(known, 0.0)), labels, np.arange(BINS + 1, dtype=np.float64)
    reference: Floats = draw.normal(size=ROWS)
    current: Floats = draw.normal(size=ROWS)
    if fault.startswith("mean"):
        current += 0.5
    elif fault.startswith("scale"):
        current *= 1.5
    elif fault.startswith("x 100"):
        current[draw.random(ROWS) < 0.05] *= 100
    elif fault == "constant":
        current[:] = 0.123
    edges = np.quantile(reference, np.linspace(0, 1, BINS + 1))
    edges[-1] = np.nextafter(edges[-1], np.inf)
    inner = (edges[1:] + edges[:-1]) / 2
    step = edges[-1] - edges[0]
    centres = np.concatenate(([edges[0] - step / 2], inner, [edges[-1] + step / 2]))
    places = [np.searchsorted(edges, side, side="right") for side in (reference, current)]
    tables = [np.bincount(place, minlength=BINS + 2) for place in places]
    return tables[0], tables[1], centres


def meaning(name: str, limit: float) -> dict[str, float | None]:
    """Return what shift of a normal column, or of a label's share, lies at a limit."""
    edges = np.linspace(-8, 8, 321)
    centres = (edges[1:] + edges[:-1]) / 2

    def of_normal(mean: float, sd: float) -> float:
        p, q = np.diff(ndtr(edges)), np.diff(ndtr((edges - mean) / sd))
        return truth(name, p / p.sum() + 1e-15, q / q.sum() + 1e-15, centres)

    def of_label(share: float) -> float:
        empty = 0.5 / ROWS if name == "population_stability_index" else 0.0
        return truth(name, np.array([1 - empty, empty]), np.array([1 - share, share]), np.array([0.0, 1.0]))

    found: dict[str, float | None] = {
        "mean, sd": _reached(lambda x: of_normal(x, 1.0), limit, 3.0),
        "scale, times": _reached(lambda x: of_normal(0.0, 1 + x), limit, 3.0),
    }
    if name not in ("kolmogorov_smirnov", "wasserstein_distance"):
        found["new label, share"] = _reached(of_label, limit, 0.9)
    if found["scale, times"] is not None:
        found["scale, times"] += 1
    return {key: None if value is None else round(value, 4) for key, value in found.items()}


def _reached(distance: Any, limit: float, most: float) -> float | None:  # noqa: ANN401 - a function of a number
    low, high = 1e-6, most
    if distance(high) < limit:
        return None
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if distance(middle) < limit else (low, middle)
    return low
