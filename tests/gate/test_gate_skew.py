"""Skew through the gate: rows alike pass, each fault fails at the right column, what cannot be compared is said."""

import numpy as np
import pandas as pd
import pytest

from pytest_mlquality.cli import main

JSD = "jensen_shannon_distance"
COLUMNS = "skew::test_columns_look_as_in_the_reference"
SKEW = "[skew]\n"


def moved(project, change, split="test"):
    """Change a split's rows."""
    rows = pd.read_parquet(project.path / f"{split}.parquet")
    changed = change(rows, np.random.default_rng(7))
    changed.to_parquet(project.path / f"{split}.parquet")
    return project


@pytest.fixture
def labelled(project):
    """A project whose splits have a column of labels beside the model's columns."""
    for split, seed in (("train", 1), ("test", 2)):
        draw = np.random.default_rng(seed)
        moved(project, lambda rows, _: rows.assign(job=draw.choice(["cook", "smith", "clerk"], len(rows))), split)  # noqa: B023
    return project


def check(project, name):
    [found] = [one for one in project.subject()["checks"] if one["id"] == name]
    return found


def verdicts(project, measure, pair="train-test"):
    measured = check(project, f"{COLUMNS}[{measure}-{pair}]")["measurements"]
    return {one["name"].partition("[")[2].rstrip("]"): one["verdict"] for one in measured}


def test_rows_alike_pass_and_every_column_is_judged(project):
    project.settings(SKEW)
    assert project.run().ret == 0
    outcomes = {name: outcome for name, outcome in project.outcomes().items() if name.startswith("skew")}
    assert outcomes == {
        "skew::test_columns_can_be_compared[train-test]": "passed",
        f"{COLUMNS}[{JSD}-train-test]": "passed",
        **{
            f"{COLUMNS}[{measure}-train-test]": "passed"
            for measure in ("missing_ratio", "unseen_share", "minority_ratio", "atom_ratio")
        },
        "skew::test_rows_as_a_whole_look_as_in_the_reference[train-test]": "passed",
    }
    assert verdicts(project, JSD) == {"income": "pass", "age": "pass", "region": "pass", "paid": "pass"}
    [income, *_] = check(project, f"{COLUMNS}[{JSD}-train-test]")["measurements"]
    assert income["details"]["kind"] == "histogram_pair"
    assert [sum(side) for side in income["details"]["counts"]] == [2000, 2000]


