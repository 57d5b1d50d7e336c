"""The diagnosis answers: many ways of writing one letter, and never a guess between two."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Prepared
from hypothesis import given
from hypothesis import strategies as st

from horetsu_utils.canon import ANSWERS, QUESTIONS
from horetsu_utils.ingest.answers import meant

Run = Callable[..., Prepared]
TABLES = "  answers: [{files: data/*, mapping: generic}]"
HEADER = "質問,答え,答えた人,日付,コメント"
ONE_LETTER, ONE_QUESTION = "A・B・C・Dのどれか1つに直してください", "Q1からQ10までのどれか1つに直してください"


def sheet(*rows: str) -> str:
    return "\n".join([HEADER, *rows])


def told(found: Prepared, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in found.table("answers")]


@pytest.mark.parametrize(
    "word",
    [
        *("A", "Ａ", "a", " A ", "A：よく見ている", "A. 年間LTVで見ている", "A) はい", "Ａ、よく見ている"),
        *("A よく見ている", "(A) はい", "A。", "A：\n二行目", "A：F2転換率を見ている", "A：Aランクのお客様から"),
    ],
)
def test_a_letter_is_read_however_it_is_written(word: str) -> None:
    assert meant("answer", word) == "A"


@pytest.mark.parametrize(
    "word",
    ["A、C", "AC", "AまたはB", "A または B", "A,B", "A・C", "A→B", "E", "はい", "", "A、E", "A以外", "B/C", "1", "AA"],
)
def test_what_is_not_one_letter_is_no_answer(word: str) -> None:
    assert meant("answer", word) is None


@pytest.mark.parametrize(
    ("word", "question"),
    [
        ("Q1", "Q1"),
        ("q1", "Q1"),
        ("Ｑ１", "Q1"),
        ("問1", "Q1"),
        ("問い１", "Q1"),
        ("質問１", "Q1"),
        ("1", "Q1"),
        ("1.", "Q1"),
        ("①", "Q1"),
        ("Q.1", "Q1"),
        ("Q 1", "Q1"),
        ("Q01", "Q1"),
        ("Q1. 年間LTVで判断していますか", "Q1"),
        ("Q1年間LTVで判断していますか", "Q1"),
        ("Q3. 2回目のご購入を見ていますか", "Q3"),
        ("Q10", "Q10"),
        ("Q10…", "Q10"),
        ("Q10 関係の設計だと考えていますか", "Q10"),
        ("10", "Q10"),
        ("Q11", None),
        ("Q100", None),
        ("0", None),
        ("Q0", None),
        ("Q1、2", None),
        ("Q1とQ2", None),
        ("Q1-2", None),
        ("Q1.5", None),
        ("2026-06-01", None),
        ("10個の質問", None),
        ("はい", None),
        ("Q", None),
        ("", None),
    ],
)
def test_a_question_is_read_by_its_number(word: str, question: str | None) -> None:
    assert meant("question", word) == question


@given(number=st.integers(0, 999), mark=st.sampled_from(["Q", "q", "Ｑ", "問", "質問", ""]))
def test_a_number_is_that_question_or_none(number: int, mark: str) -> None:
    code = f"Q{number}"
    assert meant("question", f"{mark}{number}") == (code if code in QUESTIONS else None)


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    assert meant("answer", text) in (*ANSWERS, None)
    assert meant("question", text) in (*QUESTIONS, None)


def test_answers_as_people_write_them_become_codes(prepare: Run) -> None:
    found = prepare({"a.csv": sheet("Ｑ１,Ａ：よく見ている,店主,2026-06-01,", "問10,c,店主,2026-06-01,まだ")}, TABLES)
    day = dt.date(2026, 6, 1)
    names = ("question", "answer", "answered_by", "date", "comment", "outcome")
    assert told(found, *names) == [
        ("Q1", "A", "店主", day, None, "accepted"),
        ("Q10", "C", "店主", day, "まだ", "accepted"),
    ]


def test_what_is_not_clear_is_refused_with_its_row(prepare: Run) -> None:
    rows = ('Q1,"A、C",,,', "Q2,はい,,,", "Q11,A,,,", "0,A,,,", "Q3,,,,")
    found = prepare({"a.csv": sheet(*rows)}, TABLES)
    unknown = "決められた値ではありません"
    assert [tuple(each.values())[1:] for each in found.rejected] == [
        (2, "答え", "A、C", unknown, ONE_LETTER),
        (3, "答え", "はい", unknown, ONE_LETTER),
        (4, "質問", "Q11", unknown, ONE_QUESTION),
        (5, "質問", "0", unknown, ONE_QUESTION),
        (6, "答え", "", "値が空です", "値を入れるか、この行が要らなければ消してください"),
    ]


def test_a_client_s_own_words_go_before_what_is_usual(prepare: Run) -> None:
    words = "values: {generic: {answer: {はい: A, いいえ: D}}}"
    found = prepare({"a.csv": sheet("1,はい,,,", "2,いいえ,,,", "3,b,,,")}, TABLES, settings=words)
    assert told(found, "question", "answer") == [("Q1", "A"), ("Q2", "D"), ("Q3", "B")]


def test_two_answers_of_one_person_to_one_question_are_both_refused(prepare: Run) -> None:
    rows = (
        "Q1,A,店主,2026-06-01,",
        "問1,B,店主,2026-06-01,",
        "Q1,A,店主,2026-06-01,",  # the same as the first: refused with it
        "Q1,B,店長,2026-06-01,",  # somebody else
        "Q1,B,店主,2026-07-01,",  # another day
        "Q2,A,店主,2026-06-01,",  # another question
    )
    found = prepare({"a.csv": sheet(*rows)}, TABLES)
    assert [row[0] for row in told(found, "outcome")] == ["rejected"] * 3 + ["accepted"] * 3
    why = ("同じ質問に、違う答えが2つあります", "正しい答えの行だけを残して、ほかの行を消してください")
    assert [tuple(each.values()) for each in found.rejected] == [
        ("data/a.csv", 2, "答え", "A", *why),
        ("data/a.csv", 3, "答え", "B", *why),
        ("data/a.csv", 4, "答え", "A", *why),
    ]


def test_where_nobody_is_named_all_answers_are_of_one_person(prepare: Run) -> None:
    found = prepare({"a.csv": sheet("Q1,A,,,", "Q1,B,,,", "Q2,C,,,", "2,Ｃ,,,")}, TABLES)
    assert [row[0] for row in told(found, "outcome")] == ["rejected", "rejected", "duplicate", "accepted"]


def test_the_same_answer_twice_is_one(prepare: Run) -> None:
    found = prepare({"a.csv": sheet("Q1,A,店主,,まず", "Q1,a,店主,,あとで", "Q2,B,店主,,", "Q2,B,店主,,")}, TABLES)
    assert told(found, "question", "comment", "outcome") == [
        ("Q1", "まず", "duplicate"),
        ("Q1", "あとで", "accepted"),
        ("Q2", None, "duplicate"),
        ("Q2", None, "accepted"),
    ]


def test_of_two_files_the_newer_answer_holds(prepare: Run) -> None:
    files = {
        "診断_1.csv": sheet("Q1,C,店主,,", "Q2,B,店主,,"),
        "診断_2.csv": sheet("Q1,A,店主,,"),
        "診断_10.csv": sheet("Q1,B,店主,,"),
    }
    found = prepare(files, TABLES)
    assert told(found, "file", "question", "answer", "outcome") == [
        ("data/診断_1.csv", "Q1", "C", "duplicate"),
        ("data/診断_1.csv", "Q2", "B", "accepted"),
        ("data/診断_10.csv", "Q1", "B", "accepted"),
        ("data/診断_2.csv", "Q1", "A", "duplicate"),
    ]
    assert found.rejected == []
