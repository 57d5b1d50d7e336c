"""The exports of carts: each known by its headings alone, read to exact rows, with sales that come out right."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from conftest import FILES, Prepared

from horetsu_utils import assets, cache, client
from horetsu_utils.errors import InputError
from horetsu_utils.ingest import identity, mapping, read
from horetsu_utils.ingest.recognise import recognise
from horetsu_utils.sources import GENERIC

AUTO = "  {}"
WHAT = ("order_id", "customer_id", "ordered_at", "product_id", "quantity", "amount", "status", "outcome")
FIXTURES = {
    "shopify_orders": ("shopify", "orders"),
    "shopify_customers": ("shopify", "customers"),
    "ec_cube4_orders": ("ec_cube4", "orders"),
    "ec_cube4_members": ("ec_cube4", "customers"),
    "woocommerce_orders": ("woocommerce", "orders"),
    "woocommerce_items": ("woocommerce", "orders"),
    "colorme_orders": ("colorme", "orders"),
    "base_orders": ("base", "orders"),
    "stores_orders": ("stores", "orders"),
    "ecforce_orders": ("ecforce", "orders"),
    "futureshop_orders": ("futureshop", "orders"),
    "makeshop_orders": ("makeshop", "orders"),
    "creema_orders": ("creema", "orders"),
    "next_engine_orders": ("next_engine", "orders"),
}


def auto(prepare: Any, *stems: str, **more: Any) -> Any:
    """Prepare fixtures for a client whose client.yaml names no table and no mapping."""
    return prepare({f"{stem}.csv": (FILES / f"{stem}.csv").read_bytes() for stem in stems}, AUTO, **more)


def prepared(folder: Path) -> Any:
    return Prepared(folder, cache.prepared(client.find(str(folder))))


def lines(found: Any, *names: str) -> list[tuple]:
    rows = sorted(found.table("lines"), key=lambda row: (row["file"], row["_row"], row["_part"]))
    return [tuple(row[name] for name in names or WHAT) for row in rows]


def totals(found: Any) -> dict[str, int]:
    return {row["order_id"]: row["amount"] for row in found.table("orders")}


def refused(found: Any) -> list[tuple]:
    return [(each["row"], each["column"], each["value"], each["reason"]) for each in found.rejected]


def mail(found: Any, address: str) -> str:
    return found.key(identity.MAIL, address)


def person(found: Any, name: str, phone: str) -> str:
    return found.key(identity.PERSON, f"{name}\n{phone}")


def at(*parts: int) -> dt.datetime:
    return dt.datetime(*parts)


@pytest.mark.parametrize("stem", FIXTURES)
def test_an_export_is_known_by_its_headings_and_taken_for_no_other(stem: str) -> None:
    known = {path.stem: mapping.load(path) for path in sorted(assets.MAPPINGS.glob("*.yaml"))}
    rows = read.peek(FILES / f"{stem}.csv")
    fits = {name: recognise(rows, {name: each}) for name, each in known.items() if name != GENERIC}
    wanted, table = FIXTURES[stem]
    assert [name for name, fit in fits.items() if fit] == [wanted]
    best = recognise(rows, known)
    assert best is not None
    assert (best.name, best.tables) == (wanted, (table,))


def test_shopify_customers_have_the_keys_of_their_orders(prepare) -> None:
    found = auto(prepare, "shopify_orders", "shopify_customers")
    hanako, taro = mail(found, "hanako@example.jp"), mail(found, "taro@example.jp")
    phone = found.key(identity.PHONE, "09000001234")
    names = ("customer_id", "prefecture", "email_ok", "outcome")
    assert [tuple(row[name] for name in names) for row in found.table("customers")] == [
        (hanako, "JP-13", True, "accepted"),
        (taro, "JP-01", False, "accepted"),
        (phone, None, False, "accepted"),
        (person(found, "次郎見本", "09000000004"), None, False, "accepted"),
        ("6501000000005", None, False, "accepted"),
    ]
    assert {row["customer_id"] for row in found.table("orders")} == {hanako, taro, phone}


def test_a_shopify_customer_without_mail_is_found_by_name_and_phone(prepare) -> None:
    header = "Name,Email,Financial Status,Created at,Subtotal,Lineitem quantity,Lineitem name,Lineitem price"
    order = "#1,,paid,2026-06-01 09:00:00 +0900,1100,1,せっけん,1100,次郎 見本,+81 90-0000-0004"
    customers = (FILES / "shopify_customers.csv").read_bytes()
    found = prepare({"o.csv": f"{header},Billing Name,Billing Phone\n{order}\n", "c.csv": customers}, AUTO)
    assert lines(found, "customer_id", "outcome") == [(person(found, "次郎見本", "09000000004"), "accepted")]
    assert found.table("customers")[3]["customer_id"] == person(found, "次郎見本", "09000000004")


def test_a_status_known_from_memory_only_waits_for_the_consultant(prepare) -> None:
    header = "Name,Email,Financial Status,Created at,Subtotal,Lineitem quantity,Lineitem name,Lineitem price"
    order = "#1,a@example.jp,expired,2026-06-01 09:00:00 +0900,1100,1,せっけん,1100"
    files = {"a.csv": f"{header}\n{order}\n{order.replace('#1', '#2').replace('expired', 'paid')}\n"}
    asked = prepare(files, AUTO, name="asked")
    assert asked.outcomes() == {2: "rejected", 3: "accepted"}
    assert refused(asked) == [(2, "Financial Status", "expired", "決められた値ではありません")]
    told = prepare(files, AUTO, settings="values: {shopify: {status: {expired: cancelled}}}", name="told")
    assert told.outcomes() == {2: "cancelled_or_returned", 3: "accepted"}


def test_a_shopify_order_cancelled_and_paid_back_never_was(prepare) -> None:
    header = "Name,Email,Financial Status,Created at,Subtotal,Cancelled at,Lineitem quantity,Lineitem name"
    order = "#1,a@example.jp,refunded,2026-06-01 09:00:00 +0900,1100,2026-06-01 10:00:00 +0900,1,せっけん,1100"
    found = prepare({"a.csv": f"{header},Lineitem price\n{order}\n"}, AUTO)
    assert lines(found, "status", "outcome") == [("cancelled", "cancelled_or_returned")]


def test_an_ec_cube_status_that_the_shop_made_up_is_asked_about(prepare) -> None:
    content = (FILES / "ec_cube4_orders.csv").read_bytes().decode("cp932").replace(",6,入金済み,", ",10,お取り置き,")
    found = prepare({"order.csv": content}, AUTO)
    assert refused(found) == [(15, "対応状況(ID)か対応状況(名称)", "10", "決められた値ではありません")]
    assert totals(found) == {"201": 7000, "202": 1500}


def test_an_ec_cube_guest_without_mail_is_known_by_name_and_phone(prepare) -> None:
    content = (FILES / "ec_cube4_orders.csv").read_bytes().decode("cp932")
    guest = content.replace("Guest@Example.jp,", ",０９０－００００－０００２")
    found = prepare({"order.csv": guest.encode("cp932")}, AUTO)
    ids = dict(lines(found, "order_id", "customer_id"))
    assert ids["202"] == person(found, "見本花子", "09000000002")
    assert ids["201"] == "11"


def test_a_woocommerce_export_becomes_exact_lines(prepare) -> None:
    found = auto(prepare, "woocommerce_orders")
    aya, jiro = mail(found, "aya@example.jp"), person(found, "見本次郎", "09000000012")
    assert lines(found) == [
        ("5001", aya, at(2026, 5, 1, 9, 10), "SERUM", 2, 5400, "paid", "accepted"),
        ("5001", aya, at(2026, 5, 1, 9, 10), "SOAP", 1, 720, "paid", "accepted"),
        ("5002", aya, at(2026, 5, 2, 10), "SERUM", 1, 3000, "paid", "accepted"),
        ("5002", aya, at(2026, 5, 2, 10), "SOAP", 0, 0, "returned", "cancelled_or_returned"),
        ("5003", aya, at(2026, 5, 3, 11), "SOAP", 1, 800, "returned", "cancelled_or_returned"),
        ("5004", jiro, at(2026, 5, 4, 12), "SOAP", 1, 800, "cancelled", "cancelled_or_returned"),
        ("5005", jiro, at(2026, 5, 5, 13), "SOAP", 1, 800, "paid", "rejected"),
        ("5006", jiro, at(2026, 5, 6, 23, 59), "送り状入れ", 1, 800, "paid", "accepted"),
    ]
    assert totals(found) == {"5001": 6120, "5002": 3000, "5006": 800}
    assert [row["discounted"] for row in found.table("orders")] == [True, False, False]
    assert refused(found) == [(8, "Order Status", "On hold", "決められた値ではありません")]


def test_a_newer_woocommerce_export_without_line_totals_is_worth_the_same(prepare) -> None:
    found = auto(prepare, "woocommerce_items")
    aya = mail(found, "aya@example.jp")
    assert lines(found) == [
        ("6001", aya, at(2026, 6, 1, 9, 10), "SERUM", 2, 5400, "paid", "accepted"),
        ("6001", aya, at(2026, 6, 1, 9, 10), "せっけん", 1, 720, "paid", "accepted"),
        ("6002", aya, at(2026, 6, 2, 9, 10), "SERUM", 1, 3000, "cancelled", "cancelled_or_returned"),
    ]
    assert totals(found) == {"6001": 6120}


def test_a_colorme_export_becomes_exact_lines(prepare) -> None:
    found = auto(prepare, "colorme_orders")
    guest, third = mail(found, "guest@example.jp"), person(found, "見本次郎", "09000000003")
    assert lines(found) == [
        ("1001", "501", at(2026, 4, 1), "LOT-1", 1, 2000, "paid", "accepted"),
        ("1001", "501", at(2026, 4, 1), "SOAP-1", 2, 1600, "paid", "accepted"),
        ("1002", guest, at(2026, 4, 2, 21, 5, 9), "70003", 1, 2600, "paid", "accepted"),
        ("1003", third, at(2026, 4, 3), "LOT-1", 1, 2200, "paid", "accepted"),
        ("1004", "501", at(2026, 4, 4), "LOT-1", 1, 2200, "returned", "cancelled_or_returned"),
        ("1005", "502", at(2026, 4, 5), "SOAP-1", 1, 880, "cancelled", "cancelled_or_returned"),
        ("1006", "502", at(2026, 4, 6), "LOT-1", 1, 2200, "paid", "accepted"),
        ("1006", "502", at(2026, 4, 6), "SOAP-1", 1, 880, "cancelled", "cancelled_or_returned"),
        ("1007", "502", at(2026, 4, 7), "SOAP-1", 2, 1760, "paid", "rejected"),
    ]
    assert totals(found) == {"1001": 3600, "1002": 2600, "1003": 2200, "1006": 2200}
    assert {row["order_id"]: row["discounted"] for row in found.table("orders")}["1001"]
    assert refused(found) == [(10, "入金状態", "一部返金済", "決められた値ではありません")]
    assert found.account["tables"]["orders"]["files"][0]["encoding"] == "cp932"
    assert lines(found, "product_name")[0] == ("①朝の化粧水",)


def test_a_base_export_adds_up_what_options_cost(prepare) -> None:
    found = auto(prepare, "base_orders")
    umi, riku = mail(found, "umi@example.jp"), person(found, "見本陸", "09000000022")
    first = at(2026, 3, 1, 8, 30)
    assert lines(found) == [
        ("B0A1", umi, first, "80001", 2, 3000, "paid", "accepted"),
        ("B0A1", umi, first, "商品オプション「名入れ」", 2, 400, "paid", "accepted"),
        ("B0A1", umi, first, "80002", 1, 900, "paid", "accepted"),
        ("B0A2", riku, at(2026, 3, 2, 23, 15), "80002", 1, 900, "paid", "accepted"),
        ("B0A3", umi, at(2026, 3, 3), "80002", 3, 2700, "cancelled", "cancelled_or_returned"),
        ("B0A4", umi, at(2026, 3, 4, 12), "80002", 1, 900, "paid", "rejected"),
    ]
    assert totals(found) == {"B0A1": 4300, "B0A2": 900}
    assert refused(found) == [(7, "発送状況", "dispatched", "決められた値ではありません")]


def test_a_stores_export_is_read_by_its_likely_headings(prepare) -> None:
    found = auto(prepare, "stores_orders")
    haruko = person(found, "見本春子", "09000000031")
    assert lines(found) == [
        ("7000000001", haruko, at(2026, 2, 1, 10), "はちみつ 200g", 2, 2400, "paid", "accepted"),
        ("7000000001", haruko, at(2026, 2, 1, 10), "はちみつ 500g", 1, 2600, "paid", "accepted"),
        ("7000000002", None, at(2026, 2, 2, 11, 30), "はちみつ 200g", 1, 1200, "paid", "no_customer"),
    ]
    assert totals(found) == {"7000000001": 5000}


def test_an_older_stores_export_names_its_date_otherwise(prepare) -> None:
    content = (FILES / "stores_orders.csv").read_text(encoding="utf-8").replace("オーダー日時", "オーダー日")
    assert totals(prepare({"a.csv": content}, AUTO)) == {"7000000001": 5000}


def test_a_stores_export_without_a_price_is_refused_in_plain_words(make_client) -> None:
    content = (FILES / "stores_orders.csv").read_text(encoding="utf-8").replace("価格", "内訳", 1)
    named = make_client({"a.csv": content}, "  orders: [{files: data/*, mapping: stores}]", name="named")
    with pytest.raises(InputError) as error:
        prepared(named)
    assert str(error.value) == (
        "必要な列が見つかりません。\n"
        "・金額(amount)。見出しの候補: 価格、単価、販売価格、アイテム価格。一番近い見出しは「アイテム名」です。\n"
        "場所: data/a.csv\n"
        "次に: 別のシステムの書き出しなら、client.yaml の mapping を変えてください。"
        "見出しだけが違うなら、対応表を写してお店のフォルダの mappings に置き、見出しを書き足してください。"
    )
    with pytest.raises(InputError) as error:
        prepared(make_client({"a.csv": content}, AUTO, name="auto"))
    told = str(error.value).splitlines()
    assert told[:3] == [
        "どのシステムの書き出しか、見出しから分かりません。",
        "・data/a.csv",
        "   近いもの: STORES(オーダー)(stores): 見出し「価格」がありません",
    ]


def test_an_ecforce_order_becomes_one_line_for_each_product(prepare) -> None:
    found = auto(prepare, "ecforce_orders")
    first, third = at(2026, 8, 9, 23, 15), mail(found, "three@example.jp")
    assert lines(found, *WHAT, "is_subscription") == [
        ("aa01", "c-501", first, "set_8", None, 1432, "paid", "accepted", True),
        ("aa01", "c-501", first, "aisatsu_1", None, 1432, "paid", "accepted", True),
        ("aa01", "c-501", first, "guide-1", None, 1432, "paid", "accepted", True),
        ("aa02", "c-502", at(2026, 8, 10, 0, 5), "teiki_18", None, 4250, "paid", "accepted", True),
        ("aa02", "c-502", at(2026, 8, 10, 0, 5), "aisatsu_1", None, 4250, "paid", "accepted", True),
        ("aa03", "c-501", at(2026, 8, 11, 9), "mask", None, 333, "paid", "accepted", False),
        ("aa03", "c-501", at(2026, 8, 11, 9), "mask", None, 334, "paid", "accepted", False),
        ("aa03", "c-501", at(2026, 8, 11, 9), "guide-1", None, 333, "paid", "accepted", False),
        ("aa04", third, at(2026, 8, 12, 9), "guide-1", None, 0, "paid", "accepted", False),
    ]
    assert totals(found) == {"aa01": 4296, "aa02": 8500, "aa03": 1000, "aa04": 0}
    assert [row["source"] for row in found.table("orders")] == ["検索広告", None, None, None]
    assert found.counts() == {"accepted": 4}


def test_inserts_that_the_client_lists_leave_all_money_to_the_products(make_client) -> None:
    folder = make_client({"a.csv": (FILES / "ecforce_orders.csv").read_bytes()}, AUTO)
    (folder / "rules").mkdir()
    listed = "names: []\nids: [GUIDE-1, aisatsu_1]\n"
    (folder / "rules" / "not_products.yaml").write_text(listed, encoding="utf-8")
    found = prepared(folder)
    assert [row for row in lines(found, "order_id", "product_id", "amount", "outcome") if row[3] == "accepted"] == [
        ("aa01", "set_8", 4296, "accepted"),
        ("aa02", "teiki_18", 8500, "accepted"),
        ("aa03", "mask", 500, "accepted"),
        ("aa03", "mask", 500, "accepted"),
    ]
    assert totals(found) == {"aa01": 4296, "aa02": 8500, "aa03": 1000}
    assert found.counts() == {"accepted": 3, "not_product": 1}


def test_an_ecforce_export_is_read_in_either_encoding(prepare) -> None:
    text = (FILES / "ecforce_orders.csv").read_text(encoding="utf-8-sig")
    half = text.replace("（", "(").replace("）", ")")
    both = [prepare({"a.csv": each.encode("cp932")}, AUTO, name=f"s{n}") for n, each in enumerate((text, half))]
    assert [each.account["tables"]["orders"]["files"][0]["encoding"] for each in both] == ["cp932", "cp932"]
    assert totals(both[0]) == totals(both[1]) == {"aa01": 4296, "aa02": 8500, "aa03": 1000, "aa04": 0}


def test_an_ecforce_order_that_was_taken_back_does_not_count(prepare) -> None:
    content = (
        "受注番号,顧客番号,小計,受注日,購入商品（商品コード）,対応状況,取消日\n"
        "a1,c1,1000,2026/08/01 10:00,x,出荷済み,\n"
        "a2,c1,1000,2026/08/02 10:00,x,出荷済み,2026/08/03\n"
        "a3,c1,1000,2026/08/03 10:00,x,キャンセル,\n"
        "a4,c1,1000,2026/08/04 10:00,x,審査中,\n"
        "a5,c1,,2026/08/05 10:00,x,出荷済み,\n"
    )
    found = prepare({"a.csv": content}, AUTO)
    assert found.outcomes() == {
        2: "accepted",
        3: "cancelled_or_returned",
        4: "cancelled_or_returned",
        5: "rejected",
        6: "rejected",
    }
    assert refused(found) == [
        (5, "対応状況", "審査中", "決められた値ではありません"),
        (6, "小計", "", "値が空です"),
    ]


def test_an_ecforce_order_on_several_rows_is_worth_its_subtotal_once(prepare) -> None:
    content = (
        "受注番号,顧客番号,定期内受注（N番目）,小計,受注日,購入商品（商品コード）\n"
        "a1,c1,3,3000,2026/08/01 10:00,x\n"
        "a1,c1,3,3000,2026/08/01 10:00,y\n"
        "a2,c1,,700,2026/08/02 10:00,x\n"
        "a2,c1,,,2026/08/02 10:00,y\n"
    )
    found = prepare({"a.csv": content}, AUTO)
    assert lines(found, "product_id", "amount", "is_subscription") == [
        ("x", 1500, True),
        ("y", 1500, True),
        ("x", 350, None),
        ("y", 350, None),
    ]


def test_a_futureshop_export_becomes_exact_lines(prepare) -> None:
    found = auto(prepare, "futureshop_orders")
    aki, fuyu = mail(found, "aki@example.jp"), person(found, "見本冬子", "09000000042")
    assert lines(found, *WHAT, "is_subscription") == [
        ("F000001", aki, at(2026, 1, 5, 10), "TEA-1", 1, 3000, "paid", "accepted", False),
        ("F000001", aki, at(2026, 1, 5, 10), "TEA-2", 3, 3000, "paid", "accepted", False),
        ("F000002", fuyu, at(2026, 1, 6, 11), "TEA-1", 1, 3000, "paid", "accepted", True),
        ("F000003", aki, at(2026, 1, 7, 12), "TEA-1", 1, 3000, "cancelled", "cancelled_or_returned", False),
        ("F000004", aki, at(2026, 1, 8, 13), "TEA-2", 1, 1000, "returned", "cancelled_or_returned", False),
    ]
    assert totals(found) == {"F000001": 6000, "F000002": 3000}
    assert [row["discounted"] for row in found.table("orders")] == [True, False]


def test_a_makeshop_export_has_its_day_and_time_in_two_columns(prepare) -> None:
    found = auto(prepare, "makeshop_orders")
    ichiro, futaba = mail(found, "ichiro@example.jp"), person(found, "見本二葉", "09000000052")
    first = at(2026, 8, 1, 9, 33, 9)
    assert lines(found) == [
        ("P000000000000000001", ichiro, first, "RICE-5", 1, 3200, "paid", "accepted"),
        ("P000000000000000001", ichiro, first, "MISO-1", 2, 1300, "paid", "accepted"),
        ("P000000000000000002", futaba, at(2026, 8, 10, 0, 0, 1), "MISO-1", 1, 650, "paid", "accepted"),
        ("P000000000000000003", ichiro, at(2026, 10, 11), "MISO-1", 1, 650, "cancelled", "cancelled_or_returned"),
        (
            "P000000000000000004",
            ichiro,
            at(2026, 10, 12, 23, 59, 59),
            "RICE-5",
            1,
            3200,
            "returned",
            "cancelled_or_returned",
        ),
        ("P000000000000000005", ichiro, None, "RICE-5", 1, 3200, "paid", "rejected"),
    ]
    assert totals(found) == {"P000000000000000001": 4500, "P000000000000000002": 650}
    assert refused(found) == [(7, "日付+注文時間か日付", "2026/10/13 93309", "日時として読めません")]


def test_a_creema_export_takes_off_the_makers_coupon_only(prepare) -> None:
    found = auto(prepare, "creema_orders")
    sumi, rin = person(found, "見本すみ", "09000000061"), person(found, "見本りん", "09000000062")
    assert lines(found) == [
        ("C-100", sumi, at(2026, 7, 1), "ガラスの耳飾り", 1, 2700, "paid", "accepted"),
        ("C-100", sumi, at(2026, 7, 1), "ガラスの指輪", 2, 1800, "paid", "accepted"),
        ("C-101", sumi, at(2026, 7, 2), "ガラスの指輪", 1, 1000, "cancelled", "cancelled_or_returned"),
        ("C-102", rin, at(2026, 7, 3), "ガラスの指輪", 1, 1000, "paid", "rejected"),
    ]
    assert totals(found) == {"C-100": 4500}
    assert refused(found) == [(5, "ステータス", "購入確認中", "決められた値ではありません")]


def test_a_next_engine_import_file_becomes_exact_lines(prepare) -> None:
    found = auto(prepare, "next_engine_orders")
    midori, aoi = mail(found, "midori@example.jp"), person(found, "見本あおい", "09000000072")
    assert lines(found) == [
        ("N-1", midori, at(2026, 9, 1, 10, 20, 30), "pen-1", 1, 8000, "paid", "accepted"),
        ("N-1", midori, at(2026, 9, 1, 10, 20, 30), "ink-1", 2, 1200, "paid", "accepted"),
        ("N-2", aoi, at(2026, 9, 2, 10, 20, 30), "ink-1", 1, 600, "paid", "accepted"),
    ]
    assert totals(found) == {"N-1": 9200, "N-2": 600}
