"""What is told of an error in a user's own code: its own words, and none of the data."""

import pandas as pd
import pytest

from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.measurement import Measurement
from pytest_mlquality.own_error import message

ROWS = pd.DataFrame({"wage": [3.5, 700.25], "who": ["Ana", "no"]})


def formatted(frame):
    raise ValueError(f"wage {frame['wage'][1]} of {frame['who'][0]} is no wage")


def by_percent(frame):
    raise RuntimeError("the table has %d rows of %s" % (len(frame), frame["who"][0]))  # noqa: UP031 - as people write


def by_format(frame):
    raise TypeError("nobody is called {}, {name}".format(frame["who"][1], name=frame["who"][0]))


def of_a_column(frame):
    return frame["wages"].mean()


def of_a_library(frame):
    return frame["who"].astype(float).mean()


def only_data(frame):
    raise KeyError(frame["who"][0])


TOLD = {
    formatted: "ValueError in line 14 of test_own_error.py: wage ... of ... is no wage",
    by_percent: "RuntimeError in line 18 of test_own_error.py: the table has ... rows of ...",
    by_format: "TypeError in line 22 of test_own_error.py: nobody is called ...",
    of_a_column: "KeyError in line 26 of test_own_error.py: 'wages'",
}


@pytest.mark.parametrize("function", TOLD, ids=lambda function: function.__name__)
def test_ones_own_words_are_told(function):
    with pytest.raises(MLQualityError) as refused:
        Measurement.estimate(function, ROWS)
    assert refused.value.message == f"the function {function.__name__} raised {TOLD[function]}"


@pytest.mark.parametrize("function", [*TOLD, of_a_library, only_data], ids=lambda function: function.__name__)
def test_no_value_of_a_row_is_told(function):
    with pytest.raises(MLQualityError) as refused:
        Measurement.estimate(function, ROWS)
    for value in ("Ana", "700.25", "3.5"):
        assert value not in str(refused.value)


def test_an_error_without_words_has_none():
    assert message(ValueError()) == ""
