"""The workbook holds what the tables hold, nothing in it can run, and it is written whole or not at all."""

import datetime as dt
import tempfile
import time
import zipfile
from decimal import Decimal
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from horetsu_utils import workbook
from horetsu_utils.placing import PlacingError
from horetsu_utils.workbook import Sheet, write

EXAMPLES = settings(max_examples=60, deadline=None)
MEMBERS = pd.DataFrame(
    {
        "お客様番号": ["0001", "0002", "0003"],
        "注文回数": [3, 12, 1],
        "平均": [1.5, 2.0, float("nan")],
        "購入金額": [Decimal("12345.0000"), Decimal("-500.0000"), None],
        "最終購入日": [dt.date(2026, 6, 30), None, dt.date(2024, 2, 29)],
        "登録日時": pd.to_datetime(["2026-06-30 09:15", None, "2025-01-01 00:00"]),
        "冷め": [True, False, True],
    },
    index=["x", "y", "z"],
)


def read(path: Path, place: int = 0) -> Worksheet:
    return openpyxl.load_workbook(path).worksheets[place]


def rows(sheet: Worksheet) -> list[tuple]:
    return list(sheet.iter_rows(values_only=True))


def held(folder: Path, *values: object, heading: str = "内容") -> list:
    """Write a column of values and return the cells that a reader finds."""
    frame = pd.DataFrame({heading: pd.Series(list(values), dtype="object")})
    sheet = read(write(folder / "held.xlsx", [Sheet("表", frame)]))
    return list(next(sheet.iter_cols(min_row=2, max_row=1 + len(values))))


def files(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode("utf-8") for name in archive.namelist()}


def test_a_table_read_back_is_the_table(tmp_path: Path) -> None:
    sheet = read(write(tmp_path / "a.xlsx", [Sheet("会員", MEMBERS)]))
    assert sheet.title == "会員"
    assert rows(sheet) == [
        tuple(MEMBERS.columns),
        ("0001", 3, 1.5, 12345, dt.datetime(2026, 6, 30), dt.datetime(2026, 6, 30, 9, 15), "はい"),
        ("0002", 12, 2.0, -500, None, None, "いいえ"),
        ("0003", 1, None, None, dt.datetime(2024, 2, 29), dt.datetime(2025, 1, 1), "はい"),
    ]
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "n", "n", "d", "d", "s"]


def test_another_reader_finds_the_same(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.xlsx", [Sheet("会員", MEMBERS), Sheet("文", pd.DataFrame({"文": ["=1+1", "あ\n<い>&"]}))]
    )
    book = CalamineWorkbook.from_path(path)
    assert book.sheet_names == ["会員", "文"]
    assert book.get_sheet_by_index(0).to_python()[1] == [
        "0001",
        3.0,
        1.5,
        12345.0,
        dt.date(2026, 6, 30),
        dt.datetime(2026, 6, 30, 9, 15),
        "はい",
    ]
    assert book.get_sheet_by_index(1).to_python() == [["文"], ["=1+1"], ["あ\n<い>&"]]


def test_numbers_and_dates_of_one_column_look_alike(tmp_path: Path) -> None:
    sheet = read(write(tmp_path / "a.xlsx", [Sheet("会員", MEMBERS)]))
    assert [sheet.cell(row, 3).number_format for row in (2, 3)] == ["#,##0.0##"] * 2
    looks = ["General", "#,##0", "#,##0.0##", "#,##0", "yyyy/mm/dd", "yyyy/mm/dd hh:mm", "General"]
    assert [cell.number_format for cell in sheet[2]] == looks
    assert sheet["F4"].number_format == "yyyy/mm/dd hh:mm", "midnight too, where others have a time"


def test_headings_stay_in_sight_and_can_be_filtered(tmp_path: Path) -> None:
    sheet = read(write(tmp_path / "a.xlsx", [Sheet("会員", MEMBERS, note="ひとこと")]))
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:G4", "the note below is not sorted with the rows"
    assert all(cell.font.b for cell in sheet[1])


def test_the_note_stands_below_the_table(tmp_path: Path) -> None:
    sheet = read(write(tmp_path / "a.xlsx", [Sheet("会員", MEMBERS[["注文回数"]], note="=ひとこと")]))
    assert rows(sheet) == [("注文回数",), (3,), (12,), (1,), (None,), ("=ひとこと",)]
    assert sheet["A6"].data_type == "s"


