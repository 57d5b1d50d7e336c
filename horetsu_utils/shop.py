"""Shop: a client's canonical tables as Ibis tables, prepared once, cut at the analysis date."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis.backends.sql import SQLBackend

from horetsu_utils import analysis_day, cache, canon, engine, schema, stored, workplace
from horetsu_utils import client as clients
from horetsu_utils.analysis_day import PLANS, UNDONE, WITH_UNKNOWN
from horetsu_utils.client import Client
from horetsu_utils.errors import MissingDataError
from horetsu_utils.ingest.accounting import MOMENTS
from horetsu_utils.method import Rules
from horetsu_utils.words import TABLES

LINE_FACTS = {"origin": "string"}
ORDER_FACTS = LINE_FACTS | {
    "ordered_on": "date",
    "is_purchase": "boolean",
    "line_count": "int64",
    "discounted": "boolean",
}
FACTS = (
    {"orders": ORDER_FACTS}
    | dict.fromkeys(("lines", "product_lines", "undone_lines"), LINE_FACTS)
    | {name: {"is_stand_in": "boolean"} for name in ("voices", "heard")}
)
"""What prepared tables tell beside the canonical columns; where it `is_stand_in`, nobody was asked what to expect."""
WIDER = {"product_lines": "lines", "heard": "voices", "undone_lines": "lines"}
"""Tables made of other rows of a table than the accepted ones alone."""
WIDER_OUTCOMES = dict.fromkeys(WIDER, WITH_UNKNOWN) | {"undone_lines": UNDONE}
"""Which rows those are: of unknown customers too, for what does not ask who it was; or the cancelled and returned."""


@dataclass(frozen=True)
class Shop:
    """A client as it looked on the day `as_of`: nothing later is visible in any table."""

    client: Client
    as_of: dt.date
    rules: Rules
    tables: Mapping[str, ir.Table]
    account: Mapping[str, Any]
    fingerprint: str

    @classmethod
    def open(cls, name: str | Path, *, as_of: str | dt.date) -> "Shop":
        """Open a client by id or path; its files are read now if they have changed.

        The demo shop, which every notebook names until told otherwise, is written first where nobody has.

        `as_of` is a day (YYYY-MM-DD). An empty text stands for the last day with an order, or else a record.

        Errors
            ConfigError or InputError as the files deserve; MissingDataError when nothing happened up to `as_of`
        """
        from horetsu_utils.demo import at_hand

        client = at_hand.opened(str(name))
        return cls.of(client, cache.prepared(client), as_of=as_of)

    @classmethod
    def of(cls, client: Client, folder: Path, *, as_of: str | dt.date) -> "Shop":
        """Open a client whose tables are prepared in `folder`; otherwise as `open`."""
        account = cache.read_account(folder)
        spill = workplace.named(client.cache)
        connection = engine.session(client.config.master, size=cache.size(folder), spill=spill)
        at_address = bool(client.config.store)
        whole = stored.tables(connection, client, folder) if at_address else cache.read_tables(connection, folder)
        day = analysis_day.choose(whole, as_of, client)
        tables = {table: _cut(table, rows, day) for table, rows in whole.items()}
        tables |= {name: _cut(of, whole[of], day, WIDER_OUTCOMES[name]) for name, of in WIDER.items() if of in whole}
        for table in canon.TABLES:
            if table in account["tables"]:
                schema.check(tables["lines" if table == "orders" else table], canon.TABLES[table])
        return cls(client, day, client.rules(), tables, account, folder.name)

    @property
    def lines(self) -> ir.Table:
        """Accepted order lines, one row per line (the canonical table `orders`)."""
        return self.table("lines")

    @property
    def orders(self) -> ir.Table:
        """Orders, one row per order: purchases, and the credit notes that reduce their amounts."""
        return self.table("orders")

    @property
    def product_lines(self) -> ir.Table:
        """Order lines for the analyses of products: those without a known customer are among them."""
        return self.table("product_lines")

    @property
    def undone_lines(self) -> ir.Table:
        """Order lines that were cancelled or returned; `status` tells which."""
        return self.table("undone_lines")

    @property
    def currency(self) -> str:
        """The client's currency code."""
        return self.client.config.currency

    @property
    def tax(self) -> str:
        """Whether amounts are with tax: included, excluded, mixed or unknown."""
        return accounted_tax(self.client.config.tax, self.account)

    @property
    def name(self) -> str:
        """The client's name, as the report says it."""
        return self.client.config.name

    def with_purchases(self) -> "Shop":
        """Return the shop itself, if anybody bought in the period that ends on the analysis date.

        Errors
            MissingDataError telling which day would do
        """
        start = self.as_of - dt.timedelta(days=self.rules.period_days)
        bought = self.orders.filter(self.orders.is_purchase)
        counts = bought.aggregate(recent=bought.count(where=bought.ordered_on > start), last=bought.ordered_on.max())
        found = counts.to_pyarrow().to_pylist()[0]
        if found["recent"]:
            return self
        raise MissingDataError(
            f"{self.as_of} までの{self.rules.period_days}日間に、注文が1件もありません。",
            where=f"{self.client.id} の注文(最後の注文は {found['last']})",
            next_step="分析する日に、注文のある日を選んでください。",
        )

    @property
    def connection(self) -> SQLBackend:
        """The engine's session that holds the shop's tables."""
        return next(iter(self.tables.values())).get_backend()

    def has(self, table: str) -> bool:
        """Tell whether the client has given a table, with at least one row that counts."""
        return _used(self.account["tables"].get(table), analysis_day.counted(table)) > 0

    def table(self, name: str) -> ir.Table:
        """Return one table.

        Errors
            MissingDataError telling which blank form to start filling
        """
        if name in self.tables:
            return self.tables[name]
        wanted = _canonical(name)
        raise MissingDataError(
            f"「{TABLES[wanted]}」のデータがありません。",
            where=f"{self.client.folder / clients.CONFIG_FILE} の tables",
            next_step=f"記入用/{wanted}.csv を data フォルダに写して、今日から書きはじめられます。",
        )

    def table_or_empty(self, name: str) -> ir.Table:
        """Return one table; of a canonical table that the client has not given, one without rows."""
        if name in self.tables:
            return self.tables[name]
        columns = {column.name: schema.DTYPES[column.kind] for column in canon.TABLES[_canonical(name)].columns}
        return ibis.memtable([], schema=columns | FACTS.get(name, {}))

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<li>{TABLES[name]}: {each['read']:,} 行を読み、{_used(each):,} 行を使います</li>"
            for name, each in self.account["tables"].items()
        )
        return f"<p>分析日 {self.as_of}</p><ul>{rows}</ul>"


