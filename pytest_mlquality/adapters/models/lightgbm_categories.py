"""Which columns of a LightGBM model were pandas categoricals in training.

A model keeps the labels of each such column, in the order of the columns, but not which columns they were: the numbers
of its categorical features leave out ordered categoricals, and name columns of plain numbers beside. What it keeps of
each column's range, and what the data hold, tell the rest; where they do not, nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pytest_mlquality.adapters.models.categories import are_like, kind_of, numbered, share_known
from pytest_mlquality.adapters.models.numbers import with_plain_truths
from pytest_mlquality.errors import ModelError

if TYPE_CHECKING:
    import pandas as pd

# Of a column of labels so many values are labels that training knew; others are new.
_MOST = 0.5


class Categories:
    """What a booster wants to be given as pandas categoricals.

    Parameters
    ----------
    booster
        A lightgbm.Booster.
    """

    def __init__(self, booster: Any, uri: str) -> None:  # noqa: ANN401 - LightGBM is an extra
        self._uri = uri
        self._labels: list[list[Any]] = [list(labels) for labels in booster.pandas_categorical or ()]
        self._booster = booster
        self._places: list[int] | None = [] if not self._labels else None

    def taken(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return rows as the booster takes them, its columns in its order.

        Raises
        ------
        ModelError
            Several columns could have been the categoricals of training, or none, or one holds other things now.
        """
        if len(self._seen) != frame.shape[1]:
            # The library says so best.
            return frame
        if self._places is None:
            self._places = self._found(frame)
        names = [frame.columns[place] for place in self._places]
        changed: dict[Any, Any] = {
            name: numbered(frame[name], labels, self._uri) for name, labels in zip(names, self._labels, strict=True)
        }
        return with_plain_truths(frame.assign(**changed) if changed else frame)

    def certain(self) -> dict[str, str]:
        """Return the columns of text that the model's own words tell, whatever the data: column -> type."""
        names = self._booster.feature_name()
        return {names[place]: "string" for place, labels in self._told() if kind_of(labels) == "text"}

    def _told(self) -> list[tuple[int, list[Any]]]:
        """Return the places of the categoricals and their labels, if the model's own words leave one way."""
        fits = [[self._has_range(place, labels) for place in range(len(self._seen))] for labels in self._labels]
        ways = ways_through(fits, [False] * len(self._seen))
        return list(zip(ways[0], self._labels, strict=True)) if len(ways) == 1 else []

    @cached_property
    def _seen(self) -> list[tuple[list[int], tuple[float, float] | None]]:
        """What training saw of each column: the numbers of a categorical feature, else least and largest."""
        told = self._booster.dump_model(num_iteration=1).get("feature_infos", {})
        found: list[tuple[list[int], tuple[float, float] | None]] = []
        for name in self._booster.feature_name():
            info = told.get(name)
            codes = list(info["values"]) if info is not None else []
            found.append((codes, None if info is None else (info["min_value"], info["max_value"])))
        return found

    def _found(self, frame: pd.DataFrame) -> list[int]:
        columns = [_plain(frame[name]) for name in frame.columns]
        kinds = [kind_of(values) for values in columns]
        fits = [
            [self._fits(values, kinds[place], place, labels) for place, values in enumerate(columns)]
            for labels in self._labels
        ]
        text = [kind == "text" for kind in kinds]
        # As a rule all categorical features were categoricals, and only ordered ones are none of them.
        named = [is_text or bool(codes) for is_text, (codes, _) in zip(text, self._seen, strict=True)]
        ways = ways_through(fits, named) or ways_through(fits, text)
        if len(ways) == 1:
            return ways[0]
        for place, labels in self._told():
            numbered(columns[place], labels, self._uri)
        some = "; ".join(", ".join(map(str, each[:3])) for each in self._labels)
        raise ModelError(
            f"the model {self._uri!r} was trained on {len(self._labels)} pandas categoricals (labels {some} ...) and "
            f"does not keep which columns they were: {'several' if ways else 'none'} of those here could be",
            "give the split the types that the rows of train had, or train on codes of your own, named in "
            "categorical_feature",
        )

    def _has_range(self, place: int, labels: list[Any]) -> bool:
        """Say whether training saw nothing in a column but numbers of such labels."""
        ends = self._seen[place][1]
        if ends is None:
            return True
        least, largest = ends
        return least >= -1 and largest <= len(labels) - 1 and least == int(least) and largest == int(largest)

    def _fits(self, values: pd.Series[Any], kind: str, place: int, labels: list[Any]) -> bool:
        """Say whether a column can have been the categorical with such labels."""
        if not self._has_range(place, labels) or not are_like(kind, labels):
            return False
        if kind != "number":
            return True
        codes, ends = self._seen[place]
        known = share_known(values, labels)
        is_raw = known < 1 and (share_known(values, codes) == 1 if codes else _within(values, ends))
        return not is_raw and known >= _MOST


def _plain(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column of categories as one of their values."""
    return values.astype(values.cat.categories.dtype) if hasattr(values, "cat") else values


def _within(values: pd.Series[Any], ends: tuple[float, float] | None) -> bool:
    given = values.dropna()
    return ends is not None and len(given) > 0 and bool(given.between(*ends).all())


def ways_through(fits: Sequence[Sequence[bool]], needed: Sequence[bool]) -> list[list[int]]:
    """Return in which ways things in order can stand in places in order, at most two of them.

    Parameters
    ----------
    fits
        Of each thing, where it can stand.
    needed
        Which places have to be taken.
    """
    things, places = len(fits), len(needed)
    # How many things still fit behind each place is looked up, so that dead ends cost nothing.
    possible = [[False] * (places + 1) for _ in range(things + 1)]
    possible[things][places] = True
    for place in range(places - 1, -1, -1):
        for thing in range(things, -1, -1):
            skipped = not needed[place] and possible[thing][place + 1]
            possible[thing][place] = skipped or (
                thing < things and fits[thing][place] and possible[thing + 1][place + 1]
            )
    found: list[list[int]] = []
    open_ends: list[tuple[int, int, tuple[int, ...]]] = [(0, 0, ())]
    while open_ends and len(found) < 2:
        thing, place, taken = open_ends.pop()
        if not possible[thing][place]:
            continue
        if place == places:
            found.append(list(taken))
            continue
        if not needed[place]:
            open_ends.append((thing, place + 1, taken))
        if thing < things and fits[thing][place]:
            open_ends.append((thing + 1, place + 1, (*taken, place)))
    return found
