"""A small real subject, made once a session: two splits in Parquet and two models as skops files."""

import json
import shutil
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

# pytester forgets what a run inside this process imported; extension modules must not be loaded twice.
import duckdb
import hypothesis.core
import ibis
import jinja2
import lime.lime_tabular
import mlflow.sklearn
import mlflow.store.model_registry.sqlalchemy_store
import mlflow.store.tracking.sqlalchemy_store
import numpy as np
import pandas as pd
import polars
import pyarrow.dataset
import pytest
import scipy.stats
import shap
import sklearn.metrics
import sklearn.tree
import skops.io
import yaml
from sklearn.linear_model import LogisticRegression

import pytest_mlquality
from pytest_mlquality import redaction
from pytest_mlquality.evidence_format import validate
from pytest_mlquality.rules.quiet_pandera import import_pandera

import_pandera()
LOADED_ONCE = (
    duckdb,
    hypothesis,
    ibis.duckdb,
    jinja2,
    lime,
    mlflow,
    polars,
    pyarrow.dataset,
    scipy.stats,
    shap,
    sklearn,
    yaml,
)
REPORTS = import_module("pytest_mlquality.reports")
for package in (pytest_mlquality, REPORTS):
    for module in walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
ROWS = 2000
SETTINGS = """\
name = "loans"
[model]
uri = "model.skops"
[data]
target = "paid"
key = "id"
[data.train]
source = "train.parquet"
[data.test]
source = "test.parquet"
[performance.metrics]
roc_auc = { at_least = 0.7 }
accuracy = { at_least = 0.6 }
"""


def people(seed: int, rows: int = ROWS) -> pd.DataFrame:
    """Rows whose label depends on income and age."""
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "id": np.arange(rows) + seed * 1_000_000,
            "income": draw.normal(size=rows),
            "age": draw.integers(18, 80, size=rows),
            "region": draw.integers(0, 4, size=rows),
        }
    )
    score = 1.5 * frame["income"] + 0.03 * (frame["age"] - 49) + 0.3
    frame["paid"] = (draw.random(rows) < 1 / (1 + np.exp(-score))).astype(int)
    return frame


@pytest.fixture(scope="session")
def loans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loans")
    train, test = people(1), people(2)
    train.to_parquet(folder / "train.parquet")
    test.to_parquet(folder / "test.parquet")
    features = ["income", "age", "region"]
    for name, rows in (("model", ROWS), ("weak", 12)):
        model = LogisticRegression(max_iter=1000).fit(train[features][:rows], train["paid"][:rows])
        skops.io.dump(model, folder / f"{name}.skops")
    (folder / "mlquality.toml").write_text(SETTINGS)
    return folder


@pytest.fixture(autouse=True)
def forget_secrets() -> Iterator[None]:
    """What one test's settings read from the environment is no secret of the next."""
    remembers = redaction._secrets, redaction._short, redaction._phrases
    before = [remembered.copy() for remembered in remembers]
    yield
    for remembered, kept in zip(remembers, before, strict=True):
        remembered.clear()
        remembered.update(kept)


class Work:
    """How much is done, in numbers that no busy machine changes."""

    @staticmethod
    def calls(action: Callable[[], object]) -> int:
        """Return how many Python functions an action calls, after a first time that fills caches."""
        action()
        count = 0

        def seen(_frame: object, event: str, _argument: object) -> None:
            nonlocal count
            count += event == "call"

        before = sys.getprofile()
        sys.setprofile(seen)
        try:
            action()
        finally:
            sys.setprofile(before)
        return count

    @staticmethod
    def peak(action: Callable[[], object]) -> int:
        """Return how many bytes, those of arrays among them, an action holds at once at most."""
        tracemalloc.start()
        try:
            action()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


@pytest.fixture
def work() -> type[Work]:
    return Work


class Project:
    """A user's project with a gate, in pytester's folder."""

    def __init__(self, pytester: pytest.Pytester, loans: Path) -> None:
        self.pytester = pytester
        self.path = pytester.path
        for file in loans.iterdir():
            shutil.copy(file, self.path)

    def settings(self, text: str = "", *, replace: dict[str, str] | None = None, file: str = "mlquality.toml") -> Path:
        """Write the gate file: the standard settings with words replaced, and `text` behind them."""
        content = SETTINGS
        for old, new in (replace or {}).items():
            assert old in content
            content = content.replace(old, new)
        path = self.path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content + text)
        return path

    def write(self, file: str, text: str) -> Path:
        path = self.path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run(self, *arguments: str, subprocess: bool = False) -> pytest.RunResult:
        run = self.pytester.runpytest_subprocess if subprocess else self.pytester.runpytest_inprocess
        return run("--ml-quality", *arguments)

    def evidence(self, directory: str = "ml-quality-report") -> dict:
        evidence = json.loads((self.path / directory / "evidence.json").read_text())
        validate(evidence)
        return evidence

    def subject(self) -> dict:
        subjects = self.evidence()["subjects"]
        assert len(subjects) == 1
        return subjects[0]

    def outcomes(self) -> dict[str, str | None]:
        return {check["id"]: check["outcome"] for check in self.subject()["checks"]}


@pytest.fixture
def project(pytester: pytest.Pytester, loans: Path) -> Project:
    return Project(pytester, loans)
