"""mlquality.toml is a test file, whatever else the project is like."""

import pytest

CHECK = "mlquality.toml::performance::test_a_metric_meets_its_limit[roc_auc]"
IDS = [
    "mlquality.toml::performance::test_a_metric_meets_its_limit[gain_over_trivial]",
    "mlquality.toml::performance::test_a_metric_meets_its_limit[roc_auc]",
    "mlquality.toml::performance::test_a_metric_meets_its_limit[accuracy]",
]


def collected(result):
    return [line for line in result.outlines if "::" in line]


def test_a_gate_file_is_collected_only_when_the_gate_is_on(project):
    assert sorted(collected(project.run("--collect-only", "-q"))) == sorted(IDS)
    result = project.pytester.runpytest_inprocess("--collect-only", "-q")
    assert collected(result) == []


def test_the_ini_key_switches_the_gate_on(project):
    project.pytester.makeini("[pytest]\nml_quality = true\nml_report = out\n")
    result = project.pytester.runpytest_inprocess()
    result.assert_outcomes(passed=3)
    assert project.evidence("out")["verdict"] == "pass"


def test_the_gate_runs_and_says_where_the_report_is(project):
    result = project.run()
    assert result.ret == 0
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["loans: pass (3 passed)", f"report: {project.path}/ml-quality-report/report.html"])
    assert (project.path / "ml-quality-report" / "report.html").is_file()


@pytest.mark.parametrize("package", ["checks", "fixtures", "reports"])
def test_a_users_own_package_of_that_name_changes_nothing(project, package):
    project.write(f"{package}/__init__.py", "raise RuntimeError('the wrong package')\n")
    project.write(f"{package}/test_performance.py", "def test_mine(): pass\n")
    project.run("mlquality.toml").assert_outcomes(passed=3)


def test_changed_python_functions_silence_nothing(project):
    project.pytester.makeini("[pytest]\npython_functions = check_*\npython_files = check_*.py\n")
    project.run().assert_outcomes(passed=3)


def test_hooks_of_the_users_conftest_apply(project):
    project.write("conftest.py", "def pytest_runtest_setup(item):\n    print('SETUP OF', item.name)\n")
    result = project.run("-s")
    result.stdout.fnmatch_lines(["*SETUP OF test_a_metric_meets_its_limit?roc_auc?*"])


def test_gate_files_are_found_outside_testpaths(project):
    project.pytester.makeini("[pytest]\ntestpaths = tests\n")
    project.write("tests/test_plain.py", "def test_plain(): pass\n")
    project.run().assert_outcomes(passed=4)
    project.run("tests").assert_outcomes(passed=1)


def test_one_file_and_one_node_id_run_alone(project):
    project.run("mlquality.toml").assert_outcomes(passed=3)
    project.run(CHECK).assert_outcomes(passed=1)
    assert project.subject()["verdict"] == "incomplete"


@pytest.mark.parametrize(
    "narrowing",
    [("-k", "roc_auc"), ("-m", "not ml_quality"), ("--ml-shard", "1/2"), ("--deselect", CHECK), (CHECK,)],
)
def test_a_narrowed_run_never_passes(project, narrowing):
    project.run(*narrowing)
    evidence = project.pytester.path / "ml-quality-report" / "evidence.json"
    assert evidence.is_file()
    assert project.evidence()["verdict"] == "incomplete"


NARROWING_HOOKS = {
    "items are taken away": "def pytest_collection_modifyitems(items): del items[0]\n",
    "items are taken away last of all": "import pytest\n@pytest.hookimpl(trylast=True)\n"
    "def pytest_collection_modifyitems(config, items):\n"
    "    config.hook.pytest_deselected(items=items[1:])\n    del items[1:]\n",
    "items are taken away once they are planned": "def pytest_collection_finish(session): session.items.pop()\n",
    "a test is said to have run": "def pytest_runtest_protocol(item): return 'roc_auc' in item.name or None\n",
}


@pytest.mark.parametrize("conftest", NARROWING_HOOKS.values(), ids=NARROWING_HOOKS)
def test_a_run_that_a_conftest_narrows_never_passes(project, conftest):
    project.write("conftest.py", conftest)
    project.run()
    assert project.evidence()["verdict"] == "incomplete"


def test_a_run_that_goes_on_where_the_one_before_failed_does_not_pass(project):
    project.settings(replace={"roc_auc = { at_least = 0.7 }": "roc_auc = { at_least = 0.99 }"})
    project.run("--sw")
    assert project.evidence()["verdict"] == "fail"
    project.settings()
    project.run("--sw")
    assert project.evidence()["verdict"] == "incomplete"


