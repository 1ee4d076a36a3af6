"""mlquality.toml as a test file: a module a concern, an item a claim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.fault import fault_of
from pytest_mlquality.gate.files import is_shared_base
from pytest_mlquality.gate.selection import belongs_to
from pytest_mlquality.plan import Claim, module_of
from pytest_mlquality.redaction import conceal

if TYPE_CHECKING:
    from pytest_mlquality.gate.subjects import Subjects


class GateFile(pytest.File):
    """One subject's mlquality.toml."""

    def __init__(self, *, subjects: Subjects, **node: Any) -> None:  # noqa: ANN401 - pytest's own arguments
        super().__init__(**node)
        self.subjects = subjects

    def collect(self) -> Iterable[pytest.Collector]:
        """Read the settings and yield a module for each concern that they demand.

        Raises
        ------
        CollectError
            With every problem of the file, and no traceback.
        """
        if is_shared_base(self.path):
            return []
        try:
            subject = self.subjects.at(self.path)
        except MLQualityError as error:
            self.subjects.reject(self.path, error)
            raise self.CollectError(conceal(str(error))) from None
        except Exception as error:
            fault = fault_of(error, "pytest --tb=native shows its traceback")
            if fault is None or self.config.option.tbstyle == "native":
                raise
            self.subjects.reject(self.path, fault)
            raise self.CollectError(conceal(str(fault))) from None
        subject.demand(own_ids(self, subject.settings.checks.own, subject.stage))
        by_concern = groupby(subject.claims, key=lambda claim: claim.concern)
        return [
            CheckModule.from_parent(
                self, name=concern, path=self.path, nodeid=f"{self.nodeid}::{concern}", claims=list(claims)
            )
            for concern, claims in by_concern
        ]


class CheckModule(pytest.Module):
    """The ready-made checks of one concern, for one subject.

    The module is imported by its real name, so that nothing of a user's project (a ``checks`` package of their own,
    changed ``python_files`` or ``python_functions``) can take its place; its path is the TOML file's, so that hooks
    and fixtures of the conftest beside it apply.
    """

    def __init__(self, *, claims: list[Claim], **node: Any) -> None:  # noqa: ANN401 - pytest's own arguments
        super().__init__(**node)
        self.claims = claims

    def _getobj(self) -> ModuleType:
        return module_of(self.name)

    def collect(self) -> Iterable[pytest.Item]:
        """Yield an item a claim."""
        # Asking for the module applies its markers to this node, and so to its items.
        _ = self.obj
        # Which fixtures a function uses is found out once, as pytest does for the rows of a parametrized test.
        first: dict[FunctionType, CheckItem] = {}
        for claim in self.claims:
            known = first.get(claim.function)
            shared = {} if known is None else {"fixtureinfo": known._fixtureinfo}
            item = CheckItem.from_parent(self, name=claim.name, claim=claim, **shared)
            first.setdefault(claim.function, item)
            yield item


class CheckItem(pytest.Function):
    """One claim about one subject.

    It carries no ``callspec``: test explorers take an item that has one for a function in a ``.py`` file. The
    claim's arguments reach the function beside its fixtures.
    """

    def __init__(self, *, claim: Claim, **node: Any) -> None:  # noqa: ANN401 - pytest's own arguments
        self.claim = claim
        super().__init__(callobj=claim.function, **node)
        self.originalname = claim.function.__name__
        identity = getattr(self, "id", None)
        if identity is not None:
            # pytest 9.2 keeps what stands in brackets apart, and compares node ids part by part.
            self._id = type(identity).parse(self.nodeid)

    def setup(self) -> None:
        """Hand over the claim's arguments, then fill the fixtures."""
        self.funcargs.update(self.claim.row.arguments)
        super().setup()

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return the gate file as the test's place."""
        return self.path, None, self.name


def own_ids(file: GateFile, own: Iterable[str], stage: str) -> list[str]:
    """Return the ids of a user's tests that the gate demands of a stage.

    The files are collected here in full, apart from the run's own collection: how a run is narrowed must not
    change what is demanded. A file that cannot be collected stands in the list by its path, and so stays missing.
    """
    ids: list[str] = []
    for name in own:
        path = file.path.parent / name
        try:
            collectors = file.ihook.pytest_collect_file(file_path=path, parent=file.parent) if path.is_file() else []
            found = [item for collector in collectors for item in _items(collector)]
        except (Exception, pytest.skip.Exception):
            found = []
        ids += [item.nodeid for item in found if belongs_to(item, stage)] if found else [name]
    return ids


def _items(node: pytest.Item | pytest.Collector) -> Iterator[pytest.Item]:
    if isinstance(node, pytest.Item):
        yield node
        return
    for child in node.collect():
        yield from _items(child)
