from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_mlquality.settings import Problem, Settings, SettingsError, read_settings

THREE_LINES = """
[model]
uri = "model.skops"
[data]
target = "churned"
[data.test]
source = "test.parquet"
"""


@pytest.fixture
def three_lines() -> str:
    return THREE_LINES


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(text: str | bytes, name: str = "mlquality.toml") -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return file

    return write


@pytest.fixture
def read(write: Callable[..., Path]) -> Callable[..., Settings]:
    return lambda text, name="mlquality.toml": read_settings(write(text, name))


@pytest.fixture
def problems(write: Callable[..., Path]) -> Callable[..., dict[str, Problem]]:
    def problems(text: str | bytes, name: str = "mlquality.toml") -> dict[str, Problem]:
        with pytest.raises(SettingsError) as caught:
            read_settings(write(text, name))
        assert str(caught.value) == "\n".join(str(problem) for problem in caught.value.problems)
        by_key = {problem.key: problem for problem in caught.value.problems}
        assert len(by_key) == len(caught.value.problems), "a key has one problem at a time"
        return by_key

    return problems
