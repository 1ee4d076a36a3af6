"""The very start of a run: the report folder is looked at, and the run before set aside, before anything can fail."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from pytest_mlquality.errors import EvidenceError
from pytest_mlquality.report_folder import begin

DEFAULT_REPORT = "ml-quality-report"
ASIDE = pytest.StashKey[str | None]()
# With these pytest shows something and judges nothing.
_ONLY_SHOWN = ("help", "version", "collectonly", "showfixtures", "show_fixtures_per_test", "markers", "cacheshow")


def only_shows(options: argparse.Namespace) -> bool:
    """Return whether pytest is asked to show something, and nothing is judged."""
    return any(getattr(options, name, None) for name in _ONLY_SHOWN)


def report_folder(config: pytest.Config, options: argparse.Namespace) -> Path:
    """Return the report folder; a relative one is relative to where pytest was called."""
    return config.invocation_params.dir / (options.ml_report or config.getini("ml_report") or DEFAULT_REPORT)


def set_aside(config: pytest.Config) -> None:
    """Set the evidence of the run before aside, before options are checked or a conftest is imported.

    Raises
    ------
    UsageError
        If the report folder cannot hold a report.
    """
    options = config.known_args_namespace
    if only_shows(options):
        return
    try:
        config.stash[ASIDE] = begin(report_folder(config, options))
    except EvidenceError as error:
        raise pytest.UsageError(str(error)) from None
