"""Before a text file is parsed: its encoding, found by trying, and whether its quotes all close."""

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from horetsu_utils.errors import InputError

CHUNK_BYTES = 1 << 20
ENCODINGS = ("utf-8", "cp932")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = (b",", b"\t", b";", b"\n")
_NEVER_WRITTEN = {"cp932": "\x80\uf8f0\uf8f1\uf8f2\uf8f3"}
"""What Python's codec makes of bytes that no character has."""

_END = "\x1e"


@dataclass(frozen=True)
class Survey:
    """What one pass over a text file's bytes tells. An odd number of quotes may mean that one is never closed."""

    encoding: str
    odd_quotes: bool
    has_nul: bool


class _Stopped(Exception):  # noqa: N818
    def __init__(self, line: int) -> None:
        self.line = line


def survey(path: Path) -> Survey:
    """Find a text file's encoding by decoding the whole of it with each candidate in turn.

    Errors
        InputError with the line where decoding stopped, when no candidate fits; or when a .gz is broken
    """
    stopped = []
    with _whole(path):
        for encoding in _candidates(path):
            try:
                return _decoded(path, encoding)
            except _Stopped as error:
                stopped.append(error.line)
    raise InputError(
        "文字コードが分かりません(UTF-8・Shift_JIS・UTF-16 のどれでも読めません)。",
        where=f"{path.name} {max(stopped):,}行目のあたり",
        next_step="表計算ソフトで開き、「CSV UTF-8」で保存し直してください。",
    )


def is_gzip(path: Path) -> bool:
    """Tell by its name whether a file is compressed."""
    return path.suffix.lower() == ".gz"


@contextmanager
def opened(path: Path, encoding: str) -> Iterator[io.TextIOWrapper]:
    """Open a file, compressed or not, as text with its line ends untouched."""
    with _bytes(path) as stream, io.TextIOWrapper(stream, encoding=encoding, newline="") as text:
        yield text


def unclosed_row(path: Path, encoding: str, delimiter: str) -> int | None:
    """Return the row in which a quote opens that nothing closes, or None.

    A last line of our own is put after the file: if a cell swallows it, that cell never ended.
    """
    row, last = 0, [_END]
    with opened(path, encoding) as lines:
        try:
            for last in csv.reader(chain(lines, [_END]), delimiter=delimiter):  # noqa: B007
                row += 1
        except csv.Error:  # one cell has grown beyond all measure
            return row + 1
    return None if last == [_END] else row


def _candidates(path: Path) -> tuple[str, ...]:
    with _bytes(path) as stream:
        start = stream.read(CHUNK_BYTES)
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return (encoding,)
    little = start[1::2].count(0) > start[::2].count(0)
    marks = sum(start.count(mark) for mark in _DELIMITERS)
    wide = sum(start.count(mark + b"\0" if little else b"\0" + mark) for mark in _DELIMITERS)
    if wide * 2 > marks:  # a stray NUL in other text stands beside few of them
        return ("utf-16-le" if little else "utf-16-be",)
    return ENCODINGS


def _decoded(path: Path, encoding: str) -> Survey:
    decoder = codecs.getincrementaldecoder(encoding)()
    lines, quotes, has_nul = 1, 0, False
    with _bytes(path) as stream:
        while True:
            chunk = stream.read(CHUNK_BYTES)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                raise _Stopped(lines + error.object[: error.start].count(b"\n")) from error
            wrong = [text.index(mark) for mark in _NEVER_WRITTEN.get(encoding, "") if mark in text]
            if wrong:
                raise _Stopped(lines + text[: min(wrong)].count("\n"))
            if not chunk:
                return Survey(encoding, quotes % 2 == 1, has_nul)
            lines += text.count("\n")
            quotes += text.count('"')
            has_nul = has_nul or "\0" in text


def _bytes(path: Path) -> BinaryIO:
    return gzip.open(path) if is_gzip(path) else path.open("rb")  # type: ignore[return-value]


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(
            "圧縮ファイルが途中で切れているか、壊れています。",
            where=path.name,
            next_step="もう一度書き出すか、受け取り直してください。",
        ) from error
