"""Two runs say the same of the same failure."""

import tempfile
from pathlib import Path

import pytest

from pytest_mlquality.stable_text import stable

TMP = tempfile.gettempdir()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("<Frame object at 0x7f3a11c2b0d0> has no rows", "<Frame object at 0x...> has no rows"),
        (f"cannot read '{TMP}/tmpab12cd/model.pkl': damaged", "cannot read '(temporary folder)/model.pkl': damaged"),
        (f"no room in {TMP}/tmpab12cd", "no room in (temporary folder)"),
        (f"{TMP}/project/data/a.parquet is not there", f"{TMP}/project/data/a.parquet is not there"),
        (f"{TMP}/project-2/a.parquet is not there", "(temporary folder)/a.parquet is not there"),
        ("0x1F is a colour, /srv/tmp/x a path", "0x1F is a colour, /srv/tmp/x a path"),
        ("", ""),
    ],
)
def test_addresses_and_temporary_paths_are_told_without_what_changes(text, kept):
    assert stable(text, Path(TMP) / "project") == kept
