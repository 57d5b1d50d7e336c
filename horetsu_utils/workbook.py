"""Tables as one Excel workbook: what is in a cell stays what it was, and nothing in it can run."""

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from pathlib import Path

import numpy as np
import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from horetsu_utils import placing

Cell = str | float | dt.date | None

MOST_ROWS = 100_000
MOST_SIGNS = 32_767
"""What a cell holds, in units of UTF-16. Source: Microsoft, Excel specifications and limits."""
MOST_NAME_SIGNS = 31
LONGEST_NUMBER = 10**15
"""Excel keeps 15 digits; a longer whole number names something (an order, a parcel) and must not lose one."""
FIRST_DAY = dt.date(1900, 3, 1)
"""Excel knows no day before 1900, and before this one counts a 29 February that never was."""
NAMELESS = "表"
NAMES_TAKEN = ("history",)
"""Excel keeps this name of a sheet for itself."""
CUT = "…(長いため、ここまで)"
CREATED = dt.datetime(2000, 1, 1)
"""Stands in every workbook: with the real time, two workbooks of the same tables would differ."""
NARROWEST, WIDEST, EDGE = 8, 48, 3
"""Widths of a column in half-width signs; the edge is for the filter's button."""

_NOT_IN_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_IN_NAMES = re.compile(r"[][:*?/\\¥［］：＊？／＼￥\s]+")
_STARTS_A_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\n")
_OPTIONS = {
    "constant_memory": True,
    "use_zip64": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_STYLES: dict[str, dict[str, object]] = {
    "heading": {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8EEF4", "bottom": 1},
    "text": {"valign": "top"},
    "wrapped": {"valign": "top", "text_wrap": True},
    # the mark that Excel itself sets before text: it stays text even when somebody edits the cell
    "guarded": {"valign": "top", "text_wrap": True, "quote_prefix": True},
    "whole": {"valign": "top", "num_format": "#,##0"},
    "broken": {"valign": "top", "num_format": "#,##0.0##"},
    "day": {"valign": "top", "num_format": "yyyy/mm/dd"},
    "moment": {"valign": "top", "num_format": "yyyy/mm/dd hh:mm"},
}
_LOOKS = {"whole": ",.0f", "broken": ",.3f", "day": "%Y/%m/%d", "moment": "%Y/%m/%d %H:%M"}
"""The same looks as Python writes them, to measure widths."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """One table under its name: the frame's columns are the headings, its index is left out, the note stands below."""

    name: str
    frame: pd.DataFrame
    note: str = ""


@dataclass(frozen=True, eq=False)
class _Column:
    heading: str
    cells: list[Cell]
    number_style: str
    date_style: str

    def style(self, cell: str | float | dt.date) -> str:
        """Tell the look of a cell; numbers of one column look alike, and so do its dates."""
        if isinstance(cell, str):
            if cell.startswith(_STARTS_A_FORMULA):
                return "guarded"
            return "wrapped" if "\n" in cell or _signs(cell) > WIDEST - EDGE else "text"
        return self.number_style if isinstance(cell, float) else self.date_style

    def width(self) -> int:
        """Return the width at which the longest line can be read, within bounds."""
        known = [cell for cell in self.cells if cell is not None]
        shown = [cell if isinstance(cell, str) else format(cell, _LOOKS[self.style(cell)]) for cell in known]
        longest = max(_signs(text) for text in (self.heading, *shown))
        return min(max(longest + EDGE, NARROWEST), WIDEST)


def write(path: Path, sheets: Sequence[Sheet]) -> Path:
    """Write tables into one workbook, whole or not at all; the same tables give the same bytes.

    Numbers and dates stay what they are, truth becomes はい or いいえ, what is unknown stays empty, and the rest is
    text that cannot become a formula or a link. Signs unknown to XML are left out; a text too long is cut and says so.

    Shape
        one sheet per table, in order: headings (frozen, with a filter), MOST_ROWS rows at most, a blank row, the notes
    Errors
        PlacingError when the folder cannot be written
    Source
        Microsoft, Excel specifications and limits
    """
    with placing.appearing(path) as made:
        book = Workbook(made, {**_OPTIONS, "tmpdir": str(made.parent)})
        book.set_properties({"created": CREATED})
        styles = {name: book.add_format(style) for name, style in _STYLES.items()}
        for name, sheet in zip(_names(sheets), sheets, strict=True):
            _fill(book.add_worksheet(name), sheet, styles)
        try:
            book.close()
        except FileCreateError as error:
            raise error.args[0] if isinstance(error.args[0], OSError) else OSError(str(error)) from error
    return path


def _names(sheets: Sequence[Sheet]) -> Iterator[str]:
    """Make names that Excel takes: no forbidden sign, not too long, no two alike."""
    taken = set(NAMES_TAKEN)
    for sheet in sheets:
        legal = _NOT_IN_NAMES.sub(" ", _NOT_IN_XML.sub("", sheet.name)).strip(" '") or NAMELESS
        name, number = _shorten(legal, MOST_NAME_SIGNS), 1
        while _folded(name) in taken:
            number += 1
            ending = f" ({number})"
            name = _shorten(legal, MOST_NAME_SIGNS - len(ending)) + ending
        taken.add(_folded(name))
        yield name


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def _shorten(text: str, most: int) -> str:
    """Cut a text to so many units of UTF-16, not through a sign, and leave no end that a name must not have."""
    units = text.encode("utf-16-le")
    return text if len(units) <= 2 * most else units[: 2 * most].decode("utf-16-le", "ignore").rstrip(" '")


def _fill(worksheet: Worksheet, sheet: Sheet, styles: dict[str, Format]) -> None:
    shown = sheet.frame.head(MOST_ROWS)
    columns = [_column(shown.iloc[:, place]) for place in range(shown.shape[1])]
    for place, column in enumerate(columns):
        worksheet.set_column(place, place, column.width())
        worksheet.write_string(0, place, column.heading, styles["heading"])
    for row in range(len(shown)):
        for place, column in enumerate(columns):
            cell = column.cells[row]
            if cell is not None:
                _put(worksheet, (row + 1, place), cell, styles[column.style(cell)])
    if columns:
        worksheet.freeze_panes(1, 0)
        worksheet.autofilter(0, 0, len(shown), len(columns) - 1)
    for line, note in enumerate(_notes(sheet), start=len(shown) + 2):
        worksheet.write_string(line, 0, _text(note), styles["text"])


def _put(worksheet: Worksheet, place: tuple[int, int], cell: str | float | dt.date, style: Format) -> None:
    """Write a cell by its kind: XlsxWriter's own `write` would guess."""
    if isinstance(cell, str):
        worksheet.write_string(*place, cell, style)
    elif isinstance(cell, float):
        worksheet.write_number(*place, cell, style)
    else:
        worksheet.write_datetime(*place, cell, style)


def _notes(sheet: Sheet) -> Iterator[str]:
    left = len(sheet.frame) - MOST_ROWS
    if sheet.note:
        yield sheet.note
    if left > 0:
        yield f"この表は長いため、はじめの{MOST_ROWS:,}行だけを載せています。このほかに{left:,}行あります。"


def _column(values: pd.Series) -> _Column:
    cells = [None if unknown else _cell(value) for value, unknown in zip(values, values.isna(), strict=True)]
    whole = all(cell.is_integer() for cell in cells if isinstance(cell, float))
    timed = any(cell.time() != dt.time() for cell in cells if isinstance(cell, dt.datetime))
    return _Column(_text(values.name), cells, "whole" if whole else "broken", "moment" if timed else "day")


def _cell(value: object) -> Cell:
    if isinstance(value, bool | np.bool_):
        return "はい" if value else "いいえ"
    if isinstance(value, dt.datetime):
        # clock time as it stands, without zone and nanoseconds, which Excel does not know
        moment = dt.datetime.combine(value.date(), value.time())
        return moment if value.date() >= FIRST_DAY else str(moment)
    if isinstance(value, dt.date):
        return value if value >= FIRST_DAY else str(value)
    if isinstance(value, Real | Decimal) and math.isfinite(value):
        exact = isinstance(value, float) or abs(float(value)) < LONGEST_NUMBER
        return float(value) if exact else str(value)
    return _text(value) or None


def _text(value: object) -> str:
    text = _NOT_IN_XML.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n"))
    if text.startswith("<r>") and text.endswith("</r>"):
        text += " "  # XlsxWriter takes such a text for its own rich text and would write it unescaped
    whole = _shorten(text, MOST_SIGNS)
    return text if whole == text else _shorten(text, MOST_SIGNS - len(CUT)) + CUT


def _signs(text: str) -> int:
    """Measure the longest line in half-width signs: in cp932 a full-width sign is two bytes, others are one."""
    return max(len(line.encode("cp932", "replace")) for line in text.split("\n"))
