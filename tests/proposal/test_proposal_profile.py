"""The page that shows the data."""

import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def page(house):
    house.init("--key", "id", "--explore")
    return house.text("profile.html")


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))


def test_it_is_one_file_without_script_or_request(page):
    tags = Tags(page).tags
    assert not [tag for tag, _ in tags if tag in ("script", "link", "img", "iframe", "object")]
    assert not re.search(r"url\(|@import|https?://", page)
    assert "default-src 'none'" in page


def test_pictures_have_their_numbers_in_words(page):
    pictures = [attributes for tag, attributes in Tags(page).tags if tag == "svg"]
    assert len(pictures) > 10
    assert all(each["role"] == "img" and "rows" in each["aria-label"] for each in pictures)
    assert "prefers-color-scheme: dark" in page


def test_it_shows_splits_columns_associations_and_candidates(page):
    for said in (
        "train: 3,000 rows",
        "test: 3,000 rows",
        "different values",
        "rank correlation",
        "How well each feature",
    ):
        assert said in page
    assert "applicant_age" in page.split("Perhaps sensitive")[1].split("</p>")[0]


def test_a_leaking_feature_is_named(house):
    for split in ("train", "test"):
        frame = pd.read_parquet(house.path / f"{split}.parquet")
        frame["decision"] = frame["granted"] * 2 + 1
        frame.to_parquet(house.path / f"{split}.parquet")
    house.init("--explore")
    assert "decision: alone reaches 1.00" in house.text("profile.html")
    assert "a leak? decision" in house.gate
    assert house.passes()


def test_what_stands_in_the_data_is_escaped(house):
    frame = pd.read_parquet(house.path / "train.parquet")
    frame["<b>x</b>"] = np.where(frame.index % 2, "<script>alert(1)</script>", "&")
    frame.to_parquet(house.path / "train.parquet")
    house.init("--explore", data=("train",))
    page = house.text("profile.html")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "&lt;b&gt;x" in page


def test_the_page_shows_every_kind_of_column(house):
    assert house.init("--explore", "--data", "train=strange.parquet", data=(), target="label") == 0
    assert "nested" in house.text("profile.html")


def test_cramers_v_is_one_of_equals_and_nothing_of_strangers():
    from pytest_mlquality.proposal.looking.associations import cramers_v

    draw = np.random.default_rng(0)
    one, other = draw.integers(0, 4, 5000), draw.integers(0, 3, 5000)
    assert cramers_v(one, one) == pytest.approx(1, abs=0.01)
    assert cramers_v(one, other) < 0.03
