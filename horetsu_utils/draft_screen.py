"""A drafted mapping on the consultant's screen: the guesses, what is missing, and the first rows as they were read."""

import datetime as dt
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from horetsu_utils import wording
from horetsu_utils.canon import TABLES
from horetsu_utils.draft_text import SURENESS, shown, title
from horetsu_utils.drafts import Drafted
from horetsu_utils.ingest.clean import OUTCOMES
from horetsu_utils.ingest.evidence import harmless
from horetsu_utils.ingest.money import PRODUCT
from horetsu_utils.words import CODES, COLUMNS
from horetsu_utils.words import TABLES as TABLE_NAMES

MOST_LEFT = 30
OUTCOME = "outcome"


def show(drafted: Drafted, console: Console) -> None:
    """Print the guesses, the first canonical rows, and what to do next."""
    found = drafted.draft
    _say(console, f"「{TABLE_NAMES[found.table]}」の表として読みます(違うときは --table で選べます)。")
    console.print(_guesses(drafted))
    if found.left:
        more = f" ほか{len(found.left) - MOST_LEFT}個" if len(found.left) > MOST_LEFT else ""
        _say(console, "使わなかった見出し: " + "、".join(map(harmless, found.left[:MOST_LEFT])) + more)
    for question in found.questions:
        _say(console, f"要確認: {harmless(question, 200)}。")
    if drafted.rows:
        _say(console, f"この対応表で読んだ、はじめの{len(drafted.rows)}行(お客様は暗号で示します):")
        console.print(_preview(drafted))
        _say(console, "行の内訳: " + "、".join(f"{name} {count:,}" for name, count in _outcomes(drafted)))
        for each in drafted.rejected:
            _say(console, f"  {harmless(each, 200)}")
    _say(console, f"対応表を書きました: {drafted.path}")
    if problems(drafted):
        return
    if drafted.path.parent.name == "mappings":
        _say(console, "次に、要確認のところをお店に確かめて対応表を直し、horetsu check で確かめてください。")
    else:
        _say(console, "次に、この対応表をお店のフォルダの mappings に移し、horetsu check で確かめてください。")


def problems(drafted: Drafted) -> list[str]:
    """List what keeps the mapping from reading the file, in plain words."""
    found = drafted.draft
    told = [f"{title(name)}({name})の見出しが見つかりません。" for name in found.missing]
    if found.either:
        (_, cell, one), (_, _, other) = found.either
        days = [wording.day(day) for day in (one, other)]
        told.append(f"日付「{harmless(cell)}」が、{days[0]}か{days[1]}か、決められません。")
    if told:
        told.append(f"{drafted.path} の「TODO」のところを直してください。")
    if drafted.trouble:
        told.append(drafted.trouble)
    if drafted.rows and not (drafted.outcomes or {}).get(OUTCOMES[0]):
        told.append(f"使える行が1行もありません。{drafted.path} を直してください。")
    return told


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _guesses(drafted: Drafted) -> Table:
    found = drafted.draft
    table = Table()
    for heading in ("horetsu の列", "ファイルの見出し", "たしかさ", "理由"):
        table.add_column(heading, overflow="fold")
    for guess in found.guesses:
        others = f"(ほかの候補: {'、'.join(map(harmless, guess.others))})" if guess.others else ""
        cells = (title(guess.column), shown(guess.heading), SURENESS[guess.sure], guess.why + others)
        table.add_row(*map(escape, cells))
    if found.money.computed == PRODUCT:
        table.add_row(title("amount"), "数量 × 単価", SURENESS["likely"], "金額の列が無いので、掛けて求めます")
    for name in found.missing:
        table.add_row(title(name), "", "見つかりません", "対応表の TODO のところに書き足してください")
    return table


def _preview(drafted: Drafted) -> Table:
    names = [name for name in TABLES[drafted.draft.table].names if any(row.get(name) for row in drafted.rows)]
    table = Table()
    for name in names:
        table.add_column(COLUMNS[name].japanese, overflow="fold")
    table.add_column(COLUMNS[OUTCOME].japanese, overflow="fold")
    for row in drafted.rows:
        cells = [*(_cell(row[name]) for name in names), CODES[OUTCOME].get(row[OUTCOME], row[OUTCOME])]
        table.add_row(*map(escape, cells))
    return table


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:,.2f}".removesuffix(".00")
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}".removesuffix(" 00:00")
    return harmless(value)


def _outcomes(drafted: Drafted) -> list[tuple[str, int]]:
    counts = drafted.outcomes or {}
    return [(CODES[OUTCOME].get(name, name), counts[name]) for name in OUTCOMES if counts.get(name)]
