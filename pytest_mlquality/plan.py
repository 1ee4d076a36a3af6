"""What a subject's settings demand of a stage: computed from the settings alone, never from how a run was narrowed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING

from pytest_mlquality.check import NIGHTLY, PREDEPLOY, STAGES, Check, Row, declared
from pytest_mlquality.printable import one_line
from pytest_mlquality.settings import CONCERNS

if TYPE_CHECKING:
    from pytest_mlquality.settings import Settings

_CHECKS = "pytest_mlquality.checks"
_PREFIX = "test_"


@dataclass(frozen=True, slots=True)
class Claim:
    """One check that a gate demands: a test function with its arguments."""

    concern: str
    function: FunctionType
    check: Check
    row: Row

    @property
    def name(self) -> str:
        """The test's name, its row in brackets."""
        return f"{self.function.__name__}[{one_line(self.row.id)}]" if self.row.id else self.function.__name__

    @property
    def id(self) -> str:
        """The check's id within its subject, as `expected` and waivers name it."""
        return f"{self.concern}::{self.name}"


@dataclass(frozen=True, slots=True)
class Candidates:
    """Which model a stage judges, and which it compares with."""

    model: str | None
    baseline: str | None


def candidates(settings: Settings, stage: str, *, model: str | None = None, baseline: str | None = None) -> Candidates:
    """Return what a stage judges; `model` and `baseline`, from the command line, go before the file."""
    section, of_stage = settings.model, settings.stage.get(stage)
    judged = champion = None
    if section is not None:
        judged = section.baseline if stage == NIGHTLY and section.baseline else section.uri
        champion = section.baseline if stage == PREDEPLOY else None
    if of_stage is not None:
        judged, champion = of_stage.model or judged, of_stage.baseline or champion
    return Candidates(model or judged, baseline or champion)


def module_of(concern: str) -> ModuleType:
    """Import the module of a concern's checks by its real name."""
    return import_module(f"{_CHECKS}.{_PREFIX}{concern}")


@cache
def checks_of(concern: str) -> tuple[tuple[FunctionType, Check], ...]:
    """Return a concern's test functions and what they declare, in the order of the file."""
    found = []
    for name, value in vars(module_of(concern)).items():
        info = declared(value)
        if name.startswith(_PREFIX) and info is not None and isinstance(value, FunctionType):
            found.append((value, info))
    return tuple(found)


def demanded(settings: Settings, stage: str, *, baseline: str | None = None) -> list[Claim]:
    """Return every claim that file and stage demand, in the order in which they run."""
    has_baseline = candidates(settings, stage, baseline=baseline).baseline is not None
    return list(_claims(settings, stage, has_baseline=has_baseline))


def ids_of_all_stages(settings: Settings) -> set[str]:
    """Return the ids of every claim that the file can make, in whichever stage."""
    return {claim.id for stage in STAGES for claim in _claims(settings, stage, has_baseline=True)}


def _claims(settings: Settings, stage: str, *, has_baseline: bool) -> Iterator[Claim]:
    of_stage = settings.stage.get(stage)
    wanted = of_stage.checks if of_stage is not None else None
    for concern in CONCERNS:
        if getattr(settings, concern, None) is None:
            continue
        for function, info in checks_of(concern):
            in_stage = stage in info.stages if wanted is None else concern in wanted
            if in_stage and (has_baseline or not info.needs_baseline):
                rows = [Row("")] if info.each is None else info.each(settings, stage)
                yield from (Claim(concern, function, info, row) for row in rows)
