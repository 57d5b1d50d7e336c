from collections import Counter
from dataclasses import replace

import ibis
import pytest
from by_hand import AS_OF, ago, bought, by_customer, customers, frozen, orders, records, shops
from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils.method import CpmRules, ReferenceLines, StateRules
from horetsu_utils.metrics import rfm, value

EXAMPLES = settings(max_examples=12, deadline=None)
RULES = StateRules()


def states(rules: StateRules = RULES, **columns) -> list[str]:
    return [state for (state,) in records(value.state(customers(**columns), rules=rules), "state")]


def deciles(amounts) -> list[int]:
    """Return the decile of each amount, in the order given."""
    return [decile for (decile,) in records(value.decile(customers(monetary_yen=amounts)), "decile")]


def test_state_worked_by_hand() -> None:
    # Buyers in the period: F 1 1 2 8, mean 3, σ = sqrt((4 + 4 + 1 + 25) / 4) = 2.915, line 5.915.
    # M 1000 2000 3000 10000, mean 4000, σ = sqrt((9 + 4 + 1 + 36) / 4) * 1000 = 3535.5, line 7535.5.
    found = states(
        recency_days=[5, 5, 5, 5, 180],
        frequency=[1, 1, 2, 8, 0],
        lifetime_orders=[1, 4, 2, 8, 9],
        monetary_yen=[1000, 2000, 3000, 10_000, 0],
    )
    assert found == ["new", "repeat", "repeat", "fan", "dormant"]


@pytest.mark.parametrize(("days", "state"), [(179, "new"), (180, "dormant"), (181, "dormant")])
def test_dormant_begins_on_the_day_of_the_rule(days, state) -> None:
    assert states(recency_days=[days]) == [state]


def test_a_dormant_fan_is_dormant() -> None:
    own = StateRules(fan_frequency=3, fan_monetary_yen=5000)
    columns = {"frequency": [9, 9], "lifetime_orders": [9, 9], "monetary_yen": [9000, 9000]}
    assert states(own, recency_days=[179, 180], **columns) == ["fan", "dormant"]


def test_a_fan_reaches_both_of_the_shops_own_lines() -> None:
    own = StateRules(fan_frequency=3, fan_monetary_yen=5000)
    found = states(
        own,
        frequency=[3, 3, 2, 4],
        lifetime_orders=[3, 3, 2, 4],
        monetary_yen=[5000, 4999, 9000, 5000.5],
    )
    assert found == ["fan", "repeat", "repeat", "fan"]


def test_a_single_order_never_makes_a_fan() -> None:
    own = StateRules(fan_frequency=1, fan_monetary_yen=1)
    assert states(own, frequency=[1, 1], lifetime_orders=[1, 2], monetary_yen=[90_000, 90_000]) == ["new", "repeat"]


@pytest.mark.parametrize("amount", [5000, 33.33, 0.1, 1234.56])
@pytest.mark.parametrize("size", [1, 3, 7])
def test_nobody_is_a_fan_where_all_are_alike(amount, size) -> None:
    columns = {"frequency": [3] * size, "lifetime_orders": [3] * size, "monetary_yen": [amount] * size}
    assert states(**columns) == ["repeat"] * size


@pytest.mark.parametrize(("low", "high"), [(1000, 3000), (0.1, 0.3), (822.69, 1766.93), (1041.07, 2716.35)])
def test_a_value_exactly_on_the_line_is_a_fan(low, high) -> None:
    # Two even groups: the mean is half-way, σ is half the distance, so the line is the upper value itself.
    found = states(frequency=[2, 2, 4, 4], lifetime_orders=[2, 2, 4, 4], monetary_yen=[low, low, high, high])
    assert found == ["repeat", "repeat", "fan", "fan"]


@given(rows=shops())
@EXAMPLES
def test_every_customer_has_one_state_and_the_sums_agree(rows) -> None:
    stated = frozen(value.state(rfm.rfm(orders(rows), as_of=AS_OF), rules=RULES))
    found = by_customer(stated, "state")
    assert list(found) == sorted({name for name, day, _, purchase in rows if purchase and day <= AS_OF})
    assert set(found.values()) <= {"new", "repeat", "fan", "dormant"}
    summed = records(value.by_state(stated), "state", "customers", "customer_ratio", by=None)
    assert {state: count for state, count, _ in summed} == Counter(found.values())
    assert sum(ratio for *_, ratio in summed) == pytest.approx(1 if found else 0)
    for recency, lifetime, state in records(stated, "recency_days", "lifetime_orders", "state"):
        assert (state == "dormant") == (recency >= RULES.dormant_days)
        assert state != "new" or lifetime == 1
        assert state != "fan" or lifetime >= 2


