"""What stands behind one measurement: for each kind, all that its picture and its text alternative need.

Reports draw from these alone, so no report ever needs the data. A kind that a reader does not know is kept as it is
and shown as a table: older readers stay able to read newer evidence.
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, JsonValue, Tag, TypeAdapter, model_validator

# Both ends of a 95% interval; null where the interval has no end on that side, because JSON has no infinity.
Interval = tuple[float | None, float | None]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]


class Strict(BaseModel):
    """Nothing unknown, nothing converted, no NaN and no infinity."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Details(Strict):
    """What every kind may carry."""

    title: str = Field("", description="What is shown, in one line; also the beginning of the text alternative.")


class HistogramPair(Details):
    """The distribution of one column in two splits."""

    kind: Literal["histogram_pair"]
    column: str
    names: tuple[str, str] = Field(description="The two splits.")
    counts: tuple[list[Count], list[Count]] = Field(description="Rows a bin, for each of the two.")
    edges: list[float | None] | None = Field(
        None, description="Of a number: one more than bins; null at an end that is open."
    )
    categories: list[str] | None = Field(None, description="Of a category: one a bin.")
    other: tuple[Count, Count] = Field((0, 0), description="Rows in categories too rare to be named.")
    missing: tuple[Count, Count] = Field((0, 0), description="Rows without a value.")

    @model_validator(mode="after")
    def _bins_fit(self) -> Self:
        if (self.edges is None) == (self.categories is None):
            raise ValueError("either edges or categories, not both and not neither")
        bins = len(self.edges) - 1 if self.edges is not None else len(self.categories or ())
        if any(len(counts) != bins for counts in self.counts):
            raise ValueError(f"{bins} bins, but {len(self.counts[0])} and {len(self.counts[1])} counts")
        return self


class Group(Strict):
    """One group's number."""

    name: str
    value: float | None
    n: Count
    interval: Interval | None = None
    reason: str = Field("", description="Why there is no value.")


class Groups(Details):
    """One number for every group of a column."""

    kind: Literal["groups"]
    by: str = Field(description="The column or columns that make the groups.")
    metric: str
    groups: list[Group]


class Series(Strict):
    """One line of a curve, with a band where its uncertainty is known."""

    name: str
    x: list[float]
    y: list[float]
    lower: list[float] | None = None
    upper: list[float] | None = None

    @model_validator(mode="after")
    def _lengths_fit(self) -> Self:
        columns = {"y": self.y, "lower": self.lower, "upper": self.upper}
        for name, column in columns.items():
            if column is not None and len(column) != len(self.x):
                raise ValueError(f"{len(self.x)} values of x, but {len(column)} of {name}")
        return self


class Curve(Details):
    """Lines over two axes: an ROC curve, a reliability curve, a series over time."""

    kind: Literal["curve"]
    x_label: str
    y_label: str
    series: list[Series]
    diagonal: bool = Field(False, description="Whether y = x is drawn, as for chance or perfect calibration.")


class Quantile(Strict):
    """One quantile of a sample."""

    p: Share
    value: float | None
    interval: Interval | None = None


class Sample(Strict):
    """The quantiles of one sample."""

    name: str
    n: Count
    quantiles: list[Quantile]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if any(left.p >= right.p for left, right in pairwise(self.quantiles)):
            raise ValueError("quantiles must be in ascending order of p")
        return self


class Quantiles(Details):
    """Quantiles of one or more samples, such as response times."""

    kind: Literal["quantiles"]
    unit: str
    samples: list[Sample]


class DependenceLine(Strict):
    """The mean answer at each value of a column, of one output."""

    name: str
    y: list[float]


class Dependence(Strict):
    """How answers depend on a column, all else as it is: over numbers or over labels."""

    x: list[float] | None = None
    labels: list[str] | None = None
    lines: list[DependenceLine]

    @model_validator(mode="after")
    def _lengths_fit(self) -> Self:
        points = self.x if self.x is not None else self.labels
        if points is None or any(len(line.y) != len(points) for line in self.lines):
            raise ValueError("a dependence needs x or labels, and as many values in each line")
        return self


