import pickle

import pytest

from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.settings import SettingsError, read_settings

LATER = (
    "robustness",
    "latency",
    "serving",
    "reproducibility",
    "lineage",
    "pipeline",
    "monitoring",
    "deepchecks",
)


TRAIN = "data.train.source = 'train.parquet'\n"
SLICES = "performance.slices = { by = ['a'], gap = { r2 = { at_most = 1 } }, "


@pytest.mark.parametrize(
    ("line", "key", "message"),
    [
        # Unknown keys at any depth, with the nearest one that is known.
        ("verdct = 1", "verdct", "unknown key (did you mean 'verdict'?)"),
        ("model.urri = 'a'", "model.urri", "unknown key (did you mean 'uri'?)"),
        ("model.target = 'y'", "model.target", "unknown key (did you mean 'data.target'?)"),
        ("data.tset.source = 'a'", "data.tset", "unknown key (did you mean 'test'?)"),
        ("data.test.sorce = 'a'", "data.test.sorce", "unknown key (did you mean 'source'?)"),
        ("stage.nigthly.model = 'a'", "stage.nigthly", "unknown key (did you mean 'nightly'?)"),
        ("performance.metrics.roc_acu.at_least = 0", "performance.metrics.roc_acu", "(did you mean 'roc_auc'?)"),
        (
            "performance.metrics.'fbta[2]'.at_least = 0",
            'performance.metrics."fbta[2]"',
            "(did you mean 'fbeta[BETA]'?)",
        ),
        ("performance.metrics.'fbeta[2]'.at_lest = 0", 'performance.metrics."fbeta[2]".at_lest', "mean 'at_least'?)"),
        ("performance.metrics.r2.at_lest = 0", "performance.metrics.r2.at_lest", "(did you mean 'at_least'?)"),
        ("schema.metrics.missing_target.at_most = 0", "schema.metrics.missing_target", "'missing_targets'"),
        ("by_hand.M8 = 'https://a.org'", "by_hand.M8", "unknown key (did you mean 'M"),
        ("'odd name'.x = 1", '"odd name"', "unknown key"),
        # Wrong types and values: expected, found.
        ("name = 3", "name", "expected text that is not empty, found 3"),
        ("model.threshold = '0.5'", "model.threshold", 'expected a number above 0 and below 1, found "0.5"'),
        ("model.threshold = 1", "model.threshold", "expected a number above 0 and below 1, found 1"),
        ("model.threshold = nan", "model.threshold", "expected a number above 0 and below 1, found nan"),
        ("model.task = 'binry'", "model.task", "(did you mean 'binary'?)"),
        ("model.positive = [1]", "model.positive", "expected a whole number or text or true or false, found a list"),
        ("model.trusted_types = 'a.B'", "model.trusted_types", 'expected a list, found "a.B"'),
        ("model.trusted_types = ['a', 1]", "model.trusted_types[1]", "expected text that is not empty, found 1"),
        ("model.sha256 = 'abc'", "model.sha256", 'expected text such as "e3b0'),
        ("registry = 'sqlite:///a.db'", "registry", 'expected a table, found "sqlite:///a.db"'),
        ("registry = {}", "registry.uri", "is required"),
        ("verdict.false_fail = 0.6", "verdict.false_fail", "expected a number above 0 and up to 0.5, found 0.6"),
        ("verdict.false_pass = 0", "verdict.false_pass", "expected a number above 0 and up to 0.5, found 0"),
        ("data.ignore = true", "data.ignore", "expected a list, found true"),
        ("data.key = ' '", "data.key", 'expected text that is not empty, found " "'),
        ("data.train = {}", "data.train.source", "is required (The rows"),
        ("data.test.population = 1", "data.test.population", "expected true or false, found 1"),
        ("data.test.window = '1 fortnight'", "data.test.window", 'expected text such as "1 day"'),
        ("schema.on = []", "schema.on", "expected a list that is not empty, found an empty list"),
        ("schema.on = ['tets']", "schema.on[0]", "(did you mean 'test'?)"),
        ("performance.metrics.r2 = true", "performance.metrics.r2", "expected a limit or false, found true"),
        ("performance.metrics.r2 = 0.5", "performance.metrics.r2", "expected a limit or false, found 0.5"),
        ("performance.metrics.r2.at_least = '1'", "performance.metrics.r2.at_least", 'expected a number, found "1"'),
        ("stage.ci.inconclusive = 'maybe'", "stage.ci.inconclusive", 'expected one of "warn", "fail", found "maybe"'),
        ("stage.ci.checks = ['shema']", "stage.ci.checks[0]", "(did you mean 'schema'?)"),
        ("waive = 'all'", "waive", 'expected a list, found "all"'),
        ("by_hand.M2 = 'javascript:alert(1)'", "by_hand.M2", 'expected text such as "https://example.org'),
        # Limits that cannot be meant.
        ("performance.metrics.r2 = {}", "performance.metrics.r2", "a limit needs at_least, at_most, or both"),
        (
            "performance.metrics.r2 = { at_least = 0.9, at_most = 0.8 }",
            "performance.metrics.r2",
            "at_least 0.9 is above at_most 0.8",
        ),
        ("performance.metrics.r2.at_least = inf", "performance.metrics.r2", "at_least must be a finite number"),
        # What this version does not have yet.
        ("performance.slices.by = ['a']", "performance.slices", "no slice has a limit"),
        ("performance.slices.gap.r2.at_most = 0.1", "performance.slices", "nothing makes slices"),
        ("performance.slices = { by = ['a', 'a'], gap = { r2 = { at_most = 1 } } }", "performance.slices.by", "twice"),
        (f"{SLICES}time = '1 month' }}", "performance.slices.time", "there is no column of time"),
        (f"{SLICES}bins.b = [1] }}", "performance.slices.bins.b", "no slice is made by this"),
        (f"{SLICES}bins.a = [2, 1] }}", "performance.slices.bins.a", "do not rise"),
        ("schema.metrics.rows.at_least = '1 day'", "schema.metrics.rows.at_least", 'expected a number, found "1 day"'),
        (
            "schema.environments.prodcution.absent = []",
            "schema.environments.prodcution",
            "no split is in the environment",
        ),
        ("schema.metrics.staleness.at_most = '1 day'", "schema.metrics.staleness", "data.production is not declared"),
        ("schema.metrics.outlier_rows.at_most = 0", "schema.metrics.outlier_rows", "data.train is not declared"),
        (
            "data.raw.source = 'a.csv'\nschema = { on = ['raw'], metrics = { mismatched_columns = { at_most = 0 } } }",
            "schema.metrics.mismatched_columns",
            "schema.on names raw alone",
        ),
        ("schema.leakage.shared_keys.at_most = 0", "schema.leakage.shared_keys", "data.train is not declared"),
        ("schema.tolerated.a = 0.1", "schema.tolerated", "there is no rule that rows may break"),
        ("schema.known_at.a = 'b'", "schema.known_at", "there is no time of the rows"),
        ("schema.rules.a = 'b > 1'\nschema.tolerated.a = 2.0", "schema.tolerated.a", "found 2"),
        ("data.split_by = 'time'", "data.split_by", "there is no column of time"),
        ("stage.ci.checks = ['robustness']", "stage.ci.checks[0]", 'concern "robustness" is not available in this'),
        ("explanation.rows = 20", "explanation.rows", "50"),
        ("explanation.method = 'shapp'", "explanation.method", "(did you mean 'shap'?)"),
        ("explanation.on = 'raw'", "explanation.on", 'the split "raw" is not declared'),
        ("explanation.metrics.largest = { at_most = 1 }", "explanation.metrics.largest", "unknown key"),
        (
            "explanation.metrics.expected_rank = { at_most = 3 }",
            "explanation.metrics.expected_rank",
            "explanation.expected names no column",
        ),
        (
            "explanation = { method = 'lime', metrics = { additivity_error = { at_most = 0.1 } } }",
            "explanation.metrics.additivity_error",
            'the method is "lime"',
        ),
        (
            "explanation.metrics.fidelity = { at_least = 0.5 }",
            "explanation.metrics.fidelity",
            'the method is "shap"',
        ),
        ("explanation.expected = ['a', 'a']", "explanation.expected", "is named twice"),
        ("explanation.monotone = { a = 'up' }", "explanation.monotone.a", "increasing"),
        ("explanation.drift.ndcg = { at_least = 0.9 }", "explanation.drift", 'the split "train" is not declared'),
        ("explanation.between = [['test', 'test']]", "explanation.between", "no limit is of drift"),
        (
            "explanation.drift_to_baseline.ndcg = { at_least = 0.9 }",
            "explanation.drift_to_baseline",
            "there is no baseline",
        ),
        ("fairness = {}", "fairness.by", "is required"),
        ("fairness.by = []", "fairness.by", "expected a list that is not empty"),
        ("fairness.by = ['a', 'a']", "fairness.by", "makes groups twice"),
        ("fairness = { by = ['a'], on = 'raw' }", "fairness.on", 'the split "raw" is not declared'),
        ("fairness = { by = ['a'], bins = { b = [1.0] } }", "fairness.bins.b", "no group is made by this column"),
        ("fairness = { by = ['a'], bins = { a = [2.0, 1.0] } }", "fairness.bins.a", "the edges do not rise"),
        (
            "fairness = { by = ['a'], only = { b = { r2 = { at_least = 1 } } } }",
            "fairness.only.b",
            "no groups are made",
        ),
        ("fairness = { by = ['a'], control = ['b'] }", "fairness.control", "no limit is conditional on it"),
        (
            "fairness = { by = ['a'], conditional = { accuracy_difference = { at_most = 0.1 } } }",
            "fairness.conditional",
            "there is no column to condition on",
        ),
        (
            "fairness = { by = ['a'], loss_to_baseline = { accuracy = { at_most = 0.1 } } }",
            "fairness.loss_to_baseline",
            "there is no baseline to compare with",
        ),
        ("fairness = { by = ['a'], table = { source = 'b' } }", "fairness.table", "there is no key to find rows by"),
        (
            "fairness = { by = ['a'], metrics = { demographic_parity_rato = { at_least = 0.8 } } }",
            "fairness.metrics.demographic_parity_rato",
            "(did you mean 'demographic_parity_ratio'?)",
        ),
        (
            "fairness = { by = ['a'], metrics = { roc_auc_diference = { at_most = 0.1 } } }",
            "fairness.metrics.roc_auc_diference",
            "(did you mean 'roc_auc_difference'?)",
        ),
        (
            "fairness = { by = ['a'], metrics = { r2_ratio = { at_least = 0.8 } } }",
            "fairness.metrics.r2_ratio",
            "can be negative, so that a ratio says nothing",
        ),
        (
            "model.task = 'ranking'\nfairness.by = ['a']",
            "fairness.metrics",
            'no group is held to a limit: the task "ranking" has none by default',
        ),
        (
            "model.task = 'multilabel'\ndata.labels = ['a', 'b']\n"
            "fairness = { by = ['a'], only.a = { accuracy_difference = false } }",
            "fairness.metrics",
            'no group is held to a limit: the task "multilabel" has none by default',
        ),
        ("skew = {}", "skew", "there is nothing to compare"),
        ("skew.between = [['train', 'test']]", "skew.between[0][0]", 'the split "train" is not declared'),
        ("skew.between = [['test', 'test']]", "skew.between[0]", "is no pair of its own"),
        (f"{TRAIN}skew.time = '1 day'", "skew.time", "there is no column of time"),
        (f"{TRAIN}skew.columns.a.l_infinity = false", "skew.columns.a.l_infinity", "cannot be dropped"),
        (f"{TRAIN}skew.columns.a.l_infnity.at_most = 1", "skew.columns.a.l_infnity", "(did you mean 'l_infinity'?)"),
        (f"{TRAIN}skew.keys.between = ['train', 'test']", "skew.keys", "there is no key to find rows by"),
        (
            "skew.profiles.train = 'a.json'\nskew.metrics.joint_drift.at_most = 0.6",
            "skew.metrics.joint_drift",
            "cannot be measured from a stored profile",
        ),
        # What sections ask of each other.
        ("performance.on = 'production'", "performance.on", 'the split "production" is not declared; declared: test'),
        ("schema.on = ['test', 'raw']", "schema.on[1]", 'the split "raw" is not declared; declared: test'),
        (
            "performance.loss_to_baseline.r2.at_most = 0",
            "performance.loss_to_baseline",
            "there is no baseline to compare with",
        ),
        (
            "schema = {}\nstage.ci.checks = ['schema', 'performance']",
            "stage.ci.checks[1]",
            "the file has no section [performance]",
        ),
    ],
)
def test_a_problem_names_key_expected_found_and_nearest(problems, three_lines, line, key, message):
    found = problems(f"{line}\n{as_dotted(three_lines)}")
    assert list(found) == [key]
    assert message in found[key].message


