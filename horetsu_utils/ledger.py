"""One table's own text file, record by record: what nobody touches stays as it was written."""

import codecs
import csv
import io
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Literal

from horetsu_utils.errors import HoretsuError, InputError
from horetsu_utils.ingest.layout import IsHeader, Layout, layout, refuse_open_quote
from horetsu_utils.ingest.survey import survey, unclosed_row, undecodable_line, unknown_encoding

LARGEST_BYTES = 100_000_000
"""A file that people write by hand does not grow beyond this; it is read whole."""
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SAME_IN_CP932 = str.maketrans("〜−—‖¢£¬", "～－―∥￠￡￢")
"""Signs that some keyboards write in a form unknown to cp932, which has the same sign under another number."""


class RecordingError(HoretsuError):
    """Something could not be recorded; what was recorded before is as it was."""


@dataclass(frozen=True)
class Record:
    """One record: as it is written, with its line end, and its cells."""

    raw: str
    cells: tuple[str, ...]

    @property
    def told(self) -> tuple[str, ...]:
        """The cells without the empty ones at the end, by which a record is known again when columns are added."""
        filled = [place for place, cell in enumerate(self.cells) if cell]
        return self.cells[: filled[-1] + 1] if filled else ()


@dataclass(frozen=True)
class Ledger:
    """A text file: how it is written, and its records, titles above the header and blank lines among them.

    `mark` is the byte order mark, `end` the line end, `above` the number of records over the header.
    """

    records: tuple[Record, ...]
    mark: bytes = codecs.BOM_UTF8
    encoding: str = "utf-8"
    delimiter: str = ","
    quoted: bool = True
    end: str = "\r\n"
    above: int = 0

    @property
    def header(self) -> tuple[str, ...]:
        """The headings."""
        return self.records[self.above].cells

    @property
    def rows(self) -> dict[int, Record]:
        """The records below the header that have a filled cell, by their place."""
        return {place: each for place, each in enumerate(self.records) if place > self.above and each.told}

    def with_headings(self, names: Sequence[str]) -> "Ledger":
        """Return the ledger with columns added at the end, empty in every row."""
        if not names:
            return self
        width = len(self.header)
        heading = self._record((*self.header, *names))
        added = self.delimiter + self._record(names).raw.rstrip("\r\n")
        raw = _before_end(self.records[self.above].raw, added, self.end)
        below = self.records[self.above + 1 :]
        rows = [self._widened(each, width, len(names)) for each in below]
        records = [*self.records[: self.above], Record(raw, heading.cells), *rows]
        return replace(self, records=tuple(records))

    def with_rows(self, rows: Iterable[Sequence[str]]) -> "Ledger":
        """Return the ledger with rows added at the end."""
        *others, last = self.records
        last = replace(last, raw=_before_end(last.raw, "", self.end))
        return replace(self, records=(*others, last, *map(self._record, rows)))

    def without(self, places: Collection[int]) -> "Ledger":
        """Return the ledger without the records at some places."""
        return replace(self, records=tuple(each for place, each in enumerate(self.records) if place not in places))

    def filled(self, cells: Sequence[str], places: Collection[int]) -> list[str]:
        """Return the cells of a row, the empty ones filled from the records at some places, the last one first."""
        row = list(cells)
        for place in sorted(places, reverse=True):
            row = [new or old for new, old in zip_longest(row, self.records[place].cells, fillvalue="")]
        return row

    def to_bytes(self, where: str) -> bytes:
        """Return the file's bytes.

        Errors
            RecordingError naming the character that the file's encoding does not have
        """
        text = "".join(each.raw for each in self.records)
        try:
            return self.mark + text.encode(self.encoding)
        except UnicodeEncodeError as error:
            raise RecordingError(
                f"「{text[error.start]}」という文字は、このファイルの文字コード(Shift_JIS)では書けません。"
                "何も記録していません。",
                where=where,
                next_step="この文字を使わずに書き直すか、このファイルを表計算ソフトで開き、"
                "「CSV UTF-8」で保存し直してから、もう一度記録してください。",
            ) from error

    def _record(self, cells: Sequence[str]) -> Record:
        if self.encoding == "cp932":
            cells = [cell.translate(_SAME_IN_CP932) for cell in cells]
        if not self.quoted:  # such a file has no way to write a tab or a line end in a cell
            cells = [" ".join(cell.split()) for cell in cells]
            return Record(self.delimiter.join(cells) + self.end, tuple(cells))
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self.delimiter, lineterminator=self.end).writerow(cells)
        return Record(text.getvalue(), tuple(cells))

    def _widened(self, record: Record, width: int, added: int) -> Record:
        """Give a record its empty cells, but for blank lines and those that have too many cells already."""
        if not record.told or len(record.cells) > width:
            return record
        missing = width - len(record.cells) + added
        raw = _before_end(record.raw, self.delimiter * missing, self.end)
        return Record(raw, (*record.cells, *[""] * missing))


def blank(headings: Sequence[str]) -> Ledger:
    """Return a new ledger with nothing but headings, in UTF-8 with its mark, so that a spreadsheet opens it."""
    empty = Ledger(())
    return replace(empty, records=(empty._record(headings),))


def read(path: Path, is_header: IsHeader) -> Ledger:
    """Read a CSV or TSV file of any encoding that the kit reads.

    Errors
        InputError for an open quote, bytes in no known encoding, or a file too large to have been written by hand
    """
    if path.stat().st_size > LARGEST_BYTES:
        raise InputError(
            "ファイルが大きすぎるため、書き足せません。",
            where=path.name,
            next_step="年ごとなどに、ファイルを分けてください。",
        )
    found = survey(path)
    laid = layout(path, found, is_header)
    if laid.quoted and found.odd_quotes:
        refuse_open_quote(path, unclosed_row(path, found.encoding, laid.delimiter))
    data = path.read_bytes()
    mark, encoding = next((each for each in _MARKS if data.startswith(each[0])), (b"", found.encoding))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        raise unknown_encoding(path, undecodable_line(path, found.encoding)) from error
    try:
        records = tuple(_records(text, laid))
    except csv.Error as error:  # one cell has grown beyond all measure
        raise InputError(
            "1つのセルが長すぎるため、書き足せません。", where=path.name, next_step="長い文を短くしてください。"
        ) from error
    header = records[laid.above].raw
    end = header[len(header.rstrip("\r\n")) :] or "\r\n"
    return Ledger(records, mark, encoding, laid.delimiter, laid.quoted, end, laid.above)


def cleaned(text: str) -> str:
    """Return what somebody has typed without control characters, half characters, and the spaces around it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs")).strip()


def _records(text: str, laid: Layout) -> Iterable[Record]:
    """Split a text into records, each with the lines it was read from."""
    lines = list(io.StringIO(text, newline=""))
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if laid.quoted else csv.QUOTE_NONE
    reader = csv.reader(lines, delimiter=laid.delimiter, quotechar='"' if laid.quoted else None, quoting=quoting)
    before = 0
    for cells in reader:
        raw = "".join(lines[before : reader.line_num])
        before = reader.line_num
        yield Record(raw, tuple(cell.replace("\0", "").strip() for cell in cells))


def _before_end(raw: str, added: str, end: str) -> str:
    """Put something at the end of a record, before its line end; one without a line end gets one."""
    body = raw.rstrip("\r\n")
    return body + added + (raw[len(body) :] or end)
