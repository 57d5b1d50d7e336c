"""The first order and the next: by hand, at the edges, and against plain pandas on UCI's file and the demo shop."""

import datetime as dt

import ibis
import pytest
from by_hand import frozen, records
from hypothesis import given, settings
from hypothesis import strategies as st
from purchases import AS_OF, after, firsts, numbered, orders, plain

from horetsu_utils.method import JourneyRules
from horetsu_utils.metrics import journey

RULES = JourneyRules()
BASKETS = st.lists(
    st.tuples(st.sampled_from("ABCDE"), st.integers(0, 200).map(after), st.integers(-500, 5000)),
    min_size=1,
    max_size=40,
)


def test_purchases_are_counted_off_by_hand() -> None:
    found = numbered(
        [("A", "2026-01-10", 100), ("B", "2026-01-05", 700), ("A", "2026-01-01", 300), ("A", "2026-03-01", 50)]
    )
    columns = ("customer_id", "number", "ordered_on", "first_on", "previous_on", "amount_yen")
    assert sorted(records(found, *columns)) == [
        ("A", 1, dt.date(2026, 1, 1), dt.date(2026, 1, 1), None, 300.0),
        ("A", 2, dt.date(2026, 1, 10), dt.date(2026, 1, 1), dt.date(2026, 1, 1), 100.0),
        ("A", 3, dt.date(2026, 3, 1), dt.date(2026, 1, 1), dt.date(2026, 1, 10), 50.0),
        ("B", 1, dt.date(2026, 1, 5), dt.date(2026, 1, 5), None, 700.0),
    ]


def test_two_orders_on_one_day_are_two_and_credit_notes_are_none() -> None:
    found = firsts(
        [("A", "2026-06-01", 100), ("A", "2026-06-01", 200), ("B", "2026-06-01", 100), ("B", "2026-06-05", -100)]
    )
    columns = ("customer_id", "f2_days", "watched_days", "until_days", "came_back", "first_yen", "second_yen")
    # A: the order written first is the first; B only took something back, and is watched from 06-01 to 06-30: 29 days
    assert records(found, *columns) == [("A", 0, 29, 0, True, 100.0, 200.0), ("B", None, 29, 29, False, 100.0, None)]


@given(BASKETS, st.integers(0, 200))
@settings(max_examples=30, deadline=None)
def test_nothing_after_the_day_is_seen(rows, place) -> None:
    day = dt.date.fromisoformat(after(place))
    past = [row for row in rows if row[1] <= day.isoformat()]
    if past:
        columns = ("customer_id", "first_on", "second_on", "until_days", "first_yen", "second_yen")
        assert records(firsts(rows, day), *columns) == records(firsts(past, day), *columns)


@given(BASKETS)
@settings(max_examples=30, deadline=None)
def test_firsts_agree_with_plain_pandas(rows) -> None:
    found = records(firsts(rows), "customer_id", "f2_days", "watched_days")
    ours = {who: (days, watched) for who, days, watched in found}
    twin = {}
    for who, own in plain(rows).groupby("customer_id"):
        gap = own["gap"].iloc[1] if len(own) > 1 else None
        twin[who] = (gap, (AS_OF - own["first"].iloc[0].date()).days)
    assert ours == twin


def test_who_registered_before_the_records_begin_may_have_bought_before() -> None:
    bought = numbered([("A", "2026-01-10", 100), ("B", "2026-01-01", 100), ("C", "2026-02-01", 100)])
    moments = {"A": dt.datetime(2025, 12, 31), "B": dt.datetime(2026, 1, 1), "D": dt.datetime(2020, 1, 1)}
    told = ibis.memtable({"customer_id": list(moments), "registered_at": list(moments.values())})
    # the first order on record is of 01-01: A registered the day before; B on that day; C has no date; D never bought
    assert records(journey.known_before(bought, told)) == [("A",)]


def test_the_first_product_is_the_one_that_cost_most() -> None:
    bought = orders([("A", "2026-01-01", 900), ("B", "2026-01-02", 500), ("C", "2026-02-03", 100)], {"O0002": "広告"})
    lines = {
        "origin": ["generic"] * 5,
        "order_id": ["O0001", "O0001", "O0001", "O0002", "O0002"],
        "product_id": ["P1", "P2", "P1", "P3", "P4"],
        "product_name": ["石けん", "化粧水", "石けん", "乳液", None],
        "amount": [250, 400, 250, 250, 250],
    }
    people = journey.firsts(journey.numbered(bought, as_of=AS_OF), as_of=AS_OF)
    own = ibis.memtable({"customer_id": ["A", "B"], "first_source": ["検索", "SNS"]})
    found = journey.split(people, ibis.memtable(lines), bought, own)
    # A: two lines of 石けん make 500, more than 400; B: a tie goes by name (P4 has none, its id stands for it)
    assert records(found, "customer_id", "first_product", "first_source", "first_month") == [
        ("A", "石けん", "検索", dt.date(2026, 1, 1)),
        ("B", "P4", "広告", dt.date(2026, 1, 1)),
        ("C", None, None, dt.date(2026, 2, 1)),
    ]


def test_the_ladder_by_hand() -> None:
    rows = [
        *[("A", after(day), 100) for day in (0, 10, 40)],
        *[("B", after(day), 100) for day in (0, 30)],
        *[("C", after(day), 100) for day in (0, 90)],
        ("D", after(0), 100),
        ("E", after(175), 100),
    ]
    found = frozen(journey.ladder(numbered(rows), as_of=AS_OF, within_days=60, rules=RULES))
    # the analysis day is day 180; ripe is what lies before day 120. F1: A B C D are ripe, E is not; A and B went on
    # within 60 days, C after 90 and is not counted: 2 of 4, median of 10 and 30 days = 20.
    # F2: A, B and C are ripe (C on day 90); only A went on, after 30 days: 1 of 3. F3: A is ripe, and stayed: 0 of 1
    columns = ("number", "reached", "watched", "went_on", "gap_days")
    assert records(found, *columns, by="number") == [(1, 5, 4, 2, 20.0), (2, 3, 3, 1, 30.0), (3, 1, 1, 0, None)]
    assert [value for (value,) in records(found, "value", by="number")] == pytest.approx([1 / 2, 1 / 3, 0])


def test_a_rung_nobody_has_been_watched_on_has_no_share() -> None:
    found = journey.ladder(numbered([("A", "2026-06-20", 100)]), as_of=AS_OF, within_days=60, rules=RULES)
    assert records(found, "watched", "went_on", "value", "low", "high", by="number") == [(0, 0, None, None, None)]


def test_a_subscription_shop_climbs_to_the_top_of_the_ladder() -> None:
    rows = [(who, after(day), 100) for who in "ABC" for day in range(0, 180, 15)]
    found = records(journey.ladder(numbered(rows), as_of=AS_OF, within_days=30, rules=RULES), by="number")
    assert [row[0] for row in found] == list(range(1, 10))
    assert {row[found_at] for row in found for found_at in (2,)} == {3}
    values = records(journey.ladder(numbered(rows), as_of=AS_OF, within_days=30, rules=RULES), "value", by="number")
    assert {value for (value,) in values} == {1.0}


def test_a_shop_without_orders_gives_empty_tables() -> None:
    none = orders([])
    bought = journey.numbered(none, as_of=AS_OF)
    assert records(journey.firsts(bought, as_of=AS_OF)) == []
    assert records(journey.ladder(bought, as_of=AS_OF, within_days=60, rules=RULES), by="number") == []