def as_dotted(three_lines: str) -> str:
    """The three lines without headers, so that a line above them can add to any table."""
    assert three_lines.count("[") == 3
    return 'model.uri = "model.skops"\ndata.target = "churned"\ndata.test.source = "test.parquet"\n'


def test_all_problems_are_told_at_once(problems, write):
    found = problems(
        """
        nme = "x"
        [model]
        threshold = 2
        [data]
        targt = "y"
        [data.test]
        filter = "a"
        [performance.metrics]
        roc_auc = { at_least = 2, at_most = 1 }
        [performance.loss_to_baseline]
        accuracy = { at_most = 0.1 }
        [robustness]
        [[waive]]
        check = "x"
        until = 2030-01-01
        """
    )
    assert set(found) == {
        "nme",
        "model.uri",
        "model.threshold",
        "data.targt",
        "data.target",
        "data.test.source",
        "performance.metrics.roc_auc",
        "performance.loss_to_baseline",
        "robustness",
        "waive[0].owner",
        "waive[0].reason",
    }
    assert all(problem.remedy for problem in found.values())


@pytest.mark.parametrize("section", LATER)
def test_a_section_of_a_later_version_is_never_silently_ignored(problems, three_lines, section):
    found = problems(f"{three_lines}\n[{section}.metrics]\nx = {{ at_most = 1 }}")
    assert list(found) == [section]
    assert found[section].message == f"section [{section}] is not available in this version of pytest-mlquality"


