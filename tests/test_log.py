"""The story at the keyboard: one line for a script, a dialogue for people, and nothing that is saved gets lost."""

import datetime as dt
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import typer
from click.testing import Result
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from horetsu_utils import client as clients
from horetsu_utils import recording, screen, story_records, story_screen
from horetsu_utils.client import Client
from horetsu_utils.errors import ConfigError
from horetsu_utils.ledger import RecordingError
from horetsu_utils.story_records import Record

DOWN, ENTER, STOP, BACK = "\x1b[B", "\r", "\x03", "\x7f"
DAY = dt.date(2026, 4, 1)
GOOD, PLAIN, BAD = MORE, END, UNDO = ENTER, DOWN + ENTER, DOWN * 2 + ENTER
C1 = "C1" + ENTER + "3" + ENTER + GOOD + "笑顔でした" + ENTER + "肌" + ENTER
C2 = "C2" + ENTER + "0" + ENTER + BAD + ENTER + ENTER
ROW_1, ROW_2 = "C1,2026-04-01,3,良い,肌,,笑顔でした,", "C2,2026-04-01,0,悪い,,,,"


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


def led(client: Client, pressed: str) -> int:
    with keys(pressed):
        return story_screen.conduct(client, date=DAY)


def rows(client: Client) -> list[str]:
    path = client.folder / "data" / "story.csv"
    return path.read_text(encoding="utf-8-sig").splitlines()[1:] if path.exists() else []


# -- the dialogue -----------------------------------------------------------------------------------------------------


