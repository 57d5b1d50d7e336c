"""The exports of shop systems, from their own headers to exact canonical rows and exact order totals."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import Any

from conftest import FILES

from horetsu_utils.ingest import identity

SHOPIFY = "  orders: [{files: data/*, mapping: shopify}]"
EC_CUBE = (
    "  orders: [{files: data/order*.csv, mapping: ec_cube4}]\n"
    "  customers: [{files: data/member*.csv, mapping: ec_cube4}]"
)


def picked(rows: list[dict[str, Any]], *names: str) -> list[tuple]:
    return [tuple(row[name] for name in names) for row in rows]


def test_a_shopify_export_becomes_exact_lines(prepare) -> None:
    found = prepare({"orders_export.csv": (FILES / "shopify_orders.csv").read_bytes()}, SHOPIFY)
    hanako, taro = (found.key(identity.MAIL, mail) for mail in ("hanako@example.jp", "taro@example.jp"))
    phone = found.key(identity.PHONE, "09000001234")
    first, second = dt.datetime(2026, 4, 28, 13, 34, 5), dt.datetime(2026, 4, 29, 9)
    third, fourth = dt.datetime(2026, 4, 30, 10), dt.datetime(2026, 4, 30, 11)
    assert picked(found.table("lines"), "order_id", "customer_id", "ordered_at", "product_id", "amount", "outcome") == [
        ("#1001", hanako, first, "LOT-1", 2834, "accepted"),
        ("#1001", hanako, first, "SOAP-1", 1889, "accepted"),
        ("#1002", taro, second, "LOT-2", 667, "accepted"),
        ("#1002", taro, second, "LOT-3", 666, "accepted"),
        ("#1002", taro, second, "SOAP-1", 667, "accepted"),
        ("#1003", taro, third, "LOT-3", 0, "cancelled_or_returned"),
        ("#1003", taro, third, "SOAP-1", 0, "cancelled_or_returned"),
        ("#1004", hanako, fourth, "LOT-1", 3300, "cancelled_or_returned"),
        ("#1004", hanako, fourth, "SOAP-1", 1100, "cancelled_or_returned"),
        ("#1005", phone, dt.datetime(2026, 5, 2, 13, 30), "LOT-1", 3300, "accepted"),
        ("#1006", hanako, dt.datetime(2026, 5, 2, 8, 15), "洗顔せっけん", 1100, "accepted"),
        ("#1007", None, dt.datetime(2026, 5, 3, 8, 15), "SOAP-1", 1100, "no_customer"),
        ("#1008", None, dt.datetime(2026, 5, 4, 8, 15), "SOAP-1", 1100, "no_customer"),
    ]
    assert found.counts() == {"accepted": 7, "cancelled_or_returned": 4, "no_customer": 2}
    assert [row["status"] for row in found.table("lines")][5:9] == ["returned", "returned", "cancelled", "cancelled"]
    assert [row["source"] for row in found.table("lines")][:2] == ["web", "web"]


def test_a_shopify_order_is_worth_its_subtotal_less_what_was_given_back(prepare) -> None:
    found = prepare({"orders_export.csv": (FILES / "shopify_orders.csv").read_bytes()}, SHOPIFY)
    assert picked(found.table("orders"), "order_id", "ordered_on", "amount", "line_count", "discounted") == [
        ("#1001", dt.date(2026, 4, 28), 4723, 2, True),
        ("#1002", dt.date(2026, 4, 29), 2000, 3, False),
        ("#1006", dt.date(2026, 5, 2), 1100, 1, False),
        ("#1005", dt.date(2026, 5, 2), 3300, 1, False),
    ]


def shopify(*rows: dict[str, str]) -> str:
    names = ["Name", "Email", "Financial Status", "Created at", "Subtotal", "Refunded Amount", "Cancelled at"]
    names += ["Lineitem quantity", "Lineitem name", "Lineitem price"]
    lines = [",".join(row.get(name, "") for name in names) for row in rows]
    return "\n".join([",".join(names), *lines])


def item(order: str, name: str, price: str, **cells: str) -> dict[str, str]:
    first = {"Email": "a@example.jp", "Created at": "2026-06-01 09:00:00 +0900", "Financial Status": "paid"}
    row = {"Name": order, "Lineitem quantity": "1", "Lineitem name": name, "Lineitem price": price}
    return row | (first if "Subtotal" in cells else {}) | {key.replace("_", " "): text for key, text in cells.items()}


def test_order_values_are_taken_from_the_first_row_even_where_a_tool_has_filled_them_in(prepare) -> None:
    content = shopify(
        item("1", "本", "500", Subtotal="1000", Refunded_Amount="300"),
        item("1", "紙", "500", Subtotal="1000"),
        item("2", "本", "500", Subtotal="800", Cancelled_at="2026-06-02 09:00:00 +0900"),
        item("2", "紙", "300"),
    )
    found = prepare({"a.csv": content}, SHOPIFY)
    assert picked(found.table("orders"), "order_id", "amount") == [("1", 700)]
    assert found.counts() == {"accepted": 2, "cancelled_or_returned": 2}


def test_an_order_whose_lines_are_free_keeps_its_total(prepare) -> None:
    content = shopify(
        item("1", "本", "0", Subtotal="1000"),
        item("1", "紙", "0"),
        item("2", "本", "500", Subtotal="0"),
        item("3", "本", "500", Subtotal="500", Refunded_Amount="900"),
        item("4", "本", "500", Subtotal=""),
    )
    found = prepare({"a.csv": content}, SHOPIFY)
    assert dict(picked(found.table("orders"), "order_id", "amount")) == {"1": 1000, "2": 0, "3": 0, "4": 500}


def test_a_file_without_totals_keeps_the_sum_of_its_lines(prepare) -> None:
    content = shopify(item("1", "本", "500", Subtotal=""), item("1", "紙", "300")).replace("Subtotal", "小計?")
    found = prepare({"a.csv": content}, SHOPIFY)
    assert picked(found.table("orders"), "order_id", "amount") == [("1", 800)]


def test_rows_without_an_order_number_borrow_nothing_from_each_other(prepare) -> None:
    content = shopify(
        item("", "本", "500", Subtotal="500"), item("", "紙", "500"), item("1", "本", "500", Subtotal="500")
    )
    found = prepare({"a.csv": content}, SHOPIFY)
    assert found.outcomes() == {2: "rejected", 3: "rejected", 4: "accepted"}
    assert [row["customer_id"] for row in found.table("lines")] == [
        known := found.key(identity.MAIL, "a@example.jp"),
        None,
        known,
    ]


def test_a_later_row_of_an_order_is_refused_for_its_own_reason(prepare) -> None:
    content = shopify(item("1", "本", "500", Subtotal="1000"), item("1", "紙", "高い"))
    found = prepare({"a.csv": content}, SHOPIFY)
    assert [tuple(each.values())[1:5] for each in found.rejected] == [
        (3, "Lineitem price", "高い", "数として読めません")
    ]
    assert picked(found.table("orders"), "order_id", "amount") == [("1", 1000)]


def test_parts_of_a_total_add_up_to_the_last_digit_of_the_currency(prepare) -> None:
    lines = [item("1", f"品{number}", "333", **({"Subtotal": "1000"} if not number else {})) for number in range(7)]
    yen = prepare({"a.csv": shopify(*lines)}, SHOPIFY, name="yen").table("lines")
    pounds = prepare(
        {"a.csv": shopify(*lines)},
        SHOPIFY,
        settings="currency: GBP\nreference: {annual_ltv_yen: 100}\ncpm: {heavy_yen: 500}",
        name="pounds",
    ).table("lines")
    for rows, digits in ((yen, Decimal(1)), (pounds, Decimal("0.01"))):
        assert sum(row["amount"] for row in rows) == 1000
        assert all(row["amount"] % digits == 0 for row in rows)
        assert max(row["amount"] for row in rows) - min(row["amount"] for row in rows) <= digits


def test_an_ec_cube_export_becomes_exact_lines(prepare) -> None:
    files = {
        "order_20260701.csv": (FILES / "ec_cube4_orders.csv").read_bytes(),
        "member_20260701.csv": (FILES / "ec_cube4_members.csv").read_bytes(),
    }
    found = prepare(files, EC_CUBE)
    assert found.account["tables"]["orders"]["files"][0]["encoding"] == "cp932"
    assert picked(found.table("lines"), "order_id", "customer_id", "product_name", "amount", "outcome") == [
        ("201", "11", "①美容液㈱髙", 6000, "accepted"),
        ("201", "11", "化粧水", 1500, "accepted"),
        ("201", "11", "送料", 550, "not_product"),
        ("201", "11", "手数料", 330, "not_product"),
        ("201", "11", "割引", -500, "accepted"),
        ("201", "11", "税", 750, "not_product"),
        ("201", "11", "ポイント", -100, "not_product"),
        ("202", found.key(identity.MAIL, "guest@example.jp"), "化粧水", 1500, "accepted"),
        ("203", "12", "化粧水", 1500, "cancelled_or_returned"),
        ("204", "12", "化粧水", 1500, "cancelled_or_returned"),
        ("205", "12", "化粧水", 1500, "cancelled_or_returned"),
        ("206", "12", "化粧水", 3000, "cancelled_or_returned"),
        ("206", "12", "割引", -300, "cancelled_or_returned"),
        ("207", "12", "化粧水", 4500, "accepted"),
    ]
    assert picked(found.table("orders"), "order_id", "ordered_at", "amount", "is_purchase", "discounted") == [
        ("201", dt.datetime(2026, 4, 1, 10, 20, 30), 7000, True, True),
        ("202", dt.datetime(2026, 4, 2, 23, 59, 59), 1500, True, False),
        ("207", dt.datetime(2026, 4, 7, 12), 4500, True, False),
    ]
    assert picked(found.table("customers"), "customer_id", "registered_at", "gender", "prefecture") == [
        ("11", dt.datetime(2026, 3, 31, 9), "女性", "東京都"),
        ("12", dt.datetime(2026, 4, 3), None, "北海道"),
        ("13", None, "男性", None),
    ]


def test_an_ec_cube_shop_that_exports_names_instead_of_numbers_gets_the_same_rows(prepare) -> None:
    content = (FILES / "ec_cube4_orders.csv").read_bytes().decode("cp932")
    named = content.replace("対応状況(ID)", "a").replace("明細区分(ID)", "b")
    rows = [
        picked(
            prepare({"order.csv": each}, EC_CUBE.splitlines()[0], name=f"s{place}").table("lines"),
            "_row",
            "outcome",
            "status",
        )
        for place, each in enumerate((content, named))
    ]
    assert rows[0] == rows[1]


def test_the_second_of_two_equal_headings_is_the_parcels(prepare) -> None:
    columns = "order_id: [注文番号], ordered_at: [受注日], customer_id: [会員ID], amount: [価格]"
    columns += ", tax: [送料], shipping: ['送料#2']"
    own = f"title: own\ntables: {{orders: {{columns: {{{columns}}}}}}}"
    files = {"a.csv": (FILES / "ec_cube4_orders.csv").read_bytes()}
    found = prepare(files, "  orders: [{files: data/*, mapping: own}]", own=own)
    totals: dict[str, set] = defaultdict(set)
    for row in found.table("lines"):
        totals["order"].add(row["tax"])
        totals["parcel"].add(row["shipping"])
    assert totals == {"order": {550}, "parcel": {330}}
