"""Fairness through the gate: which claims there are, what fails and why."""

import numpy as np
import pytest
from groups_of_people import ALIKE, LOOSE, ONLY, add, judged, read


def test_a_claim_is_a_way_to_make_groups_and_a_limit(people):
    people.settings(f'[fairness]\nby = ["sex", "city", ["sex", "city"]]\nmin_rows = 20\n{LOOSE}')
    people.run()
    outcomes = people.outcomes()
    for by in ("sex", "city", "sex+city"):
        for metric in ("demographic_parity_ratio", "equalized_odds_difference"):
            assert f"{ALIKE}[{by}-{metric}]" in outcomes
    assert outcomes[f"{ALIKE}[sex-demographic_parity_ratio]"] == "passed"


def test_a_header_alone_holds_groups_to_the_documented_limits(people):
    people.settings('[fairness]\nby = ["sex"]\n')
    people.run("--ml-stage", "predeploy")
    _, measured = judged(people, f"{ALIKE}[sex-demographic_parity_ratio]")
    assert measured["demographic_parity_ratio[sex]"]["at_least"] == 0.8
    _, measured = judged(people, f"{ALIKE}[sex-equalized_odds_difference]")
    assert measured["equalized_odds_difference[sex]"]["at_most"] == 0.1
    where = measured["equalized_odds_difference[sex]"]["limit_from"]
    assert where == "fairness.metrics.equalized_odds_difference in mlquality.toml"


def test_one_way_to_make_groups_may_have_limits_of_its_own(people):
    people.settings(
        f'[fairness]\nby = ["sex", ["sex", "city"]]\nmin_rows = 20\n{LOOSE}[fairness.only."sex+city"]\n'
        "demographic_parity_ratio = { at_least = 0.3 }\n"
    )
    people.run()
    _, both = judged(people, f"{ALIKE}[sex+city-demographic_parity_ratio]")
    _, one = judged(people, f"{ALIKE}[sex-demographic_parity_ratio]")
    assert both["demographic_parity_ratio[sex+city]"]["at_least"] == 0.3
    assert both["demographic_parity_ratio[sex+city]"]["limit_from"].startswith("fairness.only.sex+city.")
    assert one["demographic_parity_ratio[sex]"]["at_least"] == 0.6


def test_a_threshold_for_each_group_fails_and_the_two_groups_are_named(unfair):
    unfair.settings(
        f'[fairness]\nby = ["sex", "city"]\nmin_rows = 20\n{LOOSE}', replace={"model.skops": "python:scorer:unfair"}
    )
    result = unfair.run()
    outcomes = unfair.outcomes()
    for metric in ("demographic_parity_ratio", "equalized_odds_difference"):
        assert outcomes[f"{ALIKE}[sex-{metric}]"] == "failed"
        assert outcomes[f"{ALIKE}[city-{metric}]"] == "passed"
    result.stdout.fnmatch_lines(["*selection_rate: sex = f 0.1* of *, sex = m 0.*"])
    _, measured = judged(unfair, f"{ALIKE}[sex-demographic_parity_ratio]")
    found = measured["demographic_parity_ratio[sex]"]
    test = read(unfair)
    rate = {one: np.mean(test["income"][test["sex"] == one] >= asked) for one, asked in (("f", 0.9), ("m", 0.0))}
    assert found["value"] == pytest.approx(rate["f"] / rate["m"])
    assert [group["n"] for group in found["details"]["groups"]] == test["sex"].value_counts().sort_index().tolist()


def test_a_group_that_is_too_small_stands_in_the_evidence_and_counts_as_not_judged(people):
    people.settings(f'[fairness]\nby = ["city"]\n{LOOSE}')
    people.run()
    outcome, measured = judged(people, f"{ALIKE}[city-demographic_parity_ratio]")
    assert outcome == "passed"
    small = measured["demographic_parity_ratio[city = z]"]
    assert (small["value"], small["verdict"]) == (None, None)
    assert small["reason"].endswith("fewer than min_rows = 100")
    assert measured["judged_share"]["value"] == pytest.approx(1 - small["n"] / 2000)
    people.settings(f'[fairness]\nby = ["city"]\njudged_share = 0.99\n{LOOSE}')
    people.run()
    assert people.outcomes()[f"{ALIKE}[city-demographic_parity_ratio]"] == "inconclusive"


def test_missing_values_are_a_group(people):
    add(people, sex=read(people)["sex"].where(np.arange(2000) % 4 > 0))
    people.settings(f'[fairness]\nby = ["sex"]\n{LOOSE}')
    people.run()
    _, measured = judged(people, f"{ALIKE}[sex-demographic_parity_ratio]")
    groups = measured["demographic_parity_ratio[sex]"]["details"]["groups"]
    assert [group["name"] for group in groups] == ["sex = f", "sex = m", "sex is missing"]


