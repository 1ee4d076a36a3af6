"""What comes from data is text in the files of `mlquality init`: no name of a column becomes a setting or a comment."""

import tomllib
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest
import yaml
from hostile_names import HOSTILE, names, renamed
from hypothesis import example, given, settings
from hypothesis import strategies as st
from uncommenting import uncommented

from pytest_mlquality.proposal.look import look
from pytest_mlquality.proposal.progress import Progress
from pytest_mlquality.proposal.request import of_words
from pytest_mlquality.proposal.writing.commented_sections import grouping
from pytest_mlquality.proposal.writing.gate_toml import gate_text
from pytest_mlquality.proposal.writing.schema_yaml import schema_text
from pytest_mlquality.proposal.writing.yaml_additions import with_additions
from pytest_mlquality.settings.settings import read_settings

ROWS = 400
# A telling word, so that it is proposed for [fairness] whatever stands behind it.
PLAIN = ("sex zqa", "zqb", "zqc", "zqd", "zqe", "zqf", "zqg")

SAID = {"demographic_parity_ratio": "sex zqa 0.5"}


def frame(seed, columns=PLAIN):
    draw = np.random.default_rng(seed)
    group, low, high, label, date, rare, gone = columns
    number = draw.normal(size=ROWS)
    return pd.DataFrame(
        {
            group: draw.choice(["u", "v"], ROWS),
            low: number,
            high: number + draw.random(ROWS),
            label: draw.choice(["zqx", "zqy"], ROWS),
            date: [f"{place % 12 + 1}/{place % 28 + 1}/2024" for place in range(ROWS)],
            rare: ["rare" if place < 3 else ("zqz", "zqw")[place % 2] for place in range(ROWS)],
            gone: [None if place % 5 else "here" for place in range(ROWS)],
        }
    )


def write(folder, columns=PLAIN):
    frame(1, columns).to_csv(folder / "train.csv", index=False)
    frame(2, columns).drop(columns=columns[-1]).to_csv(folder / "test.csv", index=False)


@dataclass(frozen=True)
class Score:
    name: str
    value: float


@dataclass(frozen=True)
class Held:
    """What the writers ask of a table, so that its columns can have any name."""

    rows: int
    columns: tuple[str, ...]
    read_as: dict[str, str]
    cells: dict[str, list[str]] = field(repr=False)

    @property
    def origin(self):
        return self

    def frame(self, columns):
        return pd.DataFrame({name: self.cells[name] for name in columns})

    @classmethod
    def of(cls, table):
        cells = {name: table.frame([name])[name].dropna().tolist()[:24] for name in table.columns}
        return cls(table.rows, table.columns, dict(table.origin.read_as), cells)


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What was seen of a small system, with a task, as if a model answered."""
    folder = tmp_path_factory.mktemp("system")
    write(folder)
    asked = of_words(
        [f"train={folder / 'train.csv'}", f"test={folder / 'test.csv'}"], folder, target=["zqd"], model="model.onnx"
    )
    asked = replace(asked, model=None)
    with Progress(1) as progress:
        found = look(asked, progress)
    held = {split: Held.of(table) for split, table in found.tables.items()}
    scores = [Score(score.name, score.value) for score in found.scores]
    found = replace(found, tables=held, samples=held, scores=scores, evidence=replace(found.evidence, tables=held))
    return replace(found, task="binary", request=replace(found.request, model="model.onnx"), classes=("zqx", "zqy"))


@pytest.fixture(scope="module")
def plain(seen):
    """What the files say before anything is renamed: the gate as it is and uncommented, and the schema."""
    gate = gate_text(seen, disparities=SAID)
    ways = {way: tomllib.loads(way(gate)) for way in (str, uncommented)}
    return {**ways, yaml: yaml.safe_load(schema_text(seen))}


def test_there_is_something_to_name(seen):
    """Every way in which a file of ours names a column or a label is in what the property below renames."""
    gate, schema = gate_text(seen), schema_text(seen)
    for part in (
        'target = "zqd"',
        'classes = ["zqx", "zqy"]',
        '# by = ["sex zqa"]',
        "[schema.environments]",
        "zqf: isin*",
    ):
        assert part in gate
    assert "[schema.rules]" in gate
    assert "# types = {" in gate
    assert "- zqx" in schema
    assert "isin:" in schema
    assert grouping(seen) == ["sex zqa"]


def by_name(chosen):
    labels = ("zqx", "zqy", "zqz", "zqw")
    return {
        old: f"sex {new}" if old.startswith("sex") else new for old, new in zip((*PLAIN, *labels), chosen, strict=True)
    }


def apart(chosen):
    """Let each name end in a letter of its own: none is empty, and no two are alike."""
    return [f"{name}{chr(ord('a') + place)}" for place, name in enumerate(chosen)]


MOST = len(PLAIN) + 4


@example(list(HOSTILE[:MOST]))
@example(list(HOSTILE[-MOST:]))
@given(st.lists(names, min_size=MOST, max_size=MOST).map(apart))
@settings(max_examples=500, deadline=None)
def test_files_for_people_hold_the_names_of_the_data_and_nothing_more(seen, plain, chosen):
    to = by_name(chosen)
    other = renamed(seen, to)
    gate, schema = gate_text(other, disparities=renamed(SAID, to)), schema_text(other)
    expected = renamed(plain, to)
    # Further names may be telling.
    expected[uncommented]["fairness"]["by"] = grouping(other)
    for way in (str, uncommented):
        found = tomllib.loads(way(gate))
        if "*" in to["zqf"]:  # It would stand for any text in a pattern: see the test below.
            expected[way]["schema"]["tolerated"] = found["schema"]["tolerated"] = {}
        assert found == expected[way]
    assert yaml.safe_load(schema) == expected[yaml]
    for text in (gate, schema):
        assert all(line.isprintable() for line in text.split("\n"))


def test_a_star_in_a_name_tolerates_nothing_of_other_columns(seen):
    assert not tomllib.loads(gate_text(renamed(seen, {"zqf": "*"})))["schema"]["tolerated"]
    one = tomllib.loads(gate_text(renamed(seen, {"zqf": "z*q"})))["schema"]["tolerated"]
    assert list(one) == ["z*q: isin*"]


@example(list(HOSTILE))
@given(st.lists(names, min_size=1, max_size=4).map(apart))
@settings(max_examples=50, deadline=None)
def test_columns_added_to_a_schema_are_those_of_the_data_and_nothing_more(seen, chosen):
    to = dict(zip(("sex zqa", "zqb", "zqc", "zqe"), chosen, strict=False))
    other = renamed(seen, to)
    known = 'columns:\n  ? "' + "x" * 1200 + '"\n  : nullable: true\n  zqd: {nullable: false}\n'
    added = yaml.safe_load(with_additions(known, other))["columns"]
    whole = yaml.safe_load(schema_text(other))["columns"]
    assert added == {**whole, "x" * 1200: {"nullable": True}, "zqd": {"nullable": False}}


INJECTED = (
    '\n[stage.ci]\nmodel = "http://evil.example"\n[[waive]]\ncheck = "*"\nowner = "me"\nreason = "x"\n'
    'until = 2099-01-01\n[checks]\nown = ["test_evil.py"]\n[model]\nuri = "python:evil:model"\n'
)


def flat(tree):
    """Yield every key and value of settings."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, item in items:
        yield key
        yield from flat(item) if isinstance(item, dict | list) else (item,)


