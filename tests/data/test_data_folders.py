"""Folders as a source: what Spark and Hive write, their notes left out, key=value folders as columns."""

import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from pytest_mlquality.data import open_split
from pytest_mlquality.errors import DataError

WRITE = {
    "parquet": lambda file, rows: pq.write_table(pa.table(rows), file),
    "csv": lambda file, rows: pd.DataFrame(rows).to_csv(file, index=False),
    "feather": lambda file, rows: feather.write_feather(pa.table(rows), file),
}


def spark_output(folder, kind="parquet"):
    """Write what Spark does: two parts, and notes of its own."""
    (folder / "_temporary" / "0").mkdir(parents=True)
    for place in (0, 1):
        WRITE[kind](folder / f"part-0000{place}-7f1c.{kind}", {"a": [place, place]})
        (folder / f".part-0000{place}-7f1c.{kind}.crc").write_bytes(b"crc")
    WRITE[kind](folder / "_temporary" / "0" / f"part-00009.{kind}", {"a": [9]})
    (folder / "_SUCCESS").write_bytes(b"")
    (folder / "_metadata").write_bytes(b"PAR1")


@pytest.mark.parametrize("source", ["test.parquet", "test.parquet/", "test.parquet/*", "**/*", "test.par*"])
def test_a_folder_that_spark_wrote_is_read(tmp_path, source):
    spark_output(tmp_path / "test.parquet")
    table = open_split("test", source=source, base=tmp_path)
    assert table.frame(["a"])["a"].tolist() == [0, 0, 1, 1]
    assert [file.name for file in table.files] == ["part-00000-7f1c.parquet", "part-00001-7f1c.parquet"]


@pytest.mark.parametrize("kind", ["csv", "feather"])
@pytest.mark.parametrize("source", ["rows", "rows/*", "**/*"])
def test_folders_of_other_formats_are_read_as_well(tmp_path, kind, source):
    spark_output(tmp_path / "rows", kind)
    assert open_split("test", source=source, base=tmp_path).frame(["a"])["a"].tolist() == [0, 0, 1, 1]


def test_a_file_that_the_source_names_is_read_whatever_it_begins_with(tmp_path):
    for name in ("_old.parquet", "_older.parquet", "new.parquet"):
        pq.write_table(pa.table({"a": [1]}), tmp_path / name)
    assert open_split("test", source="_old.parquet", base=tmp_path).rows == 1
    assert open_split("test", source="_old*.parquet", base=tmp_path).rows == 2
    assert open_split("test", source="*.parquet", base=tmp_path).rows == 1


def test_a_folder_without_rows_and_one_whose_log_says_which_files_count_are_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "_SUCCESS").write_bytes(b"")
    with pytest.raises(DataError, match=r"the folder 'empty' in .* holds no file of rows"):
        open_split("test", source="empty", base=tmp_path)
    spark_output(tmp_path / "delta")
    (tmp_path / "delta" / "_delta_log").mkdir()
    with pytest.raises(DataError, match="'delta' is a table of Delta Lake"):
        open_split("test", source="delta", base=tmp_path)


def test_a_table_of_an_engine_is_not_taken_for_a_folder_of_its_name(tmp_path):
    import duckdb

    spark_output(tmp_path / "people")
    with duckdb.connect(str(tmp_path / "w.duckdb")) as database:
        database.execute("CREATE TABLE people AS SELECT 7 AS a")
    table = open_split("test", source="people", base=tmp_path, engine="duckdb:///w.duckdb")
    assert table.values("a") == [7]
    assert open_split("test", source="./people", base=tmp_path, engine="duckdb:///w.duckdb").rows == 4


def hive(base, *folders, kind="parquet", **columns):
    for place, folder in enumerate(folders):
        (base / folder).mkdir(parents=True)
        WRITE[kind](base / folder / f"part.{kind}", {"a": [place], **columns})


@pytest.mark.parametrize("kind", ["parquet", "csv", "feather"])
@pytest.mark.parametrize("source", ["sales", "sales/**/*.{}", "sales/year=*/month=*/*.{}", "sales/*"])
def test_folders_that_a_wildcard_stands_for_are_columns(tmp_path, kind, source):
    hive(tmp_path / "sales", "year=2023/month=12", "year=2024/month=01", "year=2024/month=02", kind=kind)
    table = open_split("train", source=source.format(kind), base=tmp_path)
    assert dict(table.schema) == {"a": "int64", "year": "int64", "month": "string"}
    assert table.frame(["a", "year", "month"]).values.tolist() == [[0, 2023, "12"], [1, 2024, "01"], [2, 2024, "02"]]
    numbers = open_split("train", source=source.format(kind), base=tmp_path, types={"month": "integer"})
    assert numbers.frame(["month"])["month"].tolist() == [12, 1, 2]


@pytest.mark.parametrize("kind", ["parquet", "csv", "feather"])
def test_a_folder_that_the_source_writes_out_only_selects_rows(tmp_path, kind):
    hive(tmp_path, "data/split=test/month=1", "data/split=train/month=1", kind=kind)
    for source in (f"data/split=test/*/*.{kind}", "data/split=test", str(tmp_path / "data" / "split=test")):
        assert open_split("test", source=source, base=tmp_path).columns == ("a", "month")
    named = open_split("test", source="data/split=test", base=tmp_path, expected=lambda: {"split": ""})
    assert named.values("split") == ["test"]


@pytest.mark.parametrize("kind", ["parquet", "csv", "feather"])
def test_a_folder_goes_before_a_column_of_its_name_in_the_files(tmp_path, kind):
    hive(tmp_path, "data/day=1/hour=1", "data/day=2/hour=1", kind=kind, day=["monday"])
    table = open_split("test", source=f"data/day=*/*/*.{kind}", base=tmp_path)
    assert sorted(table.values("day")) == [1, 2]
    assert set(table.columns) == {"a", "day", "hour"}


def test_folders_above_the_project_are_no_columns(tmp_path):
    base = tmp_path / "run=5"
    hive(base, "k=x", "k=y", kind="csv")
    assert open_split("test", source="k=*/part.csv", base=base).columns == ("a", "k")
    assert open_split("test", source="k=x/part.csv", base=base).columns == ("a",)


def test_values_of_folders_are_decoded_and_may_be_missing(tmp_path):
    hive(tmp_path, "c=a%20b", "c=__HIVE_DEFAULT_PARTITION__")
    assert set(open_split("test", source="c=*/*.parquet", base=tmp_path).values("c")) == {"a b", None}


def test_files_that_lie_in_different_folders_are_refused(tmp_path):
    hive(tmp_path, "data/year=2024", "data/old")
    with pytest.raises(DataError, match="only one lies in a folder year="):
        open_split("test", source="data", base=tmp_path)
