"""Shop: a client's canonical tables as Ibis tables, prepared once, cut at the analysis date."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from horetsu_utils import cache, canon, engine, schema
from horetsu_utils import client as clients
from horetsu_utils.client import Client
from horetsu_utils.errors import ConfigError, MissingDataError
from horetsu_utils.ingest.accounting import MOMENTS
from horetsu_utils.method import Rules
from horetsu_utils.words import TABLES

LONE_DAYS, FEW_DAYS = 180, 10
"""A last day this far from the one before is doubted, once there are so many days with orders."""
ORDER_FACTS = {"ordered_on": "date", "is_purchase": "boolean", "line_count": "int64", "discounted": "boolean"}
"""What the prepared orders tell beside the canonical columns."""
PLANS = ("scenario", "campaigns")
"""Tables that speak of the future by their nature: they are not cut at the analysis date."""


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

        `as_of` is a day (YYYY-MM-DD). An empty text stands for the last day with an order, or else a record.

        Errors
            ConfigError or InputError as the files deserve; MissingDataError when nothing happened up to `as_of`
        """
        client = clients.find(str(name))
        return cls.of(client, cache.prepared(client), as_of=as_of)

    @classmethod
    def of(cls, client: Client, folder: Path, *, as_of: str | dt.date) -> "Shop":
        """Open a client whose tables are prepared in `folder`; otherwise as `open`."""
        account = cache.read_account(folder)
        connection = engine.connect()
        whole = cache.read_tables(connection, folder)
        day = _analysis_day(whole, as_of, client)
        tables = {table: _cut(table, rows, day) for table, rows in whole.items()}
        if "lines" in whole:
            tables["product_lines"] = _cut("lines", whole["lines"], day, ("accepted", "no_customer"))
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
            next_step="--as-of に、注文のある日を選んでください。",
        )

    @property
    def connection(self) -> Backend:
        """The engine's session that holds the shop's tables."""
        return next(iter(self.tables.values())).get_backend()

    def has(self, table: str) -> bool:
        """Tell whether the client has given a table, with at least one usable row."""
        return _used(self.account["tables"].get(table)) > 0

    def table(self, name: str) -> ir.Table:
        """Return one table.

        Errors
            MissingDataError telling which blank form to start filling
        """
        if name in self.tables:
            return self.tables[name]
        wanted = "orders" if name in ("lines", "product_lines") else name
        raise MissingDataError(
            f"「{TABLES[wanted]}」のデータがありません。",
            where=f"{self.client.folder / clients.CONFIG_FILE} の tables",
            next_step=f"記入用/{wanted}.csv を data フォルダに写して、今日から書きはじめられます。",
        )

    def table_or_empty(self, name: str) -> ir.Table:
        """Return one table; of a canonical table that the client has not given, one without rows."""
        if name in self.tables:
            return self.tables[name]
        columns = {column.name: schema.DTYPES[column.kind] for column in canon.TABLES[name].columns}
        return ibis.memtable([], schema=columns | (ORDER_FACTS if name == "orders" else {}))

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<li>{TABLES[name]}: {each['read']:,} 行を読み、{_used(each):,} 行を使います</li>"
            for name, each in self.account["tables"].items()
        )
        return f"<p>分析日 {self.as_of}</p><ul>{rows}</ul>"


def accounted_tax(told: str, account: Mapping[str, Any]) -> str:
    """Return what the mappings of a client's orders agree on; its own word counts where a mapping does not know."""
    files = account["tables"].get("orders", {}).get("files", ())
    known = {told if file["tax"] == "unknown" else file["tax"] for file in files if file["read"]} or {told}
    if {"included", "excluded"} <= known:
        return "mixed"
    return known.pop() if len(known) == 1 else "unknown"


def _used(account: Mapping[str, Any] | None) -> int:
    return int(account["outcomes"]["accepted"]) if account else 0


