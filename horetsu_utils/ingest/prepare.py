"""Prepare a client's files once: canonical Parquet in a cache, the account of rows, and what was rejected."""

import csv
import datetime as dt
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from horetsu_utils import engine
from horetsu_utils.errors import InputError, shorten
from horetsu_utils.ingest import account, cast, clean, mapping, read
from horetsu_utils.ingest.account import Account, FileAccount, Rejected, TableAccount
from horetsu_utils.ingest.texts import Door
from horetsu_utils.schema import TABLES

REJECTED_SHOWN = 20
"""So many rejected rows stand in the account itself; all of them stand in rejected.csv."""

MOMENTS = {
    "orders": "ordered_at",
    "customers": "registered_at",
    "story": "date",
    "touchpoints": "at",
    "voices": "date",
    "events": "at",
    "campaigns": "date",
    "answers": "date",
    "context": "date",
}
"""The column that says when a row of a table happened."""

_HIDDEN = (cast.VALUE, "is_repeat", "told_again", "by_rule", "order_total")


@dataclass(frozen=True)
class Feed:
    """One file of a client and how it becomes part of a canonical table. `name` is its path in the client's folder."""

    table: str
    path: Path
    name: str
    mapping_name: str
    mapping: mapping.Mapping
    department: str = ""


@dataclass(frozen=True)
class Ways:
    """How one client's files are read: its time zone, the digits of its currency, and per column the words for
    what is no product.
    """

    zone: str
    digits: int
    not_products: dict[str, list[str]]


@dataclass
class _File:
    feed: Feed
    door: Door
    source: read.TextFile
    raw: ir.Table


