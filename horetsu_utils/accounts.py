"""The account of rows on the consultant's screen."""

from rich.console import Console
from rich.table import Table

from horetsu_utils.ingest.clean import OUTCOMES
from horetsu_utils.shop import Shop
from horetsu_utils.words import CODES, COLUMNS, TABLES

WARNED = 3


def show(shop: Shop, console: Console) -> None:
    """Print what became of every row of every file."""
    for name, account in shop.account["tables"].items():
        table = Table(title=f"{TABLES[name]}({account['read']:,}行)", title_justify="left")
        for heading in ("ファイル", "文字コード", "期間", "読んだ行"):
            table.add_column(heading, justify="right" if heading == "読んだ行" else "left", overflow="fold")
        used = [outcome for outcome in OUTCOMES if account["outcomes"][outcome] or outcome == "accepted"]
        for outcome in used:
            table.add_column(CODES["outcome"][outcome], justify="right")
        for each in account["files"]:
            span = f"{each['first_day']}〜{each['last_day']}" if each["first_day"] else ""
            counts = [f"{each['outcomes'][outcome]:,}" for outcome in used]
            table.add_row(each["file"], each["encoding"], span, f"{each['read']:,}", *counts)
        console.print(table)


def warn(shop: Shop, console: Console) -> None:
    """Print the first rejected rows, and what was left empty, so that nothing is lost in silence."""
    rejected = shop.account["rejected"]
    total = sum(account["outcomes"]["rejected"] for account in shop.account["tables"].values())
    if total:
        console.print(f"読めなかった行が {total:,} 行あります。すべての行と直し方: {shop.client.folder}/rejected.csv")
        for each in rejected[:WARNED]:
            shown = f"の値「{each['value']}」" if each["value"] else ""
            place = f"{each['file']} {each['row']:,}行目" + (f" 列「{each['column']}」" if each["column"] else "")
            console.print(f"  {place}{shown}: {each['reason']}。{each['mend']}。", markup=False, highlight=False)
    for name, account in shop.account["tables"].items():
        for problem, rows in account["emptied"].items():
            column = problem.partition("|")[2]
            heading = COLUMNS[column].japanese if column in COLUMNS else column
            console.print(f"{TABLES[name]}の列「{heading}」に読めない値が {rows:,} 個あり、空として扱いました。")
