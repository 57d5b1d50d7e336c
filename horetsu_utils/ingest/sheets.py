"""Spreadsheets and Parquet as text: values only, formulas are never evaluated, links are never followed."""

import datetime as dt
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from horetsu_utils.errors import InputError
from horetsu_utils.ingest import nested
from horetsu_utils.ingest.cells import trimmed

LARGEST_SHEET_BYTES = 1_000_000_000
"""An .xlsx that unpacks to more than this, whatever it says of itself, is refused before it is opened."""
MOST_CELLS = 30_000_000
"""So many cells a sheet may span, blank ones between them too: the reader lays out all of them in memory."""
LONGEST_EXACT = 1e15
"""A spreadsheet keeps fifteen digits of a number: a longer one has lost its last ones."""
NESTED_ROWS = 1 << 14
"""Rows of a Parquet file at a time where columns are nested: each may hold dozens of parameters."""

_CHUNK_BYTES, _LONGEST_TAG = 1 << 20, 200
_LENGTHS_AT = 26
"""Where the header of an archive's entry tells the lengths of its last two parts, of two bytes each."""
_BROKEN_BOOK = (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, UnicodeError, CalamineError)
_BROKEN_PARQUET = (pa.ArrowException, OSError, UnicodeError)
_OLD_FORM = b"\xd0\xcf\x11\xe0"
_FILLED = re.compile(rb"""r(?<=\sr)\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["'][^>]*(?<!/)>""")
"""A cell of a sheet with something in it: its column and its row."""


def read_xlsx(
    path: Path, header_at: Callable[[Iterable[tuple[str, ...]]], int | None]
) -> tuple[tuple[str, ...], Iterator[pa.RecordBatch], int]:
    """Return the header, the rows below it as text, and the number of the first of these, from the first sheet.

    Errors
        InputError when the file is no workbook, is empty, or unpacks beyond all measure
    """
    rows = _rows(path)
    above = header_at(tuple(map(_cell_text, row)) for row in rows)
    if above is None:
        raise InputError(
            "ファイルが空です。", where=path.name, next_step="もう一度書き出すか、client.yaml から外してください。"
        )
    header, below = tuple(map(_cell_text, rows[above])), rows[above + 1 :]
    width = max(index for index, name in enumerate(header) if name) + 1
    columns = [pa.array([_cell_text(row[index]) for row in below], pa.string()) for index in range(width)]
    columns = [trimmed(column, "utf-8") for column in columns]
    batch = pa.record_batch(columns, names=[f"c{index}" for index in range(width)])
    return header[:width], iter([batch]), above + 2


def first_rows(path: Path, most: int) -> list[tuple[str, ...]]:
    """Return the first rows of the first sheet as text."""
    return [tuple(map(_cell_text, row)) for row in _rows(path)[: most + 1]]


def _rows(path: Path) -> list[list[Any]]:
    try:
        with path.open("rb") as stream:
            if stream.read(len(_OLD_FORM)) == _OLD_FORM:
                raise InputError(
                    "Excel ファイルとして開けません(パスワードが付いているか、古い形式です)。",
                    where=path.name,
                    next_step="パスワードを外して .xlsx の形式で保存し直すか、CSV で書き出してください。",
                )
            with zipfile.ZipFile(stream) as archive:
                _measure(stream, archive.infolist(), path.name)
        return _only_sheet(CalamineWorkbook.from_path(str(path)), path.name)
    except _BROKEN_BOOK as error:
        raise InputError(
            "Excel ファイルとして開けません(壊れているか、途中で切れています)。",
            where=path.name,
            next_step="もう一度保存し直すか、CSV で書き出してください。",
        ) from error


def _only_sheet(book: CalamineWorkbook, name: str) -> list[list[Any]]:
    """Return the rows of the one sheet that has something in it; of two, neither is left out in silence."""
    sheets = {each: book.get_sheet_by_name(each).to_python(skip_empty_area=False) for each in book.sheet_names}
    filled = [each for each, rows in sheets.items() if any(map(_cell_text, (cell for row in rows for cell in row)))]
    if len(filled) > 1:
        raise InputError(
            "Excel ファイルに、中身のあるシートがいくつもあります。どれを読むか、決められません。",
            where=f"{name}({'、'.join(filled)})",
            next_step="要るシートを1枚ずつ、別のファイルに保存して置いてください。",
        )
    return sheets[filled[0]] if filled else []