def test_one_customer_after_the_other_is_recorded_at_once(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    assert led(client, C1 + MORE + C2 + END) == 2
    assert rows(client) == [ROW_1, ROW_2]
    assert capsys.readouterr().out == (
        "記録しました: clients/sakura/data/story.csv(C1 さん、2026年4月1日、3点、😊 良い)。\n"
        "C1 さんの、はじめての記録です。\n"
        "記録しました: clients/sakura/data/story.csv(C2 さん、2026年4月1日、0点、😞 悪い)。\n"
        "C2 さんの、はじめての記録です。\n"
        "終わりました。2件を記録しました。\n"
    )


def test_why_somebody_bought_is_asked_once_and_the_id_is_known_again(client: Client) -> None:
    """The second time, in full width and small letters, there is no question for the purpose."""
    assert led(client, C1 + END) == 1
    assert led(client, "ｃ１" + ENTER + "５" + ENTER + PLAIN + ENTER + END) == 1
    assert rows(client) == ["C1,2026-04-01,5,普通,肌,,笑顔でした,"]


def test_what_cannot_be_meant_is_asked_again(client: Client) -> None:
    """No id; a score of 6, deleted; a note of 501 letters, of which one is deleted."""
    pressed = (
        ENTER + "C1" + ENTER + "6" + ENTER + BACK + "5" + ENTER + PLAIN + "あ" * 501 + ENTER + BACK + ENTER + ENTER
    )
    assert led(client, pressed + END) == 1
    assert rows(client) == [f"C1,2026-04-01,5,普通,,,{'あ' * 500},"]


def test_the_record_just_made_can_be_taken_back(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    """After that only going on or ending is offered; what was recorded before stays."""
    assert led(client, C1 + MORE + C2 + UNDO + MORE + C2.replace("0", "4") + UNDO + END) == 1
    assert rows(client) == [ROW_1]
    told = capsys.readouterr().out
    assert told.count("さきほどの記録を取り消しました。\n") == 2
    assert told.endswith("終わりました。1件を記録しました。\n")


def test_what_was_changed_meanwhile_is_not_taken_back(
    client: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def changed(_: object) -> None:
        raise RecordingError("記録したあとに書き直されているため、取り消していません。")

    monkeypatch.setattr(recording, "undo", changed)
    assert led(client, C1 + UNDO + END) == 1
    assert rows(client) == [ROW_1]
    assert "✗ 記録したあとに書き直されているため、取り消していません。" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("pressed", "kept", "told"),
    [
        (STOP, [], "記録せずに終わりました。"),
        ("C1" + ENTER + "3" + STOP, [], "記録せずに終わりました。"),
        (C1 + STOP, [ROW_1], "終わりました。1件を記録しました。"),
        (C1 + MORE + "C2" + ENTER + "0" + ENTER + STOP, [ROW_1], "終わりました。1件を記録しました。"),
        (C1 + MORE + C2 + STOP, [ROW_1, ROW_2], "終わりました。2件を記録しました。"),
    ],
)
def test_ctrl_c_loses_nothing_that_is_saved(
    client: Client, pressed: str, kept: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with keys(pressed), pytest.raises(typer.Exit) as stopped:
        story_screen.conduct(client, date=DAY)
    assert stopped.value.exit_code == screen.STOPPED == 130
    assert rows(client) == kept
    assert capsys.readouterr().err == f"{told}\n"


def test_a_record_is_not_lost_when_it_cannot_be_saved_at_first(
    client: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A spreadsheet has the file open at first; after it is closed, one Enter records. The next one is dropped."""
    save, tries = story_records.save, list[int]()

    def busy(*told: object) -> object:
        tries.append(1)
        if len(tries) != 2:
            raise RecordingError("開かれているようです。", next_step="閉じてください。")
        return save(*told)

    monkeypatch.setattr(story_records, "save", busy)
    again, drop = ENTER, DOWN + ENTER
    assert led(client, C1 + again + MORE + C2 + drop + END) == 1
    assert rows(client) == [ROW_1]
    assert capsys.readouterr().err.count("✗ 開かれているようです。\n次に: 閉じてください。\n") == 2


def test_a_file_that_would_not_be_read_is_told_before_the_first_question(make_client: Callable[..., Path]) -> None:
    folder = make_client({"orders.csv": "注文番号\n"}, "  orders:\n    - files: data/orders.csv")
    with keys(""), pytest.raises(ConfigError, match="このまま記録しても読まれない"):
        story_screen.conduct(clients.find(str(folder)), date=DAY)


# -- the command ------------------------------------------------------------------------------------------------------


def test_one_line_records_without_a_question(client: Client, horetsu: Callable[..., Result]) -> None:
    line = ("log", "sakura", "--customer", "C1", "--score", "３", "--emotion", "😊", "--date", "2026-04-01")
    result = horetsu(*line, "--note", "笑顔でした")
    assert (result.exit_code, result.output) == (
        0,
        "記録しました: clients/sakura/data/story.csv(C1 さん、2026年4月1日、3点、😊 良い)。\n"
        "C1 さんの、はじめての記録です。\n",
    )
    assert rows(client) == ["C1,2026-04-01,3,良い,,,笑顔でした,"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ("--customer", "C1", "--score", "6", "--emotion", "良い"),
            "変化の点数の「6」は使えません。0から5までの数にしてください。",
        ),
        (("--customer", "C1", "--emotion", "良い"), "変化の点数を、0から5の中から選んでください。"),
        (("--customer", "C1", "--score", "3"), "気持ちを、良い・普通・悪いの中から選んでください。"),
        (
            ("--customer", "C1", "--score", "3", "--emotion", "最高"),
            "気持ちの「最高」は使えません。良い・普通・悪いのどれかにしてください。",
        ),
        (("--score", "3", "--emotion", "良い"), "お客様の番号を書いてください。"),
    ],
)
def test_a_line_that_cannot_be_meant_is_refused(
    client: Client, horetsu: Callable[..., Result], words: tuple[str, ...], told: str
) -> None:
    result = horetsu("log", "sakura", *words)
    assert (result.exit_code, result.output) == (
        1,
        f"✗ {told}\n次に: 直してから、もう一度記録してください。何も記録していません。\n",
    )
    assert rows(client) == []


def test_a_day_to_come_is_refused(client: Client, horetsu: Callable[..., Result]) -> None:
    result = horetsu("log", "sakura", "--customer", "C1", "--score", "3", "--emotion", "良い", "--date", "2999-12-31")
    assert result.exit_code == 1
    assert "✗ 2999-12-31 は、まだ来ていない日です。" in result.output


def test_without_a_terminal_and_options_the_one_line_is_told(client: Client, horetsu: Callable[..., Result]) -> None:
    result = horetsu("log", "sakura")
    assert (result.exit_code, result.output) == (
        1,
        "✗ ここでは、質問を画面に出してお答えいただくことができません。\n"
        "次に: 1行で記録するには、"
        "horetsu log sakura --customer C0001 --score 3 --emotion 良い のように書いてください。\n",
    )


def test_it_works_in_a_pipe(client: Client) -> None:
    program = [sys.executable, "-c", "from horetsu_utils.cli import main; main()", "log", "sakura"]
    for number in (1, 2):
        line = ["--customer", f"C{number}", "--score", "3", "--emotion", "ふつう", "--date", "2026-04-01"]
        told = subprocess.run([*program, *line], input="", capture_output=True, text=True, check=True)
        assert told.stdout.startswith("記録しました: ")
        assert told.stderr == ""
    assert rows(client) == ["C1,2026-04-01,3,普通,,,,", "C2,2026-04-01,3,普通,,,,"]


def test_show_lists_the_last_ten_and_asks_nothing(client: Client, horetsu: Callable[..., Result]) -> None:
    assert horetsu("log", "sakura", "--show").output == "記録は、まだありません。\n"
    for place in range(11):
        story_records.save(client, Record(f"C{place}", DAY, 3, "良い"))
    story_records.save(client, Record("[red]C\x1b[31m", DAY, 0, "悪い", "[b]ひとこと"))
    result = horetsu("log", "sakura", "--show")
    assert result.exit_code == 0
    lines = [line.split() for line in result.output.splitlines() if "2026" in line]
    assert lines[0] == ["2026-04-01", "[red]C[31m", "0", "😞", "悪い", "[b]ひとこと"]
    assert [line[1] for line in lines[1:]] == [f"C{place}" for place in range(10, 1, -1)]


def test_help_does_not_wait_for_the_dialogue() -> None:
    program = (
        "import sys; import horetsu_utils.cli; print({'questionary', 'ibis', 'prompt_toolkit'} & set(sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert told == "set()\n"
