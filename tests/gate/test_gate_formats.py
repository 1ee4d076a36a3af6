"""The same rows give the same numbers, whatever they are stored as; what cannot be read is said, with a remedy."""

import math

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from arrow_columns import KINDS, ODD_KINDS, tables
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyarrow import ipc

import pytest_mlquality
from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.plan import demanded
from pytest_mlquality.recording import recording
from pytest_mlquality.verdict import Levels

ROWS = 48
GATE = """\
[data]
target = "y"
key = "id"
[schema.metrics]
mismatched_columns = { at_most = 0 }
missing_targets = { at_most = 0 }
rows = { at_least = 1 }
duplicate_rows = { at_most = 1 }
conflicting_labels = { at_most = 1 }
ambiguous_labels = { at_most = 1 }
rarest_class = { at_least = 0 }
constant_columns = { at_most = 99 }
identifier_columns = { at_most = 99 }
mixed_columns = { at_most = 99 }
placeholders = { at_most = 1 }
infinite_values = { at_most = 1 }
outlier_rows = { at_most = 1 }
[schema.leakage]
shared_keys = { at_most = 1 }
shared_rows = { at_most = 1 }
order_score = false
[skew.metrics]
incomparable_columns = { at_most = 0 }
row_ratio = { at_least = 0 }
jensen_shannon_distance = { at_most = 1 }
missing_share_difference = { at_most = 1 }
mean_difference = { at_most = 99 }
unseen_share = { at_most = 1 }
joint_drift = { at_most = 1 }
"""
LOADER = "from pyarrow import ipc\ndef rows():\n    table = ipc.open_file({file!r}).read_all()\n    return {made}\n"
# Rows of one label after those of the other: what is told from a fold of the rows is told from others.
OF_FOLDS = ("single_column_score", "as_a_whole")


class Kept:
    """A recorder that keeps what is measured and lets everything pass."""

    levels = Levels()

    def __init__(self):
        self.measured = {}

    def record(self, judgement):
        measurement = judgement.measurement
        self.measured[measurement.name] = measurement.value
        return True


def parquet(folder, name, table):
    pq.write_table(table, folder / f"{name}.parquet")
    return f'source = "{name}.parquet"'


def arrow(folder, name, table):
    with ipc.new_file(folder / f"{name}.arrow", table.schema) as file:
        file.write_table(table)
    return f'source = "{name}.arrow"'


def pandas(folder, name, table):
    return python(folder, name, table, "pandas", "table.to_pandas()")


def polars(folder, name, table):
    return python(folder, name, table, "polars", "__import__('polars').from_arrow(table)")


def python(folder, name, table, package, made):
    arrow(folder, f"{name}_of_{package}", table)
    loader = LOADER.format(file=str(folder / f"{name}_of_{package}.arrow"), made=made)
    (folder / f"{package}_{name}.py").write_text(loader)
    return f'source = "python:{package}_{name}:rows"'


def warehouse(folder, name, table):
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("rows", without_halves(table))
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM rows")
    return f'source = "{name}"\nengine = "duckdb:///warehouse.duckdb"'


def without_halves(table):
    """Return a table in which floats of 16 bits, which no warehouse has, have 32."""
    fields = [field.with_type(pa.float32()) if field.type == pa.float16() else field for field in table.schema]
    return table.cast(pa.schema(fields))


def hive(folder, name, table):
    for label in (0, 1):
        inner = folder / name / f"y={label}"
        inner.mkdir(parents=True)
        pq.write_table(table.filter(pc.equal(table["y"], label)).drop_columns(["y"]), inner / "part-0.parquet")
    return f'source = "{name}/y=*/*.parquet"'


def csv(folder, name, table):
    pa.csv.write_csv(table, folder / f"{name}.csv")
    types = ", ".join(f'{column} = "{said}"' for column, said in CSV_TYPES.items() if column in table.column_names)
    return f'source = "{name}.csv"\ntypes = {{ {types} }}'


# CSV holds no types: what looks like another is said.
CSV_TYPES = {
    "boolean": "boolean",
    "category": "text",
    "text": "text",
    "large_text": "text",
    "text_like_else": "text",
    "decimal_of_ids": "integer",
}
FORMATS = (parquet, arrow, pandas, polars, warehouse, hive, csv)


def measured(folder, store, both):
    """Return what a gate measures on two tables stored one way: values by check and name, or what it says."""
    splits = "\n".join(
        f"[data.{name}]\n{store(folder, name, table)}" for name, table in zip(("train", "test"), both, strict=True)
    )
    file = folder / f"{store.__name__}.mlquality.toml"
    file.write_text(f"{GATE}{splits}\n")
    subject = pytest_mlquality.load(file)
    answers = {}
    for claim in demanded(subject.settings, "ci"):
        kept = Kept()
        try:
            with recording(kept):
                claim.function(**{f"ml_{claim.concern}": getattr(subject, claim.concern)}, **claim.row.arguments)
            answers[claim.id] = kept.measured
        except MLQualityError as error:
            answers[claim.id] = str(error)
    return answers


def assert_alike(one, other, format_):
    """Hold what two formats gave against each other: the same values, or on both sides a message with a remedy."""
    assert one.keys() == other.keys()
    for check, expected in one.items():
        if format_ is hive and any(name in check for name in OF_FOLDS):
            continue
        found = other[check]
        assert isinstance(found, str) == isinstance(expected, str), (format_.__name__, check, found, expected)
        if isinstance(found, str):
            assert "remedy: " in found
            continue
        assert found.keys() == expected.keys(), (format_.__name__, check)
        for name, value in expected.items():
            same = found[name] == value or math.isclose(found[name], value, rel_tol=1e-6, abs_tol=1e-9)
            assert same, (format_.__name__, check, name, found[name], value)


# An example takes seconds, and shrinking one hundreds of them.
CHEAP = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    max_examples=2,
    phases=[Phase.explicit, Phase.generate],
)


def split_in(kinds, parts):
    """Return the kinds in so many parts that are about alike."""
    return [dict(list(kinds.items())[start::parts]) for start in range(parts)]


@pytest.mark.parametrize("kinds", split_in(KINDS, 3), ids=["first", "second", "third"])
@given(data=st.data())
@CHEAP
def test_rows_give_the_same_numbers_in_every_format(tmp_path_factory, kinds, data):
    folder = tmp_path_factory.mktemp("formats")
    both = data.draw(tables(kinds, rows=ROWS))
    expected = measured(folder, parquet, both)
    for store in FORMATS[1:]:
        assert_alike(expected, measured(folder, store, both), store)


@given(data=st.data())
@CHEAP
def test_what_few_formats_hold_is_measured_or_told(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("odd")
    both = data.draw(tables(ODD_KINDS, rows=ROWS))
    for store in (parquet, arrow):
        for check, found in measured(folder, store, both).items():
            assert isinstance(found, dict) or "remedy: " in found, (store.__name__, check, found)
