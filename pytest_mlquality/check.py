"""What a ready-made check declares about itself, beside its test function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pytest_mlquality.settings import Settings

CI, PREDEPLOY, NIGHTLY = "ci", "predeploy", "nightly"
STAGES = (CI, PREDEPLOY, NIGHTLY)

Function = TypeVar("Function", bound=Callable[..., object])
_ATTRIBUTE = "__ml_check__"


@dataclass(frozen=True, slots=True)
class Row:
    """One claim of a check: its id in brackets, its arguments, and the settings key its limit stands at."""

    id: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    limit_from: str = ""


# Settings and stage alone decide the rows, so that what a gate demands is known without touching data or model.
Rows = Callable[["Settings", str], Iterable[Row]]


@dataclass(frozen=True, slots=True)
class Check:
    """The metadata of one ready-made check.

    Parameters
    ----------
    challenge
        Which of the nine challenges of operating machine learning it answers.
    principles
        Which of reproducible, accountable, collaborative, continuous it serves.
    phase
        EDA, preprocessing, training, deploy/serving or audit.
    serves
        Tests of the ML Test Score (Breck et al. 2017) to which it contributes.
    stages
        In which stages it is demanded.
    each
        The claims it makes, from settings and stage; None: exactly one.
    needs_baseline
        Demanded only where the stage has a baseline to compare with.
    exclusive
        Runs last of its subject with the machine to itself.
    """

    challenge: str
    principles: tuple[str, ...]
    phase: str
    serves: tuple[str, ...]
    stages: tuple[str, ...]
    each: Rows | None = None
    needs_baseline: bool = False
    exclusive: bool = False


def check(
    *,
    challenge: str,
    principles: tuple[str, ...],
    phase: str,
    stages: tuple[str, ...],
    serves: tuple[str, ...] = (),
    each: Rows | None = None,
    needs_baseline: bool = False,
    exclusive: bool = False,
) -> Callable[[Function], Function]:
    """Declare a test function of the ready-made gate; see `Check` for the parameters."""
    info = Check(challenge, principles, phase, serves, stages, each, needs_baseline, exclusive)

    def declare(function: Function) -> Function:
        setattr(function, _ATTRIBUTE, info)
        return function

    return declare


def declared(function: object) -> Check | None:
    """Return what `check` declared about `function`, or None."""
    info = getattr(function, _ATTRIBUTE, None)
    return info if isinstance(info, Check) else None


def each_limit(section: str, argument: str) -> Rows:
    """Return rows for every limit of a table of the settings, such as ``performance.metrics``.

    Parameters
    ----------
    section
        Dotted path of a table that maps a measure's name to its limit.
    argument
        Name of the test's argument that receives the measure's name; its ``limit`` argument receives the limit.
    """

    def rows(settings: Settings, _stage: str) -> Iterable[Row]:
        # A section that the file does not have holds no limit.
        limits = _at(settings, section) or {}
        return [Row(name, {argument: name, "limit": limit}, f"{section}.{name}") for name, limit in limits.items()]

    return rows


def each_limit_within(section: str, part: str, argument: str) -> Rows:
    """Return rows for every limit of tables in a table, such as ``performance.gain_over``, by whose name each goes.

    Parameters
    ----------
    section
        Dotted path of a table of tables that map a measure's name to its limit.
    part
        Name of the test's argument that receives the inner table's name.
    argument
        That of the argument that receives the measure's name.
    """

    def rows(settings: Settings, _stage: str) -> Iterable[Row]:
        for name, limits in (_at(settings, section) or {}).items():
            for measure, limit in limits.items():
                arguments = {argument: measure, part: name, "limit": limit}
                yield Row(f"{measure}-{name}", arguments, f"{section}.{name}.{measure}")

    return rows


def _at(settings: Settings, path: str) -> Any:  # noqa: ANN401 - whatever stands there
    """Return what stands at a dotted path of the settings; None where a section above it is absent."""
    place: Any = settings
    for name in path.split("."):
        place = getattr(place, name, None)
    return place
