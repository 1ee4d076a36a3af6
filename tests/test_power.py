"""What a limit can see: where it fails and passes with as many rows, told before anybody needs it."""

import json

import numpy as np
import pytest

from pytest_mlquality import Limit, Measurement, Measurements, Verdict
from pytest_mlquality.cli import main
from pytest_mlquality.judgement_text import decided_by
from pytest_mlquality.power import nearness_to_fail, power
from pytest_mlquality.power_listing import blind, listing
from pytest_mlquality.recording import recording
from pytest_mlquality.statistics.auc import roc_auc
from pytest_mlquality.verdict import Levels, judge

LEVELS = Levels()


class Kept:
    levels = LEVELS

    def __init__(self):
        self.judgements = []

    def record(self, judgement):
        self.judgements.append(judgement)
        return judgement.verdict is not Verdict.FAIL


@pytest.mark.parametrize("limit", [Limit(at_least=0.85), Limit(at_most=0.15), Limit(at_least=0.5), Limit(at_most=0.02)])
@pytest.mark.parametrize("n", [200, 2_000, 20_000])
def test_a_share_fails_and_passes_about_where_it_is_said_whatever_was_measured(limit, n):
    """Every count of successes is judged: the first that fails, and passes, lie where each measured one says."""
    shares = [Measurement.share(k, n) for k in range(0, n + 1, max(n // 400, 1))]
    verdicts = [judge(one, limit, LEVELS).verdict for one in shares]
    failing = [one.value for one, verdict in zip(shares, verdicts, strict=True) if verdict is Verdict.FAIL]
    passing = [one.value for one, verdict in zip(shares, verdicts, strict=True) if verdict is Verdict.PASS]
    edge = limit.at_least or limit.at_most
    room = 0.25 * abs(edge - (max(failing) if limit.at_least else min(failing))) + 2 / n + 1 / 400
    for measured in (edge, (edge + 0.5) / 2):
        seen = power(Measurement.share(round(measured * n), n, name="share"), limit, LEVELS)
        if limit.at_least:
            assert seen.fails_below == pytest.approx(max(failing), abs=room)
            assert seen.passes_from == pytest.approx(min(passing), abs=room)
        else:
            assert seen.fails_above == pytest.approx(min(failing), abs=room)
            assert seen.passes_to == pytest.approx(max(passing), abs=room)


def test_an_area_under_the_curve_with_a_hundred_positives_fails_where_a_simulation_says():
    """Issue of a limit of 0.85: fails below about 0.771 and passes from about 0.886, seen from any true value."""
    draw = np.random.default_rng(0)
    positive = np.arange(1_000) < 100
    for distance in (1.0, 1.4, 1.8):
        found = roc_auc(positive, draw.normal(size=1_000) + distance * positive)
        seen = power(Measurement.of("roc_auc", found), Limit(at_least=0.85), LEVELS)
        assert seen.fails_below == pytest.approx(0.771, abs=0.015)
        assert seen.passes_from == pytest.approx(0.886, abs=0.01)


def test_what_is_exact_or_counted_has_no_power():
    limit = Limit(at_most=1)
    assert power(Measurement.exact(3), limit, LEVELS) is None
    items = [Measurement.share(1, 10), Measurement("none", None, lambda _l: -np.inf, lambda _l: np.inf, n=10)]
    assert power(Measurements("m", items).judged_share, Limit(at_least=0.95), LEVELS) is None


def test_too_few_rows_never_pass():
    seen = power(Measurement.share(3, 3), Limit(at_least=0.99), LEVELS)
    assert seen.passes_from == pytest.approx(1, abs=0.02)
    low = power(Measurement.mean(np.arange(50.0)), Limit(at_least=20, at_most=21), LEVELS)
    assert low.passes_from > low.passes_to
    said = decided_by(judge(Measurement.mean(np.arange(40.5, step=0.5)), Limit(at_least=20, at_most=21), LEVELS))
    assert "or above about" in said
    assert said.endswith("and never passes")


def test_both_edges_of_a_limit_share_its_level():
    """Two edges that touch the truth would each be missed at the level: together they are missed at it."""
    draw = np.random.default_rng(1)
    runs, level = 4_000, Levels(false_fail=0.05)
    counts = draw.binomial(1_000, 0.5, size=runs)
    failed = np.mean([judge(Measurement.share(k, 1_000), Limit(0.5, 0.5), level).verdict == "fail" for k in counts])
    assert failed < 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)
    assert judge(Measurement.share(500, 1_000), Limit(0.5, 0.5), level).levels.false_fail == 0.025


def test_measurements_of_one_claim_share_its_level():
    """Thirty columns fail as rarely as one: what fails alone at the level is not enough among thirty."""
    items = [Measurement.share(500, 1_000) for _ in range(29)]
    alone = Measurement.share(551, 1_000)
    with recording(Kept()) as _:
        assert not alone <= 0.5
    kept = Kept()
    with recording(kept):
        assert Measurements("share", [*items, alone]) <= 0.5
    assert {judgement.levels.false_fail for judgement in kept.judgements} == {LEVELS.false_fail / 30}
    assert kept.judgements[-1].verdict is Verdict.INCONCLUSIVE


def test_what_is_too_small_to_judge_has_no_part_of_the_level_and_leaves_the_claim_undecided():
    unknown = Measurement("m", None, lambda _l: -np.inf, lambda _l: np.inf, n=1_000, reason="few rows")
    kept = Kept()
    with recording(kept):
        assert Measurements("m", [Measurement.share(1, 1_000), unknown]) <= 0.5
    first, _, share = kept.judgements
    assert first.levels.false_fail == LEVELS.false_fail
    assert (share.measurement.name, share.verdict) == ("judged_share", Verdict.INCONCLUSIVE)
    assert decided_by(share) == "the rows of what is too small to judge may hold the limit or not"


def test_the_nearest_to_failing_comes_first():
    limit = Limit(at_least=0.9)

    def nearness(k):
        found = Measurement.share(k, 100)
        seen = power(found, limit, LEVELS)
        edges = {"at_least": 0.9, "at_most": None}
        return nearness_to_fail({"value": found.value, "power": vars_of(seen), **edges})

    assert nearness(80) < nearness(85) < nearness(89)
    assert nearness(90) == pytest.approx(1)
    assert nearness_to_fail({"value": 1.0, "power": None, "at_least": 0.9, "at_most": None}) == np.inf


def vars_of(seen):
    return {name: getattr(seen, name) for name in ("fails_below", "passes_from", "passes_to", "fails_above")}


def measured(name, low, high):
    seen = {"fails_below": low, "passes_from": high, "passes_to": None, "fails_above": None}
    rest = {"value": 0.9, "n": 1_000, "at_least": 0.85, "at_most": None, "verdict": "inconclusive"}
    return {"name": name, "power": seen, **rest}


def test_limits_that_see_nothing_are_listed_first():
    checks = [
        {"id": "a", "measurements": [measured("sees", 0.771, 0.886)]},
        {"id": "b", "measurements": [measured("blind", None, 0.95), {"name": "exact", "power": None}]},
    ]
    subject = {"checks": checks}
    assert blind(subject) == ["b"]
    assert list(listing({"subjects": [subject]})) == [
        "b: blind, 1,000 rows",
        "    at least 0.85: never fails and passes from about 0.95; measured 0.9",
        "a: sees, 1,000 rows",
        "    at least 0.85: fails below about 0.771 and passes from about 0.886; measured 0.9",
    ]
    assert next(listing({"subjects": [subject]}, "SEES")).startswith("a: sees")


def test_the_command_lists_the_limits_of_the_last_run(project, capsys):
    project.settings("")
    project.run()
    capsys.readouterr()
    assert main(["power", str(project.path / "ml-quality-report"), "--only", "roc_auc"]) == 0
    said = capsys.readouterr().out
    assert "a_metric_meets_its_limit[roc_auc]: roc_auc, " in said
    assert "at least 0.7: fails below about 0." in said
    evidence = json.loads((project.path / "ml-quality-report" / "evidence.json").read_text())
    found = [m for check in evidence["subjects"][0]["checks"] for m in check["measurements"] if m["power"]]
    assert found
    assert all(m["false_fail"] == 1e-3 for m in found)
    assert evidence["subjects"][0]["union_bound"] == pytest.approx(1e-3 * len(found))
    assert main(["power", str(project.path / "ml-quality-report"), "--only", "nothing"]) == 1
