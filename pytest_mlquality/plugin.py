"""What pytest imports at every start: options, markers and fixtures; the gate itself only when it is on.

Nothing here imports more than the standard library and pytest, and a run that does not ask for the gate loads not even
the fixtures, so that it pays next to nothing.
"""

from __future__ import annotations

from typing import Any

import pytest

from pytest_mlquality.markers import CONCERN_MARKERS, OTHER_MARKERS

FIXTURES = tuple(
    f"pytest_mlquality.fixtures.{room}"
    for room in ("subject", "data", "model", "registry", "schema", "skew", "performance", "fairness", "explanation")
)

# All that take a value, for none of them may be taken for a path of tests. The gate checks values, and not pytest's
# parser: that would refuse one before the run before is set aside.
VALUED: dict[str, dict[str, Any]] = {
    "--ml-stage": {
        "metavar": "{ci,predeploy,nightly}",
        "help": "which gate to run: ci (every change, the default), predeploy (before a version is promoted), "
        "nightly (audit of production)",
    },
    "--ml-model": {"metavar": "URI", "help": "judge this model instead of the one the file names"},
    "--ml-baseline": {"metavar": "URI", "help": "compare with this model instead of the file's baseline"},
    "--ml-report": {"metavar": "DIR", "help": "where evidence and reports go (default: ml-quality-report)"},
    "--ml-seed": {"metavar": "N", "default": 0, "help": "seed of everything drawn at random"},
    "--ml-shard": {"metavar": "i/n", "help": "run the i-th of n parts of the ML tests"},
    "--ml-promote": {"metavar": "ALIAS", "help": "predeploy only: on pass, move ALIAS to the judged version"},
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the gate's options and their ini keys."""
    group = parser.getgroup("ml-quality", "quality gate of machine-learning systems")
    group.addoption("--ml-quality", action="store_true", help="judge every mlquality.toml, and run ML tests")
    for name, meaning in VALUED.items():
        group.addoption(name, **meaning)
    group.addoption("--ml-rehash", action="store_true", help="compute digests of data files anew, without the cache")
    parser.addini("ml_quality", "judge every mlquality.toml, as --ml-quality does", type="bool", default=False)
    parser.addini("ml_stage", "the stage to run, as --ml-stage", default="")
    parser.addini("ml_report", "where evidence and reports go, as --ml-report", default="")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, parser: pytest.Parser, args: list[str]) -> None:
    """Find the right root directory, and set the evidence of the run before aside.

    That must not stand for this run's, whatever stops it.
    """
    from pytest_mlquality.gate.root_directory import starts_anew

    if starts_anew(early_config, parser, args, VALUED):
        return
    if early_config.known_args_namespace.ml_quality or early_config.getini("ml_quality"):
        from pytest_mlquality.gate.start import set_aside

        set_aside(early_config)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | pytest.ExitCode | None:
    """Start anew where an option of ours has led pytest to another root directory."""
    from pytest_mlquality.gate.root_directory import run_anew

    return run_anew(config)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers, and switch the gate on or leave ML tests out."""
    for name, meaning in {**CONCERN_MARKERS, **OTHER_MARKERS}.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")
    gate_is_on = config.getoption("ml_quality") or config.getini("ml_quality")
    shows_fixtures = config.getoption("showfixtures") or config.getoption("show_fixtures_per_test")
    if gate_is_on or shows_fixtures:
        for module in FIXTURES:
            config.pluginmanager.import_plugin(module)
    if gate_is_on:
        from pytest_mlquality.gate.session import Gate

        config.pluginmanager.register(Gate(config), "mlquality-gate")
        return
    from pytest_mlquality.gate.selection import GateOff, OutOfTheGate

    config.pluginmanager.register(GateOff(config), "mlquality-off")
    if not shows_fixtures:
        config.pluginmanager.register(OutOfTheGate(), "mlquality-stand-ins")
