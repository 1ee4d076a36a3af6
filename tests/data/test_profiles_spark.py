"""Spark, in this process, counts what DuckDB counts."""

import ibis
import pytest
from numpy.testing import assert_allclose
from profiled import arrow_of, assert_alike, in_duckdb, rows

from pytest_mlquality.data.profiles import pairs, profile
from pytest_mlquality.data.table import Origin, Table

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def spark():
    from pyspark import sql

    options = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.session.timeZone": "UTC",
    }
    session = sql.SparkSession.builder.master("local[1]").config(map=options).getOrCreate()
    yield ibis.pyspark.connect(session)
    session.stop()


def test_spark_counts_what_duckdb_counts(spark):
    reference, frame = profile(in_duckdb(rows(1_000))), rows(600, seed=2)
    spark._session.createDataFrame(arrow_of(frame)).createOrReplaceTempView("rows")
    table = Table("test", Origin("rows", spark.table("rows"), registered=None))
    wanted = profile(in_duckdb(frame), like=reference, unit="age")
    # Ibis reads NaN of Spark as NULL: missing, as NaN is, but not told as NaN.
    assert_alike(profile(table, like=reference, unit="age"), wanted, nan=False)
    found, streamed = pairs(table, reference), pairs(in_duckdb(frame), reference)
    assert_allclose(found.sums, streamed.sums, atol=1e-6)
    assert_allclose(found.products, streamed.products, atol=1e-6)
    assert {name: column.kind for name, column in profile(table).columns.items()} == {
        name: column.kind for name, column in reference.columns.items()
    }
