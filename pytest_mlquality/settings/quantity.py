"""Amounts with their unit written out, such as ``"36 hours"``."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

_DAYS = {
    "second": 1 / 86400,
    "minute": 1 / 1440,
    "hour": 1 / 24,
    "day": 1.0,
    "week": 7.0,
    "month": 30.4375,
    "year": 365.25,
}
_AMOUNT = rf"([0-9]+(?:\.[0-9]+)?) ({'|'.join(_DAYS)})s?"

Quantity = Annotated[str, Field(pattern=f"^{_AMOUNT}$", examples=["36 hours"])]


def days(text: str) -> float:
    """Return a length of time in days; months and years are the mean ones of the Gregorian calendar."""
    amount = re.fullmatch(_AMOUNT, text)
    if amount is None:
        raise ValueError(f"{text!r} is not a length of time, such as '36 hours'")
    return float(amount[1]) * _DAYS[amount[2]]
