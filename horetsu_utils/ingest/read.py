"""Bytes → text columns: any supported file becomes numbered rows of text, nothing guessed about their meaning."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from horetsu_utils.errors import InputError
from horetsu_utils.ingest import sheets
from horetsu_utils.ingest.cells import UndecodableError, trimmed
from horetsu_utils.ingest.layout import HEADER_ROWS, IsHeader, Layout, header_at, is_blank, layout, refuse_open_quote
from horetsu_utils.ingest.prefetch import ahead
from horetsu_utils.ingest.survey import (
    Survey,
    is_gzip,
    survey,
    unclosed_row,
    undecodable_line,
    unknown_encoding,
)

ROW = "_row"
"""The record's number in the file as a spreadsheet counts it: the header is 1."""

BLOCK_BYTES = 1 << 22
RAGGED_KEPT = 10_000
"""Rows of differing width beyond this many are counted, but their text is not kept."""

_TEXT = {".csv", ".tsv", ".txt"}
SUPPORTED = "CSV・TSV(.gz も可)・Excel(.xlsx)・Parquet"


@dataclass(frozen=True)
class Ragged:
    """A record whose number of cells differs from the header's."""

    row: int
    cells: int
    text: str


@dataclass(frozen=True)
class TextFile:
    """One file as text. `batches` has ROW and one trimmed text column c0, c1, … per heading.

    `ragged` fills while the batches are read. A line without a single filled cell is no row.
    """

    path: Path
    header: tuple[str, ...]
    encoding: str
    batches: pa.RecordBatchReader
    ragged: list[Ragged] = field(default_factory=list)


def read(path: Path, is_header: IsHeader = any) -> TextFile:
    """Open one file of a shop as numbered rows of text. The header is the first row that `is_header` accepts.

    Shape
        a CSV, TSV, .gz of these, .xlsx or Parquet file -> header and a stream of text batches
    Errors
        InputError for an unknown kind of file, an empty file, bytes in no known encoding, or an open quote
    Source
        FORMATS.md (rules for all)
    """
    match _kind(path):
        case "text":
            return _read_text(path, is_header)
        case "xlsx":
            header, batches, first = sheets.read_xlsx(path, lambda rows: header_at(rows, is_header))
            return TextFile(path, header, "xlsx", _numbered(batches, len(header), [], first=first))
        case "parquet":
            header, batches = sheets.read_parquet(path)
            return TextFile(path, header, "parquet", _numbered(batches, len(header), [], first=2))
    raise InputError(
        "読めない種類のファイルです。", where=str(path.name), next_step=f"{SUPPORTED} で書き出してください。"
    )


def readable(path: Path) -> bool:
    """Tell by its name whether a file is of a kind that can be read."""
    return _kind(path) != ""


def peek(path: Path) -> list[tuple[str, ...]]:
    """Return the first rows of a file as trimmed text, without guessing which of them is the header.

    Errors
        InputError as for `read`
    """
    match _kind(path):
        case "text":
            return layout(path, survey(path), any).rows
        case "xlsx":
            return sheets.first_rows(path, HEADER_ROWS)
        case "parquet":
            return [sheets.read_parquet(path)[0]]
    return []


def _kind(path: Path) -> str:
    kinds = [suffix.lower() for suffix in path.suffixes[-2:]]
    kind = kinds[0] if kinds[-1:] == [".gz"] else (kinds[-1] if kinds else "")
    return "text" if kind in _TEXT else kind.removeprefix(".") if kind in (".xlsx", ".parquet") else ""


def _read_text(path: Path, is_header: IsHeader) -> TextFile:
    found = survey(path)
    laid = layout(path, found, is_header)
    if laid.quoted and found.odd_quotes:
        refuse_open_quote(path, unclosed_row(path, found.encoding, laid.delimiter))
    ragged: list[Ragged] = []
    skipped: list[int] = []
    stream = iter(()) if laid.header_only else ahead(_csv_stream(path, found, laid, ragged, skipped))
    batches = _numbered(stream, len(laid.header), skipped, first=laid.above + 2)
    return TextFile(path, laid.header, found.encoding, batches, ragged)


