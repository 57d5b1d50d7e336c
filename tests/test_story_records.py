"""A record of the story: what can be meant is kept as it is meant, and nothing that was told is lost."""

import datetime as dt
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from horetsu_utils import client as clients
from horetsu_utils import recording, scaffold, story_records
from horetsu_utils.client import Client
from horetsu_utils.errors import ConfigError
from horetsu_utils.shop import Shop
from horetsu_utils.story_records import Record

DAY = dt.date(2026, 4, 1)


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Return a client of which there is nothing but its folder."""
    monkeypatch.chdir(tmp_path)
    scaffold.create("sakura")
    return clients.find("sakura")


def record(
    customer_id: str = "C1", day: int = 1, score: int | None = 3, emotion: str = "良い", note: str = ""
) -> Record:
    return Record(customer_id, dt.date(2026, 4, day), score, emotion, note)


def rows(client: Client) -> list[str]:
    return (client.folder / "data" / "story.csv").read_text(encoding="utf-8-sig").splitlines()[1:]


def test_a_record_is_kept_and_read_again(client: Client) -> None:
    told = Record("C1", DAY, 0, "悪い", "=1+1\n二行目", "乾燥が気になって")
    saved = story_records.save(client, told)
    assert saved.shown == Path("clients/sakura/data/story.csv")
    assert saved.path.read_text(encoding="utf-8-sig") == (
        "顧客番号,日付,変化点数,気持ち,目的,期待,メモ,担当者\n"
        'C1,2026-04-01,0,悪い,乾燥が気になって,,"\'=1+1\n二行目",\n'
    )
    assert story_records.of(client) == (told,)
    assert story_records.said(saved, told, ()) == (
        "記録しました: clients/sakura/data/story.csv(C1 さん、2026年4月1日、0点、😞 悪い)。\n"
        "C1 さんの、はじめての記録です。"
    )


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (record(score=6), "変化の点数の「6」は使えません。0から5までの数にしてください。"),
        (record(score=-1), "変化の点数の「-1」は使えません。0から5までの数にしてください。"),
        (record(score=None), "変化の点数を、0から5の中から選んでください。"),
        (record(emotion="最高"), "気持ちの「最高」は使えません。良い・普通・悪いのどれかにしてください。"),
        (record(emotion=""), "気持ちを、良い・普通・悪いの中から選んでください。"),
        (record(customer_id=" "), "お客様の番号を書いてください。"),
        (record(customer_id="C" * 101), "お客様の番号は100文字までで書いてください。"),
        (record(customer_id="C\n1"), "お客様の番号は1行で書いてください。"),
        (
            record(customer_id="5.80293E+13"),
            "「5.80293E+13」は、表計算ソフトが書きかえた番号です。元の番号を書いてください。",
        ),
        (record(note="あ" * 501), "メモは500文字までで書いてください。"),
        (Record("C1", DAY, 3, "良い", "", "あ" * 501), "ご購入の目的は500文字までで書いてください。"),
        (Record("C1", None, 3, "良い"), "記録する日を選んでください。"),
        (Record("C1", dt.date(26, 4, 1), 3, "良い"), "0026-04-01 は、昔すぎる日です。記録する日を確かめてください。"),
    ],
)
def test_what_cannot_be_meant_is_told_in_one_sentence_and_not_kept(client: Client, wrong: Record, told: str) -> None:
    assert story_records.problems(client, wrong) == (told,)
    with pytest.raises(ConfigError) as refused:
        story_records.save(client, wrong)
    assert str(refused.value) == f"{told}\n次に: 直してから、もう一度記録してください。何も記録していません。"
    assert list((client.folder / "data").iterdir()) == []


def test_a_day_to_come_is_one_where_the_shop_is(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole of today is taken, and the first day after it is not."""
    monkeypatch.setattr(recording, "current_day", lambda client: DAY)
    assert story_records.problems(client, record(day=1)) == ()
    assert story_records.problems(client, record(day=2)) == (
        "2026-04-02 は、まだ来ていない日です。今日(2026-04-01)までの日にしてください。",
    )


def test_every_problem_is_told_at_once(client: Client) -> None:
    told = story_records.problems(client, Record("", None, 9, "x", "あ" * 501))
    assert [sentence[:4] for sentence in told] == ["お客様の", "記録する", "変化の点", "気持ちの", "メモは5"]


def test_what_is_as_long_as_it_may_be_is_kept(client: Client) -> None:
    told = record("山" * 100, note="あ" * 500)
    story_records.save(client, told)
    assert story_records.of(client) == (told,)


@pytest.mark.parametrize(
    ("score", "number"),
    [
        ("3", 3),
        (" ３ ", 3),
        ("0", 0),
        ("-1", -1),
        ("2.5", None),
        ("", None),
        ("三", None),
        ("1e0", None),
        ("1" * 99, None),
    ],
)
def test_a_score_is_a_whole_number(score: str, number: int | None) -> None:
    assert story_records.score_of(score) == number


