"""Ibis's PySpark backend as the analyses need it: tables that last as long as the session, and DuckDB's very types."""

import functools
import re
from collections.abc import Callable, Sequence
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
from pyspark.sql import DataFrame

from horetsu_utils.errors import NotebookError
from horetsu_utils.spark_speech import Speech

_PATTERN = re.compile(r"[]\[{}*?\\]")
_HADOOP = {"s3": "s3a", "gcs": "gs"}
"""Object stores by the names under which Hadoop knows them."""
ALONE = "engine(または spark)の行を消すと、この機械だけで計算します。"


def _in_words(work: Callable[..., Any]) -> Callable[..., Any]:
    """Tell in words when Java or the workers end in the middle; what Spark itself refuses is a mistake of ours."""

    @functools.wraps(work)
    def told(*args: Any) -> Any:
        try:
            return work(*args)
        except (Py4JError, OSError, EOFError) as error:
            raise NotebookError(
                "Spark の計算が途中で止まりました(メモリ不足か、クラスタの機械が止まったのかもしれません)。",
                where="client.yaml の engine(または spark)",
                next_step=f"クラスタとメモリの空きを確かめて、もう一度お試しください。{ALONE}",
            ) from error

    return told


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
        """Open the Parquet files at some addresses as one table; their folders' names add no column to it."""
        parts = [each.partition("://") for each in addresses]
        name = ibis.util.gen_name("read_files")
        frame = self._session.read.parquet(*(f"{_HADOOP.get(scheme, scheme)}://{rest}" for scheme, _, rest in parts))
        frame.createOrReplaceTempView(name)
        return self.table(name)

    def create_table(self, name: str, /, obj: Any = None, **how: Any) -> ir.Table:
        """Compute a table once and keep it for the session, in place of what had its name before."""
        return self._create_cached_table(name, obj if isinstance(obj, ir.Table) else ibis.memtable(obj))

    @_in_words
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

    @_in_words
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
