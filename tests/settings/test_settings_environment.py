import json
from base64 import b64encode
from urllib.parse import quote, quote_plus

import pytest

from pytest_mlquality.redaction import conceal, conceal_argument
from pytest_mlquality.settings import SettingsError, read_settings

CANARY = "canary-4711-wren"


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    monkeypatch.setenv("ML_TEST_CANARY", CANARY)
    monkeypatch.setenv("ML_TEST_SHORT", "id")
    monkeypatch.setenv("ML_TEST_EMPTY", "")
    monkeypatch.delenv("ML_TEST_ABSENT", raising=False)


def with_source(three_lines: str, source: str) -> str:
    assert '"test.parquet"' in three_lines
    return three_lines.replace('"test.parquet"', f'"{source}"')


def test_any_string_is_expanded_and_shown_to_nobody(read, three_lines):
    text = with_source(three_lines, "postgres://bob:${ML_TEST_CANARY}@host/${ML_TEST_SHORT}").replace(
        "[data]", '[data]\nkey = "${ML_TEST_SHORT}"\nignore = ["a", "x_${ML_TEST_CANARY}"]'
    )
    settings = read(text)
    assert settings.data.splits["test"].source == f"postgres://bob:{CANARY}@host/id"
    assert settings.data.ignore == ("a", f"x_{CANARY}")
    resolved = settings.resolved()
    assert resolved["data"]["test"]["source"] == "postgres://***@host/***"
    assert resolved["data"]["ignore"] == ["a", "x_***"]
    assert (resolved["data"]["key"], resolved["data"]["unit"]) == ("***", "***")
    for shown in (json.dumps(resolved), repr(settings), repr(settings.data), str(settings.data), repr(settings.model)):
        assert CANARY not in shown
    assert conceal(f"refused: {CANARY}") == "refused: ***"


def test_the_user_part_of_an_address_is_shown_to_nobody_although_it_stands_in_the_file(read, three_lines):
    settings = read(with_source(three_lines, "postgres://bob:wagtail%2F99@host/t"))
    assert settings.resolved()["data"]["test"]["source"] == "postgres://***@host/t"
    # Drivers repeat the password alone, and decoded.
    assert conceal("password wagtail/99 refused") == "password *** refused"


@pytest.mark.parametrize(
    ("line", "key", "message"),
    [
        (
            'model.baseline = "${ML_TEST_ABSENT}"',
            "model.baseline",
            "${ML_TEST_ABSENT} is not set: there is no environment variable ML_TEST_ABSENT",
        ),
        ('data.ignore = ["a", "${ML_TEST_ABSENT}"]', "data.ignore[1]", "${ML_TEST_ABSENT} is not set"),
        ('extends = "${ML_TEST_ABSENT}"', "extends", "${ML_TEST_ABSENT} is not set"),
        ('model.task = "${ML_TEST_ABSENT}"', "model.task", "${ML_TEST_ABSENT} is not set"),
        ('name = "${NOT A NAME}"', "name", "${NOT A NAME} does not name an environment variable"),
        ('name = "${}"', "name", "${} does not name an environment variable"),
    ],
)
def test_a_variable_that_is_not_set_is_a_problem_of_its_key(problems, three_lines, line, key, message):
    found = problems(f"{line}\n{three_lines}" if "." not in line.split("=")[0] else dotted(line))
    assert list(found) == [key]
    assert found[key].message.startswith(message)


def dotted(line: str) -> str:
    return f'{line}\nmodel.uri = "m.skops"\ndata.target = "y"\ndata.test.source = "a.parquet"\n'


@pytest.mark.parametrize(
    "line",
    [
        'model.task = "${ML_TEST_CANARY}"',
        'model.threshold = "${ML_TEST_CANARY}"',
        'model.sha256 = "${ML_TEST_CANARY}"',
        'registry = "${ML_TEST_CANARY}"',
        'data.test.window = "${ML_TEST_CANARY}"',
        'stage.ci.checks = ["${ML_TEST_CANARY}"]',
        'performance.on = "${ML_TEST_CANARY}"',
        'performance.metrics.r2.at_least = "${ML_TEST_CANARY}"',
        'waive = ["${ML_TEST_CANARY}"]',
        'by_hand.M2 = "${ML_TEST_CANARY}"',
        'extends = "${ML_TEST_CANARY}/base.toml"',
        'data.test.window = "db://ann:canary-4711-wren@host"',
        'unknown = "${ML_TEST_CANARY}"',
    ],
)
def test_no_problem_repeats_a_value_from_the_environment(write, line):
    with pytest.raises(SettingsError) as caught:
        read_settings(write(dotted(line)))
    error = caught.value
    assert CANARY not in "".join([str(error), repr(error), repr(error.problems)])
    assert error.__cause__ is None
    assert error.__context__ is None, "pydantic's error would show the value in a traceback"


def test_a_password_in_the_file_is_concealed_however_long_the_value(problems):
    password = "linnet" * 20
    found = problems(dotted(f'data.test.window = "postgres://bob:{password}@host/t"'))
    assert found["data.test.window"].message.endswith('found "postgres://***@host/t"')


def test_an_empty_variable_is_told_from_an_absent_one(problems, three_lines):
    found = problems(with_source(three_lines, "${ML_TEST_EMPTY}"))
    message = 'expected text that is not empty, found "${ML_TEST_EMPTY}", which is read from the environment'
    assert found["data.test.source"].message == message


