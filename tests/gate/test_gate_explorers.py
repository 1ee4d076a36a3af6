"""Test explorers of editors take a gate's items for what they are.

VS Code's adapter takes any item with a ``callspec`` for a function in a ``.py`` file, cuts node ids at ``.py`` and at
``[``, and loses the whole workspace where that fails; PyCharm runs pytest with the plugin of teamcity-messages.
"""

import re

EXPLORER = """\
import json, pathlib
def pytest_collection_finish(session):
    seen = []
    for item in session.items:
        assert not hasattr(item, "callspec") or ".py" in item.nodeid
        assert item.path.is_file()
        parents = item.listchain()
        seen.append([item.nodeid, item.name, type(item.parent).__mro__[1].__name__, str(item.path)])
    pathlib.Path("seen.json").write_text(json.dumps(seen))
"""


def test_an_explorer_finds_a_plain_test_in_the_gate_file(project):
    import json

    project.write("explorer.py", EXPLORER)
    project.pytester.syspathinsert(project.path)
    project.write(
        "test_own.py",
        "import pytest\n@pytest.mark.parametrize('n', [1, 2])\ndef test_own(ml_subject, n): pass\n",
    )
    project.run("-p", "explorer", "--collect-only")
    seen = json.loads((project.path / "seen.json").read_text())
    gate = [entry for entry in seen if "mlquality.toml" in entry[0]]
    assert len(gate) == 3
    for nodeid, name, parent, path in gate:
        assert nodeid.endswith(f"::{name}")
        assert parent == "Module"
        assert path == str(project.path / "mlquality.toml")
        # An explorer runs one test by the node id it was shown.
        project.run(nodeid).assert_outcomes(passed=1)


def test_pycharms_runner_names_and_runs_every_check(project):
    project.settings(replace={"roc_auc = { at_least = 0.7 }": "roc_auc = { at_least = 0.99 }"})
    result = project.run("--teamcity", subprocess=True)
    text = result.stdout.str()
    assert len(re.findall(r"##teamcity\[testStarted ", text)) == 3
    assert len(re.findall(r"##teamcity\[testFailed ", text)) == 1
    assert "at least 0.99" in text
