"""How often each rule is broken: one query for all that rows and columns say, one a rule of uniqueness."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from pytest_mlquality.data.faults import explained, failure
from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.rules.checks import built_in
from pytest_mlquality.rules.naming import with_names
from pytest_mlquality.rules.rule import (
    ColumnRule,
    ConditionRule,
    CustomRule,
    Finding,
    RowRule,
    Rule,
    Settled,
    UniqueRule,
)

if TYPE_CHECKING:
    import ibis
    import pandas as pd

    from pytest_mlquality.data import Table

# Aggregates a query: a file is read once for all of them, and engines plan queries of this size in no time.
A_QUERY = 500
# Rows that a check in Python sees at once.
BATCH = 200_000
_ANOTHER_WAY = "write it as a condition in [schema.rules], or as a test of your own"


def findings(rules: Iterable[Rule], table: Table) -> list[Finding]:
    """Return how often each rule is broken, in the order of the rules.

    A rule that the engine cannot answer is found broken; the others are still judged.
    """
    asked = list(rules)
    found: dict[int, Finding] = {}
    queried = [rule for rule in asked if isinstance(rule, RowRule | ColumnRule)]
    for some in _pieces(queried, A_QUERY):
        found.update((id(rule), finding) for rule, finding in _together(some, table))
    custom = [rule for rule in asked if isinstance(rule, CustomRule)]
    found.update((id(rule), finding) for rule, finding in _in_python(custom, table))
    for rule in asked:
        if isinstance(rule, Settled):
            found[id(rule)] = _settled(rule)
        elif isinstance(rule, UniqueRule):
            found[id(rule)] = _safely(rule, partial(repetitions, rule, table))
    return [with_names(found[id(rule)], table) for rule in asked]


def _settled(rule: Settled) -> Finding:
    message = rule.message if rule.judged or not rule.message else f"not judged: {rule.message}"
    return Finding(rule, int(bool(rule.message) and rule.judged), message, of_rows=False)


def _pieces(rules: Sequence[Rule], size: int) -> Iterator[list[Rule]]:
    remaining = iter(rules)
    while some := list(islice(remaining, size)):
        yield some


def _together(rules: list[Rule], table: Table) -> Iterator[tuple[Rule, Finding]]:
    """Ask for several rules in one query; where the engine refuses it, for each of them alone."""
    try:
        with explained("the rules together", ""):
            answers = _answers([_asks(rule) for rule in rules], table)
    except MLQualityError:
        for rule in rules:
            yield rule, _safely(rule, partial(_alone, rule, table))
        return
    for rule, answer in zip(rules, answers, strict=True):
        yield rule, _finding(rule, answer)


def _alone(rule: Rule, table: Table) -> Finding:
    return _finding(rule, _answers([_asks(rule)], table)[0])


def _asks(rule: Rule) -> Mapping[str, ibis.Value]:
    # Engines add faster than they filter.
    if isinstance(rule, ConditionRule):
        asked = {"rows": rule.breaks, "answers": rule.answers, "filled": rule.filled}
        return {name: condition.ifelse(1, 0).sum() for name, condition in asked.items()}
    if isinstance(rule, RowRule):
        return {"rows": rule.breaks.ifelse(1, 0).sum()}
    assert isinstance(rule, ColumnRule)
    return rule.asks


def _finding(rule: Rule, answer: Mapping[str, Any]) -> Finding:
    if isinstance(rule, ColumnRule):
        broken = rule.count(answer)
        return Finding(rule, broken, rule.says(answer) if broken else "", of_rows=False)
    if isinstance(rule, ConditionRule) and not answer["answers"]:
        return _never_answered(rule, filled=bool(answer["filled"]))
    return Finding(rule, int(answer["rows"] or 0))


def _never_answered(rule: ConditionRule, *, filled: bool) -> Finding:
    """Tell a condition that is null whatever the row from one about columns that are empty in this split."""
    if filled:
        message = "is null on every row, whatever is in its columns: say what holds there, with IS NULL or coalesce"
        return Finding(rule, 1, message, of_rows=False)
    return Finding(rule, 0, "not judged: no row has a value in all of its columns", of_rows=False)


def _answers(asked: list[Mapping[str, ibis.Value]], table: Table) -> list[dict[str, Any]]:
    """Return the answers to several tables of aggregates, from one query."""
    named = {f"a{place}_{name}": value for place, asks in enumerate(asked) for name, value in asks.items()}
    answer = table.aggregates(named)
    return [{name: answer[f"a{place}_{name}"] for name in asks} for place, asks in enumerate(asked)]


def _safely(rule: Rule, find: Callable[[], Finding]) -> Finding:
    try:
        with explained(rule.name, ""):
            return find()
    except MLQualityError as error:
        return _unjudged(rule, error)


def _unjudged(rule: Rule, error: MLQualityError) -> Finding:
    return Finding(rule, 1, f"could not be judged: {error.message}", of_rows=False)


def repetitions(rule: UniqueRule, table: Table) -> Finding:
    """Count the rows that break a rule of uniqueness."""
    alike = {f"alike_{place}": value for place, value in enumerate(rule.columns.values())}
    grouped = table.expression.group_by(**alike).aggregate(times=lambda rows: rows.count())
    repeated = grouped.filter(grouped.times > 1)
    answer = table.aggregates({"rows": repeated.times.sum(), "groups": repeated.count()}, of=repeated)
    return Finding(rule, int(answer["rows"] or 0) - rule.spared * int(answer["groups"] or 0))


def _in_python(rules: list[CustomRule], table: Table) -> Iterator[tuple[Rule, Finding]]:
    """Run checks of pandera on batches, each column read once for all that look at it."""
    by_columns: dict[tuple[object, ...], list[CustomRule]] = {}
    for rule in rules:
        by_columns.setdefault((rule.columns, tuple(rule.coerced.items())), []).append(rule)
    for some in by_columns.values():
        counts = dict.fromkeys(map(id, some), 0)
        wholes: set[int] = set()
        wrong: dict[int, MLQualityError] = {}
        try:
            for batch in seen(some[0], table).batches(some[0].columns, BATCH, ordered=False, as_stored=True):
                for rule in some:
                    if id(rule) not in wrong:
                        _tally(rule, batch, table, counts, wholes, wrong)
        except MLQualityError as error:
            wrong = {id(rule): error for rule in some}
        for rule in some:
            fault = wrong.get(id(rule))
            found = Finding(rule, counts[id(rule)], of_rows=id(rule) not in wholes)
            yield rule, found if fault is None else _unjudged(rule, fault)


def seen(rule: CustomRule, table: Table) -> Table:
    """Return the table as a check in Python sees it: columns in the type that the schema reads them as."""
    return table.with_values(rule.coerced) if rule.coerced else table


def _tally(
    rule: CustomRule,
    batch: pd.DataFrame,
    table: Table,
    counts: dict[int, int],
    wholes: set[int],
    wrong: dict[int, MLQualityError],
) -> None:
    """Add what a batch breaks; a check that answers for all rows at once, and one that raises, is kept apart."""
    try:
        answer = kept(rule, batch, whole=len(batch) == table.rows)
    except MLQualityError as error:
        wrong[id(rule)] = error
    except Exception as error:
        # What it says may quote a row.
        wrong[id(rule)] = failure(f"the check raises {type(error).__name__}", "run it alone")
    else:
        if isinstance(answer, bool):
            wholes.add(id(rule))
        counts[id(rule)] += int(not answer) if isinstance(answer, bool) else int((~answer).sum())


def kept(rule: CustomRule, batch: pd.DataFrame, *, whole: bool) -> pd.Series[bool] | bool:
    """Return which rows of a batch keep a check, or the answer of one that answers for all rows at once.

    Parameters
    ----------
    whole
        Whether the batch is the whole table.

    Raises
    ------
    DataError
        For a check that groups rows or answers for all of them at once, on a batch that is not the whole table.
    """
    import pandas as pd

    if rule.check.groupby is not None:
        raise failure("it groups rows, which checks on batches cannot", _ANOTHER_WAY)
    output = rule.check(_looked_at(rule, batch)).check_output
    if isinstance(output, pd.DataFrame):
        output = output.all(axis=1)
    if isinstance(output, pd.Series):
        return output.reindex(batch.index, fill_value=True).fillna(False).astype(bool)
    if not whole:
        raise failure("it answers for all rows at once, and sees them in batches", _ANOTHER_WAY)
    return bool(output)


def _looked_at(rule: CustomRule, batch: pd.DataFrame) -> pd.DataFrame | pd.Series[Any]:
    if rule.column is None:
        return batch
    column = batch[rule.column]
    # Texts of Arrow have a pattern matched by Arrow, which reads some otherwise than Python.
    by_pattern = built_in(rule.check) in ("str_matches", "str_contains")
    return column.astype(object) if by_pattern and column.dtype.kind == "O" else column
