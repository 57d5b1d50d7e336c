"""What was bought and what was sent back: variants folded, bundles opened, and rule files that mean nothing refused."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from horetsu_utils import assets, assortment, product_names
from horetsu_utils.assortment import Assortment
from horetsu_utils.errors import ConfigError
from horetsu_utils.product_names import Item
from horetsu_utils.shop import Shop

HEAD = "order_id,customer_id,ordered_at,amount,product_id,product_name,quantity,status\n"
TABLES = "  orders:\n    - {files: data/*.csv, mapping: generic}"
Made = Callable[..., Assortment]


@pytest.fixture
def made(make_client: Callable[..., Path]) -> Made:
    """Return a function that reads a shop's lines, and its rules of products if it has any."""

    def make(*lines: str, rules: str = "", as_of: str = "2026-06-30", settings: str = "") -> Assortment:
        folder = make_client({"orders.csv": HEAD + "\n".join(lines) + "\n"}, TABLES, settings)
        if rules:
            (folder / "rules").mkdir(exist_ok=True)
            (folder / "rules" / "products.yaml").write_text(rules, encoding="utf-8")
        return assortment.assortment(Shop.open(folder, as_of=as_of))

    return make


def sold(found: Assortment, *columns: str) -> list[tuple[Any, ...]]:
    chosen = columns or ("order_id", "product", "quantity", "amount_yen")
    return [tuple(row[name] for name in chosen) for row in found.sold.to_pyarrow().to_pylist()]


def sent_back(found: Assortment) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in found.sent_back.to_pyarrow().to_pylist()]


def test_one_row_tells_one_product_of_one_order(made: Made) -> None:
    found = made(
        "1,c1,2026-01-05,1000,S01,化粧水,1,",
        "1,c1,2026-01-05,2000,S01,化粧水,2,",  # the same product in two lines is one row: 1 + 2 items, 1000 + 2000 yen
        "1,c1,2026-01-05,500,S02,乳液,,",  # a line that tells no quantity is one item
    )
    assert found.sold.to_pyarrow().to_pylist() == [
        {
            "origin": "generic",
            "order_id": "1",
            "customer_id": "c1",
            "product": "乳液",
            "ordered_on": dt.date(2026, 1, 5),
            "quantity": 1.0,
            "amount_yen": 500.0,
        },
        {
            "origin": "generic",
            "order_id": "1",
            "customer_id": "c1",
            "product": "化粧水",
            "ordered_on": dt.date(2026, 1, 5),
            "quantity": 3.0,
            "amount_yen": 3000.0,
        },
    ]


def test_discounts_gifts_and_postage_are_no_products(made: Made) -> None:
    found = made(
        "1,c1,2026-01-05,1000,S01,化粧水,1,",
        "1,c1,2026-01-05,-100,,割引,1,",
        "1,c1,2026-01-05,-50,COUPON,クーポン,1,",
        "1,c1,2026-01-05,0,G01,おまけ,1,",
        "1,c1,2026-01-05,600,,送料,1,",
    )
    assert sold(found) == [("1", "化粧水", 1, 1000)]
    assert sent_back(found) == []


def test_a_discount_that_names_its_product_lowers_its_amount(made: Made) -> None:
    found = made("1,c1,2026-01-05,1000,S01,化粧水,2,", "1,c1,2026-01-05,-300,S01,化粧水,1,")
    assert sold(found) == [("1", "化粧水", 2, 700)]
    assert sent_back(found) == []


def test_buyers_who_are_not_known_count_among_what_was_sold(made: Made) -> None:
    found = made(
        "1,,2026-01-05,1000,S01,化粧水,1,",
        "2,,2026-01-06,1000,S01,化粧水,1,cancelled",
        "3,c1,2026-01-07,1000,S01,化粧水,1,",
    )
    assert sold(found, "order_id", "customer_id") == [("1", None), ("3", "c1")]


def test_cancelled_orders_are_neither_sold_nor_sent_back(made: Made) -> None:
    found = made("1,c1,2026-01-05,1000,S01,化粧水,1,", "2,c1,2026-02-05,1000,S01,化粧水,1,cancelled")
    assert sold(found, "order_id") == [("1",)]
    assert sent_back(found) == []


