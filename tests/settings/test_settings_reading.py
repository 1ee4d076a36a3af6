from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from pytest_mlquality import Limit
from pytest_mlquality.settings import CONCERNS, read_settings

EVERY_SECTION = """
name = "acs-employment"
[model]
uri = "models:/acs-employment@challenger"
baseline = "models:/acs-employment@champion"
task = "binary"
positive = 1
threshold = 0.4
trusted_types = ["my.Type"]
sha256 = ""
[registry]
uri = "sqlite:///mlflow.db"
[verdict]
false_fail = 1e-6
false_pass = 0.1
[data]
target = "employed"
key = "id"
time = "year"
weight = "PWGTP"
ignore = ["serial"]
[data.train]
source = "data/people_2015.parquet"
filter = "id % 5 <> 0"
[data.production]
source = "people"
engine = "postgres://warehouse/people"
window = "1 day"
population = true
[schema]
on = ["train"]
[performance]
on = "train"
[performance.metrics]
roc_auc = { at_least = 0.88 }
[performance.loss_to_baseline]
roc_auc = { at_most = 0.005 }
accuracy = false
[stage.predeploy]
checks = ["performance"]
model = "models:/acs-employment/7"
baseline = "models:/acs-employment/6"
inconclusive = "warn"
[[waive]]
check = "performance::*[accuracy]"
owner = "ana"
reason = "labels of May arrive late"
until = 2030-01-31
[checks]
own = ["tests/test_rules.py"]
[report]
samples = true
[by_hand]
M2 = "https://example.org/m2"
"""


@pytest.mark.parametrize("concern", CONCERNS)
def test_a_stage_may_check_any_concern_alone(read, three_lines, concern):
    sections = "".join(f"[{name}]\n" for name in CONCERNS if name != "fairness")
    train = "[data.train]\nsource = 'train.parquet'\n"
    stage = f"[fairness]\nby = ['sex']\n[stage.nightly]\nchecks = ['{concern}']"
    settings = read(f"{three_lines}{train}{sections}{stage}")
    assert settings.stage["nightly"].checks == (concern,)


def test_every_section_is_read(read):
    settings = read(EVERY_SECTION)
    assert settings.name == "acs-employment"
    assert settings.model.threshold == 0.4
    assert settings.model.trusted_types == ("my.Type",)
    assert settings.registry.uri == "sqlite:///mlflow.db"
    assert (settings.verdict.false_fail, settings.verdict.false_pass) == (1e-6, 0.1)
    assert (settings.data.time, settings.data.weight, settings.data.ignore) == ("year", "PWGTP", ("serial",))
    assert list(settings.data.splits) == ["train", "production"]
    assert settings.data.splits["production"].population is True
    assert settings.data.splits["production"].window == "1 day"
    assert settings.schema.on == ("train",)
    assert settings.performance.on == "train"
    assert settings.performance.loss_to_baseline == {"roc_auc": Limit(at_most=0.005)}
    assert settings.stage["predeploy"].inconclusive == "warn"
    assert settings.stage.get("nightly") is None
    assert [waiver.until for waiver in settings.waive] == [date(2030, 1, 31)]
    assert settings.checks.own == ("tests/test_rules.py",)
    assert settings.report.samples is True
    assert settings.by_hand == {"M2": "https://example.org/m2"}


def test_three_lines_are_a_gate(read, three_lines, tmp_path):
    settings = read(three_lines)
    assert settings.file == tmp_path / "mlquality.toml"
    assert settings.base == tmp_path
    assert settings.schema.metrics == {
        "mismatched_columns": Limit(at_most=0),
        "missing_targets": Limit(at_most=0),
        "broken_rules": Limit(at_most=0),
    }
    assert settings.performance.metrics == {"gain_over_trivial": Limit(at_least=0)}
    assert settings.performance.on == "test"
    assert settings.model.task is None
    assert (settings.verdict.false_fail, settings.verdict.false_pass) == (1e-3, 0.05)
    assert settings.report.samples is False


def test_a_length_of_time_is_written_with_its_unit(read, three_lines):
    production = "[data.production]\nsource = 'p.parquet'\n"
    metrics = "[schema.metrics]\nstaleness = { at_most = '36 hours' }"
    settings = read(three_lines.replace("[data]", "[data]\ntime = 'at'") + production + metrics)
    assert settings.schema.metrics["staleness"] == Limit(at_most=1.5)


def test_without_a_model_it_is_a_data_gate(read):
    settings = read('[data.test]\nsource = "a.csv"')
    assert settings.model is None
    assert settings.performance is None
    assert settings.schema is not None


def test_a_section_that_stands_there_is_all_that_is_measured(read, three_lines):
    assert read(three_lines + "[schema]").performance is None
    assert read(three_lines + "[performance]").schema is None


