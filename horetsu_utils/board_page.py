"""The weekly board as a page of its own: one screen, one sheet of paper, and nothing asked of any network."""

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from horetsu_utils import pages
from horetsu_utils.errors import shorten
from horetsu_utils.ledger import cleaned
from horetsu_utils.sentences.board import CAN, EMPTY, IS_NEW, KINDS, NEW, SECTION, WHO, WHY
from horetsu_utils.wording import count, day, day_of_year

TITLE = "今週の見守りボード"
AIM = "よい変化を一緒に喜び、気がかりな方をそっと支えるための1枚です。順位ではありません。"
FOOT = "「新」は、先週のこの列にはいらっしゃらなかった方です。お客様の目にふれない場所に貼ってください。"
START = (
    "記録は、まだありません。今日、お一人の1つ目の記録を書いてみましょう。日付・変化の点数・気持ちの3つだけです。",
    "1つ目の記録ができました。このボードは、同じ方の2つ目の記録から動きはじめます。",
)
"""What stands on the page with no record, and with one."""
SECOND_TITLE = "同じ方の2つ目の記録で、分かること"
SECOND = (
    "変化の点数が、前より上がったか、下がったか",
    "気持ちが、「良い」に向かっているか、「普通」や「悪い」が続いているか",
    "週が変わっても、記録が続いているか",
)
MOST_SHOWN = 6
"""Customers of one kind: so many fit on one page; where there are fewer, the type is larger."""
LONGEST_WHO, LONGEST_SHOP, LONGEST_SENTENCE = 30, 40, 60
"""Characters."""
WIDE, NARROW = 1.0, 0.68
"""How wide a sign is at most, in ems: a kana, an emoji or one of `BROAD`, and any other bold Latin letter."""
BROAD = frozenset("@%&MWmw")


@dataclass(frozen=True)
class Card:
    """One customer on the board; `ems` is how wide the name is at most."""

    who: str
    ems: str
    why: str
    can: str
    new: str


@dataclass(frozen=True)
class Section:
    """One kind of customers: the cards that fit, and in words how many more there are."""

    kind: str
    heading: str
    cards: tuple[Card, ...]
    more: str
    empty: str


def page(shown: pd.DataFrame, *, shop_name: str, week_from: dt.date, week_to: dt.date, records: int) -> str:
    """Lay the board out on a page; `records` counts all records so far: one alone cannot show a change.

    Shape
        the worded board (sentences.board.shown) -> one self-contained HTML page
    Errors
        none; every text is escaped, and cut where it would break the page
    """
    sections = [_section(kind, shown[shown[SECTION] == heading]) for kind, heading in KINDS.items()]
    return pages.laid_out(
        "board",
        title=TITLE,
        shop_name=_line(shop_name, LONGEST_SHOP),
        week=f"{day(week_from)}〜{_until(week_from, week_to)}",
        aim=AIM,
        start=START[records] if records < len(START) else "",
        second_title=SECOND_TITLE,
        second=SECOND,
        sections=sections,
        spare=MOST_SHOWN - max(len(section.cards) for section in sections),
        foot=FOOT,
    )


def _section(kind: str, rows: pd.DataFrame) -> Section:
    cards = tuple(_card(row) for row in rows.head(MOST_SHOWN).to_dict("records"))
    more = len(rows) - len(cards)
    return Section(kind, KINDS[kind], cards, f"ほか{count(more, 'customer')}" if more else "", EMPTY[kind])


def _card(row: Mapping[str, Any]) -> Card:
    who = _line(row[WHO], LONGEST_WHO)
    why, can = (_line(row[name], LONGEST_SENTENCE) for name in (WHY, CAN))
    return Card(who, f"{_ems(who):.2f}", why, can, IS_NEW if row[NEW] == IS_NEW else "")


def _line(text: object, width: int) -> str:
    return shorten(cleaned(str(text)), width)


def _ems(text: str) -> float:
    """Return how many ems a line is wide at most, whatever the font."""
    signs = [sign for sign in text if not unicodedata.combining(sign)]
    return max(1.0, sum(NARROW if sign.isascii() and sign not in BROAD else WIDE for sign in signs))


def _until(first: dt.date, last: dt.date) -> str:
    """Say the last day without what it has in common with the first."""
    return day_of_year(last) if first.year == last.year else day(last)
