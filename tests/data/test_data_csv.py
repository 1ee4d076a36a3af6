"""CSV: laid out as its header says, types decided by every row, broken rows named by their line."""

import pytest

from pytest_mlquality.data import open_split
from pytest_mlquality.errors import DataError

GOOD = "id,x,town\n" + "".join(f"{n},{n * 0.5},town {n}\n" for n in range(30_000))


def opened(tmp_path, text, name="f.csv"):
    (tmp_path / name).write_bytes(text.encode())
    return open_split("test", source=name, base=tmp_path)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("id,x,town\n1,2,a\n2,3\n3,4,c\n", "line 3: 2 fields, the header has 3"),
        ("id,x,town\n1,2,a\n2,3,Lynn, MA\n3,4,c\n", "line 3: 4 fields, the header has 3"),
        (GOOD + "1,2\n", "line 30002: 2 fields, the header has 3"),
        (GOOD + "1,2,3,4\n", "line 30002: 4 fields, the header has 3"),
    ],
    ids=["short", "long", "short and late", "long and late"],
)
def test_a_broken_row_is_named_by_its_line_and_not_quoted(tmp_path, text, line):
    with pytest.raises(DataError, match=rf"f\.csv, {line}") as caught:
        opened(tmp_path, text)
    assert "Lynn" not in str(caught.value)


def test_an_unclosed_quote_is_an_error(tmp_path):
    with pytest.raises(DataError, match=r"f\.csv"):
        opened(tmp_path, 'id,town\n1,"Boston\n2,Lynn\n')


def test_one_word_in_a_late_row_makes_the_column_text_instead_of_failing_later(tmp_path):
    split = opened(tmp_path, GOOD + "abc,1,Lynn\n")
    assert split.schema["id"] == "string"
    assert split.rows == 30_001


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_header_tells_the_delimiter(tmp_path, delimiter):
    text = f'id{delimiter}town\r\n1{delimiter}Lynn\r\n2{delimiter}"Bos{delimiter}ton"\r\n'
    assert opened(tmp_path, text).frame(["town"])["town"].tolist() == ["Lynn", f"Bos{delimiter}ton"]


def test_a_file_of_one_column_is_read(tmp_path):
    assert opened(tmp_path, "x\n1\n2\n").frame(["x"])["x"].tolist() == [1, 2]


def test_lines_that_begin_with_a_hash_are_rows(tmp_path):
    assert opened(tmp_path, "town,x\n#1 Boston,1\nLynn,2\n").rows == 2


def test_an_empty_field_is_null_and_a_byte_order_mark_is_no_name(tmp_path):
    split = opened(tmp_path, "\ufeffid,x\n1,\n2,5\n")
    assert split.columns == ("id", "x")
    assert split.nulls(["x"]) == {"x": 1}


def test_an_empty_file_and_another_encoding_are_errors(tmp_path):
    with pytest.raises(DataError, match=r"f\.csv is empty"):
        opened(tmp_path, "")
    (tmp_path / "g.csv").write_bytes("id,town\n1,Zürich\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"(?i)utf-8"):
        open_split("test", source="g.csv", base=tmp_path)


@pytest.mark.parametrize(("kept", "found"), [(2**20, [1, 2]), (0, [7, 8])])
def test_a_small_file_is_parsed_once_and_a_large_one_by_every_query(tmp_path, monkeypatch, kept, found):
    monkeypatch.setattr("pytest_mlquality.data.files._KEPT_BYTES", kept)
    table = opened(tmp_path, "a\n1\n2\n")
    (tmp_path / "f.csv").write_text("a\n7\n8\n")
    assert table.frame(["a"])["a"].tolist() == found
