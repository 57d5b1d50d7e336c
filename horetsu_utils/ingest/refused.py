"""What cannot be used: rows, each with its reason, and whole files that their content shows to be something else."""

import heapq
from collections.abc import Iterator

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from horetsu_utils import engine
from horetsu_utils.canon import TABLES
from horetsu_utils.errors import InputError, shorten
from horetsu_utils.ingest import account, cast, join
from horetsu_utils.ingest.account import Rejected
from horetsu_utils.ingest.header import Header, shown
from horetsu_utils.ingest.one_file import FileRows
from horetsu_utils.ingest.read import ROW
from horetsu_utils.ingest.scores import SCORES, at_the_door
from horetsu_utils.ingest.voices import HALF

WITNESSES = 20
"""So many orders are needed before their content may contradict what a file is taken for."""
SAMPLE_ORDERS = 100_000
SHARED_ORDERS = 0.2
"""When this share of the order numbers belongs to several customers each, they are no order numbers."""


def rows(connection: Backend, file: FileRows, settled: ir.Table) -> Iterator[Rejected]:
    """Yield every row of a file that cannot be used, in the order of the file; `settled` are all rows of its table."""
    told = (_unusable(connection, file), _uneven(file), _halves(file, settled))
    yield from heapq.merge(*told, key=lambda each: each.row)


def _unusable(connection: Backend, file: FileRows) -> Iterator[Rejected]:
    if file.refused.is_file():
        for batch in engine.read_parquet(connection, file.refused).distinct().order_by(ROW).to_pyarrow_batches():
            yield from (_row(file, record) for record in batch.to_pylist())


def _uneven(file: FileRows) -> Iterator[Rejected]:
    for row, cells in file.told.ragged:
        yield account.ragged(file.feed.name, row, cells, len(file.told.headings))


def _halves(file: FileRows, settled: ir.Table) -> Iterator[Rejected]:
    """Yield the voices that have one score only, when no other row of the table had the other."""
    if HALF not in settled.columns:
        return
    lone = settled.filter(
        (settled.file == file.feed.name) & (settled.outcome == "rejected") & settled[cast.PROBLEM].isnull()
    )
    for record in lone.select(ROW, HALF).distinct().order_by(ROW).to_pyarrow().to_pylist():
        (absent,) = {*SCORES} - {record[HALF]}
        yield _row(file, {ROW: record[ROW], cast.PROBLEM: f"{account.HALF}|{absent}", cast.VALUE: ""})


def _row(file: FileRows, record: dict) -> Rejected:
    feed = file.feed
    code, _, column = record[cast.PROBLEM].partition("|")
    section = feed.mapping.tables[feed.table]
    known = TABLES["orders"] if code == join.UNMATCHED else at_the_door(TABLES[feed.table], section.scale)
    headings = list(section.columns.get(column, ()))
    headings += [each for key in section.customer_key for each in key.columns] if column == "customer_id" else []
    if code == join.UNMATCHED and section.join:
        headings = [section.join.by]
    header = Header((*file.told.headings, *(name for partner in file.partners for name in partner.headings)))
    found = [shown(heading) for heading in headings if header.places(heading)]
    return account.sentence(
        feed.name,
        record[ROW],
        code,
        shorten(record[cast.VALUE] or ""),
        heading="か".join(found),
        column=known[column],
    )


def orders(file: FileRows, orders: ir.Table, lines: list[ir.Table]) -> Iterator[Rejected]:
    """Yield the rows of an order's file that no line belongs to, and those of uneven width."""
    section = file.feed.mapping.tables[file.feed.table]
    alone = _outcomes(orders, lines, file.feed.table).filter(lambda t: t.outcome == "rejected").order_by(join.FILE, ROW)
    for record in alone.to_pyarrow().to_pylist():
        feed = file.feed.partners[record[join.FILE]]
        code = "no_lines" if record[join.KEY] else cast.MISSING
        heading = section.join.by if section.join else ""
        value = shorten(record[join.KEY] or "")
        yield account.sentence(
            feed.name, record[ROW], code, value, heading=heading, column=TABLES["orders"]["order_id"]
        )
    for feed, told in zip(file.feed.partners, file.partners, strict=True):
        for row, cells in told.ragged:
            yield account.ragged(feed.name, row, cells, len(told.headings))


def orders_by_outcome(orders: ir.Table, lines: list[ir.Table], table: str) -> dict[int, dict[str, int]]:
    """Count the rows of each order's file by what became of them."""
    counted = _outcomes(orders, lines, table).group_by([join.FILE, "outcome"]).aggregate(rows=lambda t: t.count())
    found: dict[int, dict[str, int]] = {}
    for record in counted.to_pyarrow().to_pylist():
        found.setdefault(record[join.FILE], {})[record["outcome"]] = record["rows"]
    return found


def _outcomes(orders: ir.Table, lines: list[ir.Table], table: str) -> ir.Table:
    """Say what became of each order; one of which nobody has said anything is in order, one without a line is not."""
    known = [each.select(on=join.KEY).distinct() for each in lines]
    told = ibis.union(*known, distinct=True) if len(known) > 1 else known[0]
    return orders.mutate(
        outcome=ibis.cases(
            (orders[join.KEY].isnull(), "rejected"),
            (~orders.is_last, "duplicate"),
            (orders[join.KEY].isin(told.on), "joined"),
            else_="rejected" if table == "orders" else "out_of_scope",
        )
    )


def contradictions(orders: ir.Table, lines: ir.Table) -> None:
    """Refuse orders whose content cannot be that of orders: the file was taken for something else.

    Errors
        InputError when all amounts are zero, or order numbers belong to several customers each
    """
    used = lines.filter(lines.outcome == "accepted")
    per_origin = used.group_by("origin").aggregate(
        rows=used.count(), zero=used.count(where=used.amount == 0), file=used.file.min(), mapping=used.origin.min()
    )
    for record in per_origin.order_by("origin").to_pyarrow().to_pylist():
        if record["rows"] >= WITNESSES and record["zero"] == record["rows"]:
            raise _contradiction(record, f"金額が、{record['rows']:,} 行すべて 0 です")
    orders = orders.limit(SAMPLE_ORDERS)
    per_order = orders.group_by(["origin", "order_id"]).aggregate(customers=orders.customer_id.nunique())
    shared = per_order.group_by("origin").aggregate(
        orders=per_order.count(), shared=per_order.count(where=per_order.customers > 1)
    )
    for record in shared.order_by("origin").to_pyarrow().to_pylist():
        if record["orders"] >= WITNESSES and record["shared"] > SHARED_ORDERS * record["orders"]:
            file = lines.filter(lines.origin == record["origin"]).file.min().to_pyarrow().as_py()
            raise _contradiction(
                record | {"file": file},
                f"注文番号 {record['orders']:,} 個のうち {record['shared']:,} 個が、複数のお客様に付いています",
            )


def _contradiction(record: dict, what: str) -> InputError:
    return InputError(
        f"注文の書き出しとして読みましたが、{what}。別の種類のファイルか、対応表が合っていません。",
        where=f"{record['file']}({record['origin']})",
        next_step="client.yaml の tables に、このファイルを読む対応表(mapping)を書いてください。"
        "合う対応表が無ければ、horetsu map でひな形を作れます。",
    )
