"""What the cells of a column look like: dates and how they are written, amounts, addresses, numbers of things."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from horetsu_utils.errors import shorten
from horetsu_utils.ingest import identity
from horetsu_utils.ingest.mapping import PLAIN_DATES

Cells = Sequence[str]

FITS = 0.9
"""This share (0-1) of a column's filled cells must read as what the column is taken for."""
PLAUSIBLE_YEARS = (1990, 2100)
PER_SHAPE = 20
"""So many cells of one shape are tried before a way of writing dates is given up."""

_DAYS: tuple[str, ...] = (
    *("%Y%m%d", "%d.%m.%Y", "%Y.%m.%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%y/%m/%d", "%y-%m-%d"),
    *("%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y"),
    *("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日"),
)
_TIMES = ("", " %H:%M:%S", " %H:%M", "T%H:%M:%S", " %I:%M:%S %p", " %I:%M %p", "%H:%M", " %H時%M分")
_REST = (*(day + time for day in _DAYS for time in _TIMES), "%Y%m%d%H%M%S", "%Y%m%d%H%M")
FORMS = tuple(dict.fromkeys((*PLAIN_DATES, *_REST)))
"""Every way of writing a day that is looked for, the plainest first."""
EPOCHS = {"epoch_s": 10, "epoch_ms": 13, "epoch_us": 16}
"""Counts from 1970, by their digits: from 2001 to 2286 these do not change."""

_CURRENCY = re.compile(r"\s*([¥\\$€£円]|JPY|USD|EUR|GBP)\s*")
_PLAIN = re.compile(r"[-+]?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?")
_EUROPEAN = re.compile(r"[-+]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?")
_TIME = re.compile(r"\d{1,2}:\d{2}(:\d{2})?|\d{1,2}時\d{1,2}分")
_ID = re.compile(r"'?[\w#][\w#./:-]{0,59}")
_PREFECTURE = re.compile(r"北海道|東京都|(京都|大阪)府|\w{2,3}県")


def half(text: str) -> str:
    """Fold a cell to its half-width form."""
    return unicodedata.normalize("NFKC", text).strip()


def harmless(text: object, width: int = 40) -> str:
    """Return a text of the file as one short line that no terminal and no comment can take for a command."""
    one_line = " ".join(str(text).split())
    return shorten("".join(letter for letter in one_line if letter.isprintable()), width)


def filled(cells: Cells) -> list[str]:
    """Return the cells in which something is written."""
    return [cell for cell in cells if cell.strip()]


def share(cells: Cells, test: Callable[[str], bool]) -> float:
    """Return the share (0-1) of the filled cells for which a test holds; 0 where none is filled."""
    written = filled(cells)
    known = {cell: test(cell) for cell in set(written)}
    return sum(known[cell] for cell in written) / len(written) if written else 0.0


def number(cell: str, *, european: bool = False) -> float | None:
    """Read an amount as the package does; None when it is none."""
    text = re.sub(r"^[-▲△]\s*", "-", re.sub(r"^\((.*)\)$", r"-\1", _CURRENCY.sub("", half(cell))))
    if not (_EUROPEAN if european else _PLAIN).fullmatch(text):
        return None
    return float(text.replace(".", "").replace(",", ".") if european else text.replace(",", ""))


def whole(cell: str) -> bool:
    """Tell whether a cell is a whole number."""
    value = number(cell)
    return value is not None and value.is_integer()


def mail(cell: str) -> bool:
    """Tell whether a cell is an e-mail address."""
    return bool(identity.mail(cell))


def phone(cell: str) -> bool:
    """Tell whether a cell is written as a phone number is in Japan."""
    text = half(cell)
    return text.startswith(("0", "+")) and bool(identity.phone(text)) and not re.search(r"[^\d+() -]", text)


def time_of_day(cell: str) -> bool:
    """Tell whether a cell is an hour and a minute."""
    return bool(_TIME.fullmatch(half(cell)))


def prefecture(cell: str) -> bool:
    """Tell whether a cell is a prefecture of Japan."""
    return bool(_PREFECTURE.fullmatch(half(cell)))