def test_states_summed_by_hand() -> None:
    # 3 customers, 8000 + 2000 + 0 = 10000.
    table = customers(monetary_yen=[8000, 2000, 0]).mutate(state=ibis._.customer_id.cases(("c001", "new"), else_="fan"))
    assert records(value.by_state(table), "state", "customers", "sales_yen", "sales_ratio", by=None) == [
        ("fan", 2, 8000.0, 0.8),
        ("new", 1, 2000.0, 0.2),
    ]


def test_deciles_of_ten_customers_are_their_ranks() -> None:
    assert deciles([100, 900, 500, 300, 700, 200, 1000, 400, 600, 800]) == [10, 2, 6, 8, 4, 9, 1, 7, 5, 3]


def test_deciles_of_three_customers_lie_a_third_apart() -> None:
    # Places 0, 1, 2 of 3: 0, 10 / 3 = 3, 20 / 3 = 6, each plus 1.
    assert deciles([30, 20, 10]) == [1, 4, 7]


def test_equal_amounts_share_the_decile_of_the_first_of_them() -> None:
    # Places by amount: 90 is 0, the four of 50 are 1, the five of 10 are 5.
    assert deciles([90, 50, 50, 50, 50, 10, 10, 10, 10, 10]) == [1, 2, 2, 2, 2, 6, 6, 6, 6, 6]


def test_only_buyers_of_the_period_are_ranked() -> None:
    assert by_customer(value.decile(customers(frequency=[0, 1], monetary_yen=[0, 5])), "decile") == {"c001": 1}
    assert records(value.decile(customers(frequency=[0]))) == []


def test_deciles_summed_by_hand() -> None:
    # Sales 60 + 30 + 10 = 100; the customers reach 1/3, 2/3, 3/3.
    table = value.by_decile(value.decile(customers(monetary_yen=[10, 60, 30])))
    columns = ["decile", "customers", "sales_yen", "mean_yen", "sales_ratio", "running_ratio"]
    assert records(table, *columns, by=None) == [
        (1, 1, 60.0, 60.0, 0.6, 0.6),
        (4, 1, 30.0, 30.0, 0.3, 0.9),
        (7, 1, 10.0, 10.0, 0.1, 1.0),
    ]
    reach = [ratio for (ratio,) in records(table, "running_customer_ratio", by=None)]
    assert reach == pytest.approx([1 / 3, 2 / 3, 1])


def test_where_all_are_alike_the_first_decile_tells_that_it_holds_everybody() -> None:
    table = value.by_decile(value.decile(customers(monetary_yen=[500] * 40)))
    columns = ["decile", "customers", "running_ratio", "running_customer_ratio"]
    assert records(table, *columns, by=None) == [(1, 40, 1.0, 1.0)]


@pytest.mark.parametrize("amounts", [[0, 0], [100, -300]])
def test_deciles_of_sales_not_above_zero_have_no_shares(amounts) -> None:
    table = value.by_decile(value.decile(customers(monetary_yen=amounts)))
    assert set(records(table, "sales_ratio", "running_ratio", by=None)) == {(None, None)}


@given(amounts=st.lists(st.integers(1, 10**9), min_size=1, max_size=120, unique=True))
@EXAMPLES
def test_deciles_without_ties_differ_by_one_customer_at_most(amounts) -> None:
    sizes = Counter(deciles(amounts))
    assert set(sizes) <= set(range(1, 11))
    every = [sizes.get(decile, 0) for decile in range(1, 11)]
    assert max(every) - min(every) <= 1


@given(amounts=st.lists(st.integers(1, 30), min_size=1, max_size=60))
@EXAMPLES
def test_decile_shares_add_up_and_equal_amounts_stay_together(amounts) -> None:
    ranked = frozen(value.decile(customers(monetary_yen=amounts)))
    pairs = set(records(ranked, "monetary_yen", "decile"))
    assert len(pairs) == len(set(amounts))
    assert [decile for _, decile in sorted(pairs, reverse=True)] == sorted(decile for _, decile in pairs)
    rows = records(value.by_decile(ranked), "sales_ratio", "running_ratio", "running_customer_ratio", by=None)
    assert sum(share for share, *_ in rows) == pytest.approx(1)
    for column in (1, 2):
        running = [row[column] for row in rows]
        assert running == sorted(running) and running[-1] == pytest.approx(1)
    # The biggest buyers always carry at least their own share of the customers.
    assert all(sales >= reach - 1e-12 for _, sales, reach in rows)


