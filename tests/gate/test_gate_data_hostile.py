"""Attempts to make the data gate lie, leak, or destroy what is not its own."""

import pandas as pd
import pytest

AGREED = "schema::test_the_data_keep_to_what_was_agreed"


@pytest.fixture
def named(project):
    """The loans with a column of names, and a gate that looks at the test split alone."""

    def run(settings, *options, schema=""):
        frame = pd.read_parquet(project.path / "test.parquet")
        frame["name"] = "ALICE-SECRET"
        frame["big"] = 2_000_000_001
        frame.astype({"big": "int32"}).to_parquet(project.path / "test.parquet")
        if schema:
            project.write("agreed.py", schema)
        project.settings(settings)
        result = project.run("-k", "agreed", "--junitxml=junit.xml", *options)
        return result, project

    return run


def everything(result, project):
    reports = (project.path / "ml-quality-report").glob("*.*")
    texts = [file.read_text() for file in [*reports, project.path / "junit.xml"]]
    return "\n".join([result.stdout.str(), result.stderr.str(), *texts])


@pytest.mark.parametrize(
    "condition",
    [
        "CAST(name AS DATE) > DATE '2020-01-01'",
        "CAST(name AS TIMESTAMP) > TIMESTAMP '2020-01-01'",
        "strptime(name, '%Y') > TIMESTAMP '2020-01-01'",
        "CAST(name AS INTEGER) > 1",
        "big * big > 0",
        "CAST(big AS SMALLINT) > 1",
        "regexp_matches('x', '[' || name)",
        "regexp_matches('x', name || '(?P<')",
        "now() AT TIME ZONE name > now()",
        "array_extract([1], big) / CAST(name AS DOUBLE) > 1",
    ],
)
def test_a_condition_that_fails_on_a_row_quotes_no_cell(named, condition):
    result, project = named(f'[schema]\n[schema.rules]\n"a rule" = """{condition}"""\n')
    text = everything(result, project)
    assert "ALICE" not in text
    assert "2000000001" not in text
    assert project.outcomes()[f"{AGREED}[test]"] == "failed"
    assert "a rule: could not be judged" in text


def test_what_an_engine_says_of_rows_is_shown_where_samples_may_be(named):
    rule = '[schema]\n[schema.rules]\n"a rule" = "CAST(name AS INTEGER) > 1"\n'
    hidden, _project = named(rule)
    hidden.stdout.fnmatch_lines(["*a rule: could not be judged: *a value cannot be converted*samples = true*"])
    shown, _project = named(f"{rule}[report]\nsamples = true\n")
    shown.stdout.fnmatch_lines(["*a rule: could not be judged: *ALICE-SECRET*"])


@pytest.mark.parametrize("body", ["s.astype(int) > 1", "pd.to_datetime(s) > 1", "[{}[v] for v in s]"])
def test_a_check_in_python_that_raises_quotes_no_cell(named, body):
    schema = (
        "import pandas as pd, pandera.pandas as pa\n"
        f"SCHEMA = pa.DataFrameSchema({{'name': pa.Column(None, pa.Check(lambda s: {body}, name='own'))}})\n"
    )
    result, project = named('[schema]\nfile = "python:agreed:SCHEMA"\n', schema=schema)
    text = everything(result, project)
    assert "ALICE" not in text
    assert "name: own: could not be judged: the check raises" in text


def test_failing_rows_never_replace_the_data(named):
    settings = '[schema]\nfailing_rows = "."\n[schema.rules]\n"all fail" = "big < 0"\n'
    result, project = named(settings)
    assert len(pd.read_parquet(project.path / "test.parquet")) > 100
    assert project.outcomes()[f"{AGREED}[test]"] == "error"
    result.stdout.fnmatch_lines(["*another file stands there*", "*folder of its own*"])


@pytest.mark.parametrize("check", ["pa.Check.unique_values_eq(['a', 'b'])", "pa.Check(lambda s: False, name='own')"])
def test_what_is_not_about_rows_is_never_tolerated(named, check):
    schema = f"import pandera.pandas as pa\nSCHEMA = pa.DataFrameSchema({{'name': pa.Column(None, {check})}})\n"
    settings = '[schema]\nfile = "python:agreed:SCHEMA"\ntolerated = { "*" = 0.9 }\n'
    _result, project = named(settings, schema=schema)
    assert project.outcomes()[f"{AGREED}[test]"] == "failed"


@pytest.mark.parametrize("order", ['"a" = 0.0, "*" = 0.9', '"*" = 0.9, "a" = 0.0'])
def test_the_least_that_is_tolerated_holds(named, order):
    settings = f'[schema]\ntolerated = {{ {order} }}\n[schema.rules]\na = "region = 0"\n'
    _result, project = named(settings)
    assert project.outcomes()[f"{AGREED}[test]"] == "failed"


