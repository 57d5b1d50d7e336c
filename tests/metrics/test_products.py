"""Sales, repeats, first products and rhythms by hand; edges, a plain twin, the analysis date, and the demo."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import ibis
import pytest
from by_hand import records
from goods import AS_OF, Sale, before, name_of, shops, sold, wilson
from hypothesis import given, settings
from purchases import firsts, orders

from horetsu_utils import demo, selling
from horetsu_utils.metrics import products
from horetsu_utils.product_rules import ProductRules
from horetsu_utils.shop import Shop

RULES = ProductRules()


def test_what_each_customer_bought_by_hand() -> None:
    table = sold([("a", 50, "A B", 1000), ("a", 10, "A", 500), ("b", 5, "A", 700), (None, 4, "A", 900)])
    assert records(products.bought(table, as_of=AS_OF), by=None) == [
        ("a", "A", 2, 2, 1500, before(50), before(10)),
        ("a", "B", 1, 1, 1000, before(50), before(50)),
        ("b", "A", 1, 1, 700, before(5), before(5)),
    ]


def test_the_ranking_by_hand() -> None:
    table = sold(
        [
            ("a", 200, "A", 1000),
            ("a", 110, "A", 1000),  # 90 days after the first: again
            ("b", 200, "A", 1000),
            ("b", 109, "A", 1000),  # 91 days after: not within 90
            ("c", 89, "A", 1000),  # not yet watched for 90 days,
            ("c", 80, "A", 1000),  # so that this is not counted either
            (None, 300, "A", 2000),  # nobody known: sales, but no buyer
            ("a", 90, "B", 2000),
        ]
    )
    rows = records(products.ranking(table, as_of=AS_OF, rules=RULES), by=None)
    columns = products.ranking(table, as_of=AS_OF, rules=RULES).columns
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    low, high = wilson(1, 2)
    # 8,000 yen of A (7 orders) and 2,000 yen of B
    assert found[0] == {
        "product": "A",
        "orders": 7,
        "sales_yen": 8000,
        "buyers": 3,
        "watched": 2,
        "again": 1,
        "sales_ratio": 0.8,
        "value": 0.5,
        "low": pytest.approx(low),
        "high": pytest.approx(high),
    }
    assert [found[1][name] for name in ("product", "sales_ratio", "buyers", "watched", "value")] == ["B", 0.2, 1, 1, 0]


def test_a_product_of_unknown_buyers_alone_has_no_repeat_rate() -> None:
    table = products.ranking(sold([(None, 300, "A", 500)]), as_of=AS_OF, rules=RULES)
    assert records(table, "product", "orders", "buyers", "watched", "value", "low", by=None) == [
        ("A", 1, 0, 0, None, None)
    ]


def test_a_second_order_of_the_same_day_is_another_order() -> None:
    table = sold([("a", 200, "A", 1), ("a", 200, "A", 1)])
    assert records(products.ranking(table, as_of=AS_OF, rules=RULES), "again", by=None) == [(1,)]
    assert records(products.rhythm(table, as_of=AS_OF, rules=RULES), by=None) == [], "but no time lies between them"


def first_rows(sales: list[tuple[str, str, int]], goods: dict[int, dict[str, int]]) -> list[dict]:
    """Make orders (customer, day, amount) and the products of some of them, by the order's number."""
    bought = orders(sales)
    told = [
        {
            "origin": "generic",
            "order_id": f"O{place:04d}",
            "customer_id": sales[place - 1][0],
            "product": product,
            "ordered_on": dt.date.fromisoformat(sales[place - 1][1]),
            "quantity": 1.0,
            "amount_yen": float(yen),
        }
        for place, held in goods.items()
        for product, yen in held.items()
    ]
    table = ibis.memtable(told, schema=sold([]).schema())
    return products.first_products(firsts(sales), table, bought, as_of=AS_OF, rules=RULES).to_pyarrow().to_pylist()


def test_first_products_by_hand() -> None:
    sales = [
        ("a", "2025-01-01", 3000),  # 1: B cost more than A
        ("a", "2025-03-31", 1000),  # 2: 89 days later (January 1 to March 31)
        ("a", "2025-12-31", 500),  # 3: 364 days later, the last day of the first year
        ("a", "2026-01-01", 7000),  # 4: 365 days later: the second year
        ("b", "2025-01-01", 2000),  # 5: B; never came back
        ("b", "2025-02-01", -400),  # 6: a credit note takes 400 off
        ("c", "2026-06-01", 900),  # 7: A; watched for 29 days only
    ]
    found = first_rows(sales, {1: {"A": 1000, "B": 2000}, 5: {"B": 2000}, 7: {"A": 900}, 2: {"A": 1000}})
    low, high = wilson(1, 2)
    # a: 3000 + 1000 + 500 = 4500; b: 2000 - 400 = 1600; mean 3050, s = 2900 / sqrt(2), s / sqrt(2) = 1450
    half = 1.959963984540054 * 1450
    assert found == [
        {
            "product": "B",
            "customers": 2,
            "watched": 2,
            "came_back": 1,
            "worth_customers": 2,
            "ltv_yen": 3050,
            "value": 0.5,
            "low": pytest.approx(low),
            "high": pytest.approx(high),
            "ltv_low": pytest.approx(3050 - half),
            "ltv_high": pytest.approx(3050 + half),
        },
        {
            "product": "A",
            "customers": 1,
            "watched": 0,
            "came_back": 0,
            "worth_customers": 0,
            "ltv_yen": None,
            "value": None,
            "low": None,
            "high": None,
            "ltv_low": None,
            "ltv_high": None,
        },
    ]


