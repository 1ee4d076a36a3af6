import json
import subprocess
import sys
import tomllib
from itertools import groupby

import jsonschema
import pytest

from pytest_mlquality.settings import describe_settings, json_schema
from pytest_mlquality.settings.schema import SCHEMA_FILE, schema_text
from pytest_mlquality.settings.toml_text import value_text


def test_the_shipped_schema_is_the_generated_one():
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), "run: python -m pytest_mlquality.settings"


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize(
    ("line", "valid"),
    [
        ("", True),
        ("model.threshold = 0.4", True),
        ("performance.metrics.roc_auc = { at_least = 0.8 }", True),
        ("performance.metrics.roc_auc = false", True),
        ("by_hand.M2 = 'https://example.org'", True),
        ("model.positive = 'yes'", True),
        ("performance.metrics.roc_acu = { at_least = 0.8 }", False),
        ("performance.metrics.roc_auc = { at_lest = 0.8 }", False),
        ("performance.metrics.roc_auc = true", False),
        ("performance.metrics.'fbeta[0.5]' = { at_least = 0.8 }", True),
        ("performance.slices.gap.'recall_at_fpr[0.01]' = { at_most = 0.8 }", True),
        ("performance.metrics.'python:my_metrics:profit' = { at_least = 0 }", True),
        ("performance.metrics.'python:my_metrics' = { at_least = 0 }", False),
        ("performance.metrics.'fbeta[0.5]' = { at_lest = 0.8 }", False),
        ("performance.metrics.'fbeta[0]' = { at_least = 0.8 }", False),
        ("performance.metrics.'recall_at_fpr[1.5]' = { at_least = 0.8 }", False),
        ("model.threshold = 1", False),
        ("model.task = 'binry'", False),
        ("data.train = {}", False),
        ("stage.cii.model = 'm'", False),
        ("by_hand.M9 = 'https://example.org'", False),
        ("robustness.by = ['sex']", False),
        ("explanation = { expected = ['a'], metrics = { expected_rank = { at_most = 3 } } }", True),
        ("explanation.metrics.largest_share = false", True),
        ("explanation.by = ['sex']", False),
        ("fairness.by = ['sex', ['sex', 'age']]", True),
        ("fairness.min_rows = 20", False),
        ("fairness = { by = ['a'], metrics = { roc_auc_difference = { at_most = 0.1 } } }", True),
        ("fairness = { by = ['a'], metrics = { selection_rate_group_min = { at_least = 0.1 } } }", True),
        ("fairness = { by = ['a'], metrics = { r2_ratio = { at_least = 0.1 } } }", False),
        ("fairness = { by = ['a'], metrics = { 'fbeta[2]_difference' = { at_most = 0.1 } } }", True),
        ("fairness = { by = ['a'], metrics = { 'python:mine:f' = { at_most = 0.1 } } }", True),
        ("fairness = { by = ['a'], conditional = { demographic_parity_difference = { at_most = 0.1 } } }", True),
    ],
)
def test_an_editor_judges_as_the_reader_does(line, valid):
    text = f'{line}\nmodel.uri = "m"\ndata.target = "y"\ndata.test.source = "a.parquet"'
    assert jsonschema.Draft202012Validator(json_schema()).is_valid(tomllib.loads(text)) is valid


def test_every_key_is_described_in_a_sentence():
    described = describe_settings()
    assert len({setting.key for setting in described}) == len(described)
    for setting in described:
        assert setting.meaning.endswith("."), setting
        assert setting.meaning.count(". ") == 0, setting
        tomllib.loads(setting.example_toml_line)
        if setting.default not in {"", "required"}:
            tomllib.loads(f"x = {setting.default}")


@pytest.mark.parametrize(
    ("key", "default", "example"),
    [
        ("model.uri", "required", 'uri = "models:/churn@challenger"'),
        ("model.threshold", "", "threshold = 0.5"),
        ("verdict.false_fail", "0.001", "false_fail = 0.001"),
        ("data.<split>.source", "required", 'source = "data/test.parquet"'),
        ("stage.<stage>.inconclusive", "", 'inconclusive = "warn"'),
        (
            "performance.metrics",
            "{ gain_over_trivial = { at_least = 0 } }",
            "metrics = { roc_auc = { at_least = 0.88 } }",
        ),
        ("waive", "", "[[waive]]"),
        ("waive.owner", "required", 'owner = "ana@example.org"'),
    ],
)
def test_a_key_is_listed_with_default_and_example(key, default, example):
    (setting,) = [setting for setting in describe_settings() if setting.key == key]
    assert (setting.default, setting.example_toml_line) == (default, example)


def test_the_examples_together_are_a_valid_file(read, write):
    """All examples below their headers, as a user would copy them."""
    write("", "base.mlquality.toml")
    described = describe_settings()
    top = [setting for setting in described if "." not in setting.key and "[" not in setting.example_toml_line[:1]]
    rest = [setting for setting in described if setting not in top]
    # The keys of a split stand below the header of the first; the other splits have a source of their own.
    # A column of lists is the target of another task than that of the other examples; blocks of time go without a unit.
    alone = ("data.labels", "data.block")
    lines = [setting.example_toml_line for setting in [*top, *rest] if setting.key not in alone]
    text = "\n".join(lines)
    for split in ("test", "production", "raw"):
        text = text.replace(f"[data.{split}]", f'[data.{split}]\nsource = "a.parquet"')
    settings = read(text, "services/mlquality.toml")
    assert settings.name == "churn"
    assert list(settings.data.splits) == ["train", "test", "production", "raw"]
    assert settings.stage["predeploy"].inconclusive == "warn"


def test_what_is_listed_is_what_the_reader_resolves(read, three_lines):
    full = read(f"{three_lines}\n[registry]\nuri = 'a'\n[schema]\n[performance]\n[stage.ci]\nmodel = 'a'").resolved()
    listed = {key: [s.key for s in group] for key, group in groupby(describe_settings(), lambda s: s.key.split(".")[0])}
    assert set(full) == set(listed) - {"extends"}
    for section in ("model", "verdict", "performance", "schema", "checks", "report", "registry"):
        assert {f"{section}.{key}" for key in full[section]} == {key for key in listed[section] if key.count(".") == 1}


@pytest.mark.parametrize(
    "value",
    ["a", 'quo"te', "tab\t", "\x7f", "\x00", "\\", "日本", 1, 1.5, 1e-5, 3.0, True, ["a", 1], {"a": {"b c": "x"}}, {}],
)
def test_values_are_written_as_toml_reads_them(value):
    assert tomllib.loads(f"x = {value_text(value)}") == {"x": value}


def test_reading_settings_loads_no_heavy_library(write, three_lines):
    file = write(three_lines + "[performance.metrics]\nroc_auc = { at_least = 0.8 }")
    code = """
import json, sys
from pytest_mlquality.settings import read_settings
read_settings(sys.argv[1])
print(json.dumps(sorted({"numpy", "pandas", "scipy", "sklearn", "ibis", "mlflow"} & sys.modules.keys())))
"""
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
