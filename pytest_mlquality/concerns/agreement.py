"""What a subject's settings agree on about a split, as rules, and how often each is broken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_mlquality.data import Table
    from pytest_mlquality.rules.agreement import Agreement
    from pytest_mlquality.rules.rule import Finding, Rule
    from pytest_mlquality.settings import SchemaSettings, Settings


class AgreedRules:
    """The rules of ``schema.file``, ``[schema.rules]``, ``[schema.references]`` and ``[schema.distinct_values]``.

    Parameters
    ----------
    section
        ``[schema]``.
    """

    def __init__(self, settings: Settings, section: SchemaSettings, data: Mapping[str, Table]) -> None:
        self._settings = settings
        self._section = section
        self._data = data
        self._found: dict[str, list[Finding]] = {}
        self._written: dict[str, int] = {}

    @cached_property
    def _agreement(self) -> Agreement | None:
        from pytest_mlquality.rules.schema_file import read_agreement

        file = self._section.file
        return read_agreement(file, self._settings.base) if file is not None else None

    def findings(self, split: str) -> list[Finding]:
        """Return how often each rule is broken by the rows of a split; they are counted once."""
        from pytest_mlquality.rules.counting import findings

        if split not in self._found:
            data, table = self._settings.data, self._data[split]
            # Nobody has agreed on the column that blocks of time make.
            table, rules = self._rules(table if data.block is None else table.without(str(data.unit)))
            self._found[split] = findings(rules, table)
            self._keep_rows(split, table)
        return self._found[split]

    def tolerated(self, split: str) -> dict[str, float]:
        """Return the share of rows that may break a rule, by rule.

        Raises
        ------
        DataError
            If a pattern of ``[schema.tolerated]`` names no rule.
        """
        from pytest_mlquality.rules.tolerance import require_named, tolerated

        section = self._section
        names = {finding.rule.name for finding in self.findings(split)}
        require_named(section.tolerated, names, self._agreement, self._data[split].expression)
        return tolerated(section.tolerated, names)

    def rows_file(self, split: str) -> str:
        """Return where the rows of a split that break a rule stand, as the settings name the folder; empty: nowhere."""
        self.findings(split)
        file = self._rows_file(split)
        return file.as_posix() if file is not None and self._written.get(split) else ""

    def _rows_file(self, split: str) -> PurePath | None:
        folder = self._section.failing_rows
        return PurePath(folder, f"{split}.parquet") if folder is not None else None

    def absent(self, split: str) -> tuple[str, ...]:
        """Return the columns that may be missing in the environment of a split."""
        named = self._settings.data.splits[split].environment or split
        environment = self._section.environments.get(named)
        return environment.absent if environment is not None else ()

    def _keep_rows(self, split: str, table: Table) -> None:
        from pytest_mlquality.rules.failing_rows import write_failing_rows

        if (file := self._rows_file(split)) is not None:
            path = self._settings.base / file
            self._written[split] = write_failing_rows(self._found[split], table, path, owner=self._settings.file.name)

    def _rules(self, table: Table) -> tuple[Table, list[Rule]]:
        from pytest_mlquality.rules.agreement import rules_of
        from pytest_mlquality.rules.conditions import of_references, with_listings, with_rules
        from pytest_mlquality.rules.distinct import of_distinct_values

        absent = self.absent(table.name)
        widened, conditions = with_rules(table, self._section.rules, absent)
        rules: list[Rule] = []
        if self._agreement is not None:
            rules += rules_of(self._agreement, widened.expression, table.columns, absent)
        listings: list[Table] = []
        openers = {column: self._opener(column, listings) for column in self._section.references}
        rules += of_references(table, widened.expression, openers, absent)
        rules += of_distinct_values(table, widened.expression, self._section.distinct_values, absent)
        return with_listings(widened, listings), [*rules, *conditions]

    def _opener(self, column: str, listings: list[Table]) -> Callable[[], tuple[Table, str]]:
        from pytest_mlquality.data import open_split

        reference = self._section.references[column]

        def opened() -> tuple[Table, str]:
            engine = reference.engine or self._settings.data.engine
            name, base = f"schema.references.{column}", self._settings.base
            listing = open_split(name, source=reference.source, engine=engine, base=base)
            listings.append(listing)
            return listing, reference.column or column

        return opened