@pytest.mark.parametrize(
    ("field", "value"),
    [("check", None), ("check", '" "'), ("owner", None), ("reason", None), ("until", None), ("until", '" "')],
)
def test_a_waiver_says_what_who_why_and_until_when(problems, three_lines, field, value):
    fields = {"check": '"a"', "owner": '"ana"', "reason": '"late labels"', "until": "2030-01-31"}
    lines = [f"{name} = {text}" for name, text in {**fields, field: value}.items() if text is not None]
    found = problems("\n".join([three_lines, "[[waive]]", *lines]))
    assert list(found) == [f"waive[0].{field}"]


@pytest.mark.parametrize("until", ["2030", '"soon"', "2030-01-31T12:00:00", "12:00:00"])
def test_a_waiver_ends_on_a_date(problems, three_lines, until):
    waiver = f'{three_lines}\n[[waive]]\ncheck = "a"\nowner = "b"\nreason = "c"\nuntil = {until}'
    found = problems(waiver)["waive[0].until"]
    assert found.message == f"expected a date such as 2030-12-31, found {until}"


def test_performance_needs_a_model(problems):
    found = problems('[data.test]\nsource = "a.csv"\n[performance]')
    assert found["performance"].message == "there is no [model] to measure"


def test_a_model_needs_a_target(problems, three_lines):
    found = problems(three_lines.replace('target = "churned"', ""))
    assert list(found) == ["data.target"]


