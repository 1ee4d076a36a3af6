"""Why a rule could not be judged, without what an engine quotes of rows: SQL's ``error(name)`` says a whole cell."""

from __future__ import annotations

from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.rules.rule import Finding, Rule

# An engine raises these, and Ibis all of its own, before it reads a row.
_BEFORE_ROWS = (
    "AnalysisException",
    "BinderException",
    "CatalogException",
    "NotImplementedException",
    "ParserException",
)


def unjudged(rule: Rule, error: MLQualityError, *, samples: bool) -> Finding:
    """Return the finding of a rule that nobody could answer.

    Parameters
    ----------
    samples
        Whether what the engine says may be shown although it may quote rows.
    """
    engines = _engines(error)
    message = error.message
    if engines is not None and not samples:
        kind = type(engines).__name__
        message = f"the engine raises {kind}; what it says may quote rows, so [report] samples = true alone shows it"
    return Finding(rule, 1, f"could not be judged: {message}", of_rows=False)


def _engines(error: MLQualityError) -> BaseException | None:
    """Return what the engine raised while it read rows, if it is that which is told."""
    cause: BaseException = error
    while isinstance(cause, MLQualityError):
        # A cause that must not be printed is still the context.
        context = cause.__cause__ or cause.__context__
        if context is None:
            return None
        cause = context
    told = type(cause).__name__ in _BEFORE_ROWS or type(cause).__module__.partition(".")[0] == "ibis"
    return None if told else cause