def test_a_first_order_that_names_no_product_belongs_to_none() -> None:
    assert first_rows([("a", "2025-01-01", 3000)], {}) == []


def test_equally_dear_first_products_are_chosen_by_name() -> None:
    (found,) = first_rows([("a", "2025-01-01", 3000)], {1: {"B": 1500, "A": 1500}})
    assert found["product"] == "A"


def test_a_rhythm_by_hand() -> None:
    # gaps of a: 30, 30; of b: 20, 40 -> sorted 20, 30, 30, 40: quartiles 27.5, 30, 32.5; spread 5 / 60
    table = sold([(who, day, "A", 1) for who, days in (("a", (90, 60, 30)), ("b", (80, 60, 20))) for day in days])
    rules = ProductRules(least_customers=2, rhythm_spread=0.1)
    (found,) = products.rhythm(table, as_of=AS_OF, rules=rules).to_pyarrow().to_pylist()
    assert found == {
        "product": "A",
        "customers": 2,
        "gaps": 4,
        "low_days": 27.5,
        "gap_days": 30,
        "high_days": 32.5,
        "spread": pytest.approx(5 / 60),
        "is_rhythm": True,
    }
    few = products.rhythm(table, as_of=AS_OF, rules=ProductRules(least_customers=3))
    wide = products.rhythm(table, as_of=AS_OF, rules=ProductRules(least_customers=2, rhythm_spread=0.08))
    assert records(few, "is_rhythm", by=None) == records(wide, "is_rhythm", by=None) == [(False,)]


def test_a_shop_that_sold_nothing_gives_empty_tables() -> None:
    empty = sold([])
    assert records(products.bought(empty, as_of=AS_OF), by=None) == []
    assert records(products.ranking(empty, as_of=AS_OF, rules=RULES), by=None) == []
    assert records(products.rhythm(empty, as_of=AS_OF, rules=RULES), by=None) == []
    assert first_rows([], {}) == []


@settings(max_examples=25, deadline=None)
@given(shops())
def test_nothing_after_the_analysis_date_is_seen(rows: list[Sale]) -> None:
    known, seen = sold(rows), sold([row for row in rows if row[1] >= 0])
    for told, past in (
        (products.ranking(known, as_of=AS_OF, rules=RULES), products.ranking(seen, as_of=AS_OF, rules=RULES)),
        (products.rhythm(known, as_of=AS_OF, rules=RULES), products.rhythm(seen, as_of=AS_OF, rules=RULES)),
    ):
        names = [name for name in told.columns if name != "order_id"]
        assert records(told, *names, by=None) == records(past, *names, by=None)


@settings(max_examples=25, deadline=None)
@given(shops())
def test_sales_add_up_and_repeats_are_as_a_plain_twin_counts_them(rows: list[Sale]) -> None:
    past = [row for row in rows if row[1] >= 0]
    found = products.ranking(sold(rows), as_of=AS_OF, rules=RULES).to_pyarrow().to_pylist()
    assert sum(row["sales_yen"] for row in found) == sum(yen * len(goods.split()) for _, _, goods, yen in past)
    assert sum(row["sales_ratio"] for row in found) == pytest.approx(1 if past else 0)
    for row in found:
        days: dict[str, list[int]] = {}
        for who, day, goods, _ in past:
            if who and row["product"] in goods.split():
                days.setdefault(who, []).append(day)
        ripe = [sorted(each, reverse=True) for each in days.values() if max(each) >= RULES.again_days]
        again = [each for each in ripe if len(each) > 1 and each[0] - each[1] <= RULES.again_days]
        assert (row["buyers"], row["watched"], row["again"]) == (len(days), len(ripe), len(again))


@pytest.fixture(scope="module")
def told(demo_client: Path) -> selling.Selling:
    return selling.selling(Shop.open(demo_client, as_of=""))


def test_the_demos_star_is_followed_by_most_second_orders(told: selling.Selling) -> None:
    star = name_of(told.shop, demo.build().truths.star_first_product)
    ranked = told.firsts.sort_values("value", ascending=False)
    assert ranked["product"].iloc[0] == star
    assert ranked["low"].iloc[0] > ranked["high"].iloc[1:].max()


def test_the_demos_replenished_product_has_its_rhythm_and_no_other_has(told: selling.Selling) -> None:
    truths = demo.build().truths
    steady = told.rhythm[told.rhythm["is_rhythm"]]
    assert steady["product"].tolist() == [name_of(told.shop, truths.replenished_product)]
    assert steady["gap_days"].iloc[0] == pytest.approx(truths.replenish_days, abs=1)


def test_the_demos_sales_agree_with_its_lines(told: selling.Selling) -> None:
    lines = told.shop.product_lines
    whole = lines.filter((lines.amount > 0) & lines.product_id.notnull()).amount.sum().to_pyarrow().as_py()
    assert Decimal(int(told.ranking(90)["sales_yen"].sum())) == whole
    assert told.by_customer.amount_yen.sum().to_pyarrow().as_py() == float(whole), "everybody in the demo is known"
