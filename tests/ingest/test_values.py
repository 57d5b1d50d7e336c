"""Cells become typed values: what is written is understood, what cannot be is refused or left empty, never guessed."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

HEADER = "order_id,customer_id,ordered_at,amount"


def amounts(prepare: Any, texts: list[str], mapping: str = "generic", **extra: str) -> dict[str, Decimal | None]:
    lines = [f'{number},c,2026-06-01,"{text}"' for number, text in enumerate(texts, start=1)]
    content = "\n".join([HEADER, *lines, "last,c,2026-06-01,1"])
    found = prepare({"a.csv": content}, f"  orders: [{{files: data/*, mapping: {mapping}}}]", **extra).table("lines")
    return {texts[int(row["order_id"]) - 1]: row["amount"] for row in found if row["order_id"] != "last"}


def test_an_amount_is_understood_as_the_shop_writes_it(prepare) -> None:
    expected = {
        "1200": 1200,
        "1,200": 1200,
        "1,234,567": 1234567,
        "¥1,200": 1200,
        "￥１，２００": 1200,
        "\\1,200": 1200,
        "１２００": 1200,
        "1,200円": 1200,
        "1,200 円": 1200,
        "JPY 1200": 1200,
        "$1,200.50": Decimal("1200.5"),
        "(1,200)": -1200,
        "（１，２００）": -1200,
        "▲1,200": -1200,
        "△ 1,200": -1200,
        "-1,200": -1200,
        "−１２００": -1200,
        "-¥1,200": -1200,
        "¥-1,200": -1200,
        "+5": 5,
        "0.5": Decimal("0.5"),
        "0": 0,
        "999,999,999,999": 999_999_999_999,
    }
    assert amounts(prepare, list(expected)) == expected


def test_what_is_no_amount_is_refused_rather_than_guessed(prepare) -> None:
    texts = ["1,20", "12,34,567", "1 2", "1,200,", "1.200,00 €", "千円", "--5", "(5", "1-2", "NaN", "1000000000000"]
    assert amounts(prepare, texts) == dict.fromkeys(texts)


EUROPEAN = """
title: european
numbers: european
tables:
  orders:
    columns: {order_id: [order_id], customer_id: [customer_id], ordered_at: [ordered_at], amount: [amount]}
"""


def test_european_numbers_are_read_where_the_mapping_says_so(prepare) -> None:
    expected = {"1.200,00 €": 1200, "1.200": 1200, "1200": 1200, "12,5": Decimal("12.5"), "(1.200)": -1200}
    refused = ["12.5", "1,200.50", "1.20,0", "1.2000"]
    found = amounts(prepare, [*expected, *refused], "european", european=EUROPEAN)
    assert found == expected | dict.fromkeys(refused)


TIMES = {
    "2026-06-05": dt.datetime(2026, 6, 5),
    "2026/6/5": dt.datetime(2026, 6, 5),
    "2026年6月5日": dt.datetime(2026, 6, 5),
    "２０２６／０６／０５": dt.datetime(2026, 6, 5),
    "2026-06-05 09:08": dt.datetime(2026, 6, 5, 9, 8),
    "2026/6/5 9:08": dt.datetime(2026, 6, 5, 9, 8),
    "2026/06/05 09:08:07": dt.datetime(2026, 6, 5, 9, 8, 7),
    "2026年06月05日 9:08": dt.datetime(2026, 6, 5, 9, 8),
    "2026-06-05 09:08:07.250": dt.datetime(2026, 6, 5, 9, 8, 7, 250_000),
    "2026-06-05T09:08:07": dt.datetime(2026, 6, 5, 9, 8, 7),
    "2026-06-05 09:08:07 +0900": dt.datetime(2026, 6, 5, 9, 8, 7),
    "2026-06-05 09:08:07 -0500": dt.datetime(2026, 6, 5, 23, 8, 7),
    "2026-06-05T09:08:07+09:00": dt.datetime(2026, 6, 5, 9, 8, 7),
    "2026-06-05T20:08:07Z": dt.datetime(2026, 6, 6, 5, 8, 7),
    "2026-06-05T20:08:07.500Z": dt.datetime(2026, 6, 6, 5, 8, 7, 500_000),
    "2024-02-29": dt.datetime(2024, 2, 29),
}
NO_TIMES = ["2026-02-29", "2026-13-01", "2026-06-31", "26/06/05", "06/05/2026", "2026-06-05 24:00", "きのう", "46178"]


def test_a_time_is_understood_in_the_clients_zone(prepare) -> None:
    lines = [f"{number},c,{text},1" for number, text in enumerate([*TIMES, *NO_TIMES])]
    found = prepare({"a.csv": "\n".join([HEADER, *lines])})
    read = [row["ordered_at"] for row in sorted(found.table("lines"), key=lambda row: int(row["order_id"]))]
    assert dict(zip([*TIMES, *NO_TIMES], read, strict=True)) == TIMES | dict.fromkeys(NO_TIMES)
    assert [each["value"] for each in found.rejected] == NO_TIMES
    assert {(each["reason"], each["mend"]) for each in found.rejected} == {
        ("日時として読めません", "2026-06-30 09:00のような形に直してください")
    }


AMERICAN = """
title: american
time_zone: America/New_York
tables:
  orders:
    columns: {order_id: [order_id], customer_id: [customer_id], ordered_at: [ordered_at], amount: [amount]}
