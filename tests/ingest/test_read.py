"""Any file a shop hands over becomes numbered rows of text; what cannot be read is named, with its row."""

import codecs
import csv
import datetime as dt
import gzip
import io
import random
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from horetsu_utils.errors import InputError
from horetsu_utils.ingest.read import ROW, Ragged, read

TEXT = "注文番号,名前\n1,①㈱髙\n2,ﾊﾝｶｸ\n"
ROWS = [("1", "①㈱髙"), ("2", "ﾊﾝｶｸ")]


def cells(path: Path) -> list[tuple[str, ...]]:
    table = read(path).batches.read_all()
    return list(zip(*(table[name].to_pylist() for name in table.column_names if name != ROW), strict=True))


def numbers(path: Path) -> list[int]:
    return read(path).batches.read_all()[ROW].to_pylist()


def written(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode("utf-8"), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8-sig"),
        (TEXT.encode("cp932"), "cp932"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
    ],
    ids=["utf-8", "bom", "cp932", "utf-16-le-bom", "utf-16-be-bom", "utf-16-le", "utf-16-be"],
)
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "A.CSV.GZ"])
def test_an_encoding_is_found_by_trying(tmp_path: Path, content: bytes, encoding: str, name: str) -> None:
    path = written(tmp_path / name, gzip.compress(content, mtime=0) if name.lower().endswith("gz") else content)
    found = read(path)
    assert (found.header, found.encoding) == (("注文番号", "名前"), encoding)
    assert cells(path) == ROWS


def test_mostly_japanese_text_in_utf16_without_a_mark_is_still_found(tmp_path: Path) -> None:
    text = "顧客番号,メモ\n" + "".join(f"{number},{'とても長い、うれしいお便り。' * 20}\n" for number in range(50))
    for encoding in ("utf-16-le", "utf-16-be"):
        assert read(written(tmp_path / "a.csv", text.encode(encoding))).encoding == encoding


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "a,b\n1,x\n"),
        ("a.tsv", "a\tb\n1\tx\n"),
        ("a.txt", "a\tb\n1\tx\n"),
        ("a.csv", "a;b\n1;x\n"),
        ("a.csv", "a,b\r\n1,x\r\n"),
        ("a.csv", "a,b\r1,x\r"),
        ("a.csv", "a,b\n1,x"),
        ("a.tsv", '"a"\t"b"\n"1"\t"x"\n'),
        ("お客様 一覧 '26.csv", '"a","b"\n"1","x"\n'),
        ("a.csv", "a,b\n\u3000 1 ,\tx\u3000\n"),
        ("a.csv", "a,b\n1\0,\0x\n"),
    ],
)
def test_every_common_way_of_writing_a_table_gives_the_same_cells(tmp_path: Path, name: str, content: str) -> None:
    path = written(tmp_path / name, content)
    assert (read(path).header, cells(path)) == (("a", "b"), [("1", "x")])


def test_a_quote_inside_an_unquoted_table_is_only_a_letter(tmp_path: Path) -> None:
    assert cells(written(tmp_path / "a.tsv", 'a\tb\n1\t24" 画面\n2\t"かぎ\n')) == [("1", '24" 画面'), ("2", '"かぎ')]
    assert cells(written(tmp_path / "a.csv", 'a,b\n1,24" 画面\n')) == [("1", '24" 画面')]