def test_what_was_returned_or_credited_was_sent_back(made: Made) -> None:
    found = made(
        "1,c1,2026-01-05,1000,S01,化粧水,1,",
        "1,c1,2026-01-05,800,S02,乳液,1,returned",
        "1,c1,2026-01-05,-80,,割引,1,returned",
        "2,c1,2026-01-20,-1000,S01,化粧水,-1,",  # a credit note of its own
        "3,,2026-01-21,800,S02,乳液,1,returned",  # nobody known: there is no one to remember it of
    )
    assert sold(found) == [("1", "化粧水", 1, 1000)]
    assert sent_back(found) == [("c1", "乳液", dt.date(2026, 1, 5)), ("c1", "化粧水", dt.date(2026, 1, 20))]


def test_what_comes_after_the_analysis_date_is_not_seen(made: Made) -> None:
    found = made(
        "1,c1,2026-01-05,1000,S01,化粧水,1,",
        "2,c1,2026-01-07,1000,S01,新しい化粧水,1,",
        "3,c1,2026-01-07,1000,S01,化粧水,1,returned",
        as_of="2026-01-06",
    )
    assert sold(found) == [("1", "化粧水", 1, 1000)], "nor the name that the product has got since"
    assert sent_back(found) == []


def test_a_product_bears_its_latest_name(made: Made) -> None:
    found = made(
        "1,c1,2026-01-05,1000,S01,化粧水(旧),1,",
        "2,c1,2026-01-06,1000,S01,化粧水,1,",
        "3,c1,2026-01-07,1000,S01,,1,",
        "4,c1,2026-01-08,0,S01,汚れあり 処分,1,",  # a note of the stock is no name
        "4,c1,2026-01-08,1000,X9,,1,",
        "5,c1,2026-01-09,1000,,名前だけ,1,",
        "6,c1,2026-01-10,1000,,,1,",  # names no product
    )
    assert [product for (product,) in sold(found, "product")] == ["化粧水", "化粧水", "化粧水", "X9", "名前だけ"]


def test_two_ids_of_one_name_are_told_apart(made: Made) -> None:
    found = made("1,c1,2026-01-05,1000,S01,化粧水,1,", "1,c1,2026-01-05,1800,S02,化粧水,1,")
    assert sold(found, "product") == [("化粧水 (S01)",), ("化粧水 (S02)",)]


VARIANTS = """products:
  - name: 化粧水
    ids: [S01, s01-l]
    names: [化粧水 おためし]
"""


def test_variants_are_one_product(made: Made) -> None:
    found = made(
        "1,c1,2026-01-05,1000,S01,化粧水 普通,1,",
        "1,c1,2026-01-05,1800,S01-L,化粧水 大,1,",
        "2,c1,2026-01-06,500,,化粧水　おためし,1,",
        "2,c1,2026-01-06,900,S02,乳液,1,",
        rules=VARIANTS,
    )
    assert sold(found) == [("1", "化粧水", 2, 2800), ("2", "乳液", 1, 900), ("2", "化粧水", 1, 500)]


BUNDLES = """bundles:
  - ids: [SET1]
    names: [はじめてセット]
    holds: [{id: S01}, {id: S01}, {name: 乳液}]
"""


def test_a_bundle_becomes_what_it_holds(made: Made) -> None:
    found = made("1,c1,2026-01-05,1000,S01,化粧水,1,", "2,c1,2026-01-06,2000,SET1,セット,1,", rules=BUNDLES)
    # 2000 yen in three parts, to the yen: 667, 1333 - 667 = 666, 2000 - 1333 = 667; S01 has the first two of them
    assert sold(found) == [("1", "化粧水", 1, 1000), ("2", "乳液", 1, 667), ("2", "化粧水", 2, 1333)]


def test_a_bundle_may_be_told_by_its_name_and_hold_what_is_not_sold_alone(made: Made) -> None:
    found = made("1,c1,2026-01-05,900,,はじめてセット,2,", rules=BUNDLES)
    assert sold(found) == [("1", "S01", 4, 600), ("1", "乳液", 2, 300)]


def test_a_bundle_holds_products_as_they_are_folded(made: Made) -> None:
    found = made("1,c1,2026-01-05,900,SET1,セット,1,", rules=VARIANTS + BUNDLES)
    assert sold(found) == [("1", "乳液", 1, 300), ("1", "化粧水", 2, 600)]


def test_a_returned_bundle_sends_back_all_that_it_holds(made: Made) -> None:
    found = made("1,c1,2026-01-05,900,SET1,セット,1,returned", "2,c1,2026-01-05,9,S9,別,1,", rules=BUNDLES)
    assert [product for _, product, _ in sent_back(found)] == ["S01", "乳液"]


