"""Attempts to make the verdict lie, the evidence vanish, or a secret show."""

import json
import re

import pytest

OWN = '[checks]\nown = ["test_own.py"]\n'
HEAD = "import os, pytest\nfrom pytest_mlquality import Measurement as M\n"


def judge_own(project, body, *options):
    project.settings(OWN)
    project.write("test_own.py", HEAD + body)
    result = project.run(*options)
    return result, project.outcomes().get("test_own.py::test_a")


@pytest.mark.parametrize(
    "conftest",
    [
        "import pytest\n@pytest.hookimpl(tryfirst=True)\ndef pytest_pyfunc_call(pyfuncitem): return True\n",
        "import pytest\nclass Yes:\n    def __getattr__(self, name): return lambda *a, **k: Yes()\n"
        "    def within(self, limit): return True\n@pytest.fixture\ndef ml_performance(): return Yes()\n",
    ],
    ids=["not called", "a fixture that measures nothing"],
)
def test_a_ready_made_check_that_measured_nothing_is_an_error(project, conftest):
    project.write("conftest.py", conftest)
    assert project.run().ret == 1
    assert set(project.outcomes().values()) == {"error"}
    assert project.evidence()["verdict"] == "fail"


def test_a_fail_recorded_in_a_forked_child_rules(project):
    body = (
        "def test_a(ml_subject):\n    pid = os.fork()\n    if pid == 0:\n        try: M.exact(5) <= 1\n"
        "        finally: os._exit(0)\n    os.waitpid(pid, 0)\n"
    )
    _result, outcome = judge_own(project, body)
    assert outcome == "failed"
    assert project.evidence()["verdict"] == "fail"


def test_what_was_judged_before_the_subject_was_asked_for_counts(project):
    body = "def test_a(request):\n    M.exact(5) <= 1\n    request.getfixturevalue('ml_subject')\n"
    result, outcome = judge_own(project, body)
    assert (result.ret, outcome) == (1, "failed")


def test_an_unmarked_test_that_the_gate_demands_is_a_check(project):
    result, outcome = judge_own(project, "def test_a(): assert 1 == 2\n")
    assert (result.ret, outcome) == (1, "failed")
    assert project.evidence()["verdict"] == "fail"


def test_a_demanded_test_of_another_stage_is_not_missed(project):
    judge_own(project, "@pytest.mark.ml_stage('nightly')\ndef test_a(ml_subject): pass\n")
    assert project.evidence()["verdict"] == "pass"


def test_a_demanded_file_that_skips_itself_hides_nothing(project):
    project.settings(OWN)
    project.write("test_own.py", "import pytest\npytest.skip('later', allow_module_level=True)\n")
    project.run().assert_outcomes(passed=3, skipped=1)
    assert project.evidence()["verdict"] == "incomplete"


def test_a_demanded_file_that_is_not_there_is_a_collection_error(project):
    project.settings('[checks]\nown = ["test_onw.py"]\n')
    project.write("test_own.py", "")
    result = project.run()
    assert result.ret == 2
    assert "there is no file 'test_onw.py' (did you mean 'test_own.py'?)" in result.stdout.str()


def test_a_number_too_small_to_judge_beside_a_passing_one_is_undecided(project):
    _result, outcome = judge_own(project, "def test_a(ml_subject):\n    M.mean([]) >= 0.9\n    M.exact(1) >= 0\n")
    assert outcome == "inconclusive"


@pytest.mark.parametrize("n", ["12.5", "__import__('numpy').int64(12)", "'few'", "float('nan')"])
def test_an_odd_sample_size_costs_no_evidence(project, n):
    result, outcome = judge_own(project, f"def test_a(ml_subject):\n    assert M.exact(3, n={n}) <= 5\n")
    assert (result.ret, outcome) == (0, "passed")


def test_an_earlier_pass_does_not_outlive_a_run_that_dies(project):
    project.run()
    assert project.evidence()["verdict"] == "pass"
    project.write("conftest.py", "import os\ndef pytest_runtest_call(item): os._exit(0)\n")
    project.run(subprocess=True)
    assert project.evidence()["verdict"] == "incomplete"
    directory = project.path / "ml-quality-report"
    assert "incomplete" in (directory / "report.html").read_text()
    assert 'mlquality_verdict{subject="loans"} 1' not in (directory / "metrics.prom").read_text()


