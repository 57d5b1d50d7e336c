"""What one repair is worth: a small shop by hand, and shops too young to say."""

import datetime as dt

import ibis
import pytest
from by_hand import frozen, records
from purchases import after, numbered, orders

from horetsu_utils.metrics import repair

AS_OF = dt.date(2026, 6, 30)
START = "2025-01-01"
ROWS = [
    *[("A", after(day, START), yen) for day, yen in ((0, 100), (30, 200), (100, 300))],
    *[("B", after(day, START), yen) for day, yen in ((0, 100), (80, 400))],
    *[("C", after(day, START), yen) for day, yen in ((0, 100), (400, 9000))],
    ("D", after(0, START), 100),
    *[("E", after(day, "2026-01-01"), 100) for day in (0, 5)],
]
"""Four people of a year and a half ago: A comes twice more, B once, C only after a year; E came this year."""


def worths() -> ibis.Table:
    return frozen(repair.worths(numbered(ROWS, AS_OF), orders([]), as_of=AS_OF))


def test_what_each_order_opened_by_hand() -> None:
    found = records(worths(), "customer_id", "number", "since_days", "onwards_yen", by=None)
    # from each order on until the year is over; C's second order is out of its year, E has not been watched a year
    assert sorted(found) == [
        ("A", 1, 0, 600.0), ("A", 2, 30, 500.0), ("A", 3, 100, 300.0), ("B", 1, 0, 500.0), ("B", 2, 80, 400.0),
        ("C", 1, 0, 100.0), ("D", 1, 0, 100.0),
    ]  # fmt: skip


def test_rungs_and_days_by_hand() -> None:
    rungs = records(repair.by_rung(worths()), "number", "customers", "value_yen", by="number")
    assert rungs == [(1, 4, 325.0), (2, 2, 450.0), (3, 1, 300.0)]
    columns = ("day", "customers", "others", "value_yen", "otherwise_yen", "variance", "other_variance")
    first, second = records(repair.by_day(worths()), *columns, by="day")
    # by day 30 only A is back, with 500; of the other three B brought 400 later, C and D nothing: 133.33 in the mean,
    # whose variance is (266.67² + 2 × 133.33²) / 2 / 3 = 17,777.8
    assert first[:5] == (30, 1, 3, 500.0, pytest.approx(400 / 3))
    assert first[5] is None and first[6] == pytest.approx(106_666.67 / 2 / 3)
    # by day 80 both are: mean 450, variance (50² + 50²) / 1 / 2 = 2,500; the other two brought nothing
    assert second == (80, 2, 2, 450.0, pytest.approx(0), pytest.approx(2500), pytest.approx(0))


def test_a_credit_note_is_taken_off_the_order_before_it() -> None:
    notes = orders(
        [("A", after(40, START), -150), ("A", after(500, START), -999), ("B", after(10, START), -30), ("X", START, -1)]
    )
    table = repair.worths(numbered(ROWS, AS_OF), notes.filter(~notes.is_purchase), as_of=AS_OF)
    found = records(table, "customer_id", "number", "onwards_yen", by=None)
    # A's note of day 40 belongs to the second order, the one of day 500 lies beyond the year; B's to the first
    assert sorted(found)[:5] == [("A", 1, 450.0), ("A", 2, 350.0), ("A", 3, 300.0), ("B", 1, 470.0), ("B", 2, 400.0)]


def test_a_year_of_newcomers() -> None:
    found = records(repair.newcomers(numbered(ROWS, AS_OF), as_of=AS_OF), by=None)
    # only E came within the year; five in all; from 2025-01-01 to 2026-06-30 are 546 days
    assert found == [(1, 5, 546)]


def newcomers(count: int, seen: int = 0) -> ibis.Table:
    return ibis.memtable({"newcomers": [count], "seen": [seen or count]})


