"""Reading mlquality.toml: the front door of this room."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_mlquality.limit import Limit
from pytest_mlquality.redaction import conceal
from pytest_mlquality.settings.agreement import disagreements
from pytest_mlquality.settings.defaults import default_concerns, default_limits, task_of
from pytest_mlquality.settings.document import Document, MLTestScoreId
from pytest_mlquality.settings.environment import Expansion, expand_all
from pytest_mlquality.settings.explanation_section import ExplanationSettings
from pytest_mlquality.settings.fairness_section import FairnessSettings
from pytest_mlquality.settings.gate_sections import (
    ChecksSettings,
    ReportSettings,
    StageSettings,
    VerdictSettings,
    WaiverSettings,
)
from pytest_mlquality.settings.limits import written
from pytest_mlquality.settings.performance_section import PerformanceSettings
from pytest_mlquality.settings.problem import Finding, Key, Problem, SettingsError
from pytest_mlquality.settings.schema_section import SchemaSettings
from pytest_mlquality.settings.skew_section import SkewSettings
from pytest_mlquality.settings.source import Source, Tree, holds, merged, read_source
from pytest_mlquality.settings.subject_sections import DataSettings, ModelSettings, RegistrySettings
from pytest_mlquality.settings.validation import validate

GATE_FILE = "mlquality.toml"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Settings:
    """What one mlquality.toml says, validated, with the environment read in.

    Attributes
    ----------
    file
        The file, absolute; relative paths in the settings start at its folder, `base`.
    model, registry, schema, skew, performance, fairness, explanation
        None where the file has no such section.
    """

    file: Path
    name: str
    model: ModelSettings | None
    registry: RegistrySettings | None
    verdict: VerdictSettings
    data: DataSettings
    schema: SchemaSettings | None
    skew: SkewSettings | None
    performance: PerformanceSettings | None
    fairness: FairnessSettings | None
    explanation: ExplanationSettings | None
    stage: Mapping[str, StageSettings]
    waive: tuple[WaiverSettings, ...]
    checks: ChecksSettings
    report: ReportSettings
    by_hand: Mapping[MLTestScoreId, str]
    _source: Source
    _document: Document
    _masked: Mapping[Key, str]

    @property
    def task(self) -> str | None:
        """What the model answers, as ``[model]`` or a target of several labels says; None where neither does."""
        if self.model is not None and self.model.task is not None:
            return str(self.model.task)
        return "multilabel" if self.data.label_columns else None

    @property
    def base(self) -> Path:
        """The folder at which relative paths in the settings start."""
        return self.file.parent

    def override(self, section: str, **changes: object) -> Settings:
        """Return the settings as if `section` of the file said `changes`, validated anew.

        Parameters
        ----------
        section
            Name of a section, such as ``performance``.
        changes
            Keys of the section. A table grows by what is given; a limit may be a `Limit` or a mapping.

        Raises
        ------
        SettingsError
            With every problem, such as an unknown key.
        """
        return _settings(self._source.over({section: _as_toml(changes)}))

    def resolved(self) -> dict[str, Any]:
        """Return all settings as JSON values, defaults included and the shared ones of ``extends`` merged in.

        What came from the environment and the user part of URLs show as ``***``.
        """
        values = self._document.model_dump(mode="json", by_alias=True, exclude={"extends"})
        values["name"] = self.name
        for key, text in self._masked.items():
            _put(values, key, text)
        return values

    def digest(self) -> str:
        """Return ``sha256:`` and the digest of `resolved`: two files that mean the same have the same one."""
        text = json.dumps(self.resolved(), sort_keys=True, separators=(",", ":"))
        return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()

    def __repr__(self) -> str:
        return conceal(f"<settings of {self.name}: {self.file}>")


def read_settings(path: str | Path) -> Settings:
    """Read, merge with what it extends, and validate a settings file.

    Raises
    ------
    SettingsError
        With every problem of the file and of those that it extends.
    """
    return _settings(read_source(Path(path).absolute()))


def _settings(source: Source) -> Settings:
    source = source.with_defaults(default_concerns(source.tree))
    expansion = expand_all(source.tree)
    # Not laid below the source: an override may name another task, which has limits of its own.
    limits = default_limits(expansion.tree)
    document, wrong = validate(merged(limits, expansion.tree), source.tree)
    problems = _problems(source, expansion, limits, [*expansion.findings, *wrong])
    if document is None or problems:
        raise SettingsError(problems)
    return _of(document, source, expansion)


def _problems(source: Source, expansion: Expansion, limits: Tree, findings: list[Finding]) -> list[Problem]:
    if source.problems:
        # What is missing may stand in the base that could not be read.
        findings = [finding for finding in findings if holds(source.tree, finding.key)]
    else:
        task = task_of(expansion.tree)
        findings = [*findings, *disagreements(merged(limits, source.tree), task)]
    first: dict[Key, Finding] = {}
    for finding in findings:
        first.setdefault(finding.key, finding)
    return [*source.problems, *(Problem.at(source.file_of(key), finding) for key, finding in first.items())]


def _of(document: Document, source: Source, expansion: Expansion) -> Settings:
    masked = dict(expansion.masked)
    if ("data", "key") in masked and not holds(source.tree, ("data", "unit")):
        # The unit is the key by default, and so is what people are shown of it.
        masked["data", "unit"] = masked["data", "key"]
    return Settings(
        file=source.file,
        name=document.name or _default_name(source.file),
        model=document.model,
        registry=document.registry,
        verdict=document.verdict,
        data=document.data,
        schema=document.schema_,
        skew=document.skew,
        performance=document.performance,
        fairness=document.fairness,
        explanation=document.explanation,
        stage={str(name): section for name, section in document.stage.items()},
        waive=document.waive,
        checks=document.checks,
        report=document.report,
        by_hand=document.by_hand,
        _source=source,
        _document=document,
        _masked=masked,
    )


def _default_name(file: Path) -> str:
    name = file.name.removesuffix(f".{GATE_FILE}")
    return name if name not in {file.name, ""} else file.parent.name or file.stem


def _as_toml(value: object) -> Any:  # noqa: ANN401 - any value of TOML, or what validation will refuse
    if isinstance(value, Limit):
        return written(value)
    if isinstance(value, Mapping):
        return {str(key): _as_toml(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_as_toml(item) for item in value]
    return value


def _put(values: Any, key: Key, text: str) -> None:  # noqa: ANN401 - any JSON value
    for part in key[:-1]:
        values = values[part]
    values[key[-1]] = text
