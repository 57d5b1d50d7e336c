"""The way to the first purchase by hand, beside the ways that led to none."""

import datetime as dt

import pytest
from by_hand import frozen, records
from goods import AS_OF, sold, wilson
from hypothesis import given, settings
from hypothesis import strategies as st
from test_browsing import NOON, ROWS, RULES, visits

from horetsu_utils.metrics import paths

DAY = 24 * 60
LATE = NOON.date() + dt.timedelta(days=45)


def walked(rows, orders=(), as_of=LATE):
    table, _ = visits(rows, as_of=as_of)
    bought = frozen(paths.purchases(table, sold(orders).mutate(is_purchase=True), as_of=as_of))
    return frozen(paths.paths(table, bought, as_of=as_of, rules=RULES))


def before(days: int) -> int:
    """Days before AS_OF of the day that lies so many days after NOON's."""
    return (AS_OF - NOON.date()).days - days


WAY = [
    (0, "visit", None, "a", "a", "1", "検索"),
    (1, "view", "A", "a", "a", "1"),
    (2 * DAY, "view", "B", "a", "a", "2", "広告"),
    (3 * DAY, "view", "C", "a", "a", "3", "SNS"),
    (9 * DAY, "view", "D", "a", "a", "4", "検索"),  # after the purchase
]


def test_a_way_to_a_purchase_by_hand() -> None:
    found = records(walked(WAY, [("a", before(3), "A", 1), ("a", before(8), "A", 1)]), by=None)
    # from the first visit to day 3: three visits, three products, found by search, last led by SNS
    assert found == [("a", True, 3, 3, 3, "検索", "SNS", "/C")]


def test_a_way_without_one_by_hand() -> None:
    # nothing bought: all four visits lie within 30 days; a purchase after 40 days comes too late
    assert records(walked(WAY), by=None) == [("a", False, None, 4, 4, "検索", "検索", "/D")]
    assert records(walked(WAY, [("a", before(40), "A", 1)]), "has_bought", "visits", by=None) == [(False, 4)]


def test_who_had_bought_before_or_came_lately_is_left_out() -> None:
    assert records(walked(WAY, [("a", before(-1), "A", 1)]), by=None) == []
    assert records(walked(WAY, as_of=NOON.date() + dt.timedelta(days=29)), by=None) == []
    assert len(records(walked(WAY, as_of=NOON.date() + dt.timedelta(days=30)), by=None)) == 1


def test_a_purchase_in_a_visit_needs_no_product() -> None:
    rows = [(0, "view", "A", "x", None, "1"), (DAY, "purchase", None, "x", None, "2")]
    assert records(walked(rows), "has_bought", "days", "visits", by=None) == [(True, 1, 2)]


def test_what_is_no_purchase_ends_no_way() -> None:
    table, _ = visits(WAY, as_of=LATE)
    told = sold([("a", before(3), "A", 1), (None, before(3), "A", 1)])
    credit = paths.purchases(table, told.mutate(is_purchase=told.customer_id.isnull()), as_of=LATE)
    assert records(credit, by=None) == []


def test_a_source_is_that_of_its_own_visit() -> None:
    # the first visit came from nowhere known, the second from an ad, the third from nowhere known
    rows = [(0, "visit", None, "a", "a", "1"), (DAY, "visit", None, "a", "a", "2", "広告")]
    assert records(walked(rows), "first_source", "last_source", by=None) == [(None, "広告")]
    rows.append((2 * DAY, "view", "A", "a", "a", "3"))
    assert records(walked(rows), "first_source", "last_source", by=None) == [(None, None)]


MANY = [
    *WAY,
    (0, "view", "A", "b", None, "5", "検索"),
    (0, "view", "A", "c", None, "6", "広告"),
    (DAY, "view", "B", "c", None, "7"),
]


def test_both_sides_by_hand() -> None:
    table = walked(MANY, [("a", before(3), "A", 1)])
    found = records(
        paths.sides(table), "has_bought", "people", "visits", "days", "products", "one_visit_ratio", by=None
    )
    assert found == [(True, 1, 3.0, 3.0, 3.0, 0.0), (False, 2, 1.5, None, 1.5, 0.5)]


def test_sources_by_hand() -> None:
    table = walked(MANY, [("a", before(3), "A", 1)])
    assert records(paths.by_source(table), "source", "people", "buyers", "value", by=None) == [
        ("検索", 2, 1, 0.5),
        ("広告", 1, 0, 0.0),
    ]
    (low,), *_ = records(paths.by_source(table), "low", by=None)
    assert low == pytest.approx(wilson(1, 2)[0])


def test_last_pages_are_those_of_people_who_did_not_buy() -> None:
    table = walked(MANY, [("a", before(3), "A", 1)])
    assert records(paths.last_pages(table, most=5), by=None) == [("/A", 1), ("/B", 1)]
    assert records(paths.last_pages(table, most=1), by=None) == [("/A", 1)]


def test_nobody_walked() -> None:
    empty = walked([])
    for part in (paths.sides(empty), paths.by_source(empty), paths.last_pages(empty, most=5)):
        assert records(part, by=None) == []


@settings(max_examples=25, deadline=None)
@given(ROWS, st.integers(30, 50))
def test_what_comes_later_changes_nothing(rows, days) -> None:
    as_of = NOON.date() + dt.timedelta(days=days)
    spread = [(minute * 4, *rest) for minute, *rest in rows]
    earlier = [row for row in spread if (NOON + dt.timedelta(minutes=row[0])).date() <= as_of]
    one, other = (records(walked(each, as_of=as_of), by=None) for each in (spread, earlier))
    assert one == other
