"""One pass of statistics over a table: a histogram and moments of every column, enough to compare it later.

Two profiles with the same bins are all that a distance between columns needs: the rows are not read again. Profiles of
parts add up to the profile of the whole.
"""

from pytest_mlquality.data.profiles.column import Column
from pytest_mlquality.data.profiles.making import profile
from pytest_mlquality.data.profiles.pairing import pairs
from pytest_mlquality.data.profiles.pairs import Pairs
from pytest_mlquality.data.profiles.profile import Profile

__all__ = ["Column", "Pairs", "Profile", "pairs", "profile"]
