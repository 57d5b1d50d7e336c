"""Products bought together: five baskets by hand, caps, edges, plain Python beside it, the demo."""

import itertools
import math
from collections import Counter, defaultdict
from pathlib import Path

import ibis
import numpy as np
import pytest
from by_hand import records
from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils import baskets as composed
from horetsu_utils import demo, engine, intervals
from horetsu_utils.affinity_rules import AffinityRules, least_of
from horetsu_utils.metrics import affinity
from horetsu_utils.shop import Shop

SOLD = {"origin": "string", "order_id": "string", "customer_id": "string", "product": "string"}
FIVE = (("1", "A", "茶菓"), ("2", "A", "茶菓飯"), ("3", "B", "茶"), ("4", "C", "菓飯"), ("5", None, "茶菓"))
"""Order, customer, and one product a letter."""
Orders = tuple[tuple[str, str | None, str], ...]


def sold(orders: Orders, origin: str = "店") -> ibis.Table:
    rows = [(origin, number, who, product) for number, who, letters in orders for product in letters]
    return ibis.memtable([dict(zip(SOLD, row, strict=True)) for row in rows], schema=SOLD)


def filled(lines: ibis.Table, key: tuple[str, ...] = affinity.ORDER) -> tuple[ibis.Table, ibis.Table]:
    products = affinity.products(lines)
    return affinity.baskets(lines, products, key=key), products


def pairs(lines: ibis.Table, key: tuple[str, ...] = affinity.ORDER, **rules: int) -> ibis.Table:
    return affinity.pairs(*filled(lines, key), rules=AffinityRules(**({"least_baskets": 1} | rules)))


def tally(lines: ibis.Table, key: tuple[str, ...] = affinity.ORDER, **rules: int) -> tuple[int, ...]:
    table = affinity.tally(filled(lines, key)[0], rules=AffinityRules(**rules))
    return records(table, "whole", "single", "set_aside", "largest", by=None)[0]


def test_five_orders_by_hand() -> None:
    # 茶 lies in 1, 2, 3, 5; 菓 in 1, 2, 4, 5; 飯 in 2, 4. 茶 and 菓: 1, 2, 5; 茶 and 飯: 2; 菓 and 飯: 2, 4
    counts = records(
        pairs(sold(FIVE)), "product", "other", "both", "product_baskets", "other_baskets", "whole", by=None
    )
    assert sorted(counts) == [("茶", "菓", 3, 4, 4, 5), ("茶", "飯", 1, 4, 2, 5), ("菓", "飯", 2, 4, 2, 5)]
    shares = {row[:2]: row[2:] for row in records(pairs(sold(FIVE)), "product", "other", "support_ratio", "confidence",
                                                  "other_confidence", "lift", "surplus", by=None)}  # fmt: skip
    # 菓 and 飯: 2/5 of the orders; 2/4 of those with 菓; 2/2 of those with 飯; 2×5/(4×2) = 1.25; 2 - 4×2/5 = 0.4
    assert shares["菓", "飯"] == pytest.approx((0.4, 0.5, 1.0, 1.25, 0.4))
    # 茶 and 菓: 3/5; 3/4; 3/4; 3×5/(4×4) = 0.9375; 3 - 16/5 = -0.2
    assert shares["茶", "菓"] == pytest.approx((0.6, 0.75, 0.75, 0.9375, -0.2))


def test_all_that_a_customer_bought_by_hand() -> None:
    # A: 茶菓飯 in two orders, B: 茶, C: 菓飯; order 5 is nobody's
    counts = records(pairs(sold(FIVE), affinity.CUSTOMER), "product", "other", "both", "whole", by=None)
    assert sorted(counts) == [("茶", "菓", 1, 3), ("茶", "飯", 1, 3), ("菓", "飯", 2, 3)]
    assert tally(sold(FIVE), affinity.CUSTOMER) == (3, 1, 0, 3)


def test_a_product_lies_once_in_a_basket() -> None:
    twice = sold((("1", "A", "茶茶菓菓"), ("2", "A", "茶茶")))
    assert records(pairs(twice), "product", "other", "both", "product_baskets", "other_baskets", "whole", by=None) == [
        ("茶", "菓", 1, 2, 1, 2)
    ]
    assert tally(twice) == (2, 1, 0, 2)


def test_the_same_number_in_two_systems_is_two_orders() -> None:
    both = sold((("1", "A", "茶"),)).union(sold((("1", "A", "菓"),), origin="楽天"))
    assert records(pairs(both), by=None) == []
    assert tally(both) == (2, 2, 0, 1)


