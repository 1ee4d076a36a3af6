"""One subject in one run: what is demanded of it, and its model and data, released after its last check."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlquality.gate.waivers import names
from pytest_mlquality.plan import Claim, candidates, demanded
from pytest_mlquality.verdict import Levels

if TYPE_CHECKING:
    from pytest_mlquality.settings import Settings, WaiverSettings
    from pytest_mlquality.subject import Subject

# Told of what a subject loads: the gate file's name in the evidence, a field of it, and what it holds.
Told = Callable[[str, str, Any], None]


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
        return [waiver for waiver in self.settings.waive if names(waiver.check, (check, nodeid))]

    def others_named_by(self, waiver: WaiverSettings, check: str) -> set[str]:
        """Return the checks besides `check` that a waiver names, demanded or planned."""
        every = {*self.expected, *self._planned} - {check}
        return {name for name in every if names(waiver.check, (name, f"{self.file}::{name}"))}

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
