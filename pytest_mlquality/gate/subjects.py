"""The subjects of a run: one a gate file, each read once, and found for the tests beside and below it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_mlquality.errors import MLQualityError, nearest
from pytest_mlquality.gate.files import GATE_FILE, is_gate_file, is_shared_base
from pytest_mlquality.gate.subject_run import SubjectRun, Told
from pytest_mlquality.gate.waivers import refuse_idle
from pytest_mlquality.redaction import conceal
from pytest_mlquality.settings import read_settings

# Told of a gate file that cannot be judged: the subject, the one check of it, and how that ended.
Rejected = Callable[[dict[str, Any], dict[str, Any], dict[str, Any]], None]


class Subjects:
    """All subjects of a run, by gate file."""

    def __init__(self, config: pytest.Config, told: Told, rejected: Rejected) -> None:
        self._config = config
        self._told = told
        self._rejected = rejected
        self._by_path: dict[Path, SubjectRun] = {}
        self._near: dict[Path, list[Path]] = {}

    def __iter__(self) -> Any:  # noqa: ANN401 - an iterator of SubjectRun
        return iter(self._by_path.values())

    def at(self, path: Path) -> SubjectRun:
        """Return the subject of a gate file, its settings read on the first call.

        Raises
        ------
        SettingsError
            With every problem of the file.
        MLQualityError
            If the file demands nothing of the stage, or a waiver of it names no check.
        """
        if path not in self._by_path:
            run = SubjectRun(read_settings(path), self.name(path), self._config, self._told)
            _refuse_missing_tests(run)
            refuse_idle(run.settings, run.file, self._config.rootpath)
            _refuse_empty(run)
            self._by_path[path] = run
        return self._by_path[path]

    def reject(self, path: Path, error: MLQualityError) -> None:
        """Tell of a gate file that cannot be judged."""
        self._rejected(*_unjudged(self.name(path), error))

    def name(self, path: Path) -> str:
        """Return a gate file's path relative to the root directory, where it stands below it."""
        root = self._config.rootpath
        return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()

    def of(self, item: pytest.Item) -> SubjectRun:
        """Return the subject of an ML test: the one of the nearest gate file at or above it.

        Raises
        ------
        MLQualityError
            If there is none, or several stand at one height and no ``ml_subject`` marker names one of them.
        """
        if is_gate_file(item.path):
            return self.at(item.path)
        marker = item.get_closest_marker("ml_subject")
        wanted = marker.args[0] if marker is not None and marker.args else None
        for folder in item.path.parents:
            found = self._gate_files_in(folder)
            if found:
                return self._choose(found, wanted, item)
            if folder == self._config.rootpath:
                break
        raise MLQualityError(
            f"{item.nodeid} is an ML test, but there is no {GATE_FILE} beside or above it",
            "write an mlquality.toml in its folder or above: model, target and test split are enough",
        )

    def _choose(self, found: list[Path], wanted: str | None, item: pytest.Item) -> SubjectRun:
        runs = [self.at(path) for path in found]
        if wanted is None and len(runs) == 1:
            return runs[0]
        names = [run.settings.name for run in runs]
        if wanted in names:
            return runs[names.index(wanted)]
        problem = f"names no subject{nearest(wanted, names)}" if wanted else "could judge any of several subjects"
        raise MLQualityError(
            f"{item.nodeid} {problem}: {', '.join(names)}",
            f'mark it with @pytest.mark.ml_subject("{names[0]}") or another of them',
        )

    def _gate_files_in(self, folder: Path) -> list[Path]:
        if folder not in self._near:
            named = sorted(path for path in folder.glob(f"*{GATE_FILE}") if is_gate_file(path))
            self._near[folder] = [path for path in named if not is_shared_base(path)]
        return self._near[folder]


def _refuse_missing_tests(run: SubjectRun) -> None:
    base = run.settings.base
    missing = [name for name in run.settings.checks.own if not (base / name).is_file()]
    if missing:
        beside = [path.relative_to(base).as_posix() for path in base.glob("**/test_*.py")]
        lines = [f"  [checks] own: there is no file {name!r}{nearest(name, beside)}" for name in missing]
        raise MLQualityError([f"{run.settings.file}:", *lines], "name files with tests, relative to the gate file")


def _unjudged(file: str, error: MLQualityError) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    subject = {
        "name": file,
        "file": file,
        "settings": {"digest": "", "resolved": {}},
        "by_hand": {},
        "expected": ["settings"],
        "model": None,
        "baseline": None,
        "data": {},
    }
    unsaid: dict[str, Any] = {"challenge": None, "principles": [], "phase": None, "serves": [], "stages": []}
    check = {"id": "settings", "nodeid": file, "concern": "settings", **unsaid}
    ending = {"message": conceal(error.message), "remedy": conceal(error.remedy), "duration_s": None, "waiver": None}
    return subject, check, {"outcome": "error", **ending}


def _refuse_empty(run: SubjectRun) -> None:
    if not run.expected and not run.settings.checks.own:
        raise MLQualityError(
            f"{run.settings.file} demands nothing in the stage {run.stage!r}",
            "add a section that this stage judges ([schema] with [data.production] at night; [performance] or "
            "[schema] before), or list tests of your own under [checks] own",
        )
