"""What the models of the value ahead are told of each customer: by hand, and nothing of later."""

import datetime as dt

import pytest
from by_hand import frozen, records
from hypothesis import given, settings
from hypothesis import strategies as st
from purchases import AS_OF, after, numbered

from horetsu_utils.metrics import outlook

ROWS = [
    ("A", "2026-01-01", 1000), ("A", "2026-01-15", 300), ("A", "2026-01-15", 100), ("A", "2026-02-01", 200),
    ("B", "2026-03-01", 500), ("B", "2026-03-01", 400),
    ("C", "2026-05-01", 900), ("C", "2026-06-12", 0),
]  # fmt: skip
BASKETS = st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 170).map(after), st.integers(0, 900)), max_size=30)


def histories(rows, as_of: dt.date = AS_OF):
    return frozen(outlook.histories(numbered(rows), as_of=as_of))


def test_histories_by_hand() -> None:
    # A: two days after the first (two orders on 01-15 are one day), 300 + 100 + 200 over 2 days; last 31 days after the
    # first, which lies 180 days back. B: both orders on the first day, none repeats. C: 42 days later, for nothing.
    columns = ("customer_id", "frequency", "recency_days", "age_days", "mean_yen")
    assert records(histories(ROWS), *columns) == [
        ("A", 2, 31, 180, 300.0),
        ("B", 0, 0, 121, None),
        ("C", 1, 42, 60, 0.0),
    ]


@given(BASKETS, st.integers(0, 170))
@settings(max_examples=25, deadline=None)
def test_nothing_later_is_told(rows, place) -> None:
    day = dt.date.fromisoformat(after(place))
    past = [row for row in rows if row[1] <= day.isoformat()]
    assert records(histories(rows, day)) == records(histories(past, day))


def test_what_followed_by_hand() -> None:
    since, until = dt.date(2026, 1, 10), dt.date(2026, 2, 1)
    found = outlook.followed(histories(ROWS, since), numbered(ROWS), since=since, until=until)
    # only A was known; 01-15 (once, for two orders) and 02-01
    assert records(found, "customer_id", "frequency", "followed") == [("A", 0, 2)]


def test_customers_alike_are_one_row() -> None:
    rows = [(who, day, 100) for who in "ABC" for day in ("2026-01-01", "2026-01-15")] + [("D", "2026-01-01", 1)]
    found = outlook.alike(histories(rows).mutate(followed=1))
    columns = ("frequency", "recency_weeks", "age_weeks", "customers", "followed")
    assert records(found, *columns, by=None) == [
        (0, 0.0, pytest.approx(180 / 7), 1, 1), (1, 2.0, pytest.approx(180 / 7), 3, 3)
    ]  # fmt: skip


def test_spenders_leave_out_who_spent_nothing() -> None:
    columns = ("frequency", "mean_amount", "customers")
    assert records(outlook.spenders(histories(ROWS)), *columns, by=None) == [(2, 300.0, 1)]


def test_weeks_by_hand() -> None:
    since, until = dt.date(2026, 1, 15), dt.date(2026, 2, 10)
    found = records(outlook.by_week(numbered(ROWS), since=since, until=until), by="week")
    # only A was known by 01-15; of its days only 02-01 lies after, 17 days on: in week 3
    assert found == [(3, 1)]
    early = records(outlook.by_week(numbered(ROWS), since=dt.date(2026, 1, 1), until=until), by="week")
    # 01-15 is 14 days on, the last of week 2, once for two orders; 02-01 is day 31, week 5
    assert early == [(2, 1), (5, 1)]


def test_nobody() -> None:
    assert records(histories([])) == []
    assert records(outlook.alike(histories([])), by=None) == []
    assert records(outlook.spenders(histories([])), by=None) == []
