"""Tables that map a measure's name to its limit; ``measure = false`` drops one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, PlainSerializer
from pydantic_core import PydanticCustomError, core_schema

from pytest_mlquality.limit import Limit
from pytest_mlquality.settings.quantity import Quantity, days
from pytest_mlquality.settings.section import Section

LIMIT_EXAMPLE = {"at_least": 0.9}


class LimitTable(Section):
    """A limit as the file writes it."""

    at_least: float | None = Field(default=None, description="The least value that passes.", examples=[0.88])
    at_most: float | None = Field(default=None, description="The greatest value that passes.", examples=[0.1])


def _sound(table: LimitTable) -> LimitTable:
    """Return the table itself; ValueError where it limits nothing or nothing satisfies it."""
    Limit(at_least=table.at_least, at_most=table.at_most)
    return table


Bounds = Annotated[LimitTable, AfterValidator(_sound)]


class AmountTable(Section):
    """A limit whose edges may be written with their unit."""

    at_least: float | Quantity | None = Field(default=None, description="The least that passes.", examples=[1])
    at_most: float | Quantity | None = Field(default=None, description="The most that passes.", examples=["36 hours"])


def performance_measures() -> dict[str, str]:
    """Return the metrics of the catalogue with their meaning."""
    # Only a file that names a metric pays for the catalogue.
    from pytest_mlquality.measures.metrics import METRICS

    return {name: metric.meaning for name, metric in METRICS.items()}


def performance_patterns() -> dict[str, Pattern]:
    """Return the families of metrics that take a number, and those of the user, by the regular expression of names."""
    from pytest_mlquality.measures.metric_families import FAMILIES
    from pytest_mlquality.measures.metrics import OWN_MEANING, OWN_NAME, OWN_PATTERN

    families = {family.regex: Pattern(family.pattern, family.meaning) for family in FAMILIES.values()}
    return {**families, OWN_NAME: Pattern(OWN_PATTERN, OWN_MEANING)}


def why_no_metric(name: str) -> tuple[str, str] | None:
    """Return what is wrong with the number in brackets of a name, and the remedy; None where it is the name itself."""
    from pytest_mlquality.errors import ModelError
    from pytest_mlquality.measures.metric_families import FAMILIES
    from pytest_mlquality.measures.metrics import find

    if name.partition("[")[0] not in FAMILIES:
        return None
    try:
        find(name)
    except ModelError as error:
        return error.message, error.remedy
    return None


def schema_measures() -> dict[str, str]:
    """Return the names for ``[schema.metrics]`` with their meaning."""
    return {
        "mismatched_columns": "Columns that the model asks for and the split lacks, or has in another type.",
        "missing_targets": "Rows of the split without a label.",
        "broken_rules": "Rules of [schema] file, rules, references and distinct_values that the rows break.",
        "rows": "Number of rows of the split.",
        "staleness": "Time since the newest row of production, in days: a number, or words such as '36 hours'.",
        "longest_time_gap": "Longest time between a row and the next, in days: a number, or words such as '2 weeks'.",
        "duplicate_rows": "Share of rows that repeat another one in everything but key, ids and ignored columns.",
        "conflicting_labels": "Share of rows whose features equal those of a row with another label.",
        "ambiguous_labels": "Labels that differ from another one in letter case or white space only.",
        "rarest_class": "Share of rows with the least frequent label.",
        "constant_columns": "Features with one value in all rows.",
        "identifier_columns": "Features of text or whole numbers with a value of its own in nearly every row.",
        "mixed_columns": "Features of text in which some values are numbers and others are not.",
        "placeholders": "Share of rows in which some text stands for a missing value: '', 'N/A', '?', 'null' ...",
        "infinite_values": "Share of rows in which some number is infinite.",
        "outlier_rows": "Share of rows in which some number lies far outside of its range in train.",
    }


def leakage_measures() -> dict[str, str]:
    """Return the names for ``[schema.leakage]`` with their meaning."""
    return {
        "shared_keys": "Share of test rows whose key stands in train too.",
        "shared_rows": "Share of test rows of which train has an equal one, by the values of features and target.",
        "time_overlap": "Share of test rows that are not later than all of train; asked where split_by is time.",
        "known_too_late": "Share of rows in which a feature of known_at is known only after the row's time.",
        "single_column_score": "How well one feature alone predicts the target: ROC AUC, or R2 of a number.",
        "order_score": "How well the place of a row in its source predicts the target: ROC AUC, or R2.",
        "target_named_columns": "Features whose name contains that of the target.",
    }


def column_measures() -> dict[str, str]:
    """Return what is measured of a column between two splits, with its meaning."""
    return {
        "jensen_shannon_distance": "Jensen-Shannon distance of the frequencies: base 2, square root; 0 to 1.",
        "jensen_shannon_divergence": "Jensen-Shannon divergence of the frequencies in bits, as in TFDV; 0 to 1.",
        "hellinger_distance": "Hellinger distance of the frequencies; 0 to 1.",
        "population_stability_index": "Population stability index of the frequencies, in nats.",
        "total_variation": "Share of rows that would have to move to another bin.",
        "l_infinity": "Largest difference of the share of a bin or label, as in TFDV; 0 to 1.",
        "kolmogorov_smirnov": "Largest difference of cumulative shares, of numbers and times; 0 to 1.",
        "wasserstein_distance": "How far rows would have to move on average, in standard deviations of the reference.",
        "mean_difference": "Difference of the means in standard deviations of the reference.",
        "missing_share_difference": "Difference of the share of rows without a value.",
        "unseen_share": "By how much more rows lie out of the reference's range or have a label that it lacks.",
        "atom_ratio": "Largest ratio of a single value's shares, each and 0.2%: sentinels, zeros, a clipped sensor.",
        "minority_ratio": "Ratio of the shares of the rarer of two values, each and 1%, or its inverse.",
        "missing_ratio": "Ratio of the shares of rows without a value, each and 5%, or its inverse.",
        "rare_share": "By how much more rows have a label of which less than 1% of the reference are, or none.",
        "vanished_labels": "Labels of the reference that have no row any more, beyond what chance explains.",
    }


def skew_measures() -> dict[str, str]:
    """Return the names for ``[skew.metrics]`` with their meaning."""
    return {
        **column_measures(),
        "incomparable_columns": "Columns that one side lacks, has in another type, or has no value of.",
        "row_ratio": "Number of rows, as a multiple of the reference's.",
        "correlation_change": "Largest absolute change of a column's correlations with the others; 0 to 2.",
        "joint_drift": "How well a classifier tells the rows of both splits apart: ROC AUC, 0.5 of rows alike.",
    }


def key_measures() -> dict[str, str]:
    """Return the names for ``[skew.keys.metrics]`` with their meaning."""
    return {
        "differing_values": "Share of the keys in both splits whose values of a column differ.",
        "unmatched_keys": "Share of the keys that stand in one of the splits alone.",
    }


@dataclass(frozen=True)
class Pattern:
    """Measures of which a regular expression is the name: how people read it, and what they mean."""

    title: str
    meaning: str


@dataclass(frozen=True)
class Measures:
    """Validates a table of measures into a read-only ``Mapping[str, Limit]``.

    Parameters
    ----------
    known
        Returns the names that may stand in the table, with their meaning.
    defaults
        Limits of measures that the file does not mention.
    amounts
        Measures whose limits may be written with their unit.
    patterns
        Returns further names, by the regular expression that they match.
    why_unknown
        Returns what is wrong with a name that is neither known nor matches, and the remedy, where that can be told.
    keeps_off
        A dropped measure stays in the table as None: it drops a limit that stands elsewhere, too.
    """

    known: Callable[[], Mapping[str, str]]
    defaults: tuple[tuple[str, Limit], ...] = ()
    amounts: frozenset[str] = frozenset()
    patterns: Callable[[], Mapping[str, Pattern]] = dict
    why_unknown: Callable[[str], tuple[str, str] | None] = lambda _name: None
    keeps_off: bool = False

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        name = core_schema.no_info_after_validator_function(self._known_name, core_schema.str_schema())
        limit = core_schema.no_info_wrap_validator_function(
            _limit_or_off, handler.generate_schema(AmountTable if self.amounts else LimitTable)
        )
        return core_schema.no_info_after_validator_function(
            self._limits,
            core_schema.dict_schema(name, limit),
            serialization=core_schema.plain_serializer_function_ser_schema(written_all),
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        limit_or_off = [handler(schema)["additionalProperties"], {"const": False}]
        defaults = {name: {"default": written(limit)} for name, limit in self.defaults}
        measures = {
            name: {"description": meaning, "anyOf": limit_or_off, "examples": [LIMIT_EXAMPLE], **defaults.get(name, {})}
            for name, meaning in self.known().items()
        }
        patterns = {
            regex: {"title": one.title, "description": one.meaning, "anyOf": limit_or_off, "examples": [LIMIT_EXAMPLE]}
            for regex, one in self.patterns().items()
        }
        return {
            "type": "object",
            "properties": measures,
            **({"patternProperties": patterns} if patterns else {}),
            "additionalProperties": False,
            "default": {name: written(limit) for name, limit in self.defaults},
        }

    def _known_name(self, name: str) -> str:
        if name in self.known() or any(re.search(regex, name) for regex in self.patterns()):
            return name
        why = self.why_unknown(name)
        raise PydanticCustomError("unknown_measure", "unknown measure", {"why": why} if why else None)

    def _limits(self, table: dict[str, Limit | None]) -> Mapping[str, Limit | None]:
        merged = {**dict(self.defaults), **table}
        return MappingProxyType({n: limit for n, limit in merged.items() if limit is not None or self.keeps_off})


def _limit_or_off(value: object, validate: core_schema.ValidatorFunctionWrapHandler) -> Limit | None:
    if value is False:
        return None
    table: LimitTable | AmountTable = validate(value)
    return Limit(at_least=_number(table.at_least), at_most=_number(table.at_most))


def _number(edge: float | str | None) -> float | None:
    return days(edge) if isinstance(edge, str) else edge


def written_all(limits: Mapping[str, Limit | None]) -> dict[str, dict[str, float] | Literal[False]]:
    """Return limits as the file writes them, by the measure's name."""
    return {name: written(limit) if limit is not None else False for name, limit in limits.items()}


def written(limit: Limit) -> dict[str, float]:
    """Return a limit as the file writes it."""
    edges = {"at_least": limit.at_least, "at_most": limit.at_most}
    return {name: edge for name, edge in edges.items() if edge is not None}


def _written_tables(tables: Mapping[str, Mapping[str, Limit | None]]) -> dict[str, Any]:
    """Return tables of limits, by name, as the file writes them."""
    return {name: written_all(limits) for name, limits in tables.items()}


def with_own(
    general: Mapping[str, Limit], only: Mapping[str, Mapping[str, Limit | None]], name: str
) -> dict[str, tuple[Limit, str]]:
    """Return the limits of one entry by measure, each with the key where it stands: its own go before the general.

    Parameters
    ----------
    general
        The table ``metrics`` of the section.
    only
        Its table ``only``, in which None drops a measure for an entry.
    """
    found = {measure: (limit, f"metrics.{measure}") for measure, limit in general.items()}
    for measure, limit in only.get(name, {}).items():
        found.pop(measure, None)
        if limit is not None:
            found[measure] = (limit, f"only.{name}.{measure}")
    return found


# Tables of limits by name, read-only.
NESTED = (AfterValidator(MappingProxyType), PlainSerializer(_written_tables))
