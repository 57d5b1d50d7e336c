"""What the ingest's tests share: a function that prepares a client's files and tells what became of them."""

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from horetsu_utils import cache, client
from horetsu_utils.ingest import identity

FILES = Path(__file__).parent / "files"
ORDERS = "  orders: [{files: data/*}]"


@dataclass(frozen=True)
class Prepared:
    """A client's prepared tables as plain Python."""

    client: Path
    folder: Path

    @cached_property
    def account(self) -> dict[str, Any]:
        return json.loads((self.folder / "account.json").read_text(encoding="utf-8"))

    def table(self, name: str) -> list[dict[str, Any]]:
        rows = pq.read_table(self.folder / f"{name}.parquet").to_pylist()
        return rows if name == "orders" else sorted(rows, key=lambda row: (row["file"], row["_row"]))

    def outcomes(self, name: str = "lines") -> dict[int, str]:
        """Row number -> outcome, ragged rows among the rejected."""
        found = {row["_row"]: row["outcome"] for row in self.table(name)}
        return found | {each["row"]: "rejected" for each in self.rejected if each["row"] not in found}

    def counts(self, table: str = "orders") -> dict[str, int]:
        """The outcomes that occur, with their rows."""
        return {name: rows for name, rows in self.account["tables"][table]["outcomes"].items() if rows}

    def key(self, kind: str, folded: str) -> str:
        """The keyed hash that stands for a folded address, number, or name and number."""
        secret = (self.client / client.SECRET).read_bytes()
        return str(identity.Hasher(secret, identity.PREFIX[kind], str)(folded))

    @property
    def rejected(self) -> list[dict[str, Any]]:
        """Every row of rejected.csv, in plain words."""
        with (self.client / "rejected.csv").open(encoding="utf-8-sig", newline="") as stream:
            _, *rows = csv.reader(stream)
        names = ("file", "row", "column", "value", "reason", "mend")
        return [dict(zip(names, row, strict=True)) | {"row": int(row[1])} for row in rows]


Prepare = Callable[..., Prepared]


@pytest.fixture
def prepare(make_client: Callable[..., Path]) -> Prepare:
    """Return a function that writes a client's files, prepares them and tells the result."""

    def run(
        files: dict[str, str | bytes], tables: str = ORDERS, *, settings: str = "", name: str = "shop", **extra: str
    ) -> Prepared:
        folder = make_client(files, tables, settings, name)
        for mapping, text in extra.items():
            (folder / "mappings").mkdir(exist_ok=True)
            (folder / "mappings" / f"{mapping}.yaml").write_text(text, encoding="utf-8")
        return Prepared(folder, cache.prepared(client.find(str(folder))))

    return run
