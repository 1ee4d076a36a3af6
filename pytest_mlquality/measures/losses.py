"""What single rows contribute to a metric that is their mean."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measures.metric import Support

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RowLosses:
    """The loss of each row, of which a metric is the mean.

    Parameters
    ----------
    values
        Shape (n,).
    support
        The range in which losses can lie.
    is_root
        Whether the metric is the root of the mean.
    weight
        Of each row, shape (n,), where it is not that of the answers.
    """

    values: Floats
    support: Support = (0.0, inf)
    is_root: bool = False
    weight: Floats | None = None
