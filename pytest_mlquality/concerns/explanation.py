"""What the model relies on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pytest_mlquality.errors import DataError, ModelError, NotApplicable, nearest

if TYPE_CHECKING:
    from pytest_mlquality.concerns.attributed import Attributed
    from pytest_mlquality.limit import Limit
    from pytest_mlquality.measurement import Measurement
    from pytest_mlquality.measures.column_importance import Importance
    from pytest_mlquality.measures.decision import Decision
    from pytest_mlquality.measures.dependence import Direction
    from pytest_mlquality.predictions import Predictions
    from pytest_mlquality.settings import Settings

# Columns whose dependence is drawn, and rows that it is drawn from.
PICTURED, PICTURED_ROWS = 8, 200
# Rows on which columns are looked at for what goes together.
ASSOCIATED_ROWS = 20_000


class Explanation:
    """What moves the model's answers: by SHAP, LIME or shuffling, as ``[explanation] method`` says.

    Parameters
    ----------
    predictions
        The model's answers, a split at a time.
    baseline
        Called when a comparison first asks for the baseline's answers.
    attributed
        What was explained already, whoever asked.
    seed
        Of the rows that are explained, and of what explains them.
    """

    def __init__(
        self,
        settings: Settings,
        predictions: Predictions,
        baseline: Callable[[], Predictions],
        attributed: Attributed,
        *,
        seed: int = 0,
    ) -> None:
        self._settings = settings
        self._section = attributed.section
        self._predictions = predictions
        self._baseline = baseline
        self._seed = seed
        self._attributed = attributed

    def measure(self, name: str, column: str | None = None) -> Measurement:
        """Measure what a name of ``[explanation.metrics]`` asks, of a column where it is about columns."""
        asked: Callable[..., Measurement] = getattr(self, name)
        return asked() if column is None else asked(column)

    def limit(self, limit: Limit) -> Limit:
        """Return a limit as it holds for the model: one by default may depend on how many columns it sees."""
        from pytest_mlquality.settings.explanation_section import ByColumns

        return limit.of(len(self.importance().columns)) if isinstance(limit, ByColumns) else limit

    def share(self, column: str, *, on: str | None = None) -> Measurement:
        """Measure the share of a column in what moves the answers; 0 where the model does not see it."""
        from pytest_mlquality.measures.attribution_shares import share_of
        from pytest_mlquality.measures.attribution_tails import where_movement_is_seen

        self._require_known(column, self._split(on))
        importance = self._of_enough(on)
        return where_movement_is_seen(share_of(importance, column), importance)

    def largest_share(self, *, on: str | None = None) -> Measurement:
        """Measure the largest share of one column; the details hold those of all, and how answers depend on them.

        Raises
        ------
        NotApplicable
            If the model sees one column.
        """
        from pytest_mlquality.measures.attribution_shares import largest_share
        from pytest_mlquality.measures.attribution_tails import where_movement_is_seen

        importance = self._of_enough(on)
        if len(importance.columns) == 1:
            message = f"the model sees one column, {importance.columns[0]!r}, which decides alone whatever it holds"
            raise NotApplicable(message, "set [explanation.metrics] largest_share = false if that is to stay so")
        measured = largest_share(importance, self._dependence(importance, self._split(on)))
        return where_movement_is_seen(measured, importance)

    def forbidden_share(self, column: str, *, on: str | None = None) -> Measurement:
        """Measure the share of a column that is to count for nothing; 0 where the model does not see it."""
        from pytest_mlquality.measures.attribution_shares import forbidden_share
        from pytest_mlquality.measures.attribution_tails import where_movement_is_seen

        self._require_known(column, self._split(on), beside=True)
        importance = self._of_enough(on)
        return where_movement_is_seen(forbidden_share(importance, column), importance)

    def proxy_share(self, column: str, *, on: str | None = None) -> Measurement:
        """Measure the share of the columns that stand in for one: associated with it by ``proxies_from`` and more."""
        from pytest_mlquality.concerns.sensitive_columns import SensitiveColumns
        from pytest_mlquality.measures.associations import associations
        from pytest_mlquality.measures.attribution_shares import proxy_share
        from pytest_mlquality.measures.attribution_tails import where_movement_is_seen

        split, importance = self._split(on), self._of_enough(on)
        self._require_known(column, split, beside=True)
        names = [name for name in importance.columns if name != column]
        rows = self._predictions.sample(split, ASSOCIATED_ROWS, names)
        beside = SensitiveColumns(self._settings, self._predictions).of(split, [column])[column].iloc[rows.index]
        measured = proxy_share(importance, column, associations(rows, beside), self._section.proxies_from)
        return where_movement_is_seen(measured, importance)

    def expected_rank(self, column: str, *, on: str | None = None) -> Measurement:
        """Measure which place a column has among all by its share, 1 for the largest."""
        from pytest_mlquality.measures.attribution_shares import expected_rank

        self._require_known(column, self._split(on))
        return expected_rank(self.importance(on), column)

    def against_direction(
        self, column: str, direction: Direction | None = None, *, on: str | None = None
    ) -> Measurement:
        """Measure which part of the movement of the answers goes against a direction as a column rises.

        Parameters
        ----------
        direction
            ``increasing`` or ``decreasing``; default: what ``[explanation.monotone]`` says of the column.
        """
        from pytest_mlquality.measures.dependence import against_direction

        split = self._split(on)
        declared = direction or self._section.monotone.get(column)
        if declared is None:
            raise DataError(
                f"{self._settings.file}: [explanation.monotone] says nothing of {column!r}",
                "give the direction: increasing or decreasing",
            )
        self._require_known(column, split)
        asked = self._attributed.asked(self._predictions, split, self._seed)
        return against_direction(asked.question, column, declared, unit=asked.unit, weight=asked.weight)

    def unused_columns(self, *, on: str | None = None) -> Measurement:
        """Count columns that the model asks for, and that move none of the answers."""
        from pytest_mlquality.measures.attribution_shares import unused_columns

        return unused_columns(self.importance(on))

    def additivity_error(self, *, on: str | None = None) -> Measurement:
        """Measure by how much SHAP values miss an answer at most, in standard deviations of the answers."""
        from pytest_mlquality.measures.attribution_soundness import additivity_error

        found = self.importance(on).attributions
        if found is None or found.fidelity is not None:
            raise self._of_another_method("additivity_error", "shap")
        return additivity_error(found)

    def fidelity(self, *, on: str | None = None) -> Measurement:
        """Measure how well the linear models of LIME stand for the answers around a row: mean of their R2."""
        from pytest_mlquality.measures.attribution_soundness import fidelity

        found = self.importance(on)
        if found.attributions is None or found.attributions.fidelity is None:
            raise self._of_another_method("fidelity", "lime")
        return fidelity(found)

    def stability(self, *, on: str | None = None) -> Measurement:
        """Measure how far explanations of other rows by other seeds agree on the order of the columns at least."""
        from pytest_mlquality.measures.attribution_soundness import stability

        seeds = range(self._seed, self._seed + self._section.seeds)
        return stability([self._attributed.of(self._predictions, self._split(on), seed) for seed in seeds])

    def drift(self, measure: str, reference: str, current: str) -> Measurement:
        """Measure how far what counts has moved from a split to another: ndcg, spearman_correlation, share_change."""
        from pytest_mlquality.measures.attribution_drift import attribution_drift

        return attribution_drift(
            measure,
            self.importance(reference),
            self.importance(current),
            same_rows=reference == current,
            between=f"{reference}-{current}",
            seed=self._seed,
        )

    def drift_to_baseline(self, measure: str, *, on: str | None = None) -> Measurement:
        """Measure how far what counts has moved from the baseline to the model, on the same rows."""
        from pytest_mlquality.measures.attribution_drift import attribution_drift

        before = self._attributed.of(self._baseline(), self._split(on), self._seed)
        return attribution_drift(
            measure, before, self.importance(on), same_rows=True, between="baseline-model", seed=self._seed
        )

    def decisions(self, key: str, *, on: str | None = None) -> list[Decision]:
        """Return why the model answered the rows of a key as it did, of each row that has it.

        Parameters
        ----------
        key
            The value of ``[data] key``, as it is written.

        Raises
        ------
        DataError
            If there is no key, or no row of the split has it.
        """
        from pytest_mlquality.adapters.explainers import explain
        from pytest_mlquality.measures.decision import decision

        split, section = self._split(on), self._section
        rows = self._predictions.with_key(split, key)
        question = self._attributed.question(self._predictions, split, rows, self._seed)
        # Shuffling explains no single row.
        method = "shap" if section.method == "permutation_importance" else section.method
        found, decided = explain(question, method), self._predictions.decided(question.rows)
        return [decision(question, found, place, decided[place]) for place in range(len(found.values))]

    def importance(self, on: str | None = None) -> Importance:
        """Return what moves the answers to rows of a split, column by column; they are explained once."""
        return self._attributed.of(self._predictions, self._split(on), self._seed)

    def _of_enough(self, on: str | None) -> Importance:
        """Return the same of as many rows as shares need, which are of all that moves the answers."""
        return self._attributed.of_enough(self._predictions, self._split(on), self._seed)

    def _dependence(self, importance: Importance, split: str) -> dict[str, dict[str, object]]:
        """Return how the answers depend on the columns that count most, for the picture."""
        from pytest_mlquality.measures.dependence import dependence

        if not importance.moves:
            return {}
        question = self._attributed.asked(self._predictions, split, self._seed).question.first(PICTURED_ROWS)
        order = sorted(zip(importance.shares.value, importance.columns, strict=True), reverse=True)
        found = {name: dependence(question, name) for _, name in order[:PICTURED]}
        return {name: one.details(question.names) for name, one in found.items() if one is not None}

    def _split(self, on: str | None) -> str:
        return on or self._section.on

    def _require_known(self, column: str, split: str, *, beside: bool = False) -> None:
        """Raise DataError where neither model nor split have a column, nor where it may be, the table beside."""
        known = {*self._predictions.features(split), *self._predictions.column_names(split)}
        fairness = self._settings.fairness
        if column in known or (beside and fairness is not None and fairness.table is not None):
            return
        raise DataError(
            f"{self._settings.file}: [explanation]: data.{split} has no column {column!r}{nearest(column, known)}",
            "name a column of the split" + ("; or a table that has it in [fairness.table]" if beside else ""),
        )

    def _of_another_method(self, measure: str, method: str) -> ModelError:
        return ModelError(
            f"{self._settings.file}: {measure} is of {method}, and the method is {self._section.method}",
            f'set [explanation] method = "{method}", or drop the limit',
        )
