"""What explains a model's answers: an explainer a file, and the choice between them by what a model is."""

from __future__ import annotations

from pytest_mlquality.adapters.explainers.choice import explain
from pytest_mlquality.adapters.explainers.face import Attributions, Question

__all__ = ["Attributions", "Question", "explain"]
