"""The exports of the malls, from their own headers to exact canonical rows and exact order totals."""

import csv
import datetime as dt
import io
from typing import Any

import pytest
from conftest import FILES

from horetsu_utils import assets
from horetsu_utils.errors import InputError
from horetsu_utils.ingest import identity, mapping
from horetsu_utils.ingest.read import peek
from horetsu_utils.ingest.recognise import recognise

BY_HEADINGS = "  {}"
"""client.yaml names no table at all: every file is known by its headings."""
SYSTEMS = {
    "amazon_all_orders": ["amazon_all_orders.txt"],
    "amazon_fba": ["amazon_fba.txt"],
    "amazon_orders": ["amazon_orders.txt"],
    "rakuten": ["rakuten.csv"],
    "rakuten_2017": ["rakuten_2017.csv"],
    "yahoo_shopping": ["yahoo_shopping_items.csv", "yahoo_shopping_orders.csv"],
    "qoo10": ["qoo10.csv"],
    "wowma": ["wowma.csv"],
}
YAHOO_WORDS = 'values: {yahoo_shopping: {status: {"2": paid, "4": cancelled, "5": paid}}}'
LINE = ("order_id", "customer_id", "ordered_at", "product_id", "quantity", "amount", "status", "outcome")
ORDER = ("order_id", "ordered_on", "amount", "line_count", "discounted")
UNKNOWN = (
    "決められた値ではありません",
    "この言葉の意味を、client.yaml の values に書いてください(horetsu check が書き方をお知らせします)",
)
MANGLED = "表計算ソフトが番号を書きかえています"
LOTION, SOAP, CREAM = "LOT-1", "SOAP-1", "CRM-1"


def picked(rows: list[dict[str, Any]], *names: str) -> list[tuple]:
    return [tuple(row[name] for name in names) for row in rows]


def files(system: str) -> dict[str, bytes]:
    return {name: (FILES / name).read_bytes() for name in SYSTEMS[system]}


def at(*parts: int) -> dt.datetime:
    return dt.datetime(*parts)


def refusals(found) -> list[tuple]:
    return [(each["row"], each["column"], each["value"], each["reason"]) for each in found.rejected]


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_malls_file_is_known_by_its_headings_and_by_no_other_mapping(prepare, system: str) -> None:
    found = prepare(files(system), BY_HEADINGS)
    told = [(each["file"], each["mapping"]) for each in found.account["tables"]["orders"]["files"]]
    assert told == [(f"data/{name}", system) for name in SYSTEMS[system]]
    known = {path.stem: mapping.load(path) for path in assets.MAPPINGS.glob("*.yaml")}
    for name in SYSTEMS[system]:
        rows = peek(FILES / name)
        assert [other for other in known if recognise(rows, {other: known[other]})] == [system]


@pytest.mark.parametrize(
    ("system", "encoding"),
    [("amazon_all_orders", "cp932"), ("amazon_fba", "utf-8"), ("rakuten", "cp932"), ("rakuten_2017", "cp932")],
)
def test_the_encoding_of_a_malls_file_is_found(prepare, system: str, encoding: str) -> None:
    found = prepare(files(system), BY_HEADINGS)
    assert [each["encoding"] for each in found.account["tables"]["orders"]["files"]] == [encoding]


def test_amazons_all_orders_keep_exact_amounts_though_nobody_is_known(prepare) -> None:
    found = prepare(files("amazon_all_orders"), BY_HEADINGS)
    first, second = "250-0000001-0000001", "250-0000002-0000002"
    assert [row for row in picked(found.table("lines"), *LINE) if row[-1] == "no_customer"] == [
        (first, None, at(2026, 4, 1, 0, 30), LOTION, 1, 3300, "paid", "no_customer"),
        (first, None, at(2026, 4, 1, 0, 30), SOAP, 1, 1100, "cancelled", "no_customer"),
        (second, None, at(2026, 4, 1, 23, 59, 59), CREAM, 2, 11880, "paid", "no_customer"),
        ("250-0000003-0000003", None, at(2026, 4, 2, 9), SOAP, 0, 0, "cancelled", "no_customer"),
        ("250-0000008-0000008", None, at(2026, 4, 2, 17), SOAP, 1, 1100, "paid", "no_customer"),
    ]
    assert found.counts() == {"no_customer": 5, "out_of_scope": 2, "rejected": 3}
    assert found.table("lines")[2]["product_name"] == "①夜のクリーム㈱見本"
    assert found.table("orders") == []


