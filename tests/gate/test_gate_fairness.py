"""Fairness through the gate: which claims there are, what fails and why, and what bad input is told."""

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LinearRegression, LogisticRegression

ALIKE = "fairness::test_groups_are_treated_alike"
LOOSE = (
    "[fairness.metrics]\ndemographic_parity_ratio = { at_least = 0.6 }\n"
    "equalized_odds_difference = { at_most = 0.25 }\n"
)
# Nothing else asks for a limit.
ONLY = "[fairness.metrics]\ndemographic_parity_ratio = false\nequalized_odds_difference = false\n"
# Asks women for more.
SCORER = """\
import numpy as np
import pytest_mlquality


@pytest_mlquality.model(features=["income", "age", "sex"], classes=[0, 1])
def unfair(frame):
    asked = np.where(frame["sex"] == "f", 0.9, 0.0)
    return 1 / (1 + np.exp(-4 * (frame["income"] - asked)))


@pytest_mlquality.model(features=["income", "age", "sex"], classes=[0, 1])
def fair(frame):
    return 1 / (1 + np.exp(-4 * frame["income"]))


@pytest_mlquality.model(features=["income", "age", "sex"], classes=[0, 1])
def against(frame):
    return fair(frame) * np.where(frame["sex"] == "f", 0.0, 1.0)


@pytest_mlquality.model(features=["income", "age", "sex"], classes=[0, 1])
def boundless(frame):
    return 3 * frame["income"]
"""


def read(project, file="test.parquet"):
    return pd.read_parquet(project.path / file)


def add(project, **columns):
    """Write columns into the test split."""
    read(project).assign(**columns).to_parquet(project.path / "test.parquet")


def judged(project, name):
    [check] = [check for check in project.subject()["checks"] if check["id"] == name]
    return check["outcome"], {m["name"]: m for m in check["measurements"]}


@pytest.fixture
def people(project):
    """A project whose model knows nothing of two groups of 2,000 people, nor of their city."""
    draw = np.random.default_rng(11)
    add(project, sex=draw.choice(["f", "m"], 2000), city=draw.choice(["x", "y", "z"], 2000, p=[0.5, 0.46, 0.04]))
    return project


@pytest.fixture
def unfair(people):
    """The same with a model that asks women for more: a threshold per group."""
    people.write("scorer.py", SCORER)
    return people


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
    assert people.outcomes()[f"{ALIKE}[city-demographic_parity_ratio]"] == "failed"


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


def test_a_number_is_judged_by_errors_and_predictions(project):
    train = read(project, "train.parquet")
    skops.io.dump(LinearRegression().fit(train[["age"]], train["income"]), project.path / "model.skops")
    add(project, group=np.where(read(project)["income"] > 0, "rich", "poor"))
    limits = "mean_prediction_difference = { at_most = 0.5 }\nmean_error_difference = { at_most = 0.5 }\n"
    project.settings(
        f'[fairness]\nby = ["group"]\n{ONLY}{limits}',
        replace={'target = "paid"': 'target = "income"', "roc_auc = { at_least = 0.7 }": "", "accuracy": "#"},
    )
    project.run()
    assert project.outcomes()[f"{ALIKE}[group-mean_prediction_difference]"] == "passed"
    assert project.outcomes()[f"{ALIKE}[group-mean_error_difference]"] == "failed"


@pytest.fixture
def numbers(people):
    """A project whose model predicts a number, as well for women as for men: how much is paid, by income and age."""
    draw = np.random.default_rng(12)
    for file in ("train.parquet", "test.parquet"):
        frame = read(people, file)
        amount = 2 * frame["income"] + frame["age"] / 20 + draw.normal(size=len(frame))
        frame.assign(amount=amount).to_parquet(people.path / file)
    train = read(people, "train.parquet")
    skops.io.dump(LinearRegression().fit(train[["income", "age"]], train["amount"]), people.path / "model.skops")
    return people


def as_numbers(task='task = "regression"\n'):
    return {
        'uri = "model.skops"': f'{task}uri = "model.skops"',
        'target = "paid"': 'target = "amount"\nignore = ["paid"]',
        "roc_auc = { at_least = 0.7 }": "",
        "accuracy = { at_least = 0.6 }": "",
    }


