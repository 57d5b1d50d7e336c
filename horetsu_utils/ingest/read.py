"""Bytes → text columns: any supported file becomes numbered rows of text, nothing guessed about their meaning."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from horetsu_utils.errors import InputError
from horetsu_utils.ingest import sheets
from horetsu_utils.ingest.survey import CHUNK_BYTES, is_gzip, opened, survey, unclosed_row

ROW = "_row"
"""The record's number in the file as a spreadsheet counts it: the header is 1."""

BLOCK_BYTES = 1 << 22
RAGGED_KEPT = 10_000
"""Rows of differing width beyond this many are counted, but their text is not kept."""

_QUOTING: dict[bool, Literal[0, 3]] = {True: csv.QUOTE_MINIMAL, False: csv.QUOTE_NONE}
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


@dataclass(frozen=True)
class _Layout:
    """How a text file is laid out. `above` counts the blank lines over its header."""

    header: tuple[str, ...]
    delimiter: str
    quoted: bool
    above: int
    header_only: bool


def read(path: Path) -> TextFile:
    """Open one file of a shop as numbered rows of text.

    Shape
        a CSV, TSV, .gz of these, .xlsx or Parquet file -> header and a stream of text batches
    Errors
        InputError for an unknown kind of file, an empty file, bytes in no known encoding, or an open quote
    Source
        FORMATS.md (rules for all)
    """
    kinds = [suffix.lower() for suffix in path.suffixes[-2:]]
    kind = kinds[0] if kinds[-1:] == [".gz"] else (kinds[-1] if kinds else "")
    if kind in _TEXT:
        return _read_text(path)
    if kind == ".xlsx":
        header, batches, first = sheets.read_xlsx(path)
        return TextFile(path, header, "xlsx", _numbered(batches, len(header), [], first=first))
    if kind == ".parquet":
        header, batches = sheets.read_parquet(path)
        return TextFile(path, header, "parquet", _numbered(batches, len(header), [], first=2))
    raise InputError(
        "読めない種類のファイルです。", where=str(path.name), next_step=f"{SUPPORTED} で書き出してください。"
    )


def _read_text(path: Path) -> TextFile:
    found = survey(path)
    layout = _layout(path, found.encoding)
    if layout.quoted and found.odd_quotes:
        _refuse_open_quote(path, unclosed_row(path, found.encoding, layout.delimiter))
    ragged: list[Ragged] = []
    stream = iter(()) if layout.header_only else _csv_stream(path, found.encoding, layout, ragged)
    width, first = len(layout.header), layout.above + 2
    batches = _numbered(stream, width, ragged, first=first, has_nul=found.has_nul)
    return TextFile(path, layout.header, found.encoding, batches, ragged)


def _refuse_open_quote(path: Path, row: int | None) -> None:
    if row is not None:
        raise InputError(
            '引用符「"」が閉じていないため、そこから先を読み分けられません。',
            where=f"{path.name} {row:,}行目",
            next_step="この行の引用符を直すか、もう一度書き出してください。",
        )


def _layout(path: Path, encoding: str) -> _Layout:
    with opened(path, encoding) as text:
        sample = text.read(CHUNK_BYTES)
    if not sample.strip("\0 \t\r\n"):
        raise InputError(
            "ファイルが空です。", where=path.name, next_step="もう一度書き出すか、client.yaml から外してください。"
        )
    starts_quoted = sample.lstrip().startswith('"')
    found = {mark: _first_rows(path, sample, mark, mark != "\t" or starts_quoted) for mark in (",", "\t", ";")}
    delimiter = max(found, key=lambda mark: len(found[mark][0]))
    header, above, header_only = found[delimiter]
    return _Layout(header, delimiter, delimiter != "\t" or starts_quoted, above, header_only)


def _first_rows(path: Path, sample: str, delimiter: str, quoted: bool) -> tuple[tuple[str, ...], int, bool]:
    """Return the header with one delimiter, the blank lines above it, and whether nothing stands below it."""
    lines = io.StringIO(sample, newline="")
    rows = csv.reader(lines, delimiter=delimiter, quotechar='"' if quoted else None, quoting=_QUOTING[quoted])
    above = 0
    try:
        while not any(header := next(rows)):
            above += 1
    except csv.Error:  # one heading has grown beyond all measure
        _refuse_open_quote(path, above + 1)
        raise
    names = tuple(name.replace("\0", "").strip() for name in header)
    return names, above, not lines.read().strip()


def _csv_stream(path: Path, encoding: str, layout: _Layout, ragged: list[Ragged]) -> Iterator[pa.RecordBatch]:
    names = [f"c{index}" for index in range(len(layout.header))]
    reader = pa.csv.open_csv(
        pa.input_stream(str(path), compression="gzip" if is_gzip(path) else None),
        read_options=pa.csv.ReadOptions(
            use_threads=False,
            block_size=BLOCK_BYTES,
            column_names=names,
            skip_rows_after_names=layout.above + 1,
            encoding="utf8" if encoding.startswith("utf-8") else encoding,
        ),
        parse_options=pa.csv.ParseOptions(
            delimiter=layout.delimiter,
            quote_char='"' if layout.quoted else False,
            newlines_in_values=layout.quoted,
            ignore_empty_lines=False,
            invalid_row_handler=partial(_set_aside, ragged),
        ),
        convert_options=pa.csv.ConvertOptions(
            column_types={name: pa.string() for name in names}, strings_can_be_null=False
        ),
    )
    yield from reader


def _set_aside(ragged: list[Ragged], invalid: pa.csv.InvalidRow) -> str:
    text = invalid.text.replace("\0", "") if len(ragged) < RAGGED_KEPT else ""
    ragged.append(Ragged(invalid.number, invalid.actual_columns, text))
    return "skip"


def _numbered(
    batches: Iterator[pa.RecordBatch], width: int, ragged: list[Ragged], *, first: int, has_nul: bool = False
) -> pa.RecordBatchReader:
    """Put the record's number before each row; numbers of rows set aside so far are skipped."""
    schema = pa.schema([(ROW, pa.int64()), *((f"c{index}", pa.string()) for index in range(width))])

    def numbered() -> Iterator[pa.RecordBatch]:
        following, seen = first, 0
        for batch in batches:
            gaps = np.array([bad.row for bad in ragged[seen:]], dtype="int64")
            span = np.arange(following, following + batch.num_rows + len(gaps))
            rows = np.setdiff1d(span, gaps, assume_unique=True)[: batch.num_rows]
            if len(rows):
                following = int(rows[-1]) + 1
                seen += int((gaps < following).sum())
            cells = [_trimmed(_without_nul(column) if has_nul else column) for column in batch.columns]
            yield _filled(pa.record_batch([pa.array(rows), *cells], schema=schema))

    return pa.RecordBatchReader.from_batches(schema, numbered())


def _without_nul(cells: pa.Array) -> pa.Array:
    return pc.replace_substring(cells, "\0", "")


def _trimmed(cells: pa.Array) -> pa.Array:
    """Drop the spaces around every cell, full-width ones too."""
    ascii_only = pc.all(pc.string_is_ascii(cells)).as_py()
    return pc.ascii_trim_whitespace(cells) if ascii_only else pc.utf8_trim_whitespace(cells)


def _filled(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Drop the rows without a single filled cell: a blank line is no row."""
    blank = pc.equal(batch.column(1), "")
    if not pc.any(blank).as_py():
        return batch
    for column in batch.columns[2:]:
        blank = pc.and_(blank, pc.equal(column, ""))
    return batch.filter(pc.invert(blank))
