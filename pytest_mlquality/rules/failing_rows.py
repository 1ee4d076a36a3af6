"""The rows that break a rule, in a Parquet file of the user's choosing: key, rule, column, value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING

from pytest_mlquality.data import reading
from pytest_mlquality.data.column_names import own_name, replaced
from pytest_mlquality.data.faults import explained, failure
from pytest_mlquality.printable import one_line
from pytest_mlquality.rules.counting import BATCH, kept, seen
from pytest_mlquality.rules.rule import CustomRule, Finding, RowRule, Rule, UniqueRule
from pytest_mlquality.whole_file import make_private_folder, replacing

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from pytest_mlquality.data import Table

# The place of a row among those of the split, from 0, where no column identifies it.
PLACE = "row"
# A key column of such a name would stand twice in the file.
_TAKEN = ("rule", "column", "value")
_OWNER = b"mlquality failing rows of"


@dataclass(frozen=True, slots=True)
class _Identified:
    """The rows of a split with a column, which no data has, of what tells them apart."""

    rows: ibis.Table
    identity: str

    @classmethod
    def by(cls, value: ibis.Value, rows: ibis.Table) -> _Identified:
        name = own_name("mlq_identity", rows.columns)
        return cls(rows.mutate(value.name(name)), name)

    @property
    def schema(self) -> pa.Schema:
        import pyarrow as pa

        text = pa.string()
        identity = self.rows.select(self.identity).schema().to_pyarrow().field(0).with_nullable(True)
        return pa.schema([identity, ("rule", text), ("column", text), ("value", text)])


def write_failing_rows(found: Iterable[Finding], table: Table, path: Path, *, owner: str) -> int:
    """Write every row that breaks a rule, once a rule, readable by their owner alone; return how many.

    Columns: the key (else `row`, the place among the rows of the split), `rule`, `column` and `value` as text. Of rows
    that should be unique all that are equal are written, for only together they show what is wrong.

    Parameters
    ----------
    owner
        Whose rows they are, such as the gate file: a file that is there is replaced only where it says the same.

    Raises
    ------
    DataError
        If the file cannot be written, something else stands there, or neither a key nor an order of the source tells
        rows apart.
    """
    from pyarrow import parquet

    key, rows = _identified(table)
    schema = rows.schema
    written = 0
    with explained(f"the failing rows cannot be written to {path}", "name a folder with room that can be written to"):
        make_private_folder(path.parent)
        _require_ours(path, owner)
        schema = schema.set(0, schema.field(0).with_name(key)).with_metadata({_OWNER: owner.encode()})
        with replacing(path, private=True) as file, closing(parquet.ParquetWriter(file, schema)) as writer:
            for finding in found:
                for batch in _rows(finding, rows, table):
                    writer.write_table(batch.rename_columns(schema.names).cast(schema))
                    written += batch.num_rows
    return written


def _require_ours(path: Path, owner: str) -> None:
    """Raise DataError where a file stands in the place that this owner's failing rows did not make."""
    from pyarrow import parquet

    if not path.exists():
        return
    try:
        made_by = (parquet.read_schema(path).metadata or {}).get(_OWNER)
    except Exception:
        made_by = None
    if made_by != owner.encode():
        raise failure(
            f"the failing rows are not written to {path}: another file stands there",
            "[schema] failing_rows names a folder of its own, one for each gate file",
        )


def read_failing_rows(path: Path, *, rule: str = "", most: int = 20) -> Iterator[str]:
    """Yield a text for each rule of a file of failing rows, most often broken first: its count and some of its rows.

    Parameters
    ----------
    rule
        A word that the rules' names contain, whatever its case.
    most
        Rows shown of each rule.

    Raises
    ------
    DataError
        If the file is not there, or is none that `write_failing_rows` wrote.
    """
    from pyarrow import parquet

    with explained(f"{path} cannot be read", "name a file that [schema] failing_rows wrote, such as rows/test.parquet"):
        rows = parquet.ParquetFile(path).read().to_pandas()
    if list(rows.columns[1:]) != ["rule", "column", "value"]:
        raise failure(f"{path} holds no failing rows: its columns are {', '.join(rows.columns)}", "name another file")
    chosen = rows[rows["rule"].str.contains(rule, case=False, regex=False)]
    for name, broken in sorted(chosen.groupby("rule", sort=False), key=lambda part: -len(part[1])):
        shown = broken.head(most).drop(columns="rule").to_string(index=False, na_rep="")
        yield f"{one_line(name)}: {len(broken):,} rows\n{indent(shown, '    ')}"
    if chosen.empty:
        yield "no row breaks a rule" if rows.empty else f"no rule contains {rule!r}"


