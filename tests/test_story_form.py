"""The form of the story: what is chosen is what is recorded, the next customer begins anew, every problem is told."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from ipywidgets import HTML, Button, Combobox, DatePicker, Text, Textarea, ToggleButtons, Widget

from horetsu_utils import client as clients
from horetsu_utils import recording, scaffold
from horetsu_utils.client import Client
from horetsu_utils.story_form import form

DAY = dt.date(2026, 4, 1)
HEADINGS = "顧客番号,日付,変化点数,気持ち,目的,期待,メモ,担当者"


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Return a client of which there is nothing but its folder."""
    monkeypatch.chdir(tmp_path)
    scaffold.create("sakura")
    return clients.find("sakura")


def inside(widget: Widget) -> list[Widget]:
    return [widget, *(part for child in getattr(widget, "children", ()) for part in inside(child))]


class Shown:
    """The form as a person sees it."""

    def __init__(self, client: Client, date: dt.date | None = DAY) -> None:
        self.box = form(client, date=date)
        self.parts = inside(self.box)
        self.customer, self.date = self.of(Combobox)[0], self.of(DatePicker)[0]
        self.score, self.emotion = self.of(ToggleButtons)
        self.note = self.of(Textarea)[0]
        self.purpose = next(each for each in self.of(Text) if not isinstance(each, Combobox))
        self.save, self.undo = self.of(Button)

    def of(self, kind: type[Widget]) -> list:
        return [each for each in self.parts if isinstance(each, kind)]

    @property
    def text(self) -> str:
        return "\n".join(each.value for each in self.of(HTML))

    @property
    def is_shown(self) -> dict[str, bool]:
        return {name: getattr(self, name).layout.display != "none" for name in ("undo", "purpose")}

    def record(self, customer: str, score: int | None, emotion: str | None, note: str = "") -> None:
        self.customer.value, self.score.value, self.emotion.value, self.note.value = customer, score, emotion, note
        self.save.click()


def rows(client: Client) -> list[str]:
    return (client.folder / "data" / "story.csv").read_text(encoding="utf-8-sig").splitlines()[1:]


def test_the_form_offers_scores_and_faces_with_their_words_and_nothing_is_chosen(client: Client) -> None:
    shown = Shown(client)
    assert "application/vnd.jupyter.widget-view+json" in shown.box._repr_mimebundle_()
    assert shown.score.options == tuple((str(score), score) for score in range(6))
    assert shown.emotion.options == (("😊 良い", "良い"), ("😐 普通", "普通"), ("😞 悪い", "悪い"))
    assert (shown.score.value, shown.emotion.value, shown.date.value) == (None, None, DAY)
    assert shown.is_shown == {"undo": False, "purpose": False}
    assert "0(変化なし)〜5(良いほうへ大きく変わった)" in shown.text
    assert "<p>記録は、まだありません。</p>" in shown.text
    order = [each for each in shown.parts if isinstance(each, (Combobox, ToggleButtons, DatePicker, Textarea, Button))]
    assert order == [*(shown.customer, shown.score, shown.emotion, shown.date, shown.note), shown.save, shown.undo]


def test_the_day_is_today_where_the_shop_is_unless_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "current_day", lambda client: dt.date(2026, 5, 5))
    assert Shown(client, date=None).date.value == dt.date(2026, 5, 5)


def test_what_is_chosen_is_recorded_and_the_next_customer_begins_anew(client: Client) -> None:
    shown = Shown(client)
    shown.record("C1", 0, "悪い", "<b>つらい</b>")
    assert rows(client) == ["C1,2026-04-01,0,悪い,,,<b>つらい</b>,"]
    assert (shown.customer.value, shown.score.value, shown.emotion.value, shown.note.value) == ("", None, None, "")
    assert (shown.date.value, shown.customer.options) == (DAY, ("C1",))
    assert (
        "<p>記録しました: clients/sakura/data/story.csv(C1 さん、2026年4月1日、0点、😞 悪い)。"
        "<br>C1 さんの、はじめての記録です。</p>"
    ) in shown.text
    assert (
        "<tr><td>2026年4月1日</td><td>C1</td><td>0</td><td>😞 悪い</td><td>&lt;b&gt;つらい&lt;/b&gt;</td></tr>"
    ) in shown.text
    shown.record("C2", 5, "良い")
    assert rows(client)[1:] == ["C2,2026-04-01,5,良い,,,,"]
    assert shown.text.index("<td>C2</td>") < shown.text.index("<td>C1</td>")


def test_why_somebody_bought_is_asked_with_the_first_record_only(client: Client) -> None:
    shown = Shown(client)
    shown.customer.value = "C1"
    assert shown.is_shown["purpose"]
    shown.purpose.value = "乾燥が気になって"
    shown.record("C1", 3, "良い")
    assert rows(client) == ["C1,2026-04-01,3,良い,乾燥が気になって,,,"]
    assert shown.purpose.value == ""
    for typed, asked in {"C1": False, "ｃ１": False, "C2": True, "": False}.items():
        shown.customer.value = typed
        assert shown.is_shown["purpose"] == asked