def test_amazons_time_of_purchase_falls_on_the_day_in_japan(prepare) -> None:
    found = prepare(files("amazon_all_orders"), BY_HEADINGS)
    days = {row["order_id"]: row["ordered_at"].date() for row in found.table("lines") if row["ordered_at"]}
    assert days["250-0000001-0000001"] == dt.date(2026, 4, 1)  # 15:30 on 31 March, universal time
    assert days["250-0000002-0000002"] == dt.date(2026, 4, 1)


@pytest.mark.parametrize(
    ("system", "old", "new"), [("amazon_all_orders", "1320", "-1320"), ("amazon_fba", "-220.00", "220.00")]
)
def test_amazons_discounts_are_taken_off_whichever_their_sign(prepare, system: str, old: str, new: str) -> None:
    content = {name: text.replace(f"\t{old}\t".encode(), f"\t{new}\t".encode()) for name, text in files(system).items()}
    assert content != files(system)
    found = [prepare(each, BY_HEADINGS, name=name) for each, name in ((files(system), "a"), (content, "b"))]
    amounts = [picked(each.table("lines"), "amount", "discount") for each in found]
    assert amounts[0] == amounts[1]


def test_amazons_unpaid_orders_and_those_of_other_shops_are_left_out_in_the_open(prepare) -> None:
    found = prepare(files("amazon_all_orders"), BY_HEADINGS)
    assert {row: outcome for row, outcome in found.outcomes().items() if outcome == "out_of_scope"} == {
        6: "out_of_scope",
        7: "out_of_scope",
    }
    assert refusals(found) == [
        (8, "order-status", "Shipped - Returned to Seller", UNKNOWN[0]),
        (9, "purchase-date", "2026-04-02 06:00:00", "日時として読めません"),
        (10, "amazon-order-id", "2.50E+17", MANGLED),
    ]
    assert found.account["tables"]["orders"]["unknown_words"] == [
        {
            "mapping": "amazon_all_orders",
            "column": "status",
            "word": "Shipped - Returned to Seller",
            "rows": 1,
            "likely": "returned",
        }
    ]


def test_amazons_shipments_of_one_order_are_one_order(prepare) -> None:
    found = prepare(files("amazon_fba"), BY_HEADINGS)
    hanako = found.key(identity.MAIL, "mihon01@marketplace.example.jp")
    taro = found.key(identity.PERSON, "見本太郎\n09000000002")
    first, early = "503-0000001-0000001", at(2026, 5, 1, 6, 57, 28)
    assert picked(found.table("lines"), *LINE)[:6] == [
        (first, hanako, early, LOTION, 1, 3300, "paid", "accepted"),  # the postage that was waived is no discount
        (first, hanako, early, LOTION, 1, 3300, "paid", "accepted"),
        (first, hanako, early, SOAP, 2, 1980, "paid", "accepted"),
        ("503-0000002-0000002", hanako, at(2026, 5, 20, 23, 59, 59), CREAM, 1, 24732, "paid", "accepted"),
        ("503-0000003-0000003", taro, at(2026, 5, 21, 10), SOAP, 1, 1100, "paid", "accepted"),
        ("503-0000004-0000004", None, at(2026, 5, 22, 10), SOAP, 1, 1100, "paid", "no_customer"),
    ]
    assert picked(found.table("orders"), *ORDER, "channel") == [
        (first, dt.date(2026, 5, 1), 8580, 3, True, "Amazon"),
        ("503-0000002-0000002", dt.date(2026, 5, 20), 24732, 1, False, "Amazon"),
        ("503-0000003-0000003", dt.date(2026, 5, 21), 1100, 1, False, "Amazon"),
    ]


