"""Orders by weekday: worked by hand, at the edges of the period, and held against plain Python."""

import datetime as dt
from collections import Counter

from by_hand import AS_OF, ago, bought, credited, orders, records
from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils.metrics import my_analysis

PERIOD_DAYS = 14
"""AS_OF, 2026-06-30, is a Tuesday (1): the period begins on Wednesday, 2026-06-17."""


def counted(*rows: tuple, as_of: dt.date = AS_OF) -> list[tuple]:
    """Return weekday, orders and customers of every weekday."""
    found = my_analysis.by_weekday(orders(rows), as_of=as_of, period_days=PERIOD_DAYS)
    return records(found, by="weekday")


def test_weekdays_worked_by_hand() -> None:
    """Count Mondays: A on the 22nd and the 29th, B on the 29th, so 3 orders of 2 people; on Tuesday, C alone."""
    found = counted(
        bought("A", "2026-06-22", 1000),
        bought("A", "2026-06-29", 2000),
        bought("B", "2026-06-29", 3000),
        bought("C", "2026-06-30", 500),
    )
    assert found == [(0, 3, 2), (1, 1, 1), (2, 0, 0), (3, 0, 0), (4, 0, 0), (5, 0, 0), (6, 0, 0)]


def test_the_period_ends_on_the_analysis_date_and_a_credit_note_is_no_order() -> None:
    """Leave out the day before the period, the day after its end, and what was given back."""
    outside = [bought("A", ago(PERIOD_DAYS), 1000), bought("A", ago(-1), 1000), credited("A", ago(0), 1000)]
    assert counted(*outside) == []
    first_and_last = [bought("A", ago(PERIOD_DAYS - 1), 1000), bought("A", ago(0), 1000)]
    assert [row for row in counted(*outside, *first_and_last) if row[1]] == [(1, 1, 1), (2, 1, 1)]


def test_nobody_gives_no_row() -> None:
    """Return nothing of a shop without orders."""
    assert counted() == []


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, PERIOD_DAYS - 1)), min_size=1, max_size=20))
def test_every_order_is_counted_on_its_own_weekday(rows: list[tuple[str, int]]) -> None:
    """Agree with the calendar of Python, whatever the orders."""
    found = counted(*[bought(who, ago(days), 1000) for who, days in rows])
    plain = Counter(ago(days).weekday() for _, days in rows)
    people = {day: len({who for who, days in rows if ago(days).weekday() == day}) for day in range(7)}
    assert found == [(day, plain[day], people[day]) for day in range(7)]