@pytest.mark.parametrize("option", ["--ignore-glob=*.toml", "--ignore=mlquality.toml", "--ml-shard=3/4"])
def test_a_run_that_leaves_out_everything_never_passes(project, option):
    project.write("test_ordinary.py", "def test_it(): pass\n")
    project.run(option)
    evidence = project.path / "ml-quality-report" / "evidence.json"
    assert not evidence.exists() or project.evidence()["verdict"] == "incomplete"


def test_last_failed_reruns_the_failed_check_and_does_not_pass(project):
    project.settings(replace={"roc_auc = { at_least = 0.7 }": "roc_auc = { at_least = 0.99 }"})
    project.run().assert_outcomes(failed=1, passed=2)
    project.settings()
    project.run("--lf").assert_outcomes(passed=1)
    assert project.evidence()["verdict"] == "incomplete"


def test_exit_on_first_failure_leaves_the_rest_missing(project):
    project.settings(replace={"roc_auc = { at_least = 0.7 }": "roc_auc = { at_least = 0.99 }"})
    project.run("-x")
    subject = project.subject()
    assert subject["verdict"] == "fail"
    assert len(subject["checks"]) < len(subject["expected"])


def test_without_the_cache_plugin_and_with_junit(project):
    project.run("-p", "no:cacheprovider", "--junitxml=junit.xml").assert_outcomes(passed=3)
    assert CHECK.rsplit("::", 1)[1] in (project.path / "junit.xml").read_text()


def test_several_subjects_in_one_repository(project):
    import shutil

    for name in ("a", "b"):
        (project.path / name).mkdir()
        for file in ("train.parquet", "test.parquet", "model.skops"):
            shutil.copy(project.path / file, project.path / name)
        project.settings(replace={'name = "loans"': f'name = "{name}"'}, file=f"{name}/mlquality.toml")
    (project.path / "mlquality.toml").unlink()
    project.write("a/test_own.py", "def test_name(ml_subject): assert ml_subject.name == 'a'\n")
    project.run().assert_outcomes(passed=7)
    assert [subject["name"] for subject in project.evidence()["subjects"]] == ["a", "b"]


def test_two_subjects_at_one_height_need_the_marker(project):
    (project.path / "mlquality.toml").unlink()
    for name in ("a", "b"):
        project.settings(replace={'name = "loans"': f'name = "{name}"'}, file=f"{name}.mlquality.toml")
    project.write(
        "test_own.py",
        """\
import pytest
@pytest.mark.ml_subject("b")
def test_marked(ml_subject): assert ml_subject.name == "b"
def test_unmarked(ml_subject): pass
@pytest.mark.ml_subject("c")
def test_misspelt(ml_subject): pass
""",
    )
    result = project.run("test_own.py")
    result.assert_outcomes(passed=1, errors=2)
    result.stdout.fnmatch_lines(["*could judge any of several subjects: a, b*", "*names no subject*: a, b*"])


def test_shared_settings_are_no_subject_of_their_own(project):
    project.write("base.mlquality.toml", "[verdict]\nfalse_pass = 0.01\n")
    path = project.settings()
    path.write_text('extends = "base.mlquality.toml"\n' + path.read_text())
    project.run().assert_outcomes(passed=3)
    assert project.subject()["settings"]["resolved"]["verdict"]["false_pass"] == 0.01


def test_a_broken_gate_file_is_a_collection_error_without_traceback(project):
    project.settings("[performence]\n[modle]\n")
    result = project.run()
    assert result.ret == 2
    text = result.stdout.str()
    assert "performence" in text
    assert "modle" in text
    assert "Traceback" not in text
    assert "collection.py" not in text


def test_a_gate_that_demands_nothing_says_what_one_could_add(project):
    result = project.run("--ml-stage=nightly")
    assert result.ret != 0
    result.stdout.fnmatch_lines(["*demands nothing in the stage 'nightly'*", "*add a section*"])


def test_collecting_loads_neither_data_nor_model(project):
    for file in ("test.parquet", "train.parquet", "model.skops"):
        (project.path / file).unlink()
    assert len(collected(project.run("--collect-only", "-q"))) == 3
    assert not (project.path / "ml-quality-report").exists()


def test_without_gate_files_nothing_is_judged_and_it_says_so(pytester):
    pytester.makepyfile("def test_plain(): pass")
    result = pytester.runpytest_inprocess("--ml-quality")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*no mlquality.toml was collected*"])
    assert not (pytester.path / "ml-quality-report").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--ml-stage=dawn"], "*'dawn': a stage is one of ci, predeploy, nightly*"),
        (["--ml-shard=3/2"], "*expected i/n*"),
        (["--ml-promote=champion"], "*predeploy only*"),
        (["--ml-promote=champion", "--ml-stage=nightly"], "*predeploy only*"),
    ],
)
def test_wrong_options_are_usage_errors(project, options, message):
    result = project.run(*options)
    assert result.ret == 4
    result.stderr.fnmatch_lines([message])
