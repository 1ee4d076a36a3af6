"""Columns that may be about what people must not be judged by: guessed from their names, for people to decide."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORDS = (
    "sex", "gender", "race", "rac", "racial", "ethnic", "ethnicity", "hispanic", "color", "colour", "age", "agep",
    "birth", "birthday", "birthdate", "dob", "religion", "religious", "faith", "nationality", "nativity",
    "citizen", "citizenship", "cit", "origin", "immigrant", "marital", "married", "mar", "pregnant", "pregnancy",
    "disability", "disabled", "dis", "orientation", "union", "veteran", "language", "zip", "zipcode", "postcode",
    "postal",
)  # fmt: skip
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def sensitive(names: Iterable[str]) -> list[str]:
    """Return the names that have a telling word in them: ``SEX``, ``RAC1P``, ``applicant_age``, ``BirthDate``."""
    return [name for name in names if {part.lower() for part in _PART.findall(name)} & set(_WORDS)]
