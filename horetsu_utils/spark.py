"""Spark through Ibis, for shops that outgrow one machine: the same expressions, the same figures as on DuckDB."""

import os
import re
import shutil
import socket
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.schema as sch
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis.backends.duckdb.converter import DuckDBPandasData
from ibis.backends.pyspark import Backend as PySpark
from ibis.backends.pyspark.datatypes import PySparkType
from ibis.formats.pyarrow import PyArrowData
from py4j.protocol import Py4JError
from pyspark import SparkConf, SparkContext
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from horetsu_utils.errors import ConfigError, shorten
from horetsu_utils.spark_speech import Speech

CLUSTER = "spark://"
_PATTERN = re.compile(r"[]\[{}*?\\]")
_HADOOP = {"s3": "s3a", "gcs": "gs"}
"""Object stores by the names under which Hadoop knows them."""
HERE = "127.0.0.1"
PATIENCE_SECONDS = 10
"""A cluster that does not answer by then is not there."""
SMALL_BYTES = 64_000_000
"""Tables that take less on disk are reckoned through sooner than code for them is compiled."""

SETTINGS = {
    "spark.app.name": "horetsu",
    "spark.log.level": "ERROR",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.legacy.sizeOfNull": "false",
    "spark.sql.mapKeyDedupPolicy": "LAST_WIN",
}
"""A figure does not depend on the machine: days are of UTC, as on DuckDB; what cannot be read or divided is null."""
SMALL = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
_ALONE = "engine(または spark)の行を消すと、この機械だけで計算します。"
QUICK_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""Java that is to run for a minute does not study its own code first."""


class Backend(PySpark):
    """Ibis's PySpark backend, with tables that last as long as the session, and Arrow both ways."""

    compiler = Speech()

    def get_schema(self, table_name: str, **where: Any) -> sch.Schema:
        """Return a table's columns and their kinds."""
        found = super().get_schema(table_name, **where)
        return sch.Schema({name: _to_microseconds(kind) for name, kind in found.items()})

    def read_parquet(self, path: str | Path, /, **how: Any) -> ir.Table:
        """Open a Parquet file; signs in its path that Hadoop would take for a pattern mean themselves."""
        return super().read_parquet(_PATTERN.sub(r"\\\g<0>", str(path)), **how)

    def read_files(self, addresses: Sequence[str]) -> ir.Table:
        """Open the Parquet files at some addresses as one table."""
        parts = [each.partition("://") for each in addresses]
        name = ibis.util.gen_name("read_files")
        frame = self._session.read.parquet(*(f"{_HADOOP.get(scheme, scheme)}://{rest}" for scheme, _, rest in parts))
        frame.createOrReplaceTempView(name)
        return self.table(name)

    def create_table(self, name: str, /, obj: Any = None, **how: Any) -> ir.Table:
        """Compute a table once and keep it for the session, in place of what had its name before."""
        return self._create_cached_table(name, obj if isinstance(obj, ir.Table) else ibis.memtable(obj))

    def _create_cached_table(self, name: str, expr: ir.Table) -> ir.Table:
        self._run_pre_execute_hooks(expr)
        frame = _as_promised(self._session.sql(self.compile(expr)), expr.schema())
        # cut off from what it was made of: a plan that grew with each step would take ever longer to read
        kept = frame.localCheckpoint(eager=True)
        # columns under new names inside Spark: beside the table they came from it could not tell the two apart
        kept.toDF(*kept.columns).createOrReplaceTempView(name)
        return self.table(name)

    def _drop_cached_table(self, name: str) -> None:
        self._session.catalog.dropTempView(name)

    def _register_in_memory_table(self, op: ops.InMemoryTable) -> None:
        self._session.createDataFrame(op.data.to_pyarrow(op.schema)).createOrReplaceTempView(op.name)

    def to_pyarrow(self, expr: ir.Expr, /, *, params: Any = None, limit: Any = None, **kwargs: Any) -> Any:
        """Compute an expression, into Arrow."""
        return expr.__pyarrow_result__(self._arrow(expr, params, limit))

    def execute(self, expr: ir.Expr, /, *, params: Any = None, limit: Any = None, **kwargs: Any) -> Any:
        """Compute an expression, into pandas, with the very types that DuckDB gives."""
        table, schema = self._arrow(expr, params, limit), expr.as_table().schema()
        columns = zip(table.column_names, table.columns, strict=True)
        frame = pd.DataFrame({name: _as_duckdb_hands_it(column) for name, column in columns})
        return expr.__pandas_result__(DuckDBPandasData.convert_table(frame, schema))

    def _arrow(self, expr: ir.Expr, params: Any, limit: Any) -> pa.Table:
        self._run_pre_execute_hooks(expr)
        table = expr.as_table()
        found = self._session.sql(self.compile(table, params=params, limit=limit)).toArrow()
        return PyArrowData.convert_table(found, table.schema())


