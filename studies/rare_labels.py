"""Labels about as frequent as gives them a bin: ``python studies/rare_labels.py`` writes rare_labels.json.

How often bounds exclude that nothing has moved where nothing has, in a column of labels that chance alone divides into
those with a bin and those without; and how often rare labels that have become frequent fail.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from record import origin, write

from pytest_mlquality.data.profiles import Column, Profile
from pytest_mlquality.data.profiles.labels import Counted, LabelLayout
from pytest_mlquality.measures.drift import column_drift

SEED = 2026
COVERED = ("measures/rare_labels.py", "measures/drift.py", "data/profiles/labels.py")
OUTPUT = Path(__file__).with_name("rare_labels.json")
FALSE_FAIL = 1e-5
LEVELS = (0.05, 0.01)
# How many labels, and the rows of each, on average.
NEAR_THE_CUT, NEAR_RUNS = ((100, 10), (1_000, 10), (1_000, 12), (2_000, 20)), 1_000
OF_LABELS = ("jensen_shannon_distance", "total_variation", "unseen_share", "rare_share")
# Twenty labels of 0.2% each become so many times as frequent, and the limit for it.
RARE_ROWS, RARE_LIMIT, RARE_FACTORS, RARE_RUNS = 5_000, 0.02, (1, 1.5, 3), 200


def main() -> None:
    near = [cell for labels, rows in NEAR_THE_CUT for cell in near_the_cut(labels, rows)]
    rare = [grown(factor) for factor in RARE_FACTORS]
    write(OUTPUT, origin(SEED, ("numpy", "scipy"), COVERED) | {"near_the_cut": near, "grown": rare})


def near_the_cut(labels: int, rows: int) -> Iterator[dict[str, Any]]:
    """Yield how often a bound excludes that nothing has moved, by measure and level, where nothing has."""
    excluded = np.zeros((len(OF_LABELS), len(LEVELS), 2))
    for run in range(NEAR_RUNS):
        draw = np.random.default_rng([SEED, labels, rows, run])
        sides = [Counter(draw.integers(0, labels, labels * rows).tolist()) for _ in range(2)]
        before, after = _of_labels(*sides)
        for place, measure in enumerate(OF_LABELS):
            found = column_drift(measure, "label", before, after, ("reference", "current"))
            assert found is not None
            assert found.value is not None
            excluded[place] += [[found.lower(level) > 0, found.upper(level) < 0] for level in LEVELS]
    for place, measure in enumerate(OF_LABELS):
        for at, level in enumerate(LEVELS):
            lower, upper = (excluded[place, at] / NEAR_RUNS).tolist()
            cell = {"labels": labels, "rows_each": rows, "runs": NEAR_RUNS, "measure": measure, "level": level}
            yield cell | {"lower_above_0": lower, "upper_below_0": upper}
            print(cell, lower, upper, flush=True)


def grown(factor: float) -> dict[str, Any]:
    """Return how often rare labels that are more frequent by a factor fail, and are named."""
    share = np.array([0.6, 0.36, *[0.002] * 20])
    after = share * np.array([1.0, 1.0, *[factor] * 20])
    failed = named = 0
    for run in range(RARE_RUNS):
        draw = np.random.default_rng([SEED, 7, run])
        counts = [draw.multinomial(RARE_ROWS, some / some.sum()) for some in (share, after)]
        sides = [Counter(dict(enumerate(one.tolist()))) for one in counts]
        found = column_drift("rare_share", "label", *_of_labels(*sides), ("reference", "current"))
        assert found is not None
        failed += found.lower(FALSE_FAIL) > RARE_LIMIT
        named += bool(found.reason)
    result = {"factor": factor, "grown_by": round(float((after / after.sum() - share)[2:].sum()), 4)}
    result |= {"rows": RARE_ROWS, "at_most": RARE_LIMIT, "runs": RARE_RUNS, "failed": failed, "named": named}
    print(result, flush=True)
    return result


def _of_labels(*sides: Counter[int]) -> tuple[Profile, Profile]:
    """Return the profiles of two columns of labels whose rows are counted, as `profile` would make them."""
    reference, current = ({f"v{label}": n for label, n in side.items() if n} for side in sides)
    layout = Counted(dict(sorted(reference.items(), key=lambda one: (-one[1], one[0]))), 0).layout()
    return _profile(reference, layout), _profile(current, layout)


def _profile(rows: Mapping[str, int], layout: LabelLayout) -> Profile:
    own = [rows.get(label, 0) for label in layout.labels]
    binned = set(layout.labels)
    others = {label: n for label, n in rows.items() if label not in binned}
    total = sum(rows.values())
    column = Column("label", "string", total, 0, layout, (*own, total - sum(own)), new_labels=others)
    return Profile(total, float(total), {"label": column})


if __name__ == "__main__":
    main()