def test_credit_notes_beyond_the_purchases_pull_the_running_share_back_to_the_whole() -> None:
    table = value.by_decile(value.decile(customers(monetary_yen=[100, 50, -50])))
    # 100 + 50 - 50 = 100: the running share is 1.0, 1.5, 1.0.
    assert [share for (share,) in records(table, "running_ratio", by=None)] == [1.0, 1.5, 1.0]


@pytest.mark.parametrize(
    ("lifetime", "tenure", "yen", "depth"),
    [
        (1, 0, 999_999, "first"),
        (2, 0, 0, "beginner"),
        (2, 90, 999_999, "beginner"),
        (2, 91, 69_999.99, "steady"),
        (2, 91, 70_000, "vogue"),
        (9, 210, 70_000, "vogue"),
        (9, 211, 70_000, "excellent"),
        (9, 211, 69_999, "steady"),
        (9, 9999, -1, "steady"),
    ],
)
def test_depth_at_the_boundaries_of_the_portfolio(lifetime, tenure, yen, depth) -> None:
    table = customers(lifetime_orders=[lifetime], tenure_days=[tenure], lifetime_yen=[yen])
    assert records(value.portfolio(table, rules=CpmRules()), "depth") == [(depth,)]


@pytest.mark.parametrize(("days", "presence"), [(0, "active"), (240, "active"), (241, "away")])
def test_presence_at_the_boundary_of_the_portfolio(days, presence) -> None:
    assert records(value.portfolio(customers(recency_days=[days]), rules=CpmRules()), "presence") == [(presence,)]


def test_the_portfolio_follows_the_shops_own_boundaries() -> None:
    own = CpmRules(beginner_days=10, settled_days=20, away_days=30, heavy_yen=100)
    table = customers(recency_days=[30, 31], lifetime_orders=[2, 2], tenure_days=[20, 21], lifetime_yen=[100, 100])
    assert records(value.portfolio(table, rules=own), "depth", "presence") == [
        ("vogue", "active"),
        ("excellent", "away"),
    ]


@given(rows=shops())
@EXAMPLES
def test_the_portfolio_holds_every_customer_once(rows) -> None:
    known = frozen(rfm.rfm(orders(rows), as_of=AS_OF))
    placed = frozen(value.portfolio(known, rules=CpmRules()))
    cells = records(value.by_portfolio(placed), "depth", "presence", "customers", "lifetime_yen", by=None)
    assert Counter({cell[:2]: cell[2] for cell in cells}) == Counter(records(placed, "depth", "presence"))
    assert sum(cell[3] for cell in cells) == sum(yen for (yen,) in records(known, "lifetime_yen"))
    assert {cell[0] for cell in cells} <= {"first", "beginner", "steady", "vogue", "excellent"}


def test_tenure_at_the_edges_of_its_bands() -> None:
    table = value.by_tenure(customers(tenure_days=[0, 0, 1, 30, 31, 90, 91, 180, 181, 365, 366, 9999]))
    found = records(table, "band", "customers", by=None)
    assert found == [(band, 2) for band in range(6)]
    assert [ratio for (ratio,) in records(table, "customer_ratio", by=None)] == pytest.approx([1 / 6] * 6)


def test_tenure_bands_meet_without_gap_or_overlap() -> None:
    ends = [high for _, high in value.TENURE_BANDS]
    assert [low for low, _ in value.TENURE_BANDS] == [0] + [high + 1 for high in ends[:-1]] and ends[-1] is None


def test_tenure_of_nobody_is_empty() -> None:
    assert records(value.by_tenure(rfm.rfm(orders([]), as_of=AS_OF)), by=None) == []


LINES = ReferenceLines()
COLUMNS = ["measure", "value", "line", "customers", "verdict"]


def lines(rules: ReferenceLines = LINES, **columns) -> list[tuple]:
    columns.setdefault("tenure_days", [400] * len(next(iter(columns.values()))))
    return records(value.against_lines(customers(**columns), rules=rules), *COLUMNS, by=None)


