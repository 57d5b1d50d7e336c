"""Exports in two files: every line takes over its order's cells, and no row of either file goes missing."""

from collections.abc import Callable
from typing import Any

import pytest
from conftest import Prepared

from horetsu_utils.errors import InputError
from horetsu_utils.ingest import identity

PAIR = """
title: 二つのファイルの店
tables:
  orders:
    join: {by: 注文コード, known_by: [注文日時, 請求先メール], lines_known_by: [品番, 品名, 単価]}
    columns:
      order_id: [注文コード]
      ordered_at: [注文日時]
      product_id: [品番]
      product_name: [品名]
      quantity: [数]
      unit_price: [単価]
      source: [備考]
    computed: {amount: quantity * unit_price}
    person: {mail: [請求先メール], phone: [請求先電話], name: [請求先氏名]}
    customer_key: [{kind: mail}, {kind: phone}]
    cancelled: [{column: 注文状態, is_in: ["4"]}]
"""
TABLES = "  orders: [{files: data/*, mapping: pair}]"
ITEMS, ORDERS = "注文コード,品番,品名,数,単価,備考", "注文コード,注文日時,請求先メール,請求先電話,注文状態,備考"
Run = Callable[..., Prepared]


def items(*rows: str) -> str:
    return "\n".join([ITEMS, *rows])


def orders(*rows: str) -> str:
    return "\n".join([ORDERS, *rows])


def picked(rows: list[dict[str, Any]], *names: str) -> list[tuple]:
    return [tuple(row[name] for name in names) for row in rows]


def outcomes(found: Prepared) -> dict[str, dict[str, int]]:
    files = found.account["tables"]["orders"]["files"]
    return {each["file"]: {name: rows for name, rows in each["outcomes"].items() if rows} for each in files}


def test_every_line_gets_the_cells_of_its_order(prepare: Run) -> None:
    files = {
        "item.csv": items("a-1,S-1,石けん,2,500,行の備考", "a-1,L-1,化粧水,1,1500,", "'a-2,S-1,石けん,1,500,"),
        "order.csv": orders(
            "a-2,2026/06/02 10:00:00,,090-0000-0002,4,注文の備考", "a-1,2026/06/01 09:00:00,A@example.jp,,2,注文の備考"
        ),
    }
    found = prepare(files, TABLES, pair=PAIR)
    mail, phone = found.key(identity.MAIL, "a@example.jp"), found.key(identity.PHONE, "09000000002")
    names = ("order_id", "customer_id", "product_id", "amount", "source", "outcome")
    assert picked(found.table("lines"), *names) == [
        ("a-1", mail, "S-1", 1000, "行の備考", "accepted"),
        ("a-1", mail, "L-1", 1500, None, "accepted"),
        ("a-2", phone, "S-1", 500, None, "cancelled_or_returned"),
    ]
    assert picked(found.table("orders"), "order_id", "amount", "line_count") == [("a-1", 2500, 2)]
    assert outcomes(found) == {
        "data/item.csv": {"accepted": 2, "cancelled_or_returned": 1},
        "data/order.csv": {"joined": 2},
    }


def test_an_order_without_lines_and_a_line_without_its_order_are_both_told(prepare: Run) -> None:
    files = {
        "item.csv": items("1,S-1,石けん,1,500,", "9,S-1,石けん,1,500,"),
        "order.csv": orders(
            "1,2026/06/01 09:00:00,a@example.jp,,2,", "3,2026/06/01 09:00:00,a@example.jp,,2,", ",,,,,x"
        ),
    }
    found = prepare(files, TABLES, pair=PAIR)
    assert found.counts() == {"accepted": 1, "joined": 1, "rejected": 3}
    assert [tuple(each.values()) for each in found.rejected] == [
        (
            "data/item.csv",
            3,
            "注文コード",
            "9",
            "この番号の注文が、注文のファイルにありません",
            "同じ期間の注文のファイルも書き出して、一緒に置いてください",
        ),
        (
            "data/order.csv",
            3,
            "注文コード",
            "3",
            "この注文の明細が、明細のファイルにありません",
            "同じ期間の明細のファイルも書き出して、一緒に置いてください",
        ),
        (
            "data/order.csv",
            4,
            "注文コード",
            "",
            "値が空です",
            "値を入れるか、この行が要らなければ消してください",
        ),
    ]


