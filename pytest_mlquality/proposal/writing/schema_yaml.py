"""What was seen of the columns, as a schema of pandera in YAML that people read and correct."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pytest_mlquality.printable import quoted
from pytest_mlquality.proposal import human
from pytest_mlquality.proposal.limits.domain import Domain
from pytest_mlquality.proposal.limits.ranges import lengths_of, range_of
from pytest_mlquality.proposal.look import Findings
from pytest_mlquality.proposal.looking.seen import LEAST_ROWS, Column
from pytest_mlquality.proposal.remark import comment, remark

INDENT = "    "
SHORT = 100
# YAML reads no longer key that stands before its colon; quotes and escapes count.
LONGEST_KEY = 1000
_DTYPES = {"text": "str", "truth": "bool"}
_IDENTIFYING = ("id", "key", "uuid", "guid", "code", "number", "no", "nr", "email", "iban", "isbn", "ssn")
_FACTS = {
    "missing": "missing values",
    "low": "its range",
    "high": "its range",
    "zeros": "zeros",
    "ones": "ones",
    "infinite": "infinite values",
    "fractions": "fractions",
    "shortest": "lengths",
    "longest": "lengths",
    "counts": "the rows of each value",
}
# So few rows may differ from each other by chance.
LEAST_UNIQUE = 50


def schema_text(findings: Findings) -> str:
    """Return the whole file."""
    return (
        "\n".join([*_head(findings), "columns:", *(line for c in findings.columns for line in of_column(c, findings))])
        + "\n"
    )


def _head(findings: Findings) -> Iterator[str]:
    seen = ", ".join(f"{name} ({table.rows:,} rows)" for name, table in findings.tables.items())
    yield from comment(
        f"What the columns are, as `mlquality init` saw them in {seen}. "
        "It is a proposal: read it, correct it, and it is what you have agreed on."
    )
    yield from comment(
        f"Every rule holds in these rows. Ranges are wider than what was seen; a value that fewer than {LEAST_ROWS} "
        "rows have is not listed; a column without `nullable` is never missing."
    )
    yield "schema_type: dataframe"
    yield "api: pandas"


def of_column(column: Column, findings: Findings) -> Iterator[str]:
    """Yield the lines of one column."""
    yield from _key(column.name)
    yield from _remarks(column, findings)
    lines = [*_type(column), *_presence(column, findings), *_rules(column, findings)]
    yield from lines or [f"{INDENT}nullable: false"]


def _key(name: str) -> Iterator[str]:
    """Yield the lines of a key, which YAML wants marked where it is long."""
    written = scalar(name)
    if len(written) > LONGEST_KEY:
        yield f"  ? {written}"
        written = ""
    yield f"  {written}:"


def scalar(value: object) -> str:
    """Return a value as YAML writes it, on one line."""
    import yaml

    if isinstance(value, str):
        plain = value.isascii() and value.replace("_", "a").isalnum() and not value[0].isdigit()
        # Words such as "no" and "null" mean something else.
        if plain and yaml.safe_load(value) == value:
            return value
        return quoted(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return f"'{value}'" if hasattr(value, "hour") else str(value)
    if isinstance(value, float):
        # YAML reads 1e-05 as a text, and 1.0e-05 as a number.
        text = repr(value)
        return text.replace("e", ".0e") if "e" in text and "." not in text else text
    return str(value)


def _remarks(column: Column, findings: Findings) -> Iterator[str]:
    request = findings.request
    targets = request.data.targets
    roles = {request.key: "the key", request.time: "the time of a row"}
    roles.update(dict.fromkeys(targets, "the target" if len(targets) == 1 else "a label"))
    said = [roles[column.name]] if column.name in roles else []
    if column.kind == "other":
        types = ", ".join(sorted(set(column.types.values())))
        said.append(f"{types[:60]}: nothing here describes such values")
    said += [_missing(column)] if column.any("missing") else []
    if column.kind in ("whole", "text", "number", "decimal") and column.name not in findings.domains:
        said.append(_distinct(column))
    said += [_unanswered(column, findings)] if any(seen.unanswered for seen in column.seen.values()) else []
    if column.name in findings.monotone:
        said.append("never falls from row to row")
    lacking = [split for split in findings.tables if split not in column.seen]
    said += [f"not in {', '.join(lacking)}"] if lacking else []
    if said:
        yield from comment("; ".join(said), INDENT)


def _missing(column: Column) -> str:
    parts = [f"{human.percent(seen.missing / seen.rows)} of {split}" for split, seen in column.seen.items()]
    return f"missing in {', '.join(parts)}"


def _unanswered(column: Column, findings: Findings) -> str:
    asked = dict.fromkeys(fact for seen in column.seen.values() for fact in seen.unanswered)
    words = dict.fromkeys(_FACTS[fact] for fact in asked)
    return f"{findings.evidence.engine} cannot be asked for {' and '.join(words)}: nothing is proposed from them"


def _distinct(column: Column) -> str:
    most = max(column.seen.values(), key=lambda seen: seen.distinct or seen.sampled)
    if most.distinct == 0:
        return "no value in any row: is it of any use?"
    if most.distinct == 1:
        return "one value in all rows: is it of any use?"
    return f"{most.different} different values"


def _type(column: Column) -> Iterator[str]:
    if column.type is None:
        found = ", ".join(f"{type_} in {split}" for split, type_ in column.types.items())
        yield from comment(f"no dtype, for it differs: {found}", INDENT)
    elif dtype := dtype_of(column):
        yield f"{INDENT}dtype: {dtype}"
    elif column.kind != "other":
        yield from comment(f"{column.type}: has no dtype beside it", INDENT)


def dtype_of(column: Column) -> str | None:
    """Return the dtype of pandera for a column's type; None where there is none."""
    type_ = column.type or ""
    if column.kind == "whole":
        # What has missing values is Int64 to pandas; the engine does not tell it from int64.
        return type_.replace("uint", "UInt").replace("int", "Int") if column.any("missing") else type_
    if column.kind == "moment":
        zone = type_.partition("'")[2].partition("'")[0]
        return f"datetime64[ns, {zone}]" if zone else "datetime64[ns]"
    if column.kind in ("number", "day"):
        return {"day": "date"}.get(column.kind, type_)
    return _DTYPES.get(column.kind)