def test_a_task_of_the_environment_chooses_the_default_limits_and_is_quoted_as_it_is_written(
    problems, three_lines, monkeypatch
):
    monkeypatch.setenv("ML_TEST_TASK", "ranking")
    text = three_lines.replace("[model]", '[model]\ntask = "${ML_TEST_TASK}"') + "[fairness]\nby = ['a']"
    message = 'no group is held to a limit: the task "${ML_TEST_TASK}" has none by default'
    assert problems(text)["fairness.metrics"].message == message


def test_a_dollar_alone_is_just_a_dollar(read, three_lines):
    assert read(with_source(three_lines, "a$b/$ML_TEST_CANARY.parquet")).resolved()["data"]["test"]["source"] == (
        "a$b/$ML_TEST_CANARY.parquet"
    )


def test_the_digest_tells_nothing_of_the_environment_and_does_not_depend_on_it(read, three_lines, monkeypatch):
    text = with_source(three_lines, "${ML_TEST_CANARY}/test.parquet")
    first = read(text).digest()
    monkeypatch.setenv("ML_TEST_CANARY", "elsewhere-0815")
    assert read(text).digest() == first


def test_the_digest_does_not_depend_on_secrets_of_other_files(read, three_lines, monkeypatch):
    first = read(three_lines).digest()
    monkeypatch.setenv("ML_TEST_CANARY", "churned")
    read(with_source(three_lines, "${ML_TEST_CANARY}.parquet"), "other.mlquality.toml")
    assert read(three_lines).digest() == first


def test_the_digest_follows_the_meaning_not_the_writing(read, three_lines):
    digest = read(three_lines).digest()
    assert digest.startswith("sha256:")
    assert len(digest) == len("sha256:") + 64
    spelt_out = (
        three_lines + "\n[performance]\non='test'\n[performance.metrics]\ngain_over_trivial={at_least=0}\n[schema]"
    )
    assert read(spelt_out).digest() == digest
    assert read(three_lines + "\n[verdict]\nfalse_fail = 1e-6").digest() != digest


def test_resolved_settings_are_json_with_the_names_of_the_file(read, three_lines):
    waiver = '[[waive]]\ncheck = "a"\nowner = "b"\nreason = "c"\nuntil = 2030-01-01'
    resolved = read(f"{three_lines}\n[performance.metrics]\nr2 = {{ at_least = 0.5 }}\n[schema]\n{waiver}").resolved()
    assert json.loads(json.dumps(resolved, allow_nan=False)) == resolved
    assert resolved["schema"]["metrics"]["missing_targets"] == {"at_most": 0}
    assert resolved["performance"]["metrics"]["r2"] == {"at_least": 0.5}
    assert resolved["waive"][0]["until"] == "2030-01-01"
    assert resolved["name"]
    assert "extends" not in resolved


PASSWORDS = (
    "wag@tail",
    "wag:tail",
    "wag'tail",
    "wag tail",
    "wag/tail",
    "wag?tail",
    "wag#tail",
    "wag@ta/il@",
    "wäg€tail",
)


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("written", [str, lambda password: quote(password, safe="")], ids=["raw", "encoded"])
def test_a_password_of_any_sign_is_shown_to_nobody(read, three_lines, password, written):
    address = f"postgres://bob:{written(password)}@host/t"
    settings = read(with_source(three_lines, address))
    assert settings.resolved()["data"]["test"]["source"] == "postgres://***@host/t"
    login = b64encode(f"bob:{password}".encode()).decode()
    for made in (
        address,
        repr(address),
        json.dumps(address),
        quote(password),
        quote_plus(password),
        ascii(password),
        login,
    ):
        shown = conceal(f"refused {made} here")
        assert not [part for part in ("wag", "tail", "w%C3", "\\xe4g", login) if part in shown]


def test_the_user_part_of_an_argument_of_the_command_line_is_concealed():
    assert (
        conceal_argument("--ml-model=http://bob:wag tail/1@host/v2/models/m")
        == "--ml-model=http://***@host/v2/models/m"
    )
    assert conceal_argument("http://host/v2/models/m@b") == "http://host/v2/models/m@b"
    assert conceal_argument("models:/loans@champion") == "models:/loans@champion"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:////srv/w.db", "sqlite:////srv/w.db"),
        ("http://bob@host/a@b", "http://***@host/a@b"),
        ("https://host/a?mail=x@y.z", "https://host/a?mail=x@y.z"),
        ("see https://host/a and write to x@y.z", "see https://host/a and write to x@y.z"),
        ("https://host:8080/a", "https://host:8080/a"),
        ("s3://bucket/key@v1", "s3://bucket/key@v1"),
        ("postgres://bob:x@host/db or http://h/a", "postgres://***@host/db or http://h/a"),
    ],
)
def test_what_is_no_user_part_is_shown(url, shown):
    assert conceal(url) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("there is no column 'zq'", "there is no column '***'"),
        ('{"key": "zq"}', '{"key": "***"}'),
        ("token=zq&a=b", "token=***&a=b"),
        ("http://bob:zq@host", "http://***@host"),
        ("a zqueue and zq", "a zqueue and zq"),
    ],
)
def test_two_characters_are_concealed_where_they_are_quoted(read, three_lines, monkeypatch, text, shown):
    monkeypatch.setenv("ML_TEST_TWO", "zq")
    read(three_lines.replace("[data]", '[data]\nkey = "${ML_TEST_TWO}"'))
    assert conceal(text) == shown
