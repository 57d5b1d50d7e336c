"""Cells of bytes → trimmed text: each distinct cell is decoded once, which a column of many repeats repays."""

import re

import pyarrow as pa
import pyarrow.compute as pc

NEVER_WRITTEN = {"cp932": re.compile("[\x80\uf8f0\uf8f1\uf8f2\uf8f3]")}
"""What Python's codec makes of bytes that no character has."""


class UndecodableError(Exception):
    """A cell's bytes stand for no text in the encoding that was found. `place` counts the rows of the batch from 0."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


def trimmed(cells: pa.Array, encoding: str, *, has_nul: bool = False, written_in: str = "") -> pa.Array:
    """Return the text of a column, without NUL and without the spaces around every cell, full-width ones too.

    `written_in` is the encoding of the file, where its bytes have been made another's meanwhile.

    Shape
        binary (or text) column -> text column of the same length
    Errors
        UndecodableError where the encoding does not hold
    """
    text = cells.view(pa.string()) if cells.type == pa.binary() else cells
    if pc.all(pc.string_is_ascii(text), min_count=0).as_py() and not has_nul:
        return pc.ascii_trim_whitespace(text)
    coded, never = cells.dictionary_encode(), NEVER_WRITTEN.get(written_in or encoding)
    words = [_word(each, encoding, never) for each in coded.dictionary.to_pylist()]
    if None in words:
        wrong = pc.equal(coded.indices, words.index(None))
        raise UndecodableError(pc.index(wrong, True).as_py())
    return pa.array(words, pa.string()).take(coded.indices)


def _word(cell: bytes | str, encoding: str, never: re.Pattern[str] | None) -> str | None:
    if isinstance(cell, bytes):
        try:
            cell = cell.decode(encoding)
        except UnicodeDecodeError:
            return None
        if never and never.search(cell):
            return None
    return cell.replace("\0", "").strip()
