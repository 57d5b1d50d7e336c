"""The ten questions at the keyboard: arrow keys and Enter, back and forth, and nothing is kept before the end."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import questionary
import typer
from questionary import Choice
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from horetsu_utils import answer_sheets, dialogue, ledger, recording, wording
from horetsu_utils.answer_sheets import LONGEST_COMMENT, TABLE, Given, Sheet
from horetsu_utils.canon import QUESTIONS
from horetsu_utils.client import Client
from horetsu_utils.dialogue import Ask, asked, select
from horetsu_utils.errors import HoretsuError, shorten
from horetsu_utils.questions import DiagnosisRules, Question
from horetsu_utils.screen import STOPPED, err, out, tell

LATER, COMMENT, BACK, OTHER = "later", "comment", "back", "other"
SAVE, REVIEW, LEAVE = "save", "review", "leave"
_BESIDE = 8
"""Columns of the screen that the mark and the letter before an answer take, and a little air."""
_SHOWN = 20
"""Characters of a comment that are shown beside its choice."""


def conduct(client: Client, *, who: str, date: dt.date, ask: Ask = asked) -> Sheet | None:
    """Ask, record, and tell what came of it; what stands in the way of recording loses no answer.

    Return what the person has answered on that day, or None when it shall not be recorded.

    Errors
        ConfigError or RecordingError before the first question, when nothing could be recorded
    """
    path = recording.ready(client, TABLE)
    rules, earlier = client.diagnosis(), answer_sheets.of(client)
    sheet = _unless_stopped(rules, who, date, earlier, None, ask)
    while sheet is not None:
        try:
            path = answer_sheets.save(client, sheet).shown
            break
        except HoretsuError as error:
            err.print(f"✗ {error}", style="red", markup=False, highlight=False, soft_wrap=True)
            sheet = _unless_stopped(rules, who, date, earlier, sheet, ask)
    if sheet is None:
        tell("記録せずに終わりました。")
        return None
    tell(f"記録しました: {path}({sheet.who}、{wording.day(date)}、{len(sheet.answered)}問)")
    whole = answer_sheets.whole(client, sheet)
    tell(answer_sheets.outcome(rules, whole))
    return whole


def refuse_pipe(client: Client) -> None:
    """Make sure that somebody sits at the keyboard.

    Errors
        ConfigError telling the two other ways
    """
    dialogue.refuse_pipe(
        "ターミナルの画面で horetsu diagnose を実行してください。"
        f"または、{client.folder}/記入用/{TABLE}.csv を {client.folder}/data に写し、"
        "表計算ソフトで書き込んでください。"
    )


def ask(
    rules: DiagnosisRules,
    *,
    who: str,
    date: dt.date,
    earlier: Sequence[Sheet],
    draft: Sheet | None = None,
    ask: Ask = asked,
) -> Sheet | None:
    """Lead a person through the ten questions and return the sheet to record, or None when it shall not be recorded.

    `who` may be empty: then the first question is who answers. `earlier` are the sheets recorded so far: the last one
    of the same person stands in the choices. With a `draft` the dialogue begins at its end.

    Errors
        KeyboardInterrupt on Ctrl-C
    """
    name = draft.who if draft else who or _who(earlier, ask)
    before = answer_sheets.before(earlier, name, date)
    given = dict(draft.given) if draft else _comments(before, date)
    chosen = SAVE if draft else REVIEW
    while True:
        if chosen == REVIEW:
            _walk(rules, given, before, ask)
        sheet = Sheet(name, date, dict(given))
        show_draft(rules, sheet, out)
        chosen = ask(_last(sheet))
        if chosen != REVIEW:
            return sheet if chosen == SAVE else None


def show_draft(rules: DiagnosisRules, sheet: Sheet, console: Console) -> None:
    """Print all the answers of a sheet once more."""
    assert sheet.date is not None
    table = Table(title=Text(f"{sheet.who}({wording.day(sheet.date)})"), title_justify="left", show_lines=True)
    for heading in ("質問", "答え", "ひとこと"):
        table.add_column(heading, overflow="fold")
    for question in rules.questions:
        given = sheet.given.get(question.question, Given())
        answer = answer_sheets.letters(rules, question.question, given)
        table.add_row(*map(Text, (f"{question.question} {question.axis}", answer, given.comment)))
    console.print(table)
    if any(each.comment and not each.answer for each in sheet.given.values()):
        tell("答えをまだ選んでいない質問の「ひとこと」は、記録されません。")


def show(sheets: Sequence[Sheet], console: Console) -> None:
    """Print what is recorded so far: one line a person and day."""
    if not sheets:
        tell("診断の答えは、まだ記録されていません。")
        return
    table = Table(box=box.SIMPLE, padding=(0, 1, 0, 0))
    table.add_column("日付", no_wrap=True)
    table.add_column("答えた人", overflow="fold")
    for heading in (*QUESTIONS, "A の数"):
        table.add_column(heading, justify="right", no_wrap=True)
    for sheet in sheets:
        letters = [sheet.answer(question) or wording.NOTHING for question in QUESTIONS]
        day = sheet.date.isoformat() if sheet.date else wording.NOTHING
        table.add_row(*map(Text, (day, sheet.who or wording.NOTHING, *letters, str(sheet.mature))))
    console.print(table)
    if any(sheet.open for sheet in sheets):
        tell(f"「{wording.NOTHING}」は、まだ答えのない質問です。")


def _unless_stopped(
    rules: DiagnosisRules, who: str, date: dt.date, earlier: Sequence[Sheet], draft: Sheet | None, answered: Ask
) -> Sheet | None:
    try:
        return ask(rules, who=who, date=date, earlier=earlier, draft=draft, ask=answered)
    except (KeyboardInterrupt, EOFError) as error:
        err.print("記録せずに終わりました。")
        raise typer.Exit(STOPPED) from error


def _comments(before: Sheet | None, date: dt.date) -> dict[str, Given]:
    """Return what was said the same day: a new answer replaces the row, and must not lose it."""
    same = before.given if before and before.date == date else {}
    return {question: Given(comment=each.comment) for question, each in same.items()}


def _who(earlier: Sequence[Sheet], ask: Ask) -> str:
    choices = [Choice(name, name) for name in answer_sheets.names(earlier)]
    chosen = ask(select("どなたが答えますか", [*choices, Choice("その他(お名前を書きます)", OTHER)]))
    if chosen != OTHER:
        return str(chosen)
    typed = questionary.text("お名前か役割", qmark="", validate=lambda name: answer_sheets.name_problem(name) or True)
    return ledger.cleaned(ask(typed))


def _walk(rules: DiagnosisRules, given: dict[str, Given], before: Sheet | None, ask: Ask) -> None:
    """Ask one question after the other, until the last has been passed."""
    place = 0
    while place < len(rules.questions):
        question = rules.questions[place]
        told = before.answer(question.question) if before else ""
        tell(f"\n({place + 1}/{len(rules.questions)}) {question.axis}\n{question.ask}")
        if before and before.date and told:
            tell(f"前の答え: {told}({wording.day(before.date)})")
        place += _one(question, given, told, place > 0, ask)


def _one(question: Question, given: dict[str, Given], told: str, can_go_back: bool, ask: Ask) -> int:
    """Ask one question until it is left; return which way: 1 to the next, -1 back."""
    code = question.question
    while True:
        now = given.get(code, Given())
        preselected = now.answer or told or None
        chosen = ask(select("答え", _choices(question, now.comment, can_go_back), preselected))
        if chosen == BACK:
            return -1
        if chosen != COMMENT:
            given[code] = replace(now, answer="" if chosen == LATER else chosen)
            return 1
        given[code] = replace(now, comment=_comment(now.comment, ask))


def _choices(question: Question, comment: str, can_go_back: bool) -> list[Choice]:
    answers = [Choice(_wrapped(letter, words), letter) for letter, words in question.answers.items()]
    said = f"ひとこと添える(今: {shorten(comment, _SHOWN)})" if comment else "ひとこと添える"
    back = [Choice("前の質問に戻る", BACK)] if can_go_back else []
    return [*answers, Choice("あとで答える", LATER), Choice(said, COMMENT), *back]


def _comment(now: str, ask: Ask) -> str:
    problem = f"ひとことは{LONGEST_COMMENT}文字までで書いてください。"
    typed = questionary.text(
        "ひとこと", qmark="", default=now, validate=lambda text: len(text) <= LONGEST_COMMENT or problem
    )
    return ledger.cleaned(ask(typed))


def _last(sheet: Sheet) -> questionary.Question:
    save = [Choice(f"はい、記録します({len(sheet.answered)}問)", SAVE)] if sheet.answered else []
    others = [Choice("答えを見直します", REVIEW), Choice("いいえ、記録せずに終わります", LEAVE)]
    return select("記録しますか", [*save, *others])


def _wrapped(letter: str, words: str) -> str:
    """Break an answer that is wider than the screen: the list of choices would cut it off."""
    lines = Text(words).wrap(out, max(out.width - _BESIDE, 2 * _BESIDE))
    return f"{letter}  " + ("\n" + " " * 6).join(line.plain.rstrip() for line in lines)
