"""What people have written is theirs."""

import tomllib

import pytest


@pytest.mark.parametrize("existing", ["mlquality.toml", "schema.yaml"])
def test_an_existing_file_is_never_touched(house, existing):
    (house.path / existing).write_text("# mine\n")
    assert house.init() == 1
    assert "--update" in house.said.err
    assert house.text(existing) == "# mine\n"
    assert sorted(file.name for file in house.path.iterdir() if file.suffix in (".toml", ".yaml")) == [existing]


def test_an_existing_profile_is_never_touched(house):
    (house.path / "profile.html").write_text("mine")
    assert house.init("--explore") == 1
    assert house.text("profile.html") == "mine"
    assert not (house.path / "mlquality.toml").exists()


def test_a_dangling_link_is_something_that_exists(house):
    (house.path / "mlquality.toml").symlink_to(house.path / "elsewhere.toml")
    assert house.init() == 1
    assert not (house.path / "elsewhere.toml").exists()


def edited(house):
    """Write a proposal and make it somebody's own."""
    house.init("--key", "id")
    schema = house.text("schema.yaml")
    lines = schema.splitlines(keepends=True)
    start = next(at for at, line in enumerate(lines) if line.startswith("  low:"))
    end = next(at for at, line in enumerate(lines) if line.startswith("  high:"))
    schema = "".join(lines[:start] + lines[end:])
    schema = schema.replace("    - Brno\n", "").replace("    - Aachen", "    - 'Aachen'   # ours since 1994")
    gate = house.gate.replace('"low is at most high" =', '# I know better\n"low is at most high" =')
    gate = gate.replace("rows = { at_least = 2400 }", "rows = {at_least=1_000}   # enough")
    gate = "\n".join(line for line in gate.split("\n") if not line.startswith("outlier_rows"))
    (house.path / "schema.yaml").write_text(schema)
    (house.path / "mlquality.toml").write_text(gate)
    return gate, schema


def test_update_shows_a_diff_and_writes_nothing(house):
    gate, schema = edited(house)
    assert house.init("--update", data=(), target=None) == 0
    diff = house.said.out
    assert "+    - Brno" in diff
    assert "+  low:" in diff
    assert "+outlier_rows = " in diff
    assert "--update --write" in diff
    assert not [line for line in diff.splitlines() if line.startswith("-") and not line.startswith("--- ")]
    assert (house.gate, house.text("schema.yaml")) == (gate, schema)


def test_update_and_write_adds_and_keeps_every_line(house):
    gate, schema = edited(house)
    assert house.init("--update", "--write", data=(), target=None) == 0
    for before, after in ((gate, house.gate), (schema, house.text("schema.yaml"))):
        remaining = iter(after.splitlines())
        assert all(line in remaining for line in before.splitlines())
    assert house.schema["town"]["isin"] == ["Aachen", "Cork", "Brno"]
    assert "low" in house.schema
    assert tomllib.loads(house.gate)["schema"]["only"]["train"] == {"rows": {"at_least": 1000}}
    assert house.passes()
    assert house.init("--update", data=(), target=None) == 0
    assert house.said.out.splitlines()[-1] == "nothing to add"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_what_an_editor_of_windows_saved_is_added_to_in_its_own_way(house, mark, end):
    for name, text in zip(("mlquality.toml", "schema.yaml"), edited(house), strict=True):
        (house.path / name).write_bytes(mark + text.encode().replace(b"\n", end))
    assert house.init("--update", "--write", data=(), target=None) == 0, house.said.err
    for name, added in (("mlquality.toml", b"outlier_rows"), ("schema.yaml", b"  - Brno")):
        found = (house.path / name).read_bytes()
        assert found.startswith(mark)
        assert added in found
        assert found.count(b"\xef\xbb\xbf") == bool(mark)
        assert found.count(b"\n") == found.count(end)
    assert house.passes()