def test_amazons_numbers_that_a_spreadsheet_has_rewritten_are_refused(prepare) -> None:
    found = prepare(files("amazon_fba"), BY_HEADINGS)
    assert found.counts() == {"accepted": 5, "no_customer": 1, "out_of_scope": 1, "rejected": 3}
    assert refusals(found) == [
        (8, "amazon-order-id", "5.80293E+13", MANGLED),
        (10, "sku", "4.90123E+12", MANGLED),
        (11, "item-price", "", "値が空です"),
    ]


def test_amazons_new_orders_with_prices_become_exact_lines(prepare) -> None:
    found = prepare(files("amazon_orders"), BY_HEADINGS)
    hanako = found.key(identity.MAIL, "mihon01@marketplace.example.jp")
    taro = found.key(identity.PERSON, "見本太郎\n09000000002")
    first = "249-0000001-0000001"
    assert picked(found.table("lines"), *LINE)[:3] == [
        (first, hanako, at(2026, 6, 1, 9), LOTION, 2, 6600, "paid", "accepted"),
        (first, hanako, at(2026, 6, 1, 9), SOAP, 1, 1100, "paid", "accepted"),
        ("249-0000002-0000002", taro, at(2026, 6, 2, 1, 30), SOAP, 1, 1100, "paid", "accepted"),
    ]
    assert dict(picked(found.table("orders"), "order_id", "amount")) == {first: 7700, "249-0000002-0000002": 1100}
    assert refusals(found) == [
        (5, "item-price", "", "値が空です"),
        (6, "purchase-date", "2026/06/04 9:00", "日時として読めません"),
    ]


def test_amazons_new_orders_may_tell_a_discount(prepare) -> None:
    heading, first, *_ = files("amazon_orders")["amazon_orders.txt"].decode().splitlines()
    content = f"{heading}\titem-promotion-discount\n{first}\t-660\n"
    found = prepare({"orders.txt": content}, BY_HEADINGS)
    assert picked(found.table("lines"), "amount", "discount", "outcome") == [(5940, 660, "accepted")]


def test_amazons_new_orders_without_prices_are_told_to_lack_them(prepare) -> None:
    content = {"orders.txt": (FILES / "amazon_orders_jp.txt").read_bytes()}
    with pytest.raises(InputError) as unknown:
        prepare(content, BY_HEADINGS)
    assert str(unknown.value).splitlines()[:3] == [
        "どのシステムの書き出しか、見出しから分かりません。",
        "・data/orders.txt",
        "   近いもの: Amazon(注文レポート)(amazon_orders): 見出し「item-price」(「is-prime」に似ています)がありません",
    ]
    with pytest.raises(InputError) as named:
        prepare(content, "  orders: [{files: data/*, mapping: amazon_orders}]", name="named")
    assert str(named.value).splitlines()[:3] == [
        "必要な列が見つかりません。",
        "・金額(amount)。見出しの候補: item-price。一番近い見出しは「is-prime」です。",
        "場所: data/orders.txt",
    ]


def test_a_rakuten_order_is_worth_its_goods_less_the_shops_own_coupon(prepare) -> None:
    found = prepare(files("rakuten"), BY_HEADINGS)
    hanako = found.key(identity.PERSON, "見本花子\n09000000001")
    jiro = found.key(identity.MAIL, "ddd444@pc.example.jp")
    one, two, seven = (f"100001-2026040{day}-000000000{day}" for day in (1, 2, 7))
    assert picked(found.table("lines"), *LINE) == [
        (one, hanako, at(2026, 4, 1, 10, 20, 30), LOTION, 1, 3000, "paid", "accepted"),
        (one, hanako, at(2026, 4, 1, 10, 20, 30), SOAP, 2, 2000, "paid", "accepted"),
        (two, hanako, at(2026, 4, 2, 23, 59, 59), LOTION, 1, 3300, "paid", "accepted"),
        (two, hanako, at(2026, 4, 2, 23, 59, 59), LOTION, 1, 3300, "paid", "accepted"),
        (f"100001-20260403-{3:010}", hanako, at(2026, 4, 3, 9), LOTION, 1, 3300, "cancelled", "cancelled_or_returned"),
        (f"100001-20260404-{4:010}", jiro, at(2026, 4, 4, 9), SOAP, 3, 2970, "paid", "accepted"),
        (f"100001-20260405-{5:010}", hanako, at(2026, 4, 5, 9), SOAP, 1, 1100, "paid", "rejected"),
        (f"100001-20260406-{6:010}", None, at(2026, 4, 6, 9), SOAP, 1, 1100, "paid", "no_customer"),
        (seven, hanako, at(2026, 4, 7, 9), CREAM, 1, 14000, "paid", "accepted"),
        (seven, hanako, at(2026, 4, 7, 9), CREAM, 1, 14300, "paid", "duplicate"),
    ]
    assert picked(found.table("orders"), *ORDER, "is_subscription", "channel") == [
        (one, dt.date(2026, 4, 1), 5000, 2, True, False, "楽天市場"),
        (two, dt.date(2026, 4, 2), 6600, 2, False, False, "楽天市場"),
        (f"100001-20260404-{4:010}", dt.date(2026, 4, 4), 2970, 1, False, True, "楽天市場"),
        (seven, dt.date(2026, 4, 7), 14000, 1, True, False, "楽天市場"),
    ]
    assert refusals(found) == [(8, "ステータス", "お取り置き", UNKNOWN[0])]
    assert found.rejected[0]["mend"] == UNKNOWN[1]


