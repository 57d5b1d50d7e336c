"""The account of rows on the consultant's screen."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from horetsu_utils.client import REJECTED
from horetsu_utils.ingest.account import Rejected
from horetsu_utils.ingest.clean import OUTCOMES
from horetsu_utils.words import CODES, COLUMNS, TABLES

WARNED = 3


def used(account: dict[str, Any], *tables: str) -> int:
    """Count the rows of some tables that the analyses use."""
    known = account["tables"]
    return sum(known[name]["outcomes"]["accepted"] for name in tables if name in known)


def show(account: dict[str, Any], console: Console) -> None:
    """Print what became of every row of every file."""
    table = Table(show_lines=True)
    for heading in ("データとファイル", "期間"):
        table.add_column(heading, overflow="fold")
    for heading in ("読んだ行", "使う行"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("使わない行の内訳", overflow="fold")
    for name, known in account["tables"].items():
        for each in known["files"]:
            counts = each["outcomes"]
            aside = [f"{CODES['outcome'][key]} {counts[key]:,}" for key in OUTCOMES[1:] if counts[key]]
            span = f"{each['first_day']}〜\n{each['last_day']}" if each["first_day"] else ""
            file = escape(f"{TABLES[name]}\n{each['file']}\n({each['encoding']}、{each['mapping']})")
            table.add_row(file, span, f"{each['read']:,}", f"{counts['accepted']:,}", "\n".join(aside))
    console.print(table)


def warn(account: dict[str, Any], folder: Path, console: Console) -> None:
    """Print the first rejected rows, and what was left empty, so that nothing is lost in silence."""
    for note in account["notes"]:
        console.print(note, markup=False, highlight=False)
    rejected = account["rejected"]
    total = sum(known["outcomes"]["rejected"] for known in account["tables"].values())
    if total:
        told = f"読めなかった行が {total:,} 行あります。すべての行と直し方: {folder / REJECTED}"
        console.print(told, markup=False, highlight=False, soft_wrap=True)
        for each in rejected[:WARNED]:
            console.print(f"  {Rejected(**each)}", markup=False, highlight=False)
    for name, known in account["tables"].items():
        for problem, rows in known["emptied"].items():
            column = problem.partition("|")[2]
            heading = COLUMNS[column].japanese if column in COLUMNS else column
            console.print(f"{TABLES[name]}の列「{heading}」に読めない値が {rows:,} 個あり、空として扱いました。")
