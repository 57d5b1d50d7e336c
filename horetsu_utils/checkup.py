"""One look at a client's files: what was read, what it adds up to, and what is doubtful in it."""

import datetime as dt
import shlex
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from horetsu_utils import accounts, cache, doubts, engine
from horetsu_utils.client import Client
from horetsu_utils.doubts import Doubt
from horetsu_utils.method import DoubtRules
from horetsu_utils.sentences import doubts as sentences
from horetsu_utils.shop import accounted_tax
from horetsu_utils.words import TABLES


@dataclass(frozen=True)
class Checkup:
    """What a check of one client found. `missing` says why a table that is needed cannot be built."""

    client: Client
    account: dict[str, Any]
    before: dict[str, Any] | None
    doubts: list[Doubt]
    missing: list[str]

    @property
    def sentences(self) -> list[str]:
        """The doubts in words, the most important first."""
        currency = self.client.config.currency
        return [sentences.say(doubt.code, doubt.facts, currency) for doubt in self.doubts]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data for JSON."""
        told = zip(self.doubts, self.sentences, strict=True)
        return {
            "client": self.client.id,
            "ok": not self.missing,
            "missing": self.missing,
            **self.account,
            "before": {name: table["months"] for name, table in (self.before or {"tables": {}})["tables"].items()},
            "doubts": [{"code": doubt.code, "sentence": words, "facts": dict(doubt.facts)} for doubt, words in told],
        }


def check(client: Client, say: Callable[[str], None] = lambda text: None) -> Checkup:
    """Read a client's files (if they changed) and look at what came of them.

    Errors
        ConfigError or InputError as the files deserve
    """
    folder = cache.prepared(client, say=say)
    account, before = cache.read_account(folder), cache.last_import(client, folder)
    for stranger in account["strangers"]:
        stranger["path"] = shlex.quote(str(client.folder / stranger["file"]))
    account["tax"] = accounted_tax(client.config.tax, account)
    account["keep"] = list(client.config.keep)
    connection = engine.connect()
    tables = cache.read_tables(connection, folder)
    found = doubts.doubts(tables, account, before=before, written_on=_written_on(client, account), rules=DoubtRules())
    return Checkup(client, account, before, found, list(_missing(account)))


def _written_on(client: Client, account: dict[str, Any]) -> dict[str, dt.date]:
    """Return the day on which each file of orders was written: nothing in it can be of a later day."""
    files = [file["file"] for file in account["tables"].get("orders", {}).get("files", ())]
    zone = zoneinfo.ZoneInfo(client.config.time_zone)
    stamps = {file: (client.folder / file).stat().st_mtime for file in files if (client.folder / file).is_file()}
    return {file: dt.datetime.fromtimestamp(stamp, zone).date() for file, stamp in stamps.items()}


def _missing(account: dict[str, Any]) -> list[str]:
    """Say which tables that are needed cannot be built."""
    tables = account["tables"]
    if not accounts.used(account, *tables) and not _of_products(account) and not _of_voices(account):
        return ["使える行が1行もありません。上の内訳で、いちばん多い理由から確かめてください。"]
    if "orders" in tables and not accounts.used(account, "orders") and not _of_products(account):
        return [f"「{TABLES['orders']}」に使える行がありません。上の内訳を確かめてください。"]
    if "orders" not in tables and any(each["kind"] == "unknown" for each in account["strangers"]):
        return [f"「{TABLES['orders']}」のファイルが見つかりません。読んでいないファイルを確かめてください。"]
    return []


def _of_products(account: dict[str, Any]) -> int:
    """Count the lines of exports that never tell the customer: they still tell of products."""
    files = account["tables"].get("orders", {}).get("files", ())
    return sum(file["outcomes"]["no_customer"] for file in files if not file["tells_customer"])


def _of_voices(account: dict[str, Any]) -> int:
    """Count the voices of nobody known: they still tell of the shop."""
    voices = account["tables"].get("voices")
    return int(voices["outcomes"]["no_customer"]) if voices else 0