def with_codes(content: bytes) -> bytes:
    codes = {"キャンセル確定": "900", "発送済": "500", "発送待ち": "300"}
    text = content.decode("cp932")
    for word, code in codes.items():
        text = text.replace(f'"{word}"', f'"{code}"')
    return text.encode("cp932")


def test_rakutens_codes_mean_nothing_until_the_shop_has_confirmed_them(prepare) -> None:
    words = files("rakuten")
    codes = {name: with_codes(content) for name, content in words.items()}
    guessed = prepare(codes, BY_HEADINGS, name="guessed")
    assert guessed.counts() == {"rejected": 10}
    asked = {word["word"]: word["likely"] for word in guessed.account["tables"]["orders"]["unknown_words"]}
    assert asked == {"500": "paid", "300": "paid", "900": "cancelled", "お取り置き": ""}
    meant = 'values: {rakuten: {status: {"300": paid, "500": paid, "900": cancelled}}}'
    confirmed = prepare(codes, BY_HEADINGS, settings=meant, name="confirmed")
    plain = prepare(words, BY_HEADINGS, name="plain")
    wanted = tuple(name for name in LINE if name != "customer_id")
    assert picked(confirmed.table("lines"), *wanted) == picked(plain.table("lines"), *wanted)


def test_a_rakuten_file_without_the_coupon_column_is_not_read_in_silence(prepare) -> None:
    content = files("rakuten")["rakuten.csv"].decode("cp932").replace("店舗発行クーポン利用額", "店舗クーポン?")
    with pytest.raises(InputError) as error:
        prepare({"rakuten.csv": content}, BY_HEADINGS)
    assert str(error.value).splitlines()[2] == (
        "   近いもの: 楽天市場(RMS 受注CSV)(rakuten): "
        "見出し「店舗発行クーポン利用額」(「楽天発行クーポン利用額」に似ています)がありません"
    )


def test_rakutens_old_form_reads_full_width_headings_and_knows_what_is_no_value(prepare) -> None:
    found = prepare(files("rakuten_2017"), BY_HEADINGS)
    hanako = found.key(identity.PERSON, "見本花子\n09000000001")
    one, two, three = (f"200002-2017030{day}-000{day}" for day in (1, 2, 3))
    assert picked(found.table("lines"), *LINE) == [
        (one, hanako, at(2017, 3, 1, 10, 20, 30), LOTION, 1, 3000, "paid", "accepted"),
        (one, hanako, at(2017, 3, 1, 10, 20, 30), SOAP, 1, 1000, "paid", "accepted"),
        (two, hanako, at(2017, 3, 2, 11), SOAP, 1, 1100, "paid", "accepted"),
        (two, hanako, at(2017, 3, 2, 11), SOAP, 1, 1100, "paid", "accepted"),
        (three, hanako, at(2017, 3, 3, 12), LOTION, 1, 3300, "paid", "accepted"),
        ("200002-20170304-0004", hanako, at(2017, 3, 4, 12), LOTION, 1, 3300, "cancelled", "cancelled_or_returned"),
        ("200002-20170305-0005", hanako, at(2017, 3, 5, 12), LOTION, 1, 3300, "paid", "rejected"),
        ("200002-20170306-0006", hanako, at(2017, 3, 6, 12), LOTION, 1, None, "paid", "rejected"),
    ]
    assert picked(found.table("orders"), *ORDER) == [
        (one, dt.date(2017, 3, 1), 4000, 2, True),
        (two, dt.date(2017, 3, 2), 2200, 2, False),
        (three, dt.date(2017, 3, 3), 3300, 1, False),
    ]
    assert refusals(found) == [(8, "受注ステータス", "見積もり中", UNKNOWN[0]), (9, "金額", "", "値が空です")]


