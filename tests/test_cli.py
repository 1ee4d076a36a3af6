"""The command mlquality."""

import pytest

from pytest_mlquality.cli import main


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["list", "checks"], "performance::test_a_metric_meets_its_limit"),
        (["list", "metrics", "brier"], "neg_brier_score"),
        (["list", "metrics", "forbidden_share"], "[explanation.metrics] forbidden_share = { at_most = ... }"),
        (["list", "metrics", "share_change"], "[explanation.drift] share_change = { at_most = ... }"),
        (["list", "settings", "false_fail"], "verdict.false_fail"),
        (["list", "marks"], "@pytest.mark.ml_skew"),
        (["list", "baseline"], "performance.loss_to_baseline"),
    ],
)
def test_list_describes_what_there_is(capsys, arguments, shown):
    assert main(arguments) == 0
    assert shown in capsys.readouterr().out


def test_every_entry_has_a_meaning_and_checks_name_challenge_and_stages():
    from pytest_mlquality.catalogue import entries

    for entry in entries(("checks", "metrics", "settings", "marks")):
        assert entry.meaning.strip(), entry.name
    for entry in entries(("checks",)):
        assert entry.facts["stages"]
        assert entry.facts["challenge"]


def test_every_measure_of_explanations_is_among_the_metrics_with_a_line_that_its_section_takes():
    from pytest_mlquality.catalogue import entries
    from pytest_mlquality.settings.explanation_section import DEFAULTS, drift_measures, explanation_measures

    found = {entry.name: entry for entry in entries(("metrics",)) if "[explanation." in entry.facts["TOML"]}

    assert found.keys() == {*explanation_measures(), *drift_measures()}
    for name, limit in DEFAULTS:
        edge = "at_least" if limit.at_least is not None else "at_most"
        assert found[name].facts["TOML"] == f"[explanation.metrics] {name} = {{ {edge} = ... }}"
        assert found[name].facts["default"] == f"{{ {edge} = {getattr(limit, edge):g} }}"
    assert found["fidelity"].facts["methods"] == "lime"
    assert found["expected_rank"].facts["needs"] == "[explanation] expected"


def test_nothing_found_and_wrong_words_say_so(capsys):
    assert main(["list", "settings", "zebra"]) == 1
    assert "nothing contains 'zebra'" in capsys.readouterr().err
    assert main(["list", "chekcs", "x"]) == 1
    assert "is not one of checks" in capsys.readouterr().err


def test_report_draws_the_reports_anew(project, capsys):
    project.run()
    directory = project.path / "ml-quality-report"
    (directory / "report.html").unlink()
    assert main(["report", str(directory)]) == 0
    assert (directory / "report.html").is_file()
    assert "report.html" in capsys.readouterr().out


def test_report_without_evidence_says_what_to_run(tmp_path, capsys):
    assert main(["report", str(tmp_path)]) == 1
    assert "pytest --ml-quality" in capsys.readouterr().err


def test_rows_shows_the_rows_that_break_each_rule(tmp_path, capsys):
    import pandas as pd

    path = tmp_path / "test.parquet"
    pd.DataFrame(
        {
            "id": [7, 8, 9],
            "rule": ["age: in_range(0, 99)", "age: in_range(0, 99)", "sex: not null"],
            "column": ["age", "age", "sex"],
            "value": ["300", "-1", None],
        }
    ).to_parquet(path)
    assert main(["rows", str(path), "--most", "1"]) == 0
    shown = capsys.readouterr().out
    assert shown.index("age: in_range(0, 99): 2 rows") < shown.index("sex: not null: 1 rows")
    assert "300" in shown
    assert "-1" not in shown
    assert main(["rows", str(path), "--rule", "SEX"]) == 0
    assert "age" not in capsys.readouterr().out


@pytest.mark.parametrize("file", ["none.parquet", "other.parquet"])
def test_a_file_that_holds_no_failing_rows_is_refused(tmp_path, capsys, file):
    import pandas as pd

    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "other.parquet")
    assert main(["rows", str(tmp_path / file)]) == 1
    assert "remedy" in capsys.readouterr().err


def test_a_fault_of_ours_is_one_line_and_its_traceback_is_there_for_the_asking(capsys, monkeypatch):
    from pytest_mlquality import settings

    monkeypatch.setattr(settings, "CONCERNS", None)
    assert main(["list", "checks"]) == 1
    said = capsys.readouterr().err
    assert "TypeError ('NoneType' object is not iterable) in pytest_mlquality/catalogue.py:" in said
    assert "report it with this line; --traceback shows" in said
    assert "Traceback" not in said
    with pytest.raises(TypeError):
        main(["list", "checks", "--traceback"])


@pytest.mark.parametrize(
    "arguments", [["init", "--data", "train=x.parquet"], ["profile"], ["explain", "--key", "1"], ["report"]]
)
def test_a_command_in_a_folder_that_is_gone_says_so(tmp_path, monkeypatch, capsys, arguments):
    monkeypatch.chdir(tmp_path)
    tmp_path.rmdir()
    assert main(arguments) == 1
    said = capsys.readouterr().err
    assert "fault of pytest-mlquality" not in said
    assert "remedy:" in said


def test_what_needs_no_folder_works_in_one_that_is_gone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tmp_path.rmdir()
    assert main(["list", "marks"]) == 0
