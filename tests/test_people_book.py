"""The list of customers in the workbook: who stands on which sheet, under which headings, and that nothing can run."""

import datetime as dt
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from horetsu_utils import client as clients
from horetsu_utils import people, people_book, rulebook, workbook
from horetsu_utils.assets import RULES
from horetsu_utils.people_settings import COLUMNS, FITS
from horetsu_utils.shop import Shop

STAGES = rulebook.stages(RULES / "stages.yaml").stages
FRAME = pd.DataFrame(
    {
        "customer_id": ["A", "B", "C", "D"],
        "first_on": pd.to_datetime(["2026-06-01", None, "2026-06-03", "2026-06-04"]),
        "frequency": pd.array([1, None, 3, 4], dtype="Int64"),
        "monetary_yen": [100.0, None, -300.5, 400.0],
        "stage": pd.array([0, 2, 2, None], dtype="Int64"),
        "cooling": pd.array([False, True, None, None], dtype="boolean"),
        "cooled_on": pd.to_datetime([None] * 4),
        "expected_orders": [None] * 4,
        "product_1": ["=cmd|' /C calc'!A0", "<script>alert(1)</script>", "🧴 化粧水", None],
    }
)


def test_everybody_then_each_stage_that_has_anybody() -> None:
    sheets = people_book.sheets(FRAME, stages=STAGES, note="お知らせ。")
    assert [(sheet.name, sheet.frame["顧客番号"].tolist()) for sheet in sheets] == [
        ("お客様", ["A", "B", "C", "D"]),
        ("0 観測", ["A"]),
        ("2 共感", ["B", "C"]),
    ]
    assert {sheet.note for sheet in sheets} == {"お知らせ。"}
    assert {tuple(sheet.frame.columns) for sheet in sheets} == {
        (
            "顧客番号",
            "はじめてのご注文日",
            "注文回数(回)",
            "購入金額(円)",
            "ステージの番号",
            "冷めている",
            "合いそうな品1",
        )
    }, "what is empty for everybody is left out of every sheet, what is empty on one sheet stays"


def test_the_clients_choice_of_columns_and_currency() -> None:
    chosen = ("customer_id", "monetary_yen", "segment")
    sheets = people_book.sheets(FRAME, stages=STAGES, columns=chosen, currency="GBP")
    assert [list(sheet.frame.columns) for sheet in sheets] == [["顧客番号", "購入金額(ポンド)"]] * 3
    assert [len(sheet.frame) for sheet in sheets] == [4, 1, 2], "the stage need not be chosen to part the sheets"


def test_many_stand_on_one_sheet_which_says_how_to_part_them() -> None:
    at_most = pd.concat([FRAME] * (people_book.MOST_PARTED // len(FRAME)), ignore_index=True)
    assert len(people_book.sheets(at_most, stages=STAGES)) == 3
    (sheet,) = people_book.sheets(pd.concat([at_most, FRAME]), stages=STAGES, note="お知らせ。")
    assert len(sheet.frame) == people_book.MOST_PARTED + len(FRAME)
    assert sheet.note == f"お知らせ。{people_book.NOT_PARTED}"


def test_nobody_leaves_no_sheet() -> None:
    assert people_book.sheets(FRAME.iloc[:0], stages=STAGES) == []


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_has_a_japanese_heading_of_its_own(column: str) -> None:
    heading = people_book.heading(column)
    assert heading != column
    assert not any(sign.isascii() and sign.islower() for sign in heading)
    assert [people_book.heading(each) for each in COLUMNS].count(heading) == 1


def test_headings_tell_the_units() -> None:
    headings = [people_book.heading(column, "USD") for column in ("expected_orders", "expected_yen", "recency_days")]
    assert headings == ["これからのご注文の見込み(回)", "これからの売上の見込み(ドル)", "最終購入からの日数(日)"]
    assert [people_book.heading(column) for column in FITS[2:4]] == ["合いそうな品2", "そのわけ2"]


def test_in_the_workbook_days_are_days_numbers_are_numbers_and_nothing_runs(tmp_path: Path) -> None:
    path = workbook.write(tmp_path / "a.xlsx", people_book.sheets(FRAME, stages=STAGES, note="お知らせ。"))
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["お客様", "0 観測", "2 共感"]
    rows = list(book["お客様"].iter_rows(min_row=2, max_row=5))
    assert [cell.value for cell in rows[2]] == ["C", dt.datetime(2026, 6, 3), 3, -300.5, 2, None, "🧴 化粧水"]
    assert [cell.value for cell in rows[1]] == ["B", None, None, None, 2, "はい", "<script>alert(1)</script>"]
    run = rows[0][-1]
    assert (run.value, run.data_type, run.quotePrefix) == ("=cmd|' /C calc'!A0", "s", True)
    assert rows[0][1].number_format == "yyyy/mm/dd"
    assert rows[0][3].number_format == "#,##0.0##"


@pytest.fixture(scope="module")
def told(demo_client: Path) -> people.People:
    return people.told(people.known(Shop.open(demo_client, as_of="")))


def test_the_demo_in_both_editions(told: people.People, demo_client: Path, tmp_path: Path) -> None:
    sent = people.for_client(told, clients.secret(clients.find(str(demo_client))))
    for edition, masked in ((told, False), (sent, True)):
        sheets = people_book.sheets(edition.frame, stages=STAGES, note=edition.note)
        assert [sheet.name for sheet in sheets] == ["お客様", "0 観測", "1 着地", "2 共感", "3 関与", "4 循環"]
        assert [len(sheet.frame) for sheet in sheets] == [3000, 1002, 1115, 503, 261, 119]
        path = workbook.write(tmp_path / "a.xlsx", sheets[:1])
        last = list(openpyxl.load_workbook(path, read_only=True)["お客様"].iter_rows(values_only=True))
        assert str(last[1][0]).startswith("C-") is masked
        assert last[-1][0] == edition.note
        assert ("合いそうな品1" in last[0]) is not masked
        assert "これからのご注文の見込み(回)" not in last[0]
