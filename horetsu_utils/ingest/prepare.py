"""Prepare a client's files once: canonical Parquet in a cache, the account of rows, and what was rejected."""

import datetime as dt
import json
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from horetsu_utils import engine
from horetsu_utils.canon import TABLES
from horetsu_utils.errors import InputError, shorten
from horetsu_utils.ingest import account, cast, clean, header, orders, read, texts
from horetsu_utils.ingest.account import Account, FileAccount, Rejected, TableAccount
from horetsu_utils.ingest.mapping import Mapping
from horetsu_utils.ingest.texts import Door

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

_HIDDEN = (cast.VALUE, "is_repeat", "by_rule", "order_total", "newness")


@dataclass(frozen=True)
class Feed:
    """One file of a client and how it becomes part of a canonical table. `name` is its path in the client's folder."""

    table: str
    path: Path
    name: str
    mapping_name: str
    mapping: Mapping
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
    """One opened file: its cells as they stand, and with the order-level ones filled in on every row."""

    feed: Feed
    door: Door
    source: read.TextFile
    raw: ir.Table
    filled: ir.Table


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
    feeds = _once(feeds)
    target.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=".preparing-", dir=target.parent))
    try:
        connection = engine.connect(spill=workshop / "spill")
        tables, rejected, notes = {}, [], []
        for table in [name for name in TABLES if any(feed.table == name for feed in feeds)]:
            files = [_open(connection, feed, ways, say) for feed in feeds if feed.table == table]
            tables[table] = _write_table(connection, table, files, ways, workshop)
            written = connection.read_parquet(workshop / f"{_stem(table)}.parquet")
            rejected += _rejected(files, written) if tables[table].outcomes["rejected"] else []
            notes += account.overlaps(written, table) if tables[table].outcomes["duplicate"] else []
        _refuse_nothing(tables)
        result = Account(tables, tuple(rejected[:REJECTED_SHOWN]), tuple(notes))
        account.write_csv(rejected, workshop / "rejected.csv")
        (workshop / "account.json").write_text(json.dumps(result.to_dict(), ensure_ascii=False), encoding="utf-8")
        connection.disconnect()
        shutil.rmtree(workshop / "spill", ignore_errors=True)
        _appear(workshop, target)
        return result
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _appear(workshop: Path, target: Path) -> None:
    try:
        workshop.replace(target)
    except OSError:
        if not target.exists():  # else somebody prepared the same content meanwhile
            raise


def _once(feeds: list[Feed]) -> list[Feed]:
    """Drop the second mention of a file that two globs find: it must not be counted twice."""
    found: dict[tuple[str, Path], Feed] = {}
    for feed in feeds:
        first = found.setdefault((feed.table, feed.path), feed)
        if first.mapping_name != feed.mapping_name:
            raise InputError(
                "1つのファイルを、2つの対応表で読むことになっています。",
                where=f"{feed.name}({first.mapping_name} と {feed.mapping_name})",
                next_step=f"client.yaml の tables.{feed.table} の files を、重ならないように直してください。",
            )
    return list(found.values())


def _age(name: str) -> list[tuple[int, str]]:
    """Return a key that sorts file names as people number them: orders, orders (1), orders_2, orders_10."""
    path = Path(name)
    stem = str(path.parent / path.name.partition(".")[0])
    return [(int(part) if part.isdecimal() else -1, part) for part in re.split(r"(\d+)", stem)]


def _refuse_nothing(tables: dict[str, TableAccount]) -> None:
    files = [file.file for each in tables.values() for file in each.files]
    if files and not any(each.read for each in tables.values()):
        raise InputError(
            "見出しだけで、その下に行がありません。",
            where="、".join(files),
            next_step="書き出す期間や条件を確かめて、もう一度書き出してください。",
        )


def _stem(table: str) -> str:
    return "lines" if table == "orders" else table


def _open(connection: Backend, feed: Feed, ways: Ways, say: Callable[[str], None]) -> _File:
    say(f"{feed.name} を読んでいます")
    source = read.read(feed.path)
    door = Door(feed.table, feed.mapping, header.Header(source.header), ways.zone)
    header.require(door.section, feed.table, door.header, where=feed.name)
    name = f"raw_{len(connection.list_tables())}"
    try:
        raw = engine.stage(connection, name, source.batches)
    except engine.StreamError as error:
        raise InputError(
            'ファイルの途中から読めなくなりました(引用符「"」が閉じていないか、1つのセルが長すぎます)。',
            where=feed.name,
            next_step=f"もう一度書き出してください。手がかり: {shorten(error, 120)}",
        ) from error
    filled = texts.filled_in_order(raw, door)
    if filled is not raw:
        filled = engine.keep(connection, f"{name}_filled", filled)
    return _File(feed, replace(door, plain=cast.plainly_written(raw, door)), source, raw, filled)


def _write_table(connection: Backend, table: str, files: list[_File], ways: Ways, folder: Path) -> TableAccount:
    by_age = sorted((file.feed.name for file in files), key=_age)
    rows = [
        _flagged(connection, file, ways).mutate(newness=ibis.literal(by_age.index(file.feed.name))) for file in files
    ]
    settled = clean.settled(rows, table)
    path = folder / f"{_stem(table)}.parquet"
    engine.write_parquet(connection, settled.drop(*[name for name in _HIDDEN if name in settled.columns]), path)
    written = connection.read_parquet(path)
    if table == "orders":
        engine.write_parquet(connection, orders.one_row_per_order(written), folder / "orders.parquet")
    return _account(table, files, written)


def _flagged(connection: Backend, file: _File, ways: Ways) -> ir.Table:
    repeated = clean.repeats(connection, file.raw, file.raw.get_name())
    listed = clean.listed(file.raw, file.door, ways.not_products) if file.feed.table == "orders" else {}
    flagged = clean.flagged(file.filled, repeated, file.door, listed, digits=ways.digits)
    origin = {"file": file.feed.name, "origin": file.feed.mapping_name, "department": file.feed.department}
    return flagged.mutate(**{name: ibis.literal(value) for name, value in origin.items()})


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


def _rejected(files: list[_File], rows: ir.Table) -> list[Rejected]:
    found = []
    for file in files:
        name = file.feed.name
        width = len(file.source.header)
        found += [account.ragged(name, bad.row, bad.cells, width, shorten(bad.text)) for bad in file.source.ragged]
        bad = rows.filter((rows.outcome == "rejected") & (rows.file == name))
        told = cast.cast(file.filled.semi_join(bad, read.ROW), file.door)
        for record in told.select(read.ROW, cast.PROBLEM, cast.VALUE).to_pyarrow().to_pylist():
            code, _, column = record[cast.PROBLEM].partition("|")
            places = file.door.header.first(file.door.section.columns.get(column, ()))
            found.append(
                account.sentence(
                    name,
                    record[read.ROW],
                    code,
                    shorten(record[cast.VALUE] or ""),
                    heading=file.source.header[places[0]] if places else "",
                    column=TABLES[file.feed.table][column],
                )
            )
    return sorted(found, key=lambda each: (each.file, each.row))