"""


def test_summer_time_is_minded_when_a_shop_writes_another_zones_clock(prepare) -> None:
    moments = {
        "2026-03-08 01:30": dt.datetime(2026, 3, 8, 15, 30),
        "2026-03-08 03:30": dt.datetime(2026, 3, 8, 16, 30),
        "2026-10-31 23:00": dt.datetime(2026, 11, 1, 12, 0),
        "2026-11-01 23:00": dt.datetime(2026, 11, 2, 13, 0),
    }
    lines = [f"{number},c,{text},1" for number, text in enumerate(moments)]
    tables = "  orders: [{files: data/*, mapping: american}]"
    found = prepare({"a.csv": "\n".join([HEADER, *lines])}, tables, american=AMERICAN).table("lines")
    assert [row["ordered_at"] for row in found] == list(moments.values())


def test_a_day_is_the_clients_day(prepare) -> None:
    content = f"{HEADER}\n1,c,2026-06-30 16:00:00 +0000,1\n"
    tokyo = prepare({"a.csv": content}).table("orders")
    london = prepare({"a.csv": content}, settings="time_zone: Europe/London", name="london").table("orders")
    assert [tokyo[0]["ordered_on"], london[0]["ordered_on"]] == [dt.date(2026, 7, 1), dt.date(2026, 6, 30)]


def test_parquet_with_a_zone_of_its_own_lands_on_the_clients_clock(prepare, tmp_path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    at = pa.array([dt.datetime(2026, 6, 29, 15, 0, tzinfo=dt.UTC)], pa.timestamp("us", tz="UTC"))
    table = pa.table({"order_id": [1], "customer_id": [2.0], "ordered_at": at, "amount": [3.5]})
    pq.write_table(table, tmp_path / "a.parquet")
    (row,) = prepare({"a.parquet": (tmp_path / "a.parquet").read_bytes()}).table("lines")
    assert (row["order_id"], row["customer_id"], row["ordered_at"]) == ("1", "2", dt.datetime(2026, 6, 30))


def test_an_id_that_a_spreadsheet_has_rewritten_is_refused_with_its_row(prepare) -> None:
    header = f"{HEADER},product_id"
    rows = [
        "5.80293E+13,c,2026-06-01,1,p",
        "2,1.2E+10,2026-06-01,1,p",
        "3,c,2026-06-01,1,4.9e+12",
        "'0004,'c,2026-06-01,1,E+1",
    ]
    found = prepare({"a.csv": "\n".join([header, *rows])})
    mend = "元のシステムからもう一度書き出し、表計算ソフトで開かずにそのまま置いてください"
    assert [tuple(each.values()) for each in found.rejected] == [
        ("data/a.csv", 2, "order_id", "5.80293E+13", "表計算ソフトが番号を書きかえています", mend),
        ("data/a.csv", 3, "customer_id", "1.2E+10", "表計算ソフトが番号を書きかえています", mend),
        ("data/a.csv", 4, "product_id", "4.9e+12", "表計算ソフトが番号を書きかえています", mend),
    ]
    (kept,) = [row for row in found.table("lines") if row["outcome"] == "accepted"]
    assert (kept["order_id"], kept["customer_id"], kept["product_id"]) == ("0004", "c", "E+1")


def test_an_amount_may_be_computed_but_a_written_one_is_never_covered_up(prepare) -> None:
    header = "order_id,customer_id,ordered_at,amount,quantity,unit_price"
    rows = {
        "1,c,2026-06-01,,2,50": 100,
        "2,c,2026-06-01,70,2,50": 70,
        "3,c,2026-06-01,,-2,50": -100,
        '4,c,2026-06-01,"1,20",2,50': None,
        "5,c,2026-06-01,,二,50": None,
        "6,c,2026-06-01,,,50": None,
        "7,c,2026-06-01,,999999999999,999999999999": None,
        "8,c,2026-06-01,10,二,高い": 10,
        "9,c,2026-06-01,,0,50": 0,
    }
    found = prepare({"a.csv": "\n".join([header, *rows])})
    assert [row["amount"] for row in found.table("lines")] == list(rows.values())
    assert [(each["row"], each["column"], each["value"], each["reason"]) for each in found.rejected] == [
        (5, "amount", "1,20", "数として読めません"),
        (6, "quantity", "二", "数として読めません"),
        (7, "amount", "", "値が空です"),
        (8, "amount", "", "決められた値ではありません"),
    ]


COMPUTED = """
title: computed
tables:
  orders:
    columns:
      order_id: [order_id]
      customer_id: [customer_id]
      ordered_at: [ordered_at]
      quantity: [q]
      unit_price: [p]
      tax: [t]
    computed: {{amount: {expression}}}
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("quantity * unit_price + tax", [Decimal("109.5"), Decimal("0"), None]),
        ("quantity * (unit_price - tax) * 1.1", [Decimal("92.4"), Decimal("0"), None]),
        ("-unit_price / quantity", [Decimal("-25.25"), None, Decimal("-1")]),
        ("quantity * unit_price * quantity", [Decimal("202"), Decimal("0"), None]),
    ],
)
def test_an_expression_is_exact_and_never_stops_the_run(prepare, expression: str, expected: list) -> None:
    rows = ["1,c,2026-06-01,2,50.5,8.5", "2,c,2026-06-01,0,7,0", "3,c,2026-06-01,999999999999,999999999999,"]
    content = "\n".join(["order_id,customer_id,ordered_at,q,p,t", *rows, "4,c,2026-06-01,1,1,1"])
    mapping = COMPUTED.format(expression=expression)
    found = prepare({"a.csv": content}, "  orders: [{files: data/*, mapping: computed}]", computed=mapping)
    assert [row["amount"] for row in found.table("lines")][:3] == expected


