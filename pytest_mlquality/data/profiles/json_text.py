"""Profiles as JSON: what is written down of one, and what a text must hold to be one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from pytest_mlquality.data.faults import failure
from pytest_mlquality.data.profiles.column import Column
from pytest_mlquality.data.profiles.edges import LEAST_ROWS
from pytest_mlquality.data.profiles.labels import LabelLayout
from pytest_mlquality.data.profiles.pairs import Pairs
from pytest_mlquality.data.profiles.profile import Profile
from pytest_mlquality.errors import DataError

_FORMAT = "mlquality/profile/v"
VERSION = 3
_REMEDY = "write it anew with Profile.to_json"
_UNDEFINED = (float("nan"),) * 4


@checked(config=ConfigDict(ser_json_inf_nan="strings", extra="forbid"))
class _File:
    format: str
    profile: Profile


_adapter = TypeAdapter(_File)


def written(profile: Profile) -> str:
    """Return a profile as JSON.

    Labels without a bin and with fewer than 10 rows are counted among those not named, and numbers that stand out with
    fewer are left out; so are the moments of fewer than 10 values, and how two labels go together where fewer than 10
    rows have both, or one of them only.
    """
    safe = replace(
        profile,
        columns={name: _safe(column) for name, column in profile.columns.items()},
        pairs=profile.pairs.of_many(LEAST_ROWS) if profile.pairs and profile.pairs.scores else None,
    )
    return _adapter.dump_json(_File(f"{_FORMAT}{VERSION}", safe)).decode()


def _safe(column: Column) -> Column:
    kept = {label: n for label, n in column.new_labels.items() if n >= LEAST_ROWS}
    atoms = {value: n for value, n in column.atoms.items() if n >= LEAST_ROWS}
    is_cut = column.unlisted is not None and len(atoms) < len(column.atoms)
    return replace(
        column,
        sums=column.sums if not 0 < column.finite < LEAST_ROWS else _UNDEFINED,
        new_labels=kept,
        atoms=atoms,
        unlisted=max(column.unlisted or 0, LEAST_ROWS - 1) if is_cut else column.unlisted,
        more_labels=column.more_labels + len(column.new_labels) - len(kept),
        more_rows=column.more_rows + sum(column.new_labels.values()) - sum(kept.values()),
    )


def read(text: str) -> Profile:
    """Return the profile that a text holds.

    Raises
    ------
    DataError
        The text is no JSON, no profile, of a newer version, or contradicts itself.
    """
    try:
        _require_version(json.loads(text))
        profile = _adapter.validate_json(text).profile
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise failure(f"profile: {where}: {first['msg']}", _REMEDY) from None
    except (ValueError, RecursionError):
        raise failure("profile: the text is no JSON", _REMEDY) from None
    for name, column in profile.columns.items():
        _require_whole(name, column, profile.rows)
    if profile.pairs is not None:
        _require_whole_pairs(profile.pairs, profile.rows)
    return profile


def _require_version(document: Any) -> None:  # noqa: ANN401 - whatever JSON holds
    named = document.get("format") if isinstance(document, dict) else None
    version = str(named).removeprefix(_FORMAT)
    if not isinstance(named, str) or not named.startswith(_FORMAT) or not version.isdigit():
        raise failure("profile: the text is no profile: it has no format", _REMEDY)
    if int(version) > VERSION:
        raise failure(f"profile: version {version} is newer than {VERSION}, which is known here", _UPGRADE)


_UPGRADE = "upgrade pytest-mlquality"


def _require_whole(name: str, column: Column, rows: int) -> None:
    size = column.layout.size if column.layout else 0
    if len(column.counts) != size:
        raise _broken(name, f"{len(column.counts)} counts for {size} bins")
    if min(column.counts, default=0) < 0:
        raise _broken(name, "a bin has fewer than no rows")
    if (
        isinstance(column.layout, LabelLayout)
        and column.counts[-1] != sum(column.new_labels.values()) + column.more_rows
    ):
        raise _broken(name, "labels without a bin do not add up to their rows")
    if column.layout and sum(column.counts) + column.missing != column.rows:
        raise _broken(name, "bins and missing values do not add up to its rows")
    if column.rows != rows:
        raise _broken(name, "it has other rows than the table")


def _require_whole_pairs(pairs: Pairs, rows: int) -> None:
    k = len(pairs.scores)
    if len(pairs.sums) != k or any(len(one) != k or any(len(row) != k for row in one) for one in pairs.products):
        raise failure(f"profile: pairs: other numbers than of {k} scores", _REMEDY)
    if pairs.rows != rows:
        raise failure("profile: pairs: they have other rows than the table", _REMEDY)


def _broken(name: str, what: str) -> DataError:
    return failure(f"profile: column {name!r}: {what}", _REMEDY)