def test_a_header_alone_holds_the_errors_of_a_regression_to_four_fifths(numbers):
    numbers.settings('[fairness]\nby = ["sex", "city"]\n', replace=as_numbers())
    numbers.run()
    outcomes = {name: outcome for name, outcome in numbers.outcomes().items() if name.startswith(ALIKE)}
    assert outcomes == {f"{ALIKE}[{by}-mean_absolute_error_ratio]": "passed" for by in ("sex", "city")}
    test = read(numbers)
    add(numbers, amount=test["amount"] + np.where(test["sex"] == "f", 2 * np.sin(9 * test["id"]), 0))
    result = numbers.run()
    outcome, measured = judged(numbers, f"{ALIKE}[sex-mean_absolute_error_ratio]")
    assert outcome == "failed"
    assert measured["mean_absolute_error_ratio[sex]"]["at_least"] == 0.8
    assert numbers.outcomes()[f"{ALIKE}[city-mean_absolute_error_ratio]"] == "passed"
    result.stdout.fnmatch_lines(["*mean_absolute_error: sex = m 0.783 of 990, sex = f 1.442 of 1,010"])


def test_the_default_limits_asked_of_a_model_of_another_task_name_the_key_that_chooses_others(numbers):
    numbers.settings('[fairness]\nby = ["sex"]\n', replace=as_numbers(task=""))
    result = numbers.run()
    assert numbers.outcomes()[f"{ALIKE}[sex-demographic_parity_ratio]"] == "error"
    result.stdout.fnmatch_lines(
        [
            "*mlquality.toml: *fairness* selection_rate is for binary and multiclass models*task is regression*",
            '*remedy: add [[]model[]] task = "regression", then the default limit is mean_absolute_error_ratio*',
        ]
    )


GRADES = ("low", "mid", "top")


def graded(draw, rows=6_000):
    """Applicants with a grade that follows from what they earn, whoever they are."""
    frame = pd.DataFrame(
        {"id": np.arange(rows), "income": draw.normal(size=rows), "woman": draw.integers(0, 2, size=rows)}
    )
    frame["sex"] = np.where(frame["woman"], "f", "m")
    frame["grade"] = np.digitize(frame["income"] + draw.normal(scale=0.4, size=rows), [-0.5, 0.5])
    return frame.assign(grade=np.array(GRADES)[frame["grade"]])


@pytest.fixture
def grades(project):
    """A project whose model gives one of three grades, and a function that trains it on given labels."""
    draw = np.random.default_rng(21)
    train = graded(draw)
    train.to_parquet(project.path / "train.parquet")
    graded(draw).assign(id=lambda frame: frame["id"] + 10**6).to_parquet(project.path / "test.parquet")

    def fit(labels, features):
        model = LogisticRegression(max_iter=1000).fit(train[features], labels)
        skops.io.dump(model, project.path / "model.skops")

    project.train, project.fit = train, fit
    return project


def as_grades(task='task = "multiclass"\n', uri="model.skops"):
    return {
        'uri = "model.skops"': f'{task}uri = "{uri}"',
        'target = "paid"': 'target = "grade"\nignore = ["sex"]',
        "roc_auc = { at_least = 0.7 }": "",
        "accuracy = { at_least = 0.6 }": "",
    }


@pytest.mark.parametrize("task", ["", 'task = "multiclass"\n'])
def test_a_fair_model_of_several_classes_passes_the_default_limits(grades, task):
    grades.fit(grades.train["grade"], ["income", "woman"])
    grades.settings('[fairness]\nby = ["sex"]\n', replace=as_grades(task))
    grades.run("--ml-stage", "predeploy")
    for metric in ("demographic_parity_ratio", "equalized_odds_difference"):
        outcome, measured = judged(grades, f"{ALIKE}[sex-{metric}]")
        assert outcome == "passed"
        assert any(f"_rate of class {grade}: sex" in measured[f"{metric}[sex]"]["reason"] for grade in GRADES)


