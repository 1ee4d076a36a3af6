"""Paths and globs: which files they mean, how they are read together, and what is said when they cannot be."""

import os

import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.ipc as ipc
import pyarrow.parquet as pq
import pytest

from pytest_mlquality.data import open_split
from pytest_mlquality.data.finding import find
from pytest_mlquality.errors import DataError


def table(**columns):
    return pa.table(columns)


def write_csv(path, frame):
    frame.to_csv(path, index=False)


def write_stream(path, frame):
    arrow = pa.Table.from_pandas(frame)
    with ipc.new_stream(path, arrow.schema) as stream:
        stream.write_table(arrow)


WRITERS = {
    "people.parquet": lambda path, frame: frame.to_parquet(path),
    "people.pq": lambda path, frame: frame.to_parquet(path),
    "people.csv": write_csv,
    "people.csv.gz": write_csv,
    "people.tsv": lambda path, frame: frame.to_csv(path, index=False, sep="\t"),
    "people.feather": lambda path, frame: feather.write_feather(frame, path),
    "people.arrow": write_stream,
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_kind_of_file_gives_the_same_frame(tmp_path, name):
    frame = pd.DataFrame({"id": [3, 1, 2], "age": [40.5, 30.0, None], "town": ["Boston", "Lynn, MA", None]})
    WRITERS[name](tmp_path / name, frame)
    split = open_split("test", source=name, base=tmp_path)
    assert split.rows == 3
    assert split.columns == ("id", "age", "town")
    assert split.schema == {"id": "int64", "age": "float64", "town": "string"}
    assert split.files == (tmp_path / name,)
    pd.testing.assert_frame_equal(split.frame(split.columns), frame, check_dtype=False)


def test_a_path_is_relative_to_the_settings_file_or_absolute(tmp_path, monkeypatch):
    (tmp_path / "project").mkdir()
    pq.write_table(table(a=[1, 2]), tmp_path / "outside.parquet")
    monkeypatch.chdir("/")
    assert open_split("test", source="../outside.parquet", base=tmp_path / "project").rows == 2
    assert open_split("test", source=str(tmp_path / "outside.parquet"), base=tmp_path / "project").rows == 2


def test_a_glob_reads_its_files_in_the_order_of_their_names(tmp_path):
    for month in (3, 1, 2):
        pq.write_table(table(month=[month, month]), tmp_path / f"m{month}.parquet")
    split = open_split("train", source="m*.parquet", base=tmp_path)
    assert split.frame(["month"])["month"].tolist() == [1, 1, 2, 2, 3, 3]
    assert [file.name for file in split.files] == ["m1.parquet", "m2.parquet", "m3.parquet"]


def test_numbers_of_a_later_file_are_not_rounded_to_the_type_of_the_first(tmp_path):
    pq.write_table(table(x=pa.array([1, 2], pa.int32())), tmp_path / "a1.parquet")
    pq.write_table(table(x=[1.5, 2.5]), tmp_path / "a2.parquet")
    pd.DataFrame({"x": [1, 2]}).to_csv(tmp_path / "c1.csv", index=False)
    pd.DataFrame({"x": [1.5, 2.5]}).to_csv(tmp_path / "c2.csv", index=False)
    for source in ("a*.parquet", "c*.csv"):
        assert open_split("train", source=source, base=tmp_path).frame(["x"])["x"].tolist() == [1, 2, 1.5, 2.5]


def test_files_may_have_their_columns_in_another_order(tmp_path):
    pq.write_table(table(a=[1], b=["x"]), tmp_path / "p1.parquet")
    pq.write_table(table(b=["y"], a=[2]), tmp_path / "p2.parquet")
    pd.DataFrame({"a": [1], "b": ["x"]}).to_csv(tmp_path / "c1.csv", index=False)
    pd.DataFrame({"b": ["y"], "a": [2]}).to_csv(tmp_path / "c2.csv", index=False)
    for source in ("p?.parquet", "c?.csv"):
        assert open_split("train", source=source, base=tmp_path).frame(["a", "b"]).values.tolist() == [
            [1, "x"],
            [2, "y"],
        ]


@pytest.mark.parametrize("suffix", ["parquet", "csv", "feather"])
def test_files_with_different_columns_are_refused_by_name(tmp_path, suffix):
    write = {"parquet": "to_parquet", "csv": "to_csv", "feather": "to_feather"}[suffix]
    options = {"index": False} if suffix == "csv" else {}
    getattr(pd.DataFrame({"a": [1]}), write)(tmp_path / f"f1.{suffix}", **options)
    getattr(pd.DataFrame({"a": [1], "extra": [1]}), write)(tmp_path / f"f2.{suffix}", **options)
    with pytest.raises(DataError, match=r"data\.train\.source.*f1.* and f2.*'extra'"):
        open_split("train", source=f"f*.{suffix}", base=tmp_path)


def test_files_with_different_types_are_refused_by_column(tmp_path):
    pq.write_table(table(a=[1]), tmp_path / "f1.parquet")
    pq.write_table(table(a=["one"]), tmp_path / "f2.parquet")
    with pytest.raises(DataError, match="different types of column 'a': BIGINT and VARCHAR"):
        open_split("train", source="f*.parquet", base=tmp_path)


def test_a_column_of_nothing_but_nulls_fits_any_type(tmp_path):
    pq.write_table(table(a=[1], b=pa.nulls(1)), tmp_path / "f1.parquet")
    pq.write_table(table(a=[2], b=["text"]), tmp_path / "f2.parquet")
    assert open_split("train", source="f*.parquet", base=tmp_path).nulls(["b"]) == {"b": 1}
    alone = open_split("train", source="f1.parquet", base=tmp_path)
    assert alone.schema["b"] == "string"
    assert alone.frame(["b"])["b"].isna().all()


def test_glob_characters_and_key_value_folders_of_the_project_mean_nothing(tmp_path):
    base = tmp_path / "run=5" / "a[1]*"
    base.mkdir(parents=True)
    pq.write_table(table(a=[1, 2]), base / "f[1].parquet")
    split = open_split("test", source="f[1].parquet", base=base)
    assert split.columns == ("a",)
    assert split.rows == 2
    assert open_split("test", source="f*.parquet", base=base).rows == 2


def test_key_value_folders_of_the_source_are_columns(tmp_path):
    for year in (2015, 2016):
        (tmp_path / f"year={year}").mkdir()
        pq.write_table(table(a=[1]), tmp_path / f"year={year}" / "part.parquet")
    split = open_split("train", source="year=*/part.parquet", base=tmp_path)
    assert split.frame(["year"])["year"].tolist() == [2015, 2016]


def test_the_index_that_pandas_writes_is_no_column(tmp_path):
    pd.DataFrame({"a": [1, 2, 3]})[lambda frame: frame["a"] > 1].to_parquet(tmp_path / "f.parquet")
    assert open_split("test", source="f.parquet", base=tmp_path).columns == ("a",)


def test_columns_that_differ_only_in_case_are_refused(tmp_path):
    pq.write_table(table(age=[1], Age=[2]), tmp_path / "f.parquet")
    (tmp_path / "f.csv").write_text("age,Age\n1,2\n")
    for source in ("f.parquet", "f.csv"):
        with pytest.raises(DataError, match="'age' stands there twice"):
            open_split("test", source=source, base=tmp_path)


def test_names_with_quotes_spaces_and_umlauts_work(tmp_path):
    name = "Größe \"in\" 'cm', SELECT"
    pq.write_table(table(**{name: [1.0, None]}), tmp_path / "it's.parquet")
    split = open_split("test", source="it's.parquet", base=tmp_path)
    assert split.nulls([name]) == {name: 1}
    assert split.frame([name]).columns.tolist() == [name]


def test_a_missing_file_names_the_nearest(tmp_path):
    pq.write_table(table(a=[1]), tmp_path / "people_2015.parquet")
    with pytest.raises(
        DataError, match=r"data\.test\.source.*'people_2051\.parquet'.*did you mean 'people_2015\.parquet'"
    ):
        open_split("test", source="people_2051.parquet", base=tmp_path)


def test_a_glob_that_matches_nothing_says_where_it_looked(tmp_path):
    with pytest.raises(DataError, match=rf"no file matches 'people_\*\.parquet' in {tmp_path}"):
        open_split("test", source="people_*.parquet", base=tmp_path)


def test_a_glob_over_files_of_no_known_kind_names_the_kinds(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    with pytest.raises(DataError, match=r"a\.txt[\s\S]*\.parquet"):
        open_split("test", source="a*", base=tmp_path)


@pytest.mark.parametrize("damage", ["not parquet", "empty", "cut off", "zeros in a page"])
def test_a_corrupt_parquet_file_is_named_without_a_traceback_of_the_engine(tmp_path, damage):
    file = tmp_path / "f.parquet"
    pq.write_table(table(a=[float(n) * 1.1 for n in range(10_000)]), file, use_dictionary=False)
    whole = file.read_bytes()
    file.write_bytes(
        {
            "not parquet": b"id,age\n1,2\n" * 9,
            "empty": b"",
            "cut off": whole[:-200],
            "zeros in a page": b"PAR1" + bytes(100) + whole[104:],
        }[damage]
    )
    with pytest.raises(DataError, match=r"f\.parquet cannot be read") as caught:
        open_split("test", source="f.parquet", base=tmp_path)
    assert "LINE 1" not in str(caught.value)
    assert caught.value.remedy


def test_a_corrupt_arrow_file_is_named(tmp_path):
    (tmp_path / "f.arrow").write_bytes(b"ARROW1 and then nothing")
    with pytest.raises(DataError, match=r"f\.arrow cannot be read"):
        open_split("test", source="f.arrow", base=tmp_path)


@pytest.mark.parametrize("name", ["f.parquet", "f.csv", "f.feather"])
def test_a_split_without_rows_is_an_error(tmp_path, name):
    frame = pd.DataFrame({"a": pd.Series([], dtype="float64")})
    WRITERS["people" + name[1:]](tmp_path / name, frame)
    with pytest.raises(DataError, match=r"data\.test: .*no row to judge[\s\S]*data\.test\.filter"):
        open_split("test", source=name, base=tmp_path)


def test_an_address_elsewhere_is_refused(tmp_path):
    with pytest.raises(DataError, match="not on this machine"):
        open_split("test", source="https://example.org/people.parquet", base=tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("name", ["f.parquet", "f.csv", "f.feather"])
def test_a_file_that_may_not_be_read_is_named(tmp_path, name):
    WRITERS["people" + name[1:]](tmp_path / name, pd.DataFrame({"a": [1]}))
    (tmp_path / name).chmod(0)
    with pytest.raises(DataError, match=f"{name} cannot be read"):
        open_split("test", source=name, base=tmp_path)


ODD = {
    "a named pipe": os.mkfifo,
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a dangling link": lambda path: path.symlink_to("gone"),
    "a loop": lambda path: path.symlink_to(path.name),
}


@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
def test_what_is_no_plain_file_is_refused_and_not_waited_for(make, tmp_path):
    make(tmp_path / "odd.parquet")
    with pytest.raises(DataError, match=r"'odd\.parquet' is (neither a plain file nor a folder|a link that leads)"):
        find("odd.parquet", tmp_path, "[data.test] source")
    (tmp_path / "folder").mkdir()
    make(tmp_path / "folder" / "odd.parquet")
    with pytest.raises(DataError, match=r"holds what is no plain file: 'odd\.parquet'"):
        find("folder", tmp_path, "[data.test] source")
