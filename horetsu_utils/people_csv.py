"""The list of customers → customers.csv, for the shop's own systems: no cell of it can run in a spreadsheet."""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from horetsu_utils import placing
from horetsu_utils.people_book import worded
from horetsu_utils.people_settings import COLUMNS

FILE = "customers.csv"
UNWRITABLE = "〓"
"""Stands for a sign that the encoding does not know, as printers have long done."""
BOM = "\ufeff"
TWINS = str.maketrans("〜−‖¢£¬—¥", "～－∥￠￡￢―￥", "\u200d\ufe0e\ufe0f")
"""Signs that other tables of Shift_JIS have in the place where Microsoft's has a twin; what only joins signs goes."""
_INVISIBLE = r"\s\x00-\x1f\x7f\xa0\xad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff"
_COULD_RUN = re.compile(rf"[{_INVISIBLE}]*[=+\-@＝＋－＠]|[ \u3000\xa0]*[\t\r\n]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def write(
    path: Path,
    frame: pd.DataFrame,
    *,
    encoding: str = "utf-8",
    columns: Sequence[str] = COLUMNS,
    currency: str = "JPY",
) -> int:
    """Write the customers' list whole or not at all; return how many signs the encoding could not write.

    Shape
        people.People.frame, in either edition -> a row of Japanese headings, one row per customer, lines end in CRLF;
        UTF-8 begins with a mark by which spreadsheets know it
    Errors
        PlacingError when the folder cannot be written
    Source
        RFC 4180; OWASP, CSV Injection
    """
    shown = worded(frame, columns, currency)
    twins: dict[int, int | None] = TWINS if encoding == "cp932" else {}
    cells = [[_cell(cell, twins) for cell in _known(shown.iloc[:, place])] for place in range(shown.shape[1])]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([str(heading).translate(twins) for heading in shown.columns])
    writer.writerows(zip(*cells, strict=True))
    content, replaced = _writable(text.getvalue(), encoding)
    mark = BOM if encoding == "utf-8" else ""
    placing.place({path: (mark + content).encode(encoding)})
    return replaced


def _known(values: pd.Series) -> Iterator[object]:
    """Yield a column's cells; what is unknown is None."""
    for value, unknown in zip(values, values.isna(), strict=True):
        yield None if unknown else value


def _cell(value: object, twins: dict[int, int | None]) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | np.bool_):
        return "はい" if value else "いいえ"
    if isinstance(value, dt.date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else str(float(value))
    return _harmless(str(value).translate(twins))


def _harmless(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet could take for a formula."""
    return f"'{text}" if _COULD_RUN.match(text) and not _NUMBER.fullmatch(text) else text


def _writable(text: str, encoding: str) -> tuple[str, int]:
    """Replace the signs that an encoding does not know, and count them."""
    alien = "".join(sign for sign in sorted(set(text)) if not _knows(encoding, sign))
    return re.subn(f"[{re.escape(alien)}]", UNWRITABLE, text) if alien else (text, 0)


def _knows(encoding: str, sign: str) -> bool:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
