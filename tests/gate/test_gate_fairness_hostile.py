"""Groups that cannot be compared, through the gate: what is wrong is told with its remedy, and no row is shown."""

import pandas as pd
import pytest
from groups_of_people import ALIKE, LOOSE, ONLY, add, judged, read


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


def test_many_small_groups_are_not_judged_and_leave_the_check_undecided(people):
    people.settings(f'[fairness]\nby = ["{hostile(people, "many labels")}"]\n{LOOSE}')
    people.run()
    outcome, measured = judged(people, f"{ALIKE}[sex-demographic_parity_ratio]")
    assert outcome == "inconclusive"
    assert measured["judged_share"]["verdict"] == "inconclusive"
    assert measured["demographic_parity_ratio[sex]"]["reason"] == "fewer than two groups are large enough to compare"


def test_a_group_without_a_class_is_told_and_not_judged(people):
    hostile(people, "nobody positive")
    people.settings(f'[fairness]\nby = ["sex"]\n{LOOSE}')
    people.run()
    _, measured = judged(people, f"{ALIKE}[sex-equalized_odds_difference]")
    assert measured["equalized_odds_difference[sex = f]"]["reason"].startswith(
        "true_positive_rate: no row is truly positive"
    )
    assert measured["judged_share"]["verdict"] == "inconclusive"


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
