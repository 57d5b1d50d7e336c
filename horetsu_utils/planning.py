"""The rows of a plan, from the client's own campaigns or from a file beside them, and those that could not be read."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis.expr.types as ir

from horetsu_utils import cache, engine, sources
from horetsu_utils.client import REJECTED
from horetsu_utils.errors import InputError
from horetsu_utils.ingest import account
from horetsu_utils.ingest.prepare import prepare
from horetsu_utils.shop import Shop

TABLE = "campaigns"


@dataclass(frozen=True)
class Plan:
    """The rows of the canonical table `campaigns`, by date, and in words those that could not be read."""

    rows: tuple[Mapping[str, Any], ...]
    refused: tuple[str, ...]


def of_shop(shop: Shop) -> Plan:
    """Return what the client plans by its own table."""
    folder = shop.client.cache / shop.fingerprint
    files = {file["file"] for file in shop.account["tables"].get(TABLE, {}).get("files", ())}
    return Plan(_rows(shop.table_or_empty(TABLE)), _refused(folder / REJECTED, files))


def of_file(shop: Shop, path: Path) -> Plan:
    """Return what a file plans, read as any other file of the client; nothing of it is kept.

    Errors
        InputError when the file is missing or cannot be read as campaigns
    """
    if not path.is_file():
        raise InputError(
            "施策の予定のファイルが見つかりません。",
            where=str(path),
            next_step="ファイルの場所と名前を確かめてください。",
        )
    feed = sources.one(shop.client, path, TABLE)
    with tempfile.TemporaryDirectory(prefix="horetsu-plan-") as folder:
        target = Path(folder) / "read"
        prepare([feed], target, ways=cache.ways_of(shop.client))
        rows = engine.read_parquet(engine.connect(), target / f"{TABLE}.parquet")
        return Plan(_rows(rows.filter(rows.outcome == "accepted")), _refused(target / REJECTED, {feed.name}))


def _rows(campaigns: ir.Table) -> tuple[Mapping[str, Any], ...]:
    return tuple(campaigns.order_by("date", "campaign_id").to_pyarrow().to_pylist())


def _refused(path: Path, files: set[str]) -> tuple[str, ...]:
    return tuple(str(each) for each in account.read_csv(path) if each.file in files)
