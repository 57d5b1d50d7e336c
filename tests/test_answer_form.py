"""The form in the notebook: what is chosen is what is recorded, and every problem is told in the form."""

import datetime as dt
import json
from pathlib import Path

import pytest
from ipywidgets import HTML, Accordion, Button, Combobox, DatePicker, RadioButtons, Textarea, Widget

from horetsu_utils import answer_sheets, recording, scaffold
from horetsu_utils import client as clients
from horetsu_utils.answer_form import form
from horetsu_utils.client import Client

DAY = dt.date(2026, 4, 1)


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Return a client of which there is nothing but its folder."""
    monkeypatch.chdir(tmp_path)
    scaffold.create("sakura")
    return clients.find("sakura")


class Shown:
    """The form as a person sees it."""

    def __init__(self, client: Client, who: str = "") -> None:
        self.box = form(client, client.diagnosis(), date=DAY, who=who)
        self.parts = list(inside(self.box))
        self.who, self.date = self.of(Combobox)[0], self.of(DatePicker)[0]
        self.answers, self.comments = self.of(RadioButtons), self.of(Textarea)
        self.save, self.undo = self.of(Button)

    def of(self, kind: type[Widget]) -> list:
        return [each for each in self.parts if isinstance(each, kind)]

    @property
    def text(self) -> str:
        return "\n".join(each.value for each in self.of(HTML))

    def choose(self, letters: str) -> None:
        for widget, letter in zip(self.answers, letters, strict=False):
            widget.value = letter


def inside(widget: Widget) -> list[Widget]:
    return [widget, *(part for child in getattr(widget, "children", ()) for part in inside(child))]


def rows(client: Client) -> list[str]:
    return (client.folder / "data" / "answers.csv").read_text(encoding="utf-8-sig").splitlines()[1:]


def test_the_form_shows_ten_questions_with_their_words(client: Client) -> None:
    shown = Shown(client)
    assert "application/vnd.jupyter.widget-view+json" in shown.box._repr_mimebundle_()
    assert len(shown.answers) == len(shown.comments) == 10
    for question, widget in zip(client.diagnosis().questions, shown.answers, strict=True):
        assert question.ask in shown.text
        words = [f"{letter}  {words}" for letter, words in question.answers.items()]
        assert [label for label, _ in widget.options] == [*words, "あとで答える"]
        assert widget.value == ""
    assert [each.selected_index for each in shown.of(Accordion)] == [None] * 10
    assert "(3/10) 2回目までを見守る" in shown.text
    assert (shown.date.value, shown.undo.layout.display) == (DAY, "none")


def test_save_waits_for_an_answer_and_a_name(client: Client) -> None:
    shown = Shown(client)
    assert shown.save.disabled
    assert "0/10 答えました" in shown.text
    shown.choose("ABCDABC")
    assert "7/10 答えました" in shown.text
    assert shown.save.disabled
    shown.who.value = " "
    assert shown.save.disabled
    shown.who.value = "店主"
    assert not shown.save.disabled
    shown.choose([""] * 7)
    assert shown.save.disabled


def test_what_is_chosen_is_recorded_and_shown(client: Client) -> None:
    shown = Shown(client, who="店主")
    shown.choose("ABA")
    shown.comments[1].value = "<b>半分</b>くらい"
    shown.comments[5].value = "答えのないひとこと"
    shown.save.click()
    assert rows(client) == [
        "Q1,A,店主,,2026-04-01",
        "Q2,B,店主,<b>半分</b>くらい,2026-04-01",
        "Q3,A,店主,,2026-04-01",
    ]
    assert "記録しました: clients/sakura/data/answers.csv。" in shown.text
    assert "A は 2 つです。まだ 7 問が残っています。" in shown.text
    assert "<caption>店主(2026年4月1日)の記録</caption>" in shown.text
    assert "<td>&lt;b&gt;半分&lt;/b&gt;くらい</td>" in shown.text
    assert "<b>半分</b>" not in shown.text
    assert shown.undo.layout.display == ""


def test_undo_takes_back_just_what_was_saved_last(client: Client) -> None:
    """First A, then B the same day: to take B back brings A again."""
    shown = Shown(client, who="店主")
    shown.choose("AA")
    shown.save.click()
    shown.choose("BA")
    shown.save.click()
    assert rows(client) == ["Q1,B,店主,,2026-04-01", "Q2,A,店主,,2026-04-01"]
    shown.undo.click()
    assert rows(client) == ["Q1,A,店主,,2026-04-01", "Q2,A,店主,,2026-04-01"]
    assert "さきほどの記録を取り消しました。" in shown.text
    assert "<caption>" not in shown.text
    assert shown.undo.layout.display == "none"
    shown.undo.click()
    assert "取り消す記録がありません。" in shown.text


def test_what_was_recorded_the_same_day_counts(client: Client) -> None:
    first = Shown(client, who="店主")
    first.choose("AAAAAAA")
    first.save.click()
    second = Shown(client, who="店主")
    second.choose(["", "", "", "", "", "", "", "B", "A", "A"])
    second.save.click()
    assert "10問がそろいました。A は 9 つで、全体の見立ては A です。" in second.text
    assert [sheet.mature for sheet in answer_sheets.of(client)] == [9]


@pytest.mark.parametrize(
    ("who", "date", "comment", "told"),
    [
        ("山" * 51, DAY, "", "お名前は50文字までで書いてください。"),
        ("店主", None, "", "答えた日を選んでください。"),
        ("店主", dt.date(2999, 1, 1), "", "2999-01-01 は、まだ来ていない日です。"),
        ("店主", DAY, "あ" * 501, "Q1 のひとことが長すぎます。500文字までで書いてください。"),
    ],
)
def test_what_cannot_be_meant_is_told_and_not_recorded(
    client: Client, who: str, date: dt.date | None, comment: str, told: str
) -> None:
    shown = Shown(client, who=who)
    shown.choose("A")
    shown.date.value, shown.comments[0].value = date, comment
    shown.save.click()
    assert told in shown.text
    assert not (client.folder / "data" / "answers.csv").exists()


def test_a_file_open_in_a_spreadsheet_is_told_and_can_be_tried_again(client: Client) -> None:
    lock = client.folder / "data" / "~$answers.csv"
    lock.touch()
    shown = Shown(client, who="店主")
    shown.choose("A")
    shown.save.click()
    assert "answers.csv が、表計算ソフトで開かれているようです。" in shown.text
    assert "<br>次に: 表計算ソフトで閉じてから、もう一度記録してください" in shown.text
    lock.unlink()
    shown.save.click()
    assert rows(client) == ["Q1,A,店主,,2026-04-01"]


def test_what_nobody_foresaw_is_told_without_a_traceback(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(recording, "append", broken)
    shown = Shown(client, who="店主")
    shown.choose("A")
    shown.save.click()
    assert "思わぬ問題が起きました(ZeroDivisionError)。" in shown.text
    assert "secret detail" not in shown.text


def test_words_of_the_shops_own_rules_are_escaped(client: Client) -> None:
    kit = (Path(__file__).parents[1] / "templates" / "rules" / "diagnosis.yaml").read_text(encoding="utf-8")
    (client.folder / "rules").mkdir()
    own = kit.replace("axis: 年間LTVで決める", "axis: '<img src=x>'")
    (client.folder / "rules" / "diagnosis.yaml").write_text(own, encoding="utf-8")
    shown = Shown(client, who="店主")
    shown.choose("A")
    shown.save.click()
    assert "<img" not in shown.text
    assert shown.text.count("&lt;img src=x&gt;") == 2
    json.dumps(shown.box._repr_mimebundle_())
