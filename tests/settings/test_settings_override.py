import pytest

from pytest_mlquality import Limit
from pytest_mlquality.settings import SettingsError


@pytest.fixture
def settings(read, three_lines):
    return read(three_lines + '[data.production]\nsource = "p.parquet"')


def test_a_marker_changes_one_section_of_one_test(settings):
    changed = settings.override("performance", on="production")
    assert changed.performance.on == "production"
    assert changed.performance.metrics == settings.performance.metrics
    assert changed.schema == settings.schema, "a concern that the file means by default stays"
    assert settings.performance.on == "test"
    assert changed.file == settings.file
    assert changed.digest() != settings.digest()


@pytest.mark.parametrize("limit", [Limit(at_least=0.9), {"at_least": 0.9}])
def test_limits_are_objects_or_tables(settings, limit):
    changed = settings.override("performance", metrics={"roc_auc": limit, "gain_over_trivial": False})
    assert changed.performance.metrics == {"roc_auc": Limit(at_least=0.9)}


def test_lists_may_be_tuples(settings):
    assert settings.override("schema", on=("test",)).schema.on == ("test",)


def test_a_changed_task_has_the_default_limits_of_groups_that_are_its_own(read, three_lines):
    settings = read(three_lines.replace("[model]", "[model]\ntask = 'regression'") + "[fairness]\nby = ['a']")
    assert list(settings.fairness.metrics) == ["mean_absolute_error_ratio"]
    changed = settings.override("model", task="binary")
    assert list(changed.fairness.metrics) == ["demographic_parity_ratio", "equalized_odds_difference"]


def test_overrides_add_up(settings):
    changed = settings.override("model", threshold=0.3).override("model", task="binary")
    assert (changed.model.threshold, changed.model.task) == (0.3, "binary")


@pytest.mark.parametrize(
    ("section", "changes", "key", "message"),
    [
        ("performanec", {}, "performanec", "(did you mean 'performance'?)"),
        ("performance", {"onn": "test"}, "performance.onn", "(did you mean 'on'?)"),
        ("performance", {"on": "tset"}, "performance.on", "(did you mean 'test'?)"),
        ("performance", {"on": "raw"}, "performance.on", "not declared; declared: test, production"),
        ("performance", {"on": object()}, "performance.on", "found object"),
        ("performance", {"metrics": {"r3": Limit(at_least=1)}}, "performance.metrics.r3", "unknown key"),
        ("performance", {"metrics": {"r2": {"at_least": 2, "at_most": 1}}}, "performance.metrics.r2", "above"),
        ("robustness", {"by": ["sex"]}, "robustness", "is not available in this version"),
        ("name", {}, "name", "found a table"),
    ],
)
def test_an_override_is_validated_as_the_file_is(settings, section, changes, key, message):
    with pytest.raises(SettingsError) as caught:
        settings.override(section, **changes)
    (problem,) = caught.value.problems
    assert problem.key == key
    assert message in problem.message
    assert problem.file == settings.file
