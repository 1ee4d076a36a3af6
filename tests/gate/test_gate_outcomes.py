"""The evidence rules the outcome, whatever Python or pytest made of the test."""

import pytest

FAILS = "ml_performance.metric('roc_auc') >= 0.99"
HOLDS = "ml_performance.metric('roc_auc') >= 0.6"
UNDECIDED = "ml_performance.metric('roc_auc') >= ml_performance.metric('roc_auc').value"


def judge(project, body, *options, mark=""):
    project.write("test_own.py", f"import pytest\n{mark}\ndef test_it(ml_performance):\n    {body}\n")
    result = project.run("test_own.py", *options)
    return result, project.outcomes().get("test_own.py::test_it")


@pytest.mark.parametrize("options", [(), ("--assert=plain",)])
@pytest.mark.parametrize(
    "body",
    [
        f"assert {FAILS}",
        f"{FAILS}",
        f"assert {FAILS} or True",
        f"assert not ({FAILS})",
        f"if {FAILS}: pass",
        f"assert any([{FAILS}, {HOLDS}])",
        f"all([{FAILS}])",
        f"with pytest.raises(AssertionError): assert {FAILS}",
        f"try: assert {FAILS}\n    except AssertionError: pass",
        f"with pytest.raises(TypeError): bool({FAILS.partition(' ')[0]})\n    {FAILS}",
        f"{FAILS}; pytest.skip('no time')",
        f"{FAILS}; pytest.xfail('known')",
    ],
)
def test_a_recorded_fail_fails_the_test(project, body, options):
    result, outcome = judge(project, body, *options)
    result.assert_outcomes(failed=1)
    assert outcome == "failed"


def test_a_recorded_fail_fails_the_test_without_asserts(project):
    project.write("test_own.py", f"def test_it(ml_performance):\n    assert {FAILS}\n")
    result = project.pytester.run(
        __import__("sys").executable, "-O", "-m", "pytest", "--ml-quality", "-p", "no:cacheprovider", "test_own.py"
    )
    assert result.ret == 1
    assert project.outcomes()["test_own.py::test_it"] == "failed"


@pytest.mark.parametrize("body", [f"assert {HOLDS}", f"assert {HOLDS} and {HOLDS}", f"assert all([{HOLDS}])"])
def test_what_holds_passes(project, body):
    result, outcome = judge(project, body)
    result.assert_outcomes(passed=1)
    assert outcome == "passed"


def test_xfail_is_an_error_even_where_the_limit_holds(project):
    result, outcome = judge(project, f"assert {HOLDS}", mark="@pytest.mark.xfail(reason='later')")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*xfail on an ML test*"])
    assert outcome == "error"


@pytest.mark.parametrize("mark", ["@pytest.mark.skip(reason='later')", "@pytest.mark.skipif(True, reason='later')"])
def test_skip_leaves_the_check_undecided(project, mark):
    result, outcome = judge(project, f"assert {HOLDS}", mark=mark)
    result.assert_outcomes(skipped=1)
    assert outcome == "skipped"
    assert project.subject()["verdict"] == "incomplete"


def test_plain_asserts_count_as_an_exact_claim(project):
    result, outcome = judge(project, "assert ml_performance is not None")
    assert (outcome, result.ret) == ("passed", 0)
    result, outcome = judge(project, "assert 1 == 2")
    assert (outcome, result.ret) == ("failed", 1)
    result.stdout.fnmatch_lines(["*assert 1 == 2*"])


def test_an_exception_is_an_error(project):
    result, outcome = judge(project, "raise RuntimeError('disk on fire')")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*disk on fire*"])
    assert outcome == "error"


def test_inconclusive_passes_in_ci_and_says_so(project):
    result, outcome = judge(project, f"assert {UNDECIDED}")
    assert (outcome, result.ret) == ("inconclusive", 0)
    result.stdout.fnmatch_lines(["*1 inconclusive*"])


def test_inconclusive_fails_before_a_release(project):
    result, outcome = judge(project, f"assert {UNDECIDED}", "--ml-stage=predeploy")
    result.assert_outcomes(failed=1)
    assert outcome == "inconclusive"


def test_a_stage_may_say_what_inconclusive_means(project):
    project.settings('[stage.ci]\ninconclusive = "fail"\n')
    result, outcome = judge(project, f"assert {UNDECIDED}")
    result.assert_outcomes(failed=1)
    assert outcome == "inconclusive"


def test_comparing_two_measurements_names_the_plain_number(project):
    result, outcome = judge(project, "assert ml_performance.metric('accuracy') <= ml_performance.metric('roc_auc')")
    result.stdout.fnmatch_lines(["*ComparisonError*.value*"])
    assert outcome == "error"


def test_a_failure_in_teardown_counts(project):
    project.write(
        "test_own.py",
        f"""\
import pytest
@pytest.fixture
def late(ml_performance):
    yield
    {FAILS}
def test_it(late, ml_performance):
    assert {HOLDS}
""",
    )
    result = project.run("test_own.py")
    assert result.ret == 1
    assert project.outcomes()["test_own.py::test_it"] == "failed"


def test_a_failing_claim_explains_itself_without_a_traceback(project):
    project.settings(replace={"roc_auc = { at_least = 0.7 }": "roc_auc = { at_least = 0.99 }"})
    result = project.run()
    text = result.stdout.str()
    assert "roc_auc = 0.8" in text
    assert "limit: at least 0.99 (performance.metrics.roc_auc in mlquality.toml)" in text
    assert "verdict: fail: even the upper bound at 0.1%, 0.8" in text
    assert "Traceback" not in text
    assert "def test_a_metric" not in text