def test_a_group_that_is_treated_worse_in_one_class_fails_and_class_and_groups_are_named(grades):
    # Whoever labelled the rows gave women of the best grade the one below, mostly.
    denied = (grades.train["sex"] == "f") & (grades.train["grade"] == "top") & (grades.train["id"] % 10 < 8)
    grades.fit(grades.train["grade"].mask(denied, "mid"), ["income", "woman"])
    grades.settings('[fairness]\nby = ["sex"]\n', replace=as_grades())
    result = grades.run()
    for metric, rate in (("demographic_parity_ratio", "selection"), ("equalized_odds_difference", "true_positive")):
        outcome, measured = judged(grades, f"{ALIKE}[sex-{metric}]")
        assert outcome == "failed"
        found = measured[f"{metric}[sex]"]
        assert found["reason"].startswith(f"{rate}_rate of class top: sex = f 0.")
        assert ", sex = m 0." in found["reason"]
        assert [group["name"] for group in found["details"]["groups"]] == ["sex = f", "sex = m"]
    result.stdout.fnmatch_lines(["*true_positive_rate of class top: sex = f 0.* of *, sex = m 0.* of *"])


def test_a_group_without_one_of_several_classes_is_told_and_not_judged(grades):
    grades.fit(grades.train["grade"], ["income"])
    test = read(grades)
    add(grades, grade=test["grade"].mask((test["sex"] == "f") & (test["grade"] == "top"), "mid"))
    grades.settings(
        '[fairness]\nby = ["sex"]\n[fairness.metrics]\ndemographic_parity_ratio = false\n', replace=as_grades()
    )
    grades.run()
    _, measured = judged(grades, f"{ALIKE}[sex-equalized_odds_difference]")
    assert measured["equalized_odds_difference[sex = f]"]["reason"] == (
        "true_positive_rate of class top: no row is of this class"
    )
    assert measured["judged_share"]["verdict"] == "fail"


def test_a_class_that_no_group_has_is_not_compared(grades):
    grades.fit(grades.train["grade"], ["income"])
    add(grades, grade=read(grades)["grade"].replace("top", "mid"))
    grades.settings(
        '[fairness]\nby = ["sex"]\n[fairness.metrics]\ndemographic_parity_ratio = false\n', replace=as_grades()
    )
    grades.run()
    outcome, measured = judged(grades, f"{ALIKE}[sex-equalized_odds_difference]")
    assert outcome == "passed"
    # Nothing stands beside it: every group was judged.
    assert list(measured) == ["equalized_odds_difference[sex]"]


def test_scores_of_several_classes_that_are_no_probabilities_are_an_error(grades):
    grades.write(
        "margins.py",
        "import numpy as np\nimport pytest_mlquality\n\n\n"
        f"@pytest_mlquality.model(features=['income'], classes={list(GRADES)})\n"
        "def margins(frame):\n"
        "    return np.column_stack([-frame['income'], 0 * frame['income'], frame['income']])\n",
    )
    grades.settings('[fairness]\nby = ["sex"]\n', replace=as_grades(uri="python:margins:margins"))
    result = grades.run()
    assert grades.outcomes()[f"{ALIKE}[sex-demographic_parity_ratio]"] == "error"
    result.stdout.fnmatch_lines(["*margins:margins*outside*0 to 1*", "*remedy: *"])


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


def hostile(project, name):
    """Change the test split, or the settings of [fairness]; return what is put into the file."""
    test = read(project)
    columns = {
        "constant": {"sex": "f"},
        "identifier": {"sex": test["id"].astype(str)},
        "many labels": {"sex": (test["id"] % 180).astype(str)},
        "nobody positive": {"paid": test["paid"].where(test["sex"] == "m", 0)},
    }
    if name in columns:
        add(project, **columns[name])
    return {"absent": "sx"}.get(name, "sex")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("absent", "*mlquality.toml: *fairness* there is no column 'sx'*did you mean 'sex'*"),
        ("constant", "*mlquality.toml: *fairness* by: in data.test 'sex' has one value in all rows (sex = f)*"),
        ("identifier", "*fairness* by: in data.test no value of 'sex' has enough rows to be a group*"),
    ],
)
def test_a_column_that_makes_no_groups_is_an_error_that_names_it(people, name, said):
    people.settings(f'[fairness]\nby = ["{hostile(people, name)}"]\n{LOOSE}')
    result = people.run()
    assert people.outcomes()[f"{ALIKE}[{'sx' if name == 'absent' else 'sex'}-demographic_parity_ratio]"] == "error"
    result.stdout.fnmatch_lines([said, "*remedy: *"])


