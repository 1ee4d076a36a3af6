"""Limits of one split, in the grammar of [fairness.only]."""

import pandas as pd
import pytest

ROWS = "schema::test_the_rows_are_sound[rows-{}]"
ONLY = """\
[schema.metrics]
rows = { at_least = 500 }
[schema.only.train]
rows = { at_least = 1600 }
"""


def cut(project, split, rows):
    path = project.path / f"{split}.parquet"
    pd.read_parquet(path).head(rows).to_parquet(path)


def limits(project):
    return {
        check["id"]: (measured["at_least"], measured["at_most"], measured["limit_from"])
        for check in project.subject()["checks"]
        for measured in check["measurements"]
    }


def test_a_train_split_cut_to_a_third_fails_though_it_has_more_rows_than_test(project):
    project.settings(ONLY)
    cut(project, "test", 600)
    project.run("-k", "sound")
    assert project.outcomes() == {ROWS.format("train"): "passed", ROWS.format("test"): "passed"}
    cut(project, "train", 700)
    result = project.run("-k", "rows-train")
    assert project.outcomes() == {ROWS.format("train"): "failed"}
    assert limits(project)[ROWS.format("train")] == (1600, None, "schema.only.train.rows in mlquality.toml")
    result.stdout.fnmatch_lines(["*limit: at least 1600 (schema.only.train.rows in mlquality.toml)"])


def test_a_limit_of_one_split_stands_alone_goes_before_the_general_one_or_drops_it(project):
    project.settings(
        "[schema.metrics]\nduplicate_rows = { at_most = 0.2 }\n"
        "[schema.only.train]\nduplicate_rows = { at_most = 0.1 }\nmissing_targets = false\n"
        "[schema.only.test]\nduplicate_rows = false\nconstant_columns = { at_most = 0 }\n"
    )
    project.run("-k", "schema and not answer_away")
    assert {check.partition("::test_")[2] for check in project.outcomes()} == {
        "columns_are_what_the_model_expects[train]",
        "columns_are_what_the_model_expects[test]",
        "every_row_has_a_label[test]",
        "the_rows_are_sound[duplicate_rows-train]",
        "the_rows_are_sound[constant_columns-test]",
    }
    assert limits(project)["schema::test_the_rows_are_sound[duplicate_rows-train]"][1] == 0.1


def test_a_limit_of_one_split_can_be_waived_as_the_check_that_it_is(project):
    project.settings(
        f'{ONLY}[[waive]]\ncheck = "{ROWS.format("train")}"\nowner = "ana"\nreason = "x"\nuntil = 2999-01-01\n'
    )
    cut(project, "train", 700)
    assert project.run("-k", "rows-train").ret == 0
    assert project.outcomes()[ROWS.format("train")] == "waived"


@pytest.mark.parametrize(
    ("only", "said"),
    [
        ("[schema.only.tset]\nrows = { at_least = 1 }", "*schema.only.tset*not declared (did you mean 'test'?)*"),
        ("[schema.only.raw]\nrows = { at_least = 1 }", "*schema.only.raw*not declared*"),
        ("[schema.only.test]\nrow = { at_least = 1 }", "*unknown key (did you mean 'rows'?)*"),
        ("[schema.only.test]\nstaleness = { at_most = 1 }", "*schema.only.test.staleness*never asked of test*"),
        ("[schema.only.test]\nrows = { at_least = '1 day' }", "*schema.only.test.rows.at_least*expected a number*"),
        ("[schema]\non = ['test']\n[schema.only.train]\nrows = { at_least = 1 }", "*not looked at*"),
    ],
)
def test_a_limit_of_one_split_that_nothing_asks_is_refused(project, only, said):
    project.settings(only + "\n")
    project.run().stdout.fnmatch_lines([said])


def test_false_drops_a_limit_of_groups_for_one_entry(project):
    from pytest_mlquality.settings import read_settings

    path = project.settings(
        "[fairness]\nby = ['region', 'age']\n[fairness.only.age]\nequalized_odds_difference = false\n"
    )
    section = read_settings(path).fairness
    assert set(section.limits_of("region")) == {"demographic_parity_ratio", "equalized_odds_difference"}
    assert set(section.limits_of("age")) == {"demographic_parity_ratio"}
    assert read_settings(path).resolved()["fairness"]["only"] == {"age": {"equalized_odds_difference": False}}
