"""Neither the files nor the page give away a rare value or an extreme."""

import re

import pandas as pd
import pytest
import yaml
from sample_applicants import CANARIES, RARE

from pytest_mlquality.cli import main

WRITTEN = ("mlquality.toml", "schema.yaml", "profile.html")


@pytest.fixture(scope="module")
def written(applications, tmp_path_factory):
    folder = tmp_path_factory.mktemp("written")
    splits = [
        w for name in ("train", "test", "production") for w in ("--data", f"{name}={applications / name}.parquet")
    ]
    assert main(["init", *splits, "--target", "granted", "--key", "id", "--explore", "--directory", str(folder)]) == 0
    return {name: (folder / name).read_text() for name in WRITTEN}


@pytest.mark.parametrize("name", WRITTEN)
def test_no_category_of_fewer_than_ten_rows_is_shown(written, name):
    assert RARE not in written[name]


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("canary", CANARIES)
def test_no_extreme_is_shown(written, name, canary):
    digits = re.escape(canary)
    assert not re.search(rf"(?<![\d.]){digits}(?!\d)", written[name])


def test_rare_values_are_tolerated_and_not_listed(house):
    house.init("--key", "id")
    assert house.schema["town"]["isin"] == ["Aachen", "Brno", "Cork"]
    assert '"town: isin*" = ' in house.gate
    assert house.passes()


def test_no_bound_is_an_extreme_of_the_data(written, applications):
    frames = [pd.read_parquet(applications / f"{split}.parquet") for split in ("train", "test", "production")]
    for name, asked in yaml.safe_load(written["schema.yaml"])["columns"].items():
        bounds = [value for check, value in asked.items() if check.startswith(("greater", "less"))]
        extremes = {edge for frame in frames if name in frame for edge in (frame[name].min(), frame[name].max())}
        assert not {pd.Timestamp(b) if isinstance(b, str) else b for b in bounds} & extremes, name


def test_no_bin_stands_for_fewer_than_ten_rows(written):
    counts = re.findall(r'<tr><td>(?!others)[^<]*</td><td class="number">([\d,]+)</td></tr>', written["profile.html"])
    assert len(counts) > 50
    assert min(int(count.replace(",", "")) for count in counts) >= 10


def test_nine_rows_are_too_few_and_ten_are_enough(house):
    frame = pd.read_parquet(house.path / "train.parquet")
    frame["town"] = "Aachen"
    frame.loc[:8, "town"] = "Nine"
    frame.loc[20:29, "town"] = "Tenrows"
    frame.to_parquet(house.path / "train.parquet")
    house.init("--explore", data=("train",))
    for name in WRITTEN[1:]:
        assert "Tenrows" in house.text(name)
        assert "Nine" not in house.text(name)


def test_people_are_not_told_by_name_mail_or_age(house):
    """Names, mails and one who is older than all others, in as few rows as a hostile table may have."""
    ages = pd.Series([20 + place % 40 for place in range(200)])
    ages[0] = 117
    people = pd.DataFrame(
        {
            "name": [f"Smith{place * 7919 % 100_003}" for place in range(200)],
            "mail": [f"smith{place * 7919 % 100_003}@example.org" for place in range(200)],
            "age": ages,
            "fame": ["Elvis" if place < 9 else "none" if place % 2 else "some" for place in range(200)],
        }
    )
    people.to_parquet(house.path / "people.parquet")
    assert house.init("--data", "train=people.parquet", "--explore", data=(), target=None) == 0, house.said.err
    for name in WRITTEN:
        found = re.findall(r"(?i)smith\d|elvis|@example|(?<![\d.#])117(?![\d.])", house.text(name))
        assert not found, name
    assert house.passes()
