import datetime as dt
from collections import Counter
from fractions import Fraction

import ibis
import pytest
from by_hand import AS_OF, ago, bought, by_customer, credited, customers, frozen, orders, records, shops, type_7
from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils.client import find
from horetsu_utils.method import RfmCuts, SegmentRule
from horetsu_utils.metrics import rfm

EXAMPLES = settings(max_examples=12, deadline=None)
SCORES = ["recency_score", "frequency_score", "monetary_score"]
HAND = [
    # A: the period of 365 days that ends on 2026-06-30 begins on 2025-07-01, so the first order lies one day before.
    bought("A", "2025-06-30", 3000),
    bought("A", "2025-07-01", 2000),
    bought("A", "2026-06-20", 5000),
    credited("A", "2026-06-25", 1000),
    # B: one order, on the analysis date itself.
    bought("B", "2026-06-30", 4000),
    # C: silent in the period.
    bought("C", "2024-01-01", 8000),
    # D: a credit note alone is no purchase.
    credited("D", "2026-05-01", 500),
    # E: two orders on one day, and more given back than bought.
    bought("E", "2026-03-31", 1000),
    bought("E", "2026-03-31", 1500),
    credited("E", "2026-04-10", 3000),
    # F: bought only after the analysis date.
    bought("F", "2026-07-01", 9000),
]


@pytest.fixture(scope="session")
def rules(demo_client) -> tuple[SegmentRule, ...]:
    return find(str(demo_client)).rules().segments


def scored(rows, cuts: RfmCuts | None = None, as_of: dt.date = AS_OF):
    table = rfm.rfm(orders(rows), as_of=as_of)
    return rfm.score(table, rfm.cut_points(table, cuts))


def test_rfm_of_a_shop_worked_by_hand() -> None:
    columns = ["recency_days", "frequency", "monetary_yen", "tenure_days", "lifetime_orders", "lifetime_yen"]
    found = records(rfm.rfm(orders(HAND), as_of=AS_OF), "customer_id", *columns)
    assert found == [
        # R 30 - 20 = 10. F 2. M 2000 + 5000 - 1000. Tenure 365 - 10. Lifetime 3000 + 2000 + 5000 - 1000.
        ("A", 10, 2, 6000.0, 355, 3, 9000.0),
        ("B", 0, 1, 4000.0, 0, 1, 4000.0),
        # R 366 (2024) + 365 (2025) + 31 + 28 + 31 + 30 + 31 + 29 = 911.
        ("C", 911, 0, 0.0, 0, 1, 8000.0),
        # R 30 + 31 + 30 = 91. M 1000 + 1500 - 3000.
        ("E", 91, 2, -500.0, 0, 2, -500.0),
    ]


def test_period_is_counted_in_whole_days_and_ends_on_the_analysis_date() -> None:
    rows = [bought("x", ago(0), 1), bought("x", ago(6), 10), bought("x", ago(7), 100)]
    week = rfm.rfm(orders(rows), as_of=AS_OF, period_days=7)
    assert records(week, "frequency", "monetary_yen", "lifetime_orders", "lifetime_yen") == [(2, 11.0, 3, 111.0)]


def test_an_order_of_zero_yen_counts_as_an_order() -> None:
    assert records(rfm.rfm(orders([bought("x", ago(3), 0)]), as_of=AS_OF), "frequency", "monetary_yen") == [(1, 0.0)]


def test_cents_add_up_without_rounding() -> None:
    rows = [bought("x", ago(day), "0.10") for day in range(3)]
    assert records(rfm.rfm(orders(rows), as_of=AS_OF), "monetary_yen") == [(0.3,)]


@pytest.mark.parametrize("rows", [[], [credited("x", ago(1), 5)], [bought("x", ago(-1), 5)]])
def test_without_a_purchase_up_to_the_date_there_is_nobody(rows, rules) -> None:
    table = scored(rows)
    named = rfm.segment(table, rules)
    assert records(table) == []
    assert records(rfm.by_segment(named), by=None) == [] and records(rfm.by_scores(table), by=None) == []
    assert records(rfm.movement(named, named), by=None) == []


