"""Prepare a client's files once: canonical Parquet in a cache, the account of rows, and what was rejected."""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend

from horetsu_utils import engine
from horetsu_utils.canon import TABLES
from horetsu_utils.errors import InputError
from horetsu_utils.ingest import account, accounting, counts, join, link, orders, refused, settle
from horetsu_utils.ingest.account import Account, Stranger, TableAccount
from horetsu_utils.ingest.accounting import TableFiles
from horetsu_utils.ingest.feed import Feed, Ways, keyed
from horetsu_utils.ingest.one_file import FileRows, appear, labels, rows_of

FILES, LINKS, ACCOUNT = "files", "links.parquet", "account.json"


def prepare(
    feeds: list[Feed],
    target: Path,
    *,
    ways: Ways,
    strangers: tuple[Stranger, ...] = (),
    say: Callable[[str], None] = lambda text: None,
) -> Account:
    """Read all feeds and write the prepared tables into `target`, which appears whole or not at all.

    The rows of each file are kept beside `target`, under the file's key: only files that changed are read again.

    Shape
        files -> <table>.parquet (every row, with its outcome; `lines` for orders), orders.parquet (one row per order),
        links.parquet, account.json, rejected.csv
    Errors
        InputError for a file that cannot be read at all, or that its content shows to be something else
    Source
        METHOD.md section 1; DESIGN.md (one direction)
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    feeds = sorted((keyed(feed, ways) for feed in _once(feeds)), key=_telling)
    read = [rows_of(feed, ways, target.parent / FILES, say) for feed in feeds]
    tables = [TableFiles(name, [each for each in read if each.feed.table == name]) for name in TABLES]
    tables = [table for table in tables if table.files]
    workshop = Path(tempfile.mkdtemp(prefix=".preparing-", dir=target.parent))
    try:
        connection = engine.connect(spill=workshop / "spill")
        say("まとめています")
        linked = _link(connection, tables, ways, workshop)
        accounts = {table.name: _write(connection, table, linked, workshop) for table in tables}
        _refuse_nothing(accounts)
        rejected = workshop / "rejected.csv"
        shown = account.write_csv(_rejected(connection, tables, workshop), rejected)
        notes = [note for table in tables for note in _notes(connection, table, accounts[table.name], workshop)]
        told = {"people": linked.people, "ids": len(linked.linked), "shared": linked.shared} if ways.link else {}
        result = Account(accounts, shown, tuple(notes), strangers, told)
        (workshop / ACCOUNT).write_text(json.dumps(result.to_dict(), ensure_ascii=False), encoding="utf-8")
        connection.disconnect()
        shutil.rmtree(workshop / "spill", ignore_errors=True)
        appear(workshop, target)
        return result
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


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
        if first.mapping != feed.mapping:
            raise InputError(
                "1つのファイルを、2通りの scale・expected・department で読むことになっています。",
                where=feed.name,
                next_step=f"client.yaml の tables.{feed.table} の files を、重ならないように直してください。",
            )
    return list(found.values())


def _telling(feed: Feed) -> tuple[bool, list[tuple[int, str]]]:
    """Return a key that puts last what is to be believed most: a report that names the customer, then a newer file."""
    return not feed.mapping.tables[feed.table].without_customer, _age(feed.name)


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


def _link(connection: Backend, tables: list[TableFiles], ways: Ways, folder: Path) -> link.Links:
    if not ways.link:
        return link.Links({})
    rows = [engine.read_parquet(connection, each.path) for table in tables for each in table.files]
    found = link.links(rows, ways.link)
    pairs = pa.table(
        {"linked_id": list(found.linked), "person_id": list(found.linked.values())},
        schema=pa.schema([("linked_id", pa.string()), ("person_id", pa.string())]),
    )
    engine.write_arrow(pairs, folder / LINKS)
    return found


def _write(connection: Backend, table: TableFiles, linked: link.Links, folder: Path) -> TableAccount:
    path = folder / f"{table.stem}.parquet"
    if len(table.files) == 1 and not linked.linked and table.files[0].as_labelled:
        _share(table.files[0].path, path)
    else:
        rows = [_labelled(connection, each, place) for place, each in enumerate(table.files)]
        mapping = engine.read_parquet(connection, folder / LINKS) if linked.linked else None
        settled = settle.settled([link.applied(each, mapping) for each in _alike(rows)], table.name)
        engine.write_parquet(connection, settled.drop("newness", *({join.KEY} & set(settled.columns))), path)
    written = engine.read_parquet(connection, path)
    if table.name == "orders":
        engine.write_parquet(connection, orders.one_row_per_order(written), folder / "orders.parquet")
        refused.contradictions(engine.read_parquet(connection, folder / "orders.parquet"), written)
    return accounting.of_table(connection, table, written, folder)


def _share(kept: Path, path: Path) -> None:
    """Let one file stand in two places, without a copy where the file system can."""
    try:
        os.link(kept, path)
    except OSError:
        shutil.copyfile(kept, path)


def _labelled(connection: Backend, file: FileRows, newness: int) -> ir.Table:
    return engine.read_parquet(connection, file.path).mutate(**labels(file.feed), newness=ibis.literal(newness))


def _alike(tables: list[ir.Table]) -> list[ir.Table]:
    """Give all tables the same columns: what a file does not tell is empty."""
    names = dict.fromkeys(name for table in tables for name in table.columns)
    return [
        table.select(*(table[name] if name in table.columns else ibis.null("string").name(name) for name in names))
        for table in tables
    ]


def _rejected(connection: Backend, tables: list[TableFiles], folder: Path) -> Iterator[account.Rejected]:
    for table in tables:
        settled = engine.read_parquet(connection, folder / f"{table.stem}.parquet")
        for file in table.files:
            yield from refused.rows(connection, file, settled)
        for file, lines in accounting.groups(connection, table):
            yield from refused.orders(file, engine.read_parquet(connection, file.orders), lines)


def _notes(connection: Backend, table: TableFiles, told: TableAccount, folder: Path) -> list[str]:
    if not told.outcomes["duplicate"]:
        return []
    return counts.overlaps(engine.read_parquet(connection, folder / f"{table.stem}.parquet"), table.name)