def test_a_file_without_any_split_has_nothing_to_judge(problems):
    found = problems('[model]\nuri = "m.skops"\n[data]\ntarget = "y"')
    assert list(found) == ["data"]
    assert found["data"].message == "no split is declared"


@pytest.mark.parametrize("baseline", ['model.baseline = "m"', 'stage.predeploy.baseline = "m"'])
def test_a_comparison_takes_the_baseline_of_model_or_stage(read, three_lines, baseline):
    settings = read(f"{baseline}\nperformance.loss_to_baseline.r2.at_most = 0.1\n{as_dotted(three_lines)}")
    assert list(settings.performance.loss_to_baseline) == ["r2"]


def test_a_comparison_that_is_switched_off_needs_no_baseline(read, three_lines):
    assert read(f"{three_lines}\n[performance.loss_to_baseline]\nr2 = false").performance.loss_to_baseline == {}


def test_the_default_concern_names_the_split_it_would_need(problems):
    found = problems('[model]\nuri = "m"\n[data]\ntarget = "y"\n[data.production]\nsource = "a.csv"')
    assert found["performance.on"].message == 'the split "test" is not declared; declared: production'


def test_a_file_that_is_not_there_is_named(tmp_path, write, three_lines):
    write(three_lines, "churn.mlquality.toml")
    with pytest.raises(
        SettingsError, match=r"there is no such file \(did you mean 'churn.mlquality.toml'\?\)"
    ) as caught:
        read_settings(tmp_path / "chrun.mlquality.toml")
    assert caught.value.problems[0].file == tmp_path / "chrun.mlquality.toml"