def test_one_column_may_hold_quotes_and_commas(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", '"a,b"\n"1,""2"""\n')
    assert (read(path).header, cells(path)) == (("a,b",), [('1,"2"',)])


def test_newlines_inside_cells_and_headings_stay_in_their_cell(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", '"注文\n番号",b\n"x\ny",1\n2,3,4\n5,"6\r\n7"\n'.encode("utf-8-sig"))
    found = read(path)
    table = found.batches.read_all()
    assert found.header == ("注文\n番号", "b")
    assert table.to_pydict() == {ROW: [2, 4], "c0": ["x\ny", "5"], "c1": ["1", "6\r\n7"]}
    assert found.ragged == [Ragged(3, 3, "2,3,4")]


def test_a_blank_line_is_no_row_but_keeps_its_number(tmp_path: Path) -> None:
    assert numbers(written(tmp_path / "a.csv", "a,b\n1,2\n\n3,4\n\n\n")) == [2, 4]
    assert numbers(written(tmp_path / "a.csv", "a\n1\n\n2\n\n")) == [2, 4]
    assert numbers(written(tmp_path / "a.csv", "\n\na,b\n1,2\n,\n3,\n")) == [4, 6]


def test_rows_keep_their_spreadsheet_numbers_over_many_blocks(tmp_path: Path) -> None:
    chance, lines, bad = random.Random(7), ["a,b"], []
    for number in range(2, 360_000):
        kind = chance.random()
        if kind < 0.001:
            bad.append(number)
        lines.append(
            "1,2,3" if kind < 0.001 else f'"とても\n長い文",{number}' if kind < 0.002 else f"とても長い文,{number}"
        )
    path = written(tmp_path / "a.csv", "\n".join(lines))
    assert path.stat().st_size > 2 * 4_194_304
    found = read(path)
    table = found.batches.read_all()
    assert table[ROW].to_pylist() == list(map(int, table["c1"].to_pylist()))
    assert [each.row for each in found.ragged] == bad
    assert len(table) + len(bad) == 359_998


def test_a_workbook_is_read_by_its_values(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["id", "at", "on", "price", "formula", "flag", "long"])
    sheet.append(
        ["'001", dt.datetime(2026, 6, 30, 9, 5, 7), dt.date(2026, 6, 30), 1200.0, "=1+1", True, 123456789012345678]
    )
    sheet.append([17, "2026/06/30", "＝1", 1200.5, "", False, 123456789])
    sheet.append([])
    sheet.append([18, None, None, 0.1, None, None, None])
    book.save(tmp_path / "a.xlsx")
    found = read(tmp_path / "a.xlsx")
    assert (found.header, found.encoding) == (("id", "at", "on", "price", "formula", "flag", "long"), "xlsx")
    assert numbers(tmp_path / "a.xlsx") == [2, 3, 5]
    assert cells(tmp_path / "a.xlsx") == [
        ("'001", "2026-06-30 09:05:07", "2026-06-30", "1200", "", "TRUE", "1.234568E+17"),
        ("17", "2026/06/30", "＝1", "1200.5", "", "FALSE", "123456789"),
        ("18", "", "", "0.1", "", "", ""),
    ]


def test_a_workbook_may_start_below_the_top(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in ([], [], ["a", "b"], [1, 2]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert (read(tmp_path / "a.xlsx").header, numbers(tmp_path / "a.xlsx")) == (("a", "b"), [4])


def test_every_second_of_a_workbook_survives(tmp_path: Path) -> None:
    book, start = openpyxl.Workbook(), dt.datetime(2026, 6, 30, 0, 0, 1)
    moments = [start + dt.timedelta(seconds=17 * step) for step in range(5_000)]
    book.active.append(["at", "x"])
    for moment in moments:
        book.active.append([moment, 1])
    book.save(tmp_path / "a.xlsx")
    assert [cell for cell, _ in cells(tmp_path / "a.xlsx")] == [str(moment) for moment in moments]


def test_parquet_is_read_as_the_text_it_would_have_in_a_table(tmp_path: Path) -> None:
    utc = dt.datetime(2026, 6, 29, 15, 0, 0, 250_000, tzinfo=dt.UTC)
    table = pa.table(
        {
            "id": pa.array([1.0, None, 3.0]),
            "price": pa.array([1200.5, float("nan"), 1e16]),
            "at": pa.array([dt.datetime(2026, 6, 30, 9, 0, 0, 123_456), None, dt.datetime(1969, 1, 1)]),
            "zoned": pa.array([utc, None, utc], pa.timestamp("us", tz="UTC")),
            "on": pa.array([dt.date(2026, 6, 30)] * 3, pa.date64()),
            "flag": pa.array([True, None, False]),
            "list": pa.array([[1, 2], None, []]),
            "word": pa.array(["い", None, "い"]).dictionary_encode(),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    found = read(tmp_path / "a.parquet")
    assert (found.header, found.encoding) == (tuple(table.column_names), "parquet")
    assert cells(tmp_path / "a.parquet") == [
        ("1", "1200.5", "2026-06-30 09:00:00", "2026-06-29 15:00:00 +0000", "2026-06-30", "true", "[1, 2]", "い"),
        ("", "", "", "", "2026-06-30", "", "", ""),
        ("3", "1e+16", "1969-01-01 00:00:00", "2026-06-29 15:00:00 +0000", "2026-06-30", "false", "[]", "い"),
    ]


def test_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    for content in ("a,b", "a,b\n", "a,b\n\n\n"):
        path = written(tmp_path / "a.csv", content)
        assert (read(path).header, cells(path)) == (("a", "b"), [])


EMPTY = "ファイルが空です。\n場所: {name}\n次に: もう一度書き出すか、client.yaml から外してください。"
OPEN = (
    '引用符「"」が閉じていないため、そこから先を読み分けられません。\n場所: {name} {row}行目\n'
    "次に: この行の引用符を直すか、もう一度書き出してください。"
)
BROKEN = (
    "圧縮ファイルが途中で切れているか、壊れています。\n場所: {name}\n次に: もう一度書き出すか、受け取り直してください。"
)
UNKNOWN = (
    "文字コードが分かりません(UTF-8・Shift_JIS・UTF-16 のどれでも読めません)。\n場所: {name} {row}行目のあたり\n"
    "次に: 表計算ソフトで開き、「CSV UTF-8」で保存し直してください。"
)
KIND = (
    "読めない種類のファイルです。\n場所: {name}\n次に: CSV・TSV(.gz も可)・Excel(.xlsx)・Parquet で書き出してください。"
)
NO_BOOK = (
    "Excel ファイルとして開けません(壊れているか、途中で切れています)。\n場所: {name}\n"
    "次に: もう一度保存し直すか、CSV で書き出してください。"
)
NO_PARQUET = "Parquet ファイルとして開けません。\n場所: {name}\n次に: もう一度書き出してください。"
PACKED = gzip.compress(b"a,b\n" + bytes(range(48, 120)) * 999)


def book_bytes() -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["a", "b"])
    book.save(stream)
    return stream.getvalue()


def parquet_bytes() -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table({"a": [1]}), stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "message", "row"),
    [
        ("a.csv", b"", EMPTY, ""),
        ("a.csv", b"\xef\xbb\xbf", EMPTY, ""),
        ("a.csv", b"\r\n \n", EMPTY, ""),
        ("a.csv", b"\0\0\0\n", EMPTY, ""),
        ("a.csv.gz", gzip.compress(b"", mtime=0), EMPTY, ""),
        ("a.csv", b'a,b\n1,2\n3,"4\n5,6\n', OPEN, "3"),
        ("a.csv", b'a,b\n1,"2', OPEN, "2"),
        ("a.csv", b'a,"b\n1,2\n', OPEN, "1"),
        ("a.csv", b'a,"b\n' + b"1,2\n" * 99_999, OPEN, "1"),
        ("a.csv", b'a,b\n"x\ny",2\n3,"4\n' + b"1,2\n" * 99_999, OPEN, "3"),
        ("a.csv", 'a,b\n1,"２\n'.encode("utf-16"), OPEN, "2"),
        ("a.csv.gz", PACKED[:-9], BROKEN, ""),
        ("a.csv.gz", PACKED[:40] + b"\0\xff" + PACKED[42:], BROKEN, ""),
        ("a.csv.gz", b"a,b\n1,2\n", BROKEN, ""),
        ("a.csv", b"a,b\n1,2\n3,\xff\xfe\xfd\n", UNKNOWN, "3"),
        ("a.csv", b"\xef\xbb\xbfa,b\n1,\xe3\x81\n", UNKNOWN, "2"),
        ("a.csv", "注文番号,名前\n1,あ\n".encode("euc_jp"), UNKNOWN, "1"),
        ("a.csv", "番号,名\n1,あ\n".encode("utf-16")[:-1], UNKNOWN, "2"),
        ("a.xls", b"\xd0\xcf\x11\xe0", KIND, ""),
        ("a", b"a,b\n", KIND, ""),
        ("a.gz", PACKED, KIND, ""),
        ("a.xlsx", b"PK\x03\x04", NO_BOOK, ""),
        ("a.xlsx", book_bytes()[:-99], NO_BOOK, ""),
        ("a.xlsx", b"a,b\n1,2\n", NO_BOOK, ""),
        ("a.parquet", parquet_bytes()[:-9], NO_PARQUET, ""),
        ("a.parquet", b"a,b\n", NO_PARQUET, ""),
    ],
)
def test_a_file_that_cannot_be_read_says_what_where_and_next(
    tmp_path: Path, name: str, content: bytes, message: str, row: str
) -> None:
    with pytest.raises(InputError) as error:
        read(written(tmp_path / name, content)).batches.read_all()
    assert str(error.value) == message.format(name=name, row=row)


def test_an_empty_workbook_is_an_empty_file(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    with pytest.raises(InputError) as error:
        read(tmp_path / "a.xlsx")
    assert str(error.value) == EMPTY.format(name="a.xlsx")


def test_an_odd_number_of_quotes_is_no_trouble_where_all_are_closed(tmp_path: Path) -> None:
    stream = io.StringIO()
    csv.writer(stream).writerows([["a", "b"], ["1", "二行の\nメモ"], ["2", "x"]])
    path = written(tmp_path / "a.csv", stream.getvalue() + '3,24" 画面\n')
    assert cells(path)[-1] == ("3", '24" 画面')


def test_a_cell_of_many_pages_is_still_a_cell(tmp_path: Path) -> None:
    long = "あ" * 200_000
    assert cells(written(tmp_path / "a.csv", f'a,b\n1,"{long}"\n2,x\n')) == [("1", long), ("2", "x")]
