"""The account of rows on the consultant's screen: what was read, month by month, and what to look at first."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from horetsu_utils import wording
from horetsu_utils.client import REJECTED
from horetsu_utils.ingest.account import Rejected
from horetsu_utils.ingest.clean import OUTCOMES
from horetsu_utils.words import CODES, COLUMNS, TABLES

WARNED = 3
MONTHS_SHOWN = 24
"""So many of the last months are shown; the others stand in the JSON."""
UNUSED_SHOWN = 12


def used(account: dict[str, Any], *tables: str) -> int:
    """Count the rows of some tables that the analyses use."""
    known = account["tables"]
    return sum(known[name]["outcomes"]["accepted"] for name in tables if name in known)


def show(account: dict[str, Any], console: Console) -> None:
    """Print what became of every row of every file."""
    table = Table(show_lines=True)
    table.add_column("ファイルと読み方", overflow="fold")
    for heading in ("読んだ行", "使う行"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("使わない行の内訳", overflow="fold")
    for name, known in account["tables"].items():
        for each in known["files"]:
            counts = each["outcomes"]
            aside = [f"{CODES['outcome'][key]} {counts[key]:,}" for key in OUTCOMES[1:] if counts[key]]
            span = f"\n{each['first_day']}〜{each['last_day']}" if each["first_day"] else ""
            way = f"{each['system']}\n対応表 {each['mapping']}、文字コード {each['encoding']}"
            file = escape(f"{each['file']}({TABLES[name]})\n{way}{span}")
            table.add_row(file, f"{each['read']:,}", f"{counts['accepted']:,}", "\n".join(aside))
    console.print(table)


def show_months(
    account: Mapping[str, Any], before: Mapping[str, Any] | None, console: Console, currency: str = "JPY"
) -> None:
    """Print the orders' lines and amounts by month, beside those of the last import."""
    months = account["tables"].get("orders", {}).get("months", ())
    if not months:
        return
    earlier = {month["month"]: month for month in _months(before)}
    shown = months[-MONTHS_SHOWN:]
    more = f"(さいごの{len(shown)}か月)" if len(shown) < len(months) else ""
    table = Table(title=f"月ごとの注文{more}", title_justify="left")
    table.add_column("月", no_wrap=True)
    for heading in ("明細", "売上", *(("前回の明細", "前回の売上", "明細の増減") if earlier else ())):
        table.add_column(heading, justify="right", no_wrap=True)
    for month in shown:
        cells = [month["month"], f"{month['rows']:,}", _exact(month["amount"], currency)]
        if earlier:
            last = earlier.get(month["month"], {"rows": 0, "amount": 0})
            cells += [f"{last['rows']:,}", _exact(last["amount"], currency), f"{month['rows'] - last['rows']:+,}"]
        table.add_row(*cells)
    console.print(table)


def _exact(amount: float | None, currency: str) -> str:
    """Write an amount to the last digit: the consultant holds it against the shop's own screen."""
    return wording.exact(amount or 0, currency)


def show_columns(account: Mapping[str, Any], console: Console) -> None:
    """Print the headings that nothing reads, those dropped because they tell who a person is, and what is not sure."""
    for lines in _columns(account):
        console.print(lines, markup=False, highlight=False, soft_wrap=True)


def _columns(account: Mapping[str, Any]) -> Iterator[str]:
    files = [file for table in account["tables"].values() for file in table["files"]]
    for file in {file["file"]: file for file in files}.values():
        if file["personal"]:
            yield f"{file['file']}: お客様を見分ける印に変え、中身は残していない列: {'、'.join(file['personal'])}"
        if file["kept"]:
            yield f"{file['file']}: client.yaml の keep により、中身を残している列: {'、'.join(file['kept'])}"
        readings = [each for each in files if each["file"] == file["file"]]
        unused = [name for name in file["unused"] if all(name in each["unused"] for each in readings)]
        if unused:
            more = f" ほか{len(unused) - UNUSED_SHOWN}列" if len(unused) > UNUSED_SHOWN else ""
            yield (
                f"{file['file']}: 使っていない列: {'、'.join(unused[:UNUSED_SHOWN])}{more}"
                "(残したい列は、client.yaml の keep に、列の名前と理由を書きます)"
            )
    for system, told in {file["system"]: file["from_memory"] for file in files if file["from_memory"]}.items():
        yield f"{system} について、お店で確かめていただきたいこと:"
        yield from (f"  ・{sentence}" for sentence in told)


def show_doubts(sentences: Sequence[str], console: Console) -> None:
    """Print what is doubtful, the most important first."""
    if not sentences:
        console.print("気になるところは見つかりませんでした。")
        return
    console.print(f"気になるところが {len(sentences)} つあります(大切な順)。")
    for place, sentence in enumerate(sentences, start=1):
        console.print(f"{place:>2}. {sentence}", markup=False, highlight=False, soft_wrap=True)


def warn(account: Mapping[str, Any], folder: Path, console: Console) -> None:
    """Print the first rejected rows, and what was left empty, so that nothing is lost in silence."""
    if account["strangers"]:
        files = "、".join(stranger["file"] for stranger in account["strangers"])
        told = f"読んでいないファイルがあります: {files}(わけは horetsu check で分かります)。"
        console.print(told, markup=False, highlight=False, soft_wrap=True)
    for note in account["notes"]:
        console.print(note, markup=False, highlight=False)
    if account["linked"].get("people"):
        told = account["linked"]
        console.print(
            f"同じ連絡先をもつ {told['ids']:,} 個の番号を、{told['people']:,} 人として数えました"
            "(元の番号も残しています)。"
        )
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


def _months(account: Mapping[str, Any] | None) -> Sequence[Mapping[str, Any]]:
    return (account or {}).get("tables", {}).get("orders", {}).get("months", ())
