from dataclasses import FrozenInstanceError
from math import inf, nan

import pytest

from pytest_mlquality.limit import Limit


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (Limit(at_least=0.88), "at least 0.88"),
        (Limit(at_most=0.1), "at most 0.1"),
        (Limit(at_least=0.1, at_most=0.2), "between 0.1 and 0.2"),
        (Limit(at_least=1, at_most=1), "exactly 1"),
        (Limit(at_most=0), "at most 0"),
        (Limit(at_least=-1_234_567.5), "at least -1234567.5"),
        (Limit(at_most=1e-5), "at most 1e-05"),
    ],
)
def test_a_limit_describes_itself(limit, words):
    assert limit.describe() == words


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ({}, "at_least, at_most, or both"),
        ({"at_least": 0.9, "at_most": 0.8}, "at_least 0.9 is above at_most 0.8"),
        ({"at_least": nan}, "at_least must be a finite number"),
        ({"at_most": inf}, "at_most must be a finite number"),
    ],
)
def test_a_limit_that_says_nothing_or_contradicts_itself_is_refused(edges, message):
    with pytest.raises(ValueError, match=message):
        Limit(**edges)


def test_a_limit_does_not_change():
    limit = Limit(at_least=0.5)
    with pytest.raises(FrozenInstanceError):
        limit.at_least = 0.4
    assert limit == Limit(at_least=0.5)
    assert len({limit, Limit(at_least=0.5)}) == 1
