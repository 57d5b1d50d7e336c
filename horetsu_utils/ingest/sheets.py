"""Spreadsheets and Parquet as text: values only, formulas are never evaluated."""

import datetime as dt
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from horetsu_utils.errors import InputError

LARGEST_SHEET_BYTES = 2_000_000_000
"""An .xlsx that unpacks to more than this is refused before it is opened."""


def read_xlsx(path: Path) -> tuple[tuple[str, ...], Iterator[pa.RecordBatch]]:
    """Return the header and the rows of the first sheet, every cell as text.

    Errors
        InputError when the file is no workbook, is empty, or unpacks beyond all measure
    """
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > LARGEST_SHEET_BYTES:
            raise InputError("Excel ファイルが大きすぎます。", where=path.name, next_step="CSV で書き出してください。")
        rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (zipfile.BadZipFile, CalamineError) as error:
        raise InputError(
            "Excel ファイルとして開けません(壊れているか、途中で切れています)。",
            where=path.name,
            next_step="もう一度保存し直すか、CSV で書き出してください。",
        ) from error
    if not rows or not any(rows[0]):
        raise InputError(
            "ファイルが空です。", where=path.name, next_step="もう一度書き出すか、client.yaml から外してください。"
        )
    header = tuple(_cell_text(cell) for cell in rows[0])
    width = max(index for index, name in enumerate(header) if name) + 1
    columns = [pa.array([_cell_text(row[index]) for row in rows[1:]], pa.string()) for index in range(width)]
    return header[:width], iter([pa.record_batch(columns, names=[f"c{index}" for index in range(width)])])


def _cell_text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
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
        pa.record_batch([_column_text(column) for column in batch.columns], names=names)
        for batch in source.iter_batches()
    )


def _column_text(column: pa.Array) -> pa.Array:
    if pa.types.is_floating(column.type) and pc.all(pc.equal(pc.floor(column), column)).as_py():
        column = column.cast(pa.int64())
    if pa.types.is_timestamp(column.type):
        column = pc.strftime(column, format="%Y-%m-%d %H:%M:%S").cast(pa.string())
    return pc.fill_null(column.cast(pa.string()), "")
