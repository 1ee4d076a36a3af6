"""What is proposed about how far other splits are from train."""

import numpy as np
import pandas as pd
import pytest

from pytest_mlquality.settings import read_settings


def changed(house, split, change):
    frame = pd.read_parquet(house.path / f"{split}.parquet")
    change(frame)
    frame.to_parquet(house.path / f"{split}.parquet")


def skew_of(house):
    return read_settings(house.path / "mlquality.toml").skew


def above(gate, start):
    """Return the comment above the line that begins so."""
    lines = gate.splitlines()
    place = next(at for at, line in enumerate(lines) if line.startswith(start))
    first = place
    while lines[first - 1].startswith("# "):
        first -= 1
    return " ".join(line.removeprefix("# ") for line in lines[first:place])


def test_splits_that_look_like_train_are_held_to_the_default_limits(house):
    assert house.init("--key", "id", data=("train", "test", "production")) == 0, house.said.err
    skew = skew_of(house)
    assert skew.metrics["jensen_shannon_distance"].at_most == 0.08
    assert skew.metrics["joint_drift"].at_most == 0.54
    assert skew.metrics["incomparable_columns"].at_most == 0
    assert (skew.ignore, skew.columns) == (("name", "contract"), {})
    assert above(house.gate, "jensen_shannon_distance").startswith("farthest from train today: ")
    assert "0.5 is chance" in above(house.gate, "joint_drift")
    # A fifth of `gap` is missing, which passes.
    assert skew.metrics["missing_ratio"].at_most == 1.2
    assert skew.metrics["atom_ratio"].at_most == 1.75
    for stage in ("ci", "nightly"):
        house.judge("--ml-stage", stage, "-k", "skew").assert_outcomes(passed=7)
        assert "inconclusive" not in house.text("ml-quality-report/summary.md").lower()


@pytest.mark.parametrize("data", [("train",), ("test",), ("test", "production")])
def test_without_train_and_another_split_there_is_no_section(house, data):
    assert house.init(data=data) == 0
    assert "skew" not in house.gate


def test_a_column_that_is_too_far_is_named_and_has_a_limit_of_its_own(house):
    changed(house, "test", lambda frame: frame.__setitem__("income", frame["income"] * 1.6))
    assert house.init("--key", "id") == 0
    skew = skew_of(house)
    assert list(skew.columns) == ["income"]
    limit = skew.columns["income"]["jensen_shannon_distance"].at_most
    assert 0.08 < limit < 0.5
    assert skew.metrics["jensen_shannon_distance"].at_most == 0.08
    said = above(house.gate, "income = { jensen_shannon_distance")
    assert said.startswith("jensen shannon distance of test 0.")
    assert "Is that how it is meant?" in said
    assert skew.metrics["joint_drift"].at_most > 0.54
    assert "by income (" in above(house.gate, "joint_drift")
    assert "beyond the default of 0.54" in above(house.gate, "joint_drift")
    assert house.passes()


def test_more_gaps_than_in_train_are_named(house):
    changed(house, "test", lambda frame: frame.__setitem__("balance", frame["balance"].where(frame.index % 10 > 0)))
    assert house.init("--key", "id") == 0
    assert skew_of(house).columns["balance"]["missing_ratio"].at_most == pytest.approx(3.4, abs=0.4)
    assert "missing ratio of test 2.9 today" in above(house.gate, "balance = ")
    assert house.passes()


