"""Counting prepared rows: by file and outcome, by reason, by month."""

from collections.abc import Iterable
from typing import Any

import ibis
import ibis.expr.types as ir

from horetsu_utils.ingest import cast
from horetsu_utils.ingest.account import Month
from horetsu_utils.ingest.clean import OUTCOMES, PART
from horetsu_utils.ingest.read import ROW
from horetsu_utils.words import TABLES

_AGAIN = {
    "customers": "より新しい行(名前の順で後のファイル)にも同じ方がいるため、1つにまとめました。",
    "story": "同じ方の同じ日の記録が、下の行か新しいファイルにもあるため、数えていません(最後の記録を使います)。",
}
REASONS = ("is_cancelled", "is_not_product", "is_no_customer", "is_duplicate")


def count(rows: ir.Table, moment: str | None) -> list[dict[str, Any]]:
    """Count a table's rows by file and outcome.

    Shape
        rows with `file` and `outcome` -> one record per (file, outcome): rows, first_day, last_day
    Errors
        none
    Source
        METHOD.md section 1
    """
    dated = rows.mutate(day=rows[moment].cast("date") if moment else ibis.null("date"))
    counted = dated.group_by(["file", "outcome"]).aggregate(
        rows=dated.count(), first_day=dated.day.min(), last_day=dated.day.max()
    )
    return counted.order_by("file", "outcome").to_pyarrow().to_pylist()


def months(rows: ir.Table, moment: str, orders: ir.Table | None = None) -> tuple[Month, ...]:
    """Count a table's rows by calendar month, and add up the amounts of the orders: what was given back is off."""
    found: dict[str, dict[str, Any]] = {}
    dated = rows.filter(rows[moment].notnull()).mutate(month=rows[moment].truncate("M").cast("date"))
    for record in dated.group_by("month").aggregate(rows=dated.count()).to_pyarrow().to_pylist():
        found[record["month"].strftime("%Y-%m")] = {"rows": record["rows"], "amount": None if orders is None else 0.0}
    if orders is not None:
        sold = orders.mutate(month=orders.ordered_at.truncate("M").cast("date"))
        sums = sold.group_by("month").aggregate(amount=sold.amount.sum().cast("float64"))
        for record in sums.to_pyarrow().to_pylist():
            found.setdefault(record["month"].strftime("%Y-%m"), {"rows": 0})["amount"] = record["amount"]
    return tuple(Month(month, **told) for month, told in sorted(found.items()))


def rows_of_files(rows: ir.Table) -> ir.Table:
    """Return one row for each of a file's that became several, with the best of their outcomes."""
    ranked = rows.mutate(rank=ibis.cases(*((rows.outcome == name, place) for place, name in enumerate(OUTCOMES))))
    first = ibis.row_number().over(ibis.window(group_by=["file", ROW], order_by=["rank", PART])) == 0
    return ranked.mutate(first=first).filter("first").drop("first", "rank")


def matching(rows: ir.Table) -> dict[str, dict[str, int]]:
    """Count the rows, and the orders, to which each reason applies, whatever their outcome."""
    counts: dict[str, ir.IntegerScalar] = {f"{reason}:rows": rows[reason].sum() for reason in REASONS}
    if "order_id" in rows.columns:
        counts |= {f"{reason}:orders": rows.order_id.nunique(where=rows[reason]) for reason in REASONS}
    found = rows.aggregate(**counts).to_pyarrow().to_pylist()[0]
    return {
        reason.removeprefix("is_"): {unit: int(found.get(f"{reason}:{unit}") or 0) for unit in ("rows", "orders")}
        for reason in REASONS
    }


def emptied(rows: ir.Table) -> dict[str, int]:
    """Count the optional values that could not be read and were left empty, by column."""
    each = rows.filter(rows[cast.DOUBT].notnull()).select(doubt=rows[cast.DOUBT].split(",").unnest())
    doubts = each.group_by("doubt").aggregate(rows=each.count()).order_by("doubt")
    return {record["doubt"]: record["rows"] for record in doubts.to_pyarrow().to_pylist()}


def overlaps(rows: ir.Table, table: str) -> list[str]:
    """Say which files tell what a newer one tells too, so that nobody wonders where their rows went."""
    told = rows.filter(rows.told_again & (rows.outcome == "duplicate"))
    counted = told.group_by("file").aggregate(rows=told.count()).order_by("file").to_pyarrow().to_pylist()
    why = _AGAIN.get(table, "より新しい行(名前の順で後のファイル)にも同じ内容があるため、数えていません。")
    return [f"{TABLES[table]}: {record['file']} の {record['rows']:,} 行は、{why}" for record in counted]


def by_outcome(records: Iterable[dict[str, Any]]) -> dict[str, int]:
    """Add up counted records into one number per outcome, every outcome named."""
    totals = dict.fromkeys(OUTCOMES, 0)
    for record in records:
        totals[record["outcome"]] += record["rows"]
    return totals