def test_a_yahoo_order_is_joined_from_its_two_files(prepare) -> None:
    found = prepare(files("yahoo_shopping"), BY_HEADINGS, settings=YAHOO_WORDS)
    hanako = found.key(identity.MAIL, "hanako@example.jp")
    taro = found.key(identity.PERSON, "見本太郎\n09000000002")
    one, two, three = (f"mihon-1000000{number}" for number in (1, 2, 3))
    assert picked(found.table("lines"), *LINE)[:4] == [
        (one, hanako, at(2026, 4, 1, 0, 30), LOTION, 1, 3300, "paid", "accepted"),
        (one, hanako, at(2026, 4, 1, 0, 30), SOAP, 2, 2200, "paid", "accepted"),
        (two, taro, at(2026, 4, 2, 10), CREAM, 1, 14300, "paid", "accepted"),
        (three, hanako, at(2026, 4, 3, 10), LOTION, 1, 3300, "cancelled", "cancelled_or_returned"),
    ]
    assert picked(found.table("orders"), *ORDER, "channel")[:2] == [
        (one, dt.date(2026, 4, 1), 5500, 2, False, "Yahoo!ショッピング"),  # neither points nor the mall's coupon count
        (two, dt.date(2026, 4, 2), 14300, 1, False, "Yahoo!ショッピング"),
    ]


def test_yahoos_split_orders_are_one_order_of_the_customer(prepare) -> None:
    found = prepare(files("yahoo_shopping"), BY_HEADINGS, settings=YAHOO_WORDS)
    hanako = found.key(identity.MAIL, "hanako@example.jp")
    split = [row for row in found.table("orders") if row["order_id"] not in ("mihon-10000001", "mihon-10000002")]
    assert picked(split, *ORDER, "customer_id") == [
        ("mihon-10000005", dt.date(2026, 4, 5), 4300, 2, False, hanako),
    ]


def test_yahoos_lines_and_orders_without_each_other_are_refused(prepare) -> None:
    found = prepare(files("yahoo_shopping"), BY_HEADINGS, settings=YAHOO_WORDS)
    told = {(each["file"], each["row"]): (each["value"], each["reason"], each["mend"]) for each in found.rejected}
    assert told["data/yahoo_shopping_items.csv", 9] == (
        "mihon-10000099",
        "この番号の注文が、注文のファイルにありません",
        "同じ期間の注文のファイルも書き出して、一緒に置いてください",
    )
    assert told["data/yahoo_shopping_orders.csv", 5] == (
        "mihon-10000004",
        "この注文の明細が、明細のファイルにありません",
        "同じ期間の明細のファイルも書き出して、一緒に置いてください",
    )
    assert told["data/yahoo_shopping_items.csv", 8] == ("0", *UNKNOWN)


def test_half_of_a_yahoo_export_is_told_to_lack_the_other(prepare) -> None:
    items = {"items.csv": (FILES / "yahoo_shopping_items.csv").read_bytes()}
    with pytest.raises(InputError) as error:
        prepare(items, BY_HEADINGS)
    assert str(error.value).splitlines() == [
        "Yahoo!ショッピング(注文と商品の2つのファイル) は、2つのファイルを一緒に読みます。"
        "もう1つのファイルがありません。",
        "場所: data/items.csv",
        "次に: 見出しに「OrderTime」「OrderStatus」があるファイルも書き出して、data フォルダに置いてください。",
    ]


