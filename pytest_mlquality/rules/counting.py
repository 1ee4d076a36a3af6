"""How often each rule is broken: one query for all that rows and columns say, one a rule of uniqueness."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from pytest_mlquality.data.faults import failure, told
from pytest_mlquality.errors import DataError
from pytest_mlquality.rules.rule import ColumnRule, CustomRule, Finding, RowRule, Rule, Settled, UniqueRule

if TYPE_CHECKING:
    import ibis
    import pandas as pd

    from pytest_mlquality.data import Table

# Aggregates a query: a file is read once for all of them, and engines plan queries of this size in no time.
A_QUERY = 500


def findings(rules: Iterable[Rule], table: Table) -> list[Finding]:
    """Return how often each rule is broken, in the order of the rules.

    A rule that the engine cannot answer is found broken, with what the engine said; the others are still judged.
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
            found[id(rule)] = Finding(rule, int(bool(rule.message) and rule.judged), rule.message, rule.judged)
        elif isinstance(rule, UniqueRule):
            found[id(rule)] = _safely(rule, lambda rule=rule: repetitions(rule, table))
    return [found[id(rule)] for rule in asked]


def _pieces(rules: Sequence[Rule], size: int) -> Iterator[list[Rule]]:
    remaining = iter(rules)
    while some := list(islice(remaining, size)):
        yield some


def _together(rules: list[Rule], table: Table) -> Iterator[tuple[Rule, Finding]]:
    """Ask for several rules in one query; where the engine refuses it, for each of them alone."""
    try:
        answers = _answers([_asks(rule, table.expression) for rule in rules], table)
    except DataError:
        for rule in rules:
            yield rule, _safely(rule, lambda rule=rule: _alone(rule, table))
        return
    for rule, answer in zip(rules, answers, strict=True):
        yield rule, Finding(rule, _count(rule, answer))


def _alone(rule: Rule, table: Table) -> int:
    return _count(rule, _answers([_asks(rule, table.expression)], table)[0])


def _asks(rule: Rule, expression: ibis.Table) -> Mapping[str, ibis.Value]:
    if isinstance(rule, RowRule):
        return {"rows": expression.count(where=rule.breaks)}
    assert isinstance(rule, ColumnRule)
    return rule.asks


def _count(rule: Rule, answer: Mapping[str, Any]) -> int:
    return int(answer["rows"] or 0) if isinstance(rule, RowRule) else rule.count(answer)  # type: ignore[attr-defined]


def _answers(asked: list[Mapping[str, ibis.Value]], table: Table) -> list[dict[str, Any]]:
    """Return the answers to several tables of aggregates, from one query."""
    named = {f"a{place}_{name}": value for place, asks in enumerate(asked) for name, value in asks.items()}
    answer = table.aggregates(named)
    return [{name: answer[f"a{place}_{name}"] for name in asks} for place, asks in enumerate(asked)]


def _safely(rule: Rule, count: Any) -> Finding:  # noqa: ANN401 - a function without arguments
    try:
        return Finding(rule, count())
    except DataError as error:
        return Finding(rule, 1, f"could not be judged: {error.message}", judged=False)


def repetitions(rule: UniqueRule, table: Table) -> int:
    """Return how many rows break a rule of uniqueness."""
    grouped = table.expression.group_by(**rule.columns).aggregate(mlq_rows=lambda rows: rows.count())
    repeated = grouped.filter(grouped.mlq_rows > 1)
    answer = table.aggregates({"rows": repeated.mlq_rows.sum(), "groups": repeated.count()}, of=repeated)
    return int(answer["rows"] or 0) - rule.spared * int(answer["groups"] or 0)


def _in_python(rules: list[CustomRule], table: Table) -> Iterator[tuple[Rule, Finding]]:
    """Run checks of pandera on batches, each column read once for all that look at it."""
    by_columns: dict[tuple[str, ...], list[CustomRule]] = {}
    for rule in rules:
        by_columns.setdefault(rule.columns, []).append(rule)
    for columns, some in by_columns.items():
        counts = dict.fromkeys(map(id, some), 0)
        wrong: dict[int, str] = {}
        for batch in table.batches(columns, ordered=False):
            for rule in some:
                try:
                    counts[id(rule)] += int((~kept(rule, batch)).sum())
                except Exception as error:
                    wrong.setdefault(id(rule), told(error))
        for rule in some:
            message = wrong.get(id(rule), "")
            yield (
                rule,
                Finding(rule, counts[id(rule)] or int(bool(message)), message and f"could not be judged: {message}"),
            )


def kept(rule: CustomRule, batch: pd.DataFrame) -> pd.Series[bool]:
    """Return which rows of a batch keep a check; of one that answers for the whole batch, all or none of the first.

    Raises
    ------
    DataError
        For a check that groups rows: it would have to see all of them at once.
    """
    import pandas as pd

    if rule.check.groupby is not None:
        raise failure(
            f"{rule.name}: groups rows, which checks on batches cannot",
            "write it as a condition in [schema.rules], or as a test of your own",
        )
    looked_at = batch if rule.column is None else batch[rule.column]
    result = rule.check(looked_at)
    output = result.check_output
    if isinstance(output, pd.DataFrame):
        output = output.all(axis=1)
    if not isinstance(output, pd.Series):
        answer = pd.Series(True, index=batch.index)
        answer.iloc[:1] = bool(output)
        return answer
    return output.reindex(batch.index, fill_value=True).fillna(False).astype(bool)