def test_a_huge_basket_is_set_aside_and_counted() -> None:
    rows = [("店", "大口", "A", f"品{number:03d}") for number in range(500)] + [("店", "1", "B", "品000")]
    rows += [("店", "2", "B", name) for name in ("品000", "品001")]
    lines = ibis.memtable([dict(zip(SOLD, row, strict=True)) for row in rows], schema=SOLD)
    assert tally(lines) == (2, 1, 1, 500)
    # the shares are of the two baskets that count: 品000 lies in both of them, not in three
    assert records(pairs(lines), "product", "other", "both", "product_baskets", "whole", by=None) == [
        ("品000", "品001", 1, 2, 2)
    ]


def test_a_basket_exactly_at_the_cap_counts() -> None:
    assert tally(sold(FIVE), most_products=3) == (5, 1, 0, 3)
    assert tally(sold(FIVE), most_products=2) == (4, 1, 1, 3)


def test_a_pair_exactly_at_the_minimum_counts() -> None:
    found = [[row[2] for row in records(pairs(sold(FIVE), least_baskets=least), "product", "other", "both", by=None)]
             for least in (1, 2, 3, 4)]  # fmt: skip
    assert [sorted(each) for each in found] == [[1, 2, 3], [2, 3], [3], []]


def test_without_sales_there_is_nothing() -> None:
    empty = sold(())
    assert (records(pairs(empty), by=None), tally(empty)) == ([], (0, 0, 0, 0))
    assert tally(sold((("1", None, "茶"),)), affinity.CUSTOMER) == (0, 0, 0, 0)


def lifts(*counts: tuple[int, int, int, int]) -> list[tuple[float, float]]:
    table = ibis.memtable([dict(zip(("n", "a", "b", "w"), each, strict=True)) for each in counts])
    lift, low = intervals.lift(table.n, table.a, table.b, table.w)
    return records(table.mutate(lift=lift, low=low), "lift", "low", by=None)


def test_the_bound_of_a_lift_by_hand() -> None:
    # 30 of 100 hold both, 40 the one, 50 the other: lift 30×100/(40×50) = 1.5
    # variance 1/30 - 1/40 - 1/50 + 2×30/2000 - 1/100 = .033333 - .025 - .02 + .03 - .01 = .008333; root .091287
    # low 1.5 × exp(-1.959964 × .091287) = 1.5 × exp(-.178919) = 1.5 × .836173 = 1.254260
    assert lifts((30, 40, 50, 100))[0] == pytest.approx((1.5, 1.254260), abs=1e-6)
    # two things that are in every basket always meet: nothing is uncertain
    assert lifts((7, 7, 7, 7))[0] == pytest.approx((1.0, 1.0))


def plain_low(both: int, first: int, second: int, whole: int) -> float:
    """Compute the bound from the covariance of all four cells, as the delta method is written."""
    cells = np.array([both, first - both, second - both, whole - first - second + both]) / whole
    slope = np.array([1 / cells[0], 0, 0, 0]) - np.array([1, 1, 0, 0]) * whole / first
    slope -= np.array([1, 0, 1, 0]) * whole / second
    variance = slope @ (np.diag(cells) - np.outer(cells, cells)) @ slope / whole
    return both * whole / first / second * math.exp(-1.959963984540054 * math.sqrt(max(variance, 0)))


@given(cells=st.tuples(st.integers(1, 400), *[st.integers(0, 4000)] * 3))
@settings(max_examples=25, deadline=None)
def test_the_bound_is_the_delta_methods(cells: tuple[int, int, int, int]) -> None:
    both, one, other, _ = cells
    counts = (both, both + one, both + other, sum(cells))
    ((lift, low),) = lifts(counts)
    assert low == pytest.approx(plain_low(*counts), rel=1e-6)
    assert 0 < low <= lift * (1 + 1e-12)


@pytest.mark.parametrize(("baskets", "above"), [(500, 0.05), (2_000, 0.04), (20_000, 0.035)])
def test_the_bound_keeps_its_promise(baskets: int, above: float) -> None:
    # Two products meet 1.5 times as often as by chance. Of many baskets 2.5 % of the bounds lie above the truth; of few
    # somewhat more, since the count of meetings is skewed: 15 of 500, 60 of 2,000, 600 of 20,000 are expected.
    draws = np.random.default_rng(7).multinomial(baskets, [0.03, 0.07, 0.17, 0.73], size=4_000)
    lows = [plain_low(n, n + a, n + b, baskets) for n, a, b, _ in draws if n]
    assert 0.015 < np.mean(np.array(lows) > 0.03 / (0.1 * 0.2)) <= above