@pytest.mark.parametrize("kind", ["parquet", "csv"])
@pytest.mark.parametrize("place", range(len(PLAIN)))
def test_a_column_name_brings_no_setting_into_the_files(house, kind, place):
    """Whatever the column is: one that [fairness] names in a comment, the target, one of dates, one that test lacks."""
    named = tuple(f"sex x{INJECTED}" if at == place else name for at, name in enumerate(PLAIN))
    for seed, split in enumerate(("train", "test"), start=1):
        made = frame(seed, named) if split == "train" else frame(seed, named).drop(columns=named[-1])
        made.to_parquet(house.path / f"{split}.parquet") if kind == "parquet" else made.to_csv(
            house.path / f"{split}.csv", index=False
        )
    words = [word for split in ("train", "test") for word in ("--data", f"{split}={split}.{kind}")]
    assert house.init(*words, "--explore", data=(), target=named[3]) == 0, house.said.err
    for text in (house.gate, uncommented(house.gate)):
        tree = tomllib.loads(text)
        assert not {"stage", "waive", "checks", "model"} & set(tree)
        assert "own" not in set(map(str, flat(tree)))
        assert not any(str(part).startswith(("python:", "http:")) for part in flat(tree))
    assert list(house.schema) == list(named)
    assert read_settings(house.path / "mlquality.toml").data.target == named[3]
    assert house.init("--update", data=(), target=None) == 0, house.said.err
    assert "nothing to add" in house.said.out


def test_names_of_data_do_nothing_to_the_terminal(house):
    frame(1, (*PLAIN[:-1], "x\x1b[31m\ny")).to_parquet(house.path / "train.parquet")
    house.init("--data", "train=train.parquet", data=(), target=None)
    (house.path / "schema.yaml").write_text("columns:\n  zqd: {nullable: false}\n")
    (house.path / "mlquality.toml").write_text('name = "x"\n[data.train]\nsource = "train.parquet"\n')
    assert house.init("--update", data=(), target=None) == 0, house.said.err
    assert house.init("--data", "train=train.parquet", "--directory", "new", data=(), target="\x1b[31mno") == 1
    said = house.said.out + house.said.err
    assert "\\x1b[31mno" in said
    assert all(line.isprintable() for line in said.split("\n"))
