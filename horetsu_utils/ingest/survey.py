"""Before a text file is parsed: its encoding, found by trying, and whether its quotes all close."""

import codecs
import csv
import gzip
import io
import math
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from horetsu_utils.errors import InputError

CHUNK_BYTES = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = (b",", b"\t", b";", b"\n")
LARGEST_UNPACKED_BYTES, LARGEST_RATIO = 20_000_000_000, 300
"""A .gz that unpacks to more than both (bytes, and times its own size) is no shop's export."""

_END = "\x1e"
_ISO_2022_JP = re.compile(rb"\x1b\$[@B]")
"""How that encoding begins its Japanese: the bytes after it look like plain letters, quotes and commas."""
_KANA = re.compile("[ぁ-んァ-ン]")
_MOSTLY = 0.2


@dataclass(frozen=True)
class Survey:
    """What one pass over a text file's bytes tells. An odd number of quotes may mean that one is never closed.

    `not_utf8_from` is the line from which the file is no UTF-8, or 0.
    """

    encoding: str
    odd_quotes: bool
    has_nul: bool
    not_utf8_from: int = 0


def survey(path: Path) -> Survey:
    """Find a text file's encoding in one pass: UTF-8 where all of it is, else cp932, whose cells are tried when read.

    Errors
        InputError when a .gz is broken, or unpacks beyond all measure
    """
    with whole(path):
        found = _surveyed(path, _candidate(path))
        if found.encoding == "cp932" and _is_euc_jp(path):
            raise unknown_encoding(path, found.not_utf8_from)
        return found


def undecodable_line(path: Path, encoding: str) -> int:
    """Return the line in which a file stops being text in an encoding, or its last line."""
    decoder, before = codecs.getincrementaldecoder(encoding)(), 0
    with opened_bytes(path) as stream:
        chunk = b" "
        while chunk:
            chunk = stream.read(CHUNK_BYTES)
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:  # it speaks of the chunk, and of what was left of the one before
                return _line(path, before + len(chunk) - len(error.object) + error.start)
            before += len(chunk)
    return _line(path, before)


def unknown_encoding(path: Path, line: int) -> InputError:
    """Word that a file's bytes fit no encoding from some line on."""
    return InputError(
        "文字コードが分かりません(UTF-8・Shift_JIS・UTF-16 のどれでも読めません)。",
        where=f"{path.name} {line:,}行目のあたり",
        next_step="表計算ソフトで開き、「CSV UTF-8」で保存し直してください。",
    )


def is_gzip(path: Path) -> bool:
    """Tell by its name whether a file is compressed."""
    return path.suffix.lower() == ".gz"


@contextmanager
def opened(path: Path, encoding: str, errors: str = "strict") -> Iterator[io.TextIOWrapper]:
    """Open a file, compressed or not, as text with its line ends untouched."""
    with opened_bytes(path) as stream, io.TextIOWrapper(stream, encoding, errors, newline="") as text:
        yield text


def unclosed_row(path: Path, encoding: str, delimiter: str) -> int | None:
    """Return the row in which a quote opens that nothing closes, or None.

    A last line of our own is put after the file: if a cell swallows it, that cell never ended.
    """
    row, last = 0, [_END]
    with opened(path, encoding, "replace") as lines:  # a broken byte is told where the cells are read
        try:
            for last in csv.reader(chain(lines, [_END]), delimiter=delimiter):  # noqa: B007
                row += 1
        except csv.Error:  # one cell has grown beyond all measure
            return row + 1
    return None if last == [_END] else row


def _candidate(path: Path) -> str:
    """Return the encoding that a file's first bytes speak for."""
    with opened_bytes(path) as stream:
        start = stream.read(CHUNK_BYTES)
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    little = start[1::2].count(0) > start[::2].count(0)
    marks = sum(start.count(mark) for mark in _DELIMITERS)
    wide = sum(start.count(mark + b"\0" if little else b"\0" + mark) for mark in _DELIMITERS)
    if wide * 2 > marks:  # a stray NUL in other text stands beside few of them
        return "utf-16-le" if little else "utf-16-be"
    return "utf-8"


def _surveyed(path: Path, encoding: str) -> Survey:
    """Count quotes and look for NUL in the whole file, and give up UTF-8 where it does not hold."""
    decoder, wide = codecs.getincrementaldecoder(encoding)(), encoding.startswith("utf-16")
    quotes, has_nul, unpacked, stopped = 0, False, 0, 0
    most = max(LARGEST_UNPACKED_BYTES, LARGEST_RATIO * path.stat().st_size) if is_gzip(path) else math.inf
    with opened_bytes(path) as stream:
        while True:
            chunk, text = stream.read(CHUNK_BYTES), ""
            if not stopped:
                try:
                    text = decoder.decode(chunk, final=not chunk)
                except UnicodeDecodeError:
                    stopped = undecodable_line(path, encoding)
            if not wide and (japanese := _ISO_2022_JP.search(chunk)):
                raise unknown_encoding(path, _line(path, unpacked + japanese.start()))
            if stopped and encoding != "utf-8":
                raise unknown_encoding(path, stopped)
            unpacked += len(chunk)
            if unpacked > most:
                raise _bomb(path)
            if not chunk:
                return Survey("cp932" if stopped else encoding, quotes % 2 == 1, has_nul, stopped)
            counted = text.encode() if wide else chunk
            quotes += counted.count(b'"')
            has_nul = has_nul or b"\0" in counted


def _line(path: Path, offset: int) -> int:
    """Return the line in which a byte stands."""
    with opened_bytes(path) as stream:
        chunks = iter(partial(stream.read, CHUNK_BYTES), b"")
        before, line = 0, 1
        for chunk in chunks:
            line += chunk[: max(offset - before, 0)].count(b"\n")
            before += len(chunk)
            if before >= offset:
                break
    return line


def _is_euc_jp(path: Path) -> bool:
    """Tell whether the first bytes read as Japanese with kana in EUC-JP: cp932 may take them for half-width kana."""
    with opened_bytes(path) as stream:
        start = stream.read(CHUNK_BYTES)
    try:
        text = codecs.getincrementaldecoder("euc_jp")().decode(start)
    except UnicodeDecodeError:
        return False
    foreign = sum(not letter.isascii() for letter in text)
    return len(_KANA.findall(text)) > _MOSTLY * foreign


def _bomb(path: Path) -> InputError:
    return InputError(
        "圧縮ファイルを開くと、けたはずれに大きくなります。",
        where=path.name,
        next_step="中身を確かめ、圧縮していない CSV で置いてください。",
    )


def opened_bytes(path: Path) -> BinaryIO:
    """Open a file, compressed or not, as the bytes of its text."""
    return gzip.open(path) if is_gzip(path) else path.open("rb")  # type: ignore[return-value]


@contextmanager
def whole(path: Path) -> Iterator[None]:
    """Say so in plain words when a compressed file breaks off or is damaged."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(
            "圧縮ファイルが途中で切れているか、壊れています。",
            where=path.name,
            next_step="もう一度書き出すか、受け取り直してください。",
        ) from error
