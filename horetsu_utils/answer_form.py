"""The ten questions as a form in the notebook: choose, save, and take back what was saved by mistake."""

import datetime as dt
from collections.abc import Callable
from html import escape

import ipywidgets
from ipywidgets import HTML, Accordion, Button, Combobox, DatePicker, HBox, RadioButtons, Textarea, VBox

from horetsu_utils import answer_sheets, ledger, record_days, recording, widgets, wording
from horetsu_utils.answer_sheets import LONGEST_COMMENT, Given, Sheet
from horetsu_utils.client import Client
from horetsu_utils.questions import DiagnosisRules, Question
from horetsu_utils.recording import Saved

LATER = ("あとで答える", "")
_WIDE = {"description_width": "initial"}
_STYLE = """<style>
.horetsu-answers .widget-radio, .horetsu-answers .widget-radio-box {width: 100%}
.horetsu-answers .widget-radio-box label {
  display: flex; flex-direction: row-reverse; justify-content: flex-end; align-items: flex-start;
  height: auto; line-height: 1.7; white-space: normal; margin-bottom: .3em}
.horetsu-answers .widget-radio-box input {flex: none; margin-top: 0}
</style>"""
"""Without it an answer longer than a line would run over the next one."""


def form(client: Client, rules: DiagnosisRules, *, date: dt.date, who: str = "") -> ipywidgets.Widget:
    """Offer the ten questions as a form that records into the client's own file.

    `date` is the day that stands in the form first, `who` the one who answers.
    """
    return _Form(client, rules, date, who).box


class _Asked:
    """One question of the form: its answers, and what is said with it."""

    def __init__(self, rules: DiagnosisRules, question: Question) -> None:
        options = [(f"{letter}  {words}", letter) for letter, words in question.answers.items()]
        self.code = question.question
        self.answer = RadioButtons(options=[*options, LATER], value="", layout={"width": "100%"})
        self.comment = Textarea(placeholder="思い当たることがあれば、ひとことどうぞ", rows=2, layout={"width": "100%"})
        title = f"({rules.questions.index(question) + 1}/{len(rules.questions)}) {question.axis}"
        heading = HTML(f"<p><b>{escape(title)}</b><br>{escape(question.ask)}</p>")
        said = Accordion([self.comment], titles=("ひとこと添える(書かなくてもかまいません)",), selected_index=None)
        self.box = VBox([heading, self.answer, said])

    @property
    def given(self) -> Given:
        """What is chosen and said."""
        return Given(self.answer.value or "", ledger.cleaned(self.comment.value))


class _Form:
    """The form's parts, and what happens when one of them is used."""

    def __init__(self, client: Client, rules: DiagnosisRules, date: dt.date, who: str) -> None:
        self.client, self.rules = client, rules
        self.saved: Saved | None = None
        roles = list(answer_sheets.ROLES)
        self.who = Combobox(description="答える方", options=roles, value=who, placeholder="店主 など", style=_WIDE)
        self.date = DatePicker(description=answer_sheets.DAY, value=date, style=_WIDE)
        self.asked = [_Asked(rules, question) for question in rules.questions]
        self.counter = HTML()
        self.save = Button(description="記録する", button_style="primary", disabled=True)
        self.undo = Button(description="取り消す", layout={"display": "none"})
        self.result, self.last = HTML(), HTML()
        self.save.on_click(lambda _: self._plainly(self._save))
        self.undo.on_click(lambda _: self._plainly(self._undo))
        for each in (self.who, self.date, *(asked.answer for asked in self.asked)):
            each.observe(lambda _: self._count(), names="value")
        self._count()
        top, below = HBox([self.who, self.date], layout={"flex_flow": "row wrap"}), HBox([self.save, self.counter])
        parts = [HTML(_STYLE), top, *(each.box for each in self.asked), below, self.result, self.last, self.undo]
        self.box = VBox(parts)
        self.box.add_class("horetsu-answers")

    @property
    def sheet(self) -> Sheet:
        """What the form says now."""
        return Sheet(ledger.cleaned(self.who.value), self.date.value, {each.code: each.given for each in self.asked})

    def _count(self) -> None:
        sheet = self.sheet
        self.counter.value = f"{len(sheet.answered)}/{len(self.asked)} 答えました"
        self.save.disabled = not (sheet.answered and sheet.who)

    def _save(self) -> str:
        sheet = self.sheet
        problem = self._problem(sheet)
        if problem:
            return problem
        self.saved = answer_sheets.save(self.client, sheet)
        self.last.value = _shown(self.rules, sheet)
        self.undo.layout.display = ""
        whole = answer_sheets.whole(self.client, sheet)
        return f"記録しました: {self.saved.shown}。{answer_sheets.outcome(self.rules, whole)}"

    def _problem(self, sheet: Sheet) -> str:
        long = [code for code, given in sheet.given.items() if len(given.comment) > LONGEST_COMMENT]
        told = f"{'・'.join(long)} のひとことが長すぎます。{LONGEST_COMMENT}文字までで書いてください。" if long else ""
        named = answer_sheets.name_problem(self.who.value)
        return named or record_days.problem(self.client, sheet.date, answer_sheets.DAY) or told

    def _undo(self) -> str:
        if self.saved is None:
            return "取り消す記録がありません。"
        recording.undo(self.saved)
        self.saved, self.last.value, self.undo.layout.display = None, "", "none"
        return "さきほどの記録を取り消しました。"

    def _plainly(self, act: Callable[[], str]) -> None:
        self.result.value = widgets.told(act)


def _shown(rules: DiagnosisRules, sheet: Sheet) -> str:
    """Return the recorded answers as a table."""
    assert sheet.date is not None
    rows = [
        (f"{code} {rules[code].axis}", answer_sheets.letters(rules, code, given), given.comment)
        for code, given in sheet.answered.items()
    ]
    cells = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    heads = "<tr><th>質問</th><th>答え</th><th>ひとこと</th></tr>"
    caption = f"{escape(sheet.who)}({wording.day(sheet.date)})の記録"
    return f"<table><caption>{caption}</caption><thead>{heads}</thead><tbody>{cells}</tbody></table>"