HOSTILE = [
    "=1+1",
    '=HYPERLINK("http://example.com","見る")',
    "{=SUM(A1:A9)}",
    "+81-3-0000-0000",
    "-2+3",
    "@SUM(1)",
    "＝1+1",
    "\t=1+1",
    "\n=1+1",
    "http://example.com/a",
    "mailto:a@example.com",
    "internal:Sheet1!A1",
    "external:c:\\a.xlsx",
    "00123",
    "1e5",
    "<b>太字</b> & \"引用\" 'など'",
    "<r><t>a</t></r>x",
    "_x0041_",
    " 前後の空白 ",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_the_text_it_was(tmp_path: Path, text: str) -> None:
    cell = held(tmp_path, text, heading=text)[0]
    assert unescape(cell.value) == text
    assert cell.data_type == "s"
    assert cell.hyperlink is None
    written = files(tmp_path / "held.xlsx")
    sheet = written["xl/worksheets/sheet1.xml"]
    assert "<f" not in sheet and "<hyperlink" not in sheet
    assert not any("worksheets/_rels" in name for name in written)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "＝1+1", "＋1", "－1", "＠a", "\t=1", "\n=1", "\r=1"])
def test_text_that_starts_a_formula_is_marked_as_text(tmp_path: Path, text: str) -> None:
    marked, plain = held(tmp_path, text, "a=1")
    assert marked.quotePrefix and not plain.quotePrefix


def test_text_like_rich_text_cannot_write_into_the_file(tmp_path: Path) -> None:
    # The writer takes a text from <r> to </r> for its own markup; a space behind it makes it text again.
    hostile = '<r></is></c><c r="B1"><f>1+1</f></c><c><is></r>'
    long = "<r>" + "あ" * (workbook.MOST_SIGNS - 7) + "</r>"
    found = held(tmp_path, hostile, long)
    assert found[0].value == hostile + " "
    assert found[1].value == long[: workbook.MOST_SIGNS - len(workbook.CUT)] + workbook.CUT
    assert "<f>" not in files(tmp_path / "held.xlsx")["xl/worksheets/sheet1.xml"]


def test_signs_that_xml_cannot_hold_are_left_out(tmp_path: Path) -> None:
    found = held(
        tmp_path, "a\x00b\x08c\x0b\x1bd\ud800e\uffff", "一行目\r\n二行目\r三行目", "\x07", heading="見\x00出し"
    )
    assert [cell.value for cell in found] == ["abcde", "一行目\n二行目\n三行目", None]
    assert read(tmp_path / "held.xlsx")["A1"].value == "見出し"


