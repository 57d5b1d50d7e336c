"""What is said of one customer's lifeline, whole sentences."""

import datetime as dt

import pandas as pd
import pytest

from horetsu_utils.sentences import lifeline as say

NAMES = {"0": "観測", "1": "着地", "2": "共感"}


def frame(*rows: tuple) -> pd.DataFrame:
    told = [(dt.date(2026, 1, day), kind, value, word) for day, kind, value, word in rows]
    return pd.DataFrame(told, columns=["on", "kind", "value", "word"])


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            [
                (5, "order", 1000.0, None),
                (5, "stage", 0.0, "warm"),
                (9, "order", 900.0, None),
                (9, "stage", 1.0, "warm"),
            ],
            "お客様 C1 の歩み(2026年1月5日から、ご注文2回): 今は「着地」です",
        ),
        (
            [
                (5, "stage", 0.0, "warm"),
                (6, "stage", 2.0, "warm"),
                (9, "stage", 2.0, "cooling"),
                (9, "stage", 1.0, "cooling"),
            ],
            "お客様 C1 の歩み(2026年1月5日から): 「共感」まで進まれ、今は「着地」です(冷めかけています)",
        ),
        (
            [(5, "order", 1000.0, None), (6, "order", -1000.0, "credit"), (6, "change", 3.0, "良い")],
            "お客様 C1 の歩み(2026年1月5日から、ご注文1回)",
        ),
        ([], "その番号のお客様の記録は、分析日までにありません。番号をお確かめください"),
    ],
)
def test_the_title_says_since_when_how_often_and_how_far(rows: list[tuple], words: str) -> None:
    assert say.title(frame(*rows), " C1 ", NAMES) == words


def test_what_is_drawn_is_that_customers_with_title_and_note() -> None:
    mine = frame((5, "stage", 0.0, "warm"))
    asked: list[str] = []
    given = say.drawn(
        lambda moments, names, **words: (moments, names, words),
        lambda who: asked.append(who) or mine,
        NAMES,
        customer="C1",
    )
    assert asked == ["C1"]
    assert given[0] is mine
    assert given[1:] == (NAMES, {"title": "お客様 C1 の歩み(2026年1月5日から): 今は「観測」です", "note": say.NOTE})


def test_of_somebody_unknown_nothing_is_explained() -> None:
    title, note = say.drawn(lambda *_, title, note: (title, note), lambda _: frame(), NAMES, customer="?")
    assert (title, note) == (say.UNKNOWN, "")
