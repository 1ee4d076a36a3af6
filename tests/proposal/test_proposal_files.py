"""What is proposed: files that are valid, true of the data they are from, and fit to be read."""

import re
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from pandera.io import pandas_io

from pytest_mlquality.rules.schema_file import read_agreement
from pytest_mlquality.settings import read_settings


def test_the_gate_that_is_proposed_passes_on_the_same_data(house):
    assert house.init("--key", "id") == 0
    settings = read_settings(house.path / "mlquality.toml")
    assert settings.data.target == "granted"
    assert settings.schema.file == "schema.yaml"
    assert house.passes()


def test_it_ends_with_the_next_command(house):
    house.init()
    assert house.said.out.splitlines()[-1].endswith("pytest --ml-quality mlquality.toml")
    assert house.said.err == ""


def test_no_limit_that_is_proposed_is_undecided(house):
    house.init("--key", "id")
    house.judge()
    assert "inconclusive" not in house.text("ml-quality-report/summary.md").lower()


def test_the_schema_is_read_back_by_the_gate_and_by_pandera(house):
    house.init("--key", "id")
    agreement = read_agreement("schema.yaml", house.path)
    assert agreement.problems == ()
    assert all(part.problems == () and part.column is not None for part in agreement.parts)
    schema = pandas_io.from_yaml((house.path / "schema.yaml").read_text())
    assert list(schema.columns) == [part.name for part in agreement.parts]


def test_columns_say_type_gaps_values_and_how_sure_that_is(house):
    house.init("--key", "id")
    columns = house.schema
    assert columns["gap"]["nullable"] is True
    assert "nullable" not in columns["income"]
    assert columns["id"] == {"dtype": "int64", "unique": True}
    assert columns["granted"]["isin"] == [0, 1]
    assert columns["contract"]["str_matches"] == r"^[A-Z]{2}\-[0-9]{5}$"
    assert columns["name"]["str_length"]["max_value"] > 35
    assert columns["applicant_age"]["less_than_or_equal_to"] > 1193
    assert columns["income"]["greater_than_or_equal_to"] == 0
    assert "95% sure that at most 0.1% of rows have another value" in house.text("schema.yaml")
    assert "# missing in " in house.text("schema.yaml")


def test_no_more_different_values_are_told_than_were_seen(house):
    few = pd.DataFrame({"size": [0.5, 1.5, 2.5] * 20, "name": [f"n{place}" for place in range(60)]})
    few.to_parquet(house.path / "few.parquet")
    many = pd.concat([few] * 500, ignore_index=True).assign(place=range(30000))
    many.to_parquet(house.path / "many.parquet")
    for split in ("few", "many"):
        house.init("--data", f"train={split}.parquet", "--directory", split, data=(), target=None)
    assert "size:\n    # 3 different values" in house.text("few/schema.yaml")
    assert "name:\n    # the key; 60 different values" in house.text("few/schema.yaml")
    assert "size:\n    # at least 3 different values" in house.text("many/schema.yaml")
    assert "place:\n    # the key; 30,000 different values" in house.text("many/schema.yaml")


def test_what_columns_have_to_do_with_each_other_becomes_a_rule(house):
    house.init("--key", "id")
    rules = read_settings(house.path / "mlquality.toml").schema.rules
    assert rules["low is at most high"] == '"low" <= "high"'


def test_a_broken_table_breaks_what_was_proposed(house):
    house.init("--key", "id")
    frame = pd.read_parquet(house.path / "test.parquet")
    frame.loc[:99, ["low", "high"]] = frame.loc[:99, ["high", "low"]].to_numpy().copy()
    frame.loc[100:300, "town"] = "Nowhere"
    frame.to_parquet(house.path / "test.parquet")
    result = house.judge()
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*low is at most high*"])


def test_limits_have_room_and_their_reason_beside_them(house):
    house.init("--key", "id")
    gate = house.gate
    limits = read_settings(house.path / "mlquality.toml").schema
    assert {split: own["rows"].at_least for split, own in limits.only.items()} == {"train": 2400, "test": 2400}
    assert "rows" not in limits.metrics
    assert 0 < limits.metrics["duplicate_rows"].at_most < 0.01
    assert limits.leakage["shared_keys"].at_most == 0
    assert limits.leakage["single_column_score"].at_most > 0.8
    for name in ("rows", "duplicate_rows", "rarest_class"):
        lines = gate.splitlines()
        place = next(at for at, line in enumerate(lines) if line.startswith(f"{name} ="))
        assert lines[place - 1].startswith("# ")


def test_every_limit_has_its_reason_beside_it(house):
    house.init("--key", "id")
    lines = house.gate.splitlines()
    tables = {"metrics", "leakage", "tolerated"}
    table, judged = None, 0
    for above, line in pairwise(lines):
        table = line.removeprefix("[schema.").removesuffix("]") if line.startswith("[") else table
        if table in tables and "=" in line and not line.startswith("#"):
            assert above.startswith("# "), line
            judged += 1
    assert judged > 12