def _presence(column: Column, findings: Findings) -> Iterator[str]:
    if column.any("missing"):
        yield f"{INDENT}nullable: true"
    if findings.first not in column.seen:
        yield f"{INDENT}required: false"


def _rules(column: Column, findings: Findings) -> Iterator[str]:
    yield from _unique(column, findings)
    if column.name in (findings.request.key, findings.request.time):
        return
    domain = findings.domains.get(column.name)
    if domain is not None:
        yield from _domain(domain)
    elif column.kind == "text":
        yield from _texts(column, findings)
    else:
        yield from _range(column)


def _unique(column: Column, findings: Findings) -> Iterator[str]:
    unique = all(1 < (seen.distinct or 0) == seen.present for seen in column.seen.values())
    if column.kind not in ("whole", "text") or not unique or column.most_rows < LEAST_UNIQUE:
        if column.name == findings.request.key:
            yield from comment("not unique: several rows share a key", INDENT)
        return
    words = set(column.name.lower().replace("-", "_").split("_"))
    if column.name == findings.request.key or (words & set(_IDENTIFYING) and not column.any("missing")):
        yield f"{INDENT}unique: true  # no value is there twice in a split"
    elif column.kind == "text":
        yield from comment("no value is there twice: add `unique: true` if it identifies a row", INDENT)


def _domain(domain: Domain) -> Iterator[str]:
    sure = f"95% sure that at most {human.percent(domain.unseen)} of rows have another value"
    if domain.rare:
        sure += f"; values of fewer than {LEAST_ROWS} rows are not listed: see [schema.tolerated]"
    yield from comment(sure, INDENT)
    written = list(map(scalar, domain.values))
    on_one_line = f"{INDENT}isin: [{', '.join(written)}]"
    if len(on_one_line) <= SHORT and not any(isinstance(value, str) for value in domain.values):
        yield on_one_line
        return
    yield f"{INDENT}isin:"
    yield from (f"{INDENT}- {value}" for value in written)


def _texts(column: Column, findings: Findings) -> Iterator[str]:
    pattern, said = findings.patterns.get(column.name, (None, ""))
    if pattern is not None:
        yield f"{INDENT}str_matches: {scalar(pattern)}  {remark(said)}"
    lengths = lengths_of(column)
    if lengths is None or (pattern is not None and "{" in pattern):
        return
    least, most = lengths
    yield f"{INDENT}str_length:{'' if least else '  # some are empty'}"
    yield from [f"{INDENT}  min_value: {least}"] if least else []
    yield f"{INDENT}  max_value: {most}  # longer than any seen, with room"


def _range(column: Column) -> Iterator[str]:
    found = range_of(column)
    if found is None:
        if column.any("infinite"):
            yield from comment("no range: some values are infinite", INDENT)
        return
    bounds = [bound for bound in (found.low, found.high) if bound is not None]
    for place, (check, value) in enumerate(bounds):
        said = f"  {remark(found.said)}" if not place else ""
        yield f"{INDENT}{check}: {_bound(column, value)}{said}"


def _bound(column: Column, value: float | date) -> str:
    whole = column.kind == "whole" and isinstance(value, float) and abs(value) < 2**63
    return str(int(value)) if whole else scalar(value)  # type: ignore[arg-type]
