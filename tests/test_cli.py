"""The command mlquality."""

import pytest

from pytest_mlquality.cli import main


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["list", "checks"], "performance::test_a_metric_meets_its_limit"),
        (["list", "metrics", "brier"], "neg_brier_score"),
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
