"""Monthly cohorts: by hand, at the edges, and against plain pandas on drawn shops and UCI's file."""

import datetime as dt

import pandas as pd
import pytest
from by_hand import frozen, records
from hypothesis import given, settings
from hypothesis import strategies as st
from purchases import AS_OF, after, orders, plain

from horetsu_utils.metrics import cohort, journey

ROWS = [
    ("A", "2026-03-10", 1000), ("A", "2026-03-31", 500), ("A", "2026-05-01", 400),
    ("B", "2026-03-02", 2000), ("B", "2026-05-20", 100), ("B", "2026-05-21", 100), ("B", "2026-05-25", -300),
    ("C", "2026-05-05", 700),
]  # fmt: skip
COLUMNS = ("cohort", "month", "customers", "retention_ratio", "repeat_ratio", "ltv_yen")
BASKETS = st.lists(
    st.tuples(st.sampled_from("ABCDEF"), st.integers(0, 250).map(after), st.integers(-300, 900)),
    min_size=1,
    max_size=50,
)


def cohorts(rows, as_of: dt.date = AS_OF):
    told = orders(rows)
    bought = frozen(journey.numbered(told, as_of=as_of))
    credits = told.filter(~told.is_purchase & (told.ordered_on <= as_of))
    return frozen(cohort.cohorts(bought, credits, as_of=as_of))


def test_cohorts_by_hand() -> None:
    march, may = dt.date(2026, 3, 1), dt.date(2026, 5, 1)
    found = records(cohorts(ROWS, dt.date(2026, 6, 15)), *COLUMNS, by=None)
    # March: A and B. Month 0: A's two orders make A a repeater at once; 3,500 yen / 2. Month 1 (April): nothing, and
    # that is a true 0. Month 2 (May): both buy, B becomes a repeater; 4,100 less the credit note of 300, / 2.
    # Month 3 (June) is not over on 06-15: unknown. May: C alone.
    assert found == [
        (march, 0, 2, 1.0, 0.5, 1750.0), (march, 1, 2, 0.0, 0.5, 1750.0), (march, 2, 2, 1.0, 1.0, 1900.0),
        (march, 3, 2, None, None, None),
        (may, 0, 1, 1.0, 0.0, 700.0), (may, 1, 1, None, None, None),
    ]  # fmt: skip


def test_the_last_day_of_a_month_completes_it() -> None:
    rows = [("A", "2026-06-10", 100)]
    assert [row[0] for row in records(cohorts(rows, dt.date(2026, 6, 29)), "is_complete", by="month")] == [False]
    assert [row[0] for row in records(cohorts(rows, dt.date(2026, 6, 30)), "is_complete", by="month")] == [True]


def test_overall_counts_each_month_over_those_who_have_lived_it() -> None:
    found = records(cohort.overall(cohorts(ROWS, dt.date(2026, 6, 15))), by="month")
    # month 0: 2 × 1,750 and 700 over three customers; months 1 and 2: only March's two
    assert found == [
        (0, 3, 1.0, pytest.approx(1 / 3), 1400.0), (1, 2, 0.0, 0.5, 1750.0), (2, 2, 1.0, 1.0, 1900.0)
    ]  # fmt: skip


def twin(rows, as_of: dt.date) -> dict[tuple[dt.date, int], tuple[int, float, float, float]]:
    """Compute the complete cells by pandas alone, one by one."""
    bought = plain(rows, as_of)
    month = bought["day"].dt.to_period("M")
    start = bought["first"].dt.to_period("M")
    notes = pd.DataFrame([row for row in rows if row[2] < 0], columns=["customer_id", "day", "amount"])
    notes["day"] = pd.to_datetime(notes["day"])
    first = bought.groupby("customer_id")["first"].first()
    notes = notes[(notes["day"] <= pd.Timestamp(as_of)) & notes["customer_id"].isin(first.index)]
    notes = notes[notes["day"] >= notes["customer_id"].map(first)]
    cells = {}
    for begun in sorted(start.unique()):
        people = bought.loc[start == begun, "customer_id"].unique()
        for place, now in enumerate(pd.period_range(begun, pd.Period(as_of, "M"), freq="M")):
            if now.end_time.date() > as_of:
                continue
            own = bought[bought["customer_id"].isin(people)]
            so_far = own[month[own.index] <= now]
            back = notes[notes["customer_id"].isin(people) & (notes["day"].dt.to_period("M") <= now)]
            cells[begun.start_time.date(), place] = (
                len(people),
                own.loc[month[own.index] == now, "customer_id"].nunique() / len(people),
                so_far.loc[so_far["number"] == 2, "customer_id"].nunique() / len(people),
                (so_far["amount"].sum() + back["amount"].sum()) / len(people),
            )
    return cells


def compare(found, cells) -> None:
    complete = {row[:2]: row[2:] for row in found if row[3] is not None}
    assert complete.keys() == cells.keys()
    for place, figures in cells.items():
        assert complete[place] == pytest.approx(figures, abs=1e-6), place


@given(BASKETS)
@settings(max_examples=30, deadline=None)
def test_drawn_shops_agree_with_plain_pandas(rows) -> None:
    if any(amount >= 0 and dt.date.fromisoformat(day) <= AS_OF for _, day, amount in rows):
        compare(records(cohorts(rows), *COLUMNS, by=None), twin(rows, AS_OF))


def test_a_shop_without_orders_has_no_cohorts() -> None:
    assert records(cohorts([]), by=None) == []