@given(text=st.text(st.characters(codec=None), max_size=40))
@EXAMPLES
def test_any_text_can_be_written_and_read(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    cell = held(tmp_path_factory.mktemp("any"), text)[0]
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = [sign for sign in lines if sign in "\t\n" or sign >= " "]
    known = "".join(sign for sign in kept if not "\ud800" <= sign <= "\udfff" and sign not in "\ufffe\uffff")
    assert unescape(cell.value or "") == known
    assert cell.data_type == ("s" if known else "n")


@pytest.mark.parametrize("sign", ["あ", "😀"])
def test_a_text_too_long_for_a_cell_is_cut_and_says_so(tmp_path: Path, sign: str) -> None:
    units = len(sign.encode("utf-16-le")) // 2
    fits, long = sign * (32_767 // units), sign * (32_767 // units + 1)
    found = [cell.value for cell in held(tmp_path, fits, long)]
    assert found[0] == fits
    assert found[1] == sign * ((32_767 - len(workbook.CUT)) // units) + "…(長いため、ここまで)"


def test_other_values_become_text_and_unknown_ones_stay_empty(tmp_path: Path) -> None:
    found = held(
        tmp_path,
        None,
        float("nan"),
        pd.NaT,
        pd.NA,
        Decimal("NaN"),
        "",
        float("inf"),
        ["a", 1],
        dt.time(9, 30),
        np.bool_(False),
        np.int64(7),
    )
    texts = ["inf", "['a', 1]", "09:30:00", "いいえ", 7]
    assert [cell.value for cell in found] == [None] * 6 + texts


def test_long_numbers_lose_no_digit(tmp_path: Path) -> None:
    found = held(tmp_path, 999_999_999_999_999, 1_000_000_000_000_001, Decimal(-(10**15)), 4_901_234_567_894)
    assert [cell.value for cell in found] == [
        999_999_999_999_999,
        "1000000000000001",
        "-1000000000000000",
        4_901_234_567_894,
    ]


def test_days_that_excel_does_not_know_are_text(tmp_path: Path) -> None:
    days = [dt.date(1900, 3, 1), dt.date(1900, 2, 28), dt.datetime(1868, 1, 3, 12), dt.date(9999, 12, 31)]
    assert [cell.value for cell in held(tmp_path, *days)] == [
        dt.datetime(1900, 3, 1),
        "1900-02-28",
        "1868-01-03 12:00:00",
        dt.datetime(9999, 12, 31),
    ]


def test_a_time_is_the_clock_of_its_own_zone(tmp_path: Path) -> None:
    found = held(tmp_path, pd.Timestamp("2026-06-30 08:00:00.000000001", tz="Asia/Tokyo"))
    assert found[0].value == dt.datetime(2026, 6, 30, 8)


@pytest.mark.filterwarnings("error")
def test_columns_are_as_wide_as_what_they_hold_within_bounds(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "a": ["b"],
            "お名前": ["惚れ通太郎さま"],
            "長い": ["あ" * 200],
            "額": [1234567.0],
            "日": [dt.date(2026, 6, 30)],
        }
    )
    sheet = read(write(tmp_path / "a.xlsx", [Sheet("幅", frame)]))
    # 3 more for the filter's button: 1 + 3 is below 8; 7 signs of 2; above 48; 1,234,567 is 9; 2026/06/30 is 10.
    widths = [round(sheet.column_dimensions[letter].width) for letter in "ABCDE"]
    assert widths == [9, 18, 49, 13, 14], "each and the margin that the file format counts in"
    wrapped = [sheet.cell(2, place).alignment.wrap_text for place in (2, 3)]
    assert wrapped == [None, True]


def test_text_of_several_lines_is_wrapped(tmp_path: Path) -> None:
    assert held(tmp_path, "一\n二")[0].alignment.wrap_text


def test_a_long_table_says_how_many_rows_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 1000)
    frame = pd.DataFrame({"番号": range(3500)})
    found = rows(read(write(tmp_path / "a.xlsx", [Sheet("表", frame, note="ひとこと")])))
    assert [row[0] for row in found[:-2]] == ["番号", *range(1000), None]
    assert [row[0] for row in found[-2:]] == [
        "ひとこと",
        "この表は長いため、はじめの1,000行だけを載せています。このほかに2,500行あります。",
    ]
    whole = rows(read(write(tmp_path / "a.xlsx", [Sheet("表", frame.head(1000))])))
    assert len(whole) == 1001


def test_an_empty_table_has_its_headings(tmp_path: Path) -> None:
    sheet = read(write(tmp_path / "a.xlsx", [Sheet("表", MEMBERS.iloc[:0], note="まだ記録がありません。")]))
    assert rows(sheet)[0] == tuple(MEMBERS.columns)
    assert [row[0] for row in rows(sheet)[1:]] == [None, "まだ記録がありません。"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:G1")


def test_a_table_without_columns_and_a_workbook_without_tables_can_be_opened(tmp_path: Path) -> None:
    assert rows(read(write(tmp_path / "a.xlsx", [Sheet("表", pd.DataFrame(), note="空です")])))[-1] == ("空です",)
    assert rows(read(write(tmp_path / "b.xlsx", []))) == []


def test_equal_headings_stay_apart(tmp_path: Path) -> None:
    frame = pd.DataFrame([[1, "二"]], columns=["送料", "送料"])
    assert rows(read(write(tmp_path / "a.xlsx", [Sheet("表", frame)]))) == [("送料", "送料"), (1, "二")]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (["RFM", "関係:段階/流れ"], ["RFM", "関係 段階 流れ"]),
        (["[a]*b?\\c", "全角：＊？／＼［］も"], ["a b c", "全角 も"]),
        (["'引用'", "", "///", "\x00"], ["引用", "表", "表 (2)", "表 (3)"]),
        (["あ" * 31, "あ" * 32, "あ" * 40], ["あ" * 31, "あ" * 27 + " (2)", "あ" * 27 + " (3)"]),
        (["Rfm", "RFM", "ＲＦＭ"], ["Rfm", "RFM (2)", "ＲＦＭ (3)"]),
        (["History", "😀" * 20, "あ" * 30 + "'い"], ["History (2)", "😀" * 15, "あ" * 30]),
    ],
)
def test_names_of_sheets_are_made_legal(tmp_path: Path, wanted: list[str], names: list[str]) -> None:
    book = openpyxl.load_workbook(write(tmp_path / "a.xlsx", [Sheet(name, MEMBERS) for name in wanted]))
    assert book.sheetnames == names