def test_a_limit_that_was_switched_off_stays_off(house):
    house.init("--key", "id")
    gate = house.gate.splitlines()
    place = next(at for at, line in enumerate(gate) if line.startswith("duplicate_rows"))
    gate[place] = "duplicate_rows = false"
    (house.path / "mlquality.toml").write_text("\n".join(gate))
    assert house.init("--update", data=(), target=None) == 0
    assert "duplicate_rows = {" not in house.said.out


def test_update_completes_a_gate_written_by_hand(house):
    (house.path / "mlquality.toml").write_text(
        'data.target = "granted"\ndata.key = "id"\n\n[data.train]\nsource = "train.parquet"  # mine\n'
        '[data.test]\nsource = "test.parquet"'
    )
    assert house.init("--update", "--write", data=(), target=None) == 0
    assert '"train.parquet"  # mine\n' in house.gate
    assert 'file = "schema.yaml"' in house.gate
    assert house.passes()


def test_tables_that_cannot_be_added_to_are_refused_whole(house):
    text = (
        'schema = { metrics = { rows = { at_least = 1 } } }\n[data]\ntarget = "granted"\n'
        '[data.train]\nsource = "train.parquet"\n'
    )
    (house.path / "mlquality.toml").write_text(text)
    assert house.init("--update", "--write", data=(), target=None) == 1
    assert "without touching it" in house.said.err
    assert house.gate == text
    assert not (house.path / "schema.yaml").exists()


def test_lists_in_brackets_grow_inside_their_brackets(house):
    edited(house)
    schema = house.text("schema.yaml")
    start = schema.index("    isin:\n    - 'Aachen'")
    end = schema.index("    - Cork\n") + len("    - Cork\n")
    (house.path / "schema.yaml").write_text(schema[:start] + "    isin: ['Aachen', Cork ]  # both\n" + schema[end:])
    house.init("--update", "--write", data=(), target=None)
    assert "    isin: ['Aachen', Cork, Brno ]  # both\n" in house.text("schema.yaml")


def test_update_without_files_says_what_to_type(house):
    assert house.init("--update") == 1
    assert "to add to" in house.said.err


def test_a_gate_that_asks_the_model_by_default_still_does(project, capsys):
    from pytest_mlquality.cli import main
    from pytest_mlquality.plan import demanded
    from pytest_mlquality.settings import read_settings

    text = 'model.uri = "model.skops"\ndata.target = "paid"\ndata.test.source = "test.parquet"\n'
    path = project.write("mlquality.toml", text + 'data.train.source = "train.parquet"\n')
    assert main(["init", "--update", "--write", "--directory", str(project.path)]) == 0, capsys.readouterr()
    assert path.read_text().startswith(text)
    asked = [claim.id for claim in demanded(read_settings(path), "ci")]
    assert "performance::test_a_metric_meets_its_limit[gain_over_trivial]" in asked
    assert "schema::test_the_data_keep_to_what_was_agreed[test]" in asked


def test_a_password_never_stands_in_the_file(project, capsys):
    from pytest_mlquality.cli import main

    words = ["--data", "test=test.parquet", "--target", "paid", "--directory", str(project.path)]
    (project.path / "mlquality.toml").unlink()
    assert main(["init", *words, "--registry", "http://bob:s3cretpw@host/x"]) == 1
    assert "s3cretpw" not in capsys.readouterr().err
    assert not (project.path / "mlquality.toml").exists()


@pytest.mark.parametrize(
    ("written", "proposed"),
    [
        ("[schema.metrics]\nrows = false\n", {}),
        ("[schema.only.test]\nrows = false\n", {"train": {"rows": {"at_least": 2400}}}),
    ],
)
def test_the_rows_of_a_split_are_proposed_where_nothing_is_said_of_them(house, written, proposed):
    (house.path / "mlquality.toml").write_text(
        '[data.train]\nsource = "train.parquet"\n[data.test]\nsource = "test.parquet"\n' + written
    )
    assert house.init("--update", "--write", data=(), target=None) == 0, house.said.err
    assert tomllib.loads(house.gate)["schema"].get("only", {}) == {
        **tomllib.loads(written)["schema"].get("only", {}),
        **proposed,
    }
