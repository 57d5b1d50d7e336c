"""The ten questions at the keyboard: real keys through a pipe, and once through a real terminal."""

import datetime as dt
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import typer
from click.testing import Result
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from rich.cells import cell_len

from horetsu_utils import answer_sheets, questionnaire, record_days, recording, screen
from horetsu_utils import client as clients
from horetsu_utils.answer_sheets import Given, Sheet
from horetsu_utils.client import Client
from horetsu_utils.errors import ConfigError
from horetsu_utils.ledger import RecordingError

DOWN, UP, ENTER, STOP, END = "\x1b[B", "\x1b[A", "\r", "\x03", "\x04"
DAY = dt.date(2026, 4, 1)
LATER, COMMENT, BACK = DOWN * 4 + ENTER, DOWN * 5 + ENTER, DOWN * 6 + ENTER
A, B, C, D = (DOWN * place + ENTER for place in range(4))
YES, REVIEW, NO = ENTER, DOWN + ENTER, DOWN * 2 + ENTER


@contextmanager
def keys(pressed: str) -> Iterator[None]:
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        pipe.send_text(pressed)
        yield


@pytest.fixture
def client(horetsu: Callable[..., Result]) -> Client:
    """Return a client of which there is nothing but its folder."""
    assert horetsu("new", "sakura").exit_code == 0
    return clients.find("sakura")


def led(client: Client, pressed: str, *, who: str = "店主", earlier: tuple[Sheet, ...] = ()) -> Sheet | None:
    with keys(pressed):
        return questionnaire.ask(client.diagnosis(), who=who, date=DAY, earlier=earlier)


def letters(sheet: Sheet | None) -> str:
    assert sheet is not None
    return "".join(sheet.answer(f"Q{number}") or "-" for number in range(1, 11))


def test_ten_answers_with_arrow_keys_and_enter(client: Client) -> None:
    sheet = led(client, A + B + C + D + A * 6 + YES)
    assert letters(sheet) == "ABCDAAAAAA"
    assert sheet is not None
    assert (sheet.who, sheet.date, sheet.mature, sheet.open) == ("店主", DAY, 7, 0)


def test_the_one_who_answers_is_asked_first(client: Client) -> None:
    for pressed, who in ((A, "店主"), (B, "CRM担当"), (C, "お客様窓口"), (D + " 山田 花子 " + ENTER, "山田 花子")):
        sheet = led(client, pressed + A * 10 + YES, who="")
        assert sheet is not None
        assert sheet.who == who


def test_a_name_that_is_empty_or_too_long_is_asked_again(client: Client) -> None:
    """Fifty letters are taken; of fifty-one, one is deleted after the refusal."""
    sheet = led(client, D + ENTER + "山" * 51 + ENTER + "\x7f" + ENTER + A * 10 + YES, who="")
    assert sheet is not None
    assert sheet.who == "山" * 50


def test_who_answered_before_is_offered_by_name(client: Client) -> None:
    earlier = (Sheet("山田", DAY, {"Q1": Given("A")}), Sheet("店主", DAY, {"Q1": Given("A")}))
    sheet = led(client, D + A * 10 + YES, who="", earlier=earlier)
    assert sheet is not None
    assert sheet.who == "山田"


def test_a_question_may_be_left_open_and_come_back_to(client: Client) -> None:
    """Q1 later, Q2 B, then at Q3 back twice: Q1 gets C, Q2 stands on B and is kept by Enter."""
    back_at_the_second = DOWN * 5 + ENTER  # the pointer stands on B already
    sheet = led(client, LATER + B + BACK + back_at_the_second + C + ENTER + A * 8 + YES)
    assert letters(sheet) == "CBAAAAAAAA"
    assert letters(led(client, LATER * 9 + D + YES)) == "---------D"


def test_a_comment_is_taken_and_the_question_asked_again(client: Client) -> None:
    sheet = led(client, COMMENT + "毎月、見ています" + ENTER + B + A * 9 + YES)
    assert sheet is not None
    assert sheet.given["Q1"] == Given("B", "毎月、見ています")
    assert letters(sheet) == "BAAAAAAAAA"


