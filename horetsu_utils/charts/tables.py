"""Tables in Japanese: headings and figures worded, every text escaped."""

import datetime as dt
import html
from collections.abc import Mapping
from numbers import Number

import pandas as pd
from IPython.display import HTML

from horetsu_utils import wording
from horetsu_utils.words import CODES

YES, NO = "はい", "いいえ"
CARD_TEXTS = 2
"""A table with more columns of text than this becomes one card a row on a narrow screen."""


def table(
    frame: pd.DataFrame,
    columns: list[str] | None = None,
    *,
    names: Mapping[str, str] | None = None,
    currency: str = "JPY",
    caption: str = "",
    note: str = "",
) -> HTML:
    """Show a frame as people read it: Japanese headings, figures with their units, codes in words.

    `names` words codes that are the client's own, such as segments; the others are in words.CODES. `note` stands below.
    """
    shown = frame[columns] if columns else frame
    heads = "".join(
        f'<th scope="col"{_align(shown[column])}>{html.escape(_heading(column))}</th>' for column in shown.columns
    )
    rows = "".join(
        "<tr>" + "".join(_cell(column, value, names or {}, currency) for column, value in row.items()) + "</tr>"
        for row in shown.to_dict("records")
    )
    title = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    texts = sum(not _align(shown[column]) for column in shown.columns)
    look = "hz-table hz-cards" if texts > CARD_TEXTS else "hz-table"
    body = f'<table class="{look}">{title}<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    below = f'<p class="hz-note">{html.escape(note)}</p>' if note else ""
    return HTML(f'<div class="hz-scroll">{body}</div>{below}')


def remark(text: str) -> HTML:
    """Show one sentence in the place of a table."""
    return HTML(f'<p class="hz-remark">{html.escape(text)}</p>')


def told(frame: pd.DataFrame, caption: str, *, instead: str, note: str = "") -> HTML:
    """Show a frame that is worded already; where it has no rows a sentence, or nothing."""
    if len(frame):
        return table(frame, caption=caption, note=note)
    return remark(instead) if instead else HTML("")


def _heading(column: str) -> str:
    return wording.COLUMNS[column].japanese if column in wording.COLUMNS else column


def _align(values: pd.Series) -> str:
    number = pd.api.types.is_numeric_dtype(values) and values.name not in CODES
    return ' class="hz-number"' if number else ""


def _cell(column: object, value: object, names: Mapping[str, str], currency: str) -> str:
    name = str(column)
    label = f' data-label="{html.escape(_heading(name), quote=True)}"'
    number = isinstance(value, Number) and not isinstance(value, bool) and name not in CODES
    look = ' class="hz-number"' if number else ""
    return f"<td{look}{label}>{html.escape(_word(name, value, names, currency))}</td>"


def _word(name: str, value: object, names: Mapping[str, str], currency: str) -> str:
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return wording.NOTHING
    if name in CODES or isinstance(value, str):
        return names.get(str(value)) or wording.name(name, value)
    if isinstance(value, dt.date):
        return wording.day(value)
    if isinstance(value, bool):
        return YES if value else NO
    unit = wording.COLUMNS[name].unit if name in wording.COLUMNS else ""
    return wording.figure(float(value), unit, currency) if isinstance(value, Number) and unit else _plain(value)  # type: ignore[arg-type]


def _plain(value: object) -> str:
    return f"{value:,}" if isinstance(value, Number) else str(value)
