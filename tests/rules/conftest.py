"""Tables of the engines that rules are counted by, made of one Arrow table; and a gate on what was agreed."""

from types import SimpleNamespace

import ibis
import pandera.pandas  # noqa: F401 - loaded once, not by every run of pytester
import polars
import pytest
from agreed_rules import AGREED

from pytest_mlquality.data import memory
from pytest_mlquality.data.table import Origin, Table
from pytest_mlquality.rules.agreement import Agreement, part_of, rules_of
from pytest_mlquality.rules.counting import findings


def agreement_of(schema):
    return Agreement(schema, tuple(part_of(name, column) for name, column in schema.columns.items()))


def on_duckdb(arrow, key=None):
    expression, registered = memory.register(arrow, "data.test.source")
    return Table("test", Origin("the rows", expression, in_order=True, registered=registered), key=key)


def on_polars(arrow, key=None):
    engine = ibis.polars.connect({"rows": polars.from_arrow(arrow)})
    return Table("test", Origin("the rows", engine.table("rows"), registered=None), key=key)


def judged(schema, table):
    """Findings of a pandera schema on a table, by the rules' names."""
    found = findings(rules_of(agreement_of(schema), table.expression, table.columns), table)
    by_name = {finding.rule.name: finding for finding in found}
    assert len(by_name) == len(found)
    return by_name


@pytest.fixture
def engines():
    return SimpleNamespace(duckdb=on_duckdb, polars=on_polars, judged=judged)


@pytest.fixture
def judge(project):
    """Run a gate on the test split alone with a schema file; return the check, and its rules by name."""

    def run(schema=None, settings="", file="schema.yaml"):
        if schema is not None:
            project.write(file, schema)
        said = f'name = "loans"\n[data.test]\nsource = "test.parquet"\n{settings}'
        project.write("mlquality.toml", said if "[schema]" in settings else f'{said}[schema]\nfile = "{file}"\n')
        project.result = project.run("-k", "agreed")
        check = next(check for check in project.subject()["checks"] if check["id"] == AGREED)
        text = project.result.stdout.str()
        assert "Traceback" not in text
        assert "site-packages" not in text.partition("warnings summary")[0]
        if check["outcome"] == "error":
            return check, {}
        [measurement] = check["measurements"]
        return check, {rule["rule"]: rule for rule in measurement["details"]["rules"]}

    return run
