"""Sections that people must decide on: comments that are a valid gate once uncommented."""

import numpy as np
import pandas as pd
import pytest
from uncommenting import uncommented

from pytest_mlquality.cli import main
from pytest_mlquality.settings import read_settings

WORDS = "init --data train=train.parquet --data test=test.parquet --target paid --key id --model model.skops"


@pytest.fixture
def loan(project, capsys):
    """A project without a gate, in which `mlquality init` is typed."""
    (project.path / "mlquality.toml").unlink()

    def init(*words):
        assert main([*(WORDS.split() if "--update" not in words else ["init"]), *words]) == 0, capsys.readouterr().err
        project.said = capsys.readouterr().out
        project.gate = (project.path / "mlquality.toml").read_text()
        return project.gate

    project.init = init
    return project


def concerns(project):
    return {name.partition("::")[0] for name in project.outcomes()}


def test_fairness_and_explanation_are_comments_of_today(loan):
    gate = loan.init()
    settings = read_settings(loan.path / "mlquality.toml")
    assert settings.fairness is None
    assert settings.explanation is None
    assert settings.skew is not None
    assert '\n# [fairness]\n# by = ["age"]' in gate
    # Said beside the limit that it does not meet.
    assert "# demographic_parity_ratio = { at_least = 0.8 }  # of the shares decided positive" in gate
    assert "smallest to largest; on test: age 0.52\n" in gate
    assert '\n# [explanation]\n# expected = ["income", ' in gate
    assert 'pip install "pytest-mlquality[explain]"' in gate
    assert loan.run().ret == 0


def test_uncommented_they_are_a_gate_that_judges(loan):
    text = uncommented(loan.init())
    (loan.path / "mlquality.toml").write_text(text)
    settings = read_settings(loan.path / "mlquality.toml")
    assert settings.fairness.by == ("age",)
    assert set(settings.fairness.metrics) == {"demographic_parity_ratio", "equalized_odds_difference"}
    assert settings.explanation.expected[0] == "income"
    assert settings.explanation.metrics["largest_share"].at_most == 0.8
    loan.run("-k", "fairness or explanation")
    outcomes = loan.outcomes()
    assert {"fairness", "explanation"} <= concerns(loan)
    assert "error" not in outcomes.values()
    assert {outcome for name, outcome in outcomes.items() if name.startswith("explanation")} == {"passed"}


@pytest.mark.parametrize("section", ["fairness", "explanation"])
def test_each_can_be_uncommented_alone(loan, section):
    gate = loan.init()
    start = gate.index(f"# [{section}]")
    end = gate.find("\n\n", start) if "\n\n" in gate[start:] else len(gate)
    (loan.path / "mlquality.toml").write_text(gate[:start] + uncommented(gate[start:end]) + gate[end:])
    settings = read_settings(loan.path / "mlquality.toml")
    assert [settings.fairness is not None, settings.explanation is not None].count(True) == 1


def test_defaults_that_are_written_are_the_defaults(loan):
    (loan.path / "mlquality.toml").write_text(uncommented(loan.init()))
    settings = read_settings(loan.path / "mlquality.toml")
    short = 'model.uri = "model.skops"\ndata.test.source = "test.parquet"\ndata.target = "paid"\n'
    loan.write(
        "short.mlquality.toml", short + '[fairness]\nby = ["age"]\n[explanation]\nexpected = ["income", "age"]\n'
    )
    defaults = read_settings(loan.path / "short.mlquality.toml")
    assert settings.fairness.metrics == defaults.fairness.metrics
    written, of_the_gate = dict(settings.explanation.metrics), dict(defaults.explanation.metrics)
    # The model sees three columns: that default is one by their number.
    assert written.pop("largest_share").at_most == of_the_gate.pop("largest_share").of(3).at_most
    assert written == of_the_gate


def test_columns_that_may_be_sensitive_are_named_once(loan):
    gate = loan.init()
    assert gate.count("must not be judged by") == 1
    assert gate.count('"age"') <= 2  # in by, and perhaps among those that are expected to count
    assert "compare how the model treats their groups" not in gate


def test_without_a_model_a_remark_alone_names_them(house):
    house.init()
    assert "# [fairness]" not in house.gate
    assert "# [explanation]" not in house.gate
    assert house.gate.count("must not be judged by") == 1


def test_columns_that_make_no_groups_are_named_and_left_out(loan):
    for split in ("train", "test"):
        frame = pd.read_parquet(loan.path / f"{split}.parquet")
        frame["birthdate"] = pd.Timestamp("1960-01-01") + pd.to_timedelta(frame.index, unit="D")
        frame["zip"] = [f"{place:05d}" for place in range(len(frame))]
        frame["sex"] = np.where(frame.index % 2, "f", "m")
        frame["race"] = "one"
        frame.to_parquet(loan.path / f"{split}.parquet")
    gate = loan.init()
    assert '# by = ["age", "sex"]  #' in gate
    assert "so may birthdate, zip, race, whose values make no groups" in gate.replace("\n# ", " ")
    (loan.path / "mlquality.toml").write_text(uncommented(gate))
    loan.run("-k", "fairness")
    assert "error" not in loan.outcomes().values()


def test_of_numbers_errors_are_compared_and_not_decisions(loan):
    import skops.io
    from sklearn.linear_model import LinearRegression

    for split in ("train", "test"):
        frame = pd.read_parquet(loan.path / f"{split}.parquet")
        frame["paid"] = frame["income"] + np.random.default_rng(1).normal(size=len(frame))
        frame.to_parquet(loan.path / f"{split}.parquet")
    frame = pd.read_parquet(loan.path / "train.parquet")
    skops.io.dump(LinearRegression().fit(frame[["income", "age"]], frame["paid"]), loan.path / "model.skops")
    (loan.path / "mlquality.toml").write_text(uncommented(loan.init()))
    settings = read_settings(loan.path / "mlquality.toml")
    assert list(settings.fairness.metrics) == ["mean_absolute_error_ratio"]
    assert "smallest to largest; on test: age 0." in loan.gate
    loan.run("-k", "fairness or explanation")
    assert "error" not in loan.outcomes().values()


def test_update_adds_the_comments_once_and_takes_a_header_for_a_no(loan):
    loan.init()
    lines = loan.gate.splitlines()
    gate = "\n".join(lines[: next(at for at, line in enumerate(lines) if "By their names" in line)]).rstrip() + "\n"
    (loan.path / "mlquality.toml").write_text(gate)
    loan.init("--update", "--write")
    assert loan.gate.startswith(gate)
    assert "# [fairness]" in loan.gate
    assert "# [explanation]" in loan.gate
    read_settings(loan.path / "mlquality.toml")
    loan.init("--update")
    assert loan.said.splitlines()[-1] == "nothing to add"
    (loan.path / "mlquality.toml").write_text(gate + "# [fairness]\n#[explanation]\n")
    loan.init("--update")
    assert loan.said.splitlines()[-1] == "nothing to add"


def test_update_leaves_sections_alone_that_people_have_written(loan):
    (loan.path / "mlquality.toml").write_text(uncommented(loan.init()))
    before = (loan.path / "mlquality.toml").read_text()
    assert loan.init("--update", "--write") == before


def test_a_task_that_neither_can_judge_by_default_has_no_comment(loan):
    loan.init()
    gate = loan.gate[: loan.gate.index("# By their names")].replace("[model]", '[model]\ntask = "ranking"')
    (loan.path / "mlquality.toml").write_text(gate)
    loan.init("--update")
    assert "[fairness]" not in loan.said
    assert "[explanation]" not in loan.said