@given(wanted=st.lists(st.text("aA'あ/ (2)", max_size=33), max_size=8))
@EXAMPLES
def test_any_names_become_legal_and_all_different(tmp_path_factory: pytest.TempPathFactory, wanted: list[str]) -> None:
    sheets = [Sheet(name, pd.DataFrame({"a": [1]})) for name in wanted or ["a"]]
    names = openpyxl.load_workbook(write(tmp_path_factory.mktemp("names") / "a.xlsx", sheets)).sheetnames
    assert len({name.casefold() for name in names}) == len(sheets)
    assert all(0 < len(name) <= 31 and "/" not in name and name == name.strip(" '") for name in names)


def test_the_same_tables_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheets = [Sheet("会員", MEMBERS), Sheet("もう一つ", MEMBERS, note="ひとこと")]
    first = write(tmp_path / "a.xlsx", sheets).read_bytes()
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        second = write(tmp_path / "elsewhere" / "b.xlsx", sheets).read_bytes()
    finally:
        monkeypatch.undo()
        time.tzset()
    assert first == second


def test_nothing_tells_who_wrote_the_workbook_and_when(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", [Sheet("会員", MEMBERS)])
    told = openpyxl.load_workbook(path).properties
    assert (told.creator or "", told.lastModifiedBy or "") == ("", "")
    assert told.created == told.modified == workbook.CREATED
    assert {info.date_time[0] for info in zipfile.ZipFile(path).infolist()} == {1980}
    assert not any(str(tmp_path) in text for text in files(path).values())


class Broken:
    def __str__(self) -> str:
        raise RuntimeError("no text")


def test_a_failure_leaves_the_old_workbook_and_nothing_half_made(tmp_path: Path) -> None:
    old = write(tmp_path / "a.xlsx", [Sheet("会員", MEMBERS)]).read_bytes()
    frame = pd.DataFrame({"a": ["x", Broken()]})
    with pytest.raises(RuntimeError, match="no text"):
        write(tmp_path / "a.xlsx", [Sheet("会員", MEMBERS), Sheet("b", frame)])
    assert (tmp_path / "a.xlsx").read_bytes() == old
    assert list(tmp_path.iterdir()) == [tmp_path / "a.xlsx"]


def test_what_the_disk_refuses_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = write(tmp_path / "a.xlsx", [Sheet("会員", MEMBERS)]).read_bytes()

    def full(*told: object, **more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "write", full)
    with pytest.raises(PlacingError, match=r"a\.xlsx を書き込めませんでした\(空き容量が足りません\)"):
        write(tmp_path / "a.xlsx", [Sheet("会員", MEMBERS)])
    assert (tmp_path / "a.xlsx").read_bytes() == old
    assert list(tmp_path.iterdir()) == [tmp_path / "a.xlsx"]


def test_the_rows_of_customers_pass_through_no_other_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    assert len(rows(read(write(tmp_path / "a.xlsx", [Sheet("会員", MEMBERS)])))) == 4


def test_a_folder_is_made_for_the_workbook(tmp_path: Path) -> None:
    path = write(tmp_path / "new" / "folder" / "a.xlsx", [Sheet("会員", MEMBERS)])
    assert path == tmp_path / "new" / "folder" / "a.xlsx"
    assert path.is_file()
    (tmp_path / "file").write_text("")
    with pytest.raises(PlacingError):
        write(tmp_path / "file" / "a.xlsx", [])
