"""A category that was renamed is named where ten rows or more have it, and never below."""

import json

import pandas as pd
import pytest

SCHEMA = """\
schema_type: dataframe
columns:
  region:
    dtype: str
    checks:
      isin: [north, south]
"""
GATE = """\
[schema]
file = "schema.yaml"
[schema.rules]
known = "region IN ('north', 'south')"
[schema.references]
region = { source = "regions.csv", column = "code" }
[skew.metrics]
jensen_shannon_distance = { at_most = 0.9 }
"""


@pytest.fixture
def renamed(project):
    """In test one region has another name, and nine rows a third."""
    for split in ("train", "test"):
        frame = pd.read_parquet(project.path / f"{split}.parquet")
        frame["region"] = frame["region"].map({0: "north", 1: "south", 2: "north", 3: "south"})
        if split == "test":
            frame["region"] = frame["region"].replace("south", "midi")
            frame.loc[frame.index[:9], "region"] = "ana"
        frame.to_parquet(project.path / f"{split}.parquet")
    project.write("schema.yaml", SCHEMA)
    project.write("regions.csv", "code\nnorth\nsouth\n")
    text = GATE
    gate = project.settings()
    gate.write_text(gate.read_text().partition("[performance")[0].replace('[model]\nuri = "model.skops"\n', "") + text)
    return project


def measurements(project):
    return {(check["id"], one["name"]): one for check in project.subject()["checks"] for one in check["measurements"]}


def test_a_renamed_category_is_named_where_ten_rows_have_it(renamed):
    result = renamed.run()
    found = measurements(renamed)
    broken = found["schema::test_the_data_keep_to_what_was_agreed[test]", "broken_rules"]
    for rule in ("region: isin(['north', 'south'])", "region: listed", "known"):
        assert any(part.startswith(rule) and "('midi' in " in part for part in broken["reason"].split("; ")), rule
    [drift] = [one for (_, name), one in found.items() if name == "jensen_shannon_distance[region]"]
    assert "new: midi (" in drift["reason"]
    assert "midi" in drift["details"]["categories"]
    counts = dict(zip(drift["details"]["categories"], zip(*drift["details"]["counts"], strict=True), strict=True))
    assert counts["midi"][0] == 0
    assert counts["midi"][1] > 500
    written = [json.dumps(renamed.evidence()), result.stdout.str()]
    assert not any("ana" in text.replace("explanation", "").replace("manage", "") for text in written)
    assert "mlquality rows" not in written[1]


def test_where_rows_are_written_it_is_said_how_to_see_them(renamed):
    gate = renamed.path / "mlquality.toml"
    gate.write_text(gate.read_text().replace('file = "schema.yaml"', 'file = "schema.yaml"\nfailing_rows = "private"'))
    renamed.run("-k", "agreed")
    [broken] = [one for (name, _), one in measurements(renamed).items() if name.endswith("agreed[test]")]
    assert broken["reason"].endswith("see them: mlquality rows private/test.parquet")
