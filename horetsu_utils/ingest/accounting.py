"""The account of one table: its files, those that were joined to them, and its months."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from horetsu_utils import engine
from horetsu_utils.canon import TABLES
from horetsu_utils.ingest import cast, clean, counts, refused
from horetsu_utils.ingest.account import FileAccount, TableAccount, Word
from horetsu_utils.ingest.feed import Feed
from horetsu_utils.ingest.header import Header, names_customer
from horetsu_utils.ingest.one_file import FileRows, Told

MOST_WORDS = 30
"""So many unknown words of one file are asked about."""

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


@dataclass(frozen=True)
class TableFiles:
    """The files of one table, the oldest first."""

    name: str
    files: list[FileRows]

    @property
    def stem(self) -> str:
        """The name of its Parquet file."""
        return "lines" if self.name == "orders" else self.name

    @property
    def splits(self) -> bool:
        """Whether one row of a file may become several."""
        return any(each.feed.mapping.tables[self.name].split for each in self.files)


def of_table(connection: Backend, table: TableFiles, rows: ir.Table, folder: Path) -> TableAccount:
    """Account for every row of a table, file by file.

    Shape
        the table's files, its settled rows, the folder with the orders of these -> TableAccount
    Errors
        none
    Source
        METHOD.md section 1
    """
    moment = MOMENTS.get(table.name)
    rows_of_files = counts.rows_of_files(rows) if table.splits else rows
    records = counts.count(rows_of_files, moment)
    files = [_file_account(file, records) for file in table.files]
    files += _partner_accounts(connection, table)
    totals = {name: sum(each.outcomes[name] for each in files) for name in clean.OUTCOMES}
    used = rows.filter(rows.outcome == "accepted")
    sold = engine.read_parquet(connection, folder / "orders.parquet") if table.name == "orders" else None
    return TableAccount(
        table.name,
        sum(totals.values()),
        totals,
        counts.matching(rows),
        counts.emptied(rows),
        tuple(files),
        counts.months(used, moment, sold) if moment else (),
        _unknown_words(connection, table) if totals["rejected"] else (),
    )


def _file_account(file: FileRows, records: list[dict]) -> FileAccount:
    own = [record for record in records if record["file"] == file.feed.name]
    days = {"first_day": _edge(min, own, "first_day"), "last_day": _edge(max, own, "last_day")}
    return _told_of(file.feed, file.told, counts.by_outcome(own), **days)


def _partner_accounts(connection: Backend, table: TableFiles) -> list[FileAccount]:
    """Say what became of the orders' rows in exports of two files: joined, told again, or without any line."""
    found = []
    for file, lines in groups(connection, table):
        told = refused.orders_by_outcome(engine.read_parquet(connection, file.orders), lines, table.name)
        for place, (partner, feed) in enumerate(zip(file.partners, file.feed.partners, strict=True)):
            outcomes = dict.fromkeys(clean.OUTCOMES, 0) | told.get(place, {})
            found.append(_told_of(feed, partner, outcomes))
    return found


def _told_of(feed: Feed, told: Told, outcomes: dict[str, int], **days: str | None) -> FileAccount:
    outcomes = outcomes | {"rejected": outcomes["rejected"] + len(told.ragged)}
    return FileAccount(
        file=feed.name,
        mapping=feed.mapping_name,
        encoding=told.encoding,
        read=sum(outcomes.values()),
        outcomes=outcomes,
        system=feed.mapping.title,
        tax=feed.mapping.tax,
        tells_customer=_tells_customer(feed, told),
        unused=tuple(told.unused),
        personal=tuple(told.personal),
        kept=tuple(told.kept),
        lacking=() if feed.partners else tuple(told.lacking),
        from_memory=feed.mapping.from_memory,
        **days,
    )


def _tells_customer(feed: Feed, told: Told) -> bool:
    section = feed.mapping.tables[feed.table]
    if section.join:
        return not section.without_customer  # the customer may stand in the other file
    return names_customer(section, feed.table, Header(tuple(told.headings)))


def _unknown_words(connection: Backend, table: TableFiles) -> tuple[Word, ...]:
    """Count the words in columns of choices that refused their rows because nobody has said what they mean."""
    found: dict[tuple[str, str, str], int] = {}
    for file in table.files:
        if not file.refused.is_file():
            continue
        rows = engine.read_parquet(connection, file.refused)
        asked = rows.filter(rows[cast.PROBLEM].startswith(f"{cast.OUTSIDE}|") & rows[cast.VALUE].notnull())
        counted = asked.group_by(problem=asked[cast.PROBLEM], word=asked[cast.VALUE]).aggregate(rows=asked.count())
        for record in counted.order_by(ibis.desc("rows"), "word").limit(MOST_WORDS).to_pyarrow().to_pylist():
            column = record["problem"].partition("|")[2]
            if TABLES[table.name][column].choices:
                key = (file.feed.mapping_name, column, record["word"])
                found[key] = found.get(key, 0) + record["rows"]
    likely = {file.feed.mapping_name: file.feed.mapping.tables[table.name].likely for file in table.files}
    return tuple(
        Word(mapping, column, word, rows, likely[mapping].get(column, {}).get(word, ""))
        for (mapping, column, word), rows in found.items()
    )


def groups(connection: Backend, table: TableFiles) -> Iterator[tuple[FileRows, list[ir.Table]]]:
    """Yield, for each set of partners, one of the files they were joined to, and the rows of all of these."""
    groups: dict[tuple[str, ...], list[FileRows]] = {}
    for each in table.files:
        groups.setdefault(tuple(partner.name for partner in each.feed.partners), []).append(each)
    for files in [files for names, files in groups.items() if names]:
        yield files[0], [engine.read_parquet(connection, each.path) for each in files]


def _edge(pick: Callable[..., dt.date], records: list[dict], name: str) -> str | None:
    days = [record[name] for record in records if record[name] is not None and record["outcome"] != "rejected"]
    return pick(days).isoformat() if days else None
