"""A client's prepared tables: read from its files once, and again only when something changed."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
from ibis.backends.sql import SQLBackend

from horetsu_utils import engine, placing
from horetsu_utils.client import REJECTED, Client, secret
from horetsu_utils.ingest.account import Stranger
from horetsu_utils.ingest.feed import Feed, Ways, code, keyed
from horetsu_utils.ingest.prepare import ACCOUNT, FILES, LINKS, prepare
from horetsu_utils.sources import sources, unrecognised

KEPT = 2
"""So many prepared folders stay: old copies of personal data must not pile up."""
DAY_SECONDS = 86_400


def prepared(client: Client, say: Callable[[str], None] = lambda text: None) -> Path:
    """Return the folder of the client's prepared tables, reading only the files that changed.

    Errors
        InputError when no file can be read; ConfigError as the settings deserve
    """
    found = sources(client)
    if not found.feeds:
        raise unrecognised(list(found.strangers))
    ways = ways_of(client)
    feeds = [keyed(feed, ways) for feed in found.feeds]
    folder = client.cache / _fingerprint(feeds, found.strangers, ways)
    if not (folder / ACCOUNT).is_file():
        prepare(feeds, folder, ways=ways, strangers=found.strangers, say=say)
        _forget_old(client.cache, folder, {feed.key for feed in feeds})
    _show_rejected(folder / REJECTED, client.folder / REJECTED)
    return folder


def ways_of(client: Client) -> Ways:
    """Return how a client's files are read."""
    config = client.config
    return Ways(config.time_zone, config.digits, client.not_products(), secret(client), config.link)


def last_import(client: Client, folder: Path) -> dict[str, Any] | None:
    """Return the account of the import before the one in `folder`, if it is still kept."""
    made = (folder / ACCOUNT).stat().st_mtime
    others = [path for path in client.cache.glob(f"*/{ACCOUNT}") if path.parent != folder]
    earlier = [path for path in others if path.stat().st_mtime < made]
    newest = max(earlier, key=lambda path: path.stat().st_mtime, default=None)
    return read_account(newest.parent) if newest else None


def read_account(folder: Path) -> dict[str, Any]:
    """Return the account of rows that stands beside prepared tables."""
    account: dict[str, Any] = json.loads((folder / ACCOUNT).read_text(encoding="utf-8"))
    return account


def read_tables(connection: SQLBackend, folder: Path) -> dict[str, ir.Table]:
    """Return the prepared tables that stand in a folder, by name."""
    paths = [path for path in sorted(folder.glob("*.parquet")) if path.name != LINKS]
    return {path.stem: engine.read_parquet(connection, path) for path in paths}


def size(folder: Path) -> int:
    """Return what the prepared tables in a folder take on disk [byte]."""
    return sum(path.stat().st_size for path in folder.rglob("*.parquet") if path.is_file())


def _show_rejected(kept: Path, shown: Path) -> None:
    """Lay the list of rejected rows where the consultant looks for it, unless it is there already."""
    if shown.is_file() and shown.read_bytes() == kept.read_bytes():
        return
    placing.place({shown: kept.read_bytes()})


def _fingerprint(feeds: list[Feed], strangers: tuple[Stranger, ...], ways: Ways) -> str:
    """Return a hash of all that decides the prepared tables."""
    files = [(feed.key, feed.name, feed.mapping_name, feed.department) for feed in feeds]
    return hashlib.sha256(code() + repr((files, strangers, ways)).encode()).hexdigest()[:16]


def _forget_old(cache: Path, newest: Path, files: set[str]) -> None:
    """Keep the newest prepared folders and the rows of their files only, and nothing that a killed process left
    half-made a day before them.
    """
    made = newest.stat().st_mtime
    read = [path for path in (cache / FILES).iterdir() if path.is_dir()]
    folders = [path for path in cache.iterdir() if path.is_dir() and path not in (newest, cache / FILES)]
    whole = [path for path in folders if (path / ACCOUNT).is_file()]
    half_made = [path for path in (*folders, *read) if path.name.startswith(".")]
    broken = [path for path in half_made if path.stat().st_mtime < made - DAY_SECONDS]
    unused = [path for path in read if path.name not in files and not path.name.startswith(".")]
    by_age = sorted(whole, key=lambda path: path.stat().st_mtime, reverse=True)
    for path in (*by_age[KEPT - 1 :], *broken, *unused):
        shutil.rmtree(path, ignore_errors=True)
