"""A client's prepared tables at the address that client.yaml names as `store`: laid there once, for Spark to read.

Only the rows that the analyses use go, and only because the consultant has written the address.
"""

import json
import re
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
from ibis.backends.sql import SQLBackend

from horetsu_utils import addresses, cache, engine
from horetsu_utils.addresses import OWNER
from horetsu_utils.analysis_day import UNDONE, WITH_UNKNOWN
from horetsu_utils.client import Client, secret
from horetsu_utils.ingest.prepare import ACCOUNT

MARK = "tables.json"
"""Written last: the files of each table. A set without it is not read, and laid again."""
PARTED = {"lines": "ordered_at", "orders": "ordered_on"}
"""The large tables: a folder for each year of the order."""
YEAR, UNDATED = "ordered_year", "__HIVE_DEFAULT_PARTITION__"
_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_BY_SPARK = "Spark で計算するときは、Spark もその番地を読めるようにしてください(s3:// なら hadoop-aws)。"

Files = dict[str, list[str]]


def tables(connection: SQLBackend, client: Client, folder: Path) -> dict[str, ir.Table]:
    """Return a client's prepared tables by name, after laying them at its address, unless they are there.

    Spark reads them there; DuckDB in `folder`, where this machine has the same rows nearer.

    Errors
        AddressError when the address cannot be read or written, or is that of another client with this name
    """
    home = addresses.claim(client.config.store, client.id, secret(client))
    place = f"{home}/{folder.name}"
    with addresses.reached(place) as filesystem:
        files = _laid(filesystem, place)
        if not files:
            files = _lay(filesystem, client, folder, place)
            _forget_old(filesystem, home, {path.parent.name for path in client.cache.glob(f"*/{ACCOUNT}")})
    if not client.config.master:
        return cache.read_tables(connection, folder)
    with addresses.reached(place, also=_BY_SPARK):
        places = {name: [f"{place}/{each}" for each in parts] for name, parts in files.items()}
        return {name: connection.read_files(each) for name, each in places.items()}


def _laid(filesystem: Any, place: str) -> Files:
    """Return the files of a whole set; nothing where there is none."""
    with suppress(FileNotFoundError, ValueError):
        return dict(json.loads(filesystem.cat_file(f"{place}/{MARK}")))
    return {}


def _lay(filesystem: Any, client: Client, folder: Path, place: str) -> Files:
    """Lay a set of tables at an address; its mark comes last, for an object store cannot rename a folder."""
    with tempfile.TemporaryDirectory(prefix=".storing-", dir=client.cache) as working:
        room = Path(working)
        files = {name: _written(table, name, room) for name, table in _used(folder).items()}
        for part in (part for parts in files.values() for part in parts):
            addresses.put(filesystem, room / part, f"{place}/{part}")
        (room / MARK).write_text(json.dumps(files, indent=1) + "\n", encoding="utf-8")
        addresses.put(filesystem, room / MARK, f"{place}/{MARK}")
    return files


def _used(folder: Path) -> dict[str, ir.Table]:
    """Return the prepared tables, without the rows that no analysis looks at."""
    outcomes = (*WITH_UNKNOWN, *UNDONE)
    found = cache.read_tables(engine.connect(), folder)
    return {
        name: table.filter(table.outcome.isin(outcomes)) if "outcome" in table.columns else table
        for name, table in found.items()
    }


def _written(table: ir.Table, name: str, room: Path) -> list[str]:
    """Write one table as Parquet files below `room`; return their places in it. No file tells its folder's year."""
    if name not in PARTED:
        return [_file(table, room, name)]
    year = table[PARTED[name]].year().fill_null(0)
    years = sorted(table.select(year=year).distinct().to_pyarrow()["year"].to_pylist())
    parts = [_file(table.filter(year == each), room, f"{name}/{YEAR}={each or UNDATED}") for each in years]
    return parts or [_file(table, room, name)]


def _file(table: ir.Table, room: Path, folder: str) -> str:
    (room / folder).mkdir(parents=True)
    engine.write_parquet(table.get_backend(), table, room / folder / "part-0.parquet")
    return f"{folder}/part-0.parquet"


def _forget_old(filesystem: Any, home: str, kept: set[str]) -> None:
    """Keep there the sets that this machine keeps: old copies of personal data must not pile up."""
    for each in filesystem.ls(home, detail=False):
        name = each.rstrip("/").rpartition("/")[2]
        is_set = _FINGERPRINT.fullmatch(name) and not filesystem.exists(f"{each}/{OWNER}")  # or a client named so
        if is_set and name not in kept:
            with suppress(FileNotFoundError):
                filesystem.rm_file(f"{each}/{MARK}")
            filesystem.rm(each, recursive=True)
