"""A project whose rows are people, and models that treat them alike and otherwise."""

import numpy as np
import pytest
from groups_of_people import add

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
