"""Users' own ML tests and fixtures."""

import pytest


def test_ml_tests_are_left_out_without_the_flag(project):
    project.write(
        "test_own.py",
        """\
import pytest
def test_by_fixture(ml_model): pass
@pytest.mark.ml_fairness
def test_by_marker(): pass
class TestBoth:
    @pytest.mark.ml_latency
    def test_in_a_class(self, ml_data): pass
def test_plain(): pass
""",
    )
    result = project.pytester.runpytest_inprocess("--strict-markers")
    result.assert_outcomes(passed=1, deselected=3)
    result.stdout.fnmatch_lines(["3 ML tests not run: add --ml-quality"])


def test_a_users_fixture_of_another_name_changes_nothing(pytester):
    pytester.makepyfile(
        """
        import pytest
        @pytest.fixture
        def ml_client(): return 1
        def test_client(ml_client): assert ml_client == 1
        """
    )
    for flags in ([], ["--ml-quality"]):
        result = pytester.runpytest_inprocess(*flags)
        result.assert_outcomes(passed=1)
        assert "ML test" not in result.stdout.str()


def test_ml_quality_selects_ml_tests_alone(project):
    project.write("test_own.py", "def test_own(ml_subject): pass\ndef test_plain(): pass\n")
    project.run("-m", "ml_quality").assert_outcomes(passed=4, deselected=1)
    project.run("-m", "not ml_quality").assert_outcomes(passed=1, deselected=4)


def test_getfixturevalue_gets_the_subject_and_records(project):
    project.write(
        "test_own.py",
        """\
def test_late(request):
    performance = request.getfixturevalue("ml_performance")
    assert performance.metric("roc_auc") >= 0.99 or True
""",
    )
    project.run("test_own.py").assert_outcomes(failed=1)
    assert project.outcomes() == {"test_own.py::test_late": "failed"}


def test_getfixturevalue_without_the_gate_skips_with_the_reason(project):
    project.write("test_own.py", "def test_late(request): request.getfixturevalue('ml_model')\n")
    result = project.pytester.runpytest_inprocess("-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*add --ml-quality*"])


def test_a_conftest_beside_the_file_overrides_any_fixture(project):
    project.write(
        "conftest.py",
        """\
import pytest
class Constant:
    uri, version, digest = "mine", None, None
    columns, column_types, classes, has_probabilities = None, None, (0, 1), True
    def predict_proba(self, frame):
        import numpy as np
        return np.tile([0.3, 0.7], (len(frame), 1))
@pytest.fixture(scope="session")
def ml_model(): return Constant()
""",
    )
    project.run("-k", "roc_auc").assert_outcomes(failed=1)
    check = project.subject()["checks"][0]
    assert check["measurements"][0]["value"] == 0.5


def test_model_data_and_predictions_load_once(project):
    project.write(
        "conftest.py",
        """\
import pytest_mlquality.adapters.models as models
import pytest_mlquality.data as data
def counted(function, name):
    def wrapper(*args, **kwargs):
        print("LOADED", name)
        return function(*args, **kwargs)
    return wrapper
models.load = counted(models.load, "model")
data.Split.open = counted(data.Split.open, "split")
""",
    )
    project.settings("[schema]\n")
    text = project.run("-s", subprocess=True).stdout.str()
    assert text.count("LOADED model") == 1
    assert text.count("LOADED split") == 2


def test_what_was_loaded_is_released_after_the_last_check(project):
    project.write(
        "conftest.py",
        """\
def pytest_runtest_logfinish(nodeid):
    print("AFTER", nodeid.split("::")[-1], held())
def pytest_sessionstart(session):
    global held
    gate = session.config.pluginmanager.get_plugin("mlquality-gate")
    held = lambda: ["loaded" in vars(run) for run in gate.subjects]
""",
    )
    project.write("test_zz.py", "def test_ordinary(): pass\n")
    lines = [line for line in project.run("-s").outlines if "AFTER" in line]
    assert [line.split()[-1] for line in lines] == ["[True]", "[True]", "[True]", "[False]"]


