"""Sheets of the diagnosis: what one person answered on one day, and how it is kept."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from horetsu_utils import ledger, recording
from horetsu_utils.canon import ANSWERS, QUESTIONS
from horetsu_utils.client import Client
from horetsu_utils.errors import ConfigError, HoretsuError, shorten
from horetsu_utils.ingest.answers import FACT, TABLE
from horetsu_utils.ingest.normalise import folded
from horetsu_utils.questions import MATURE, DiagnosisRules
from horetsu_utils.recording import Saved

ROLES = ("店主", "CRM担当", "お客様窓口")
DAY = "答えた日"
LONGEST_NAME, LONGEST_COMMENT = 50, 500
"""Characters."""
_LATEST_NAMES = 5


@dataclass(frozen=True)
class Given:
    """The answer to one question, empty while it is open, and what was said with it."""

    answer: str = ""
    comment: str = ""


@dataclass(frozen=True)
class Sheet:
    """What one person answered on one day, by question."""

    who: str
    date: dt.date | None
    given: Mapping[str, Given]

    @property
    def answered(self) -> dict[str, Given]:
        """The questions that have an answer."""
        return {question: self.given[question] for question in QUESTIONS if self.answer(question)}

    @property
    def mature(self) -> int:
        """How many answers are A."""
        return sum(each.answer == MATURE for each in self.answered.values())

    @property
    def open(self) -> int:
        """How many of the ten questions have no answer."""
        return len(QUESTIONS) - len(self.answered)

    def answer(self, question: str) -> str:
        """Return the letter of an answer, or an empty text."""
        return self.given.get(question, Given()).answer


def of(client: Client) -> tuple[Sheet, ...]:
    """Return every sheet that is recorded, by date and person; where a question was answered twice, the last answer."""
    sheets: dict[tuple[str, dt.date | None], dict[str, Given]] = {}
    for row in recording.recorded(client, TABLE):
        told = {name: ledger.cleaned(row[name] or "") for name in ("answered_by", "comment")}
        given = sheets.setdefault((told["answered_by"].removeprefix("'"), row["date"]), {})
        given[row["question"]] = Given(row["answer"], told["comment"].removeprefix("'"))
    ordered = sorted(sheets.items(), key=lambda item: (item[0][1] or dt.date.min, item[0][0]))
    return tuple(Sheet(who, date, given) for (who, date), given in ordered)


def save(client: Client, sheet: Sheet) -> Saved:
    """Record the answers of a sheet; those of the same person, day and question are replaced.

    Errors
        as recording.append
    """
    assert sheet.date is not None
    common = {"answered_by": sheet.who, "date": sheet.date.isoformat()}
    rows = [
        {"question": question, "answer": each.answer, "comment": each.comment} | common
        for question, each in sheet.answered.items()
    ]
    return recording.append(client, TABLE, rows, key=FACT)


def before(sheets: Iterable[Sheet], who: str, date: dt.date) -> Sheet | None:
    """Return the last sheet of a person up to a day, the same day's among them."""
    own = [each for each in sheets if folded(each.who) == folded(who) and each.date is not None and each.date <= date]
    return own[-1] if own else None


def whole(client: Client, sheet: Sheet) -> Sheet:
    """Return a sheet with what the same person had recorded on the same day before."""
    assert sheet.date is not None
    try:
        found = before(of(client), sheet.who, sheet.date)
    except HoretsuError:  # what was recorded is told all the same
        return sheet
    return found if found and found.date == sheet.date else sheet


def names(sheets: Sequence[Sheet]) -> tuple[str, ...]:
    """Return whom to offer as the one who answers: the usual roles, and who answered last."""
    latest = dict.fromkeys(each.who for each in reversed(sheets) if each.who and not name_problem(each.who))
    return tuple(dict.fromkeys([*ROLES, *list(latest)[:_LATEST_NAMES]]))


def name_problem(name: str) -> str:
    """Say what is wrong with the name of the one who answers; empty when nothing is."""
    told = ledger.cleaned(name)
    if not told:
        return "答える方のお名前か役割を書いてください。"
    if len(told) > LONGEST_NAME:
        return f"お名前は{LONGEST_NAME}文字までで書いてください。"
    return "" if "\n" not in told and "\t" not in told else "お名前は1行で書いてください。"


def name(told: str) -> str:
    """Return the name of the one who answers, as it is kept; it may be empty.

    Errors
        ConfigError for a name that is too long, or of several lines
    """
    problem = name_problem(told) if ledger.cleaned(told) else ""
    if problem:
        raise ConfigError(problem, where=f"--by {shorten(told)}", next_step="書き直して、もう一度お試しください。")
    return ledger.cleaned(told)


def letters(rules: DiagnosisRules, question: str, given: Given) -> str:
    """Return an answer with its words, or that it is open."""
    return f"{given.answer}  {rules[question].answers[given.answer]}" if given.answer in ANSWERS else "(あとで)"


def outcome(rules: DiagnosisRules, sheet: Sheet) -> str:
    """Say how many answers are A; what that means is said only once all ten questions have an answer."""
    if sheet.open:
        return f"A は {sheet.mature} つです。まだ {sheet.open} 問が残っています。10問がそろうと、全体の見立てが出ます。"
    grade = rules.grade(sheet.mature)
    return f"10問がそろいました。A は {sheet.mature} つで、全体の見立ては {grade.grade} です。{grade.meaning}"
