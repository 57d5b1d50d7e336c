"""The story as shops write it: one emotion however it is put, one record a customer and day, never a guess."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Prepared
from hypothesis import given
from hypothesis import strategies as st

from horetsu_utils.ingest.story import EMOTIONS, meant
from horetsu_utils.shop import Shop

Run = Callable[..., Prepared]
TABLES = "  story: [{files: data/*}]"
HEADER = "顧客番号,日付,変化点数,気持ち,メモ"


def book(*rows: str) -> str:
    return "\n".join([HEADER, *rows])


def told(found: Prepared, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in found.table("story")]


@pytest.mark.parametrize(
    ("words", "emotion"),
    [
        (
            "良い 良 よい いい 良かった よかったです。 とても良い やや良い まあまあ良い 笑顔 笑顔でした 好調 good Good",
            "良い",
        ),
        ("ＧＯＯＤ ◎ ○ 〇 ◯ 😊 😄 ☺️ ☺ 👍🏻 😊😊 🙂良い ◎よい", "良い"),
        ("普通 普 ふつう 普通でした ふつうだった フツウ ﾌﾂｳ まあまあ どちらでもない △ 😐 😐普通 normal", "普通"),
        ("悪い 悪 わるい 悪かった とても悪い 少し悪かったです よくない 不調 bad × ✕ ✖️ 😢 🙁悪い 👎", "悪い"),
    ],
)
def test_an_emotion_is_read_however_it_is_put(words: str, emotion: str) -> None:
    assert {word: meant(word) for word in words.split()} == dict.fromkeys(words.split(), emotion)


@pytest.mark.parametrize(
    "word",
    [
        "最高",
        "うれしい",
        "悪くない",
        "良いとは言えない",
        "良い悪い",
        "😊😢",
        "○×",
        "良い😢",
        "OK",
        "x",
        "3",
        "",
        " ",
        "。",
    ],
)
def test_what_is_not_one_emotion_is_none(word: str) -> None:
    assert meant(word) is None


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    assert meant(text) in (*EMOTIONS, None)


def test_other_words_are_mapped_and_the_rest_refused_with_row_and_value(prepare: Run) -> None:
    rows = ("C1,2026-06-01,3,笑顔,", "C2,2026-06-01,3,△,", "C3,2026-06-01,3,悪かった,", "C4,2026-06-01,3,最高,")
    found = prepare({"s.csv": book(*rows, "C5,2026-06-01,3,良い悪い,", "C6,2026-06-01,6,😊,")}, TABLES)
    kept = [(row["customer_id"], row["emotion"]) for row in found.table("story") if row["outcome"] == "accepted"]
    assert kept == [("C1", "良い"), ("C2", "普通"), ("C3", "悪い")]
    ask = "この言葉の意味を、client.yaml の values に書いてください(horetsu check が書き方をお知らせします)"
    outside = "決められた値ではありません"
    assert [tuple(each.values()) for each in found.rejected] == [
        ("data/s.csv", 5, "気持ち", "最高", outside, ask),
        (
            "data/s.csv",
            6,
            "気持ち",
            "良い悪い",
            outside,
            f"「良い」の書き間違いではありませんか。そうでなければ、{ask}",
        ),
        ("data/s.csv", 7, "変化点数", "6", outside, "0から5までの数に直してください"),
    ]


def test_a_clients_own_words_go_before_what_is_usual(prepare: Run) -> None:
    words = "values: {generic: {emotion: {○: 普通, 最高: 良い}}}"
    rows = ("C1,2026-06-01,3,○,", "C2,2026-06-01,3,最高,", "C3,2026-06-01,3,◎,")
    found = prepare({"s.csv": book(*rows)}, TABLES, settings=words)
    assert told(found, "customer_id", "emotion") == [("C1", "普通"), ("C2", "良い"), ("C3", "良い")]


def test_of_two_records_on_one_day_the_last_holds_and_the_other_is_counted(prepare: Run) -> None:
    """C1: 2, 4, and 2 again, word for word: what was told last is 2. Another day and another customer stand alone."""
    rows = (
        "C1,2026-06-01,2,悪い,朝",
        "C1,2026/6/1,4,良い,夜",
        "C1,2026-06-01,2,悪い,朝",
        "C1,2026-06-02,3,普通,",
        "C2,2026-06-01,5,良い,",
    )
    found = prepare({"s.csv": book(*rows)}, TABLES)
    assert told(found, "customer_id", "change_score", "note", "outcome") == [
        ("C1", 2, "朝", "duplicate"),
        ("C1", 4, "夜", "duplicate"),
        ("C1", 2, "朝", "accepted"),
        ("C1", 3, None, "accepted"),
        ("C2", 5, None, "accepted"),
    ]
    assert found.counts("story") == {"accepted": 3, "duplicate": 2}
    assert found.account["notes"] == [
        "物語(変化の記録): data/s.csv の 2 行は、同じ方の同じ日の記録が、下の行か新しいファイルにもあるため、"
        "数えていません(最後の記録を使います)。"
    ]


def test_a_row_that_cannot_be_used_takes_no_record_away(prepare: Run) -> None:
    """Nor are two records of nobody known one and the same; of the same row twice one is set aside, as ever."""
    rows = ("C1,2026-06-01,2,悪い,", "C1,2026-06-01,6,良い,", ",2026-06-01,1,普通,", ",2026-06-01,2,普通,")
    found = prepare({"s.csv": book(*rows, ",2026-06-01,2,普通,")}, TABLES)
    assert list(found.outcomes("story").values()) == ["accepted", "rejected", "no_customer", "no_customer", "duplicate"]


def test_of_two_files_the_newer_record_holds(prepare: Run) -> None:
    files = {
        "記録_2.csv": book("C1,2026-06-01,2,悪い,", "C2,2026-06-01,3,普通,"),
        "記録_10.csv": book("C1,2026-06-01,4,良い,"),
    }
    found = prepare(files, TABLES)
    assert told(found, "file", "customer_id", "outcome") == [
        ("data/記録_10.csv", "C1", "accepted"),
        ("data/記録_2.csv", "C1", "duplicate"),
        ("data/記録_2.csv", "C2", "accepted"),
    ]


def test_nothing_after_the_analysis_date_is_seen(prepare: Run) -> None:
    rows = ("C1,2026-06-01,2,悪い,", "C1,2026-06-30,3,普通,", "C1,2026-07-01,5,良い,")
    found = prepare({"s.csv": book(*rows)}, TABLES)
    seen = Shop.open(found.client, as_of="2026-06-30").table("story").order_by("date").to_pyarrow().to_pylist()
    days = [(each["date"], each["change_score"]) for each in seen]
    assert days == [(dt.date(2026, 6, 1), 2), (dt.date(2026, 6, 30), 3)]
