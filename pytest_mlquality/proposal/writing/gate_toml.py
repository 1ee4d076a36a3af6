"""What was seen of the system, as a gate file that people read and correct."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pytest_mlquality.proposal import human
from pytest_mlquality.proposal.look import Findings
from pytest_mlquality.proposal.looking import texts
from pytest_mlquality.proposal.remark import comment, listed, remark
from pytest_mlquality.proposal.request import Request
from pytest_mlquality.proposal.writing.commented_sections import commented_sections
from pytest_mlquality.proposal.writing.entry import Entry
from pytest_mlquality.proposal.writing.skew import skew_tables
from pytest_mlquality.settings.toml_text import value_text
from pytest_mlquality.wildcard import matches

SCHEMA_FILE = "schema.yaml"


def gate_text(findings: Findings, suggested: Sequence[str] = (), disparities: Mapping[str, str] | None = None) -> str:
    """Return the whole file.

    Parameters
    ----------
    suggested
        Lines about the model's performance, already comments.
    disparities
        How far apart the model treats groups today, by metric.
    """
    parts = [list(part(findings)) for part in (_head, _model, _data, _schema)]
    of_schema = {f"schema.{name}": entries for name, entries in tables(findings).items() if entries}
    for name, entries in (of_schema | skew_tables(findings.skew)).items():
        parts.append([f"[{name}]", *(line for entry in entries for line in entry.lines())])
    parts += [list(_no_skew(findings)), list(suggested), *commented_sections(findings, disparities).values()]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def tables(findings: Findings) -> dict[str, list[Entry]]:
    """Return what is proposed for each table inside ``[schema]``."""
    return {
        "environments": list(_environments(findings)),
        "rules": [Entry(relation.name, sql_text(relation.condition), "") for relation in findings.relations],
        "tolerated": list(_tolerated(findings)),
        "metrics": list(map(Entry.of, findings.metrics)),
        **{f"only.{split}": list(map(Entry.of, proposed)) for split, proposed in findings.only.items()},
        "leakage": list(map(Entry.of, findings.leaks)),
    }


def sql_text(condition: str) -> str:
    """Return SQL as TOML writes it, without escapes where that can be."""
    plain = "'" not in condition and condition.isprintable()
    return f"'{condition}'" if plain else value_text(condition)


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
    yield from (line for entry in model_entries(findings, request) for line in entry.lines())
    if request.registry is not None:
        yield from ("", "[registry]", f"uri = {value_text(request.registry)}")


def model_entries(findings: Findings, asked: Request) -> Iterator[Entry]:
    """Yield what is to be said of the model that was asked for."""
    if asked.model is not None:
        yield Entry("uri", value_text(asked.model), "")
    if asked.trusted_types:
        yield Entry("trusted_types", value_text(list(asked.trusted_types)), "")
    if asked.sha256:
        yield Entry("sha256", value_text(asked.sha256), "")
    if findings.classes:
        said = (
            "the model knows labels by number: is this their order? (that of the alphabet is what LabelEncoder gives)"
        )
        yield Entry("classes", value_text(list(findings.classes)), said)


def _data(findings: Findings) -> Iterator[str]:
    request = findings.request
    yield "[data]"
    for role in ("target", "key", "time"):
        if role == "key" and findings.key_proposed:
            yield from comment("a value of its own in every row, and it looks like an identifier: is it one?")
        if getattr(request, role) is not None:
            said = getattr(request, role)
            yield f"{role} = {value_text(list(said) if isinstance(said, tuple) else said)}"
        if role == "target" and request.labels:
            yield from comment("in the order in which the model answers, where [model] classes says no other")
            yield f"labels = {value_text(list(request.labels))}"
    if (alike := findings.dependence) is not None:
        yield from comment(
            f"{alike.column} of a day goes with that of the day before (correlation {alike.correlation:.2f} over "
            f"{alike.days} days of {findings.first}): rows, and days, are not independent. Blocks of time, or the unit "
            "behind it, keep limits from failing where nothing has moved (docs/data.md)"
        )
        yield remark(f"block = {value_text(alike.block)}")
    if request.engine is not None:
        yield f"engine = {value_text(request.engine)}"
    if findings.later:
        yield from comment("every row of test is later than all of train: keep it so")
        yield 'split_by = "time"'
    if request.ignore:
        yield from comment("values of a kind that no check here looks into")
        yield f"ignore = {value_text(list(request.ignore))}"
    yield from _types(findings)
    for split, named in request.splits.items():
        yield from ("", f"[data.{split}]", f"source = {value_text(named.source)}")
        yield from [f"filter = {value_text(named.filter)}"] if named.filter else []


def _types(findings: Findings) -> Iterator[str]:
    dates = dict(_dates(findings))
    if dates:
        yield from comment(
            "These look like dates, and are read as text: only dates in ISO form are guessed. Uncomment how they are "
            f"written, and correct their type in {SCHEMA_FILE}"
        )
        for way in (0, -1) if any(len(formats) > 1 for formats in dates.values()) else (0,):
            yield remark(f"types = {value_text({name: formats[way] for name, formats in dates.items()})}")


def _dates(findings: Findings) -> Iterator[tuple[str, list[str]]]:
    """Yield columns of text that look like dates, with the types that they may be written as."""
    for name, read_as in findings.tables[findings.first].origin.read_as.items():
        some = findings.samples[findings.first]
        if read_as == "text" and name in some.columns:
            formats = texts.date_formats_of(some.frame([name])[name].dropna().astype(str).tolist())
            if formats:
                yield name, formats[:2]


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
            pattern = f"{name}: isin*"
            # A star in a name would stand for any text: a column called so would have others tolerated with it.
            named = [other for other in findings.domains if matches(pattern, f"{other}: isin([])")]
            if named == [name]:
                yield Entry(pattern, human.text(domain.tolerated), said)
            else:
                yield Entry(None, "", f"{listed([name])}: {said}. Which may break its rule, no pattern can say alone")


def _no_skew(findings: Findings) -> Iterator[str]:
    if findings.skew is not None and findings.skew.why_none:
        yield from comment(f"No [skew] is proposed (docs/skew.md): {findings.skew.why_none}")