def test_production_without_labels_has_an_environment(house):
    house.init("--key", "id", data=("train", "test", "production"))
    environments = read_settings(house.path / "mlquality.toml").schema.environments
    assert environments["production"].absent == ("granted",)
    assert house.passes()
    rules = house.judge("--ml-stage", "nightly", "-k", "agreed or expects")
    assert rules.ret == 0


def test_a_gate_on_data_alone_needs_no_target(house):
    assert house.init(target=None) == 0
    assert house.passes()


def test_columns_that_may_be_sensitive_are_named(house):
    house.init()
    assert "judged by: applicant_age." in house.gate


def test_every_kind_of_column_is_described_or_left_out_with_a_word(house):
    assert house.init("--data", "train=strange.parquet", "--data", "test=strange.parquet", data=(), target="label") == 0
    columns = house.schema
    assert read_settings(house.path / "mlquality.toml").data.ignore == ("nested", "listed", "bytes", "clock")
    assert "nothing here describes such values" in house.text("schema.yaml")
    assert columns["price"]["less_than_or_equal_to"] >= 900
    assert columns["day"]["dtype"] == "date"
    assert columns["maybe"]["dtype"] == "Int32"
    assert columns["kind"]["isin"] == ["no", "yes"]
    assert "less_than_or_equal_to" not in columns["endless"]
    assert 'a "quoted"\nname: #1 $x' in columns
    assert "mixed" in house.gate
    assert house.passes()


def test_time_orders_train_and_test(house):
    for place, split in enumerate(("train", "test")):
        frame = pd.read_parquet(house.path / f"{split}.parquet")
        frame["seen"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(frame.index % 200 + 300 * place, unit="h")
        frame.to_parquet(house.path / f"{split}.parquet")
    house.init("--time", "seen", "--key", "id")
    settings = read_settings(house.path / "mlquality.toml")
    assert settings.data.split_by == "time"
    assert "staleness" not in settings.schema.metrics
    assert house.passes()


def test_the_longest_time_without_a_row_is_proposed_with_room_and_three_weeks_lost_fail(house):
    import pandas as pd

    for split, start in (("train", "2024-01-01"), ("test", "2025-01-06")):
        frame = pd.read_parquet(house.path / f"{split}.parquet")
        days = pd.bdate_range(start, periods=80)
        frame["asked_on"] = days[[place % len(days) for place in range(len(frame))]]
        frame.to_parquet(house.path / f"{split}.parquet")
    assert house.init("--key", "id", "--time", "asked_on") == 0, house.said.err
    only = read_settings(house.path / "mlquality.toml").schema.only
    assert (only["train"]["longest_time_gap"].at_most, only["test"]["longest_time_gap"].at_most) == (6, 6)
    assert "# the longest time without a row is 3 days" in house.gate
    house.judge("-k", "longest_time_gap").assert_outcomes(passed=2)
    train = pd.read_parquet(house.path / "train.parquet")
    lost = train["asked_on"].between("2024-02-05", "2024-02-25")
    train[~lost].to_parquet(house.path / "train.parquet")
    result = house.judge("-k", "longest_time_gap")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*longest_time_gap 24, limit at most 6: no row between 2024-02-02 and 2024-02-26*"])


def test_a_model_is_loaded_named_and_its_metrics_suggested_as_comments(project, capsys):
    from pytest_mlquality.cli import main

    (project.path / "mlquality.toml").unlink()
    words = "init --data train=train.parquet --data test=test.parquet --target paid --key id --model model.skops"
    assert main(words.split()) == 0
    settings = read_settings(project.path / "mlquality.toml")
    assert settings.model.uri == "model.skops"
    # Named, so that the model is asked at all: once a section is named only named ones are judged.
    assert list(settings.performance.metrics) == ["gain_over_trivial"]
    gate = (project.path / "mlquality.toml").read_text()
    assert "\n[performance.metrics]\n" in gate
    assert "# roc_auc = { at_least = 0.8 }  # 0.8" in gate
    performance = gate[gate.index("[performance.metrics]") :].partition("\n\n")[0]
    suggested = [line for line in performance.splitlines() if line.startswith("# ") and "at_least = " in line]
    assert len(suggested) == 3
    assert all("95% interval" in line for line in suggested)
    assert not list(project.path.glob(".*mlquality*"))
    assert project.run().ret == 0
    (project.path / "mlquality.toml").write_text(gate.replace("# [perf", "[perf").replace("# roc_auc", "roc_auc"))
    assert project.run().ret == 0


def test_a_type_that_is_not_trusted_has_its_word_for_the_command_line(project, capsys):
    import skops.io

    from pytest_mlquality.cli import main

    (project.path / "mlquality.toml").unlink()
    skops.io.dump(Fraction(1, 2), project.path / "odd.skops")
    assert main(["init", "--data", "test=test.parquet", "--target", "paid", "--model", "odd.skops"]) == 1
    assert "--trusted-type fractions.Fraction" in capsys.readouterr().err


def test_files_are_written_where_the_directory_says_and_paths_begin_there(house):
    assert house.init("--directory", "gates/credit") == 0
    assert read_settings(house.path / "gates/credit/mlquality.toml").data.train.source == "../../train.parquet"
    assert str(house.path) not in house.text("gates/credit/mlquality.toml")
    assert house.passes("gates/credit/mlquality.toml")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--data", "train.parquet"], "expected SPLIT=SOURCE"),
        (["--data", "tran=train.parquet"], "did you mean 'train'?"),
        (["--data", "train=tarin.parquet"], "tarin.parquet"),
        (["--data", "train=train.parquet", "--data", "train=test.parquet"], "two sources"),
        (["--data", "train=train.parquet", "--target", "grnated"], "did you mean 'granted'?"),
        (["--data", "train=train.parquet", "--key", "ident"], "no column 'ident'"),
        (["--data", "train=train.parquet", "--model", "model.skops"], "add --target"),
        (["--data", "train=train.parquet", "--target", "granted", "--model", "m.skops"], "does not exist"),
        (["--target", "granted"], "no split is named"),
        (["--data", "train=train.parquet", "--write"], "--update"),
        (["--data", "train=broken.parquet"], "broken.parquet"),
    ],
)
def test_bad_words_are_explained_and_nothing_is_written(house, words, said):
    (house.path / "broken.parquet").write_bytes(b"PAR1 no such thing")
    assert house.init(*words, data=(), target=None) == 1
    assert said in house.said.err
    assert "Traceback" not in house.said.err
    assert not (house.path / "mlquality.toml").exists()
    assert not (house.path / "schema.yaml").exists()