def test_an_index_is_not_passed_over(named):
    schema = "import pandera.pandas as pa\nSCHEMA = pa.DataFrameSchema({}, index=pa.Index(int, name='idx'))\n"
    result, project = named('[schema]\nfile = "python:agreed:SCHEMA"\n', schema=schema)
    assert project.outcomes()[f"{AGREED}[test]"] == "failed"
    result.stdout.fnmatch_lines(["*an index: tables of files*"])


def test_a_folder_from_the_environment_shows_nowhere(named, monkeypatch):
    monkeypatch.setenv("ML_TEST_CANARY", "wagtail-99")
    settings = '[schema]\nfailing_rows = "${ML_TEST_CANARY}"\n[schema.rules]\n"all fail" = "big < 0"\n'
    result, project = named(settings)
    assert (project.path / "wagtail-99" / "test.parquet").is_file()
    assert "wagtail-99" not in everything(result, project)


def test_a_rules_name_neither_colours_the_terminal_nor_breaks_its_line(named):
    result, _project = named('[schema]\n[schema.rules]\n"red\\u001b[31m\\nnext" = "big < 0"\n')
    lines = [line for line in result.outlines if line.startswith("failed  ")]
    assert len(lines) == 2
    assert all("red\\x1b[31m\\nnext" in line for line in lines)


def test_production_may_lack_the_label_and_what_is_said_about_it(project):
    test = pd.read_parquet(project.path / "test.parquet")
    test.drop(columns="paid").to_parquet(project.path / "production.parquet")
    pd.DataFrame({"paid": [0, 1]}).to_parquet(project.path / "labels.parquet")
    settings = (
        '[data.production]\nsource = "production.parquet"\n'
        '[schema]\nenvironments = { production = { absent = ["paid"] } }\n'
        'references = { paid = { source = "labels.parquet" } }\n'
        '[schema.rules]\n"a flag" = "paid IN (0, 1)"\n'
    )
    project.settings(settings)
    project.run("--ml-stage=nightly")
    assert set(project.outcomes().values()) == {"passed"}
    [rules] = [
        check["measurements"][0]["details"]["rules"] for check in project.subject()["checks"] if AGREED in check["id"]
    ]
    assert {rule["rule"]: rule["message"] for rule in rules} == {
        "a flag": "not judged: 'paid' may be missing here",
        "paid: listed": "not judged: may be missing here",
    }


RAW = '[data.raw]\nsource = "raw.parquet"\n[schema]\non = ["test", "raw"]\n'


@pytest.fixture
def raw(project):
    """Rows before preprocessing: texts in place of numbers, a label that is not known yet, a row twice."""
    frame = pd.DataFrame({"id": [1, 2, 3, 4], "pay": ["9 EUR", "N/A", "9 EUR", "7 EUR"], "paid": [1, 0, 1, None]})
    frame.to_parquet(project.path / "raw.parquet")
    return project


def test_raw_rows_are_judged_by_what_asks_for_no_model(raw):
    asked = "[schema.rules]\npriced = \"pay <> 'N/A'\"\n[schema.metrics]\n" + "".join(
        f"{name} = {{ at_most = 0 }}\n" for name in ("duplicate_rows", "placeholders", "outlier_rows", "mixed_columns")
    )
    raw.settings(RAW + asked)
    raw.run()
    assert {name: outcome for name, outcome in raw.outcomes().items() if name.endswith("raw]")} == {
        f"{AGREED}[raw]": "failed",
        "schema::test_every_row_has_a_label[raw]": "failed",
        "schema::test_the_rows_are_sound[duplicate_rows-raw]": "failed",
        "schema::test_the_rows_are_sound[placeholders-raw]": "failed",
        "schema::test_the_rows_are_sound[mixed_columns-raw]": "passed",
    }


def test_raw_rows_may_lack_the_label(raw):
    raw.settings(RAW + 'environments = { raw = { absent = ["paid"] } }\n')
    raw.run()
    assert not [name for name in raw.outcomes() if name.endswith("raw]")]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (
            'ignore = ["regoin"]',
            r"*mlquality.toml: [[]data[]] ignore: there is no column 'regoin' (did you mean 'region'?)*",
        ),
        ('ignore = ["only_here"]', None),
    ],
)
def test_a_column_to_ignore_that_no_split_has_is_an_error(project, settings, told):
    train = pd.read_parquet(project.path / "train.parquet")
    train.assign(only_here=1).to_parquet(project.path / "train.parquet")
    project.settings(replace={'key = "id"': f'key = "id"\n{settings}'})
    result = project.run("-k", "accuracy")
    if told is None:
        assert result.ret == 0
    else:
        result.stdout.fnmatch_lines([told, "*remedy: its columns are id, income, age, region, paid*"])


def test_a_column_that_skew_is_to_ignore_and_no_split_has_is_an_error(project):
    project.settings('[skew]\nignore = ["incom"]\n')
    project.run("-k", "columns")
    causes = " ".join(str(check.get("error") or check) for check in project.subject()["checks"])
    assert "[skew] ignore: there is no column 'incom' (did you mean 'income'?)" in causes