def test_counts_beyond_32_bits_do_not_overflow() -> None:
    # 2,000,000 × 4,000,000,000 / (50,000,000 × 80,000,000) = 2
    ((lift, low),) = lifts((2_000_000, 50_000_000, 80_000_000, 4_000_000_000))
    assert (lift, low) == pytest.approx((2, 2), rel=0.01)


SHOPS = st.lists(st.tuples(st.integers(0, 5), st.sampled_from("ABC"), st.text("茶菓飯味", min_size=1, max_size=4)),
                 max_size=12)  # fmt: skip


@given(orders=SHOPS, most=st.integers(2, 4), least=st.integers(1, 3), key=st.sampled_from(["order", "customer"]))
@settings(max_examples=25, deadline=None)
def test_pairs_are_those_counted_by_hand(orders: list, most: int, least: int, key: str) -> None:
    held = defaultdict(set)
    for number, who, letters in orders:
        held[number if key == "order" else who] |= set(letters)
    counted = [basket for basket in held.values() if len(basket) <= most]
    single = Counter(product for basket in counted for product in basket)
    met = Counter(pair for basket in counted for pair in itertools.combinations(sorted(basket), 2))
    lines = sold(tuple((str(number), who, letters) for number, who, letters in orders))
    keyed = affinity.ORDER if key == "order" else affinity.CUSTOMER
    found = records(pairs(lines, keyed, most_products=most, least_baskets=least), "product", "other", "both",
                    "product_baskets", "other_baskets", "whole", by=None)  # fmt: skip
    assert sorted(found) == sorted(
        (a, b, many, single[a], single[b], len(counted)) for (a, b), many in met.items() if many >= least
    )
    ones = sum(len(basket) == 1 for basket in counted)
    assert tally(lines, keyed, most_products=most)[:3] == (len(counted), ones, len(held) - len(counted))


@given(orders=SHOPS, names=st.sets(st.sampled_from("茶菓飯味無")), most=st.integers(2, 4))
@settings(max_examples=25)
def test_the_pairs_among_some_are_those_of_all(orders: list, names: set[str], most: int) -> None:
    lines = sold(tuple((str(number), who, letters) for number, who, letters in orders))
    told = records(pairs(lines, most_products=most), by=None)
    among = affinity.pairs(
        *filled(lines), rules=AffinityRules(least_baskets=1, most_products=most), among=sorted(names)
    )
    assert records(among, by=None) == [row for row in told if {row[0], row[1]} <= names]


def test_a_share_is_a_count_without_rounding() -> None:
    # .001 of 9,835 is 9.835: ten baskets; .29 of 100 is 29, though 0.29 × 100 is 28.999999999999996 in floats, and
    # .07 of 100 is 7, though 0.07 × 100 is 7.000000000000001
    assert [least_of(0.001, 9835), least_of(0.006, 9835), least_of(0.29, 100), least_of(0.07, 100)] == [10, 60, 29, 7]
    assert [least_of(0.5, 0), least_of(0.0, 50), least_of(1.0, 50)] == [1, 1, 50]


def test_the_demo_sells_its_pair_together(demo_client: Path) -> None:
    shop = Shop.open(demo_client, as_of="")
    lines = shop.product_lines.filter(shop.product_lines.product_id.notnull())
    bought = composed.together(
        shop.connection,
        lines.select("origin", "order_id", "customer_id", product="product_id"),
        rules=AffinityRules(),
    )
    for kind in (bought.in_order, bought.by_customer):
        first = kind.pairs.iloc[0]
        assert (first["product"], first["other"]) == demo.build().truths.pair
        assert first["low"] > 4
    assert bought.unnamed == 0


def test_orders_of_nobody_are_counted_and_in_the_baskets_of_orders() -> None:
    bought = composed.together(engine.connect(), sold(FIVE), rules=AffinityRules(least_baskets=2))
    assert (bought.unnamed, bought.in_order.counts["whole"], bought.by_customer.counts["whole"]) == (1, 5, 3)
    assert [len(bought.in_order.pairs_from(least)) for least in (1, 2, 3)] == [3, 2, 1]
    assert len(bought.in_order.pairs) == 2
    among = bought.in_order.pairs_among(["茶", "飯"])
    assert among[["product", "other", "both"]].to_numpy().tolist() == [["茶", "飯", 1]]
    assert bought.in_order.pairs_among([]).empty