FAULTS = {
    "mean": ("income", JSD, lambda rows, _: rows.assign(income=rows["income"] + 0.5)),
    "scale": ("income", JSD, lambda rows, _: rows.assign(income=rows["income"] * 1.7)),
    "unit": (
        "age", JSD, lambda rows, draw: rows.assign(age=rows["age"] * np.where(draw.random(len(rows)) < 0.05, 100, 1)),
    ),
    "constant": ("region", JSD, lambda rows, _: rows.assign(region=1)),
    "missing": (
        "income", "missing_ratio",
        lambda rows, draw: rows.assign(income=rows["income"].mask(draw.random(len(rows)) < 0.1)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_fails_at_its_column_and_nowhere_else(project, fault):
    column, measure, change = FAULTS[fault]
    moved(project, change).settings(SKEW)
    result = project.run()
    found = verdicts(project, measure)
    assert {name for name, verdict in found.items() if verdict == "fail"} == {column}
    result.stdout.fnmatch_lines([f"failed *[[]{measure}-train-test[]]: {measure}[[]{column}[]] *limit at most*"])


def test_a_column_that_has_moved_says_how_much_the_model_relies_on_it(project):
    def change(rows, _):
        # Shuffled here income would change nothing: it is the reference that tells whether it matters.
        return rows.assign(income=rows["income"] / 1000, region=1)

    moved(project, change).settings(SKEW)
    project.run()
    measured = check(project, f"{COLUMNS}[{JSD}-train-test]")["measurements"]
    reasons = {one["name"]: one["reason"] for one in measured}
    assert reasons[f"{JSD}[income]"].startswith("matters to the model: shuffled in train, roc_auc is worse by 0.")
    assert reasons[f"{JSD}[region]"].startswith("is not seen to matter to the model: ")
    assert reasons[f"{JSD}[age]"] == ""


def test_labels_that_are_new_or_gone_are_named_unless_the_model_sees_none_of_them(labelled):
    def change(rows, draw):
        return rows.assign(job=np.where(draw.random(len(rows)) < 0.06, "pilot", rows["job"].replace("clerk", "cook")))

    moved(labelled, change).settings(
        SKEW + "[skew.metrics]\nunseen_share = { at_most = 0.01 }\nvanished_labels = { at_most = 0 }\n",
        replace={'uri = "model.skops"': 'uri = "model.skops"\nfeatures = ["income", "age", "region"]'},
    )
    labelled.run()
    # The model does not see the column.
    assert "job" not in verdicts(labelled, JSD)
    labelled.settings(
        SKEW + "[skew.metrics]\nunseen_share = { at_most = 0.01 }\nvanished_labels = { at_most = 0 }\n",
        replace={'[model]\nuri = "model.skops"\n': "", "[performance.metrics]\nroc_auc = { at_least = 0.7 }\n": "",
                 "accuracy = { at_least = 0.6 }\n": ""},
    )  # fmt: skip
    labelled.run()
    [unseen] = [
        one for one in check(labelled, f"{COLUMNS}[unseen_share-train-test]")["measurements"] if "job" in one["name"]
    ]
    assert unseen["verdict"] == "fail"
    assert unseen["reason"].startswith("pilot (")
    [vanished] = check(labelled, f"{COLUMNS}[vanished_labels-train-test]")["measurements"]
    assert (vanished["name"], vanished["value"], vanished["reason"]) == (
        "vanished_labels[job]",
        1,
        "clerk; new: pilot (111 rows)",
    )


def test_a_column_with_a_limit_of_its_own_is_held_to_that_alone(project):
    moved(project, FAULTS["mean"][2]).settings(
        SKEW + f"metrics.joint_drift = false\n[skew.columns.income]\n{JSD} = {{ at_most = 0.5 }}\n"
    )
    assert project.run().ret == 0
    assert "income" not in verdicts(project, JSD)
    own = check(project, f"skew::test_a_column_keeps_to_a_limit_of_its_own[income-{JSD}-train-test]")
    assert own["outcome"] == "passed"


def test_at_night_production_is_compared_and_nothing_else(project):
    rows = pd.read_parquet(project.path / "test.parquet")
    rows.drop(columns="paid").assign(income=rows["income"] + 0.5).to_parquet(project.path / "production.parquet")
    project.settings('[data.production]\nsource = "production.parquet"\n' + SKEW)
    project.run()
    by_day = {name for name in project.outcomes() if name.startswith("skew")}
    project.run("--ml-stage", "nightly")
    by_night = {name for name in project.outcomes() if name.startswith("skew")}
    assert by_night == {name.replace("train-test", "train-production") for name in by_day}
    assert verdicts(project, JSD, "train-production") == {"income": "fail", "age": "pass", "region": "pass"}


def test_what_cannot_be_compared_is_told_by_column_and_the_others_are_judged(project):
    def change(rows, _):
        return rows.assign(age=rows["age"].astype(str), region=pd.Series([None] * len(rows), dtype="float64"))

    moved(project, change).settings(
        SKEW, replace={"[performance.metrics]\nroc_auc = { at_least = 0.7 }\naccuracy = { at_least = 0.6 }\n": ""}
    )
    project.run()
    compared = check(project, "skew::test_columns_can_be_compared[train-test]")
    assert compared["outcome"] == "failed"
    [counted] = compared["measurements"]
    assert counted["value"] == 2
    assert "age: " in counted["reason"]
    assert "region: no value in test" in counted["reason"]
    assert verdicts(project, JSD)["income"] == "pass"


def test_a_stored_profile_stands_for_rows_that_are_gone(project, monkeypatch, capsys):
    project.settings(SKEW)
    monkeypatch.chdir(project.path)
    assert main(["profile", "--output", "train.profile.json"]) == 0
    assert "train.profile.json: 2,000 rows, 4 columns" in capsys.readouterr().out
    moved(project, FAULTS["mean"][2])
    project.run()
    before = check(project, f"{COLUMNS}[{JSD}-train-test]")["measurements"]
    for one in before:
        # Without the rows of train, columns are shuffled in those of test.
        assert one.pop("reason").startswith("matters to the model: shuffled in train") == (one["verdict"] == "fail")
    (project.path / "train.parquet").unlink()
    project.settings(
        SKEW + '[skew.profiles]\ntrain = "train.profile.json"\n',
        replace={'[data.train]\nsource = "train.parquet"\n': ""},
    )
    project.run()
    after = check(project, f"{COLUMNS}[{JSD}-train-test]")["measurements"]
    for one in after:
        assert one.pop("reason").startswith("matters to the model: shuffled in test") == (one["verdict"] == "fail")
    assert after == before


def test_a_profile_that_is_none_is_an_error_with_the_command_that_writes_it(project):
    project.settings(SKEW + '[skew.profiles]\ntrain = "gone.json"\n')
    project.run().stdout.fnmatch_lines(
        [
            "skew.profiles.train: gone.json cannot be read*",
            "*remedy: write it: mlquality profile mlquality.toml --split*",
        ]
    )


def test_answers_that_have_moved_fail_without_labels(project):
    rows = pd.read_parquet(project.path / "test.parquet").drop(columns="paid")
    rows.assign(income=rows["income"] + 2).to_parquet(project.path / "production.parquet")
    limits = f"[skew.predictions]\n{JSD} = {{ at_most = 0.08 }}\n"
    project.settings('[data.production]\nsource = "production.parquet"\n' + SKEW + limits)
    project.run()
    assert check(project, f"skew::test_answers_look_as_in_the_reference[{JSD}-train-test]")["outcome"] == "passed"
    project.run("--ml-stage", "nightly")
    measured = check(project, f"skew::test_answers_look_as_in_the_reference[{JSD}-train-production]")["measurements"]
    assert {one["name"]: one["verdict"] for one in measured} == {
        f"{JSD}[prediction]": "fail",
        f"{JSD}[probability of 1]": "fail",
    }


def logged_again(rows, draw):
    """Return some customers, each logged 40 times, a little otherwise every time."""
    some = rows.iloc[draw.choice(len(rows), len(rows) // 40, replace=False)]
    log = some.loc[some.index.repeat(40)]
    return log.assign(income=log["income"] + 0.01 * draw.normal(size=len(log)), row=np.arange(len(log)))


@pytest.mark.parametrize(("key", "fails"), [("row", True), ("id", False)])
def test_rows_of_a_key_that_repeats_are_not_taken_for_independent(project, key, fails):
    for split, seed in (("train", 3), ("test", 4)):
        moved(project, lambda rows, _: logged_again(rows, np.random.default_rng(seed)), split)  # noqa: B023
    limits = f"[skew.predictions]\n{JSD} = {{ at_most = 0.08 }}\n"
    project.settings(SKEW + limits, replace={'key = "id"': f'key = "{key}"\nignore = ["id", "row"]'})
    project.run()
    answers = check(project, f"skew::test_answers_look_as_in_the_reference[{JSD}-train-test]")["measurements"]
    for judged in ({*verdicts(project, JSD).values()}, {one["verdict"] for one in answers}):
        assert ("fail" in judged) == fails


def test_a_broken_relation_of_columns_fails_although_each_column_is_as_before(project):
    for split, seed in (("train", 1), ("test", 2)):
        draw = np.random.default_rng(seed)
        moved(project, lambda rows, _: rows.assign(wage=rows["income"] + 0.3 * draw.normal(size=len(rows))), split)  # noqa: B023
    moved(project, lambda rows, draw: rows.assign(wage=draw.permutation(rows["wage"].to_numpy())))
    project.settings(
        SKEW,
        replace={
            '[model]\nuri = "model.skops"\n': "",
            "[performance.metrics]\nroc_auc = { at_least = 0.7 }\naccuracy = { at_least = 0.6 }\n": "",
        },
    )
    project.run()
    assert set(verdicts(project, JSD).values()) == {"pass"}
    joint = check(project, "skew::test_rows_as_a_whole_look_as_in_the_reference[train-test]")
    assert joint["outcome"] == "failed"
    assert {name.partition(" ")[0] for name in joint["measurements"][0]["reason"].split(", ")} == {"income", "wage"}


def test_values_that_differ_between_the_logs_of_one_key_are_named_by_column(project):
    rows = pd.read_parquet(project.path / "train.parquet").drop(columns="paid")
    served = rows.assign(age=rows["age"].where(rows.index % 10 > 0, rows["age"] + 1)).tail(1_500)
    served.to_parquet(project.path / "production.parquet")
    project.settings(
        '[data.production]\nsource = "production.parquet"\n[skew]\n[skew.keys.metrics]\n'
        "unmatched_keys = { at_most = 0.3 }\n"
    )
    project.run("--ml-stage", "nightly")
    differing = check(project, "skew::test_values_of_a_key_agree[differing_values]")
    assert {one["name"]: (one["value"], one["verdict"]) for one in differing["measurements"]} == {
        "differing_values[income]": (0.0, "pass"),
        "differing_values[age]": (0.1, "fail"),
        "differing_values[region]": (0.0, "pass"),
    }
    assert check(project, "skew::test_values_of_a_key_agree[unmatched_keys]")["measurements"][0]["value"] == 0.25


def test_far_fewer_rows_than_the_reference_fail(project):
    moved(project, lambda rows, _: rows.head(500)).settings(SKEW + "[skew.metrics]\nrow_ratio = { at_least = 0.5 }\n")
    project.run()
    assert check(project, "skew::test_there_are_about_as_many_rows[train-test]")["outcome"] == "failed"


def test_a_check_of_ones_own_is_one_line(project):
    project.settings(SKEW)
    project.write(
        "test_own.py", f'def test_income_stays(ml_skew):\n    assert ml_skew.column("income", "{JSD}") <= 0.1\n'
    )
    project.run("test_own.py").assert_outcomes(passed=1)


MERCHANTS = "[skew.metrics]\nunseen_share = { at_most = 0.01 }\njoint_drift = false\n"


@pytest.fixture
def merchants(project):
    """A data gate whose splits have one of a thousand merchants a row, two rows each on average."""
    for split, seed in (("train", 1), ("test", 2)):
        draw = np.random.default_rng(seed)
        moved(project, lambda rows, _: rows[["id"]].assign(shop=draw.integers(0, 1_000, len(rows)).astype(str)), split)  # noqa: B023
    gate = 'name = "shops"\n[data]\nkey = "id"\n[data.train]\nsource = "train.parquet"\n[data.test]\n'
    project.write("mlquality.toml", f'{gate}source = "test.parquet"\n{SKEW}{MERCHANTS}')
    return project


def test_many_texts_are_compared_one_by_one_and_their_lengths_prove_nothing(merchants):
    merchants.run()
    [lengths] = check(merchants, f"{COLUMNS}[{JSD}-train-test]")["measurements"]
    assert lengths["verdict"] == "inconclusive"
    assert "only their lengths are compared, and unseen_share looks for new texts" in lengths["reason"]
    [new] = check(merchants, f"{COLUMNS}[unseen_share-train-test]")["measurements"]
    assert new["verdict"] in ("pass", "inconclusive")
    assert abs(new["value"]) < 0.03
    assert "have a text that the reference lacks, where 13" in new["reason"]


def test_texts_that_are_all_replaced_by_others_of_the_same_length_fail(merchants):
    moved(merchants, lambda rows, _: rows.assign(shop="x" + rows["shop"].str[1:].str.zfill(2)))
    merchants.run()
    [new] = check(merchants, f"{COLUMNS}[unseen_share-train-test]")["measurements"]
    assert (new["verdict"], round(new["value"], 2)) == ("fail", 0.87)
    assert new["reason"].startswith("2,000 of 2,000 rows have a text")


def test_texts_cannot_be_compared_with_a_stored_profile_and_that_is_said(merchants, monkeypatch):
    monkeypatch.chdir(merchants.path)
    assert main(["profile", "--output", "train.json"]) == 0
    text = (merchants.path / "mlquality.toml").read_text().replace('[data.train]\nsource = "train.parquet"\n', "")
    merchants.write("mlquality.toml", text + '[skew.profiles]\ntrain = "train.json"\n')
    merchants.run()
    found = check(merchants, f"{COLUMNS}[unseen_share-train-test]")
    assert found["outcome"] == "inconclusive"
    assert found["measurements"][0]["reason"].startswith("a profile keeps the lengths of texts alone")


def by_day(project):
    """Give the rows of both splits a day, of which there are a hundred."""
    for split, start in (("train", "2024-01-01"), ("test", "2025-01-01")):
        day = pd.date_range(start, periods=100).repeat(20)
        moved(project, lambda rows, _: rows.assign(day=day), split)  # noqa: B023
    return project


def test_blocks_of_time_are_the_units_of_every_bound(project):
    by_day(project).settings(SKEW, replace={'key = "id"': 'key = "id"\ntime = "day"\nblock = "2 weeks"'})
    project.run()
    [accuracy] = check(project, "performance::test_a_metric_meets_its_limit[accuracy]")["measurements"]
    assert ", 8 units" in accuracy["method"] or ", 9 units" in accuracy["method"]
    names = verdicts(project, JSD)
    assert "mlq_time_block" not in names
    assert set(names) - {""} == {"income", "age", "region", "paid"}
    assert "fail" not in names.values()
    assert "inconclusive" in names.values()


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('block = "2 weeks"', "there is no column of time"),
        ('time = "day"\nblock = "2 weeks"\nunit = "region"', "makes units of its own, and unit names others"),
        ('time = "day"\nblock = "often"', "block"),
    ],
)
def test_blocks_that_cannot_be_meant_are_refused(project, lines, said):
    project.settings(SKEW, replace={'key = "id"': f'key = "id"\n{lines}'})
    assert said in project.run().stdout.str()
