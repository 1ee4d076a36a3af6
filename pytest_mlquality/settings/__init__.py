"""mlquality.toml, read and validated: every key has one meaning, and all problems of a file are told at once."""

from pytest_mlquality.settings.explanation_section import ExplanationSettings
from pytest_mlquality.settings.fairness_section import FairnessSettings, SensitiveTableSettings
from pytest_mlquality.settings.gate_sections import (
    CONCERNS,
    ChecksSettings,
    ReportSettings,
    StageSettings,
    VerdictSettings,
    WaiverSettings,
)
from pytest_mlquality.settings.performance_section import PerformanceSettings, SlicesSettings, WeakSlicesSettings
from pytest_mlquality.settings.problem import Problem, SettingsError
from pytest_mlquality.settings.reference import SettingDoc, describe_settings
from pytest_mlquality.settings.schema import json_schema
from pytest_mlquality.settings.schema_section import SchemaSettings
from pytest_mlquality.settings.settings import Settings, read_settings
from pytest_mlquality.settings.skew_section import KeysSettings, SkewSettings
from pytest_mlquality.settings.subject_sections import DataSettings, ModelSettings, RegistrySettings, SplitSettings

__all__ = [
    "CONCERNS",
    "ChecksSettings",
    "DataSettings",
    "ExplanationSettings",
    "FairnessSettings",
    "KeysSettings",
    "ModelSettings",
    "PerformanceSettings",
    "Problem",
    "RegistrySettings",
    "ReportSettings",
    "SchemaSettings",
    "SensitiveTableSettings",
    "SettingDoc",
    "Settings",
    "SettingsError",
    "SkewSettings",
    "SlicesSettings",
    "SplitSettings",
    "StageSettings",
    "VerdictSettings",
    "WaiverSettings",
    "WeakSlicesSettings",
    "describe_settings",
    "json_schema",
    "read_settings",
]
