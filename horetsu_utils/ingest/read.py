"""Bytes → text columns: any supported file becomes numbered rows of text, nothing guessed about their meaning."""

import codecs
import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from horetsu_utils.errors import InputError
from horetsu_utils.ingest import sheets

ROW = "_row"
"""The record's number in the file as a spreadsheet counts it: the header is 1."""

CHUNK_BYTES = 1 << 20
BLOCK_BYTES = 1 << 22
RAGGED_KEPT = 10_000
"""Rows of differing width beyond this many are counted, but their text is not kept."""

ENCODINGS = ("utf-8", "cp932")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
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

    `ragged` fills while the batches are read.
    """

    path: Path
    header: tuple[str, ...]
    encoding: str
    batches: pa.RecordBatchReader
    ragged: list[Ragged] = field(default_factory=list)


def read(path: Path) -> TextFile:
    """Open one file of a shop as numbered rows of text.

    Shape
        a CSV, TSV, .gz of these, .xlsx or Parquet file -> header and a stream of text batches
    Errors
        InputError for an unknown kind of file, an empty file, or bytes in no known encoding
    Source
        FORMATS.md (rules for all)
    """
    kinds = [suffix.lower() for suffix in path.suffixes[-2:]]
    kind = kinds[0] if kinds[-1:] == [".gz"] else (kinds[-1] if kinds else "")
    if kind in _TEXT:
        return _read_text(path)
    if kind == ".xlsx":
        header, batches = sheets.read_xlsx(path)
        return TextFile(path, header, "xlsx", _numbered(batches, len(header), [], first=2))
    if kind == ".parquet":
        header, batches = sheets.read_parquet(path)
        return TextFile(path, header, "parquet", _numbered(batches, len(header), [], first=2))
    raise InputError(
        "読めない種類のファイルです。", where=str(path.name), next_step=f"{SUPPORTED} で書き出してください。"
    )


def detect_encoding(path: Path) -> str:
    """Find a text file's encoding by decoding the whole of it with each candidate in turn.

    Errors
        InputError with the line where decoding stopped, when no candidate fits
    """
    with _open(path) as stream:
        start = stream.read(CHUNK_BYTES)
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    if start[1:400:2].count(0) > start[:400:2].count(0) + len(start[:400]) // 8:
        return "utf-16-le"
    stopped = []
    for encoding in ENCODINGS:
        line = _undecodable_line(path, encoding)
        if line is None:
            return encoding
        stopped.append(line)
    raise InputError(
        "文字コードが分かりません(UTF-8・Shift_JIS・UTF-16 のどれでも読めません)。",
        where=f"{path.name} {max(stopped):,}行目のあたり",
        next_step="表計算ソフトで開き、「CSV UTF-8」で保存し直してください。",
    )


def _undecodable_line(path: Path, encoding: str) -> int | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 1
    with _open(path) as stream:
        try:
            while chunk := stream.read(CHUNK_BYTES):
                decoder.decode(chunk)
                lines += chunk.count(b"\n")
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            return lines + error.object[: error.start].count(b"\n")
    return None


def _open(path: Path) -> BinaryIO:
    return gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb")  # type: ignore[return-value]


def _read_text(path: Path) -> TextFile:
    try:
        encoding = detect_encoding(path)
        header, delimiter = _header(path, encoding)
    except (EOFError, gzip.BadGzipFile) as error:
        raise InputError(
            "圧縮ファイルが途中で切れているか、壊れています。",
            where=path.name,
            next_step="もう一度書き出すか、受け取り直してください。",
        ) from error
    ragged: list[Ragged] = []
    stream = _csv_stream(path, encoding, delimiter, len(header), ragged)
    return TextFile(path, header, encoding, _numbered(stream, len(header), ragged, first=2), ragged)


def _header(path: Path, encoding: str) -> tuple[tuple[str, ...], str]:
    with _open(path) as stream, io.TextIOWrapper(stream, encoding=encoding, newline="") as text:
        sample = text.read(CHUNK_BYTES)
    if not sample.strip():
        raise InputError(
            "ファイルが空です。", where=path.name, next_step="もう一度書き出すか、client.yaml から外してください。"
        )
    rows = {mark: next(csv.reader(io.StringIO(sample), delimiter=mark)) for mark in (",", "\t", ";")}
    delimiter = max(rows, key=lambda mark: len(rows[mark]))
    return tuple(name.strip() for name in rows[delimiter]), delimiter


def _csv_stream(
    path: Path, encoding: str, delimiter: str, width: int, ragged: list[Ragged]
) -> Iterator[pa.RecordBatch]:
    def set_aside(invalid: pa.csv.InvalidRow) -> str:
        text = invalid.text if len(ragged) < RAGGED_KEPT else ""
        ragged.append(Ragged(invalid.number, invalid.actual_columns, text))
        return "skip"

    names = [f"c{index}" for index in range(width)]
    reader = pa.csv.open_csv(
        pa.input_stream(str(path), compression="detect"),
        read_options=pa.csv.ReadOptions(
            use_threads=False,
            block_size=BLOCK_BYTES,
            column_names=names,
            skip_rows_after_names=1,
            encoding="utf8" if encoding.startswith("utf-8") else encoding,
        ),
        parse_options=pa.csv.ParseOptions(
            delimiter=delimiter,
            quote_char=False if delimiter == "\t" else '"',
            newlines_in_values=delimiter != "\t",
            ignore_empty_lines=False,
            invalid_row_handler=set_aside,
        ),
        convert_options=pa.csv.ConvertOptions(
            column_types={name: pa.string() for name in names}, strings_can_be_null=False
        ),
    )
    yield from reader


def _numbered(
    batches: Iterator[pa.RecordBatch], width: int, ragged: list[Ragged], *, first: int
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
            yield pa.record_batch([pa.array(rows), *map(_trimmed, batch.columns)], schema=schema)

    return pa.RecordBatchReader.from_batches(schema, numbered())


def _trimmed(cells: pa.Array) -> pa.Array:
    """Drop the spaces around every cell, full-width ones too."""
    ascii_only = pc.all(pc.string_is_ascii(cells)).as_py()
    return pc.ascii_trim_whitespace(cells) if ascii_only else pc.utf8_trim_whitespace(cells)
