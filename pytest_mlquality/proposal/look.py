"""Everything that is looked at before anything is proposed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from pytest_mlquality import expected_types
from pytest_mlquality.column_type import MOMENT
from pytest_mlquality.data import Table
from pytest_mlquality.data.label_lists import with_label_columns
from pytest_mlquality.errors import DataError, MLQualityError
from pytest_mlquality.measures.roles import Roles
from pytest_mlquality.proposal.limits import leaks, metrics
from pytest_mlquality.proposal.limits.domain import Domain, domain_of
from pytest_mlquality.proposal.limits.proposal import Proposal
from pytest_mlquality.proposal.limits.skew import SkewProposal, skew
from pytest_mlquality.proposal.looking import columns, relations, sample, texts
from pytest_mlquality.proposal.looking.evidence import Evidence
from pytest_mlquality.proposal.looking.key import key_of
from pytest_mlquality.proposal.looking.relations import Relation
from pytest_mlquality.proposal.looking.seen import Column
from pytest_mlquality.proposal.looking.time_dependence import Dependence, dependence
from pytest_mlquality.proposal.named_model import classes_of, model_of, task_of
from pytest_mlquality.proposal.progress import Progress
from pytest_mlquality.proposal.request import EXAMPLE, Request, require_columns
from pytest_mlquality.proposal.targets import with_targets

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlquality.adapters.models import Model
    from pytest_mlquality.measurement import Measurements

# Before the measures: opening, looking, sampling, relations; and one for each measure. Besides, those of each split.
STEPS, STEPS_OF_A_SPLIT = 18, 3


@dataclass(frozen=True, slots=True)
class Findings:
    """What data and model show.

    Parameters
    ----------
    request
        What was asked for, with columns to ignore added.
    domains
        By column, the values it may have.
    patterns
        By column, what all its texts look like and what that says.
    relations
        What every row of every split keeps.
    monotone
        Columns whose values never fall in the first rows.
    only
        By split, limits of its own.
    later
        Whether every row of test is later than all of train.
    scores
        How well each feature of train alone predicts the target.
    skew
        How far other splits are from train; None where that is not looked at.
    task
        What the model answers; None without a model.
    samples
        Some rows of each split.
    dependence
        How far neighbouring days are alike; None where they are not, or nobody says when a row arose.
    key_proposed
        Whether nobody named the key of the request.
    """

    request: Request
    tables: Mapping[str, Table]
    columns: Sequence[Column]
    evidence: Evidence
    domains: Mapping[str, Domain]
    patterns: Mapping[str, tuple[str, str]]
    relations: Sequence[Relation]
    monotone: Sequence[str]
    metrics: Sequence[Proposal]
    only: Mapping[str, Sequence[Proposal]]
    leaks: Sequence[Proposal]
    later: bool
    scores: Measurements | None
    skew: SkewProposal | None
    task: str | None
    samples: Mapping[str, Table]
    dependence: Dependence | None = None
    key_proposed: bool = False
    classes: Sequence[Any] = ()

    @property
    def first(self) -> str:
        """The split that says what is to be expected: train, where there is one."""
        return next(iter(self.tables))

    def absent(self, split: str) -> list[str]:
        """Return the columns of the first split that another lacks."""
        return [name for name in self.tables[self.first].columns if name not in self.tables[split].columns]


def look(request: Request, progress: Progress) -> Findings:
    """Look at the splits and the model that are named.

    Raises
    ------
    MLQualityError
        Where no split is named, one cannot be read, a column is not there, or the model cannot be loaded.
    """
    from pytest_mlquality.adapters.models import naming

    if not request.splits:
        raise MLQualityError("no split is named, so there is nothing to look at", EXAMPLE)
    tables: dict[str, Table] = {}
    asked = cache(partial(model_of, request))
    for split, source in request.splits.items():
        progress.step(f"opening {split}")
        tables[split] = source.open(partial(_expected, request, split, dict(tables), asked))
    request = with_targets(request, next(iter(tables.values())))
    _require_columns(request, tables)
    if request.labels:
        column, columns_of = str(request.target), request.data.label_columns
        tables = {split: with_label_columns(table, column, columns_of) for split, table in tables.items()}
    model = asked()
    if model is not None:
        model = naming.of_data(model, next(iter(tables.values())).columns)
    named = request.key
    request, tables = _with_key(request, tables, model)
    seen, samples = {}, {}
    for split, table in tables.items():
        progress.step(f"looking at the columns of {split}")
        samples[split] = sample.sample_of(table)
        seen[split] = columns.look_at(table, samples[split])
    found = columns.together(tables, seen)
    request = _ignoring(request, found, model)
    evidence = _evidence(request, tables, found, model, samples)
    findings = _findings(request, tables, found, evidence, progress, task_of(request, model))
    return replace(
        findings,
        key_proposed=request.key != named,
        classes=classes_of(request, model, next(iter(tables.values()))),
    )


def _with_key(request: Request, tables: dict[str, Table], model: Model | None) -> tuple[Request, dict[str, Table]]:
    """Add the key that the data show, where neither words nor a gate file say which columns mean what."""
    if request.key is not None or request.settings is not None:
        return request, tables
    of_model = model.columns if model is not None else None
    aside = {*request.data.targets, request.time, *request.ignore, *(of_model or ())}
    key = key_of(tables, {name for name in aside if name is not None})
    if key is None:
        return request, tables
    return replace(request, key=key), {split: Table(split, table.origin, key=key) for split, table in tables.items()}


def _expected(
    request: Request, split: str, tables: Mapping[str, Table], model: Callable[[], Model | None]
) -> dict[str, str]:
    """Return what columns of text are expected to be, as the gate will have it: see `Splits`."""
    of_model = expected_types.of_model(model, request.data) if split != "raw" else {}
    named: dict[str, str] = {request.time: MOMENT} if request.time is not None else {}
    settings = request.settings
    said = [expected_types.of_settings(settings), expected_types.of_schema(settings)] if settings is not None else []
    return expected_types.together(of_model, named, *said, *_of_tables(tables))


def _of_tables(tables: Mapping[str, Table]) -> list[dict[str, str]]:
    return [expected_types.of_table(table) for name, table in tables.items() if name != "raw"]


def _findings(
    request: Request,
    tables: dict[str, Table],
    found: list[Column],
    evidence: Evidence,
    progress: Progress,
    task: str | None,
) -> Findings:
    split, first = next(iter(tables.items()))
    sampled = evidence.samples[split]
    progress.step("looking for what columns have in common")
    domains = {column.name: domain for column in found if (domain := domain_of(column)) and _has_range(request, column)}
    progress.step("trying features one by one")
    scores = leaks.scores_of(evidence, sampled) if "train" in tables else None
    return Findings(
        request,
        tables,
        found,
        evidence,
        domains,
        _patterns(request, tables, found, domains, sampled),
        _relations(request, tables, found, domains, sampled),
        relations.monotone(found, _in_order(first)) if first.origin.in_order else [],
        list(metrics.metrics(evidence, progress.step)),
        metrics.of_one_split(evidence),
        list(leaks.leaks(evidence, scores, progress.step)),
        leaks.later(evidence),
        scores,
        _skew(request, evidence, progress),
        task,
        evidence.samples,
        _dependence(request, evidence, first),
    )


def _dependence(request: Request, evidence: Evidence, first: Table) -> Dependence | None:
    """Look at whether days are alike, where rows of a day are no units already."""
    settings = request.settings
    if request.time is None or (settings is not None and settings.data.unit not in (None, settings.data.key)):
        return None
    names = [name for name in evidence.roles[first.name].features if name in first.columns]
    try:
        return dependence(first, request.time, names)
    except DataError:
        # An engine that cannot be asked for it proposes nothing.
        return None


def _skew(request: Request, evidence: Evidence, progress: Progress) -> SkewProposal | None:
    """Look at how far other splits are from train, unless the gate file says what may be."""
    settings = request.settings
    if settings is None:
        return skew(evidence, progress.step, unit=request.key)
    if settings.skew is not None:
        return None
    left_out = [name for name in request.ignore if name not in settings.data.beside_features]
    found = skew(evidence, progress.step, unit=settings.data.unit, left_out=left_out)
    return None if found is None else replace(found, unweighted=settings.data.weight is not None)


def _require_columns(request: Request, tables: Mapping[str, Table]) -> None:
    first = next(iter(tables.values()))
    targets = (request.target,) if isinstance(request.target, str) else request.target or ()
    for role, names in {"target": targets, "key": (request.key,), "time": (request.time,)}.items():
        require_columns(role, names, first.columns, first.source)
    if request.model is not None and request.target is None:
        raise MLQualityError(
            f"--model {request.model}: its answers are compared with a column, and none is named", "add --target COLUMN"
        )


def _ignoring(request: Request, found: Sequence[Column], model: Model | None) -> Request:
    """Add the columns that no measure can look at, unless the model sees them."""
    asked = set(model.columns or ()) if model is not None else set()
    others = [c.name for c in found if c.kind == "other" and c.name not in asked and not _has_role(request, c.name)]
    return replace(request, ignore=tuple(dict.fromkeys([*request.ignore, *others])))


def _has_role(request: Request, name: str) -> bool:
    return name in (request.target, *request.data.targets, request.key, request.time)


def _has_range(request: Request, column: Column) -> bool:
    return column.name not in (request.key, request.time)


def _evidence(
    request: Request,
    tables: Mapping[str, Table],
    found: Sequence[Column],
    model: Model | None,
    samples: Mapping[str, Table],
) -> Evidence:
    beside = {request.target, *request.data.targets, request.key, request.time, *request.ignore}
    of_model = model.columns if model is not None else None
    train = dict(tables["train"].schema) if "train" in tables else {}
    wanted = train
    if model is not None and model.columns is not None:
        types = model.column_types or train
        wanted = {column: types.get(column, "") for column in model.columns}
    roles = {
        split: Roles(
            tuple(name for name in (of_model or table.columns) if name not in beside),
            target=request.data.targets,
            key=request.key,
            time=request.time,
            ignored=request.settings.data.ignore if request.settings is not None else request.ignore,
        )
        for split, table in tables.items()
    }
    return Evidence(tables, roles, {column.name: column for column in found}, wanted, samples)


def _patterns(
    request: Request, tables: Mapping[str, Table], found: Sequence[Column], domains: Mapping[str, Domain], some: Table
) -> dict[str, tuple[str, str]]:
    names = [c.name for c in found if c.kind == "text" and c.name in some.columns and c.name not in domains]
    frame = some.frame(names)
    asked = {name: texts.patterns_of(frame[name].dropna().astype(str).tolist()) for name in names}
    return texts.kept_by_all(tables, {name: patterns for name, patterns in asked.items() if patterns})


def _relations(
    request: Request, tables: Mapping[str, Table], found: Sequence[Column], domains: Mapping[str, Domain], some: Table
) -> list[Relation]:
    everywhere = [
        column
        for column in found
        if len(column.seen) == len(tables)
        and column.name not in (request.key, request.target, *request.data.targets, *request.ignore)
    ]
    asked = relations.candidates(everywhere, domains, some.frame([column.name for column in everywhere]))
    return relations.kept_by_all(asked, tables.values()) if asked else []


def _in_order(first: Table) -> pd.DataFrame:
    rows = sample.first_rows(first)
    return rows.frame([name for name, kind in columns.kinds_of(first).items() if kind not in ("other", "text")])