def _to_microseconds(kind: dt.DataType) -> dt.DataType:
    """Say how exact a time is: Spark's are microseconds, but it does not tell."""
    return kind.copy(scale=6) if kind.is_timestamp() else kind


def _as_promised(frame: DataFrame, schema: sch.Schema) -> DataFrame:
    """Turn the columns that Spark counts in smaller numbers into the kinds that Ibis promises."""
    wanted = {name: PySparkType.from_ibis(kind) for name, kind in schema.items() if kind.is_integer()}
    kept = {each.name: frame[f"`{each.name}`"] for each in frame.schema}
    small = {each.name for each in frame.schema if wanted.get(each.name, each.dataType) != each.dataType}
    return frame.select(
        *(kept[name].cast(wanted[name]).alias(name) if name in small else kept[name] for name in frame.columns)
    )


def _as_duckdb_hands_it(column: pa.ChunkedArray) -> Any:
    return column.to_pylist() if pa.types.is_nested(column.type) or column.null_count else column.to_pandas()


def connect(master: str, *, size: int = 0) -> Backend:
    """Open a session of its own on the Spark at `master` (local, local[2], spark://host:port).

    `size` is what the tables take on disk [byte]. One process speaks to one Spark: an earlier one is left.

    Errors
        ConfigError when Java is missing, the cluster does not answer, or Spark cannot be started
    """
    running = SparkContext._active_spark_context
    if running is not None and running.master != master:
        leave()
    here = _address(master)
    if SparkContext._active_spark_context is None and not _has_java():
        raise _no_java()
    try:
        session = SparkSession(SparkContext.getOrCreate(_conf(master, here, size))).newSession()
    except (PySparkException, Py4JError, OSError) as error:
        raise _not_started(master, error) from error
    for name, value in (SMALL if size < SMALL_BYTES else {}).items():
        session.conf.set(name, value)
    Backend.register_options()
    backend = Backend()
    backend.do_connect(session)
    return backend


def leave() -> None:
    """Give back what this process holds of a Spark, so that others find it free."""
    if SparkContext._active_spark_context is not None:
        SparkContext._active_spark_context.stop()


def _conf(master: str, here: str, size: int) -> SparkConf:
    room = tempfile.gettempdir()
    places = {
        "spark.master": master,
        "spark.driver.host": here,
        "spark.driver.bindAddress": here,
        "spark.local.dir": room,
        "spark.sql.warehouse.dir": str(Path(room) / "horetsu-warehouse"),
    }
    quick = {"spark.driver.extraJavaOptions": QUICK_START} if size < SMALL_BYTES else {}
    return SparkConf().setAll(list((SETTINGS | places | quick).items()))


def _address(master: str) -> str:
    """Return the address of this machine by which the workers of a cluster reach it.

    Errors
        ConfigError when none of its masters answers
    """
    if not master.startswith(CLUSTER):
        return HERE
    for each in master.removeprefix(CLUSTER).split(","):
        host, _, port = each.rpartition(":")
        try:
            with socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS) as line:
                return str(line.getsockname()[0])
        except OSError:
            continue
    raise ConfigError(
        f"Spark のクラスタ「{shorten(master)}」につながりません。",
        where="client.yaml の engine",
        next_step=f"ホスト名とポートを確かめるか、クラスタを動かしてください。{_ALONE}",
    )


def _has_java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return bool(shutil.which("java", path=str(Path(home) / "bin") if home else None))


def _no_java() -> ConfigError:
    return ConfigError(
        "Spark を動かす Java が見つかりません。",
        where="client.yaml の engine(または spark)",
        next_step="Java 17 を入れてください(Debian なら apt install openjdk-17-jre-headless)。",
    )


def _not_started(master: str, error: Exception) -> ConfigError:
    return ConfigError(
        f"Spark「{shorten(master)}」を始められませんでした。",
        where=shorten(error),
        next_step=f"Java 17 が入っているか、メモリが空いているかを確かめてください。{_ALONE}",
    )