def _csv_stream(
    path: Path, found: Survey, laid: Layout, ragged: list[Ragged], skipped: list[int]
) -> Iterator[pa.RecordBatch]:
    """Parse a file into trimmed text while the next part of it is being split into cells."""
    rows = 0
    try:
        for batch, encoding in ahead(_split(path, found, laid, partial(_set_aside, laid, ragged, skipped))):
            try:
                cells = [
                    trimmed(each, encoding, has_nul=found.has_nul, written_in=found.encoding) for each in batch.columns
                ]
            except UndecodableError as error:
                line = _line(laid.above + 2 + rows + error.place, skipped)
                raise unknown_encoding(path, max(line, found.not_utf8_from)) from error
            rows += batch.num_rows
            yield pa.record_batch(cells, names=batch.schema.names)
    except UnicodeDecodeError as error:
        raise unknown_encoding(path, undecodable_line(path, found.encoding)) from error


def _line(line: int, skipped: list[int]) -> int:
    """Return a row's number, with the rows before it that were skipped."""
    for number in sorted(skipped):
        line += number <= line
    return line


def _split(path: Path, found: Survey, laid: Layout, on_ragged: Callable) -> Iterator[tuple[pa.RecordBatch, str]]:
    """Split a file into cells: as bytes where no delimiter is part of a character, else as text.

    The parser can show an uneven row only in UTF-8: from the part of a cp932 file that has one, it goes on as text.
    """
    if found.encoding.startswith("utf-8"):
        yield from ((batch, found.encoding) for batch in _parsed(path, "utf8", laid, on_ragged))
        return
    rows = 0
    if found.encoding == "cp932":
        try:
            for batch in _parsed(path, "utf8", laid, None):
                yield batch, found.encoding
                rows += batch.num_rows
            return
        except pa.ArrowInvalid:
            pass
    for batch in _parsed(path, found.encoding, laid, on_ragged):
        rest = batch.slice(min(rows, batch.num_rows))
        rows -= batch.num_rows - rest.num_rows
        if rest.num_rows:
            yield rest, "utf-8"


def _parsed(path: Path, encoding: str, laid: Layout, on_ragged: Callable | None) -> pa.csv.CSVStreamingReader:
    names = [f"c{index}" for index in range(len(laid.header))]
    return pa.csv.open_csv(
        pa.input_stream(str(path), compression="gzip" if is_gzip(path) else None),
        read_options=pa.csv.ReadOptions(
            use_threads=False,
            block_size=BLOCK_BYTES,
            column_names=names,
            skip_rows_after_names=laid.above + 1,
            encoding=encoding,
        ),
        parse_options=pa.csv.ParseOptions(
            delimiter=laid.delimiter,
            quote_char='"' if laid.quoted else False,
            newlines_in_values=laid.quoted,
            ignore_empty_lines=False,
            invalid_row_handler=on_ragged,
        ),
        convert_options=pa.csv.ConvertOptions(
            column_types={name: pa.binary() for name in names}, strings_can_be_null=False
        ),
    )


def _set_aside(laid: Layout, ragged: list[Ragged], skipped: list[int], invalid: pa.csv.InvalidRow) -> str:
    text = invalid.text
    skipped.append(invalid.number)
    if not is_blank(text, laid):
        shown = text.replace("\0", "") if len(ragged) < RAGGED_KEPT else ""
        ragged.append(Ragged(invalid.number, invalid.actual_columns, shown))
    return "skip"


def _numbered(batches: Iterator[pa.RecordBatch], width: int, skipped: list[int], *, first: int) -> pa.RecordBatchReader:
    """Put the record's number before each row; those of rows set aside so far are left out."""
    schema = pa.schema([(ROW, pa.int64()), *((f"c{index}", pa.string()) for index in range(width))])

    def numbered() -> Iterator[pa.RecordBatch]:
        following, seen = first, 0
        for batch in batches:
            gaps = np.array(skipped[seen:], dtype="int64")
            span = np.arange(following, following + batch.num_rows + len(gaps))
            rows = np.setdiff1d(span, gaps, assume_unique=True)[: batch.num_rows]
            if len(rows):
                following = int(rows[-1]) + 1
                seen += int((gaps < following).sum())
            yield _filled(pa.record_batch([pa.array(rows), *batch.columns], schema=schema))

    return pa.RecordBatchReader.from_batches(schema, numbered())


def _filled(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Drop the rows without a single filled cell: a blank line is no row."""
    blank = pc.equal(batch.column(1), "")
    if not pc.any(blank).as_py():
        return batch
    for column in batch.columns[2:]:
        blank = pc.and_(blank, pc.equal(column, ""))
    return batch.filter(pc.invert(blank))
