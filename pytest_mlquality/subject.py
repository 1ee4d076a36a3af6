"""The thing under test: model, baseline and data, each loaded on first use, once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlquality.asked_model import remarks_on
from pytest_mlquality.concerns.attributed import Attributed
from pytest_mlquality.concerns.explanation import Explanation
from pytest_mlquality.concerns.fairness import Fairness
from pytest_mlquality.concerns.performance import Performance
from pytest_mlquality.concerns.profiles import Profiles
from pytest_mlquality.concerns.references import References
from pytest_mlquality.concerns.schema import Schema
from pytest_mlquality.concerns.skew import Skew
from pytest_mlquality.errors import ModelError, NotApplicable
from pytest_mlquality.plan import candidates
from pytest_mlquality.predictions import Predictions
from pytest_mlquality.settings import Settings, read_settings
from pytest_mlquality.splits import Splits

if TYPE_CHECKING:
    from pytest_mlquality.adapters.models import Model, Wanted
    from pytest_mlquality.adapters.registry import Registry
    from pytest_mlquality.data import Table

_REGISTERED = re.compile(r"models:/+([^/@]+)")

# Told of what was loaded: the evidence's field ("model", "data", "note") and what it holds.
Told = Callable[[str, Any], None]


def load(path: str | Path, *, stage: str = "ci", seed: int = 0) -> Subject:
    """Return the subject that a ``mlquality.toml`` describes, for a script or a notebook.

    Comparisons with its measurements are plain booleans; nothing is recorded.

    Raises
    ------
    SettingsError
        With every problem of the file.
    """
    return Subject(read_settings(Path(path)), stage=stage, seed=seed)


class Subject:
    """One ML system, as its ``mlquality.toml`` describes it.

    Parameters
    ----------
    stage
        Which model is judged and which it is compared with depends on it.
    model, baseline
        URIs that go before those of the settings.
    told
        Called when something is loaded.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        stage: str = "ci",
        model: str | None = None,
        baseline: str | None = None,
        seed: int = 0,
        rehash: bool = False,
        told: Told = lambda _field, _value: None,
    ) -> None:
        self.settings = settings
        self.stage = stage
        self.seed = seed
        self.candidates = candidates(settings, stage, model=model, baseline=baseline)
        self._told = told
        self.data = Splits(
            settings, lambda split, facts: told("data", {split: facts}), rehash=rehash, model=self._model_if_any
        )
        self._predictions: dict[tuple[int, int], Predictions] = {}
        self._references: dict[int, References] = {}
        self._profiles: dict[int, Profiles] = {}
        # What fixtures of the user's gave stays alive here: another object may not get its id.
        self._given: dict[int, tuple[Any, Any]] = {}

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.settings.name

    @cached_property
    def model(self) -> Model:
        """The model under test."""
        return self._loaded("model", self.candidates.model, "[model] uri")

    @cached_property
    def baseline(self) -> Model:
        """The model that it is compared with.

        Raises
        ------
        NotApplicable
            Before the first release: the registry answers, but the alias does not exist and no version of the model
            carries evidence of a gate.
        """
        from pytest_mlquality.adapters.registry import AliasNotFound

        uri = self.candidates.baseline
        try:
            return self._loaded("baseline", uri, "[model] baseline")
        except AliasNotFound as missing:
            if self.registry.has_gate_evidence(name_in(str(uri))):
                raise
            raise NotApplicable(
                f"first release: {missing.message}, and no version has passed a gate before",
                "promote the first version by hand, or with the gate of predeploy",
            ) from None

    @cached_property
    def registry(self) -> Registry:
        """The model registry, open for reading."""
        from pytest_mlquality.adapters.registry import open_registry

        section = self.settings.registry
        return open_registry(section.uri if section is not None else None, base=self.settings.base)

    def model_of(self, given: Any) -> Model:  # noqa: ANN401 - whatever a fixture of the user's returns
        """Return what a fixture gives as a model: ours, a fitted one, or a predict function; once each."""
        from pytest_mlquality.given import as_model

        model: Model = self._made_once(given, lambda: as_model(given, lambda name: wanted(self.settings, name)))
        return model

    def tables_of(self, given: Any) -> Mapping[str, Table]:  # noqa: ANN401 - as above
        """Return what a fixture gives as tables by split: ours, or of pandas, Polars, Arrow or Ibis; once each."""
        from pytest_mlquality.given import as_tables

        tables: Mapping[str, Table] = self._made_once(given, lambda: as_tables(self.settings, given))
        return tables

    def predictions_from(self, given: Any, data: Any) -> Predictions:  # noqa: ANN401 - as above
        """Return what a fixture gives as answers: ours, an array, or arrays by split; once each."""
        from pytest_mlquality.given import as_predictions

        def make() -> Predictions:
            return as_predictions(self.settings, given, self.tables_of(data), self.seed)

        predictions: Predictions = self._made_once(given, make)
        return predictions

    def _made_once(self, given: Any, make: Callable[[], Any]) -> Any:  # noqa: ANN401 - as above
        if id(given) not in self._given:
            self._given[id(given)] = (given, make())
        return self._given[id(given)][1]

    def predictions_of(self, model: Any, data: Any = None) -> Predictions:  # noqa: ANN401 - as above
        """Return a model's answers on the splits, or on tables of the caller's; the same object at every call."""
        tables = self.data if data is None else self.tables_of(data)
        model = self.model_of(model)
        known = (id(model), id(tables))
        if known not in self._predictions:
            self._predictions[known] = Predictions(
                self.settings,
                tables,
                _called_as_in(tables, model),
                seed=self.seed,
                inferred=lambda note: self._told("note", note),
                counted=lambda split, rows: self._told("data", {split: rows}),
            )
        return self._predictions[known]

    def references_of(self, predictions: Predictions, data: Any = None) -> References:  # noqa: ANN401 - as above
        """Return what the model's metrics are held against; the same object at every call, which fits models once."""
        if id(predictions) not in self._references:
            self._references[id(predictions)] = References(
                self.settings,
                predictions,
                lambda model: self.predictions_of(model, data),
                lambda: self.registry.metrics(str(self.candidates.model)),
            )
        return self._references[id(predictions)]

    def profiles_of(self, data: Any = None) -> Profiles:  # noqa: ANN401 - as above
        """Return the profiles of the splits, or of tables of the caller's; the same object at every call."""
        tables = self.data if data is None else self.tables_of(data)
        if id(tables) not in self._profiles:
            self._profiles[id(tables)] = Profiles(self.settings, tables, seed=self.seed)
        return self._profiles[id(tables)]

    @cached_property
    def performance(self) -> Performance:
        """How well the model predicts."""
        predictions = self.predictions_of(self.model)
        return Performance(
            self.settings,
            predictions,
            lambda: self.predictions_of(self.baseline),
            self.references_of(predictions),
        )

    @cached_property
    def fairness(self) -> Fairness:
        """Whether groups of people are treated alike."""
        return Fairness(self.settings, self.predictions_of(self.model), lambda: self.predictions_of(self.baseline))

    @cached_property
    def explanation(self) -> Explanation:
        """What the model relies on."""
        predictions = self.predictions_of(self.model)
        return Explanation(
            self.settings, predictions, lambda: self.predictions_of(self.baseline), self.attributed, seed=self.seed
        )

    @cached_property
    def attributed(self) -> Attributed:
        """What moves the answers of models, explained once for all who ask."""
        return Attributed(self.settings)

    @cached_property
    def schema(self) -> Schema:
        """Whether the data are what people agreed they are, and what the model was made for."""
        return Schema(self.settings, self.data, self._model_if_any, seed=self.seed)

    @cached_property
    def skew(self) -> Skew:
        """Whether rows look like those that the model was trained on."""
        return Skew(
            self.settings,
            self.data,
            self.profiles_of(),
            self._model_if_any,
            lambda: self.predictions_of(self.model),
            seed=self.seed,
        )

    def _model_if_any(self) -> Model | None:
        return self.model if self.candidates.model else None

    def _loaded(self, role: str, uri: str | None, key: str) -> Model:
        from pytest_mlquality.adapters.models import load as load_model
        from pytest_mlquality.adapters.models import naming

        if uri is None:
            raise ModelError(f"{self.settings.file}: {key} is not set", f"set {key}")
        model = load_model(wanted(self.settings, uri, role))
        split = _first_asked(self.data)
        if split is not None and naming.needs_data(model):
            model = naming.of_data(model, self.data.columns_of(split))
        remarks = remarks_on(self.settings, model)
        self._told(role, {"uri": uri, "version": model.version, "digest": model.digest, "remarks": remarks})
        for remark in remarks:
            self._told("note", remark if role == "model" else f"{role}: {remark}")
        return model