def _canonical(name: str) -> str:
    """Return the canonical table that a prepared one is made of."""
    table = WIDER.get(name, name)
    return "orders" if table == "lines" else table


def accounted_tax(told: str, account: Mapping[str, Any]) -> str:
    """Return what the mappings of a client's orders agree on; its own word counts where a mapping does not know."""
    files = account["tables"].get("orders", {}).get("files", ())
    known = {told if file["tax"] == "unknown" else file["tax"] for file in files if file["read"]} or {told}
    if {"included", "excluded"} <= known:
        return "mixed"
    return known.pop() if len(known) == 1 else "unknown"


def _used(account: Mapping[str, Any] | None, outcomes: tuple[str, ...] = ("accepted",)) -> int:
    return sum(int(account["outcomes"][name]) for name in outcomes) if account else 0


def _cut(table: str, rows: ir.Table, day: dt.date, outcomes: tuple[str, ...] = ("accepted",)) -> ir.Table:
    """Hide what came after the analysis date, and the rows that were set aside."""
    if table == "orders":
        return rows.filter(rows.ordered_on <= day)
    rows = rows.filter(rows.outcome.isin(outcomes))
    moment = MOMENTS.get("orders" if table == "lines" else table)
    if moment is None or table in PLANS:
        return rows
    return rows.filter(rows[moment].isnull() | (rows[moment].cast("date") <= ibis.literal(day)))
