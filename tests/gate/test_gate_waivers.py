"""Waivers are honest."""

from datetime import date, timedelta

import pytest

TOO_HIGH = {"roc_auc = { at_least = 0.7 }": "roc_auc = { at_least = 0.99 }"}
LATER = date.today() + timedelta(days=30)
AUC = "performance::test_a_metric_meets_its_limit[roc_auc]"


def waiver(check, *, owner="ana", reason="model 2 is on its way", until=LATER):
    return f"[[waive]]\ncheck = {check!r}\nowner = {owner!r}\nreason = {reason!r}\nuntil = {until}\n"


@pytest.mark.parametrize("pattern", [AUC, "performance::*[roc_auc]", "*roc_auc]"])
def test_a_waived_fail_is_shown_as_waived(project, pattern):
    project.settings(waiver(pattern), replace=TOO_HIGH)
    result = project.run()
    assert result.ret == 0
    result.stdout.fnmatch_lines(["waived*roc_auc*model 2 is on its way (ana, until *", "*1 waived*"])
    subject = project.subject()
    assert subject["verdict"] == "pass"
    check = next(check for check in subject["checks"] if check["id"] == AUC)
    assert check["outcome"] == "waived"
    assert check["waiver"]["covers"] == "failed"
    assert check["measurements"][0]["verdict"] == "fail"


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"until": date.today() - timedelta(days=1)}, "expired on"),
        ({"reason": " "}, "gives no reason"),
    ],
)
def test_a_bad_waiver_fails_the_check_it_names_and_nothing_else(project, settings, why):
    project.settings(waiver(AUC, **settings), replace=TOO_HIGH)
    result = project.run()
    result.assert_outcomes(failed=1, passed=2)
    assert why in result.stdout.str()


def test_a_waiver_that_covers_nothing_today_is_told_and_fails_nothing(project):
    project.settings(waiver(AUC))
    result = project.run()
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines([f"passed *the waiver '{AUC.replace('[', '[[]')}', until {LATER}, covers nothing*"])
    assert project.evidence()["verdict"] == "pass"
    page = (project.path / "ml-quality-report" / "report.html").read_text()
    assert "covers nothing: the check passes without it" in page


@pytest.mark.parametrize("options", [(), ("-n", "2"), ("-p", "no:randomly", "-v")])
def test_a_pattern_that_no_check_needs_is_told_once(project, options):
    project.settings(waiver("performance::*"))
    result = project.run(*options, subprocess="-n" in options)
    result.assert_outcomes(passed=3)
    assert result.stdout.str().count("'performance::*', until") == 1
    assert project.evidence()["verdict"] == "pass"


@pytest.mark.parametrize("options", [("-k", "roc_auc"), ("-k", "accuracy")])
def test_a_pattern_is_not_called_idle_before_all_that_it_names_have_run(project, options):
    project.settings(waiver("performance::*"), replace=TOO_HIGH)
    assert project.run(*options).ret == 0
    assert project.evidence()["verdict"] == "incomplete"


def test_a_waiver_is_good_through_its_last_day(project):
    project.settings(waiver(AUC, until=date.today()), replace=TOO_HIGH)
    assert project.run().ret == 0


def test_a_waiver_that_matches_nothing_names_the_nearest_check(project):
    project.settings(waiver("performance::test_a_metric_meets_its_limit[roc_auk]"))
    result = project.run()
    assert result.ret == 2
    assert f"names no check (did you mean '{AUC}'?)" in result.stdout.str()


def test_an_error_cannot_be_waived(project):
    (project.path / "model.skops").unlink()
    project.settings(waiver(AUC))
    project.run("-k", "roc_auc")
    assert project.outcomes()[AUC] == "error"