def wanted(settings: Settings, uri: str, role: str = "model") -> Wanted:
    """Return what the settings say of a model beside its URI.

    A pin is that of the URI that stands beside it in the file, whatever the model's role in a stage.

    Parameters
    ----------
    role
        ``model`` or ``baseline``.
    """
    from pytest_mlquality.adapters.models import Trust, Wanted

    section, registry = settings.model, settings.registry
    registry_uri = registry.uri if registry is not None else None
    if section is None:
        return Wanted(uri, settings.base, registry_uri)
    is_baseline = role == "baseline" or uri == section.baseline != section.uri
    trust = Trust(
        types=section.trusted_types,
        sha256=section.baseline_sha256 if is_baseline else section.sha256,
        signed_by=settings.base / section.signed_by if section.signed_by else None,
        pin="baseline_sha256" if is_baseline else "sha256",
    )
    labels = tuple(settings.data.label_columns.values())
    named = {"[model] uri": section.uri, "[model] baseline": section.baseline}
    return Wanted(
        uri,
        settings.base,
        registry_uri,
        trust,
        section.features,
        section.classes or labels,
        settings.task,
        key="[model] baseline" if is_baseline else "[model] uri",
        others=tuple(other for other in named.values() if other is not None and other != uri),
        labels=labels,
    )


def _called_as_in(tables: Mapping[str, Table], model: Model) -> Model:
    """Return a model that a fixture gave with the names that its columns have in the tables."""
    from pytest_mlquality.adapters.models import naming

    split = _first_asked(tables)
    return naming.of_data(model, tables[split].columns) if split is not None and naming.needs_data(model) else model


def _first_asked(tables: Mapping[str, Table]) -> str | None:
    """Return the split whose columns a model is asked with; None where there is no split."""
    return "test" if "test" in tables else next(iter(tables), None)


def name_in(uri: str) -> str:
    """Return the registered model's name in ``models:/name@alias`` or ``models:/name/number``."""
    match = _REGISTERED.match(uri)
    return match[1] if match else uri