def test_yahoos_codes_mean_nothing_until_the_shop_has_confirmed_them(prepare) -> None:
    found = prepare(files("yahoo_shopping"), BY_HEADINGS)
    assert found.counts().get("accepted", 0) == 0
    asked = {word["word"]: word["likely"] for word in found.account["tables"]["orders"]["unknown_words"]}
    assert asked == {"5": "paid", "2": "paid", "4": "cancelled", "0": ""}


def subset(name: str, columns: list[str]) -> str:
    rows = csv.DictReader(io.StringIO((FILES / name).read_bytes().decode("cp932")))
    return "\n".join([",".join(columns), *(",".join(row[column] for column in columns) for row in rows)])


@pytest.mark.parametrize("when", ["OrderTime", "OrderTime,OrderTimeUnixEpoch"])
def test_a_yahoo_template_may_hold_few_columns_in_any_order(prepare, when: str) -> None:
    orders = ["BillMailAddress", *when.split(","), "OrderStatus", "BillPhoneNumber", "OrderId", "BillName"]
    items = ["Title", "UnitPrice", "ItemId", "LineId", "OrderId", "Quantity"]
    few = {
        "a.csv": subset("yahoo_shopping_items.csv", items),
        "b.csv": subset("yahoo_shopping_orders.csv", orders),
    }
    found = prepare(few, BY_HEADINGS, settings=YAHOO_WORDS, name="few")
    assert picked(found.table("orders"), "order_id", "ordered_at", "amount") == [
        ("mihon-10000001", at(2026, 4, 1, 0, 30), 5500),
        ("mihon-10000002", at(2026, 4, 2, 10), 14300),
        ("mihon-10000005", at(2026, 4, 5, 10), 3300),
        ("mihon-10000006", at(2026, 4, 5, 10, 5), 1100),
    ]
    assert found.counts() == {"accepted": 5, "cancelled_or_returned": 1, "joined": 6, "rejected": 3}


def test_a_qoo10_cart_is_one_order(prepare) -> None:
    found = prepare(files("qoo10"), BY_HEADINGS)
    hanako = found.key(identity.PERSON, "見本花子\n09000000001")
    taro = found.key(identity.PERSON, "見本太郎\n0300000002")
    assert picked(found.table("lines"), *LINE) == [
        ("300000001", hanako, at(2026, 4, 1, 10, 20, 30), LOTION, 1, 3000, "paid", "accepted"),
        ("300000001", hanako, at(2026, 4, 1, 10, 20, 30), SOAP, 2, 2200, "paid", "accepted"),
        ("300000003", taro, at(2026, 4, 2, 10, 20, 30), CREAM, 1, 14300, "paid", "accepted"),
        ("300000004", hanako, at(2026, 4, 3, 10, 20, 30), LOTION, 1, 3300, "cancelled", "cancelled_or_returned"),
        ("300000005", hanako, at(2026, 4, 4, 10, 20, 30), LOTION, 1, 3300, "paid", "rejected"),
        ("300000006", None, at(2026, 4, 5, 10, 20, 30), SOAP, 1, 1100, "paid", "no_customer"),
    ]
    assert picked(found.table("orders"), *ORDER) == [
        ("300000001", dt.date(2026, 4, 1), 5200, 2, True),
        ("300000003", dt.date(2026, 4, 2), 14300, 1, False),
    ]
    assert refusals(found) == [(6, "配送状態", "お届け保留", UNKNOWN[0])]


def test_an_au_pay_order_becomes_exact_lines(prepare) -> None:
    found = prepare(files("wowma"), BY_HEADINGS)
    hanako, other = (found.key(identity.MAIL, mail) for mail in ("hanako@example.jp", "x5@mall.example.jp"))
    taro = found.key(identity.PERSON, "見本太郎\n09000000002")
    assert picked(found.table("lines"), *LINE) == [
        ("400000001", hanako, at(2026, 4, 1, 10, 20), LOTION, 1, 2970, "paid", "accepted"),
        ("400000001", hanako, at(2026, 4, 1, 10, 20), SOAP, 2, 2200, "paid", "accepted"),
        ("400000002", taro, at(2026, 4, 2, 10, 20), CREAM, 1, 14300, "paid", "accepted"),
        ("400000003", hanako, at(2026, 4, 3, 10, 20), LOTION, 1, 3300, "cancelled", "cancelled_or_returned"),
        ("400000004", hanako, at(2026, 4, 4, 10, 20), LOTION, 1, 3300, "paid", "rejected"),
        ("400000005", other, at(2026, 4, 5, 10, 20), SOAP, 1, 1100, "paid", "accepted"),
    ]
    assert picked(found.table("orders"), *ORDER) == [
        ("400000001", dt.date(2026, 4, 1), 5170, 2, True),
        ("400000002", dt.date(2026, 4, 2), 14300, 1, False),
        ("400000005", dt.date(2026, 4, 5), 1100, 1, False),
    ]
    assert refusals(found) == [(6, "orderStatus", "審査中", UNKNOWN[0])]


