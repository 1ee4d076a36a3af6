"""What decisions are worth: a gain for each pair of a true label and the one decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.errors import ModelError, nearest
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.metrics import MEAN_VALUE, METRICS

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
MOST_NAMED = 3


def mean_value(gain: Mapping[str, Mapping[str, float]], unit: str) -> Metric:
    """Return the metric of the gains that the settings list by the words for labels."""
    return replace(METRICS[MEAN_VALUE], gain=gain, unit=unit)


@dataclass(frozen=True, slots=True, eq=False)
class Gains:
    """Gains by the codes of labels, shape (true labels, decided labels)."""

    table: Floats

    @classmethod
    def of(cls, gain: Mapping[str, Mapping[str, float]] | None, labels: Sequence[Any]) -> Gains:
        """Return the gains of a model's labels, in their order.

        Raises
        ------
        ModelError
            If there are none, if a pair of labels has none, or one is named that the model does not know.
        """
        if gain is None:
            raise ModelError(
                f"{MEAN_VALUE} needs gains, and there are none",
                "say in [performance.value.gain] what decisions are worth",
            )
        words = [word(label) for label in labels]
        for named in [*gain, *(decided for of_truth in gain.values() for decided in of_truth)]:
            if named not in words:
                raise ModelError(
                    f"[performance.value] gain names the label {named!r}{nearest(named, words)}",
                    f"the labels of the model are {', '.join(words)}",
                )
        missing = [f"{truth}.{decided}" for truth in words for decided in words if decided not in gain.get(truth, {})]
        if missing:
            more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
            raise ModelError(
                f"[performance.value] gain lacks {', '.join(missing[:MOST_NAMED])}{more}",
                "write true label = { decided label = gain }: 0 where nothing is gained or lost",
            )
        return cls(np.array([[gain[truth][decided] for decided in words] for truth in words], dtype=np.float64))

    def of_rows(self, truth: Codes, decision: Codes) -> Floats:
        """Return what each row gains, shape (n,)."""
        return np.asarray(self.table[truth, decision])

    @property
    def least(self) -> float:
        """The least that a row can gain."""
        return float(self.table.min())

    @property
    def most(self) -> float:
        """The most that a row can gain."""
        return float(self.table.max())


def word(label: object) -> str:
    """Return a label as a key of TOML writes it: ``true``, ``1``, ``yes``."""
    if isinstance(label, bool | np.bool_):
        return str(bool(label)).lower()
    if isinstance(label, float | np.floating) and float(label).is_integer():
        return str(int(label))
    return str(label)