def test_cut_points_are_quintiles_of_type_7() -> None:
    # Five customers: the place of quintile k is (5 - 1) * k / 5 = 0.8, 1.6, 2.4, 3.2.
    # R 10 20 30 40 50: 10 + 0.8 * 10 = 18, 20 + 0.6 * 10 = 26, 30 + 0.4 * 10 = 34, 40 + 0.2 * 10 = 42.
    # F 1 1 1 2 7: 1, 1, 1 + 0.4 * 1 = 1.4, 2 + 0.2 * 5 = 3.
    # M 1000 2000 3000 4000 6000: 1800, 2600, 3400, 4000 + 0.2 * 2000 = 4400.
    table = customers(
        recency_days=[30, 10, 50, 20, 40],
        frequency=[1, 7, 1, 2, 1],
        monetary_yen=[2000, 6000, 1000, 3000, 4000],
    )
    cuts = rfm.cut_points(table)
    assert [pytest.approx(bounds) for bounds in records(cuts, *rfm.MEASURES, by=None)[0]] == [
        [18, 26, 34, 42],
        [1, 1, 1.4, 3],
        [1800, 2600, 3400, 4400],
    ]
    # R 30 lies above 18 and 26: 5 - 2 = 3. F 2 lies above 1, 1 and 1.4: 1 + 3 = 4. M 2000 lies above 1800: 2.
    assert records(rfm.score(table, cuts), *SCORES) == [(3, 1, 2), (5, 5, 5), (1, 1, 1), (4, 4, 3), (2, 1, 4)]


@given(values=st.lists(st.integers(0, 10**6), min_size=1, max_size=60))
@EXAMPLES
def test_cut_points_agree_with_exact_fractions(values) -> None:
    found = records(rfm.cut_points(customers(monetary_yen=values)), "monetary_yen", by=None)[0][0]
    exact = [float(type_7(sorted(values), Fraction(step, 5))) for step in (1, 2, 3, 4)]
    assert found == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("size", [2, 5, 6, 11, 36, 101])
def test_scores_agree_with_exact_fractions_also_where_a_bound_is_somebodys_own_value(size) -> None:
    # With 6, 11, 36 or 101 customers the place of each quintile is a whole number.
    amounts = [(place * 7919) % 100_003 for place in range(1, size + 1)]
    table = customers(monetary_yen=amounts)
    found = by_customer(rfm.score(table, rfm.cut_points(table)), "monetary_score")
    bounds = [type_7(sorted(amounts), Fraction(step, 5)) for step in (1, 2, 3, 4)]
    assert list(found.values()) == [1 + sum(amount > bound for bound in bounds) for amount in amounts]


def test_customers_silent_in_the_period_do_not_move_the_quintiles() -> None:
    active = [bought(f"c{place}", ago(place * 10), 1000 * place) for place in range(1, 6)]
    silent = [bought(f"s{place}", ago(400 + place), 10**6) for place in range(50)]
    before, after = (rfm.cut_points(rfm.rfm(orders(rows), as_of=AS_OF)) for rows in (active, active + silent))
    assert records(before, by=None) == records(after, by=None)
    scores = records(scored(active + silent).filter(ibis._.frequency == 0), *SCORES)
    assert set(scores) == {(1, 1, 1)}


def test_where_nobody_bought_in_the_period_everybody_scores_1(rules) -> None:
    table = scored([bought("x", ago(400), 1000), bought("y", ago(500), 2000), bought("y", ago(450), 1)])
    assert records(table, *SCORES) == [(1, 1, 1), (1, 1, 1)]
    assert by_customer(rfm.segment(table, rules), "segment") == {"x": "dormant", "y": "dormant"}


def test_one_customer_with_one_order_lies_on_every_bound() -> None:
    # All four quintiles are the customer's own values, and a value on a bound belongs below it.
    assert records(scored([bought("x", ago(9), 700)]), *SCORES) == [(5, 1, 1)]


def test_customers_who_are_all_alike_score_alike() -> None:
    rows = [bought(f"c{place}", ago(9), 700) for place in range(7)]
    assert records(scored(rows), *SCORES) == [(5, 1, 1)] * 7


FIXED = RfmCuts(recency_days=(30, 60, 90, 180), frequency=(1, 2, 4, 9), monetary_yen=(3000, 8000, 20000, 50000))


@pytest.mark.parametrize(
    ("measure", "values", "scores"),
    [
        ("recency_days", [0, 30, 31, 60, 61, 90, 91, 180, 181, 999], [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]),
        ("frequency", [0, 1, 2, 3, 4, 5, 9, 10], [1, 1, 2, 3, 3, 4, 4, 5]),
        ("monetary_yen", [-1, 0, 3000, 3000.01, 8000, 8001, 20000, 50000, 50001], [1, 1, 1, 2, 2, 3, 3, 4, 5]),
    ],
)
def test_a_value_on_a_fixed_cut_belongs_below_it(measure, values, scores) -> None:
    table = customers(**{measure: values})
    column = f"{measure.split('_')[0]}_score"
    assert [score for (score,) in records(rfm.score(table, rfm.cut_points(table, FIXED)), column)] == scores


