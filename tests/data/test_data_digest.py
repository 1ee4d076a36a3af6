"""Digests of files: what changes them, what does not, and the cache that may always be lost."""

import os
import shutil
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pytest_mlquality.data import digest as digests
from pytest_mlquality.data import open_split


@pytest.fixture
def project(tmp_path):
    base = tmp_path / "project"
    (base / "data").mkdir(parents=True)
    for month in (1, 2):
        pq.write_table(pa.table({"a": [month]}), base / "data" / f"m{month}.parquet")
    settle(base)
    return base


def settle(folder):
    """Make files look older than the cache's doubt; their ctime cannot be set, so the doubt is turned off as well."""
    for file in folder.rglob("*.parquet"):
        os.utime(file, (time.time() - 100,) * 2)


@pytest.fixture(autouse=True)
def _no_doubt(monkeypatch):
    monkeypatch.setattr(digests, "_SETTLED_S", -1.0)


def digest(base, source="data/m*.parquet", rehash=False, **settings):
    return open_split("test", source=source, base=base, **settings).digest(rehash=rehash)


def test_it_is_the_same_wherever_the_project_stands(project, tmp_path):
    shutil.copytree(project, tmp_path / "elsewhere" / "deep")
    assert digest(project) == digest(tmp_path / "elsewhere" / "deep")
    assert digest(project).startswith("sha256:")
    assert len(digest(project)) == len("sha256:") + 64


def test_an_absolute_source_does_not_bring_its_folder_in(project, tmp_path):
    shutil.copytree(project, tmp_path / "other")
    assert digest(project, f"{project}/data/*.parquet") == digest(tmp_path, f"{tmp_path}/other/data/*.parquet")


def test_it_changes_with_bytes_names_and_number_of_files(project):
    seen = [digest(project)]
    pq.write_table(pa.table({"a": [9]}), project / "data" / "m2.parquet")
    seen.append(digest(project))
    (project / "data" / "m2.parquet").rename(project / "data" / "m3.parquet")
    seen.append(digest(project))
    (project / "data" / "m3.parquet").unlink()
    seen.append(digest(project))
    assert len(set(seen)) == 4


def test_two_files_that_swap_names_are_other_data(project):
    before = digest(project)
    one, two = project / "data" / "m1.parquet", project / "data" / "m2.parquet"
    one.rename(project / "aside")
    two.rename(one)
    (project / "aside").rename(two)
    assert digest(project) != before


def test_the_filter_is_no_part_of_it(project):
    assert digest(project, filter="a = 1") == digest(project)


def test_a_file_that_looks_the_same_is_not_read_again_unless_asked(project):
    before = digest(project)
    text = digests.cache_file().read_text()
    known = text[text.index("m1.parquet") :].split('"')[2]
    digests.cache_file().write_text(text.replace(known, "0" * 64))
    assert digest(project) != before  # believed the cache, which shows that it is used
    assert digest(project, rehash=True) == before
    assert digest(project) == before  # and what was hashed anew is remembered


def test_a_file_changed_in_place_with_its_old_time_is_seen(project):
    before = digest(project)
    file = project / "data" / "m1.parquet"
    stat, raw = file.stat(), bytearray(file.read_bytes())
    raw[20] ^= 1
    file.write_bytes(raw)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    names = ("data/m1.parquet", "data/m2.parquet")
    files = [project / name for name in names]
    assert digests.files_digest(files, names) != before


def test_a_file_that_was_only_just_written_is_not_remembered(project, monkeypatch):
    monkeypatch.setattr(digests, "_SETTLED_S", 2.0)
    (project / "data" / "m1.parquet").touch()
    digest(project)
    assert not digests.cache_file().exists()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"/x": 5}', '{"/x": [1]}', "\x00\xff"])
def test_a_broken_cache_is_an_empty_cache(project, content):
    before = digest(project)
    digests.cache_file().write_text(content)
    assert digest(project) == before


def test_a_cache_that_cannot_be_written_costs_only_time(project, tmp_path, monkeypatch):
    before = digest(project)
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert digest(project) == before


def test_without_xdg_the_cache_is_under_home(monkeypatch, tmp_path):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert digests.cache_file() == tmp_path / ".cache" / "pytest-mlquality" / "file-digests.json"
