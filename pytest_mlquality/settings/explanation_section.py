"""The section about what the model relies on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypeAliasType

from pytest_mlquality.limit import Limit
from pytest_mlquality.settings.limits import Measures
from pytest_mlquality.settings.section import FROM_LIST, READ_ONLY, Section, Share, Text, Texts
from pytest_mlquality.settings.skew_section import Pair
from pytest_mlquality.settings.subject_sections import SplitName

Method = Literal["shap", "shap_permutation", "lime", "permutation_importance"]


def explanation_measures() -> dict[str, str]:
    """Return the names for ``[explanation.metrics]`` with their meaning."""
    return {
        "largest_share": "Largest share of one column in what moves the answers: near 1 it may hold the answer itself. "
        "By default at most 0.7 + 0.3 / columns; a model of one column is not judged.",
        "forbidden_share": "Share of each column of forbidden in what moves the answers.",
        "proxy_share": "Share of the columns that stand in for each of forbidden: associated by proxies_from and more.",
        "expected_rank": "Place of each column of expected by its share, 1 for the largest.",
        "against_direction": "Part of the movement of the answers against each direction of monotone.",
        "unused_columns": "Columns that the model asks for and that move no answer.",
        "additivity_error": "How far SHAP values miss an answer at most, in standard deviations of the answers.",
        "fidelity": "How well LIME's linear models stand for the answers around a row: mean of their R2.",
        "stability": "How far explanations of other seeds agree on the order of the columns at least: NDCG.",
    }


def drift_measures() -> dict[str, str]:
    """Return the names for ``[explanation.drift]`` with their meaning."""
    # Only a file that names one pays for the measures.
    from pytest_mlquality.measures.attribution_drift import MEANINGS

    return dict(MEANINGS)


@dataclass(frozen=True, slots=True)
class ByColumns(Limit):
    """The limit of `largest_share` where the file writes none: how many columns there are decides.

    `at_most` is that of very many. Of `columns` equal ones each has 1 / columns: the limit lies as far from there to 1,
    which one column alone has, as `at_most` lies from 0 to 1.
    """

    def of(self, columns: int) -> Limit:
        """Return the limit for a model that sees so many columns."""
        most = self.at_most or 0.0
        return Limit(at_most=round(most + (1 - most) / columns, 3))


DriftLimits = TypeAliasType("DriftLimits", Annotated[Mapping[str, Limit], Measures(drift_measures)])
# Each holds where what it is about is declared, and where the method can be asked for it.
DEFAULTS = (
    ("largest_share", ByColumns(at_most=0.7)),
    ("forbidden_share", Limit(at_most=0.01)),
    ("expected_rank", Limit(at_most=5.0)),
    ("against_direction", Limit(at_most=0.05)),
    ("additivity_error", Limit(at_most=0.001)),
    ("stability", Limit(at_least=0.95)),
)
# Which columns a measure is of, one claim each.
OF_COLUMNS = {
    "forbidden_share": "forbidden",
    "proxy_share": "forbidden",
    "expected_rank": "expected",
    "against_direction": "monotone",
}
# What only some methods can be asked for.
OF_METHODS = {"additivity_error": ("shap", "shap_permutation"), "fidelity": ("lime",)}


class ExplanationSettings(Section):
    """What the model relies on."""

    on: SplitName = Field(default="test", description="Split whose answers are explained.", examples=["test"])
    method: Method = Field(
        default="shap",
        description="What explains: SHAP values (exact of trees and linear models, else sampled), LIME, or shuffling.",
        examples=["lime"],
    )
    rows: int = Field(default=500, ge=50, description="Rows whose answers are explained.", examples=[2000])
    seeds: int = Field(default=3, ge=2, le=20, description="Explanations that stability compares.", examples=[5])
    budget: int = Field(
        default=200_000,
        ge=1_000,
        description="Answers that the model may be asked for in one explanation, where its insides are not known.",
        examples=[1_000_000],
    )
    expected: Texts = Field(
        default=(), description="Columns that people expect to count most.", examples=[["AGEP", "SCHL"]]
    )
    forbidden: Texts = Field(default=(), description="Columns that are to count for nothing.", examples=[["RAC1P"]])
    proxies_from: Share = Field(
        default=0.5,
        description="Association (Cramer's V) from which on a column stands in for one of forbidden.",
        examples=[0.6],
    )
    monotone: Annotated[Mapping[Text, Literal["increasing", "decreasing"]], *READ_ONLY] = Field(
        default_factory=dict,
        validate_default=True,
        description="By column of numbers, which way the answer goes as it rises.",
        examples=[{"SCHL": "increasing"}],
    )
    metrics: Annotated[Mapping[str, Limit], Measures(explanation_measures, DEFAULTS)] = Field(
        default_factory=dict,
        validate_default=True,
        description="Limits of what the model relies on, and of the explanation itself; false drops one.",
        examples=[{"largest_share": {"at_most": 0.6}}],
    )
    between: Annotated[tuple[Pair, ...], FROM_LIST] = Field(
        default=(),
        description="Pairs of splits for drift, the reference first; default: train with production.",
        examples=[[["train", "production"]]],
    )
    drift: DriftLimits = Field(
        default_factory=dict,
        validate_default=True,
        description="Limits of how far what counts has moved between two splits.",
        examples=[{"ndcg": {"at_least": 0.9}}],
    )
    drift_to_baseline: DriftLimits = Field(
        default_factory=dict,
        validate_default=True,
        description="The same from the baseline to the model, on the same rows.",
        examples=[{"ndcg": {"at_least": 0.9}}],
    )

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The pairs of splits that drift compares."""
        return self.between or (("train", "production"),)

    def limits_of(self, *measures: str) -> dict[str, tuple[str, str | None, Limit]]:
        """Return the limits that hold of some measures, by what the claim is called: measure, column, limit."""
        found: dict[str, tuple[str, str | None, Limit]] = {}
        for measure in measures:
            limit = self.metrics.get(measure)
            if limit is None or self.method not in OF_METHODS.get(measure, (self.method,)):
                continue
            if measure not in OF_COLUMNS:
                found[measure] = (measure, None, limit)
            for column in getattr(self, OF_COLUMNS[measure]) if measure in OF_COLUMNS else ():
                found[f"{measure}-{column}"] = (measure, str(column), limit)
        return found