def test_an_earlier_pass_does_not_outlive_broken_settings(project):
    project.run()
    project.settings("bogus = 1\n")
    project.run()
    assert project.evidence()["verdict"] == "fail"


def test_a_broken_gate_file_among_others_fails_the_run(project):
    project.settings("bogus = 1\n", file="b/mlquality.toml")
    project.run("--continue-on-collection-errors")
    verdicts = {subject["file"]: subject["verdict"] for subject in project.evidence()["subjects"]}
    assert verdicts == {"mlquality.toml": "pass", "b/mlquality.toml": "fail"}
    assert project.evidence()["verdict"] == "fail"


def test_a_second_waiver_is_read_too(project):
    check = "performance::test_a_metric_meets_its_limit[roc_auc]"
    waiver = f'[[waive]]\ncheck = "{check}"\nowner = "ana"\nreason = "{{}}"\nuntil = 2999-01-01\n'
    project.settings(
        waiver.format("new model") + waiver.format(""),
        replace={"roc_auc = { at_least = 0.7 }": "roc_auc = { at_least = 0.99 }"},
    )
    project.run()
    assert project.outcomes()[check] == "failed"


def test_a_gate_is_found_from_a_sub_folder(project, monkeypatch):
    project.pytester.makeini("[pytest]\n")
    (project.path / "deep").mkdir()
    monkeypatch.chdir(project.path / "deep")
    project.run().assert_outcomes(passed=3)


@pytest.mark.parametrize("how", ["an unwritable page", "no report folder"])
def test_trouble_with_files_at_the_end_is_told_and_breaks_nothing(project, monkeypatch, how):
    if how == "an unwritable page":
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", "/nonexistent/page.md")
    else:
        project.write("conftest.py", "import shutil\ndef pytest_sessionfinish(): shutil.rmtree('ml-quality-report')\n")
    text = project.run().stdout.str()
    assert "Traceback" not in text
    assert "INTERNALERROR" not in text


def test_secrets_that_python_would_escape_and_those_in_warnings_are_masked(project, monkeypatch):
    secret = "s3cr'et\\x"
    monkeypatch.setenv("MLQ_SECRET", secret)
    project.settings(replace={'"test.parquet"': '"${MLQ_SECRET}/test.parquet"'})
    project.write(
        "test_own.py",
        "import os, warnings\ndef test_a(ml_settings): warnings.warn('login with ' + os.environ['MLQ_SECRET'])\n",
    )
    text = project.run().stdout.str()
    assert "***" in text
    for form in (secret, repr(secret)[1:-1], json.dumps(secret)[1:-1]):
        assert form not in text


def test_a_cell_that_a_model_complains_about_is_not_repeated(project):
    import pandas as pd
    import skops.io
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    test = pd.read_parquet(project.path / "test.parquet")
    model = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(test[["region"]], test["paid"])
    skops.io.dump(model, project.path / "model.skops")
    test.loc[0, "region"] = 4111111111
    test.to_parquet(project.path / "test.parquet")
    text = project.run().stdout.str()
    assert "4111111111" not in text
    assert "4111111111" not in (project.path / "ml-quality-report" / "evidence.json").read_text()
    assert "unknown categories" in text


SMITH = "import pandas as pd\nFRAME = pd.DataFrame({'name': ['Sm' + 'ith', 'Sm' + 'ythe']})\n"


@pytest.mark.parametrize(
    "body",
    [
        "def test_a(ml_subject):\n    assert FRAME['name'][0] == 'x'\n",
        "def test_a(ml_subject):\n    assert list(FRAME['name']) == ['x']\n",
        "def test_a(ml_subject):\n    FRAME.astype(float)\n",
        "def test_a(ml_subject):\n    assert not len(FRAME), f'{FRAME}'\n",
        "def test_a(ml_subject):\n    pytest.fail(f'{FRAME}')\n",
        "def test_a(ml_subject):\n    try:\n        FRAME.astype(float)\n"
        "    except ValueError as error:\n        raise KeyError('x') from error\n",
    ],
)
@pytest.mark.parametrize("options", [(), ("-l", "-vv", "--tb=long")])
def test_a_users_own_failure_shows_no_cell_of_the_data(project, body, options):
    result, outcome = judge_own(project, SMITH + body, "--junitxml=junit.xml", *options)
    assert outcome in ("failed", "error")
    everything = result.stdout.str() + result.stderr.str() + (project.path / "junit.xml").read_text()
    assert "Smith" not in everything
    assert "test_own.py:" in result.stdout.str()
    result.stdout.fnmatch_lines(["*values are not shown*", "*[[]report] samples = true in mlquality.toml*"])


