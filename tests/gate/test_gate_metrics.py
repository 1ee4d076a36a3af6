"""Metrics with a number in brackets, and those of the user's own, through the gate."""

import numpy as np
import pandas as pd
import pytest

METRIC = "performance::test_a_metric_meets_its_limit"
POINTS = """
"precision_at_k[100]" = { at_least = 0.5 }
"recall_at_fpr[0.1]" = { at_least = 0.99 }
[performance.slices]
by = ["region"]
[performance.slices.gap]
"fbeta[2]" = { at_most = 0.5 }
"""


def measured(project, name):
    [check] = [check for check in project.subject()["checks"] if check["id"] == name]
    return check["outcome"], check["measurements"]


def test_a_number_in_brackets_stands_in_ids_evidence_and_slices(project):
    project.settings(POINTS)
    project.run()
    assert measured(project, f"{METRIC}[precision_at_k[100]]")[0] == "passed"
    outcome, [recall] = measured(project, f"{METRIC}[recall_at_fpr[0.1]]")
    assert (outcome, recall["name"], recall["verdict"]) == ("failed", "recall_at_fpr[0.1]", "fail")
    _, gaps = measured(project, "performance::test_no_slice_lags_behind[fbeta[2]-region]")
    assert [gap["name"] for gap in gaps][:2] == ["fbeta[2]_gap[region = 0]", "fbeta[2]_gap[region = 1]"]


def test_such_a_check_runs_alone_and_is_waived_by_its_id(project):
    waiver = f'[[waive]]\ncheck = "{METRIC}[recall_at_fpr[0.1]]"\nowner = "ana"\nreason = "known"\nuntil = 2099-01-01\n'
    project.settings(POINTS + waiver)
    project.run(f"mlquality.toml::{METRIC}[recall_at_fpr[0.1]]").stdout.fnmatch_lines(["*1 waived in*"])
    assert project.outcomes()[f"{METRIC}[recall_at_fpr[0.1]]"] == "waived"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('"fbeta[0]" = { at_least = 0.5 }', '*performance.metrics."fbeta[[]0[]]": *BETA is a number above 0*'),
        ('"fbetta[2]" = { at_least = 0.5 }', "*did you mean 'fbeta[[]BETA[]]'*"),
        ("fbeta = { at_least = 0.5 }", "*fbeta needs a number in brackets*"),
    ],
)
def test_a_wrong_number_or_name_is_told_before_anything_is_measured(project, line, told):
    project.settings(line)
    result = project.run()
    assert result.ret != 0
    result.stdout.fnmatch_lines([told])


OWN = """
"python:my_metrics:profit" = { at_least = 0 }
[performance.slices]
by = ["region"]
[performance.slices.gap]
"python:my_metrics:cost" = { at_most = 100 }
"""


def test_a_function_beside_the_gate_file_is_a_metric(project):
    project.write(
        "my_metrics.py",
        "import numpy as np\n\n"
        "def profit(y_true, y_pred):\n    return float(np.mean(10 * (y_true & y_pred) - 3 * y_pred))\n\n"
        "def cost(y_true, y_pred):\n    return -profit(y_true, y_pred)\n"
        "cost.higher_is_better = False\n",
    )
    project.settings(OWN)
    project.run()
    outcome, [profit] = measured(project, f"{METRIC}[python:my_metrics:profit]")
    assert (outcome, profit["verdict"]) == ("passed", "pass")
    assert profit["value"] > 0
    _, gaps = measured(project, "performance::test_no_slice_lags_behind[python:my_metrics:cost-region]")
    assert all(gap["value"] is not None for gap in gaps if gap["name"].endswith("]"))


def test_a_function_that_is_not_there_is_an_error_of_its_check_alone(project):
    project.settings('"python:my_metrix:profit" = { at_least = 0 }\n')
    result = project.run()
    assert project.outcomes()[f"{METRIC}[python:my_metrix:profit]"] == "error"
    assert project.outcomes()[f"{METRIC}[roc_auc]"] == "passed"
    result.stdout.fnmatch_lines(["*there is no module 'my_metrix'*"])


VALUE = """
mean_value = { at_least = 0 }
[performance.value]
unit = "EUR"
[performance.value.gain]
1 = { 1 = 100, 0 = -20 }
0 = { 1 = -5, 0 = 0 }
[performance.slices]
by = ["region"]
[performance.slices.metrics]
mean_value = { at_least = -50 }
"""


def test_what_decisions_are_worth_is_judged_with_its_unit(project):
    project.settings(VALUE)
    project.run()
    outcome, [value] = measured(project, f"{METRIC}[mean_value]")
    assert (outcome, value["verdict"], value["unit"]) == ("passed", "pass", "EUR")
    _, slices = measured(project, "performance::test_every_slice_meets_its_limit[mean_value-region]")
    assert slices[0]["unit"] == "EUR"


def test_gains_without_a_pair_of_labels_are_an_error_of_the_check(project):
    project.settings(VALUE.replace("1 = 100, 0 = -20", "1 = 100"))
    project.run().stdout.fnmatch_lines(["*gain lacks 1.0*"])
    assert project.outcomes()[f"{METRIC}[mean_value]"] == "error"


def test_a_ranking_is_gated_by_its_lists(project):
    random = np.random.default_rng(0)
    query = np.repeat(np.arange(300), 5)
    features = random.normal(size=len(query))
    relevance = (features + random.normal(size=len(query)) > 1).astype(int)
    pd.DataFrame({"id": range(1500), "query": query, "income": features, "paid": relevance}).to_parquet(
        project.path / "test.parquet"
    )
    project.write(
        "serve.py",
        "import pytest_mlquality\n"
        '@pytest_mlquality.model(features=["income"])\ndef rank(frame):\n    return frame["income"]\n',
    )
    project.settings(
        replace={
            'uri = "model.skops"': 'uri = "python:serve:rank"\ntask = "ranking"',
            'key = "id"': 'key = "id"\nunit = "query"',
            "roc_auc = { at_least = 0.7 }": '"ndcg_score[3]" = { at_least = 0.5 }\ngain_over_trivial = false',
            "accuracy = { at_least = 0.6 }": "mean_reciprocal_rank = { at_least = 0.5 }",
        }
    )
    project.run()
    assert project.outcomes() == {
        "performance::test_a_metric_meets_its_limit[ndcg_score[3]]": "passed",
        "performance::test_a_metric_meets_its_limit[mean_reciprocal_rank]": "passed",
    }
