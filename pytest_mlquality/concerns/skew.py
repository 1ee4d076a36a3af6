"""Whether rows look like those that the model was trained on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_mlquality.concerns.compared import Compared, Pair
from pytest_mlquality.concerns.keyed_values import KeyedValues
from pytest_mlquality.concerns.reliance import Reliance
from pytest_mlquality.data.identifiers import identifiers
from pytest_mlquality.errors import DataError, MLQualityError, nearest
from pytest_mlquality.settings import SkewSettings

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlquality.adapters.models import Model
    from pytest_mlquality.concerns.profiles import Profiles
    from pytest_mlquality.data import Table
    from pytest_mlquality.data.profiles import Profile
    from pytest_mlquality.measurement import Measurement, Measurements
    from pytest_mlquality.predictions import Predictions
    from pytest_mlquality.settings import Settings

ROWS_OF_JOINT_DRIFT = 20_000
MOST_PICTURES = 50


class Skew:
    """How far the rows of one split have moved from those of another, the reference.

    Parameters
    ----------
    data
        The declared splits, opened on first use.
    profiles
        Their profiles.
    model
        Called when the model's columns are needed; returns None for a gate on data alone.
    predictions
        Called when the model's answers are needed.
    seed
        Of the rows that are drawn.
    """

    def __init__(
        self,
        settings: Settings,
        data: Mapping[str, Table],
        profiles: Profiles,
        model: Callable[[], Model | None],
        predictions: Callable[[], Predictions],
        *,
        seed: int = 0,
    ) -> None:
        self._settings = settings
        self._data = data
        self._profiles = profiles
        self._predictions = predictions
        self._seed = seed
        self._section = settings.skew or SkewSettings()
        self._compared = Compared(settings, data, profiles, model)
        self._keys = KeyedValues(settings, data, self._compared.features)
        self._reliance = Reliance(settings, model, predictions)

    def columns(self, measure: str, *, between: Pair | None = None) -> Measurements:
        """Measure how far each column has moved that has no limit of its own for this measure.

        Features of the model, else all columns that mean nothing else, and the target where both splits have it.

        Parameters
        ----------
        measure
            A name of ``[skew.columns]``, such as ``jensen_shannon_distance``.
        between
            The reference and the split compared with it; default: the first pair of the settings.

        Raises
        ------
        DataError
            If a split is not declared, or cannot be read.
        """
        from pytest_mlquality.measurement import Measurements
        from pytest_mlquality.measures.drift import nothing_to_compare

        pair = between or self._compared.default_pair
        of_their_own = {name for name, limits in self._section.columns.items() if measure in limits}
        names = [name for name in self._compared.columns(pair) if name not in of_their_own]
        found = self._measured(measure, names, pair)
        if names and not len(found):
            if measure in SkewSettings().metrics:
                return Measurements(measure, [nothing_to_compare(measure, self._profiles.reference(pair[0]))])
            raise DataError(
                f"{measure} is not defined for any column of {pair[0]} and {pair[1]}",
                f"remove {measure} from [skew.metrics]",
            )
        return found

    def column(self, name: str, measure: str, *, between: Pair | None = None) -> Measurements:
        """Measure how far one column has moved: one measurement, or one of each window of ``[skew] time``.

        Raises
        ------
        DataError
            If a split lacks the column, or the measure is none of such a column.
        """
        pair = between or self._compared.default_pair
        reference, current = self._compared.both(pair)
        if name not in reference.columns or name not in current.columns:
            known = sorted(reference.columns.keys() & current.columns.keys())
            raise DataError(
                f"skew between {pair[0]} and {pair[1]}: the column {name!r} is not on both sides{nearest(name, known)}",
                "name a column of both in [skew.columns]",
            )
        found = self._measured(measure, [name], pair)
        if not len(found):  # a measurement has no truth value
            raise DataError(
                f"{measure} is not defined for {name!r}, a column of {reference.columns[name].kind}s",
                f"use another measure in [skew.columns.{name}]",
            )
        return found

    def _measured(self, measure: str, names: Sequence[str], pair: Pair) -> Measurements:
        from pytest_mlquality.measurement import Measurements
        from pytest_mlquality.measures.drift import column_drift
        from pytest_mlquality.measures.new_labels import naming_new_labels

        reference = self._profiles.reference(pair[0])
        found = []
        for window, current in self._profiles.windows(pair[1], pair[0]):
            for name in names:
                one = column_drift(_known(measure), name, reference, current, pair, window)
                if one is not None and measure == "unseen_share" and reference.columns[name].kind == "text":
                    one = self._of_texts(one, name, pair, window, (reference.worth, current.worth))
                found.append((name, current, one))
        known = [
            (name, naming_new_labels(measure, one, current.columns[name]))
            for name, current, one in found
            if one is not None
        ]
        return Measurements(measure, _pictured(self._reliance.told_of(measure, known, pair[0])))

    def _of_texts(
        self, told: Measurement, name: str, pair: Pair, window: str, worths: tuple[float, float]
    ) -> Measurement:
        """Return how many texts are new, from the rows of both splits: a profile has only their lengths."""
        from pytest_mlquality.measures.unseen_texts import unseen_texts

        if pair[0] not in self._data:
            return told
        found = unseen_texts(self._data[pair[0]], dict(self._profiles.tables(pair[1]))[window], name, worths)
        return replace(
            told,
            value=found.value,
            lower=found.lower,
            upper=found.upper,
            method=found.method,
            reason=found.reason,
        )

    def incomparable_columns(self, *, between: Pair | None = None) -> Measurement:
        """Count columns that one of two splits lacks, has in another type, or has no value of."""
        from pytest_mlquality.measures.drift import incomparable_columns

        pair = between or self._compared.default_pair
        reference, current = self._compared.both(pair)
        return incomparable_columns(self._compared.wanted(pair), reference, current, pair)

    def row_ratio(self, *, between: Pair | None = None) -> Measurements:
        """Measure the number of rows, of each window of ``[skew] time``, as a multiple of the reference's."""
        from pytest_mlquality.measurement import Measurements
        from pytest_mlquality.measures.drift import row_ratio

        first, second = between or self._compared.default_pair
        reference = self._profiles.reference(first)
        windows = self._profiles.windows(second, first)
        return Measurements("row_ratio", [row_ratio(reference, current, window) for window, current in windows])

    def correlation_changes(self, *, between: Pair | None = None) -> Measurements:
        """Measure, column by column, by how much its correlations with the others have changed at most.

        Raises
        ------
        DataError
            If a split is not declared, or the reference is a stored profile that does not say how columns go together.
        """
        from pytest_mlquality.measurement import Measurements
        from pytest_mlquality.measures.correlation_change import Sides, correlation_changes

        first, second = pair = between or self._compared.default_pair
        names, reference = list(self._compared.columns(pair)), self._profiles.reference(first)
        found: list[Measurement] = []
        windows = zip(self._profiles.windows(second, first), self._profiles.pairs(second, first), strict=True)
        for (window, current), (_, pairs) in windows:
            sides = Sides(self._profiles.paired(first), pairs, (reference.worth, current.worth))
            found += correlation_changes(names, sides, window)
        return Measurements("correlation_change", _pictured(found))

    def joint_drift(self, *, between: Pair | None = None) -> Measurements:
        """Measure how well a classifier tells the rows of both splits apart: what no column shows by itself.

        Of each split, or window of ``[skew] time``, at most `ROWS_OF_JOINT_DRIFT` rows are looked at.
        """
        from pytest_mlquality.measurement import Measurements
        from pytest_mlquality.measures.drift import in_window
        from pytest_mlquality.measures.joint_drift import joint_drift

        pair = between or self._compared.default_pair
        names = list(self._compared.columns(pair))
        reference, of_reference = self._sampled(self._data[pair[0]], names)
        found = []
        for window, table in self._profiles.tables(pair[1]):
            current, of_current = self._sampled(table, names)
            measured = joint_drift(reference, current, unit=(of_reference, of_current), seed=self._seed)
            found.append(replace(measured, name=in_window(measured.name, window)))
        return Measurements("joint_drift", found)

    def _sampled(self, table: Table, names: Sequence[str]) -> tuple[pd.DataFrame, NDArray[Any] | None]:
        """Return columns of some rows, and the units of these rows where the table has them."""
        unit = self._settings.data.unit
        has_unit = unit is not None and unit in table.columns
        rows = table.sample([*names, str(unit)] if has_unit else names, ROWS_OF_JOINT_DRIFT, self._seed)
        return rows[list(names)], identifiers(rows[unit]) if has_unit else None

    def differing_values(self, *, between: Pair | None = None) -> Measurements:
        """Measure, column by column, for how many keys of both splits the values differ.

        Raises
        ------
        DataError
            If ``[data] key`` is not set, or repeats in a split, or a split lacks it or a column.
        """
        return self._keys.differing(between)

    def unmatched_keys(self, *, between: Pair | None = None) -> Measurement:
        """Measure how many keys stand in one of both splits alone."""
        return self._keys.unmatched(between)

    def predictions(self, measure: str, *, between: Pair | None = None) -> Measurements:
        """Measure how far the model's answers have moved: its decisions or numbers, and its probabilities.

        Raises
        ------
        DataError
            If a split is not declared, or lacks a column that the model needs.
        """
        from pytest_mlquality.measurement import Measurements
        from pytest_mlquality.measures.drift import column_drift

        pair = between or self._compared.default_pair
        reference, current = self._of_answers(*pair)
        found = [column_drift(_known(measure), name, reference, current, pair) for name in reference.columns]
        return Measurements(measure, [one for one in found if one is not None])

    def _of_answers(self, first: str, second: str) -> tuple[Profile, Profile]:
        from pytest_mlquality.data import in_memory
        from pytest_mlquality.data.profiles import profile

        predictions = self._predictions()

        def answers(split: str, like: Profile | None) -> Profile:
            table = in_memory(split, predictions.unlabelled(split), "the model's answers")
            made = profile(table, like=like, seed=self._seed)
            return replace(made, effective_rows=self._profiles.effective_rows(split))

        reference = answers(first, None)
        return reference, answers(second, reference)


def _pictured(found: list[Measurement]) -> list[Measurement]:
    """Return measurements of which only those of the largest values keep what their picture needs."""
    by_value = sorted((one.value for one in found if one.value is not None), reverse=True)
    if len(by_value) <= MOST_PICTURES:
        return found
    least = by_value[MOST_PICTURES - 1]
    return [replace(one, details=one.details if (one.value or 0.0) >= least > 0 else None) for one in found]


def _known(measure: str) -> str:
    from pytest_mlquality.measures.drift import MEASURES

    if measure not in MEASURES:
        raise MLQualityError(
            f"there is no measure {measure!r} of columns{nearest(measure, MEASURES)}",
            "see: mlquality list settings skew",
        )
    return measure
