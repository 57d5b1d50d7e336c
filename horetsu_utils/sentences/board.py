"""What the weekly board says of each customer: what puts them there, and what the shop can do."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from horetsu_utils.relation import CHANGED, KEEPS, LOW, PAST, SMILE, STAGES, Support
from horetsu_utils.wording import count, day_of_year, plain

KINDS = {
    CHANGED: "今週、大きな変化のあった方",
    SMILE: "笑顔が戻った方",
    KEEPS: "続けている方",
    LOW: "このごろ気にかけたい方",
}
EMPTY = {
    CHANGED: "今週は、まだいらっしゃいません。変化の点数が前より上がった方を、ここでお祝いします。",
    SMILE: "今週は、まだいらっしゃいません。「普通」や「悪い」が続いたあと、「良い」に戻った方を、ここで喜びます。",
    KEEPS: "今週は、まだいらっしゃいません。4週続けて記録のある方が、ここに載ります。",
    LOW: "今週の記録には、気がかりな様子は見あたりません。つらい日が続く方を、ここで気にかけます。",
}
SECTION, WHO, WHY, CAN, NEW = COLUMNS = ("ボードのどこに", "どなた", "なぜここに", "できること", "今週から")
IS_NEW, NOT_NEW = "新", ""
BRIGHT_SCORE, LONG_GLOOM, LONG_WEEKS, STREAK = 4, 4, 4, 2
"""From this score on, so many records, weeks and 悪い in a row, the past is told in the stronger of two ways."""

MOST_LISTED = 200
"""Customers of one kind whom a table lists."""


def shown(board: pd.DataFrame, supports: Sequence[Support], nicknames: Mapping[str, str]) -> pd.DataFrame:
    """Word the board, kind by kind and in the order of their places; who has no nickname keeps the customer id."""
    order = {kind: place for place, kind in enumerate(KINDS)}
    ordered = board.assign(order=board["kind"].map(order)).sort_values(["order", "place", "customer_id"])
    rows = [
        {
            SECTION: KINDS[row["kind"]],
            WHO: nicknames.get(row["customer_id"], str(row["customer_id"])),
            WHY: facts(row),
            CAN: suggestion(row, supports),
            NEW: IS_NEW if row["is_new"] else NOT_NEW,
        }
        for row in ordered.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def listed(worded: pd.DataFrame) -> pd.DataFrame:
    """Return of the worded board as many of each kind as a table can hold."""
    return worded.groupby(SECTION, sort=False).head(MOST_LISTED)


def left_out(worded: pd.DataFrame) -> str:
    """Say that the table does not list everybody; nothing where it does."""
    if len(listed(worded)) == len(worded):
        return ""
    everybody = count(len(worded), "customer")
    return f"全部で{everybody}いらっしゃるため、それぞれはじめの{count(MOST_LISTED, 'customer')}までを載せています。"


def facts(row: Mapping[str, Any]) -> str:
    """Say in one sentence, with the figures, what puts a customer on the board."""
    return {CHANGED: _changed, SMILE: _smile, KEEPS: _keeps, LOW: _low}[row["kind"]](row)


def _changed(row: Mapping[str, Any]) -> str:
    before, now = _score(row["score_before"]), _score(row["score_now"])
    if before == now:
        return f"変化の点数が、{now}点から少し上がりました。"
    return f"変化の点数が、{before}点から{now}点に上がりました。"


def _smile(row: Mapping[str, Any]) -> str:
    day = row["smiled_on"]
    return f"「普通」や「悪い」が{int(row['gloomy'])}回続いたあと、{day_of_year(day)}に「良い」。"


def _keeps(row: Mapping[str, Any]) -> str:
    return f"{int(row['weeks'])}週続けて、記録があります。"


def _low(row: Mapping[str, Any]) -> str:
    streak, fall = int(_number(row["bad_streak"])), _number(row["fall"])
    if streak >= STREAK:
        return (
            f"「悪い」が{streak}回続き、点数も{_score(fall)}点下がりました。"
            if fall > 0
            else f"「悪い」が{streak}回続いています。"
        )
    if fall > 0:
        return f"この{int(_number(row['fall_days']))}日で、点数が{_score(fall)}点下がりました。"
    return "いちばん新しい記録が「悪い」です。"


def suggestion(row: Mapping[str, Any], supports: Sequence[Support]) -> str:
    """Say what the shop can do for a customer: what fits the stage, and how the customer's records have moved.

    Where the stage is unknown, or a relation cools while a next goal would be near, only what is fit for every stage.
    Of those who are low the cooling is the very reason why they stand there: they are treated by their stage.
    """
    support = next(each for each in supports if each.kind == row["kind"])
    stage = _number(row.get("stage"), unknown=-1)
    cooling = row["kind"] != LOW and bool(_number(row.get("cooling")))
    careful = cooling or stage not in STAGES
    return (support.unknown if careful else support.by_stage[int(stage)]).replace(PAST, past(row))


def past(row: Mapping[str, Any]) -> str:
    """Say in a few words without figures how a customer's records have moved."""
    kind = row["kind"]
    if kind == CHANGED:
        return "大きな変化" if row["score_now"] >= BRIGHT_SCORE else "上向いてきたこと"
    if kind == SMILE:
        return "久しぶりの「良い」" if row["gloomy"] >= LONG_GLOOM else "戻ってきた「良い」"
    if kind == KEEPS:
        return "長く続けてくださること" if row["weeks"] >= LONG_WEEKS else "続けはじめられたこと"
    return "つらい日が続くこと" if _number(row["bad_streak"]) >= STREAK else "下がってきたこと"


def _score(number: float) -> str:
    """Say a level as short as it can be: 4, or 3.7."""
    return plain(number).removesuffix(".0")


def _number(value: Any, *, unknown: float = 0) -> float:
    return unknown if pd.isna(value) else float(value)
