"""A client's prepared tables: read from its files once, and again only when something changed."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from horetsu_utils import __version__, assets
from horetsu_utils.client import REJECTED, Client
from horetsu_utils.errors import ConfigError
from horetsu_utils.ingest import mapping
from horetsu_utils.ingest.prepare import Feed, Ways, prepare
from horetsu_utils.words import TABLES

KEPT = 2
"""So many prepared folders stay: old copies of personal data must not pile up."""
DAY_SECONDS = 86_400


def feeds(client: Client) -> list[Feed]:
    """List every file of a client with the mapping that reads it."""
    folders = [client.folder / "mappings", assets.MAPPINGS]
    found = []
    for table, sources in client.config.tables.items():
        for source in sources:
            read_by = mapping.load(mapping.find(source.mapping, folders))
            if table not in read_by.tables:
                raise ConfigError(
                    f"対応表「{source.mapping}」は「{TABLES[table]}」({table})を読めません。",
                    where=f"client.yaml の tables.{table}",
                    next_step=f"この対応表で読める表: {'・'.join(read_by.tables)}",
                )
            for path in [path for pattern in source.patterns for path in client.files(pattern)]:
                name = path.relative_to(client.folder.resolve()).as_posix()
                found.append(Feed(table, path, name, source.mapping, read_by, source.department))
    return found


def prepared(client: Client, say: Callable[[str], None] = lambda text: None) -> Path:
    """Return the folder of the client's prepared tables, reading the files only if something changed."""
    sources = feeds(client)
    ways = Ways(client.config.time_zone, client.config.digits, client.not_products())
    folder = client.cache / _fingerprint(sources, ways)
    if not (folder / "account.json").is_file():
        prepare(sources, folder, ways=ways, say=say)
        _forget_old(client.cache, folder)
    _show_rejected(folder / REJECTED, client.folder / REJECTED)
    return folder


def read_account(folder: Path) -> dict[str, Any]:
    """Return the account of rows that stands beside prepared tables."""
    account: dict[str, Any] = json.loads((folder / "account.json").read_text(encoding="utf-8"))
    return account


def _show_rejected(kept: Path, shown: Path) -> None:
    """Lay the list of rejected rows where the consultant looks for it, unless it is there already."""
    if shown.is_file() and shown.read_bytes() == kept.read_bytes():
        return
    working = kept.with_name(f"{REJECTED}.{os.getpid()}")
    shutil.copyfile(kept, working)
    working.replace(shown)


def _fingerprint(sources: list[Feed], ways: Ways) -> str:
    """Return a hash of all that decides the prepared tables: contents, mappings, settings and code."""
    digest = hashlib.sha256(__version__.encode())
    package = Path(__file__).parent
    for path in (*sorted((package / "ingest").glob("*.py")), *(package / name for name in ("engine.py", "canon.py"))):
        digest.update(path.read_bytes())
    digest.update(repr(ways).encode())
    for feed in sources:
        digest.update(repr((feed.table, feed.name, feed.mapping_name, feed.mapping, feed.department)).encode())
        with feed.path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:16]


def _forget_old(cache: Path, newest: Path) -> None:
    """Keep the newest prepared folders only, and nothing that a killed process left half-made a day before them."""
    made = newest.stat().st_mtime
    folders = [path for path in cache.iterdir() if path.is_dir() and path != newest]
    whole = [path for path in folders if not path.name.startswith(".")]
    broken = [path for path in folders if path.name.startswith(".") and path.stat().st_mtime < made - DAY_SECONDS]
    by_age = sorted(whole, key=lambda path: path.stat().st_mtime, reverse=True)
    for path in (*by_age[KEPT - 1 :], *broken):
        shutil.rmtree(path, ignore_errors=True)
