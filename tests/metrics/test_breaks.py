"""Where the relationship breaks: a shop worked by hand, edges, and the demo shop's planted dip with its yen."""

import datetime as dt

import ibis
import pytest
from by_hand import frozen, records
from hypothesis import given, settings
from hypothesis import strategies as st
from purchases import waiting

from horetsu_utils.method import JourneyRules
from horetsu_utils.metrics import breaks, survival

RULES = JourneyRules(window_days=40, settling_days=10, interval_days=10)
SPANS = ("day_from", "day_to")
STEPS = {"step_id": "string", "day_from": "int64", "day_to": "int64", "sound": "boolean"}
DAYS = {"day": "int64", "contacted_ratio": "float64", "is_silent": "boolean"}
PEOPLE = st.lists(st.tuples(st.integers(0, 60), st.booleans()), min_size=1, max_size=60)


def pace(people, rules: JourneyRules = RULES) -> ibis.Table:
    return frozen(breaks.pace(frozen(survival.curve(waiting(people))), rules=rules))


def found(people, yen: float = 100.0) -> ibis.Table:
    return frozen(breaks.breaks(pace(people), second_yen=ibis.literal(yen), rules=RULES))


BY_HAND = [*[(15, True)] * 20, *[(35, True)] * 20, *[(40, False)] * 60]
"""A hundred people: twenty back on day 15, twenty on day 35, the rest watched to the end; nobody on days 21 to 30."""


def test_the_pace_by_hand() -> None:
    rows = records(pace(BY_HAND), *SPANS, "at_risk", "watched_days", "came", "is_settling", by="day_from")
    # days 0-10: 100 people × 11 days. 11-20: 20 people for 5 days (11-15), 80 for 10 = 900. 21-30: 80 × 10 = 800.
    # 31-40: 20 for 5 days (31-35), 60 for 10 = 700
    assert rows == [
        (0, 10, 100, 1100, 0, True), (11, 20, 100, 900, 20, False), (21, 30, 80, 800, 0, False),
        (31, 40, 80, 700, 20, False),
    ]  # fmt: skip
    # the shop's own pace: 40 second orders in 900 + 800 + 700 = 2,400 days, or 1 in 60
    lost = [value for (value,) in records(pace(BY_HAND), "lost", by="day_from")]
    assert lost == pytest.approx([1100 / 60, 900 / 60 - 20, 800 / 60, 700 / 60 - 20])
    told = records(pace(BY_HAND), "per_thousand", "pace_per_thousand", by="day_from")[1]
    assert told == pytest.approx((1000 * 20 / 900, 1000 / 60))


def test_the_break_and_its_yen_by_hand() -> None:
    columns = (*SPANS, "at_risk", "came", "expected", "lost", "lost_yen", "kind", "is_sure")
    ((*first, kind, sure),) = records(found(BY_HAND, 4500.0), *columns, by="day_from")
    # only days 21-30 fall behind: 800/60 = 13.33 expected, none came; 13.33 × 4,500 yen = 60,000 yen
    assert first == pytest.approx([21, 30, 80, 0, 800 / 60, 800 / 60, 60_000])
    # the pace recovers on days 31-40. Of 40 second orders a third would fall here: a deviation of
    # sqrt(40 × 1/3 × 2/3) = 2.98; 13.33 are 4.5 of them
    assert (kind, sure) == ("dip", True)
    low, high, times = records(found(BY_HAND), "lost_low", "lost_high", "times_needed", by="day_from")[0]
    assert (low, high) == pytest.approx((800 / 60 - 1.959964 * 2.98142, 800 / 60 + 1.959964 * 2.98142), rel=1e-5)
    # three deviations are 8.94: 0.45 times the customers would have done, for (8.94 / 13.33)² is 0.45
    assert times == pytest.approx(0.45)


def test_neighbours_that_fall_behind_are_one_break_and_fading_is_no_dip() -> None:
    people = [*[(15, True)] * 30, *[(25, True)] * 1, *[(40, False)] * 60]
    rows = records(found(people), *SPANS, "came", "kind", by="day_from")
    assert rows == [(21, 40, 1, "fading")]


def test_two_breaks_are_ranked_by_the_customers_lost() -> None:
    rules = JourneyRules(window_days=70, settling_days=10, interval_days=10)
    people = [*[(15, True)] * 20, *[(35, True)] * 20, *[(65, True)] * 20, *[(70, False)] * 60]
    table = frozen(breaks.breaks(pace(people, rules), second_yen=ibis.literal(1.0), rules=rules))
    # days 41-60 (twenty days without anybody) lose more than days 21-30
    assert [row[:2] for row in records(table, *SPANS, by=None)] == [(41, 60), (21, 30)]


def test_few_customers_make_no_sure_break_and_say_how_many_would() -> None:
    people = [*[(15, True)] * 2, *[(35, True)] * 2, *[(40, False)] * 6]
    ((sure, times),) = records(found(people), "is_sure", "times_needed", by="day_from")
    # a tenth of the shop by hand: 1.33 expected, none came; the deviation is sqrt(4 × 1/3 × 2/3) = 0.94, and
    # (3 × 0.94 / 1.33)² = 4.5 times as many customers would do
    assert not sure
    assert times == pytest.approx(4.5)


def test_a_shop_nobody_came_back_to_loses_nothing_against_its_own_pace() -> None:
    assert records(found([(60, False)] * 50), by="day_from") == []
    assert {lost for (lost,) in records(pace([(60, False)] * 50), "lost", by="day_from")} == {0.0}


