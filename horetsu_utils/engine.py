"""The one place that names a backend. Everything else speaks Ibis."""

import glob
import itertools
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.duckdb import Backend
from ibis.backends.sql import SQLBackend

from horetsu_utils.errors import ConfigError

SMALL_BYTES = 256_000_000
"""A file whose text fits in this is read where it lies in memory; a larger one is copied to where it can spill."""
LEAST_MEMORY, ROOM, SHARE = 1_600_000_000, 4, 4
"""A session may hold LEAST_MEMORY, or ROOM times what the tables take on disk [byte]; at most a fourth of what DuckDB
would take alone, for chapters run side by side. What outgrows it waits on disk."""


class StreamError(Exception):
    """A stream of batches broke off while the engine was reading it."""


def connect(spill: Path | None = None, *, size: int = 0) -> Backend:
    """Open DuckDB inside this process.

    `spill` is the folder for what outgrows memory; `size` is what the tables to be read take on disk [byte].

    Extensions are never fetched, and the session's zone is UTC, so a figure does not depend on the machine.
    """
    connection = ibis.duckdb.connect(":memory:")
    settings = [
        "SET autoinstall_known_extensions = false",
        "SET TimeZone = 'UTC'",
        "SET enable_progress_bar = false",
    ]
    if spill is not None:
        alone = connection.raw_sql("SELECT current_setting('memory_limit')").fetchone()[0]
        most = min(_bytes(alone) // SHARE, max(LEAST_MEMORY, ROOM * size))
        settings.append(f"SET memory_limit = '{most}B'")
        settings.append("SET temp_directory = '{}'".format(str(spill).replace("'", "''")))
    for setting in settings:
        connection.raw_sql(setting)
    return connection


def _bytes(told: str) -> int:
    """Read a size as DuckDB tells it (18.5 GiB)."""
    number, unit = told.split()
    return int(float(number) * 1024 ** ["bytes", "KiB", "MiB", "GiB", "TiB"].index(unit))


def session(master: str = "", *, size: int = 0, spill: Path | None = None) -> SQLBackend:
    """Open what computes a shop's figures: the Spark at `master`, or DuckDB inside this process where there is none.

    `size` is what the tables take on disk [byte]; `spill` the folder for what outgrows DuckDB's memory.

    Errors
        ConfigError when Spark or Java is not installed, or a cluster does not answer
    """
    if not master:
        return connect(spill, size=size)
    try:
        from horetsu_utils import spark  # an extra, and a second of imports
    except ModuleNotFoundError as error:
        raise ConfigError(
            "Spark を使う準備ができていません。",
            where="client.yaml の engine(または spark)",
            next_step='pip install "horetsu[spark]" と Java 17 を入れてください。'
            "その行を消すと、この機械だけで計算します。",
        ) from error
    return spark.connect(master, size=size)


def leave() -> None:
    """Give back what this process holds of a Spark, if any: the notebooks' own processes ask for the same places."""
    if "pyspark" in sys.modules:
        from horetsu_utils import spark

        spark.leave()


def stage(
    connection: Backend, batches: pa.RecordBatchReader, columns: list[str], *, mark: str, spill: Path
) -> ir.Table:
    """Hold some columns of a stream of batches as a table, with a hash of all its text columns beside each row.

    A small stream stays in memory; a larger one is laid down in the folder `spill` and read from there as needed.

    Errors
        StreamError when the stream cannot be read to its end
    """
    cells = ", ".join(f'"{field.name}"' for field in batches.schema if field.type == pa.string())
    kept = ", ".join(f'"{column}"' for column in columns)
    name = f"raw_{len(connection.list_tables())}"
    try:
        connection.con.register(f"{name}_text", _held(batches, spill / f"{name}.arrow"))
    except (pa.ArrowInvalid, OSError) as error:
        raise StreamError(str(error)) from error
    connection.raw_sql(
        f'CREATE OR REPLACE TEMP VIEW "{name}" AS SELECT {kept}, hash({cells}) AS "{mark}" FROM "{name}_text"'
    )
    return connection.table(name)


def _held(batches: pa.RecordBatchReader, path: Path) -> pa.Table:
    first = _until(batches, SMALL_BYTES)
    following = next(batches, None)
    if following is None:
        return pa.Table.from_batches(first, batches.schema)
    path.parent.mkdir(parents=True, exist_ok=True)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batches.schema) as writer:
        while first:
            writer.write_batch(first.pop(0))
        for batch in itertools.chain([following], batches):
            writer.write_batch(batch)
    table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    with suppress(OSError):  # where the system allows it, nothing is left behind even if the process is killed
        path.unlink()
    return table