def test_a_shop_without_orders_has_no_products(make_client: Callable[..., Path]) -> None:
    story = "customer_id,date,change_score,emotion\nc1,2026-01-05,3,良い\n"
    folder = make_client({"s.csv": story}, "  story:\n    - {files: data/s.csv, mapping: generic}")
    found = assortment.assortment(Shop.open(folder, as_of=""))
    assert sold(found) == []
    assert sent_back(found) == []
    assert found.sold.columns == (
        "origin",
        "order_id",
        "customer_id",
        "product",
        "ordered_on",
        "quantity",
        "amount_yen",
    )


def test_the_demo_sells_its_twelve_products(demo_client: Path) -> None:
    found = assortment.assortment(Shop.open(demo_client, as_of=""))
    assert found.sold.product.nunique().to_pyarrow().as_py() == 12
    assert found.sold.count().to_pyarrow().as_py() == 8507
    assert found.sent_back.count().to_pyarrow().as_py() > 100


def refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "products.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        product_names.read(path)
    return str(error.value).replace(str(path), "…/products.yaml")


def test_the_kits_own_table_is_sound_and_empty() -> None:
    known = product_names.read(assets.RULES / "products.yaml")
    assert known == product_names.ProductNames({}, {})


def test_the_example_in_the_kits_table_can_be_used_as_it_stands(tmp_path: Path) -> None:
    lines = (assets.RULES / "products.yaml").read_text(encoding="utf-8").splitlines()
    start = next(place for place, line in enumerate(lines) if line == "# products:")
    path = tmp_path / "products.yaml"
    path.write_text("\n".join(line.removeprefix("# ") for line in lines[start:-2]), encoding="utf-8")
    known = product_names.read(path)
    assert known.labels([Item("SET1", "")]) == [(Item("SET1", ""), "化粧水"), (Item("SET1", ""), "乳液")]


def test_all_that_is_unsound_is_told_with_its_line(tmp_path: Path) -> None:
    told = refused(
        tmp_path,
        "products:\n"
        "  - {name: 化粧水, ids: [S01, s01]}\n"
        "  - {name: 化粧水, names: [ローション]}\n"
        "  - name: 乳液\n"
        "bundles:\n"
        "  - ids: [SET1]\n"
        "    holds: [{id: S01}, {id: SET2}, {}]\n"
        "  - ids: [SET2]\n"
        "    names: [ローション]\n"
        "    holds:\n"
        "      - {id: S01, name: 化粧水}\n",
    )
    assert told == (
        "商品のまとめ方に直すところがあります。\n"
        "・2行目: 「s01」が2回書かれています。どちらか1つにしてください。\n"
        "・4行目: ids か names に、まとめたい商品番号か商品名を書いてください。\n"
        "・9行目: 「ローション」が2回書かれています。どちらか1つにしてください。\n"
        "・3行目: 商品「化粧水」が2回書かれています。1つにまとめてください。\n"
        "・7行目: 「SET2」はセットです。セットの中身には、1つずつの商品を書いてください。\n"
        "・7行目: id か name の、どちらか1つを書いてください。\n"
        "・11行目: id か name の、どちらか1つを書いてください。\n"
        "場所: …/products.yaml\n"
        "次に: 上の行を直して、もう一度お試しください。"
    )


def test_misspelt_keys_and_bare_numbers_are_told_with_their_line(tmp_path: Path) -> None:
    assert refused(tmp_path, "products:\n  - {name: 化粧水, id: [S01]}\n") == (
        "設定に直すところがあります。\n"
        "・2行目: 「products(1つ目).id」という項目はありません。「ids」の書き間違いではありませんか。\n"
        "場所: …/products.yaml\n次に: 上の項目を直して、もう一度お試しください。"
    )
    assert refused(tmp_path, "products:\n  - {name: 化粧水, ids: [101]}\nbundles:\n  - {ids: [A], holds: []}\n") == (
        "設定に直すところがあります。\n"
        "・2行目: 「products(1つ目).ids(1つ目)」の値「101」は"
        "文字ではありません(数字や yes・no だけの名前は '…' で囲んでください)。\n"
        "・4行目: 「bundles(1つ目).holds」の値「[]」は数が足りません。\n"
        "場所: …/products.yaml\n次に: 上の項目を直して、もう一度お試しください。"
    )