def has_rows(finding: Finding) -> bool:
    """Return whether rows of the table break a rule, and not its names or types."""
    return bool(finding.count) and finding.of_rows


def _identified(table: Table) -> tuple[str, _Identified]:
    import ibis

    expression = table.expression
    if table.key is not None and table.key in table.columns:
        named = "key" if table.key.casefold() in _TAKEN else table.key
        return named, _Identified.by(expression[table.key], expression)
    if not table.origin.in_order:
        raise failure(
            f"data.{table.name}: nothing tells the rows of {table.source} apart, so failing ones cannot be named",
            'say which column does: [data] key = "id"',
        )
    return PLACE, _Identified.by(ibis.row_number(), expression)


def _rows(finding: Finding, rows: _Identified, table: Table) -> Iterator[pa.Table]:
    rule = finding.rule
    if not has_rows(finding):
        return
    if isinstance(rule, CustomRule):
        yield from _from_python(rule, rows, table)
        return
    if isinstance(rule, RowRule):
        named = _breaking(rule, rows)
    elif isinstance(rule, UniqueRule):
        named = _repeated(rule, rows)
    else:
        return
    yield from reading.stream(named, BATCH, table.origin.registered)


def _breaking(rule: RowRule, rows: _Identified) -> ibis.Table:
    broken = rows.rows.filter(rule.breaks)
    value = broken[rule.column] if rule.column is not None else None
    return _told(broken, broken[rows.identity], rule, value)


def _repeated(rule: UniqueRule, rows: _Identified) -> ibis.Table:
    """Return rows that are equal, from groups of them: not every engine has windows."""
    alike = {f"alike_{place}": value for place, value in enumerate(rule.columns.values())}
    groups = rows.rows.group_by(**alike).aggregate(
        times=rows.rows.count(), who=rows.rows[rows.identity].collect(include_null=True)
    )
    repeated = groups.filter(groups.times > 1)
    return _told(repeated, repeated.who.unnest(), rule, repeated.alike_0 if rule.column is not None else None)


def _told(rows: ibis.Table, identity: ibis.Value, rule: Rule, value: ibis.Value | None) -> ibis.Table:
    import ibis

    said = {"rule": ibis.literal(rule.name), "column": ibis.literal(rule.column, type="string")}
    text = ibis.null("string") if value is None else value.cast("string")
    return rows.select(identity=identity, **said, value=text)


def _from_python(rule: CustomRule, rows: _Identified, table: Table) -> Iterator[pa.Table]:
    import pyarrow as pa

    origin = seen(rule, table).origin
    looked_at = replaced(rows.rows, rule.coerced).select(rows.identity, *rule.columns)
    for arrow in reading.stream(looked_at, BATCH, origin.registered):
        batch = reading.to_pandas(arrow.drop_columns(rows.identity), origin.categoricals, as_stored=True)
        answer = kept(rule, batch, whole=len(batch) == table.rows)
        if isinstance(answer, bool):
            return  # nobody can say which rows it is about
        broken = batch[~answer]
        texts = broken[rule.column].astype("string") if rule.column is not None else [None] * len(broken)
        yield pa.table(
            {
                "identity": arrow[rows.identity].filter(pa.array(~answer)),
                "rule": pa.array([rule.name] * len(broken), pa.string()),
                "column": pa.array([rule.column] * len(broken), pa.string()),
                "value": pa.array(texts, pa.string(), from_pandas=True),
            }
        )