def test_what_has_nothing_in_common_with_train_is_not_compared(house):
    for split in ("train", "test"):
        changed(house, split, lambda frame: frame.__setitem__("lot", frame["id"] // 2))
    assert house.init() == 0
    assert skew_of(house).ignore == ("name", "contract", "lot")
    assert "lot: test has next to nothing in common with train: a key" in above(house.gate, "ignore = ")
    assert house.passes()


def test_a_column_without_values_is_not_compared(house):
    changed(house, "test", lambda frame: frame.__setitem__("balance", np.nan))
    assert house.init("--key", "id") == 0
    assert skew_of(house).ignore == ("balance", "name", "contract")
    assert "balance: no value in test" in above(house.gate, "ignore = ")
    assert house.passes()


def test_a_column_of_train_that_another_split_lacks_is_counted_and_named(house):
    changed(house, "test", lambda frame: frame.__delitem__("low"))
    assert house.init("--key", "id") == 0
    assert skew_of(house).metrics["incomparable_columns"].at_most == 1
    assert "in test, low: the table has no such column in test. Should be 0" in above(
        house.gate, "incomparable_columns"
    )


def test_many_columns_that_are_too_far_have_one_limit_with_room_for_all(house):
    draw = np.random.default_rng(5)
    for split, mean in (("train", 0.0), ("test", 0.7)):
        pd.DataFrame({f"x{place}": draw.normal(mean, size=2000) for place in range(12)}).to_parquet(
            house.path / f"{split}.parquet"
        )
    assert house.init(target=None) == 0, house.said.err
    skew = skew_of(house)
    assert skew.columns == {}
    assert 0.2 < skew.metrics["jensen_shannon_distance"].at_most < 0.5
    assert above(house.gate, "jensen_shannon_distance").startswith("beyond the default of 0.08 today: x")
    assert "and 4 more" in above(house.gate, "jensen_shannon_distance")
    assert house.passes()


def test_few_rows_have_limits_that_they_can_prove(house):
    for split in ("train", "test"):
        pd.read_parquet(house.path / f"{split}.parquet").head(250).to_parquet(house.path / f"{split}.parquet")
    assert house.init("--key", "id") == 0
    assert skew_of(house).metrics["jensen_shannon_distance"].at_most > 0.08
    assert "so few rows do not prove the default of 0.08" in above(house.gate, "jensen_shannon_distance")
    assert house.passes()
    assert "inconclusive" not in house.text("ml-quality-report/summary.md").lower()


def test_too_few_rows_have_no_section_and_a_word(house):
    pd.read_parquet(house.path / "test.parquet").head(1).to_parquet(house.path / "test.parquet")
    assert house.init("--key", "id") == 0
    assert "\n[skew" not in house.gate
    assert "# No [skew] is proposed (docs/skew.md): train or test has fewer than 200 independent rows" in house.gate
    assert house.passes()
    (house.path / "mlquality.toml").unlink()
    (house.path / "schema.yaml").unlink()
    assert house.init("--key", "id", data=("train", "test", "production")) == 0
    assert skew_of(house).between == (("train", "production"),)
    assert house.passes()
    house.judge("--ml-stage", "nightly", "-k", "skew").assert_outcomes(passed=7)


def test_a_table_of_one_column_that_has_moved_is_held_to_one_limit(house):
    draw = np.random.default_rng(6)
    for split, mean in (("train", 0.0), ("test", 0.7)):
        pd.DataFrame({"x": draw.normal(mean, size=2000)}).to_parquet(house.path / f"{split}.parquet")
    assert house.init(target=None) == 0, house.said.err
    assert skew_of(house).columns == {}
    assert house.passes()


def test_no_value_of_a_row_is_told(house):
    from sample_applicants import CANARIES, RARE

    assert house.init(data=("train", "test", "production")) == 0
    section = house.gate[house.gate.index("[skew]") :]
    assert not [word for word in (RARE, *CANARIES) if word in section]


def test_update_adds_the_section_to_a_gate_that_lacks_it(house):
    house.init("--key", "id")
    whole = house.gate
    gate = whole[: whole.index("[skew]")].rstrip() + "\n"
    (house.path / "mlquality.toml").write_text(gate)
    assert house.init("--update", "--write", data=(), target=None) == 0, house.said.err
    assert house.gate.startswith(gate)
    assert "+[skew.metrics]" in house.said.out
    assert house.gate[len(gate) :].strip() == whole[whole.index("[skew]") : whole.index("\n\n# By their names")].strip()
    assert house.init("--update", data=(), target=None) == 0
    assert house.said.out.splitlines()[-1] == "nothing to add"


@pytest.mark.parametrize("theirs", ["[skew]\nignore = ['id']", "[skew.metrics]\njoint_drift = false", "# [skew] # no"])
def test_update_adds_nothing_where_people_have_decided(house, theirs):
    house.init("--key", "id")
    gate = house.gate[: house.gate.index("[skew]")] + theirs + "\n"
    (house.path / "mlquality.toml").write_text(gate)
    changed(house, "test", lambda frame: frame.__setitem__("income", frame["income"] * 1.6))
    assert house.init("--update", data=(), target=None) == 0
    assert "skew" not in house.said.out
    assert "jensen_shannon" not in house.said.out


def test_update_compares_by_what_is_independent_and_leaves_out_what_no_check_looks_into(house):
    for split in ("train", "test"):
        changed(house, split, lambda frame: frame.__setitem__("household", frame["id"] // 5))
        changed(house, split, lambda frame: frame.__setitem__("list", [[1, 2]] * len(frame)))
    gate = (
        '[data]\ntarget = "granted"\nkey = "id"\nunit = "household"\n'
        '[data.train]\nsource = "train.parquet"\n[data.test]\nsource = "test.parquet"\n[schema.metrics]\nrows = false\n'
    )
    (house.path / "mlquality.toml").write_text(gate)
    assert house.init("--update", "--write", data=(), target=None) == 0, house.said.err
    assert skew_of(house).ignore == ("list", "name", "contract")
    assert (
        "list: values of a kind that no check here looks into; name, contract: texts of which only"
        in house.gate.replace("\n# ", " ")
    )
    # 600 households a side prove less than 3,000 rows.
    assert skew_of(house).metrics["jensen_shannon_distance"].at_most > 0.08
    house.judge("-k", "skew").assert_outcomes(passed=7)
