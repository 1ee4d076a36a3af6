"""No option of ours takes part in finding pytest's root directory."""

import shlex

import pytest

from pytest_mlquality.plugin import VALUED

FOREIGN = "raise SystemExit('a conftest of other people was imported')\n"
OWN = """\
import pytest
@pytest.mark.mine
def test_root(pytestconfig):
    assert pytestconfig.rootpath.name == "mine"
    assert pytestconfig.inipath.name == "pytest.ini"
"""
VALUES = {
    "--ml-report": "../out",
    "--ml-model": "../out/model.skops",
    "--ml-baseline": "../out/model.skops",
    "--ml-shard": "1/1",
    "--ml-seed": "7",
    "--ml-stage": "nightly",
    "--ml-promote": "champion",
}
STRICT = "[pytest]\naddopts = --strict-markers -p no:cacheprovider\nmarkers =\n    mine: known here alone\n"


@pytest.fixture
def mine(project, monkeypatch):
    """A folder with settings and a test of its own, between those of other people; pytest is called there."""
    project.pytester.makeini("[pytest]\naddopts = --an-option-of-other-people\n")
    project.write("conftest.py", FOREIGN)
    for value in VALUES.values():
        folder = project.path / "mine" / value
        folder = folder.resolve().parent if "." in folder.name else folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "pytest.ini").write_text("[pytest]\naddopts = --an-option-of-other-people\n")
        (folder / "conftest.py").write_text(FOREIGN)
    project.write("out/model.skops", "")
    project.write("mine/pytest.ini", STRICT)
    project.write("mine/test_root.py", OWN)
    monkeypatch.chdir(project.path / "mine")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    return project


def test_every_option_that_takes_a_value_is_looked_at():
    assert VALUES.keys() == VALUED.keys()


@pytest.mark.parametrize(
    ("option", "how"),
    [
        *((name, "apart") for name in VALUES if name != "--ml-promote"),
        *(("--ml-report", how) for how in ("joined", "PYTEST_ADDOPTS", "a file of arguments", "addopts")),
    ],
)
def test_no_value_of_an_option_moves_the_root_directory(mine, monkeypatch, option, how):
    value = VALUES[option]
    words = [f"{option}={value}"] if how == "joined" else [option, value]
    if how == "PYTEST_ADDOPTS":
        monkeypatch.setenv("PYTEST_ADDOPTS", shlex.join(words))
        words = []
    elif how == "a file of arguments":
        mine.write("mine/arguments.txt", "\n".join(words))
        words = ["@arguments.txt"]
    elif how == "addopts":
        mine.write("mine/pytest.ini", STRICT.replace("--strict", f"{option} {value} --strict"))
        words = []
    result = mine.run(*words, "test_root.py")
    result.assert_outcomes(passed=1)
    assert "other" not in result.stdout.str() + result.stderr.str()


def test_the_error_of_the_run_that_starts_anew_is_the_runs(mine):
    result = mine.run("--ml-promote", "champion", "test_root.py")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--ml-promote moves an alias after the gate of predeploy only*"])


def test_a_report_elsewhere_leaves_the_second_run_as_the_first(mine):
    mine.settings(
        replace={f'"{name}"': f'"../{name}"' for name in ("model.skops", "train.parquet", "test.parquet")},
        file="mine/mlquality.toml",
    )
    for _ in range(2):
        mine.run("--ml-report", "../report", "mlquality.toml", "test_root.py").assert_outcomes(passed=4)
        evidence = mine.evidence("report")
        assert [subject["file"] for subject in evidence["subjects"]] == ["mlquality.toml"]


def test_paths_of_tests_find_the_root_directory_as_ever(mine):
    mine.write("mine/below/pytest.ini", "[pytest]\n")
    mine.write("mine/below/test_below.py", "def test_it(pytestconfig): assert pytestconfig.rootpath.name == 'below'\n")
    mine.run("--ml-report", "../out", "below").assert_outcomes(passed=1)


def test_a_plugin_that_was_handed_over_is_handed_on(mine):
    seen = []

    class Plugin:
        def pytest_runtest_logreport(self, report):
            seen.append(report.nodeid)

    code = pytest.main(["--ml-quality", "--ml-report", "../out", "test_root.py"], plugins=[Plugin()])
    assert code == pytest.ExitCode.OK
    assert set(seen) == {"test_root.py::test_root"}