def _until(batches: pa.RecordBatchReader, most_bytes: int) -> list[pa.RecordBatch]:
    taken, size = [], 0
    for batch in batches:
        taken.append(batch)
        size += batch.nbytes
        if size > most_bytes:
            break
    return taken


def keep(connection: SQLBackend, table: ir.Table, name: str = "") -> ir.Table:
    """Compute a table once and keep it for the rest of the session; under a name, in place of what had it before."""
    return connection.create_table(name or ibis.util.gen_name("kept"), table, temp=True, overwrite=True)


def layer(table: ir.Table) -> ir.Table:
    """Give what a table computes a name in its engine, so that later steps refer to it instead of repeating it."""
    return table.get_backend().create_view(ibis.util.gen_name("layer"), table)


def write_parquet(connection: Backend, table: ir.Table, path: Path) -> None:
    """Write a table to one Parquet file, whatever signs its path has."""
    connection.con.sql(connection.compile(table)).write_parquet(str(path))


def read_parquet(connection: SQLBackend, path: Path) -> ir.Table:
    """Open one Parquet file; signs in its path that DuckDB would take for a pattern mean themselves.

    (A folder `s [a]` would otherwise read from its neighbour `s a`.)
    """
    if not isinstance(connection, Backend):
        return connection.read_parquet(path)
    told = glob.escape(str(path))
    if told != str(path) and os.sep == "/":
        told = told.replace("\\", "?")  # DuckDB parts a pattern, but not a name, at it
    return connection.read_parquet(told)


def write_arrow(table: pa.Table, path: Path) -> None:
    """Write a table in memory to one Parquet file."""
    pq.write_table(table, path)


@ibis.udf.scalar.builtin(name="try_strptime", signature=(("string", "array<string>"), "timestamp"))
def _try_strptime(text, formats): ...  # type: ignore[no-untyped-def]


@ibis.udf.scalar.builtin(name="try_strptime", signature=(("string", "string"), "timestamp('UTC')"))
def _try_strptime_offset(text, form): ...  # type: ignore[no-untyped-def]


@ibis.udf.scalar.builtin(name="timezone", signature=(("string", "timestamp"), "timestamp('UTC')"))
def _at_zone(zone, wall_time): ...  # type: ignore[no-untyped-def]


@ibis.udf.scalar.builtin(name="timezone", signature=(("string", "timestamp('UTC')"), "timestamp"))
def _in_zone(zone, instant): ...  # type: ignore[no-untyped-def]


@ibis.udf.scalar.builtin(name="make_timestamptz", signature=(("int64",), "timestamp('UTC')"))
def _from_epoch(microseconds): ...  # type: ignore[no-untyped-def]


def _since_epoch(text: ir.StringValue, unit: int) -> ir.TimestampValue:
    count = text.try_cast("int64")
    meant = count.between(0, _LATEST_MICROSECONDS // unit).ifelse(count, ibis.null("int64"))
    return _from_epoch(meant * unit)


_LATEST_MICROSECONDS = 7_200_000_000_000_000
"""In the year 2198: a larger count is no time, and must not overflow."""

EPOCHS = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
"""Microseconds in one unit of a count from 1970."""


def parse_times(text: ir.StringValue, formats: Sequence[str], *, zone: str, to_zone: str) -> ir.TimestampValue:
    """Read times written in one of `formats` (strptime) as wall time of `to_zone`; unreadable ones are null.

    A format with %z carries its own offset; `epoch_s`, `epoch_ms` and `epoch_us` count from 1970 in UTC; the others
    are wall time of `zone`.
    """
    plain = [form for form in formats if "%z" not in form and form not in EPOCHS]
    parsed = [_in_zone(to_zone, _since_epoch(text, EPOCHS[form])) for form in formats if form in EPOCHS]
    if plain:
        wall = _try_strptime(text, ibis.array(plain))
        parsed.append(wall if zone == to_zone else _in_zone(to_zone, _at_zone(zone, wall)))
    parsed += [_in_zone(to_zone, _try_strptime_offset(text, form)) for form in formats if "%z" in form]
    return ibis.coalesce(*parsed)
