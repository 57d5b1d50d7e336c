"""Silence: days of contact worked by hand, stretches at the edges, and the demo shop's planted hole."""

import ibis
import pytest
from along import demo_firsts, demo_table, people, planned, sent, touchpoints
from by_hand import frozen, records
from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils import demo
from horetsu_utils.method import JourneyRules
from horetsu_utils.metrics import silence

RULES = JourneyRules(window_days=9, silent_days=3, silent_ratio=0.3)
WATCHED = {"A": 9, "B": 9, "C": 9, "D": 4}
DAY = ("day", "watched", "contacted", "is_silent")


def days(rows, watched=WATCHED, rules=RULES) -> ibis.Table:
    return frozen(silence.contact_days(people(watched), touchpoints(watched, rows), rules=rules))


def test_days_by_hand() -> None:
    rows = [
        *[sent(who, 0) for who in "ABCD"],
        sent("A", 0),  # twice on one day: one customer
        sent("A", 3),  # of four watched one: 0.25 is below 0.3
        sent("B", 5),  # of three watched one (D has been watched for 4 days): 0.33 is not
        sent("C", 6, direction="in"),  # the customer's own message
        sent("C", -1),
        sent("X", 7),
        sent("C", 10),
        sent("A", 8, direction=None),
    ]
    assert records(days(rows), *DAY, by=None) == [
        (0, 4, 4, False),
        (1, 4, 0, True),
        (2, 4, 0, True),
        (3, 4, 1, True),
        (4, 4, 0, True),
        (5, 3, 1, False),
        (6, 3, 0, False),  # two quiet days in a row are not yet a silence
        (7, 3, 0, False),
        (8, 3, 1, False),
        (9, 3, 0, False),
    ]
    ratios = [ratio for (ratio,) in records(days(rows), "contacted_ratio", by=None)]
    assert ratios[:4] == pytest.approx([1, 0, 0, 0.25])
    # days 1 to 4, on one of which A was contacted
    assert records(silence.silences(days(rows)), by=None) == [(1, 4, 4, 4, 1)]


def test_silences_at_the_edges_and_the_longest_first() -> None:
    rows = [sent(who, day) for who in "ABC" for day in (3, 8)]
    spans = ("day_from", "day_to", "days")
    assert records(silence.silences(days(rows)), *spans, by=None) == [(4, 7, 4), (0, 2, 3)]
    ending = [sent(who, 0) for who in "ABC"]
    assert records(silence.silences(days(ending)), *spans, by=None) == [(1, 9, 9)]


def test_where_nobody_is_watched_nothing_is_silent() -> None:
    assert {row[3] for row in records(days([], watched={}), *DAY, by=None)} == {False}
    young = records(days([], watched={"A": 4}), *DAY, by=None)
    assert [row[0] for row in young if row[3]] == [0, 1, 2, 3, 4]
    assert records(silence.silences(days([], watched={})), by=None) == []
    # without any contact the whole journey is silent
    assert records(silence.silences(days([])), "day_from", "day_to", by=None) == [(0, 9)]


ROW = st.builds(
    sent, st.sampled_from("ABCDX"), st.integers(-2, 11), direction=st.sampled_from(["out", "out", "in", None])
)


@settings(max_examples=40, deadline=None)
@given(st.lists(ROW, max_size=20))
def test_days_agree_with_a_plain_count(rows) -> None:
    told = records(days(rows), *DAY, by=None)
    low = []
    for day, watched, contacted, _ in told:
        lived = {who for who, last in WATCHED.items() if last >= day}
        got = {row["customer_id"] for row in rows if row["day"] == day and row["direction"] != "in"} & lived
        assert (watched, contacted) == (len(lived), len(got))
        low.append(len(got) / len(lived) < RULES.silent_ratio)
    text = "".join("q" if quiet else "." for quiet in low)
    for day, *_, is_silent in told:
        left, right = text[: day + 1], text[day:]
        length = len(left) - len(left.rstrip("q")) + len(right) - len(right.lstrip("q")) - 1
        assert is_silent == (low[day] and length >= RULES.silent_days)
    stretches = records(silence.silences(days(rows)), "day_from", "day_to", "days", by=None)
    assert sorted(day for first, last, _ in stretches for day in range(first, last + 1)) == [
        day for day, *_, is_silent in told if is_silent
    ]
    assert [length for *_, length in stretches] == sorted((length for *_, length in stretches), reverse=True)


@pytest.mark.parametrize(
    ("windows", "found"),
    [
        ([], [(0, 9, 10)]),
        ([(0, 1), (5, 6)], [(2, 4, 3), (7, 9, 3)]),
        ([(0, 4), (3, 7)], []),  # overlapping; two days are left
        ([(8, 2), (-5, -1), (4, 4)], [(5, 9, 5), (0, 3, 4)]),  # reversed and negative windows plan nothing
        ([(-5, 0), (6, 300)], [(1, 5, 5)]),
    ],
)
def test_planned_silences(windows, found) -> None:
    plan = planned(*((f"S{place}", *window) for place, window in enumerate(windows)))
    assert records(silence.planned_silences(plan, rules=RULES), by=None) == found


def test_the_demo_hole_is_found() -> None:
    shop, rules = demo.build(), JourneyRules()
    made = silence.contact_days(demo_firsts(shop), demo_table(shop, "touchpoints"), rules=rules)
    ((first, last, *_),) = records(silence.silences(frozen(made)), by=None)
    hole_first, hole_last = shop.truths.hole_days
    # ST05 ends on day 28 and ST06 begins on day 62: around the hole hardly anybody is contacted either
    assert hole_first - 2 <= first <= hole_first
    assert hole_last <= last <= hole_last + 1
    plan = demo_table(shop, "scenario")
    assert records(silence.planned_silences(plan, rules=rules), by=None) == [(29, 61, 33)]