def test_false_drops_a_measure_and_default_limits_stay_beside_others(read, three_lines):
    settings = read(
        three_lines
        + """
        [schema.metrics]
        missing_targets = false
        [performance.metrics]
        roc_auc = { at_least = 0.8 }
        accuracy = false
        """
    )
    assert settings.schema.metrics == {"mismatched_columns": Limit(at_most=0), "broken_rules": Limit(at_most=0)}
    assert settings.performance.metrics == {
        "gain_over_trivial": Limit(at_least=0),
        "roc_auc": Limit(at_least=0.8),
    }
    assert read(three_lines + "[performance.metrics]\ngain_over_trivial = false").performance.metrics == {}


ONE_LABEL = {"demographic_parity_ratio": Limit(at_least=0.8), "equalized_odds_difference": Limit(at_most=0.1)}
NUMBERS = {"mean_absolute_error_ratio": Limit(at_least=0.8)}
OWN = "metrics = { r2_difference = { at_most = 0.1 } }"
LOOSER = "metrics = { mean_absolute_error_ratio = { at_least = 0.6 } }"


@pytest.mark.parametrize(
    ("task", "more", "limits"),
    [
        ("", "", ONE_LABEL),
        ("task = 'binary'", "", ONE_LABEL),
        ("task = 'multiclass'", "", ONE_LABEL),
        ("task = 'regression'", "", NUMBERS),
        ("task = '${ML_TEST_TASK}'", "", NUMBERS),
        ("task = 'regression'", OWN, {**NUMBERS, "r2_difference": Limit(at_most=0.1)}),
        ("task = 'regression'", LOOSER, {"mean_absolute_error_ratio": Limit(at_least=0.6)}),
        ("task = 'multilabel'", "only.a = { accuracy_difference = { at_most = 0.1 } }", {}),
    ],
)
def test_the_default_limits_of_groups_go_by_the_task(read, three_lines, monkeypatch, task, more, limits):
    monkeypatch.setenv("ML_TEST_TASK", "regression")
    if "multilabel" in task:
        three_lines = three_lines.replace('target = "churned"', 'target = ["news", "sport"]')
    settings = read(three_lines.replace("[model]", f"[model]\n{task}") + f"[fairness]\nby = ['a']\n{more}")
    assert settings.fairness.metrics == limits
    assert settings.resolved()["fairness"]["metrics"].keys() == limits.keys()


def test_groups_may_be_for_tests_of_ones_own_alone(read, three_lines):
    ranking = three_lines.replace("[model]", "[model]\ntask = 'ranking'")
    settings = read(f"{ranking}[fairness]\nby = ['a']\n[checks]\nown = ['test_own.py']")
    assert settings.fairness.metrics == {}


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("services/credit/mlquality.toml", "credit"),
        ("services/churn.mlquality.toml", "churn"),
        ("services/churn.v2.mlquality.toml", "churn.v2"),
    ],
)
def test_the_name_comes_from_file_or_folder(read, three_lines, file, name):
    assert read(three_lines, file).name == name
    assert read('name = "other"\n' + three_lines, file).name == "other"


def test_the_unit_is_the_key_where_none_is_named(read, three_lines):
    keyed = three_lines.replace("[data]", '[data]\nkey = "id"')
    assert read(keyed).data.unit == "id"
    assert read(keyed.replace("[data]", '[data]\nunit = "household"')).data.unit == "household"
    assert read(three_lines).data.unit is None


@pytest.mark.parametrize("label", ["1", "0", '"yes"', "true", "false"])
def test_a_positive_label_keeps_its_type(read, three_lines, label):
    positive = read(three_lines.replace("[data]", f"positive = {label}\n[data]", 1)).model.positive
    assert repr(positive) == {"true": "True", "false": "False"}.get(label, label.replace('"', "'"))


def test_a_relative_path_is_read_from_the_current_folder(write, three_lines, tmp_path, monkeypatch):
    write(three_lines)
    monkeypatch.chdir(tmp_path)
    assert read_settings(Path("mlquality.toml")).file == tmp_path / "mlquality.toml"
    assert read_settings("mlquality.toml").name == tmp_path.name


def test_a_byte_order_mark_and_windows_line_ends_are_read(read, three_lines):
    assert read(b"\xef\xbb\xbf" + three_lines.replace("\n", "\r\n").encode()).data.target == "churned"


def test_settings_do_not_change(read, three_lines):
    settings = read(three_lines)
    with pytest.raises(AttributeError):
        settings.name = "other"
    with pytest.raises(ValidationError):
        settings.model.uri = "other"
    with pytest.raises(TypeError):
        settings.performance.metrics["roc_auc"] = Limit(at_least=0)
    with pytest.raises(TypeError):
        settings.by_hand["M2"] = "https://example.org"
