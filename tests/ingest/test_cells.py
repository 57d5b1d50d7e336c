"""Cells of bytes become trimmed text, each distinct one once, and a cell that is no text tells its place."""

import pyarrow as pa
import pytest

from horetsu_utils.ingest.cells import UndecodableError, trimmed


def cells(*values: str | bytes, encoding: str = "utf-8") -> pa.Array:
    return pa.array([value.encode(encoding) if isinstance(value, str) else value for value in values], pa.binary())


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("", ""),
        (" \t\r\n ", ""),
        ("\u3000", ""),
        ("  見本\u3000花子\u3000", "見本\u3000花子"),
        ("\t①㈱髙～\r\n", "①㈱髙～"),
        ("一行\n二行", "一行\n二行"),
        (" 'a\"b' ", "'a\"b'"),
        ("ﾊﾝｶｸ", "ﾊﾝｶｸ"),
        (" 1200 ", "1200"),
    ],
)
def test_a_cell_loses_only_the_space_around_it(written: str, kept: str, encoding: str) -> None:
    found = trimmed(cells(written, "x", written, encoding=encoding), encoding)
    assert found.type == pa.string()
    assert found.to_pylist() == [kept, "x", kept]


def test_nul_goes_and_what_stood_behind_it_is_trimmed_too() -> None:
    assert trimmed(cells("\x00 a\x00b \x00", "漢\x00字"), "utf-8", has_nul=True).to_pylist() == ["ab", "漢字"]


def test_text_is_trimmed_as_bytes_are() -> None:
    assert trimmed(pa.array([" 見本\u3000", "a "]), "utf-8").to_pylist() == ["見本", "a"]


def test_an_empty_column_stays_one() -> None:
    assert trimmed(cells(), "cp932").to_pylist() == []


@pytest.mark.parametrize("broken", [b"\x81", b"\xe3\x81\x82\xff", b"a\xa0b", b"\x80", b"\xfd", b"\xfe", b"\xff"])
def test_a_cell_that_is_no_text_tells_its_first_place(broken: bytes) -> None:
    column = cells("見本", "", broken, "見本", broken, encoding="cp932")
    with pytest.raises(UndecodableError) as error:
        trimmed(column, "cp932")
    assert error.value.place == 2


def test_bytes_that_no_character_has_are_found_after_another_has_decoded_them() -> None:
    passed = cells("見本", b"a\xa0b".decode("cp932"))
    assert trimmed(passed, "utf-8").to_pylist() == ["見本", "a\uf8f0b"]  # a letter of somebody's own, in UTF-8
    with pytest.raises(UndecodableError) as error:
        trimmed(passed, "utf-8", written_in="cp932")
    assert error.value.place == 1


def test_a_part_of_a_larger_column_is_trimmed_alone() -> None:
    column = cells(" a ", "\u3000い ", " う", " d")
    assert trimmed(column.slice(1, 2), "utf-8").to_pylist() == ["い", "う"]
    assert trimmed(cells(b"\xff", "い", "う").slice(1), "utf-8").to_pylist() == ["い", "う"]