def test_many_small_groups_are_not_judged_and_fail_the_judged_share(people):
    people.settings(f'[fairness]\nby = ["{hostile(people, "many labels")}"]\n{LOOSE}')
    people.run()
    outcome, measured = judged(people, f"{ALIKE}[sex-demographic_parity_ratio]")
    assert outcome == "failed"
    assert measured["judged_share"]["verdict"] == "fail"
    assert measured["demographic_parity_ratio[sex]"]["reason"] == "fewer than two groups are large enough to compare"


def test_a_group_without_a_class_is_told_and_not_judged(people):
    hostile(people, "nobody positive")
    people.settings(f'[fairness]\nby = ["sex"]\n{LOOSE}')
    people.run()
    _, measured = judged(people, f"{ALIKE}[sex-equalized_odds_difference]")
    assert measured["equalized_odds_difference[sex = f]"]["reason"].startswith(
        "true_positive_rate: no row is truly positive"
    )
    assert measured["judged_share"]["verdict"] == "fail"


def test_scores_that_are_no_probabilities_are_an_error(unfair):
    unfair.settings(f'[fairness]\nby = ["sex"]\n{LOOSE}', replace={"model.skops": "python:scorer:boundless"})
    result = unfair.run()
    assert unfair.outcomes()[f"{ALIKE}[sex-demographic_parity_ratio]"] == "error"
    result.stdout.fnmatch_lines(["*scorer:boundless': answers for * of 2000 rows are outside 0 to 1*", "*remedy: *"])


def test_what_does_not_suit_the_model_is_an_error_that_says_how_to_drop_it(people):
    people.settings(f'[fairness]\nby = ["sex"]\n{ONLY}mean_error_difference = {{ at_most = 1 }}\n')
    result = people.run()
    assert people.outcomes()[f"{ALIKE}[sex-mean_error_difference]"] == "error"
    result.stdout.fnmatch_lines(["*mlquality.toml: *fairness* mean_error is for regression models*", "*name = false*"])


@pytest.mark.parametrize(
    ("source", "key", "said"),
    [
        ("missing.csv", "person", "*fairness.table*missing.csv*"),
        ("private.csv", "persn", "*[[]fairness.table[]]: there is no column 'persn' (did you mean 'person'?)*"),
        ("twice.csv", "person", "*fairness.table* source: 10 rows repeat a value of 'person'*"),
        ("others.csv", "person", "*fairness.table* source: no 'person' is the 'id' of a row of data.test*"),
    ],
)
def test_a_table_that_does_not_belong_to_the_rows_is_an_error(people, source, key, said):
    private = read(people)[["id", "sex"]].rename(columns={"id": "person"})
    private.to_csv(people.path / "private.csv", index=False)
    pd.concat([private, private[:10]]).to_csv(people.path / "twice.csv", index=False)
    private.assign(person=private["person"] + 10**7).to_csv(people.path / "others.csv", index=False)
    read(people).drop(columns="sex").to_parquet(people.path / "test.parquet")
    people.settings(f'[fairness]\nby = ["sex"]\n{LOOSE}[fairness.table]\nsource = "{source}"\nkey = "{key}"\n')
    result = people.run()
    assert people.outcomes()[f"{ALIKE}[sex-demographic_parity_ratio]"] == "error"
    result.stdout.fnmatch_lines([said, "*remedy: *"])


def test_no_row_shows_in_the_evidence(people):
    names = [f"secret-{place}" for place in range(3)]
    sex = read(people)["sex"].to_numpy(dtype=object)
    sex[:3] = names
    add(people, sex=sex)
    people.settings(f'[fairness]\nby = ["sex"]\n{LOOSE}')
    result = people.run()
    text = (people.path / "ml-quality-report" / "evidence.json").read_text() + result.stdout.str()
    assert "others, each in fewer than 10 rows" in text
    assert "secret-" not in text
