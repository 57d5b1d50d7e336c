"""The account of one table: its files, those that were joined to them, and its months."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from horetsu_utils.ingest import account, clean, refused
from horetsu_utils.ingest.account import FileAccount, TableAccount
from horetsu_utils.ingest.one_file import FileRows

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


def of_table(connection: Backend, table: TableFiles, rows: ir.Table) -> TableAccount:
    """Account for every row of a table, file by file.

    Shape
        the table's files and its settled rows -> TableAccount
    Errors
        none
    Source
        METHOD.md section 1
    """
    moment = MOMENTS.get(table.name)
    rows_of_files = account.rows_of_files(rows) if table.splits else rows
    records = account.count(rows_of_files, moment)
    files = [_file_account(file, records) for file in table.files]
    files += _partner_accounts(connection, table)
    totals = {name: sum(each.outcomes[name] for each in files) for name in clean.OUTCOMES}
    used = rows.filter(rows.outcome == "accepted")
    return TableAccount(
        table.name,
        sum(totals.values()),
        totals,
        account.matching(rows),
        account.emptied(rows),
        tuple(files),
        account.months(used, moment, used.amount if table.name == "orders" else None) if moment else (),
    )


def _file_account(file: FileRows, records: list[dict]) -> FileAccount:
    own = [record for record in records if record["file"] == file.feed.name]
    outcomes = account.by_outcome(own)
    outcomes["rejected"] += len(file.told.ragged)
    return FileAccount(
        file=file.feed.name,
        mapping=file.feed.mapping_name,
        encoding=file.told.encoding,
        read=sum(outcomes.values()),
        outcomes=outcomes,
        first_day=_edge(min, own, "first_day"),
        last_day=_edge(max, own, "last_day"),
        unused=tuple(file.told.unused),
        personal=tuple(file.told.personal),
    )


def _partner_accounts(connection: Backend, table: TableFiles) -> list[FileAccount]:
    """Say what became of the orders' rows in exports of two files: joined, told again, or without any line."""
    found = []
    for file, lines in groups(connection, table):
        told = refused.orders_by_outcome(connection.read_parquet(file.orders), lines)
        for place, (partner, feed) in enumerate(zip(file.partners, file.feed.partners, strict=True)):
            outcomes = dict.fromkeys(clean.OUTCOMES, 0) | told.get(place, {})
            outcomes["rejected"] += len(partner.ragged)
            found.append(
                FileAccount(
                    file=feed.name,
                    mapping=feed.mapping_name,
                    encoding=partner.encoding,
                    read=sum(outcomes.values()),
                    outcomes=outcomes,
                    unused=tuple(partner.unused),
                    personal=tuple(partner.personal),
                )
            )
    return found


def groups(connection: Backend, table: TableFiles) -> Iterator[tuple[FileRows, list[ir.Table]]]:
    """Yield, for each set of partners, one of the files they were joined to, and the rows of all of these."""
    groups: dict[tuple[str, ...], list[FileRows]] = {}
    for each in table.files:
        groups.setdefault(tuple(partner.name for partner in each.feed.partners), []).append(each)
    for files in [files for names, files in groups.items() if names]:
        yield files[0], [connection.read_parquet(each.path) for each in files]


def _edge(pick: Callable[..., dt.date], records: list[dict], name: str) -> str | None:
    days = [record[name] for record in records if record[name] is not None and record["outcome"] != "rejected"]
    return pick(days).isoformat() if days else None