def _measure(stream: IO[bytes], entries: list[zipfile.ZipInfo], name: str) -> None:
    """Refuse a workbook that would fill the memory. What it says of its own size is not believed."""
    claimed, unpacked = sum(entry.file_size for entry in entries), 0
    for entry in entries:
        columns, rows, end = {b"A"}, {b"1"}, b""
        for chunk in _unpacked(stream, entry):
            unpacked += len(chunk)
            if max(claimed, unpacked) > LARGEST_SHEET_BYTES:
                raise InputError("Excel ファイルが大きすぎます。", where=name, next_step="CSV で書き出してください。")
            cells = _FILLED.findall(end + chunk)
            columns |= {column for column, _ in cells}
            rows |= {row for _, row in cells}
            end = chunk[-_LONGEST_TAG:]
        if max(map(_number, columns)) * max(map(int, rows)) > MOST_CELLS:
            raise InputError(
                "Excel の表が広すぎます。表から遠く離れたセルに、何か書き込まれていませんか。",
                where=name,
                next_step="離れたセルを消して保存し直すか、CSV で書き出してください。",
            )


def _number(column: bytes) -> int:
    """Return the number of a column: A is 1, Z is 26, AA is 27."""
    number = 0
    for letter in column.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _unpacked(stream: IO[bytes], entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield what one file of an archive holds, piece by piece, without trusting the size it claims."""
    if entry.header_offset < 0 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile
    stream.seek(entry.header_offset + _LENGTHS_AT)
    stream.seek(sum(struct.unpack("<HH", stream.read(4))), 1)  # past the entry's name and what is noted on it
    packed, left = zlib.decompressobj(-zlib.MAX_WBITS), entry.compress_size
    data = b""
    while not packed.eof and (data or left):
        if not data:
            data = stream.read(min(left, _CHUNK_BYTES))
            left = left - len(data) if data else 0
        if entry.compress_type == zipfile.ZIP_STORED:
            yield data
            data = b""
        else:
            yield packed.decompress(data, _CHUNK_BYTES)
            data = packed.unconsumed_tail


def _cell_text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell)) if abs(cell) < LONGEST_EXACT else f"{cell:E}"
    if isinstance(cell, dt.datetime):  # a day's fraction is seldom a whole second to the last bit
        return (cell + dt.timedelta(seconds=0.5)).isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, dt.time):
        return _to_the_second(cell).isoformat(timespec="seconds")
    return str(cell).strip() if isinstance(cell, str) else str(cell)


def _to_the_second(cell: dt.time) -> dt.time:
    rounded = dt.datetime.combine(dt.date.min, cell) + dt.timedelta(seconds=0.5)
    return rounded.time() if rounded.date() == dt.date.min else dt.time(23, 59, 59)


def read_parquet(path: Path) -> tuple[tuple[str, ...], Iterator[pa.RecordBatch]]:
    """Return the header and the rows of a Parquet file, every value as text; nested columns are unfolded.

    Errors
        InputError when the file is not Parquet, or broken
    """
    try:
        source = pq.ParquetFile(path)
        known = nested.keys(source)
    except _BROKEN_PARQUET as error:
        raise _no_parquet(path) from error
    return nested.names(source.schema_arrow, known), _texts(path, source, known)


def _texts(path: Path, source: pq.ParquetFile, known: dict[str, tuple[str, ...]]) -> Iterator[pa.RecordBatch]:
    is_nested = any(pa.types.is_nested(field.type) for field in source.schema_arrow)
    try:
        for batch in source.iter_batches(**({"batch_size": NESTED_ROWS} if is_nested else {})):
            columns = [trimmed(column, "utf-8") for _, column in nested.unfolded(batch, known, _column_text)]
            yield pa.record_batch(columns, names=[f"c{index}" for index in range(len(columns))])
    except _BROKEN_PARQUET as error:
        raise _no_parquet(path) from error


def _no_parquet(path: Path) -> InputError:
    return InputError("Parquet ファイルとして開けません。", where=path.name, next_step="もう一度書き出してください。")


def _column_text(column: pa.Array) -> pa.Array:
    try:
        return pc.fill_null(_written(column), "")
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):  # of a kind that has no text of its own
        return pa.array(["" if value is None else str(value) for value in column.to_pylist()], pa.string())


def _written(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_floating(kind):
        column = _plain_numbers(column.cast(pa.float64()))
    elif pa.types.is_timestamp(kind):
        seconds = pc.floor_temporal(column, unit="second").cast(pa.timestamp("s", kind.tz))
        column = pc.strftime(seconds, format="%Y-%m-%d %H:%M:%S" + (" %z" if kind.tz else ""))
    elif pa.types.is_date(kind):
        column = column.cast(pa.date32())
    return column.cast(pa.string())


def _plain_numbers(column: pa.Array) -> pa.Array:
    """Write numbers that all are whole without a point: ids often arrive as floats because one was missing."""
    column = pc.if_else(pc.is_nan(column), pa.scalar(None, pa.float64()), column)
    whole = pc.and_(pc.equal(pc.floor(column), column), pc.less(pc.abs(column), LONGEST_EXACT))
    return column.cast(pa.int64()) if pc.all(whole).as_py() else column