def test_one_rung_raised_by_hand() -> None:
    found = repair.lifted(repair.by_rung(worths()), newcomers(1000), points=0.05)
    columns = ("number", "more", "gain_yen", "gain_low_yen", "gain_high_yen", "customers")
    first, second = records(found, *columns, by="number")
    # 1→2: all 1,000 stand on rung 1; 5 points are 50 people, 450 yen each = 22,500; the interval is 1.96 standard
    # errors of the mean: 70.71 / sqrt(2) = 50 of 450, or 21.8 %
    assert first == pytest.approx(
        (1, 50, 22_500, 22_500 - 50 * 1.959964 * 50, 22_500 + 50 * 1.959964 * 50, 2), rel=1e-5
    )
    # 2→3: half of them reach rung 2; 25 people, 300 yen each; one customer alone has no interval
    assert second == (2, pytest.approx(25), pytest.approx(7_500), None, None, 1)


def test_a_reading_moved_takes_off_what_would_have_come_later() -> None:
    days = frozen(repair.by_day(worths()))
    found = records(repair.moved(days, newcomers(1000), day=79, points=0.1), "more", "gain_yen", "customers", by=None)
    low, high = records(
        repair.moved(days, newcomers(1000), day=80, points=0.1), "gain_low_yen", "gain_high_yen", by=None
    )[0]
    # by day 80: 100 × 450, with 1.96 × 100 × sqrt(2,500) on either side
    assert (low, high) == pytest.approx((45_000 - 9_799.82, 45_000 + 9_799.82), rel=1e-6)
    # by day 79 A alone is back: 100 people more, 500 each instead of the 133.33 that the others bring later
    assert found == [(pytest.approx(100), pytest.approx(100 * (500 - 400 / 3)), 1)]
    assert records(repair.moved(days, newcomers(1000), day=29, points=0.1), by=None) == []


def test_a_break_mended_by_hand() -> None:
    broken = ibis.memtable({"day_from": [41], "day_to": [90], "lost": [20.0], "lost_low": [10.0], "lost_high": [30.0]})
    found = repair.mended(broken, repair.by_day(worths()), newcomers(100, seen=400))
    ((more, gain, low, high),) = records(found, "more", "gain_yen", "gain_low_yen", "gain_high_yen", by=None)
    # 20 of 400 on record are 5 of a year's 100; each brings 450 (the last day known by day 90 is day 80), others 0
    assert (more, gain) == pytest.approx((5, 2250))
    # relative errors: 10/1.96/20 of the count, 50/450 of the value
    half = 1.959964 * ((10 / 1.959964 / 20) ** 2 + (50 / 450) ** 2) ** 0.5
    assert (low, high) == pytest.approx((2250 * (1 - half), 2250 * (1 + half)), rel=1e-5)


def test_where_early_returners_bring_less_the_gain_is_below_nothing_and_in_order() -> None:
    rows = [(f"E{n}", after(day, START), 100 + n) for n in range(20) for day in (0, 20)]
    rows += [(f"L{n}", after(day, START), 900 + n) for n in range(20) for day in (0, 200)]
    days = repair.by_day(frozen(repair.worths(numbered(rows, AS_OF), orders([]), as_of=AS_OF)))
    found = records(
        repair.moved(days, newcomers(100), day=90, points=0.1), "gain_low_yen", "gain_yen", "gain_high_yen", by=None
    )
    assert found[0][0] < found[0][1] < found[0][2] < 0


def test_a_break_before_anybody_came_back_has_no_worth() -> None:
    broken = ibis.memtable({"day_from": [11], "day_to": [20], "lost": [2.0], "lost_low": [1.0], "lost_high": [3.0]})
    assert records(repair.mended(broken, repair.by_day(worths()), newcomers(100)), by=None) == []


def test_a_shop_younger_than_a_year_has_no_worths() -> None:
    young = numbered([("A", "2026-03-01", 100), ("A", "2026-03-11", 100)], AS_OF)
    empty = frozen(repair.worths(young, orders([]), as_of=AS_OF))
    assert records(empty, by=None) == []
    assert records(repair.by_rung(empty), by=None) == []
    assert records(repair.by_day(empty), by=None) == []
    assert records(repair.lifted(repair.by_rung(empty), newcomers(5), points=0.1), by=None) == []


def test_nobody_at_all() -> None:
    assert records(repair.newcomers(numbered([], AS_OF), as_of=AS_OF), by=None) == [(0, 0, 0)]
