"""kill -9 at any moment: the evidence can be read, says nothing of a pass, and the next run works."""

import os
import random
import signal
import subprocess
import sys

import pytest

from pytest_mlquality.errors import EvidenceError
from pytest_mlquality.evidence import read_evidence

MOMENTS = 50
# Counts what a process does to files of the report folder, and ends all processes of the run at a chosen one.
KILLER = """\
import os, signal

MOMENT, count = int(os.environ["KILL_AT"]), 0
REPORT = "ml-quality-report"

def counted(function):
    def call(first, *others, **more):
        global count
        if isinstance(first, int) or REPORT in os.fspath(first):
            count += 1
            if count == MOMENT:
                os.killpg(0, signal.SIGKILL)
        return function(first, *others, **more)
    return call

for name in ("open", "write", "fsync", "replace", "rename", "unlink", "mkdir"):
    setattr(os, name, counted(getattr(os, name)))

def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        with open("moments", "w") as file:
            file.write(str(count))
"""


def killed_at(gate, moment, options):
    """Run the gate until a moment; return the exit status."""
    environment = {**os.environ, "KILL_AT": str(moment), "PYTHONPATH": str(gate.path)}
    # Without the plugins of others, whose start is most of such a run.
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "pytest_mlquality.plugin,killer"}
    command = [sys.executable, "-m", "pytest", "--ml-quality", "-p", "no:cacheprovider", *options]
    done = subprocess.run(
        command, cwd=gate.path, env=environment, capture_output=True, timeout=120, start_new_session=True
    )
    assert b"INTERNALERROR" not in done.stdout + done.stderr
    return done.returncode


def told(folder):
    """What the newest run came to, for whoever reads its evidence."""
    try:
        return read_evidence(folder)["verdict"]
    except EvidenceError as error:
        return "nothing" if "ended before it judged anything" in error.message else error.message


@pytest.mark.verify
@pytest.mark.parametrize("options", [(), ("-p", "xdist", "-n", "2")], ids=["alone", "workers"])
def test_kill_9_at_any_moment_is_no_pass_and_stops_no_later_run(gate, options):
    gate.write("killer.py", KILLER)
    assert killed_at(gate, 0, options) == 0
    last = int((gate.path / "moments").read_text())
    assert last > MOMENTS / 2
    killed = 0
    for moment in random.Random(21).choices(range(1, last + 1), k=MOMENTS):
        status = killed_at(gate, moment, options)
        assert status in (0, -signal.SIGKILL)
        ended = not list(gate.report.glob("journal-*"))
        killed += status != 0
        if (gate.report / "evidence.json").exists():
            standing = gate.evidence()
            assert standing["verdict"] != "pass" or standing["run"]["finished"]
        if status == 0 or ended:
            continue
        assert told(gate.report) in ("incomplete", "nothing")
        assert list(gate.report.glob("journal-*")) == []
    assert killed > MOMENTS * 0.8
    assert killed_at(gate, 0, options) == 0
    assert gate.evidence()["verdict"] == "pass"
    assert {path for path in gate.files() if path.startswith(".")} <= {".lock"}
