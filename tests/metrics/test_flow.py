"""Which product follows which, by hand; edges, a plain twin, the analysis date, and the demo."""

from itertools import pairwise
from pathlib import Path

import ibis.expr.types as ir
import pytest
from by_hand import frozen, records
from goods import AS_OF, Sale, name_of, shops, sold, wilson
from hypothesis import given, settings

from horetsu_utils import demo, selling
from horetsu_utils.metrics import flow
from horetsu_utils.product_rules import ProductRules
from horetsu_utils.shop import Shop

RULES = ProductRules(least_customers=2, pair_customers=1)


def steps(rows: list[Sale]) -> list[tuple]:
    return sorted(records(flow.steps(sold(rows), as_of=AS_OF), by=None))


def test_steps_by_hand() -> None:
    rows = [
        ("a", 100, "A", 1),
        ("a", 70, "B C", 1),  # 30 days after A
        ("a", 60, "A", 1),  # 10 days after B and C
        ("a", 20, "C", 1),  # A was followed before: this second time does not count
        ("b", 50, "A", 1),  # never followed
        (None, 40, "A", 1),
        (None, 30, "B", 1),
    ]
    assert steps(rows) == [("a", "A", "B", 30), ("a", "A", "C", 30), ("a", "B", "A", 10), ("a", "C", "A", 10)]


def test_the_orders_of_one_day_are_one_step() -> None:
    rows = [("a", 50, "A", 1), ("a", 50, "B", 1), ("a", 20, "C", 1), ("a", 20, "C", 1)]
    assert steps(rows) == [("a", "A", "C", 30), ("a", "B", "C", 30)]


def test_pairs_by_hand() -> None:
    rows = [
        *(("a", 100, "A", 1), ("a", 80, "B", 1)),
        *(("b", 100, "A", 1), ("b", 60, "B", 1)),
        *(("c", 100, "A", 1), ("c", 50, "A", 1)),
        *(("d", 100, "C", 1), ("d", 90, "A", 1)),
    ]
    found = flow.pairs(frozen(flow.steps(sold(rows), as_of=AS_OF)), rules=RULES).to_pyarrow().to_pylist()
    low, high = wilson(2, 3)
    # after A came B (a, b: 20 and 40 days), and A (c); after C came A (d)
    # four next orders: B came in 2 of the 4 after other products than B; A in 1 of the 1 after other products than A
    assert found[0] == {
        "from_product": "A",
        "to_product": "B",
        "customers": 2,
        "days": 30,
        "watched": 3,
        "usual": 0.5,
        "value": pytest.approx(2 / 3),
        "low": pytest.approx(low),
        "high": pytest.approx(high),
        "stands_out": False,
    }
    assert [(row["from_product"], row["to_product"], row["customers"], row["usual"]) for row in found[1:]] == [
        ("A", "A", 1, None),
        ("C", "A", 1, 1),
    ]


def test_a_pair_of_few_customers_is_no_row_but_counts_among_what_is_usual() -> None:
    rows = [*after("A", "B", 3, "a"), *after("A", "C", 1, "b"), *after("D", "B", 1, "c")]
    found = flow.pairs(flow.steps(sold(rows), as_of=AS_OF), rules=ProductRules(pair_customers=2))
    # B came after 4 of the 5 next orders, one of them after D: a row of its own that is not told
    assert records(found, "from_product", "to_product", "customers", "usual", by=None) == [("A", "B", 3, 0.8)]


def after(product: str, following: str, times: int, who: str) -> list[Sale]:
    return [
        each
        for nth in range(times)
        for each in ((f"{who}{nth}", 90, product, 1.0), (f"{who}{nth}", 60, following, 1.0))
    ]


def test_what_surely_follows_more_than_usual_stands_out() -> None:
    # after A: B 20, C 20; after D: C 160. Usual of B: 20 / 200 = 0.1; 20 / 40 = 0.5 lies 0.4 above it,
    # and a standard error is sqrt(0.1 x 0.9 / 40) = 0.047
    rows = [*after("A", "B", 20, "a"), *after("A", "C", 20, "b"), *after("D", "C", 160, "c")]
    # after D: C in all 160, where 180 / 200 = 0.9 is usual: 0.1 above it, an error is sqrt(0.9 x 0.1 / 160) = 0.024
    told = frozen(flow.steps(sold(rows), as_of=AS_OF))
    assert standing_out(told, ProductRules()) == [("D", "C"), ("A", "B")]
    assert standing_out(told, ProductRules(least_customers=41)) == [("D", "C")], "after A fewer than 41 were watched"
    assert standing_out(told, ProductRules(flow_z=5)) == [("A", "B")], "0.1 is 4.2 errors only, 0.4 is 8.4"


def standing_out(told: ir.Table, rules: ProductRules) -> list[tuple]:
    found = flow.pairs(told, rules=rules)
    return records(found.filter(found.stands_out), "from_product", "to_product", by=None)


@pytest.mark.parametrize("rows", [[], [("a", 5, "A", 1)], [(None, 9, "A", 1), (None, 5, "B", 1)]])
def test_where_nobody_ordered_again_there_is_no_flow(rows: list[Sale]) -> None:
    assert records(flow.pairs(flow.steps(sold(rows), as_of=AS_OF), rules=RULES), by=None) == []


def test_a_shop_of_one_product_has_only_its_own_repeats() -> None:
    found = flow.pairs(flow.steps(sold(after("A", "A", 3, "a")), as_of=AS_OF), rules=RULES)
    assert records(found, "from_product", "to_product", "customers", "value", "usual", "stands_out", by=None) == [
        ("A", "A", 3, 1, None, False)
    ]


@settings(max_examples=25, deadline=None)
@given(shops())
def test_steps_are_as_a_plain_twin_takes_them_and_see_nothing_later(rows: list[Sale]) -> None:
    baskets: dict[str, dict[int, set[str]]] = {}
    for who, day, goods, _ in rows:
        if who and day >= 0:
            baskets.setdefault(who, {}).setdefault(day, set()).update(goods.split())
    expected = []
    for who, days in baskets.items():
        line, seen = sorted(days, reverse=True), set()
        for now, then in pairwise(line):
            for product in days[now] - seen:
                expected += [(who, product, other, now - then) for other in days[then]]
            seen |= days[now]
    assert steps(rows) == sorted(expected)


def test_the_demos_flow_is_found_first(demo_client: Path) -> None:
    told = selling.selling(Shop.open(demo_client, as_of=""))
    truths = demo.build().truths
    lead, follower = (name_of(told.shop, product) for product in truths.flow)
    found = told.pairs[told.pairs["stands_out"]]
    first = found.assign(above=found["value"] - found["usual"]).sort_values("above", ascending=False).iloc[0]
    assert (first["from_product"], first["to_product"]) == (lead, follower)
    assert first["days"] <= truths.flow_days
    assert first["low"] > 2 * first["usual"]