@given(words=st.lists(st.text(), min_size=4, max_size=4))
def test_whatever_is_typed_is_a_record_or_a_problem(words: list[str]) -> None:
    customer, score, emotion, note = words
    told = story_records.typed(customer, DAY, score, emotion, note)
    sound = not any(
        (
            story_records.id_problem(told.customer_id),
            story_records.score_problem(told.change_score),
            story_records.text_problem(told.note, "メモ"),
        )
    )
    assert not sound or (told.customer_id.strip() and told.change_score in range(6) and len(told.note) <= 500)


def test_the_same_day_is_replaced_and_nothing_else_that_was_written_is_lost(client: Client) -> None:
    """A second record of the day holds; the texts it does not tell stay, and undo brings the first back."""
    first = "C1,2026-04-01,2,悪い,肌,潤い,朝のひとこと,佐々木,雨"
    text = f"顧客番号,日付,変化点数,気持ち,目的,期待,メモ,担当者,天気\n{first}\nC2,2026-04-01,1,普通,,,,,\n"
    (client.folder / "data" / "story.csv").write_text(text, encoding="utf-8")
    earlier = story_records.of(client)
    saved = story_records.save(client, record(score=4))
    assert rows(client) == ["C2,2026-04-01,1,普通,,,,,", "C1,2026-04-01,4,良い,肌,潤い,朝のひとこと,佐々木,雨"]
    assert story_records.said(saved, record(score=4), earlier) == (
        "記録しました: clients/sakura/data/story.csv(C1 さん、2026年4月1日、4点、😊 良い)。\n"
        "同じ日の前の記録と置き換えました。"
        "前の記録は clients/sakura/控え/story.csv に残し、書かれていない欄は前のままにしました。"
    )
    assert first in (client.folder / "控え" / "story.csv").read_text(encoding="utf-8-sig")
    recording.undo(saved)
    assert rows(client) == ["C2,2026-04-01,1,普通,,,,,", first]


def test_the_last_record_comes_first_and_a_day_stands_once(client: Client) -> None:
    text = "顧客番号,日付,変化点数,気持ち\n"
    text += "C1,2026-04-01,1,悪い\nC2,2026-04-02,2,普通\nC1,2026-04-01,3,◎\nC3,2026-04-01,9,良い\n"
    (client.folder / "data" / "story.csv").write_text(text, encoding="utf-8")
    told = story_records.of(client)
    assert told == (record("C1", score=3), Record("C2", dt.date(2026, 4, 2), 2, "普通"))
    assert story_records.customers(told) == ("C1", "C2")


def test_an_id_is_spelled_as_the_records_have_it(client: Client) -> None:
    known = (record("c2"), record("Ｃ3"), record("C1"))
    for typed, own in {"ｃ１": "C1", "C2": "c2", "C3": "Ｃ3", "Ｃ４": "C4", " C1 ": "C1", "'C1": "C1", "": ""}.items():
        assert story_records.spelled(record(typed), known).customer_id == own
    both = (record("c1"), record("C1"))
    assert [story_records.spelled(record(typed), both).customer_id for typed in ("c1", "C1")] == ["c1", "C1"]


def test_what_cannot_be_read_does_not_stand_in_the_way(make_client: Callable[..., Path]) -> None:
    """A second file of the shop's is broken: it cannot be shown, but what is new is kept."""
    tables = "  story:\n    - {files: data/story.csv, mapping: generic}\n    - {files: data/old.xlsx, mapping: generic}"
    client = clients.find(str(make_client({"old.xlsx": "no workbook"}, tables)))
    assert story_records.readable(client) == ()
    story_records.save(client, record())
    assert rows(client) == ["C1,2026-04-01,3,良い,,,,"]


def test_what_is_recorded_is_seen_up_to_the_analysis_date(client: Client) -> None:
    for day, score in ((1, 1), (2, 2), (3, 3)):
        story_records.save(client, record(day=day, score=score))
    story = Shop.open(client.folder, as_of="2026-04-02").table("story").order_by("date").to_pyarrow().to_pylist()
    assert [each["change_score"] for each in story] == [1, 2]


def many(folder: str, who: str) -> None:
    client = clients.find(folder)
    for place in range(25):
        story_records.save(client, record(f"{who}{place:02}", score=place % 6, note=f"{place}回目"))


def test_two_processes_that_record_at_once_lose_nothing(client: Client) -> None:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        for done in [pool.submit(many, str(client.folder), who) for who in "AB"]:
            done.result()
    assert sorted(rows(client)) == [
        f"{who}{place:02},2026-04-01,{place % 6},良い,,,{place}回目," for who in "AB" for place in range(25)
    ]
    for who in "AB":  # each one's in the order they were recorded
        assert [row[1:3] for row in rows(client) if row[0] == who] == [f"{place:02}" for place in range(25)]