def test_a_folder_is_not_a_file(tmp_path):
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        read_settings(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[model]\nuri = model.skops", "is not TOML: Invalid value (at line 2, column 7)"),
        ("[model\nuri = 1", "(at line 1, column 7)"),
        ("[model]\n[model]", "is not TOML: Cannot declare ('model',) twice (at line 2, column 7)"),
        (b'name = "x"\n# caf\xe9', "is not UTF-8 text: byte 0xe9 in line 2"),
        ("x = " + "[" * 5000 + "]" * 5000, "is nested too deeply"),
        ("x = " + "1" * 5000, "is not TOML"),
    ],
    ids=["value", "header", "twice", "latin-1", "deep", "long number"],
)
def test_a_file_that_is_not_toml_is_shown_by_line_and_column(problems, text, message):
    found = problems(text)
    assert list(found) == [""]
    assert message in found[""].message


def test_numbers_and_tables_beyond_all_measure_are_problems(problems, three_lines):
    assert "64 bits" in problems(f"model.positive = 0x{'f' * 5000}\n{as_dotted(three_lines)}")["model.positive"].message
    deep = ".".join(["x"] * 900)
    assert "nested too deeply" in problems(f"{deep} = 1\n{as_dotted(three_lines)}")["x"].message


def test_a_problem_is_one_line_with_its_remedy_below(problems, three_lines, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    found = problems(f"{three_lines}\n[report]\nsample = true", "services/mlquality.toml")
    assert str(found["report.sample"]) == (
        "services/mlquality.toml: report.sample: unknown key (did you mean 'samples'?)\n    known in [report]: samples"
    )


def test_the_error_is_of_the_family_and_travels_between_processes(write, three_lines):
    with pytest.raises(MLQualityError) as caught:
        read_settings(write(three_lines + "[skew]"))
    copy = pickle.loads(pickle.dumps(caught.value))
    assert isinstance(copy, SettingsError)
    assert copy.problems == caught.value.problems
    assert str(copy) == str(caught.value)


@pytest.mark.parametrize("task", ["multilabel", "ranking"])
def test_the_limit_of_groups_that_is_proposed_is_accepted(problems, read, three_lines, task):
    text = three_lines.replace("[model]", f"[model]\ntask = '{task}'") + "[fairness]\nby = ['a']\n"
    if task == "multilabel":
        text = text.replace('target = "churned"', 'target = ["news", "sport"]')
    proposed = problems(text)["fairness.metrics"].remedy.removeprefix("add, for example: ").partition(";")[0]
    name = proposed.partition(" = ")[0].strip('"')
    assert list(read(f"{text}[fairness.metrics]\n{proposed}").fairness.metrics) == [name]


def test_a_limit_that_init_left_open_is_named(tmp_path):
    path = tmp_path / "mlquality.toml"
    path.write_text("[performance.metrics]\n# f1 = { at_least = ... }\nr2 = { at_least = ... }  # 0.39 on test\n")
    with pytest.raises(SettingsError) as caught:
        read_settings(path)
    assert caught.value.problems[0].remedy.startswith("line 3 waits for a limit")
