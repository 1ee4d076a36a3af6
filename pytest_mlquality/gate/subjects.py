"""The subjects of a run: one a gate file, its settings read once, its model and data released after its last check."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlquality.errors import MLQualityError, nearest
from pytest_mlquality.gate.files import GATE_FILE, is_gate_file, is_shared_base
from pytest_mlquality.plan import Claim, candidates, demanded, ids_of_all_stages
from pytest_mlquality.redaction import conceal
from pytest_mlquality.settings import Settings, read_settings
from pytest_mlquality.verdict import Levels
from pytest_mlquality.wildcard import matches

if TYPE_CHECKING:
    from pytest_mlquality.settings import WaiverSettings
    from pytest_mlquality.subject import Subject

# Told of what a subject loads: the gate file's name in the evidence, a field of it, and what it holds.
Told = Callable[[str, str, Any], None]
# Told of a gate file that cannot be judged: the subject, the one check of it, and how that ended.
Rejected = Callable[[dict[str, Any], dict[str, Any], dict[str, Any]], None]


class SubjectRun:
    """One subject in one run.

    Attributes
    ----------
    file
        The gate file relative to the root directory, with forward slashes: the subject's name in the evidence.
    claims
        What settings and stage demand of the ready-made checks.
    expected
        The ids of all that is demanded, users' own tests included.
    remaining
        How many of its checks this process has still to run.
    found
        What the checks that have run came to, before waivers.
    """

    def __init__(self, settings: Settings, file: str, options: pytest.Config, told: Told) -> None:
        self.settings = settings
        self.file = file
        self._options = options
        self._told = told
        self.stage = stage_of(options)
        self._model, self._baseline = options.getoption("ml_model"), options.getoption("ml_baseline")
        self.claims: list[Claim] = demanded(settings, self.stage, baseline=self._baseline)
        self.expected = [claim.id for claim in self.claims]
        self.own: list[str] = []
        self.remaining = 0
        self.found: dict[str, str] = {}
        self._planned: set[str] = set()

    def demand(self, own: list[str]) -> None:
        """Add tests of the user's own to what is expected."""
        self.own = own
        self.expected += [check for check in own if check not in self.expected]

    @property
    def levels(self) -> Levels:
        """The error levels of the verdicts."""
        return Levels(self.settings.verdict.false_fail, self.settings.verdict.false_pass)

    @property
    def inconclusive_fails(self) -> bool:
        """Whether an inconclusive verdict fails the stage: not proven is not released."""
        of_stage = self.settings.stage.get(self.stage)
        chosen = of_stage.inconclusive if of_stage is not None else None
        return self.stage == "predeploy" if chosen is None else chosen == "fail"

    @cached_property
    def loaded(self) -> Subject:
        """The subject itself; model and data load when they are first used."""
        from pytest_mlquality.subject import Subject

        return Subject(
            self.settings,
            stage=self.stage,
            model=self._model,
            baseline=self._baseline,
            seed=self._options.getoption("ml_seed"),
            rehash=self._options.getoption("ml_rehash"),
            told=lambda field, value: self._told(self.file, field, value),
        )

    def plan(self, check: str) -> None:
        """Count a check that this process is to run."""
        self.remaining += 1
        self._planned.add(check)

    def finished(self, check: str, found: str) -> None:
        """Keep what a check came to, and release what the subject holds after the last."""
        self.found[check] = found
        self.remaining -= 1
        if self.remaining <= 0:
            self.__dict__.pop("loaded", None)

    def waivers_of(self, check: str, nodeid: str) -> list[WaiverSettings]:
        """Return the waivers that name a check by its id or its node id."""
        return [waiver for waiver in self.settings.waive if _names(waiver.check, (check, nodeid))]

    def others_named_by(self, waiver: WaiverSettings, check: str) -> set[str]:
        """Return the checks besides `check` that a waiver names, demanded or planned."""
        every = {*self.expected, *self._planned} - {check}
        return {name for name in every if _names(waiver.check, (name, f"{self.file}::{name}"))}

    def declared(self) -> dict[str, Any]:
        """Return what the settings alone say of the subject, as the evidence has it."""
        chosen = candidates(self.settings, self.stage, model=self._model, baseline=self._baseline)
        unopened = {"version": None, "digest": None}
        # The resolved settings show what came from the environment as ***.
        resolved = self.settings.resolved()
        return {
            "name": self.settings.name,
            "file": self.file,
            "settings": {"digest": self.settings.digest(), "resolved": resolved},
            "by_hand": dict(self.settings.by_hand),
            "expected": self.expected,
            "model": {"uri": chosen.model, **unopened} if chosen.model else None,
            "baseline": {"uri": chosen.baseline, **unopened} if chosen.baseline else None,
            "data": {
                name: {"source": resolved["data"][name]["source"], "rows": None, "digest": None}
                for name in self.settings.data.splits
            },
        }


