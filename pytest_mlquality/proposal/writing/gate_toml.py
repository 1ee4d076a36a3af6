"""What was seen of the system, as a gate file that people read and correct."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_mlquality.proposal import human
from pytest_mlquality.proposal.limits.proposal import Proposal
from pytest_mlquality.proposal.look import Findings
from pytest_mlquality.proposal.looking.sensitive import sensitive
from pytest_mlquality.proposal.remark import comment, listed
from pytest_mlquality.settings.toml_text import key_text, value_text

SCHEMA_FILE = "schema.yaml"


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a table, with the comment above it.

    Parameters
    ----------
    key
        None where only the comment is to be said.
    """

    key: str | None
    value: str
    said: str

    def lines(self) -> Iterator[str]:
        """Yield it as the file has it."""
        yield from comment(self.said)
        if self.key is not None:
            yield f"{key_text((self.key,))} = {self.value}"


def gate_text(findings: Findings, suggested: Sequence[str] = ()) -> str:
    """Return the whole file.

    Parameters
    ----------
    suggested
        Lines about the model's performance, already comments.
    """
    parts = [list(part(findings)) for part in (_head, _model, _data, _schema)]
    for name, entries in tables(findings).items():
        parts.append([f"[schema.{name}]", *(line for entry in entries for line in entry.lines())] if entries else [])
    parts += [list(suggested), list(_sensitive(findings))]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def tables(findings: Findings) -> dict[str, list[Entry]]:
    """Return what is proposed for each table inside ``[schema]``."""
    return {
        "environments": list(_environments(findings)),
        "rules": [Entry(relation.name, sql_text(relation.condition), "") for relation in findings.relations],
        "tolerated": list(_tolerated(findings)),
        "metrics": list(map(_entry, findings.metrics)),
        "leakage": list(map(_entry, findings.leaks)),
    }


def sql_text(condition: str) -> str:
    """Return SQL as TOML writes it, without escapes where that can be."""
    plain = "'" not in condition and condition.isprintable()
    return f"'{condition}'" if plain else value_text(condition)


def _entry(proposal: Proposal) -> Entry:
    if proposal.limit is None:
        return Entry(None, "", f"{proposal.name}: {proposal.reason}")
    return Entry(proposal.name, proposal.toml, proposal.reason)


def _head(findings: Findings) -> Iterator[str]:
    yield from comment(
        "The gate of this ML system, as `mlquality init` proposes it. "
        "Every number is from the data of today: correct what you know better. "
        "`mlquality list settings` says what else there is."
    )
    name = findings.request.base.resolve().name
    if name:
        yield f"name = {value_text(name)}"


def _model(findings: Findings) -> Iterator[str]:
    request = findings.request
    if request.model is None:
        return
    yield "[model]"
    yield f"uri = {value_text(request.model)}"
    if request.trusted_types:
        yield f"trusted_types = {value_text(list(request.trusted_types))}"
    if request.sha256:
        yield f"sha256 = {value_text(request.sha256)}"
    if request.registry is not None:
        yield from ("", "[registry]", f"uri = {value_text(request.registry)}")


def _data(findings: Findings) -> Iterator[str]:
    request = findings.request
    yield "[data]"
    for role in ("target", "key", "time"):
        if getattr(request, role) is not None:
            yield f"{role} = {value_text(getattr(request, role))}"
    if request.engine is not None:
        yield f"engine = {value_text(request.engine)}"
    if findings.later:
        yield from comment("every row of test is later than all of train: keep it so")
        yield 'split_by = "time"'
    if request.ignore:
        yield from comment("values of a kind that no check here looks into")
        yield f"ignore = {value_text(list(request.ignore))}"
    for split, named in request.splits.items():
        yield from ("", f"[data.{split}]", f"source = {value_text(named.source)}")
        yield from [f"filter = {value_text(named.filter)}"] if named.filter else []


def _schema(findings: Findings) -> Iterator[str]:
    yield from comment("What the columns are; people correct that file.")
    yield "[schema]"
    yield f"file = {value_text(SCHEMA_FILE)}"


def _environments(findings: Findings) -> Iterator[Entry]:
    for split in findings.tables:
        absent = findings.absent(split)
        if absent:
            yield Entry(split, value_text({"absent": absent}), f"what {split} lacks and {findings.first} has")


def _tolerated(findings: Findings) -> Iterator[Entry]:
    for name, domain in findings.domains.items():
        if domain.rare:
            said = f"{human.percent(domain.rare)} of rows have a value too rare to be listed"
            yield Entry(f"{name}: isin*", human.text(domain.tolerated), said)


def _sensitive(findings: Findings) -> Iterator[str]:
    names = sensitive(column.name for column in findings.columns)
    if names:
        yield from comment(
            f"By their names these columns may be about what people must not be judged by: {listed(names, 20)}. "
            "People decide which are; compare how the model treats their groups."
        )