def prepare(feeds: list[Feed], target: Path, *, ways: Ways, say: Callable[[str], None] = lambda text: None) -> Account:
    """Read all feeds and write the prepared tables into `target`, which appears whole or not at all.

    Shape
        files -> <table>.parquet (every row, with its outcome; `lines` for orders), orders.parquet (one row per order),
        account.json, rejected.csv
    Errors
        InputError for a file that cannot be read at all
    Source
        METHOD.md section 1; DESIGN.md (one direction)
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=".preparing-", dir=target.parent))
    try:
        connection = engine.connect(spill=workshop / "spill")
        tables, rejected = {}, []
        for table in [name for name in TABLES if any(feed.table == name for feed in feeds)]:
            files = [_open(connection, feed, ways, say) for feed in feeds if feed.table == table]
            tables[table] = _write_table(connection, table, files, ways, workshop)
            if tables[table].outcomes["rejected"]:
                rejected += _rejected(connection, files, workshop / f"{_stem(table)}.parquet")
        result = Account(tables, tuple(rejected[:REJECTED_SHOWN]))
        _write_csv(rejected, workshop / "rejected.csv")
        (workshop / "account.json").write_text(json.dumps(result.to_dict(), ensure_ascii=False), encoding="utf-8")
        connection.disconnect()
        shutil.rmtree(workshop / "spill", ignore_errors=True)
        if target.exists():  # somebody prepared the same content meanwhile
            return result
        workshop.replace(target)
        return result
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _stem(table: str) -> str:
    return "lines" if table == "orders" else table


def _open(connection: Backend, feed: Feed, ways: Ways, say: Callable[[str], None]) -> _File:
    say(f"{feed.name} を読んでいます")
    source = read.read(feed.path)
    door = Door(feed.table, feed.mapping, mapping.Header(source.header), ways.zone)
    mapping.require(door.section, feed.table, door.header, where=feed.name)
    name = f"raw_{len(connection.list_tables())}"
    try:
        raw = engine.stage(connection, name, source.batches)
    except engine.StreamError as error:
        raise InputError(
            'ファイルの途中から読めなくなりました(引用符「"」が閉じていないか、1つのセルが長すぎます)。',
            where=feed.name,
            next_step=f"もう一度書き出してください。手がかり: {shorten(error, 120)}",
        ) from error
    return _File(feed, replace(door, plain=cast.plainly_written(raw, door)), source, raw)


def _write_table(connection: Backend, table: str, files: list[_File], ways: Ways, folder: Path) -> TableAccount:
    rows = [_flagged(connection, file, ways) for file in files]
    needs_customer = "customer_id" in TABLES[table].required
    settled = clean.settled(rows, table, needs_customer)
    path = folder / f"{_stem(table)}.parquet"
    engine.write_parquet(connection, settled.drop(*[name for name in _HIDDEN if name in settled.columns]), path)
    written = connection.read_parquet(path)
    if table == "orders":
        engine.write_parquet(connection, one_row_per_order(written), folder / "orders.parquet")
    return _account(table, files, written)


def _flagged(connection: Backend, file: _File, ways: Ways) -> ir.Table:
    repeated = clean.repeats(connection, file.raw, file.raw.get_name())
    listed = clean.listed(connection, file.raw, file.door, ways.not_products) if file.feed.table == "orders" else {}
    flagged = clean.flagged(file.raw, repeated, file.door, listed, digits=ways.digits)
    origin = {"file": file.feed.name, "origin": file.feed.mapping_name, "department": file.feed.department}
    return flagged.mutate(**{name: ibis.literal(value) for name, value in origin.items()})


def one_row_per_order(lines: ir.Table) -> ir.Table:
    """Collapse order lines to orders: what was bought, and what credit notes took back.

    A purchase is an order with a paid line that is not negative. A returned line reduces the amount only where it is
    negative itself (a credit note); an order returned in place was never counted.

    Shape
        lines with `outcome` -> one row per origin, order_id and customer_id
    Columns
        ordered_at [time], ordered_on [date], amount [yen, tax as exported], is_purchase, line_count, discounted,
        is_subscription, source, channel
    Errors
        none
    Source
        METHOD.md section 1 (money and time)
    """
    paid = lines.status == "paid"
    credit = (lines.status == "returned") & (lines.amount < 0)
    counted = lines.filter(lines.outcome.isin(("accepted", "cancelled_or_returned")) & (paid | credit))
    paid = counted.status == "paid"
    orders = counted.group_by(["origin", "order_id", "customer_id"]).aggregate(
        ordered_at=counted.ordered_at.min(),
        amount=counted.amount.sum().cast("decimal(18, 4)"),
        is_purchase=(paid & (counted.amount >= 0)).any(),
        line_count=counted.count(),
        discounted=((counted.discount > 0) | (paid & (counted.amount < 0))).any().fill_null(False),
        is_subscription=counted.is_subscription.any().fill_null(False),
        source=counted.source.min(),
        channel=counted.channel.min(),
    )
    return orders.mutate(ordered_on=orders.ordered_at.cast("date")).order_by("ordered_at", "origin", "order_id")


def _account(table: str, files: list[_File], rows: ir.Table) -> TableAccount:
    records = account.count(rows, MOMENTS.get(table))
    accounts = []
    for file in files:
        own = [record for record in records if record["file"] == file.feed.name]
        outcomes = account.by_outcome(own)
        outcomes["rejected"] += len(file.source.ragged)
        accounts.append(
            FileAccount(
                file=file.feed.name,
                mapping=file.feed.mapping_name,
                encoding=file.source.encoding,
                read=sum(outcomes.values()),
                outcomes=outcomes,
                first_day=_edge(min, own, "first_day"),
                last_day=_edge(max, own, "last_day"),
            )
        )
    totals = {name: sum(each.outcomes[name] for each in accounts) for name in clean.OUTCOMES}
    return TableAccount(
        table, sum(totals.values()), totals, account.matching(rows), account.emptied(rows), tuple(accounts)
    )


def _edge(pick: Callable[..., dt.date], records: list[dict], name: str) -> str | None:
    days = [record[name] for record in records if record[name] is not None and record["outcome"] != "rejected"]
    return pick(days).isoformat() if days else None


def _rejected(connection: Backend, files: list[_File], path: Path) -> list[Rejected]:
    rows = connection.read_parquet(path)
    found = []
    for file in files:
        name = file.feed.name
        width = len(file.source.header)
        found += [account.ragged(name, bad.row, bad.cells, width, shorten(bad.text)) for bad in file.source.ragged]
        bad = rows.filter((rows.outcome == "rejected") & (rows.file == name))
        told = cast.cast(file.raw.semi_join(bad, read.ROW), file.door)
        for record in told.select(read.ROW, cast.PROBLEM, cast.VALUE).to_pyarrow().to_pylist():
            column = record[cast.PROBLEM].partition("|")[2]
            places = file.door.header.first(file.door.section.columns.get(column, ()))
            found.append(
                account.sentence(
                    name,
                    record[read.ROW],
                    record[cast.PROBLEM],
                    shorten(record[cast.VALUE] or ""),
                    heading=file.source.header[places[0]] if places else "",
                    kind=TABLES[file.feed.table][column].kind,
                )
            )
    return sorted(found, key=lambda each: (each.file, each.row))


def _write_csv(rejected: list[Rejected], path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["ファイル", "行", "列", "値", "理由", "直し方"])
        for each in rejected:
            cells = (each.file, each.row, each.column, each.value, each.reason, each.mend)
            writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in cells])


def harmless(cell: str) -> str:
    """Keep a spreadsheet from running a cell as a formula: such a cell starts with an apostrophe."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