class Ranked(Strict):
    """One item of a ranking."""

    name: str
    value: float | None
    interval: Interval | None = None
    quantiles: list[Quantile] | None = Field(None, description="Of what the item adds to single answers.")
    dependence: Dependence | None = Field(None, description="How the answers depend on the item.")


class Ranking(Details):
    """Items in order, largest first, such as features by importance."""

    kind: Literal["ranking"]
    label: str = Field(description="What the values are.")
    items: list[Ranked]
    total: Count = Field(description="How many items there are, of which `items` may be the first few.")


class Node(Strict):
    """One thing in a graph."""

    id: str
    label: str
    role: str = ""


class Edge(Strict):
    """One arrow of a graph."""

    source: str
    target: str
    label: str = ""


class Graph(Details):
    """Things and arrows between them, such as lineage."""

    kind: Literal["graph"]
    nodes: list[Node]
    edges: list[Edge]

    @model_validator(mode="after")
    def _edges_have_ends(self) -> Self:
        known = {node.id for node in self.nodes}
        for edge in self.edges:
            for end in (edge.source, edge.target):
                if end not in known:
                    raise ValueError(f"an edge names {end!r}, which is no node")
        return self


class Rule(Strict):
    """One rule and how often it was broken."""

    rule: str
    count: Count = Field(description="How often it is broken; 0 where it holds.")
    rows: Count | None = Field(None, description="Of how many rows, where rows break it.")
    column: str | None = None
    message: str = ""


class Rules(Details):
    """Rules that hold or not, such as those of a schema."""

    kind: Literal["rules"]
    rules: list[Rule]


class Compared(Strict):
    """One of the two sides of a comparison."""

    name: str
    value: float | None
    interval: Interval | None = None


class Comparison(Details):
    """The same number of two things, such as challenger and baseline, and their difference."""

    kind: Literal["comparison"]
    metric: str
    first: Compared
    second: Compared
    difference: float | None = Field(None, description="First minus second.")
    n: Count | None = Field(None, description="Rows on which both were measured.")


KINDS = ("histogram_pair", "groups", "curve", "quantiles", "ranking", "graph", "rules", "comparison")


class OtherDetails(BaseModel):
    """Details of a kind that this version does not know: kept, and shown as a table."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True, allow_inf_nan=False)
    __pydantic_extra__: dict[str, JsonValue]

    kind: str = Field(json_schema_extra={"not": {"enum": list(KINDS)}})


def _tag(value: Any) -> str:  # noqa: ANN401 - whatever stands in the file
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return kind if isinstance(kind, str) and kind in KINDS else "other"


AnyDetails = Annotated[
    Annotated[HistogramPair, Tag("histogram_pair")]
    | Annotated[Groups, Tag("groups")]
    | Annotated[Curve, Tag("curve")]
    | Annotated[Quantiles, Tag("quantiles")]
    | Annotated[Ranking, Tag("ranking")]
    | Annotated[Graph, Tag("graph")]
    | Annotated[Rules, Tag("rules")]
    | Annotated[Comparison, Tag("comparison")]
    | Annotated[OtherDetails, Tag("other")],
    Discriminator(_tag),
]

_DETAILS: TypeAdapter[AnyDetails] = TypeAdapter(AnyDetails)


def acceptable(details: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return details that the evidence can hold: those given, or what is wrong with them.

    A picture that cannot be drawn must not cost the measurement that it belongs to.
    """
    if details is None:
        return None
    try:
        _DETAILS.validate_json(json.dumps(details, allow_nan=False))
    except (ValueError, TypeError) as problem:
        return {"kind": "unusable", "of": str(details.get("kind")), "problem": str(problem).splitlines()[0]}
    return details
