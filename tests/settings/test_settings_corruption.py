"""Whatever is done to a valid file: settings, or a SettingsError; never another exception."""

import copy
import string
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pytest_mlquality.settings import Settings, SettingsError, read_settings
from pytest_mlquality.settings.toml_text import value_text

VALID = {
    "name": "churn",
    "model": {"uri": "models:/a@b", "baseline": "m", "task": "binary", "positive": 1, "trusted_types": ["a.B"]},
    "registry": {"uri": "sqlite:///a.db"},
    "verdict": {"false_fail": 1e-5, "false_pass": 0.05},
    "data": {
        "target": "y",
        "key": "id",
        "ignore": ["a"],
        "train": {"source": "a.parquet", "filter": "x > 1"},
        "test": {"source": "postgres://u:p@h/t", "window": "1 day", "population": True},
    },
    "schema": {"on": ["train", "test"], "metrics": {"missing_targets": {"at_most": 1}}},
    "performance": {
        "on": "test",
        "metrics": {"roc_auc": {"at_least": 0.8}, "accuracy": False},
        "loss_to_baseline": {"r2": {"at_most": 0.1}},
    },
    "stage": {"ci": {"checks": ["schema"], "inconclusive": "warn"}},
    "waive": [{"check": "a", "owner": "b", "reason": "c", "until": "2030-01-01"}],
    "checks": {"own": ["t.py"]},
    "report": {"samples": False},
    "by_hand": {"M2": "https://example.org"},
}


def places(value: object, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in below:
        yield (*above, key)
        yield from places(item, (*above, key))


KEYS = sorted({str(place[-1]) for place in places(VALID)} | {"extends", "skew", "slices", "at_least", "[key]", "int"})
texts = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(
    ["${ML_TEST_NOT_SET}", "${HOME}", "${", "${a b}", "a://b:c@d", "test", "binary", "schema", "../x", "", " "]
)
leaves = (
    texts
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**63, -(2**80), 0, 1])
    | st.floats()
    | st.dates()
    | st.datetimes()
    | st.times()
)
values = st.recursive(
    leaves,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(texts | st.sampled_from(KEYS), inside, max_size=3),
)


@st.composite
def corrupted(draw: st.DrawFn) -> dict[str, object]:
    """A valid tree with one key taken away, renamed, added or given another value."""
    tree = copy.deepcopy(VALID)
    place = draw(st.sampled_from(list(places(VALID))))
    around = tree
    for part in place[:-1]:
        around = around[part]
    how = draw(st.sampled_from(["drop", "rename", "add", "replace", "replace"]))
    if how == "replace":
        around[place[-1]] = draw(values)
    elif how == "drop":
        del around[place[-1]]
    elif isinstance(around, list):
        around.append(draw(values))
    elif how == "rename":
        around[draw(texts | st.sampled_from(KEYS))] = around.pop(place[-1])
    else:
        around[draw(texts | st.sampled_from(KEYS))] = draw(values)
    return tree


def outcome(content: bytes) -> Settings | SettingsError:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "mlquality.toml")
        file.write_bytes(content)
        try:
            return read_settings(file)
        except SettingsError as error:
            return error


def as_toml(tree: dict[str, object]) -> bytes:
    text = "\n".join(f"{value_text({key: item})[2:-2]}" for key, item in tree.items())
    return text.encode("utf-8")


def check(found: Settings | SettingsError) -> None:
    if isinstance(found, SettingsError):
        assert found.problems
        assert all(problem.message and problem.file for problem in found.problems)
        assert str(found)
    else:
        assert found.digest() == found.override("report").digest()


def test_the_file_is_valid_before_it_is_corrupted():
    assert isinstance(outcome(as_toml(VALID)), Settings)


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(corrupted())
def test_one_corrupted_key_gives_settings_or_problems(tree):
    check(outcome(as_toml(tree)))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.integers(0, len(as_toml(VALID))), st.integers(0, 12), st.binary(max_size=6))
@example(0, 10_000, b"")
def test_corrupted_bytes_give_settings_or_problems(start, cut, inserted):
    content = as_toml(VALID)
    check(outcome(content[:start] + inserted + content[start + cut :]))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.sampled_from([*VALID, "skew", "x"]), st.dictionaries(st.sampled_from(KEYS) | texts, values, max_size=2))
def test_any_override_gives_settings_or_problems(section, changes):
    valid = outcome(as_toml(VALID))
    assert isinstance(valid, Settings)
    try:
        check(valid.override(section, **changes))
    except SettingsError as error:
        check(error)


@pytest.mark.parametrize("letter", string.printable)
def test_any_letter_in_front_gives_settings_or_problems(letter):
    check(outcome(letter.encode() + as_toml(VALID)))