def test_marker_arguments_override_the_file(project):
    project.write(
        "test_own.py",
        """\
import pytest
@pytest.mark.ml_performance(on="train")
def test_on_train(ml_performance, ml_settings):
    assert ml_settings.performance.on == "train"
    assert ml_performance.metric("accuracy") >= 0.6
@pytest.mark.ml_performance(onn="train")
def test_misspelt(ml_performance): pass
""",
    )
    result = project.run("test_own.py")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*onn*"])


def test_ml_stage_limits_a_test_to_stages(project):
    project.write(
        "test_own.py",
        "import pytest\n@pytest.mark.ml_stage('nightly')\ndef test_at_night(ml_subject): pass\n",
    )
    project.run("test_own.py").assert_outcomes(deselected=1)


def test_own_tests_can_be_part_of_what_the_gate_demands(project):
    project.settings('[checks]\nown = ["tests/test_rules.py"]\n')
    project.write(
        "tests/test_rules.py",
        "import pytest\n@pytest.mark.parametrize('n', [1, 2])\ndef test_rule(ml_subject, n): assert n\n",
    )
    project.run().assert_outcomes(passed=5)
    subject = project.subject()
    assert subject["verdict"] == "pass"
    assert "tests/test_rules.py::test_rule[2]" in subject["expected"]
    for narrowed in (
        ("-k", "not test_rule"),
        ("-k", "not 2"),
        ("mlquality.toml",),
        ("tests/test_rules.py::test_rule[1]", "mlquality.toml"),
    ):
        project.run(*narrowed)
        assert project.subject()["verdict"] == "incomplete", narrowed


def test_own_tests_that_are_missing_or_broken_keep_the_gate_from_passing(project):
    project.settings('[checks]\nown = ["tests/test_rules.py"]\n')
    project.write("tests/test_rules.py", "raise RuntimeError('broken')\n")
    result = project.run()
    assert result.ret != 0
    result = project.run("mlquality.toml")
    assert project.subject()["verdict"] == "incomplete"


def test_an_ml_test_without_a_gate_file_says_what_to_write(pytester):
    pytester.makepyfile(
        """
        import pytest
        def test_fixture(ml_model): pass
        @pytest.mark.ml_skew
        def test_marked(): pass
        """
    )
    result = pytester.runpytest_inprocess("--ml-quality")
    result.assert_outcomes(errors=2)
    assert "Traceback" not in result.stdout.str()
    result.stdout.fnmatch_lines(["*there is no mlquality.toml beside or above it*"])


def test_markers_and_fixtures_describe_themselves(pytester):
    markers = pytester.runpytest_inprocess("--markers").stdout.str()
    for name in ("ml_schema", "ml_performance", "ml_latency", "ml_stage(*stages)", "ml_subject(name)", "ml_quality"):
        assert f"@pytest.mark.{name}: " in markers
    fixtures = pytester.runpytest_inprocess("--fixtures").stdout.str()
    for name in ("ml_subject", "ml_settings", "ml_model", "ml_baseline", "ml_data", "ml_predictions", "ml_fairness"):
        assert f"{name} --" in fixtures
    ours = [part for part in fixtures.split("fixtures defined from ") if part.startswith("pytest_mlquality.")]
    assert len(ours) == 9
    assert not [part for part in ours if "no docstring available" in part]


def test_a_test_outside_pytest_compares_to_plain_booleans(project, monkeypatch):
    import pytest_mlquality

    subject = pytest_mlquality.load(project.path / "mlquality.toml")
    accuracy = subject.performance.metric("accuracy")
    assert (accuracy >= 0.6) is True
    assert (accuracy >= 0.99) is False
    assert "95% interval" in repr(accuracy)
    with pytest.raises(TypeError, match="value"):
        bool(accuracy)
