"""Spark, in this process, counts what DuckDB counts."""

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from patterns import PORTABLE, TEXTS, as_python
from random_schemas import FIXED, cases

from pytest_mlquality.data.table import Origin, Table
from pytest_mlquality.rules.pattern import portable

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


def on_spark(spark, arrow):
    spark._session.createDataFrame(arrow).createOrReplaceTempView("rows")
    return Table("test", Origin("the rows", spark.table("rows"), registered=None))


@settings(FIXED, max_examples=12)
@given(cases())
def test_spark_counts_what_duckdb_counts(engines, spark, case):
    arrow, schema = case
    wanted = engines.judged(schema, engines.duckdb(arrow))
    found = engines.judged(schema, on_spark(spark, arrow))
    assert {rule: finding.count for rule, finding in found.items()} == {
        rule: finding.count for rule, finding in wanted.items()
    }
    assert [finding.message for finding in found.values() if "could not" in finding.message] == []


@pytest.mark.parametrize("from_start", [True, False])
def test_spark_reads_a_portable_pattern_as_python_does(spark, from_start):
    table = on_spark(spark, pa.table({"text": TEXTS}))
    text = table.expression.text
    found = table.aggregates(
        {pattern: text.count(where=text.re_search(portable(pattern, from_start=from_start))) for pattern in PORTABLE}
    )
    assert found == {pattern: sum(as_python(pattern, text, from_start) for text in TEXTS) for pattern in PORTABLE}