def test_all_malls_of_a_shop_may_lie_in_one_folder(prepare) -> None:
    every = {name: content for system in SYSTEMS for name, content in files(system).items()}
    found = prepare(every, BY_HEADINGS, settings=YAHOO_WORDS)
    sales: dict[str, int] = {}
    for row in found.table("orders"):
        sales[row["origin"]] = sales.get(row["origin"], 0) + int(row["amount"])
    assert sales == {
        "amazon": 34412 + 8800,
        "rakuten": 28570 + 9500,
        "yahoo_shopping": 24100,
        "qoo10": 19500,
        "wowma": 20570,
    }
    assert found.account["strangers"] == []


def test_a_yahoo_order_is_worth_its_lines_less_the_shops_discount(prepare) -> None:
    text = files("yahoo_shopping")["yahoo_shopping_orders.csv"].decode("cp932")
    rows = list(csv.DictReader(io.StringIO(text)))
    rows[0]["Discount"] = "550"
    stream = io.StringIO()
    writer = csv.DictWriter(stream, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    items = files("yahoo_shopping")["yahoo_shopping_items.csv"]
    found = prepare({"items.csv": items, "orders.csv": stream.getvalue()}, BY_HEADINGS, settings=YAHOO_WORDS)
    assert picked(found.table("lines"), "amount")[:3] == [(2970,), (1980,), (14300,)]
    assert [(each["file"], each["row"]) for each in found.rejected] == [
        ("data/items.csv", 8),
        ("data/items.csv", 9),
        ("data/orders.csv", 5),
    ]


def test_a_rakuten_coupon_is_taken_off_even_where_the_goods_total_is_not_exported(prepare) -> None:
    text = files("rakuten")["rakuten.csv"].decode("cp932").replace('"商品合計金額"', '"x"')
    found = prepare({"r.csv": text}, BY_HEADINGS)
    assert picked(found.table("orders"), "amount") == [(5000,), (6600,), (2970,), (14000,)]


def test_the_number_that_means_no_value_takes_nothing_off(prepare) -> None:
    text = files("rakuten_2017")["rakuten_2017.csv"].decode("cp932").replace('"400"', '"-99999"')
    found = prepare({"r.csv": text}, BY_HEADINGS)
    assert picked(found.table("orders"), "amount")[0] == (4400,)


def test_one_order_in_two_reports_of_amazon_is_one_order(prepare) -> None:
    shipments = files("amazon_fba")["amazon_fba.txt"].decode("utf-8")
    known = list(csv.DictReader(io.StringIO(shipments), delimiter="\t", quoting=csv.QUOTE_NONE))
    alone = prepare({"fba.txt": shipments}, BY_HEADINGS, name="alone")
    names = "amazon-order-id merchant-order-id purchase-date last-updated-date order-status fulfillment-channel "
    names += "sales-channel product-name sku asin item-status quantity currency item-price item-promotion-discount"
    header = names.split(" ")
    told = {"order-status": "Shipped", "last-updated-date": "2026-07-01T00:00:00+00:00", "quantity": "1"}
    rows = [{name: told.get(name, row.get(name, "")) for name in header} for row in known]
    report = "\n".join(
        "\t".join(row[name] for name in header) for row in [dict(zip(header, header, strict=True)), *rows]
    )
    both = prepare({"fba.txt": shipments, "zz_all.txt": report}, BY_HEADINGS, name="both")
    assert picked(both.table("orders"), *ORDER) == picked(alone.table("orders"), *ORDER)