def test_numbers_make_groups_by_bins_and_else_by_quartiles(people):
    people.settings(
        f'[fairness]\nby = ["age", "income"]\nbins = {{ age = [30, 60] }}\n{ONLY}accuracy = {{ at_least = 0.5 }}\n'
    )
    people.run()
    _, measured = judged(people, f"{ALIKE}[age-accuracy]")
    assert list(measured) == ["accuracy[age < 30]", "accuracy[30 <= age < 60]", "accuracy[age >= 60]"]
    _, measured = judged(people, f"{ALIKE}[income-accuracy]")
    assert len(measured) == 4


def test_sensitive_columns_may_stand_in_a_table_of_their_own(people):
    test = read(people)
    private = test[["id", "sex"]].rename(columns={"id": "person"}).sample(frac=1, random_state=1)
    private[10:].to_csv(people.path / "private.csv", index=False)
    people.settings(f'[fairness]\nby = ["sex"]\n{LOOSE}')
    people.run()
    _, before = judged(people, f"{ALIKE}[sex-equalized_odds_difference]")
    test.drop(columns="sex").to_parquet(people.path / "test.parquet")
    people.settings(
        f'[fairness]\nby = ["sex", ["sex", "city"]]\nmin_rows = 20\n{LOOSE}'
        '[fairness.table]\nsource = "private.csv"\nkey = "person"\n'
    )
    people.run()
    _, after = judged(people, f"{ALIKE}[sex-equalized_odds_difference]")
    assert after["equalized_odds_difference[sex is missing]"]["n"] == 10
    name = "equalized_odds_difference[sex]"
    assert after[name]["value"] == pytest.approx(before[name]["value"], abs=0.02)
    _, both = judged(people, f"{ALIKE}[sex+city-equalized_odds_difference]")
    assert both["equalized_odds_difference[sex+city]"]["details"]["groups"][0]["name"] == "sex = f, city = x"


def test_groups_are_compared_within_a_control_column(project):
    draw = np.random.default_rng(3)
    income = read(project)["income"]
    job = np.where(income > 0, "high", "low")
    sex = np.where(draw.random(2000) < np.where(income > 0, 0.8, 0.2), "m", "f")
    add(project, job=job, sex=sex)
    project.settings(
        '[fairness]\nby = ["sex"]\ncontrol = ["job"]\nmin_rows = 50\n'
        f"{ONLY}demographic_parity_difference = {{ at_most = 0.2 }}\n"
        "[fairness.conditional]\ndemographic_parity_difference = { at_most = 0.25 }\n"
    )
    project.run()
    assert project.outcomes()[f"{ALIKE}[sex-demographic_parity_difference]"] == "failed"
    within = "fairness::test_groups_that_are_otherwise_alike_are_treated_alike[sex-demographic_parity_difference]"
    outcome, measured = judged(project, within)
    assert outcome in ("passed", "inconclusive")
    assert "within job = " in measured["demographic_parity_difference[sex]"]["reason"]


def test_no_group_pays_for_the_new_model(unfair):
    unfair.settings(
        f'[fairness]\nby = ["sex"]\n{ONLY}[fairness.loss_to_baseline]\naccuracy = {{ at_most = 0.1 }}\n',
        replace={'"model.skops"': '"python:scorer:against"\nbaseline = "python:scorer:fair"'},
    )
    unfair.run("--ml-stage", "predeploy")
    name = "fairness::test_no_group_is_worse_off_than_under_the_baseline[sex-accuracy]"
    outcome, measured = judged(unfair, name)
    assert outcome == "failed"
    assert {one: m["verdict"] for one, m in measured.items()} == {
        "loss_to_baseline[accuracy, sex = f]": "fail", "loss_to_baseline[accuracy, sex = m]": "pass",
    }  # fmt: skip


def test_a_model_that_looks_at_the_group_decides_otherwise_when_it_is_flipped(unfair):
    limits = f'[fairness]\nby = ["sex"]\n{ONLY}[fairness.reliance]\nchanged_decisions = {{ at_most = 0.05 }}\n'
    name = "fairness::test_the_group_itself_decides_nothing[sex-changed_decisions]"
    unfair.settings(limits, replace={"model.skops": "python:scorer:fair"})
    unfair.run()
    outcome, measured = judged(unfair, name)
    assert outcome == "passed"
    assert measured["changed_decisions[sex]"]["value"] == 0
    unfair.settings(limits, replace={"model.skops": "python:scorer:unfair"})
    unfair.run()
    outcome, measured = judged(unfair, name)
    assert outcome == "failed"
    income = read(unfair)["income"]
    # Whoever lies between the two thresholds is decided by sex alone.
    assert measured["changed_decisions[sex]"]["value"] == pytest.approx(((income >= 0) & (income < 0.9)).mean())
    groups = {group["name"]: group["value"] for group in measured["changed_decisions[sex]"]["details"]["groups"]}
    assert sum(groups.values()) == pytest.approx(measured["changed_decisions[sex]"]["value"])


