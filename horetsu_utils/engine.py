"""The one place that names a backend. Everything else speaks Ibis."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend

SMALL_BYTES = 256_000_000
"""A file whose text fits in this is read where it lies in memory; a larger one is copied to where it can spill."""


class StreamError(Exception):
    """A stream of batches broke off while the engine was reading it."""


def connect(spill: Path | None = None) -> Backend:
    """Open DuckDB inside this process. `spill` is the folder for what outgrows memory.

    Extensions are never fetched, and the session's zone is UTC, so a figure does not depend on the machine.
    """
    connection = ibis.duckdb.connect(":memory:")
    settings = [
        "SET autoinstall_known_extensions = false",
        "SET TimeZone = 'UTC'",
        "SET enable_progress_bar = false",
    ]
    if spill is not None:
        settings.append("SET temp_directory = '{}'".format(str(spill).replace("'", "''")))
    for setting in settings:
        connection.raw_sql(setting)
    return connection


def stage(connection: Backend, name: str, batches: pa.RecordBatchReader) -> ir.Table:
    """Hold a stream of batches as a table, in their order: small ones as they are, others where they can spill.

    Errors
        StreamError when the stream cannot be read to its end
    """
    try:
        first = _until(batches, SMALL_BYTES)
        whole = pa.Table.from_batches(first, batches.schema)
        rest = next(batches, None)
        if rest is None:
            connection.con.register(name, whole)
        else:
            chain = itertools.chain(first, [rest], batches)
            connection.con.register("incoming", pa.RecordBatchReader.from_batches(batches.schema, chain))
            connection.raw_sql(f'CREATE OR REPLACE TEMP TABLE "{name}" AS SELECT * FROM incoming')
            connection.con.unregister("incoming")
    except (duckdb.Error, pa.ArrowInvalid) as error:
        raise StreamError(str(error)) from error
    return connection.table(name)


def _until(batches: pa.RecordBatchReader, most_bytes: int) -> list[pa.RecordBatch]:
    taken, size = [], 0
    for batch in batches:
        taken.append(batch)
        size += batch.nbytes
        if size > most_bytes:
            break
    return taken


def keep(connection: Backend, name: str, table: ir.Table) -> ir.Table:
    """Compute a table once and keep it for the rest of the session."""
    return connection.create_table(name, table, temp=True, overwrite=True)


def layer(table: ir.Table) -> ir.Table:
    """Give what a table computes a name in its engine, so that later steps refer to it instead of repeating it."""
    return table.get_backend().create_view(ibis.util.gen_name("layer"), table)


def write_parquet(connection: Backend, table: ir.Table, path: Path) -> None:
    """Write a table to one Parquet file."""
    connection.to_parquet(table, path)


@ibis.udf.scalar.builtin(name="try_strptime", signature=(("string", "array<string>"), "timestamp"))
def _try_strptime(text, formats): ...  # type: ignore[no-untyped-def]


@ibis.udf.scalar.builtin(name="try_strptime", signature=(("string", "string"), "timestamp('UTC')"))
def _try_strptime_offset(text, form): ...  # type: ignore[no-untyped-def]


@ibis.udf.scalar.builtin(name="timezone", signature=(("string", "timestamp"), "timestamp('UTC')"))
def _at_zone(zone, wall_time): ...  # type: ignore[no-untyped-def]


@ibis.udf.scalar.builtin(name="timezone", signature=(("string", "timestamp('UTC')"), "timestamp"))
def _in_zone(zone, instant): ...  # type: ignore[no-untyped-def]


def parse_times(text: ir.StringValue, formats: Sequence[str], *, zone: str, to_zone: str) -> ir.TimestampValue:
    """Read times written in one of `formats` (strptime) as wall time of `to_zone`; unreadable ones are null.

    A format with %z carries its own offset; the others are wall time of `zone`.
    """
    plain = [form for form in formats if "%z" not in form]
    parsed = []
    if plain:
        wall = _try_strptime(text, ibis.array(plain))
        parsed.append(wall if zone == to_zone else _in_zone(to_zone, _at_zone(zone, wall)))
    parsed += [_in_zone(to_zone, _try_strptime_offset(text, form)) for form in formats if "%z" in form]
    return ibis.coalesce(*parsed)