def test_reference_lines_worked_by_hand() -> None:
    # 40 buyers, 36 of whom ordered again: 0.9, Wilson (0.9 + 3.8415 / 80 ∓ 1.96 * sqrt(0.09 / 40 + 3.8415 / 6400))
    # / (1 + 3.8415 / 40) = 0.7695..0.9604, wholly above 0.6.
    # Half spent 10000, half 20000: mean 15000, sample deviation 5000 * sqrt(40 / 39) = 5063.7,
    # half-width 1.96 * 5063.7 / sqrt(40) = 1569.2: 13430.8..16569.2, wholly below 18000.
    table = value.against_lines(
        customers(lifetime_orders=[2] * 36 + [1] * 4, monetary_yen=[10_000, 20_000] * 20, tenure_days=[0] * 39 + [400]),
        rules=LINES,
    )
    assert records(table, *COLUMNS, by=None) == [
        ("repeat_ratio", 0.9, 0.6, 40, "above"),
        ("annual_ltv_yen", 15_000.0, 18_000.0, 40, "below"),
    ]
    low_high = records(table, "low", "high", by=None)
    assert low_high[0] == pytest.approx((0.7695, 0.9604), abs=5e-5)
    assert low_high[1] == pytest.approx((13_430.8, 16_569.2), abs=0.05)


@pytest.mark.parametrize(("customers_", "verdict"), [(29, "unclear"), (30, "above")])
def test_few_customers_give_no_verdict(customers_, verdict) -> None:
    found = lines(lifetime_orders=[2] * customers_, monetary_yen=[50_000] * customers_)
    assert [row[-1] for row in found] == [verdict, verdict]


def test_an_interval_that_spans_the_line_gives_no_verdict() -> None:
    # 24 of 40 is the line itself; the mean of 18000 likewise.
    found = lines(lifetime_orders=[2] * 24 + [1] * 16, monetary_yen=[17_000, 19_000] * 20)
    assert [(row[1], row[-1]) for row in found] == [(0.6, "unclear"), (18_000.0, "unclear")]


def test_a_mean_without_any_spread_on_the_line_reaches_it() -> None:
    assert lines(monetary_yen=[18_000] * 30)[1][-1] == "above"
    assert lines(monetary_yen=[17_999] * 30)[1][-1] == "below"


@pytest.mark.parametrize(("tenure", "verdict"), [(353, "unclear"), (354, "below")])
def test_a_shop_younger_than_a_year_is_never_called_below(tenure: int, verdict: str) -> None:
    # The last order was 10 days ago: the first day on record is 10 + tenure days ago, and that day itself counts.
    found = lines(monetary_yen=[1_000] * 30, tenure_days=[0] * 29 + [tenure])
    assert [row[-1] for row in found] == [verdict, verdict]
    assert lines(monetary_yen=[50_000] * 30, tenure_days=[tenure] * 30)[1][-1] == "above"


def test_customers_silent_in_the_period_are_not_held_against_the_lines() -> None:
    alone = lines(monetary_yen=[50_000] * 30)
    assert lines(frequency=[1] * 30 + [0] * 99, monetary_yen=[50_000] * 30 + [0] * 99) == alone


def test_repeat_looks_at_the_whole_past_of_those_who_bought_in_the_period() -> None:
    rows = [bought("x", ago(400), 100), bought("x", ago(5), 100), bought("y", ago(5), 100)]
    found = value.against_lines(rfm.rfm(orders(rows), as_of=AS_OF), rules=LINES)
    # One of two came back; 100 yen each in the year.
    assert records(found, *COLUMNS, by=None) == [
        ("repeat_ratio", 0.5, 0.6, 2, "unclear"),
        ("annual_ltv_yen", 100.0, 18_000.0, 2, "unclear"),
    ]


def test_one_buyer_has_a_mean_but_no_interval_of_it() -> None:
    table = value.against_lines(customers(monetary_yen=[50_000]), rules=replace(LINES, minimum_customers=1))
    assert records(table, "value", "low", "high", "verdict", by=None)[1] == (50_000.0, None, None, "unclear")


@pytest.mark.parametrize("rows", [[], [bought("x", ago(400), 100)]])
def test_without_buyers_the_lines_have_no_value_and_no_verdict(rows) -> None:
    table = value.against_lines(rfm.rfm(orders(rows), as_of=AS_OF), rules=LINES)
    assert (
        records(table, "value", "low", "high", "customers", "verdict", by=None)
        == [(None, None, None, 0, "unclear")] * 2
    )
