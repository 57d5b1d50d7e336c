"""How a text file is laid out: its delimiter, its quotes, and where its header stands."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from horetsu_utils.errors import InputError
from horetsu_utils.ingest.survey import CHUNK_BYTES, Survey, opened, undecodable_line, unknown_encoding, whole

HEADER_ROWS = 30
"""The header is looked for among so many rows: some exports put a title or a note above it."""

_NOTHING = '\0 \u3000\t\r\n,;"'
"""A file of nothing but these has no filled cell."""
_QUOTING: dict[bool, Literal[0, 3]] = {True: csv.QUOTE_MINIMAL, False: csv.QUOTE_NONE}

IsHeader: TypeAlias = Callable[[tuple[str, ...]], bool]


@dataclass(frozen=True)
class Layout:
    """How a text file is laid out. `above` counts the rows over its header; `rows` are the first ones."""

    header: tuple[str, ...]
    delimiter: str
    quoted: bool
    above: int
    header_only: bool
    rows: list[tuple[str, ...]]


def layout(path: Path, found: Survey, is_header: IsHeader) -> Layout:
    """Find how a text file is laid out from its first rows.

    Errors
        InputError for an empty file, an open quote, or bytes that are no text
    """
    try:
        with whole(path), opened(path, found.encoding) as text:
            sample = text.read(CHUNK_BYTES)
    except UnicodeDecodeError as error:
        raise unknown_encoding(path, undecodable_line(path, found.encoding)) from error
    if not sample.strip(_NOTHING):
        raise InputError(
            "ファイルが空です。", where=path.name, next_step="もう一度書き出すか、client.yaml から外してください。"
        )
    starts_quoted = sample.lstrip().startswith('"')
    layouts = [
        _with_delimiter(path, sample, mark, mark != "\t" or starts_quoted, is_header) for mark in (",", "\t", ";")
    ]
    return max(layouts, key=lambda layout: (is_header(layout.header), len(layout.header), _usual_width(layout.rows)))


def _usual_width(rows: list[tuple[str, ...]]) -> int:
    """Return the width that most rows have: below a title of one cell it tells the right delimiter."""
    counts = Counter(len(row) for row in rows if any(row))
    return max(counts, key=lambda width: (counts[width], width), default=0)


def _with_delimiter(path: Path, sample: str, delimiter: str, quoted: bool, is_header: IsHeader) -> Layout:
    """Read the first rows with one delimiter; the layout tells where the header stands, and if nothing is below it."""
    lines = io.StringIO(sample, newline="")
    reader = csv.reader(lines, delimiter=delimiter, quotechar='"' if quoted else None, quoting=_QUOTING[quoted])
    rows: list[tuple[str, ...]] = []
    overlong = False
    try:
        for row in reader:
            rows.append(tuple(name.replace("\0", "").strip() for name in row))
            if sum(map(any, rows)) > HEADER_ROWS:
                break
    except csv.Error:  # one cell has grown beyond all measure
        if not any(map(any, rows)):
            refuse_open_quote(path, len(rows) + 1)
            raise
        overlong = True
    above = header_at(rows, is_header) or 0
    below = overlong or any(rows[above + 1 :]) or bool(lines.read().strip())
    return Layout(rows[above], delimiter, quoted, above, not below, rows)


def header_at(rows: Iterable[tuple[str, ...]], is_header: IsHeader) -> int | None:
    """Return the place of the header: the first row that looks like it, or else the first that is not blank."""
    first = None
    for place, row in enumerate(rows):
        if first is None and any(row):
            first = place
        if is_header(row):
            return place
        if first is not None and place >= first + HEADER_ROWS:
            break
    return first


def is_blank(text: str, laid: Layout) -> bool:
    """Tell whether one row of a file, as it is written there, has no filled cell."""
    if text.strip(_NOTHING):
        return False
    quotes = '"' if laid.quoted else None
    rows = csv.reader(
        io.StringIO(text, newline=""), delimiter=laid.delimiter, quotechar=quotes, quoting=_QUOTING[laid.quoted]
    )
    return not any(cell.replace("\0", "").strip() for row in rows for cell in row)


def refuse_open_quote(path: Path, row: int | None) -> None:
    """Say in which row a quote opens that nothing closes, if there is one."""
    if row is not None:
        raise InputError(
            '引用符「"」が閉じていないため、そこから先を読み分けられません。',
            where=f"{path.name} {row:,}行目",
            next_step="この行の引用符を直すか、もう一度書き出してください。",
        )
