"""A folder with data in it, in which `mlquality init` is typed."""

import pyarrow.parquet as pq
import pytest
import yaml
from sample_applicants import applicants, strange

from pytest_mlquality.cli import main


@pytest.fixture(scope="session")
def applications(tmp_path_factory):
    folder = tmp_path_factory.mktemp("applications")
    for place, split in enumerate(("train", "test"), start=1):
        applicants(place).to_parquet(folder / f"{split}.parquet")
    applicants(3).drop(columns="granted").to_parquet(folder / "production.parquet")
    pq.write_table(strange(), folder / "strange.parquet")
    return folder


class House:
    """A folder with data in it, in which `mlquality init` is typed."""

    def __init__(self, pytester, capsys):
        self.path, self.pytester, self.capsys = pytester.path, pytester, capsys

    def init(self, *words, data=("train", "test"), target="granted"):
        named = [word for split in data for word in ("--data", f"{split}={split}.parquet")]
        status = main(["init", *named, *(["--target", target] if target else []), *map(str, words)])
        self.said = self.capsys.readouterr()
        return status

    def text(self, name):
        return (self.path / name).read_text(encoding="utf-8")

    @property
    def gate(self):
        return self.text("mlquality.toml")

    @property
    def schema(self):
        return yaml.safe_load(self.text("schema.yaml"))["columns"]

    def judge(self, *words):
        return self.pytester.runpytest_inprocess("--ml-quality", *words)

    def passes(self, *words):
        result = self.judge(*words)
        outcomes = result.parseoutcomes()
        result.stdout.no_fnmatch_line("*not judged*")
        return result.ret == 0 and set(outcomes) <= {"passed", "warnings", "warning"}


@pytest.fixture
def house(pytester, capsys, applications):
    for file in applications.iterdir():
        (pytester.path / file.name).write_bytes(file.read_bytes())
    return House(pytester, capsys)