def test_a_shop_without_first_time_buyers_has_its_intervals_and_nothing_in_them() -> None:
    nobody = frozen(breaks.pace(survival.curve(waiting([(1, True)]).limit(0)), rules=RULES))
    rows = records(nobody, "at_risk", "watched_days", "came", "lost", "counted", "per_thousand", by="day_from")
    assert rows == [(0, 0, 0, 0.0, 0, None)] * 4


def test_a_shop_younger_than_the_interval_has_no_days_and_no_nan() -> None:
    rows = records(pace([(5, False), (3, True)]), "watched_days", "lost", "per_thousand", by="day_from")
    assert rows[1:] == [(0, 0.0, None)] * 3
    assert records(found([(5, False), (3, True)]), by="day_from") == []


@given(PEOPLE)
@settings(max_examples=40, deadline=None)
def test_what_is_lost_and_gained_after_settling_is_nothing_in_all(people) -> None:
    rows = records(pace(people), "lost", "is_settling", "came", "watched_days", by="day_from")
    assert sum(lost for lost, settling, _, _ in rows if not settling) == pytest.approx(0, abs=1e-9)
    # each day that somebody was watched, day 0 included, belongs to one interval
    assert sum(days for *_, days in rows) == sum(min(day, 40) + 1 for day, _ in people)
    assert sum(came for _, _, came, _ in rows) == sum(back and day <= 40 for day, back in people)


def test_a_shop_without_a_break_is_seldom_told_of_one() -> None:
    """One pace all along: stretches that fall behind by chance alone are called sure in few shops of a hundred."""
    import numpy as np

    draw, rules = np.random.default_rng(5), JourneyRules()
    told = 0
    for _ in range(80):
        days = np.minimum(draw.geometric(0.006, 800), 200)
        table = breaks.breaks(
            pace([(int(day), bool(day < 200)) for day in days], rules), second_yen=ibis.literal(1.0), rules=rules
        )
        told += any(sure for (sure,) in records(table, "is_sure", by=None))
    assert told <= 4


def test_what_has_not_begun_does_not_break() -> None:
    people = [*[(35, True)] * 40, *[(40, False)] * 60]
    # nobody comes before day 31: until the pace has once been kept, nothing is late
    assert records(found(people), by=None) == []


def test_what_was_done_in_a_break_by_hand() -> None:
    steps = [("S1", 15, 21, True), ("S2", 29, 33, True), ("S3", 25, 26, False), ("S4", 31, 35, True)]
    days = [(day, 0.0 if day < 26 else 0.1, day < 26) for day in range(41)]
    table = breaks.done(
        found(BY_HAND),
        ibis.memtable([dict(zip(STEPS, row, strict=True)) for row in steps], schema=STEPS),
        ibis.memtable([dict(zip(DAYS, row, strict=True)) for row in days], schema=DAYS),
    )
    # the break is days 21-30: S1 and S2 meet it, S3 is no sound plan; five days (21-25) silent, then 5 × 0.1 contacts
    ((planned, each, silent, whole),) = records(
        table, "planned_steps", "contacts_each", "silent_days", "days", by="day_from"
    )
    assert (planned, silent, whole) == (2, 5, 10)
    assert each == pytest.approx(0.5)


def test_without_contacts_on_record_nothing_is_said_of_them() -> None:
    none = (ibis.memtable([], schema=STEPS), ibis.memtable([], schema=DAYS))
    table = breaks.done(found(BY_HAND), *none)
    assert records(table, "planned_steps", "contacts_each", "silent_days", by="day_from") == [(0, None, None)]


def test_the_demo_shops_dip_is_the_first_break_and_its_yen_is_right_by_hand() -> None:
    from horetsu_utils import demo

    shop = demo.build()
    paid = shop.tables["orders"].query("status == 'paid'")
    per_order = paid.groupby(["customer_id", "order_id"], as_index=False).agg(
        at=("ordered_at", "min"), amount=("amount", "sum")
    )
    per_order = per_order.sort_values(["customer_id", "at", "order_id"])
    per_order["day"] = per_order["at"].dt.date
    groups = per_order.groupby("customer_id")
    first, second = groups["day"].nth(0), groups["day"].nth(1)
    whose = per_order["customer_id"]
    start = dict(zip(whose[first.index], first, strict=True))
    back = dict(zip(whose[second.index], second, strict=True))
    end = dt.date(2026, 6, 30)
    people = [((back.get(who, end) - day).days, who in back) for who, day in start.items()]
    second_yen = float(groups["amount"].nth(1).astype(float).mean())
    rules = JourneyRules()
    table = frozen(
        breaks.breaks(
            breaks.pace(frozen(survival.curve(waiting(people))), rules=rules),
            second_yen=ibis.literal(second_yen),
            rules=rules,
        )
    )
    worst = records(table, *SPANS, "came", "lost", "lost_yen", "kind", "is_sure", by=None)[0]
    assert worst[:2] == shop.truths.hole_days

    # by hand, day by day: who is still watched and not back, and who comes back
    def watched(low: int, high: int) -> int:
        return sum(max(0, min(day, high) - low + 1) for day, _ in people)

    def came(low: int, high: int) -> int:
        return sum(is_back and low <= day <= high for day, is_back in people)

    lost = came(11, 90) / watched(11, 90) * watched(31, 60) - came(31, 60)
    assert worst[2] == came(31, 60)
    assert worst[3:5] == pytest.approx((lost, lost * second_yen))
    assert 250 < lost < 300
    assert 1_300_000 < lost * second_yen < 1_450_000
    assert worst[5:] == ("dip", True)
