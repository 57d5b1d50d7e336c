"""The story as a form in the notebook: a customer, a score, a face, and it is recorded."""

import datetime as dt
from collections.abc import Callable, Sequence
from html import escape

import ipywidgets
from ipywidgets import HTML, Button, Combobox, DatePicker, HBox, Text, Textarea, ToggleButtons, VBox

from horetsu_utils import ledger, recording, story_records, widgets, wording
from horetsu_utils.client import Client
from horetsu_utils.errors import HoretsuError
from horetsu_utils.recording import Saved
from horetsu_utils.story_records import DAY, FACES, SCALE, SCORES, SHOWN, Record

_LABEL = {"description_width": "7em"}
_WIDE = {"width": "34em", "max_width": "100%"}
_STYLE = """<style>
.horetsu-story .widget-toggle-buttons {display: flex; flex-flow: row nowrap; align-items: baseline; width: auto;
  margin: 4px 2px}
.horetsu-story .widget-toggle-buttons > .widget-label {text-align: right; margin-right: 8px}
.horetsu-story .widget-toggle-buttons > div {white-space: nowrap}
.horetsu-story .widget-toggle-button.mod-active {outline: 2px solid currentColor; outline-offset: -2px}
.horetsu-story :focus-visible {outline: 3px solid #1a73e8; outline-offset: 1px}
.horetsu-story .widget-html-content {line-height: 1.5}
.horetsu-story table {border-collapse: collapse}
.horetsu-story caption {text-align: left; font-weight: bold}
.horetsu-story th, .horetsu-story td {text-align: left; padding: .2em .8em .2em 0; overflow-wrap: anywhere}
</style>"""
"""Each label stands beside its buttons; what is chosen, and where the keyboard stands, shows without colour too."""


def form(client: Client, *, date: dt.date | None = None) -> ipywidgets.Widget:
    """Offer a form that records into the client's own file; `date` is the day that stands in it first, or today."""
    return _Form(client, date or recording.current_day(client)).box


class _Form:
    """The form's parts, and what happens when one of them is used."""

    def __init__(self, client: Client, date: dt.date) -> None:
        self.client = client
        self.earlier: Sequence[Record] = ()
        self.saved: Saved | None = None
        faces = [(f"{face} {emotion}", emotion) for emotion, face in FACES.items()]
        self.customer = Combobox(description="お客様の番号", placeholder="例: C0001", style=_LABEL)
        self.score = _buttons("変化の点数", [(str(score), score) for score in SCORES], "4em")
        self.emotion = _buttons("気持ち", faces, "7em")
        self.date = DatePicker(description=DAY, value=date, style=_LABEL)
        self.note = Textarea(
            description="メモ", placeholder="ひとこと(空でもかまいません)", rows=2, style=_LABEL, layout=_WIDE
        )
        self.purpose = Text(description="購入の目的", placeholder="はじめての方だけ(空でもかまいません)", style=_LABEL)
        self.purpose.layout = _WIDE
        self.save, self.undo = Button(description="記録する", button_style="primary"), Button(description="取り消す")
        self.result, self.last = HTML(), HTML()
        self.save.on_click(lambda _: self._plainly(self._save))
        self.undo.on_click(lambda _: self._plainly(self._undo))
        self.customer.observe(lambda _: self._ask_purpose(), names="value")
        scores = HBox([self.score, HTML(escape(SCALE))], layout={"flex_flow": "row wrap"})
        inputs = [self.customer, scores, self.emotion, self.date, self.note, self.purpose]
        self.box = VBox([HTML(_STYLE), *inputs, HBox([self.save, self.undo]), self.result, self.last])
        self.box.add_class("horetsu-story")
        self._empty()
        self._refresh()

    def _save(self) -> str:
        cells = (self.customer.value, self.date.value, self.score.value, self.emotion.value or "")
        note, purpose = ledger.cleaned(self.note.value), ledger.cleaned(self.purpose.value)
        record = story_records.spelled(Record(*cells, note, purpose), self.earlier)
        self.saved = story_records.save(self.client, record)
        told = story_records.said(self.saved, record, self.earlier)
        self._empty()
        self._refresh()
        self.customer.focus()
        return told

    def _undo(self) -> str:
        if self.saved is None:
            return "取り消す記録がありません。"
        recording.undo(self.saved)
        self.saved = None
        self._refresh()
        return "さきほどの記録を取り消しました。"

    def _empty(self) -> None:
        """Make ready for the next customer; the day stays."""
        self.customer.value = self.note.value = self.purpose.value = ""
        self.score.value = self.emotion.value = None

    def _refresh(self) -> None:
        """Show the last records, and whether there is one to take back."""
        self.undo.layout.display = "" if self.saved else "none"
        try:
            self.earlier = story_records.of(self.client)
        except HoretsuError as error:
            self.last.value = f"<p>これまでの記録を読めませんでした。{escape(str(error))}</p>"
            return
        self.customer.options = story_records.customers(self.earlier)
        self.last.value = _shown(self.earlier[:SHOWN])
        self._ask_purpose()

    def _ask_purpose(self) -> None:
        """Ask why somebody bought only of whom there is no record yet."""
        told = story_records.spelled(Record(self.customer.value, None, None, ""), self.earlier).customer_id
        is_new = told and told not in self.customer.options
        self.purpose.layout.display = "" if is_new else "none"

    def _plainly(self, act: Callable[[], str]) -> None:
        self.result.value = widgets.told(act)


def _buttons(label: str, options: Sequence[tuple[str, object]], width: str) -> ToggleButtons:
    return ToggleButtons(description=label, options=options, value=None, style=_LABEL | {"button_width": width})


def _shown(records: Sequence[Record]) -> str:
    """Return the last records as a table."""
    if not records:
        return "<p>記録は、まだありません。</p>"
    rows = [
        (wording.day(each.date) if each.date else "", each.customer_id, str(each.change_score), each.face, each.note)
        for each in records
    ]
    cells = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("日付", "お客様", "点数", "気持ち", "メモ"))
    caption = f"さいごの{len(records)}件(新しい順)"
    return f"<table><caption>{caption}</caption><thead><tr>{heads}</tr></thead><tbody>{cells}</tbody></table>"
