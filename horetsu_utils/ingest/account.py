"""The account of rows: what became of every row read, in numbers that add up."""

import csv
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

from horetsu_utils import schema
from horetsu_utils.ingest import cast
from horetsu_utils.ingest.clean import OUTCOMES, PART, UNMATCHED
from horetsu_utils.ingest.read import ROW
from horetsu_utils.words import COLUMNS, TABLES

REJECTED_SHOWN = 20
"""So many rejected rows stand in the account itself; all of them stand in rejected.csv."""
REASONS = ("is_cancelled", "is_not_product", "is_no_customer", "is_duplicate")


@dataclass(frozen=True)
class FileAccount:
    """One file's rows by outcome. `ragged` rows had more or fewer cells than the header; they are rejected too."""

    file: str
    mapping: str
    encoding: str
    read: int
    outcomes: dict[str, int]
    first_day: str | None = None
    last_day: str | None = None
    unused: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stranger:
    """A file that no mapping reads, with the mappings that come nearest and what they lack."""

    file: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Month:
    """What one table tells of one month. `amount` is that of the orders, in the client's currency."""

    month: str
    rows: int
    amount: float | None = None


@dataclass(frozen=True)
class TableAccount:
    """One canonical table's rows by outcome.

    `outcomes` add up to `read`. `matching` counts all rows (and orders) to which a reason applies, whatever their
    outcome: a repeated line without a customer stands once in `outcomes` and in two of `matching`.
    """

    table: str
    read: int
    outcomes: dict[str, int]
    matching: dict[str, dict[str, int]]
    emptied: dict[str, int]
    files: tuple[FileAccount, ...] = ()
    months: tuple[Month, ...] = ()


@dataclass(frozen=True)
class Rejected:
    """A row that could not be used, in the words of the person who will mend it."""

    file: str
    row: int
    column: str
    value: str
    reason: str
    mend: str

    def __str__(self) -> str:
        """Return the whole message on one line."""
        place = f"{self.file} {self.row:,}行目" + (f" 列「{self.column}」" if self.column else "")
        shown = f"の値「{self.value}」" if self.value else ""
        return f"{place}{shown}: {self.reason}。{self.mend}。"


@dataclass(frozen=True)
class Account:
    """What became of every row a client gave, table by table, with the first rejected rows."""

    tables: dict[str, TableAccount]
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[str, ...] = field(default=())
    strangers: tuple[Stranger, ...] = ()
    linked: dict[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the account as plain data for JSON."""
        return asdict(self)


_TROUBLES = {
    cast.MISSING: ("値が空です", "値を入れるか、この行が要らなければ消してください"),
    cast.UNREADABLE: ("{kind}として読めません", "{example}のような形に直してください"),
    cast.OUTSIDE: ("決められた値ではありません", "{range}に直してください"),
    cast.MANGLED: (
        "表計算ソフトが番号を書きかえています",
        "元のシステムからもう一度書き出し、表計算ソフトで開かずにそのまま置いてください",
    ),
    UNMATCHED.partition("|")[0]: (
        "この番号の注文が、注文のファイルにありません",
        "同じ期間の注文のファイルも書き出して、一緒に置いてください",
    ),
    "no_lines": (
        "この注文の明細が、明細のファイルにありません",
        "同じ期間の明細のファイルも書き出して、一緒に置いてください",
    ),
    "ragged": ("セルの数({cells})が見出しの数({width})と違います", "カンマや引用符、改行を確かめてください"),
}
_KINDS = {
    "date": ("日付", "2026-06-30"),
    "time": ("日時", "2026-06-30 09:00"),
    "number": ("数", "1200"),
    "integer": ("整数", "3"),
    "flag": ("はい・いいえ", "はい"),
}


def sentence(file: str, row: int, code: str, value: str, *, heading: str, column: schema.Column) -> Rejected:
    """Word one rejected row by the code of its trouble; `heading` is what the shop's file calls the column."""
    name, example = _KINDS.get(column.kind, ("値", ""))
    reason, mend = _TROUBLES[code]
    shown = heading or (COLUMNS[column.name].japanese if column.name in COLUMNS else column.name)
    told = mend.format(example=example, range=_range(column))
    return Rejected(file, row, shown, value, reason.format(kind=name), told)


def _range(column: schema.Column) -> str:
    if column.choices:
        return f"{'・'.join(column.choices)} のどれか"
    if column.minimum is not None and column.maximum is not None:
        return f"{column.minimum}から{column.maximum}までの数"
    return "正しい値"


def ragged(file: str, row: int, cells: int, width: int, text: str) -> Rejected:
    """Word one row whose number of cells differs from the header's."""
    reason, mend = _TROUBLES["ragged"]
    return Rejected(file, row, "", text, reason.format(cells=cells, width=width), mend)


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


def months(rows: ir.Table, moment: str, amount: ir.NumericValue | None = None) -> tuple[Month, ...]:
    """Count a table's rows, and add up their amounts, by calendar month."""
    dated = rows.filter(rows[moment].notnull())
    total = amount.sum().cast("float64") if amount is not None else ibis.null("float64")
    by_month = dated.group_by(month=dated[moment].strftime("%Y-%m")).aggregate(rows=dated.count(), amount=total)
    return tuple(Month(**record) for record in by_month.order_by("month").to_pyarrow().to_pylist())


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
    return [
        f"{TABLES[table]}: {record['file']} の {record['rows']:,} 行は、より新しい行(名前の順で後のファイル)にも"
        "同じ内容があるため、数えていません。"
        for record in counted
    ]


def by_outcome(records: Iterable[dict[str, Any]]) -> dict[str, int]:
    """Add up counted records into one number per outcome, every outcome named."""
    totals = dict.fromkeys(OUTCOMES, 0)
    for record in records:
        totals[record["outcome"]] += record["rows"]
    return totals


def write_csv(rejected: Iterable[Rejected], path: Path) -> tuple[Rejected, ...]:
    """Write every rejected row to a file that a spreadsheet opens without running anything; return the first ones."""
    shown: list[Rejected] = []
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["ファイル", "行", "列", "値", "理由", "直し方"])
        for each in rejected:
            cells = (each.file, each.row, each.column, each.value, each.reason, each.mend)
            writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in cells])
            if len(shown) < REJECTED_SHOWN:
                shown.append(each)
    return tuple(shown)


def harmless(cell: str) -> str:
    """Keep a spreadsheet from running a cell as a formula: such a cell starts with an apostrophe."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