def _analysis_day(whole: Mapping[str, ir.Table], as_of: str | dt.date, client: Client) -> dt.date:
    first, last = _span(whole)
    if last is None:
        raise _nothing(whole, client)
    if not as_of:
        _refuse_lone_day(whole, client)
        return last
    try:
        day = as_of if isinstance(as_of, dt.date) else dt.date.fromisoformat(as_of)
    except ValueError as error:
        raise ConfigError(
            f"分析日「{as_of}」を日付として読めません。",
            where="--as-of",
            next_step="2026-06-30 のように書いてください。",
        ) from error
    if first is not None and day < first:
        raise MissingDataError(
            f"分析日 {day} は、最初の記録 {first} より前です。",
            where="--as-of",
            next_step=f"{first} から {last} までの日を選んでください。",
        )
    return day


def _nothing(whole: Mapping[str, ir.Table], client: Client) -> MissingDataError:
    """Word why there is nothing to analyse."""
    check = f"horetsu check {client.id} で、ファイルと行の内訳を確かめてください。"
    if "lines" not in whole:
        return MissingDataError("注文のファイルがありません。", where=str(client.folder / "data"), next_step=check)
    lines = whole["lines"]
    if lines.aggregate(nobody=(lines.outcome == "no_customer").sum()).to_pyarrow().to_pylist()[0]["nobody"]:
        return MissingDataError(
            "どの注文も、お客様が分かりません。お客様の分析はできません。",
            where=str(client.folder / "data"),
            next_step="会員番号やメールアドレスの列がある書き出しも、一緒に置いてください。",
        )
    return MissingDataError("使える行が1行もありません。", where=str(client.folder / clients.REJECTED), next_step=check)


def _refuse_lone_day(whole: Mapping[str, ir.Table], client: Client) -> None:
    """Refuse to take for today a day that stands far after all others: most likely it was mistyped."""
    orders = whole.get("orders")
    if orders is None:
        return
    bought = orders.filter(orders.is_purchase)
    days = bought.select("ordered_on").distinct().order_by(ibis.desc("ordered_on")).limit(FEW_DAYS)
    found = [record["ordered_on"] for record in days.to_pyarrow().to_pylist()]
    if len(found) == FEW_DAYS and (found[0] - found[1]).days > LONE_DAYS:
        raise MissingDataError(
            f"最後の注文の日 {found[0]} だけが、ほかの注文({found[1]} まで)から離れています。"
            "書き間違いかもしれません。",
            where=f"{client.folder} の注文",
            next_step=f"元の日付を直すか、--as-of {found[1]} を付けて、その日の時点で作ってください。",
        )


def _span(whole: Mapping[str, ir.Table]) -> tuple[dt.date | None, dt.date | None]:
    """Return the first and last day with a purchase; without orders, with any record."""
    orders = whole.get("orders")
    if orders is not None:
        bought = orders.filter(orders.is_purchase)
        days = bought.ordered_on
        found = bought.aggregate(first=days.min(), last=days.max()).to_pyarrow().to_pylist()[0]
        if found["last"] is not None:
            return found["first"], found["last"]
    edges = []
    for table, moment in MOMENTS.items():
        if table in whole and table not in (*PLANS, "orders", "customers"):
            rows = whole[table].filter(whole[table].outcome == "accepted")
            day = rows[moment].cast("date")
            record = rows.aggregate(first=day.min(), last=day.max()).to_pyarrow().to_pylist()[0]
            edges += [record["first"], record["last"]] if record["last"] else []
    return (min(edges), max(edges)) if edges else (None, None)


def _cut(table: str, rows: ir.Table, day: dt.date, outcomes: tuple[str, ...] = ("accepted",)) -> ir.Table:
    """Hide what came after the analysis date, and the rows that were set aside."""
    if table == "orders":
        return rows.filter(rows.ordered_on <= day)
    rows = rows.filter(rows.outcome.isin(outcomes))
    moment = MOMENTS.get("orders" if table == "lines" else table)
    if moment is None or table in PLANS:
        return rows
    return rows.filter(rows[moment].isnull() | (rows[moment].cast("date") <= ibis.literal(day)))