def identifier(cell: str) -> bool:
    """Tell whether a cell could be an id: one word, with nothing that only prose or an address has."""
    return bool(_ID.fullmatch(half(cell)))


def european(columns: Sequence[Cells]) -> bool:
    """Tell whether amounts are written `1.234,56`: some cells can only be read so, and none only the other way."""
    cells = {half(cell) for column in columns for cell in column}
    decimals = any(
        re.fullmatch(r"[-+]?(\d{1,3}(\.\d{3})+|\d+),\d{1,2}|[-+]?\d{1,3}(\.\d{3}){2,}", cell) for cell in cells
    )
    return decimals and not any(re.fullmatch(r"[-+]?(\d{1,3}(,\d{3})+|\d+)\.\d{1,2}", cell) for cell in cells)


Either: TypeAlias = tuple[tuple[str, str, dt.datetime], ...]
"""Two forms that differ over a day, each with the same cell and what it makes of it; or nothing."""


@dataclass(frozen=True)
class Dates:
    """How a column writes its days: `forms`, as few as read its cells, the `share` (0-1) of cells that these read,
    and `either` of two forms where only one can be right.
    """

    forms: tuple[str, ...] = ()
    share: float = 0.0
    either: Either = ()


def dates(cells: Cells, *, epochs: bool = False) -> Dates:
    """Find how days are written in a column. Counts from 1970 are looked for only where asked: many ids look alike."""
    written = sorted(set(map(half, filled(cells))))
    reads = {form: _reads(form, written) for form in _candidates(written)}
    if epochs:
        reads |= {form: _counts(written, digits) for form, digits in EPOCHS.items()}
    forms: list[str] = []
    unread = set(written)
    while unread and (best := max(reads, key=lambda form: len(unread & reads[form].keys()), default="")):
        if not unread & reads[best].keys():
            break
        forms.append(best)
        unread -= reads[best].keys()
    return Dates(tuple(forms), 1 - share(cells, lambda cell: half(cell) in unread), _either(forms, reads))


def _candidates(written: list[str]) -> list[str]:
    """List the forms that read some cell, trying only a few cells of each shape."""
    shapes: dict[str, list[str]] = {}
    for cell in written:
        shapes.setdefault(re.sub(r"[a-z]+", "a", re.sub(r"\d", "9", cell.casefold())), []).append(cell)
    if len(shapes) > PER_SHAPE * 2 or not any("99" in shape or "9" in shape for shape in shapes):
        return []
    tried = [cell for same in shapes.values() for cell in same[:: max(1, len(same) // PER_SHAPE)]]
    return [form for form in FORMS if any(_read(form, cell) for cell in tried)]


def _reads(form: str, written: list[str]) -> dict[str, dt.datetime]:
    return {cell: read for cell in written if (read := _read(form, cell))}


@lru_cache(maxsize=100_000)
def _read(form: str, cell: str) -> dt.datetime | None:
    try:
        read = dt.datetime.strptime(cell, form).replace(tzinfo=None)
    except ValueError:
        return None
    low, high = PLAUSIBLE_YEARS
    compact = form.startswith("%Y%m%d") and read.strftime(form) != cell  # 20261131 is no 1 January, 3:01
    return read if low <= read.year <= high and not compact else None


def _counts(written: list[str], digits: int) -> dict[str, dt.datetime]:
    fits = [cell for cell in written if re.fullmatch(rf"[12]\d{{{digits - 1}}}", cell)]
    return {cell: dt.datetime.fromtimestamp(int(cell[:10]), dt.UTC).replace(tzinfo=None) for cell in fits}


def _either(forms: list[str], reads: dict[str, dict[str, dt.datetime]]) -> Either:
    """Return two forms that both read all a chosen form reads, but make different days of one cell."""
    for chosen in forms:
        for other, known in reads.items():
            rival = other in forms or known.keys() >= reads[chosen].keys()
            differ = [cell for cell in reads[chosen] if cell in known and known[cell] != reads[chosen][cell]]
            if rival and differ:
                return tuple((form, differ[0], reads[form][differ[0]]) for form in (chosen, other))
    return ()