def test_a_record_of_the_same_day_replaces_the_first_and_that_is_said(client: Client) -> None:
    shown = Shown(client)
    shown.record("C1", 2, "普通", "朝のひとこと")
    shown.record("ｃ１", 4, "良い")
    assert rows(client) == ["C1,2026-04-01,4,良い,,,朝のひとこと,"]
    assert "同じ日の前の記録と置き換えました。" in shown.text
    assert "前の記録は clients/sakura/控え/story.csv に残し、書かれていない欄は前のままにしました。" in shown.text
    shown.undo.click()
    assert rows(client) == ["C1,2026-04-01,2,普通,,,朝のひとこと"]
    assert "<p>さきほどの記録を取り消しました。</p>" in shown.text
    assert not shown.is_shown["undo"]
    shown.undo.click()
    assert "<p>取り消す記録がありません。</p>" in shown.text


def test_everything_that_is_missing_is_told_at_once_and_what_was_typed_stays(client: Client) -> None:
    shown = Shown(client)
    shown.date.value = None
    shown.record("", None, None, "あ" * 501)
    assert (
        "<p>お客様の番号を書いてください。<br>記録する日を選んでください。"
        "<br>変化の点数を、0から5の中から選んでください。<br>気持ちを、良い・普通・悪いの中から選んでください。"
        "<br>メモは500文字までで書いてください。"
        "<br>次に: 直してから、もう一度記録してください。何も記録していません。</p>"
    ) in shown.text
    assert shown.note.value == "あ" * 501
    assert not (client.folder / "data" / "story.csv").exists()


def test_a_day_to_come_is_refused(client: Client) -> None:
    shown = Shown(client)
    shown.date.value = dt.date(2999, 1, 1)
    shown.record("C1", 3, "良い")
    assert "2999-01-01 は、まだ来ていない日です。" in shown.text
    assert not (client.folder / "data" / "story.csv").exists()


def test_the_last_ten_are_shown_by_a_form_opened_later(client: Client) -> None:
    first = Shown(client)
    for place in range(12):
        first.record(f"C{place}", 3, "良い")
    later = Shown(client)
    assert "<caption>さいごの10件(新しい順)</caption>" in later.text
    shown = [place for place in range(12) if f"<td>C{place}</td>" in later.text]
    assert shown == list(range(2, 12))
    assert later.customer.options == tuple(f"C{place}" for place in reversed(range(12)))


def test_a_file_open_in_a_spreadsheet_is_told_and_can_be_tried_again(client: Client) -> None:
    lock = client.folder / "data" / "~$story.csv"
    lock.touch()
    shown = Shown(client)
    shown.record("C1", 3, "良い", "消えない")
    assert "story.csv が、表計算ソフトで開かれているようです。" in shown.text
    assert (shown.customer.value, shown.score.value, shown.note.value) == ("C1", 3, "消えない")
    lock.unlink()
    shown.save.click()
    assert rows(client) == ["C1,2026-04-01,3,良い,,,消えない,"]


def test_a_file_that_cannot_be_read_is_told_and_recording_goes_on(make_client: Callable[..., Path]) -> None:
    tables = "  story:\n    - {files: data/story.csv, mapping: generic}\n    - {files: data/old.xlsx, mapping: generic}"
    client = clients.find(str(make_client({"old.xlsx": "no workbook"}, tables)))
    shown = Shown(client)
    assert "<p>これまでの記録を読めませんでした。" in shown.text
    shown.record("C1", 3, "良い")
    assert rows(client) == ["C1,2026-04-01,3,良い,,,,"]
    assert "<p>記録しました: " in shown.text


def test_what_nobody_foresaw_is_told_without_a_traceback(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(recording, "append", broken)
    shown = Shown(client)
    shown.record("C1", 3, "良い")
    assert "思わぬ問題が起きました(ZeroDivisionError)。" in shown.text
    assert "secret detail" not in shown.text


def test_texts_of_the_shops_own_file_are_escaped(client: Client) -> None:
    evil = "<img src=x onerror=alert(1)>"
    text = f"{HEADINGS}\n{evil},2026-04-01,3,良い,,,{evil},\n"
    (client.folder / "data" / "story.csv").write_text(text, encoding="utf-8")
    shown = Shown(client)
    shown.record(evil, 4, "良い")
    assert "<img" not in shown.text
    assert shown.text.count("&lt;img src=x onerror=alert(1)&gt;") == 3  # the message, and the table's customer and note
    json.dumps(shown.box._repr_mimebundle_())
