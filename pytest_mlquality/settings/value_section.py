"""The section that says what decisions are worth."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, Field, PlainSerializer

from pytest_mlquality.settings.section import Section, Text

Gain = Annotated[float, Field(allow_inf_nan=False)]


def _plain(gain: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    return {truth: dict(decided) for truth, decided in gain.items()}


class ValueSettings(Section):
    """What decisions are worth, for the metric ``mean_value``."""

    unit: str = Field(default="", description="What gains are counted in.", examples=["EUR"])
    gain: Annotated[Mapping[Text, Mapping[Text, Gain]], AfterValidator(MappingProxyType), PlainSerializer(_plain)] = (
        Field(
            description="By true label, and by the label decided, what a row gains; a cost is negative.",
            examples=[{"yes": {"yes": 100, "no": -20}, "no": {"yes": -5, "no": 0}}],
        )
    )