def stage_of(config: pytest.Config) -> str:
    """Return the stage that the command line, else the ini file, names; ci where neither does."""
    stage: str = config.getoption("ml_stage") or config.getini("ml_stage") or "ci"
    return stage


def _names(pattern: str, names: tuple[str, ...]) -> bool:
    return any(matches(pattern, name) for name in names)


def is_expired(waiver: WaiverSettings) -> bool:
    """Return whether the last day of a waiver lies behind."""
    return waiver.until < date.today()


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
            _refuse_idle_waivers(run, self._config.rootpath)
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


def _refuse_idle_waivers(run: SubjectRun, root: Path) -> None:
    known = ids_of_all_stages(run.settings)
    idle: list[tuple[str, Iterable[str]]] = []
    for pattern in (waiver.check for waiver in run.settings.waive):
        if any(_names(pattern, (check, f"{run.file}::{check}")) for check in known):
            continue
        if ".py" not in pattern:
            idle.append((pattern, known))
        elif not _may_name_a_test(pattern, root):
            idle.append((pattern, [*_tests_in(pattern.partition("::")[0], root), *known]))
    if idle:
        lines = "\n".join(
            f"  [[waive]] check = {pattern!r} names no check{nearest(pattern, near)}" for pattern, near in idle
        )
        raise MLQualityError(
            f"{run.settings.file}:\n{lines}", "name a check as `pytest --ml-quality --collect-only -q` shows it"
        )


def _may_name_a_test(pattern: str, root: Path) -> bool:
    """Return whether a waiver's pattern may name a test of the user's own, as far as the source of its file tells.

    Which tests there are is known only once they are collected: what stands in brackets, what a class inherits.
    """
    file, _, name = pattern.partition("::")
    if "*" in file:
        return True
    outermost = name.split("::")[0].split("[")[0]
    return any(_names(f"{file}::{outermost}" if outermost else f"{file}*", (test,)) for test in _tests_in(file, root))


def _tests_in(file: str, root: Path) -> list[str]:
    """Return the node ids of the functions and classes that a module defines or imports; of none, none."""
    try:
        nodes = list(ast.walk(ast.parse((root / file).read_bytes())))
    except (OSError, SyntaxError, ValueError):
        return []
    defined = [node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    imports = [alias for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names]
    return [f"{file}::{name}" for name in [*defined, *(alias.asname or alias.name for alias in imports)]]


def _refuse_missing_tests(run: SubjectRun) -> None:
    base = run.settings.base
    missing = [name for name in run.settings.checks.own if not (base / name).is_file()]
    if missing:
        beside = [path.relative_to(base).as_posix() for path in base.glob("**/test_*.py")]
        lines = "\n".join(f"  [checks] own: there is no file {name!r}{nearest(name, beside)}" for name in missing)
        raise MLQualityError(f"{run.settings.file}:\n{lines}", "name files with tests, relative to the gate file")


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