def test_fixed_cuts_do_not_depend_on_what_others_buy() -> None:
    mine = [bought("x", ago(45), 9000)]
    others = [bought(f"c{place}", ago(1), 10**6) for place in range(20)]
    alone, among = (by_customer(scored(rows, FIXED), "monetary_score")["x"] for rows in (mine, mine + others))
    assert alone == among == 3


@given(rows=shops(), seed=st.randoms(use_true_random=False))
@EXAMPLES
def test_scores_do_not_depend_on_the_order_of_rows(rows, seed) -> None:
    shuffled = list(rows)
    seed.shuffle(shuffled)
    assert records(scored(rows), "customer_id", *SCORES) == records(scored(shuffled), "customer_id", *SCORES)


@given(rows=shops())
@EXAMPLES
def test_scores_are_fair_bounded_and_monotone(rows) -> None:
    table = frozen(scored(rows))
    for measure, column, better in zip(rfm.MEASURES, SCORES, (-1, 1, 1), strict=True):
        pairs = sorted((better * value, score) for value, score in records(table, measure, column))
        found = [score for _, score in pairs]
        assert all(1 <= score <= 5 for score in found)
        assert found == sorted(found), "a better value never scores lower"
        assert len(set(pairs)) == len({value for value, _ in pairs}), "equal values score equal"


@given(rows=shops(), later=shops())
@EXAMPLES
def test_nothing_after_the_analysis_date_changes_anything(rows, later, rules) -> None:
    past = [row for row in rows if row[1] <= AS_OF]
    future = [(name, max(day, ago(-1)), amount, kind) for name, day, amount, kind in later]
    known, told = (rfm.segment(scored(each), rules) for each in (past, past + future))
    assert records(known) == records(told)


@given(rows=shops())
@EXAMPLES
def test_every_customer_is_in_exactly_one_segment(rows, rules) -> None:
    named = frozen(rfm.segment(scored(rows), rules))
    found = records(named, "customer_id", "segment", "monetary_yen")
    buyers = {name for name, day, _, purchase in rows if purchase and day <= AS_OF}
    assert [name for name, *_ in found] == sorted(buyers)
    summed = {row[0]: row[1:] for row in records(rfm.by_segment(named), "segment", "customers", "sales_yen", by=None)}
    counts = Counter(segment for _, segment, _ in found)
    assert {segment: count for segment, (count, _) in summed.items()} == counts
    assert {rule.code for rule in rules} >= set(counts)
    for segment, (_, sales) in summed.items():
        assert sales == sum(yen for _, code, yen in found if code == segment)


@given(rows=shops(credits=False))
@EXAMPLES
def test_cells_of_the_score_table_add_up_to_all_customers(rows) -> None:
    table = frozen(scored(rows))
    cells = records(rfm.by_scores(table), by=None)
    assert sum(row[2] for row in cells) == len(records(table))
    assert sum(row[3] for row in cells) == sum(yen for (yen,) in records(table, "monetary_yen"))
    assert cells == sorted(cells)


def test_the_first_rule_that_holds_names_the_segment() -> None:
    rules = (
        SegmentRule("good", "", "", "", recency_score=(4, 5), monetary_score=(3, 5)),
        SegmentRule("fresh", "", "", "", lifetime_orders=(1, 1)),
        SegmentRule("rest", "", "", ""),
    )
    table = customers(lifetime_orders=[1, 1, 2]).mutate(
        recency_score=ibis._.customer_id.cases(("c000", 4), ("c001", 3), else_=5),
        frequency_score=3,
        monetary_score=ibis._.customer_id.cases(("c002", 2), else_=3),
    )
    assert by_customer(rfm.segment(table, rules), "segment") == {"c000": "good", "c001": "fresh", "c002": "rest"}


def test_a_single_rule_takes_everybody() -> None:
    table = rfm.segment(scored([bought("x", ago(1), 1)]), (SegmentRule("all", "", "", ""),))
    assert by_customer(table, "segment") == {"x": "all"}