def test_flipping_what_the_model_does_not_see_is_an_error(people):
    people.settings(f'[fairness]\nby = ["sex"]\n{ONLY}[fairness.reliance]\nchanged_decisions = {{ at_most = 0.05 }}\n')
    result = people.run()
    assert people.outcomes()["fairness::test_the_group_itself_decides_nothing[sex-changed_decisions]"] == "error"
    result.stdout.fnmatch_lines(["*the model does not see 'sex'*", "*remedy: drop changed_decisions*"])


def test_a_feature_that_stands_in_for_the_group_is_named(people):
    limits = f'[fairness]\nby = ["sex"]\n{ONLY}[fairness.reliance]\nproxy_roc_auc = {{ at_most = 0.65 }}\n'
    name = "fairness::test_the_group_itself_decides_nothing[sex-proxy_roc_auc]"
    people.settings(limits)
    people.run()
    assert people.outcomes()[name] == "passed"
    add(people, region=np.where(read(people)["sex"] == "f", 0, 3))
    people.run()
    outcome, measured = judged(people, name)
    assert outcome == "failed"
    assert measured["proxy_roc_auc[sex = f]"]["value"] > 0.99
    assert measured["proxy_roc_auc[sex = f]"]["reason"].startswith("region")


def test_a_metric_of_ones_own_is_judged_for_every_group(people):
    people.write("mine.py", "def agreed(y_true, y_pred):\n    return float((y_true == y_pred).mean())\n")
    people.settings(f'[fairness]\nby = ["sex"]\n{ONLY}"python:mine:agreed" = {{ at_least = 0.5 }}\n')
    people.run()
    _, measured = judged(people, f"{ALIKE}[sex-python:mine:agreed]")
    assert list(measured) == ["python:mine:agreed[sex = f]", "python:mine:agreed[sex = m]"]


def test_a_test_of_ones_own_needs_no_section(people):
    people.settings('[checks]\nown = ["test_own.py"]\n')
    people.write(
        "test_own.py",
        "def test_a(ml_fairness):\n"
        '    assert ml_fairness.difference("selection_rate", by="sex") <= 0.3\n'
        '    assert ml_fairness.ratio("demographic_parity", by=["sex", "region"]) >= 0.3\n'
        '    assert ml_fairness.group_min("accuracy", by="sex") >= 0.6\n'
        '    assert ml_fairness.group_max("false_positive_rate", by="sex") <= 0.6\n'
        '    assert ml_fairness.by_group("roc_auc", by="sex") >= 0.6\n',
    )
    result = people.run()
    assert people.outcomes()["test_own.py::test_a"] == "passed", result.stdout.str()


def test_groups_that_are_too_small_are_told_and_those_of_a_few_rows_never_named(unfair):
    sex, city = (read(unfair)[name].to_numpy() for name in ("sex", "city"))
    job = np.where(np.arange(2000) % 2 == 0, "clerk", "cook").astype(object)
    job[np.flatnonzero(sex == "f")[:30]] = "pilot"
    job[np.flatnonzero(sex == "m")[0]] = "pilot"
    add(unfair, sex=sex, city=city, job=job)
    unfair.settings(
        f'[fairness]\nby = ["sex", ["sex", "city"]]\ncontrol = ["job"]\nmin_rows = 50\n{ONLY}'
        "[fairness.conditional]\nselection_rate_difference = { at_most = 0.9 }\n"
        "[fairness.reliance]\nchanged_decisions = { at_most = 0.9 }\n",
        replace={"model.skops": "python:scorer:unfair"},
    )
    result = unfair.run()
    written = "".join(file.read_text() for file in (unfair.path / "ml-quality-report").iterdir() if file.is_file())
    told = written + result.stdout.str()
    assert "sex = f within job = pilot" in told
    assert "sex = m within job = pilot" not in told
    _, measured = judged(unfair, "fairness::test_the_group_itself_decides_nothing[sex+city-changed_decisions]")
    found = measured["changed_decisions[sex+city]"]
    assert "2 of 6 groups (" in found["reason"]
    small = {one["name"]: one["reason"] for one in found["details"]["groups"] if one["value"] is None}
    assert set(small) == {"sex = f, city = z", "sex = m, city = z"}
    assert all("fewer than min_rows = 50" in reason for reason in small.values())
