"""Exact counts of columns and labels that are not as they should be."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_mlquality.measurement import Measurement

# Types are compared by what a model sees of them, not by their width. MLflow's names stand beside Ibis's.
_KINDS = {
    "integer": ("int", "uint", "long", "short", "byte"),
    "number": ("float", "double", "decimal"),
    "text": ("string", "str", "object", "varchar"),
    "truth": ("bool",),
    "time": ("timestamp", "datetime", "date", "time"),
}
# A whole number is a number: models are fed integers where their signature says double.
_ACCEPTS = {"number": {"number", "integer"}}


def kind_of(type_name: str) -> str:
    """Return integer, number, text, truth or time for a type's name; the name itself where none fits."""
    plain = type_name.lower().lstrip("!")
    for kind, prefixes in _KINDS.items():
        if plain.startswith(prefixes):
            return kind
    return plain


def mismatched_columns(found: Mapping[str, str], wanted: Mapping[str, str]) -> Measurement:
    """Count wanted columns that are missing, or found in another kind of type.

    Parameters
    ----------
    found, wanted
        Column to type name; an empty type name in `wanted` accepts any.
    """
    problems = {column: _problem(found.get(column), kind) for column, kind in wanted.items()}
    wrong = {column: problem for column, problem in problems.items() if problem}
    return Measurement(
        name="mismatched_columns",
        value=float(len(wrong)),
        lower=lambda _level: float(len(wrong)),
        upper=lambda _level: float(len(wrong)),
        n=len(wanted),
        unit="columns",
        reason="; ".join(f"{column}: {problem}" for column, problem in wrong.items()),
        details={"kind": "rules", "rules": [{"rule": f"{c}: {p}", "count": 1} for c, p in wrong.items()]},
    )


def _problem(found: str | None, wanted: str) -> str:
    if found is None:
        return "missing"
    if not wanted:
        return ""
    kind = kind_of(wanted)
    return "" if kind_of(found) in _ACCEPTS.get(kind, {kind}) else f"is {found}, the model was made for {wanted}"


def missing_targets(missing: int, rows: int) -> Measurement:
    """Count rows without a label among `rows`."""
    return Measurement.exact(missing, name="missing_targets", n=rows, unit="rows")
