"""A proposal for the census."""

from pathlib import Path

from pytest_mlquality.cli import main
from pytest_mlquality.settings import read_settings

DATA = Path(__file__).parents[2] / "examples" / "acs_employment" / "data"


def test_the_gate_proposed_for_the_census_passes_every_day_and_every_night(pytester, capsys):
    splits = {"train": 2015, "test": 2016, "production": 2018}
    for year in splits.values():
        (pytester.path / f"people_{year}.parquet").symlink_to(DATA / f"people_{year}.parquet")
    data = [word for split, year in splits.items() for word in ("--data", f"{split}=people_{year}.parquet")]
    assert main(["init", *data, "--target", "employed", "--key", "id", "--time", "year"]) == 0
    settings = read_settings(pytester.path / "mlquality.toml")
    assert settings.schema.metrics["duplicate_rows"].at_most == 0.46
    assert settings.schema.tolerated == {"RAC1P: isin*": 0.0002}
    assert settings.data.split_by == "time"
    assert "AGEP, MAR, DIS, CIT, NATIVITY, SEX, RAC1P" in (pytester.path / "mlquality.toml").read_text().replace(
        "\n# ", " "
    )
    for stage in ("ci", "nightly"):
        assert pytester.runpytest_inprocess("--ml-quality", "--ml-stage", stage).ret == 0