def test_flags_and_states_are_understood_in_both_languages(prepare) -> None:
    flags = {
        "はい": True,
        "TRUE": True,
        "１": True,
        "○": True,
        "◯": True,
        "Yes": True,
        "いいえ": False,
        "0": False,
        "×": False,
        "多分": None,
        "": None,
    }
    lines = [f"{number},c,2026-06-01,1,{text}" for number, text in enumerate(flags)]
    found = prepare({"a.csv": "\n".join([f"{HEADER},定期購入", *lines])})
    assert [row["is_subscription"] for row in found.table("lines")] == list(flags.values())
    assert found.account["tables"]["orders"]["emptied"] == {"unreadable|is_subscription": 1}


def test_states_are_understood_whatever_their_case_and_never_taken_for_paid(prepare) -> None:
    states = {
        "paid": "paid",
        "Paid": "paid",
        "完了": "paid",
        "": "paid",
        "CANCELLED": "cancelled",
        "Canceled": "cancelled",
        "キャンセル": "cancelled",
        "Refunded": "returned",
        "返品": "returned",
    }
    lines = [f"{number},c,2026-06-01,1,{text}" for number, text in enumerate(states)]
    found = prepare({"a.csv": "\n".join([f"{HEADER},status", *lines])})
    assert [row["status"] for row in found.table("lines")] == list(states.values())
    assert found.counts() == {"accepted": 4, "cancelled_or_returned": 5}