def test_the_newest_telling_of_an_order_holds_for_its_lines(prepare: Run) -> None:
    files = {
        "item_06.csv": items("1,S-1,石けん,1,500,", "2,S-1,石けん,1,500,"),
        "item_07.csv": items("2,S-1,石けん,3,500,", "3,S-1,石けん,1,500,"),
        "order_06.csv": orders("1,2026/06/01 09:00:00,a@example.jp,,2,", "2,2026/06/02 09:00:00,a@example.jp,,2,"),
        "order_07.csv": orders(
            "1,2026/06/01 09:00:00,a@example.jp,,4,",
            "2,2026/06/02 09:00:00,b@example.jp,,2,",
            "3,2026/07/03 09:00:00,b@example.jp,,2,",
        ),
    }
    found = prepare(files, TABLES, pair=PAIR)
    b = found.key(identity.MAIL, "b@example.jp")
    assert picked(found.table("orders"), "order_id", "customer_id", "amount") == [("2", b, 1500), ("3", b, 500)]
    assert outcomes(found) == {
        "data/item_06.csv": {"cancelled_or_returned": 1, "duplicate": 1},
        "data/item_07.csv": {"accepted": 2},
        "data/order_06.csv": {"duplicate": 2},
        "data/order_07.csv": {"joined": 3},
    }


def test_the_order_files_may_differ_in_their_columns(prepare: Run) -> None:
    files = {
        "item.csv": items("1,S-1,石けん,1,500,", "2,S-1,石けん,1,500,"),
        "order_1.csv": "注文日時,注文コード,請求先メール,請求先電話\n2026/06/01 09:00:00,1,,090-0000-0001\n",
        "order_2.csv": "請求先メール,注文状態,注文日時,注文コード\nb@example.jp,4,2026/06/02 09:00:00,2\n",
    }
    found = prepare(files, TABLES, pair=PAIR)
    assert picked(found.table("lines"), "order_id", "customer_id", "outcome") == [
        ("1", found.key(identity.PHONE, "09000000001"), "accepted"),
        ("2", found.key(identity.MAIL, "b@example.jp"), "cancelled_or_returned"),
    ]


def test_a_row_of_another_width_in_either_file_is_told(prepare: Run) -> None:
    files = {
        "item.csv": items("1,S-1,石けん,1,500,", "1,S-2,石,けん,1,500,"),
        "order.csv": orders("1,2026/06/01 09:00:00,a@example.jp,,2,", "2,2026/06/01"),
    }
    found = prepare(files, TABLES, pair=PAIR)
    assert found.counts() == {"accepted": 1, "joined": 1, "rejected": 2}
    assert [(each["file"], each["row"], each["value"], each["reason"]) for each in found.rejected] == [
        ("data/item.csv", 3, "", "セルの数(7)が見出しの数(6)と違います"),
        ("data/order.csv", 3, "", "セルの数(2)が見出しの数(6)と違います"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "lacking"),
    [
        ("item.csv", items("1,S-1,石けん,1,500,"), "見出しに「注文日時」「請求先メール」があるファイル"),
        (
            "order.csv",
            orders("1,2026/06/01 09:00:00,a@example.jp,,2,"),
            "見出しに「品番」「品名」「単価」があるファイル",
        ),
    ],
)
def test_one_half_alone_is_refused_with_what_the_other_is_known_by(
    prepare: Run, name: str, content: str, lacking: str
) -> None:
    with pytest.raises(InputError) as error:
        prepare({name: content}, TABLES, pair=PAIR)
    assert str(error.value) == (
        "二つのファイルの店 は、2つのファイルを一緒に読みます。もう1つのファイルがありません。\n"
        f"場所: data/{name}\n次に: {lacking}も書き出して、data フォルダに置いてください。"
    )
