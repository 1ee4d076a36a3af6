"""Frames with other values in some columns, which may be called anything, as ``self`` of ``DataFrame.assign``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def with_other_values(frame: pd.DataFrame, values: Mapping[Any, Any]) -> pd.DataFrame:
    """Return a copy of a frame with columns replaced, or added behind the others."""
    changed = frame.copy()
    for name, column in values.items():
        changed[name] = column
    return changed
