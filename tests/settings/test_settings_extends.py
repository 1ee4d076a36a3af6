import pytest

from pytest_mlquality import Limit
from pytest_mlquality.settings import SettingsError, read_settings

BASE = """
name = "shared"
[verdict]
false_fail = 1e-4
[data]
key = "id"
ignore = ["a", "b"]
[performance.metrics]
roc_auc = { at_least = 0.8, at_most = 0.99 }
accuracy = { at_least = 0.7 }
[by_hand]
M1 = "https://example.org/m1"
"""


def test_tables_grow_and_the_child_wins(read, write, three_lines):
    write(BASE, "base.mlquality.toml")
    settings = read(
        'extends = "../base.mlquality.toml"\n'
        + three_lines.replace("[data]", '[data]\nignore = ["c"]')
        + """
        [verdict]
        false_pass = 0.1
        [performance.metrics]
        roc_auc = { at_least = 0.9 }
        accuracy = false
        [by_hand]
        M2 = "https://example.org/m2"
        """,
        "credit/mlquality.toml",
    )
    assert (settings.verdict.false_fail, settings.verdict.false_pass) == (1e-4, 0.1)
    assert (settings.data.key, settings.data.target) == ("id", "churned")
    assert settings.data.ignore == ("c",)
    assert list(settings.by_hand) == ["M1", "M2"]
    # A limit is one value: half of the base's does not stay behind.
    assert settings.performance.metrics == {"gain_over_trivial": Limit(at_least=0), "roc_auc": Limit(at_least=0.9)}


def test_the_name_is_not_inherited(read, write, three_lines):
    write(BASE, "base.mlquality.toml")
    assert read('extends = "../base.mlquality.toml"\n' + three_lines, "credit/mlquality.toml").name == "credit"


def test_a_chain_is_followed_relative_to_each_file(read, write, three_lines):
    write("[verdict]\nfalse_fail = 1e-4\nfalse_pass = 0.2", "org/limits.toml")
    write('extends = "../org/limits.toml"\n[verdict]\nfalse_pass = 0.1', "team/base.toml")
    settings = read('extends = "../../team/base.toml"\n' + three_lines, "services/credit/mlquality.toml")
    assert (settings.verdict.false_fail, settings.verdict.false_pass) == (1e-4, 0.1)
    assert settings.base == settings.file.parent


def test_a_problem_names_the_file_in_which_its_key_stands(write, tmp_path, three_lines):
    write("[model]\nthreshold = 2\ntask = 'binary'\n[verdict]\nfalse_fial = 1\n[data.train]\nfilter = 'a'", "base.toml")
    file = write('extends = "base.toml"\n' + three_lines.replace("[data]", 'task = "text?"\n[data]'))
    with pytest.raises(SettingsError) as caught:
        read_settings(file)
    where = {problem.key: problem.file.name for problem in caught.value.problems}
    assert where == {
        "model.threshold": "base.toml",
        "model.task": "mlquality.toml",
        "verdict.false_fial": "base.toml",
        "data.train.source": "base.toml",
    }


def test_a_list_that_replaces_another_answers_for_what_it_lacks(write, three_lines):
    write('[[waive]]\ncheck = "a"\nowner = "b"\nreason = "c"\nuntil = 2030-01-01', "base.toml")
    file = write('extends = "base.toml"\n' + three_lines + '[[waive]]\ncheck = "a"\nowner = "b"\nuntil = 2030-01-01')
    with pytest.raises(SettingsError) as caught:
        read_settings(file)
    (problem,) = caught.value.problems
    assert (problem.key, problem.file.name) == ("waive[0].reason", "mlquality.toml")


def test_what_base_and_child_say_together_must_agree(problems, write, three_lines):
    write("[performance.loss_to_baseline]\nr2 = { at_most = 0 }", "base.toml")
    found = problems('extends = "base.toml"\n' + three_lines)
    assert found["performance.loss_to_baseline"].file.name == "base.toml"


def test_a_circle_is_named(problems, write, three_lines):
    write('extends = "team/b.toml"', "a.toml")
    write('extends = "../mlquality.toml"', "team/b.toml")
    found = problems('extends = "a.toml"\n' + three_lines)
    assert list(found) == ["extends"]
    assert found["extends"].file.name == "b.toml"
    assert found["extends"].message == (
        "extends in a circle: mlquality.toml -> a.toml -> team/b.toml -> mlquality.toml"
    )


def test_a_file_that_extends_itself_is_a_circle(problems, three_lines):
    assert (
        "mlquality.toml -> mlquality.toml" in problems('extends = "mlquality.toml"\n' + three_lines)["extends"].message
    )


def test_a_base_that_is_not_there_hides_no_problem_and_invents_none(problems, write):
    write("", "base.toml")
    found = problems('extends = "bsae.toml"\n[model]\nthreshold = 2')
    # What is missing here, such as the model's uri, may stand in the base.
    assert set(found) == {"extends", "model.threshold"}
    assert found["extends"].message == "there is no file \"bsae.toml\" (did you mean 'base.toml'?)"


def test_a_base_that_is_not_toml_is_shown_by_line_and_column(problems, write, three_lines):
    write("[verdict]\nfalse_pass 0.1", "base.toml")
    found = problems('extends = "base.toml"\n' + three_lines)
    assert found[""].file.name == "base.toml"
    assert "at line 2, column 12" in found[""].message


@pytest.mark.parametrize("extends", ["3", '""', '["base.toml"]', r'"a\u0000b"', '"."'])
@pytest.mark.parametrize("in_base", [False, True])
def test_extends_names_a_file(problems, write, three_lines, extends, in_base):
    write(f"extends = {extends}", "base.toml")
    found = problems(f"extends = {extends if not in_base else repr('base.toml')}\n{three_lines}")
    assert list(found) == ["extends"]
    assert found["extends"].file.name == ("base.toml" if in_base else "mlquality.toml")


def test_sharing_limits_changes_no_digest(read, write, three_lines):
    limits = "[performance.metrics]\nroc_auc = { at_least = 0.8 }"
    write(limits, "base.toml")
    shared = read('name = "x"\nextends = "base.toml"\n' + three_lines)
    alone = read('name = "x"\n' + three_lines + limits, "alone.mlquality.toml")
    assert shared.digest() == alone.digest()