def test_progress_is_drawn_on_a_terminal_only():
    import io

    from pytest_mlquality.proposal.progress import Progress

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    for stream, drawn in ((Terminal(), True), (io.StringIO(), False)):
        with Progress(4, stream) as progress:
            progress.step("looking")
        assert ("looking" in stream.getvalue()) is drawn


def test_tables_of_unlike_types_and_numbers_at_the_edge_are_looked_at(house):
    import numpy as np

    for split, seed in (("train", 1), ("test", 2)):
        draw = np.random.default_rng(seed)
        frame = pd.read_parquet(house.path / f"{split}.parquet")
        frame["huge"] = draw.normal(size=len(frame)) * 1e300  # beyond what a tree of scikit-learn reads
        frame["unsigned"] = draw.integers(0, 2**64 - 1, len(frame), dtype="uint64")
        frame["either"] = "text" if seed == 1 else 1
        frame.to_parquet(house.path / f"{split}.parquet")
    assert house.init("--key", "id", "--explore") == 0
    assert "greater_than" not in house.schema["unsigned"]
    assert "no dtype, for it differs" in house.text("schema.yaml")
    assert "Should be 0" in house.gate
    assert house.passes()


def test_a_test_split_alone_has_a_gate(house):
    assert house.init(data=("test",)) == 0
    assert "mismatched_columns = false" in house.gate
    assert house.passes()


@pytest.mark.parametrize("name", ["customer_id", "uuid", "instant"])
def test_a_key_that_nobody_named_is_proposed_and_copied_rows_are_found(house, name):
    train, test = (pd.read_parquet(house.path / f"{split}.parquet") for split in ("train", "test"))
    copied = train.iloc[:600]
    rows = {"train": train, "test": pd.concat([test, copied], ignore_index=True)}
    for place, (split, frame) in enumerate(rows.items()):
        numbers = np.arange(len(frame)) + place * 100_000
        values = [f"{number:08x}-0000-4000-8000-000000000000" for number in numbers] if name == "uuid" else numbers
        frame.drop(columns="id").assign(**{name: values}).to_parquet(house.path / f"{split}.parquet")
    assert house.init() == 0
    assert f'key = "{name}"' in house.gate
    assert f"looks like an identifier: is it one?\nkey = {name!r}".replace("'", '"') in house.gate
    shared = re.search(r"# ([\d.]+)% of the test rows have an equal row in train", house.gate)
    assert float(shared[1]) == pytest.approx(100 * 600 / len(rows["test"]), abs=0.5)


def test_numbers_that_begin_anew_in_each_file_are_no_key(house):
    for split in ("train", "test"):
        rows = pd.read_parquet(house.path / f"{split}.parquet").drop(columns="id")
        rows.assign(**{"Unnamed: 0": np.arange(len(rows))}).to_parquet(house.path / f"{split}.parquet")
    assert house.init() == 0
    assert "key = " not in house.gate
