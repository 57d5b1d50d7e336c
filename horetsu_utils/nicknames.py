"""What the shop calls its customers, from a file of the client's folder: only where client.yaml allows it."""

import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from horetsu_utils import ledger
from horetsu_utils.client import Client
from horetsu_utils.errors import InputError, shorten
from horetsu_utils.ingest.header import Header

FILE = "呼び名.csv"
IDS, NAMES = ("顧客番号", "customer_id"), ("呼び名", "nickname")
LONGEST_NAME = 20
"""Characters."""
MOST_TOLD = 10
"""So many rows to mend are told at once."""


def of(client: Client) -> dict[str, str]:
    """Return the nickname of each customer who has one, by id; none where client.yaml does not allow nicknames.

    Two customers of one nickname have their ids behind it, so that the right one is praised.

    Errors
        ConfigError for a file outside of the client's folder; InputError naming the rows to mend
    """
    name = _name_of_file(client.folder) if client.config.privacy.nicknames else ""
    if not name:
        return {}
    (path,) = client.files(name)
    rows = _rows(path)
    _refuse_unsound(rows, path.name)
    names = {customer: name for _, customer, name in rows if name}
    shared = Counter(names.values())
    return {customer: f"{name}({customer})" if shared[name] > 1 else name for customer, name in names.items()}


def _name_of_file(folder: Path) -> str:
    """Return the file's name as it stands there: some systems write a kana and its voicing mark apart."""
    found = (path.name for path in sorted(folder.iterdir()) if unicodedata.normalize("NFC", path.name) == FILE)
    return next((name for name in found if (folder / name).is_file()), "")


def _is_header(row: tuple[str, ...]) -> bool:
    header = Header(row)
    return bool(header.first(IDS) and header.first(NAMES))


def _rows(path: Path) -> list[tuple[int, str, str]]:
    """Return the number, customer id and nickname of each row; a row of neither is none."""
    book = ledger.read(path, _is_header)
    if not _is_header(book.header):
        raise InputError(
            "呼び名のファイルに、「顧客番号」と「呼び名」の見出しがありません。",
            where=path.name,
            next_step="1行目に「顧客番号,呼び名」と書いてください。",
        )
    header = Header(book.header)
    places = (header.first(IDS)[0], header.first(NAMES)[0])
    told = {row: [_cell(record.cells, place) for place in places] for row, record in book.rows.items()}
    return [(row + 1, customer, name) for row, (customer, name) in told.items() if customer or name]


def _cell(cells: tuple[str, ...], place: int) -> str:
    return " ".join(ledger.cleaned(cells[place]).split()) if place < len(cells) else ""


def _refuse_unsound(rows: list[tuple[int, str, str]], where: str) -> None:
    problems = list(_problems(rows))
    if problems:
        more = f"\n・ほか{len(problems) - MOST_TOLD}行" if len(problems) > MOST_TOLD else ""
        raise InputError(
            "呼び名に直すところがあります。\n" + "\n".join(f"・{each}" for each in problems[:MOST_TOLD]) + more,
            where=where,
            next_step="上の行を直して、もう一度お試しください。",
        )


def _problems(rows: list[tuple[int, str, str]]) -> Iterator[str]:
    seen: dict[str, int] = {}
    for row, customer, name in rows:
        if not customer:
            yield f"{row:,}行目: 「{shorten(name)}」の顧客番号が空です。"
        elif customer in seen:
            yield f"{row:,}行目: 顧客番号「{shorten(customer)}」は、{seen[customer]:,}行目にもあります。"
        if len(name) > LONGEST_NAME:
            yield f"{row:,}行目: 「{shorten(name)}」は長すぎます。{LONGEST_NAME}文字までで書いてください。"
        seen.setdefault(customer, row)
