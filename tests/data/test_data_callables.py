"""``python:`` sources: what a function may return, where its module is found, and what stays as it was."""

import gc
import sys

import pytest

from pytest_mlquality.data import open_split
from pytest_mlquality.errors import DataError
from pytest_mlquality.shown import showing_values

MODULE = """
import pandas as pd
def in_pandas():
    c = pd.Categorical(["x", "y", None], categories=["z", "y", "x"])
    return pd.DataFrame({"a": [1, 2, 3], "c": c}, index=[7, 8, 9])
def in_polars():
    import polars as pl
    return pl.from_pandas(in_pandas())
def in_polars_enum():
    import polars as pl
    return pl.DataFrame({"c": pl.Series(["x", "y", None], dtype=pl.Enum(["z", "y", "x"]))})
def in_lazy_polars():
    return in_polars().lazy()
def in_arrow():
    import pyarrow as pa
    return pa.Table.from_pandas(in_pandas(), preserve_index=False)
def in_arrow_batches():
    return in_arrow().to_reader(2)
def in_ibis():
    import ibis
    backend = ibis.duckdb.connect()
    backend.con.register("people", in_arrow())
    return backend.table("people")
def mixed():
    return pd.DataFrame({"a": [1, "Smith"]})
def twice():
    return pd.DataFrame([[1, 2]], columns=["a", "a"])
def empty():
    return in_pandas().iloc[:0]
def fails():
    raise RuntimeError("the warehouse is closed")
def number():
    return 42
def changes_path():
    import sys
    sys.path.append("/nowhere")
    import sibling
    return pd.DataFrame({"a": [sibling.VALUE]})
"""


@pytest.fixture(autouse=True)
def _forget_modules():
    yield
    for name in [
        name for name in sys.modules if name.partition(".")[0] in {"loaders", "sibling", "loading", "needs", "broken"}
    ]:
        del sys.modules[name]


@pytest.fixture
def project(tmp_path):
    (tmp_path / "loaders").mkdir()
    (tmp_path / "loaders" / "people.py").write_text(MODULE)
    (tmp_path / "sibling.py").write_text("VALUE = 5\n")
    return tmp_path


def opened(base, function, module="loaders.people", **settings):
    return open_split("test", source=f"python:{module}:{function}", base=base, **settings)


pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")  # the user's own Ibis table
KINDS = ["in_pandas", "in_polars", "in_lazy_polars", "in_arrow", "in_arrow_batches", "in_ibis"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_table_answers_alike(project, kind):
    split = opened(project, kind, filter="a > 1")
    assert split.rows == 2
    assert split.columns == ("a", "c")
    assert split.nulls(["c"]) == {"c": 1}
    assert split.count("c = 'y'") == 1
    assert sorted(split.frame(["a"])["a"]) == [2, 3]
    assert sum(len(piece) for piece in split.batches(["a"], rows=1)) == 2
    assert split.source == f"python:loaders.people:{kind}"


@pytest.mark.parametrize("kind", ["in_pandas", "in_polars_enum", "in_arrow"])
def test_categories_stay(project, kind):
    assert opened(project, kind).frame(["c"])["c"].cat.categories.tolist() == ["z", "y", "x"]


def test_the_digest_is_that_of_the_content(project):
    assert len({opened(project, kind).digest() for kind in KINDS}) == 1
    assert opened(project, "in_pandas", filter="a > 1").digest() != opened(project, "in_pandas").digest()


def test_the_search_path_is_restored_whatever_the_function_does(project):
    before = list(sys.path)
    assert opened(project, "changes_path").frame(["a"])["a"].tolist() == [5]
    with pytest.raises(DataError):
        opened(project, "fails")
    assert sys.path == before


@pytest.mark.parametrize("layout", ["module", "package", "namespace"])
def test_two_subjects_may_have_modules_of_one_name(tmp_path, layout):
    for name in ("one", "two"):
        text = f"import pandas\ndef load():\n    return pandas.DataFrame({{'who': ['{name}']}})\n"
        folder = tmp_path / name
        folder.mkdir()
        if layout == "module":
            (folder / "loading.py").write_text(text)
        else:
            (folder / "loading").mkdir()
            (folder / "loading" / "inner.py").write_text(text)
            if layout == "package":
                (folder / "loading" / "__init__.py").write_text("")
    module = "loading" if layout == "module" else "loading.inner"
    for name in ("one", "two", "one"):
        assert opened(tmp_path / name, "load", module).frame(["who"])["who"].tolist() == [name]


def test_a_module_that_the_tests_have_loaded_stays_theirs(project, monkeypatch):
    theirs = type(sys)("loaders")
    monkeypatch.setitem(sys.modules, "loaders", theirs)
    assert opened(project, "in_pandas").rows == 3
    assert sys.modules["loaders"] is theirs


def test_tables_of_one_name_do_not_meet(project):
    first, second = opened(project, "in_pandas"), opened(project, "in_pandas", filter="a = 1")
    assert (first.rows, second.rows) == (3, 1)


def test_a_table_lives_as_long_as_what_is_derived_from_it(project):
    derived = opened(project, "in_pandas").expression.select("a")
    gc.collect()
    opened(project, "in_arrow")  # this is when what nobody refers to is given up
    assert derived.count().execute() == 3


@pytest.mark.parametrize(
    ("function", "module", "saying"),
    [
        ("in_panda", "loaders.people", r"no function 'in_panda' \(did you mean 'in_pandas'\?\)"),
        ("load", "loaders.poeple", r"there is no module 'loaders\.poeple'"),
        ("", "loaders.people", "does not name a function"),
        ("fails", "loaders.people", r"fails\(\) of loaders\.people failed: the warehouse is closed"),
        ("number", "loaders.people", r"returned builtins\.int, not a table"),
        ("empty", "loaders.people", "no row to judge"),
        ("twice", "loaders.people", "'?a'?"),
        ("mixed", "loaders.people", "column a|does not fit Arrow"),
    ],
)
def test_what_goes_wrong_is_said_with_split_and_remedy(project, function, module, saying):
    with pytest.raises(DataError, match=saying) as caught:
        opened(project, function, module)
    assert "data.test" in caught.value.message
    assert caught.value.remedy
    assert "Smith" not in str(caught.value)


def test_a_module_that_needs_what_is_not_installed_names_that(project):
    (project / "needs.py").write_text("import not_to_be_found\n")
    with pytest.raises(DataError, match="needs imports 'not_to_be_found', which is not installed"):
        opened(project, "load", "needs")


def test_a_module_that_fails_says_why_and_where(project):
    (project / "broken.py").write_text("1 / 0\n")
    said = r"broken cannot be imported: division by zero \(ZeroDivisionError in line 1 of broken\.py\)"
    with pytest.raises(DataError, match=said):
        opened(project, "load", "broken")
    with showing_values(True), pytest.raises(DataError, match="division by zero") as caught:
        opened(project, "load", "broken")
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
