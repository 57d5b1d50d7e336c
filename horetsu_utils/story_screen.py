"""The story at the keyboard: one customer after the other, each recorded at once."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace

import questionary
import typer
from prompt_toolkit.completion import WordCompleter
from questionary import Choice
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from horetsu_utils import dialogue, ledger, recording, story_records, wording
from horetsu_utils.client import Client
from horetsu_utils.dialogue import Ask, asked, select
from horetsu_utils.errors import HoretsuError
from horetsu_utils.ingest.story import TABLE
from horetsu_utils.recording import Saved
from horetsu_utils.screen import STOPPED, err, tell
from horetsu_utils.story_records import FACES, SCALE, SHOWN, Record

MORE, END, UNDO, AGAIN, DROP = "more", "end", "undo", "again", "drop"


def conduct(client: Client, *, date: dt.date, ask: Ask = asked) -> int:
    """Ask for one customer after the other, and record each at once; return how many are recorded.

    Errors
        ConfigError or RecordingError before the first question, when nothing could be recorded
    """
    recording.ready(client, TABLE)
    kept: list[Saved] = []
    try:
        while True:
            _one(client, date, kept, ask)
            if not _more(kept, ask):
                break
    except (KeyboardInterrupt, EOFError) as error:
        err.print(_ended(kept))
        raise typer.Exit(STOPPED) from error
    tell(_ended(kept))
    return len(kept)


def once(client: Client, record: Record) -> None:
    """Record what was told in one line, without a question.

    Errors
        as story_records.save
    """
    earlier = story_records.readable(client)
    record = story_records.spelled(record, earlier)
    tell(story_records.said(story_records.save(client, record), record, earlier))


def refuse_pipe(client: str) -> None:
    """Make sure that somebody sits at the keyboard.

    Errors
        ConfigError telling how to record without a dialogue
    """
    dialogue.refuse_pipe(
        f"1行で記録するには、horetsu log {client} --customer C0001 --score 3 --emotion 良い のように書いてください。"
    )


def show(records: Sequence[Record], console: Console) -> None:
    """Print the last records, the newest first."""
    if not records:
        tell("記録は、まだありません。")
        return
    table = Table(box=box.SIMPLE, padding=(0, 1, 0, 0))
    table.add_column("日付", no_wrap=True)
    table.add_column("お客様", overflow="fold")
    table.add_column("点数", justify="right", no_wrap=True)
    table.add_column("気持ち", no_wrap=True)
    table.add_column("メモ", overflow="fold")
    for each in records[:SHOWN]:
        cells = (str(each.date), each.customer_id, str(each.change_score), each.face, each.note or wording.NOTHING)
        table.add_row(*map(Text, cells))
    console.print(table)


def _one(client: Client, date: dt.date, kept: list[Saved], ask: Ask) -> None:
    """Ask for one customer and record it; what cannot be recorded now can be tried again."""
    earlier = story_records.readable(client)
    record = _asked(earlier, date, ask)
    while True:
        try:
            saved = story_records.save(client, record)
        except HoretsuError as error:
            _complain(error)
            choices = [Choice("もう一度、同じ記録を試します", AGAIN), Choice("この記録はやめます", DROP)]
            if ask(select("どうしますか", choices)) == DROP:
                return
        else:
            kept.append(saved)
            tell(story_records.said(saved, record, earlier))
            return


def _asked(earlier: Sequence[Record], date: dt.date, ask: Ask) -> Record:
    """Ask for a customer, a score, a face and a note; of somebody new, why they bought."""
    known = story_records.customers(earlier)
    completer = WordCompleter(list(known), ignore_case=True, match_middle=True, sentence=True)
    told = questionary.autocomplete(
        "お客様の番号", [], qmark="", completer=completer, validate=lambda text: story_records.id_problem(text) or True
    )
    whose = story_records.spelled(Record(ask(told), date, None, ""), earlier)
    score = ask(_text(f"変化の点数 {SCALE}", lambda text: story_records.score_problem(story_records.score_of(text))))
    emotion = ask(select("気持ち", [Choice(f"{face} {emotion}", emotion) for emotion, face in FACES.items()]))
    note = ledger.cleaned(ask(_free("メモ")))
    purpose = "" if whose.customer_id in known else ledger.cleaned(ask(_free("ご購入の目的")))
    return replace(whose, change_score=story_records.score_of(score), emotion=emotion, note=note, purpose=purpose)


def _text(message: str, problem: Callable[[str], str]) -> questionary.Question:
    return questionary.text(message, qmark="", validate=lambda text: problem(text) or True)


def _free(name: str) -> questionary.Question:
    return _text(f"{name}(空のまま Enter でもかまいません)", lambda text: story_records.text_problem(text, name))


def _more(kept: list[Saved], ask: Ask) -> bool:
    """Ask whether to go on; the record just made can be taken back first."""
    undo = [Choice("さきほどの記録を取り消します", UNDO)] if kept else []
    chosen = ask(select("もう1人記録しますか", [Choice("はい", MORE), Choice("いいえ、終わります", END), *undo]))
    if chosen != UNDO:
        return bool(chosen == MORE)
    try:
        recording.undo(kept[-1])
    except HoretsuError as error:
        _complain(error)
    else:
        kept.pop()
        tell("さきほどの記録を取り消しました。")
    return _more([], ask)


def _complain(error: HoretsuError) -> None:
    err.print(f"✗ {error}", style="red", markup=False, highlight=False, soft_wrap=True)


def _ended(kept: list[Saved]) -> str:
    return f"終わりました。{len(kept)}件を記録しました。" if kept else "記録せずに終わりました。"