def test_a_comment_can_be_put_right(client: Client) -> None:
    """It stands there to be changed; what is longer than 500 letters is not taken."""
    sheet = led(client, COMMENT + "あ" * 501 + ENTER + "\x7f" + ENTER + COMMENT + "\x7f\x7f" + ENTER + A * 10 + YES)
    assert sheet is not None
    assert sheet.given["Q1"].comment == "あ" * 498


def test_the_answers_can_be_looked_at_again_before_they_are_recorded(client: Client) -> None:
    """The second time every question stands on its answer: Enter keeps it."""
    sheet = led(client, A + B + C + D + A * 6 + REVIEW + ENTER * 3 + UP + ENTER + ENTER * 6 + YES)
    assert letters(sheet) == "ABCCAAAAAA"


def test_the_earlier_answer_of_the_same_person_stands_in_the_choices(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not that of another person, nor that of a later day."""
    earlier = (
        Sheet("店主", dt.date(2026, 1, 1), {"Q1": Given("D", "むかし"), "Q2": Given("B")}),
        Sheet("CRM担当", dt.date(2026, 2, 1), {"Q1": Given("C")}),
        Sheet("店主", dt.date(2026, 5, 1), {"Q1": Given("B")}),
    )
    sheet = led(client, ENTER * 10 + YES, earlier=earlier)
    assert letters(sheet) == "DBAAAAAAAA"
    assert sheet is not None
    assert sheet.given["Q1"].comment == ""  # said on another day
    shown = capsys.readouterr().out
    assert "前の答え: D(2026年1月1日)" in shown
    assert "(1/10) 年間LTVで決める" in shown
    assert "(10/10) CRMは関係の設計" in shown


def test_what_was_said_the_same_day_is_not_lost_by_answering_again(client: Client) -> None:
    sheet = led(client, A * 10 + YES, earlier=(Sheet("店主", DAY, {"Q1": Given("A", "朝のひとこと")}),))
    assert sheet is not None
    assert sheet.given["Q1"] == Given("A", "朝のひとこと")


def test_nothing_is_offered_to_record_when_nothing_is_answered(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first choice is then to look again, the second to leave."""
    assert led(client, COMMENT + "考え中" + ENTER + LATER * 10 + DOWN + ENTER) is None
    assert "「ひとこと」は、記録されません" in capsys.readouterr().out


@pytest.mark.parametrize("pressed", [STOP, A + STOP, A + COMMENT + "半分" + STOP, A + COMMENT + END, A * 10 + STOP])
def test_ctrl_c_anywhere_records_nothing(client: Client, pressed: str, capsys: pytest.CaptureFixture[str]) -> None:
    with keys(pressed), pytest.raises(typer.Exit) as stopped:
        questionnaire.conduct(client, who="店主", date=DAY)
    assert stopped.value.exit_code == screen.STOPPED == 130
    assert "記録せずに終わりました。" in capsys.readouterr().err
    assert list((client.folder / "data").iterdir()) == []


def test_to_leave_without_recording_is_told(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    with keys(A * 10 + NO):
        assert questionnaire.conduct(client, who="店主", date=DAY) is None
    assert "記録せずに終わりました。" in capsys.readouterr().out
    assert list((client.folder / "data").iterdir()) == []


def test_seven_answers_are_recorded_without_a_grade_and_the_rest_another_time(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    """Seven A, three later; then the same day the three, two of them A: nine of ten are A."""
    with keys(A * 7 + LATER * 3 + YES):
        questionnaire.conduct(client, who="店主", date=DAY)
    told = capsys.readouterr().out
    assert "A は 7 つです。まだ 3 問が残っています。10問がそろうと、全体の見立てが出ます。" in told
    assert "全体の見立ては" not in told
    with keys(LATER * 7 + A + B + A + YES):
        questionnaire.conduct(client, who="店主", date=DAY)
    assert "10問がそろいました。A は 9 つで、全体の見立ては A です。" in capsys.readouterr().out
    (sheet,) = answer_sheets.of(client)
    assert letters(sheet) == "AAAAAAAABA"


def test_answers_are_not_lost_when_they_cannot_be_recorded(
    client: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A spreadsheet has the file open at first; after it is closed, one Enter records all ten answers."""
    save, tries = answer_sheets.save, []

    def busy(*told: object) -> object:
        tries.append(1)
        if len(tries) == 1:
            raise RecordingError("開かれているようです。", next_step="閉じてください。")
        return save(*told)

    monkeypatch.setattr(answer_sheets, "save", busy)
    with keys(B * 10 + YES + YES):
        questionnaire.conduct(client, who="店主", date=DAY)
    assert "✗ 開かれているようです。" in capsys.readouterr().err
    assert [letters(sheet) for sheet in answer_sheets.of(client)] == ["B" * 10]


def test_a_file_that_would_not_be_read_is_told_before_the_first_question(make_client: Callable[..., Path]) -> None:
    folder = make_client({"orders.csv": "注文番号\n"}, "  orders:\n    - files: data/orders.csv")
    with keys(""), pytest.raises(ConfigError, match="このまま記録しても読まれない"):
        questionnaire.conduct(clients.find(str(folder)), who="店主", date=DAY)


def test_answers_may_be_recorded_while_other_files_are_missing(make_client: Callable[..., Path]) -> None:
    folder = make_client({}, "  orders:\n    - files: data/orders.csv\n  answers:\n    - files: data/answers.csv")
    client = clients.find(str(folder))
    with keys(A * 10 + YES):
        questionnaire.conduct(client, who="店主", date=DAY)
    assert [sheet.mature for sheet in answer_sheets.of(client)] == [10]


def test_long_words_are_broken_at_the_edge_of_the_screen(
    client: Client, horetsu: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen.out, "_width", 40)
    for question in client.diagnosis().questions:
        for choice in questionnaire._choices(question, "", True):
            lines = (" » " + str(choice.title)).splitlines()
            assert all(cell_len(line) < 40 for line in lines), choice.title
    first = str(questionnaire._choices(client.diagnosis()["Q1"], "", True)[0].title)
    assert first == "A  お一人ずつの年間の購入額を見て、\n      いつもそれで決めています。"


# -- the command ------------------------------------------------------------------------------------------------------


def test_without_a_terminal_the_other_ways_are_told(client: Client, horetsu: Callable[..., Result]) -> None:
    result = horetsu("diagnose", "sakura", "--by", "店主")
    assert result.exit_code == 1
    assert "ターミナルの画面で horetsu diagnose を実行してください。" in result.output
    assert "clients/sakura/記入用/answers.csv を clients/sakura/data に写し" in result.output
    assert list((client.folder / "data").iterdir()) == []


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--date", "2999-12-31", "2999-12-31 は、まだ来ていない日です。"),
        ("--date", "0026-04-01", "0026-04-01 は、昔すぎる日です。"),
        ("--date", "4月1日", "「4月1日」を日付として読めません。"),
        ("--by", "山" * 51, "お名前は50文字までで書いてください。"),
        ("--by", "山\n田", "お名前は1行で書いてください。"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    client: Client, horetsu: Callable[..., Result], option: str, value: str, told: str
) -> None:
    result = horetsu("diagnose", "sakura", option, value)
    assert result.exit_code == 1
    assert f"✗ {told}" in result.output


def test_today_is_the_shops_own_day(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 20:00 in UTC it is the next morning in Japan."""

    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
            return dt.datetime(2026, 3, 31, 20, tzinfo=dt.UTC).astimezone(tz)

    monkeypatch.setattr(recording.dt, "datetime", Clock)
    assert record_days.told(client, "", answer_sheets.DAY) == dt.date(2026, 4, 1)
    assert record_days.told(client, "2026-04-01", answer_sheets.DAY) == dt.date(2026, 4, 1)
    with pytest.raises(ConfigError, match=r"今日\(2026-04-01\)までの日にしてください"):
        record_days.told(client, "2026-04-02", answer_sheets.DAY)


def test_show_lists_what_is_recorded_and_asks_nothing(client: Client, horetsu: Callable[..., Result]) -> None:
    assert "診断の答えは、まだ記録されていません。" in horetsu("diagnose", "sakura", "--show").output
    answer_sheets.save(client, Sheet("店主", DAY, {f"Q{number}": Given("A") for number in range(1, 10)}))
    answer_sheets.save(client, Sheet("[red]CRM\x1b[31m", dt.date(2026, 3, 1), {"Q10": Given("D", "=1")}))
    result = horetsu("diagnose", "sakura", "--show")
    assert result.exit_code == 0
    lines = [re.findall(r"\S+", line) for line in result.output.splitlines()]
    assert ["2026-03-01", "[red]CRM[31m", *"—" * 9, "D", "0"] in lines
    assert ["2026-04-01", "店主", *"A" * 9, "—", "9"] in lines
    assert "「—」は、まだ答えのない質問です。" in result.output


def test_help_does_not_wait_for_the_dialogue() -> None:
    import subprocess

    program = "import sys; import horetsu_utils.cli; print({'questionary', 'pandas', 'filelock'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert told == "set()\n"


# -- a real terminal --------------------------------------------------------------------------------------------------


class Terminal:
    """The command in a terminal of its own, as a person sees and uses it."""

    def __init__(self, *words: str) -> None:
        self.seen = ""
        self.screen, keyboard = pty.openpty()
        command = ["setsid", "--ctty", sys.executable, "-c", "from horetsu_utils.cli import main; main()", *words]
        self.child = subprocess.Popen(command, stdin=keyboard, stdout=keyboard, stderr=keyboard)
        os.close(keyboard)

    def wait_for(self, text: str, *, seconds: float = 60) -> None:
        """Read until the text stands in what came since the last time."""
        until = time.monotonic() + seconds
        while text not in self.seen:
            ready, _, _ = select.select([self.screen], [], [], max(until - time.monotonic(), 0))
            assert ready, f"「{text}」 did not come: {self.seen[-500:]}"
            try:
                self.seen += os.read(self.screen, 65_536).decode(errors="replace")
            except OSError:  # the other end is closed
                assert text in self.seen, self.seen[-500:]
            if "\x1b[6n" in self.seen:  # where is the cursor?
                self.press("\x1b[1;1R")
                self.seen = self.seen.replace("\x1b[6n", "")
        self.seen = self.seen.partition(text)[2]

    def press(self, pressed: str) -> None:
        os.write(self.screen, pressed.encode())

    def status(self) -> int:
        return self.child.wait(timeout=60)


def test_ten_questions_in_a_real_terminal(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine A and, at last, B: nine of ten, the best grade."""
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal("diagnose", "sakura", "--date", "2026-04-01")
    terminal.wait_for("どなたが答えますか")
    terminal.press(ENTER)
    for number in range(1, 11):
        terminal.wait_for(f"({number}/10)")
        terminal.wait_for("前の質問に戻る" if number > 1 else "ひとこと添える")
        terminal.press(A if number < 10 else B)
    terminal.wait_for("はい、記録します(10問)")
    terminal.press(YES)
    terminal.wait_for("記録しました: ")
    terminal.wait_for("A は 9 つで、全体の見立ては A です。")
    terminal.wait_for("horetsu run sakura --only 05_diagnosis")
    assert terminal.status() == 0
    (sheet,) = answer_sheets.of(client)
    assert (letters(sheet), sheet.who, sheet.date) == ("AAAAAAAAAB", "店主", DAY)


def test_ctrl_c_in_a_real_terminal(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal("diagnose", "sakura", "--by", "店主")
    terminal.wait_for("ひとこと添える")
    terminal.press(STOP)
    terminal.wait_for("記録せずに終わりました。")
    assert terminal.status() == 130
    assert list((client.folder / "data").iterdir()) == []
