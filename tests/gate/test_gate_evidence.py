"""Nothing is lost: evidence survives workers, Ctrl-C and kill -9."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from pytest_mlquality.evidence import read_evidence

# Seconds after which a process hangs: no measure of speed.
PATIENCE = 900
SLOW = """\
import time
def test_measured(ml_performance):
    assert ml_performance.metric("roc_auc") >= 0.5
def test_cut_off(ml_performance):
    assert ml_performance.metric("accuracy") >= 0.5
    open("measuring", "w").close()
    time.sleep(3600)
"""


def start_and_wait(project, *options):
    project.settings('[checks]\nown = ["test_slow.py"]\n')
    project.write("test_slow.py", SLOW)
    command = [sys.executable, "-m", "pytest", "--ml-quality", "-p", "no:cacheprovider", *options]
    process = subprocess.Popen(command, cwd=project.path, stdout=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + PATIENCE
    while not (project.path / "measuring").exists():
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return process


def cut_off_check(evidence):
    (subject,) = evidence["subjects"]
    assert evidence["verdict"] == subject["verdict"] == "incomplete"
    checks = {check["id"]: check for check in subject["checks"]}
    assert checks["test_slow.py::test_measured"]["outcome"] == "passed"
    return checks["test_slow.py::test_cut_off"]


def test_ctrl_c_keeps_what_was_measured(project):
    process = start_and_wait(project)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    check = cut_off_check(project.evidence())
    assert check["outcome"] is None
    assert check["measurements"][0]["verdict"] == "pass"
    assert (project.path / "ml-quality-report" / "report.html").is_file()


@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_kill_9_keeps_what_was_measured(project, options):
    process = start_and_wait(project, *options)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=PATIENCE)
    directory = project.path / "ml-quality-report"
    # Readable at once, as far as the last refresh, and whole once it is asked for.
    assert project.evidence()["verdict"] == "incomplete"
    check = cut_off_check(read_evidence(directory))
    assert check["measurements"][0]["name"] == "accuracy"
    assert list(directory.glob("journal-*")) == []


def test_a_killed_worker_is_no_pass(project):
    project.settings('[checks]\nown = ["test_suicide.py"]\n')
    project.write(
        "test_suicide.py",
        "import os, signal\ndef test_dies(ml_performance):\n"
        "    assert ml_performance.metric('roc_auc') >= 0.5\n    os.kill(os.getpid(), signal.SIGKILL)\n",
    )
    result = project.run("-n", "2", subprocess=True)
    assert result.ret == 1
    evidence = project.evidence()
    assert evidence["verdict"] != "pass"
    check = next(check for check in evidence["subjects"][0]["checks"] if "test_dies" in check["id"])
    assert check["outcome"] is None
    assert check["measurements"][0]["verdict"] == "pass"


def test_workers_give_the_same_evidence_as_one_process(project):
    project.run(subprocess=True).assert_outcomes(passed=3)
    alone = project.evidence()
    project.run("-n", "2", subprocess=True).assert_outcomes(passed=3)
    shared = project.evidence()
    assert shared["content_digest"] == alone["content_digest"]
    assert shared["run"]["id"] != alone["run"]["id"]


def test_all_checks_of_a_subject_go_to_one_worker(project):
    project.write("tests/test_own.py", "def test_own(ml_subject): pass\ndef test_a(): pass\ndef test_b(): pass\n")
    result = project.run("-n", "2", "-v", subprocess=True)
    result.assert_outcomes(passed=6)
    lines = [
        line for line in result.outlines if "PASSED" in line and ("toml" in line or "test_own.py::test_own" in line)
    ]
    assert len(lines) == 4
    assert len({line.split("]")[0] for line in lines}) == 1


def test_the_run_before_moves_aside_and_is_named(project):
    project.run()
    first = project.evidence()
    project.run()
    second = project.evidence()
    kept = project.path / "ml-quality-report" / "runs" / f"{first['run']['id']}.json"
    assert json.loads(kept.read_text()) == first
    previous = second["subjects"][0]["previous"]
    assert previous["run"] == first["run"]["id"]
    assert set(previous["outcomes"].values()) == {"passed"}


def test_evidence_says_on_what_it_was_measured(project):
    project.run("-k", "roc_auc")
    subject = project.subject()
    assert subject["model"]["digest"].startswith("sha256:")
    assert subject["data"]["test"]["rows"] == 2000
    assert subject["data"]["test"]["digest"].startswith("sha256:")
    assert subject["union_bound"] == pytest.approx(1e-3)


def test_a_check_that_passed_or_is_waived_has_nothing_to_complain_about(project):
    check = "performance::test_a_metric_meets_its_limit[roc_auc]"
    project.settings(
        f'[[waive]]\ncheck = "{check}"\nowner = "ana"\nreason = "soon"\nuntil = 2999-01-01\n',
        replace={"roc_auc = { at_least = 0.7 }": "roc_auc = { at_least = 0.99 }"},
    )
    project.run()
    said = {check["id"]: (check["outcome"], check["message"], check["remedy"]) for check in project.subject()["checks"]}
    assert said.pop(check) == ("waived", "", "")
    assert set(said.values()) == {("passed", "", "")}


def test_a_bad_waiver_is_told_once(project):
    check = "performance::test_a_metric_meets_its_limit[roc_auc]"
    project.settings(f'[[waive]]\ncheck = "{check}"\nowner = "ana"\nreason = "soon"\nuntil = 2020-01-01\n')
    project.run()
    said = {check["id"]: check["message"] for check in project.subject()["checks"]}
    assert said[check] == f"the waiver '{check}' expired on 2020-01-01"


def test_the_summary_also_goes_to_the_page_of_a_workflow_run(project, monkeypatch):
    page = project.write("page.md", "before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    project.run()
    assert page.read_text() == "before\n" + (project.path / "ml-quality-report" / "summary.md").read_text()


def test_a_table_of_an_engine_is_judged_without_reading_it_for_a_digest(project):
    import duckdb

    with duckdb.connect(str(project.path / "bank.duckdb")) as connection:
        connection.execute("create table loans as select * from 'test.parquet'")
    project.settings(
        replace={'source = "test.parquet"': 'source = "loans"\nengine = "duckdb:///bank.duckdb"\nfilter = "age >= 30"'}
    )
    project.run().assert_outcomes(passed=3)
    split = project.subject()["data"]["test"]
    assert split["digest"] is None
    assert 1000 < split["rows"] < 2000


def test_an_unwritable_report_folder_is_a_usage_error(project):
    project.write("occupied", "a file")
    result = project.run("--ml-report=occupied/report")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*evidence cannot be written to*", "*--ml-report DIR*"])


def test_secrets_are_shown_nowhere(project, monkeypatch):
    canary = "canary-7f3a9c"
    monkeypatch.setenv("MLQ_CANARY", canary)
    project.settings(replace={'"test.parquet"': '"missing-${MLQ_CANARY}.parquet"'})
    project.write(
        "test_own.py",
        f"def test_prints(ml_settings):\n    print('{canary}')\n    x = '{canary}'\n    assert x == 'b'\n"
        f"def test_raises(ml_settings): raise ValueError('{canary}')\n",
    )
    result = project.run("-l", "-v", "-rA", "--junitxml=junit.xml")
    assert result.ret == 1
    assert canary not in result.stdout.str() + result.stderr.str()
    for path in [project.path / "junit.xml", *(project.path / "ml-quality-report").rglob("*")]:
        assert path.is_dir() or canary not in path.read_text(), path