def test_what_a_users_own_failure_compares_is_shown_where_the_settings_allow_it(project):
    project.settings(OWN + "[report]\nsamples = true\n")
    project.write("test_own.py", HEAD + SMITH + "def test_a(ml_subject): assert FRAME['name'][0] == 'x'\n")
    project.run().stdout.fnmatch_lines(["E*assert 'Smith' == 'x'"])


def test_a_misspelt_name_in_a_users_test_is_shown(project):
    result, _outcome = judge_own(project, "def test_a(ml_subject): assert framme\n")
    result.stdout.fnmatch_lines(["E*name 'framme' is not defined"])


@pytest.mark.parametrize("value", ["7", "xy", "wagtail-99"])
def test_what_came_from_the_environment_shows_nowhere(project, monkeypatch, value):
    monkeypatch.setenv("ML_TEST_CANARY", value)
    source = project.path / f"test-{value}-.parquet"
    (project.path / "test.parquet").rename(source)
    project.settings(
        OWN,
        replace={'source = "test.parquet"': 'source = "test-${ML_TEST_CANARY}-.parquet"'},
    )
    project.write(
        "test_own.py",
        HEAD + "@pytest.mark.parametrize('p', ['test-' + os.environ['ML_TEST_CANARY'] + '-.parquet'])\n"
        "def test_a(ml_data, p):\n    assert M.exact(5) <= 1, p\n    raise KeyError(p)\n",
    )
    result = project.run("-v", "--junitxml=junit.xml")
    everything = result.stdout.str() + (project.path / "junit.xml").read_text()
    everything += "".join(file.read_text() for file in (project.path / "ml-quality-report").glob("*.*"))
    assert f"-{value}-" not in everything
    assert "test_a[test-***-.parquet]" in everything


@pytest.mark.parametrize("value", ["id", "ci", "pass", "fail", "test", "run", "subject", "sha256", "kind"])
def test_a_value_from_the_environment_that_is_a_word_of_the_evidence_breaks_nothing(project, monkeypatch, value):
    monkeypatch.setenv("ML_TEST_CANARY", value)
    project.settings(replace={'name = "loans"': 'name = "${ML_TEST_CANARY}"'})
    project.run().assert_outcomes(passed=3)
    evidence = project.evidence()
    assert (evidence["verdict"], evidence["run"]["stage"]) == ("pass", "ci")
    subject = evidence["subjects"][0]
    assert sorted(check["id"] for check in subject["checks"]) == sorted(subject["expected"])


def test_a_hidden_parameter_is_remembered_by_last_failed(project, monkeypatch):
    monkeypatch.setenv("ML_TEST_CANARY", "wagtail-99")
    project.settings(OWN, replace={'name = "loans"': 'name = "${ML_TEST_CANARY}"'})
    project.write(
        "test_own.py",
        HEAD + "@pytest.mark.parametrize('p', ['a', 'wagtail-99'])\ndef test_a(ml_data, p): assert p == 'a'\n",
    )
    project.run().assert_outcomes(passed=4, failed=1)
    project.run("--lf").assert_outcomes(failed=1, deselected=4)


@pytest.mark.parametrize(
    ("test", "near"),
    [
        ("test_own.py::test_b", "test_own.py::test_a"),
        ("test_onw.py::test_a", ""),
        ("test_own.py::TestC::test_a[1]", ""),
    ],
)
def test_a_waiver_of_a_test_that_is_not_there_is_refused(project, test, near):
    project.settings(f'{OWN}[[waive]]\ncheck = "{test}"\nowner = "ana"\nreason = "x"\nuntil = 2999-01-01\n')
    project.write("test_own.py", "def test_a(): assert False\n")
    result = project.run()
    assert result.ret == 2
    result.stdout.re_match_lines([f".*{re.escape(repr(test))} names no check.*{re.escape(near)}"])


def test_a_waiver_of_a_test_of_the_users_own_holds(project):
    project.settings(f'{OWN}[[waive]]\ncheck = "test_own.py::*"\nowner = "ana"\nreason = "x"\nuntil = 2999-01-01\n')
    project.write("test_own.py", "def test_a(): assert False\ndef test_b(): assert True\n")
    assert project.run().ret == 0
    assert project.outcomes()["test_own.py::test_a"] == "waived"
