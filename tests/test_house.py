"""The house: three folders that install under the package's name and are imported by nobody."""

import ast
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("checks", "fixtures", "reports")


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("path", sorted(ROOT.glob("pytest_mlquality/**/*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_the_engine_never_imports_checks_fixtures_or_reports(path):
    names = {f"pytest_mlquality.{room}" for room in ROOMS} | set(ROOMS)
    assert not [name for name in imported(path) if name in names or name.rpartition(".")[0] in names]


@pytest.mark.parametrize("room", ROOMS)
def test_the_three_import_from_the_engine_alone(room):
    for path in ROOT.glob(f"{room}/*.py"):
        ours = [name for name in imported(path) if name.startswith("pytest_mlquality.")]
        others = {f"pytest_mlquality.{other}" for other in ROOMS} - {f"pytest_mlquality.{room}"}
        assert not [name for name in ours if any(name.startswith(other) for other in others)]


def test_pytest_imports_nothing_heavy_for_a_plain_run(pytester):
    pytester.makepyfile(
        """
        import sys
        def test_plain():
            heavy = {"numpy", "pandas", "pydantic", "scipy", "sklearn", "ibis", "duckdb", "mlflow", "jinja2"}
            assert not heavy & sys.modules.keys()
            assert "pytest_mlquality.plugin" in sys.modules
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_collecting_a_gate_imports_no_data_or_model_library(pytester):
    pytester.path.joinpath("mlquality.toml").write_text(
        '[model]\nuri = "m.skops"\n[data]\ntarget = "y"\n[data.test]\nsource = "t.parquet"\n'
        "[performance.metrics]\nroc_auc = { at_least = 0.8 }\n"
    )
    pytester.makeconftest(
        """
        import sys
        def pytest_collection_finish(session):
            assert len(session.items) == 2
            print("HEAVY", {"pandas", "scipy", "sklearn", "ibis", "duckdb", "mlflow"} & sys.modules.keys())
        """
    )
    result = pytester.runpytest_subprocess("--ml-quality", "--collect-only", "-s")
    result.stdout.fnmatch_lines(["HEAVY set()"])


IN_A_FRESH_ENVIRONMENT = """
import importlib.util, sys
for room in ("checks", "fixtures", "reports"):
    assert importlib.util.find_spec(f"pytest_mlquality.{room}") is not None, room
    assert importlib.util.find_spec(room) is None, f"{room} is a top-level name"
from importlib.resources import files
assert files("pytest_mlquality.reports").joinpath("templates").is_dir()
assert files("pytest_mlquality").joinpath("mlquality.schema.json").is_file()
assert files("pytest_mlquality").joinpath("evidence.schema.json").is_file()
"""


@pytest.mark.verify
@pytest.mark.parametrize("editable", [False, True], ids=["wheel", "editable"])
def test_an_installation_puts_the_three_under_the_package_alone(tmp_path, editable, loans):
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"

    def run(*command, **options):
        return subprocess.run([*map(str, command)], check=True, cwd=tmp_path, capture_output=True, text=True, **options)

    if editable:
        run(python, "-m", "pip", "install", "--quiet", "--editable", f"{ROOT}[skops]")
    else:
        run(sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path, ROOT)
        (wheel,) = tmp_path.glob("*.whl")
        run(python, "-m", "pip", "install", "--quiet", f"{wheel}[skops]")
    run(python, "-I", "-c", IN_A_FRESH_ENVIRONMENT)
    project = tmp_path / "project"
    project.mkdir()
    for file in loans.iterdir():
        (project / file.name).write_bytes(file.read_bytes())
    done = subprocess.run(
        [python, "-m", "pytest", "--ml-quality"], cwd=project, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "loans: pass" in done.stdout
    assert (project / "ml-quality-report" / "report.html").is_file()
    listing = run(environment / "bin" / "mlquality", "list", "checks").stdout
    assert "performance::test_a_metric_meets_its_limit" in listing
