"""Spreadsheets and Parquet as text: values only, formulas are never evaluated."""

import datetime as dt
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from horetsu_utils.errors import InputError
from horetsu_utils.ingest.cells import trimmed

LARGEST_SHEET_BYTES = 2_000_000_000
"""An .xlsx that unpacks to more than this is refused before it is opened."""


LONGEST_EXACT = 1e15
"""A spreadsheet keeps fifteen digits of a number: a longer one has lost its last ones."""


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
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > LARGEST_SHEET_BYTES:
            raise InputError("Excel ファイルが大きすぎます。", where=path.name, next_step="CSV で書き出してください。")
        return CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (zipfile.BadZipFile, CalamineError) as error:
        raise InputError(
            "Excel ファイルとして開けません(壊れているか、途中で切れています)。",
            where=path.name,
            next_step="もう一度保存し直すか、CSV で書き出してください。",
        ) from error


def _cell_text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell)) if abs(cell) < LONGEST_EXACT else f"{cell:E}"
    if isinstance(cell, dt.datetime):  # a day's fraction is seldom a whole second to the last bit
        return (cell + dt.timedelta(seconds=0.5)).isoformat(sep=" ", timespec="seconds")
    return str(cell).strip() if isinstance(cell, str) else str(cell)


def read_parquet(path: Path) -> tuple[tuple[str, ...], Iterator[pa.RecordBatch]]:
    """Return the header and the rows of a Parquet file, every value as text.

    Errors
        InputError when the file is not Parquet
    """
    try:
        source = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(
            "Parquet ファイルとして開けません。", where=path.name, next_step="もう一度書き出してください。"
        ) from error
    header = tuple(source.schema_arrow.names)
    names = [f"c{index}" for index in range(len(header))]
    return header, (
        pa.record_batch([trimmed(_column_text(column), "utf-8") for column in batch.columns], names=names)
        for batch in source.iter_batches()
    )


def _column_text(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_floating(kind):
        column = _plain_numbers(column.cast(pa.float64()))
    elif pa.types.is_timestamp(kind):
        seconds = pc.floor_temporal(column, unit="second").cast(pa.timestamp("s", kind.tz))
        column = pc.strftime(seconds, format="%Y-%m-%d %H:%M:%S" + (" %z" if kind.tz else ""))
    elif pa.types.is_date(kind):
        column = column.cast(pa.date32())
    elif pa.types.is_nested(kind):
        column = pa.array([None if value is None else str(value) for value in column.to_pylist()], pa.string())
    return pc.fill_null(column.cast(pa.string()), "")


def _plain_numbers(column: pa.Array) -> pa.Array:
    """Write numbers that all are whole without a point: ids often arrive as floats because one was missing."""
    column = pc.if_else(pc.is_nan(column), pa.scalar(None, pa.float64()), column)
    whole = pc.and_(pc.equal(pc.floor(column), column), pc.less(pc.abs(column), LONGEST_EXACT))
    return column.cast(pa.int64()) if pc.all(whole).as_py() else column
