"""Published tables of disparities, from the counts that were published with them."""

import numpy as np
import pandas as pd
import pytest

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.fairness import among_groups
from pytest_mlquality.measures.group_cells import Grouping
from pytest_mlquality.measures.slicing import by_columns


def groups_of(frame, column, **settings):
    return Grouping(column, by_columns(frame[[column]], {}), min_rows=10, **settings)


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