@pytest.mark.parametrize(
    ("scores", "lifetime", "code"),
    [
        ((5, 5, 5), 9, "loyal"),
        ((4, 4, 4), 2, "loyal"),
        ((3, 5, 5), 9, "stable"),
        ((5, 4, 3), 9, "stable"),
        ((5, 1, 5), 1, "new"),
        ((3, 1, 1), 1, "new"),
        ((2, 1, 1), 1, "at_risk"),
        ((5, 1, 1), 2, "growing"),
        ((3, 2, 5), 4, "growing"),
        ((2, 4, 4), 6, "cooling_loyal"),
        ((1, 5, 5), 6, "cooling_loyal"),
        ((2, 5, 3), 6, "at_risk"),
        ((1, 3, 5), 6, "dormant"),
        ((1, 1, 1), 1, "dormant"),
    ],
)
def test_the_segment_table_of_the_kit(scores, lifetime, code, rules) -> None:
    values = dict(zip(SCORES, scores, strict=True))
    for silent_days, found in ((61, code), (60, code if code in ("loyal", "stable", "new", "growing") else "current")):
        known = customers(lifetime_orders=[lifetime], recency_days=[silent_days])
        table = known.mutate(**{name: ibis.literal(each) for name, each in values.items()})
        assert by_customer(rfm.segment(table, rules), "segment") == {"c000": found}


def test_nobody_is_called_cold_who_bought_lately_however_others_buy(rules) -> None:
    # 200 customers, each every 7 days: by quintiles two in five score 1 or 2 for recency, yet all bought this week.
    rows = [bought(f"c{who}", ago(who % 7 + 7 * week), 1000) for who in range(200) for week in range(20)]
    table = rfm.segment(scored(rows), rules)
    assert set(by_customer(table, "segment").values()) & {"cooling_loyal", "at_risk", "dormant"} == set()


def test_segments_summed_by_hand() -> None:
    # Four customers, sales 6000 + 4000 + 0 + 10000 = 20000.
    table = customers(
        recency_days=[10, 20, 400, 60], frequency=[2, 1, 0, 3], monetary_yen=[6000, 4000, 0, 10000]
    ).mutate(segment=ibis._.customer_id.cases(("c000", "a"), ("c003", "a"), ("c001", "b"), else_="c"))
    columns = ["segment", "customers", "sales_yen", "customer_ratio", "sales_ratio", "recency_days", "frequency"]
    assert records(rfm.by_segment(table), *columns, by=None) == [
        ("a", 2, 16000.0, 0.5, 0.8, 35.0, 2.5),
        ("b", 1, 4000.0, 0.25, 0.2, 20.0, 1.0),
        ("c", 1, 0.0, 0.25, 0.0, 400.0, 0.0),
    ]


@pytest.mark.parametrize("amounts", [[0.0, 0.0], [-500.0, 200.0]])
def test_sales_that_are_not_above_zero_have_no_shares(amounts) -> None:
    table = customers(monetary_yen=amounts).mutate(segment="customer_id")
    assert records(rfm.by_segment(table), "sales_ratio", by=None) == [(None,), (None,)]


def test_movement_worked_by_hand() -> None:
    earlier = customers(customer_id=["a", "b", "c"]).mutate(
        segment=ibis._.customer_id.cases(("c", "cold"), else_="warm")
    )
    later = customers(customer_id=["a", "b", "c", "d"]).mutate(
        segment=ibis._.customer_id.cases(("a", "warm"), ("b", "cold"), ("c", "warm"), else_="warm")
    )
    assert records(rfm.movement(earlier, later), "from_segment", "to_segment", "customers", by=None) == [
        ("cold", "warm", 1),
        ("not_yet", "warm", 1),
        ("warm", "cold", 1),
        ("warm", "warm", 1),
    ]


@given(rows=shops(), days=st.integers(1, 200))
@EXAMPLES
def test_movement_adds_up_to_both_segmentations(rows, days, rules) -> None:
    bought_by = orders(rows)
    now = frozen(rfm.rfm(bought_by, as_of=AS_OF))
    cuts = frozen(rfm.cut_points(now))
    later = frozen(rfm.segment(rfm.score(now, cuts), rules))
    earlier = frozen(rfm.segment(rfm.score(rfm.rfm(bought_by, as_of=ago(days)), cuts), rules))
    moves = records(rfm.movement(earlier, later), "from_segment", "to_segment", "customers", by=None)
    left, right = Counter(), Counter()
    for source, target, count in moves:
        left[source] += count
        right[target] += count
    was, now_is = (Counter(by_customer(table, "segment").values()) for table in (earlier, later))
    assert right == now_is
    assert left.pop(rfm.NOT_YET, 0) == sum(now_is.values()) - sum(was.values())
    assert left == was