def test_optional_values_that_cannot_be_read_are_left_empty_and_every_one_is_counted(prepare) -> None:
    header = f"{HEADER},quantity,tax,status,is_subscription"
    rows = ["1,c,2026-06-01,1,一,高い,,？", "2,c,2026-06-01,1,1,高い,paid,はい", "3,c,2026-06-01,1,,,,"]
    found = prepare({"a.csv": "\n".join([header, *rows])})
    assert found.counts() == {"accepted": 3}
    assert found.account["tables"]["orders"]["emptied"] == {
        "unreadable|is_subscription": 1,
        "unreadable|quantity": 1,
        "unreadable|tax": 2,
    }
    assert [(row["quantity"], row["tax"]) for row in found.table("lines")] == [(None, None), (1, None), (None, None)]


def test_a_story_keeps_to_its_scale_and_words(prepare) -> None:
    rows = [
        "c,2026-06-01,5,良い",
        "c,2026/6/2,０,Good",
        "c,2026-06-03,3,ふつう",
        "c,2026-06-04,6,良い",
        "c,2026-06-05,2.5,悪い",
        "c,2026-06-06,2,最高",
        "c,,1,悪い",
        ",2026-06-08,1,悪",
    ]
    found = prepare({"s.csv": "\n".join(["顧客番号,日付,変化点数,気持ち", *rows])}, "  story: [{files: data/*}]")
    kept = [(row["change_score"], row["emotion"]) for row in found.table("story") if row["outcome"] == "accepted"]
    assert kept == [(5, "良い"), (0, "良い"), (3, "普通")]
    assert found.counts("story") == {"accepted": 3, "no_customer": 1, "rejected": 4}
    assert [tuple(each.values())[1:] for each in found.rejected] == [
        (5, "変化点数", "6", "決められた値ではありません", "0から5までの数に直してください"),
        (6, "変化点数", "2.5", "整数として読めません", "3のような形に直してください"),
        (
            7,
            "気持ち",
            "最高",
            "決められた値ではありません",
            "この言葉の意味を、client.yaml の values に書いてください(horetsu check が書き方をお知らせします)",
        ),
        (8, "日付", "", "値が空です", "値を入れるか、この行が要らなければ消してください"),
    ]


def test_where_one_of_several_columns_is_needed_a_row_with_none_is_set_aside(prepare) -> None:
    events = "at,event,customer_id,visitor_id\n2026-06-01,view,,\n2026-06-01,閲覧,c,\n2026-06-01,view,,v\n"
    rows = ["1,2026-06-01,メール,,", "2,2026-06-01,メール,,お便り", "3,2026-06-01,LINE,値引き,"]
    plans = "\n".join(["campaign_id,date,channel,action,subject", *rows])
    tables = "  events: [{files: data/e.csv}]\n  campaigns: [{files: data/c.csv}]"
    found = prepare({"e.csv": events, "c.csv": plans}, tables)
    assert [row["outcome"] for row in found.table("events")] == ["no_customer", "accepted", "accepted"]
    assert [row["outcome"] for row in found.table("campaigns")] == ["rejected", "accepted", "rejected"]
    assert [(each["row"], each["column"], each["value"], each["reason"]) for each in found.rejected] == [
        (2, "action", "", "値が空です"),
        (4, "action", "値引き", "決められた値ではありません"),
    ]
