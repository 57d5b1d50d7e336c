"""Kaplan–Meier by hand, against published tables and lifelines' figures, at the edges, and where nothing is hidden."""

import math

import pytest
from by_hand import frozen, records
from hypothesis import given, settings
from hypothesis import strategies as st
from purchases import after, firsts, waiting

from horetsu_utils.metrics import survival

BEWICK = [(1, True), (1, True), (4, True), (5, True), (6, False), (9, True), (20, False), (22, True)]
"""Bewick, Cheek and Ball 2004, Crit. Care 8:389-394: survival .750 .625 .500 .333 0 on days 1 4 5 9 22. Eight people
and two censored between those days give it; on which days exactly does not matter to the curve."""
SIX_MP = [
    *[(day, True) for day in (6, 6, 6, 7, 10, 13, 16, 22, 23)],
    *[(day, False) for day in (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)],
]
"""Freireich et al. 1963, Blood 21:699-716: weeks of remission under 6-mercaptopurine; the textbook example of Kleinbaum
and Klein, Survival Analysis, chapter 2."""
LIFELINES = {
    6: (0.857142857142857, 0.6197179552659838, 0.9515517476469969),
    7: (0.8067226890756299, 0.5631465646222333, 0.9228090192028802),
    10: (0.7529411764705878, 0.5031995107999564, 0.8893618351692651),
    13: (0.6901960784313722, 0.4316102224861839, 0.8490659633494505),
    16: (0.6274509803921566, 0.36751085598750194, 0.8049121894718411),
    22: (0.5378151260504199, 0.26777893676713493, 0.7467907176353943),
    23: (0.44817927170868327, 0.18805200595923233, 0.6801426284952412),
    35: (0.44817927170868327, 0.18805200595923233, 0.6801426284952412),
}
"""Survival and its band by lifelines 0.30.3 (KaplanMeierFitter) on these remissions."""
PEOPLE = st.lists(st.tuples(st.integers(0, 60), st.booleans()), min_size=1, max_size=60)


def points(people) -> dict[int, tuple[float, float | None, float | None]]:
    found = records(survival.curve(waiting(people)), "day", "value", "low", "high", by="day")
    return {day: (value, low, high) for day, value, low, high in found}


def test_bewicks_table() -> None:
    found = points(BEWICK)
    # 8 at risk, 2 of them back on day 1: 6/8; then 5/6 and 4/5 of it; 2/3 after one was last seen on day 6; then none
    for day, stayed in {1: 6 / 8, 4: 5 / 8, 5: 4 / 8, 9: 4 / 8 * 2 / 3, 22: 0}.items():
        assert 1 - found[day][0] == pytest.approx(stayed, abs=1e-9)


def test_bewicks_band_agrees_with_lifelines() -> None:
    found = points(BEWICK)
    bands = {1: (0.314807113705519, 0.9308983170906276), 9: (0.05617565071000072, 0.6575822163251641)}
    for day, (low, high) in bands.items():
        assert found[day][1:] == pytest.approx((1 - high, 1 - low), abs=1e-9)


def test_remissions_agree_with_the_textbook_and_lifelines() -> None:
    found = points(SIX_MP)
    for day, (stayed, low, high) in LIFELINES.items():
        assert found[day] == pytest.approx((1 - stayed, 1 - high, 1 - low), abs=1e-9)
    textbook = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    assert {day: round(1 - found[day][0], 3) for day in textbook} == textbook


def test_at_risk_and_who_leaves_by_hand() -> None:
    found = records(survival.curve(waiting(BEWICK)), "day", "at_risk", "events", "left", by="day")
    assert found == [
        (1, 8, 2, 2), (4, 6, 1, 1), (5, 5, 1, 1), (6, 4, 0, 1), (9, 3, 1, 1), (20, 2, 0, 1), (22, 1, 1, 1)
    ]  # fmt: skip


@given(PEOPLE)
@settings(max_examples=40, deadline=None)
def test_a_curve_only_grows_and_stays_inside_its_band(people) -> None:
    found = list(points(people).values())
    values = [value for value, _, _ in found]
    assert values == sorted(values)
    for value, low, high in found:
        assert 0 <= value <= 1
        assert (low is None) == (high is None)
        if low is not None:
            assert 0 <= low <= value + 1e-12
            assert value - 1e-12 <= high <= 1


@given(st.lists(st.integers(0, 60), min_size=1, max_size=40))
@settings(max_examples=25, deadline=None)
def test_where_nobody_is_lost_from_sight_the_curve_is_the_plain_share(days) -> None:
    found = points([(day, True) for day in days])
    for day, (value, _, _) in found.items():
        assert value == pytest.approx(sum(each <= day for each in days) / len(days))


def test_readings_by_hand() -> None:
    curve = frozen(survival.curve(waiting(BEWICK)))
    found = records(survival.readings(curve, [0, 3, 9, 21, 23]), "day", "value", "at_risk", "customers", by="day")
    # before day 1 nobody is back; on day 3 what day 1 said, six still watched; on day 21 one is still watched (until
    # 22); after day 22 nobody is, but all who could have come back have
    assert found == [
        (0, 0.0, 8, 8), (3, pytest.approx(0.25), 6, 8), (9, pytest.approx(2 / 3), 3, 8),
        (21, pytest.approx(2 / 3), 1, 8), (23, 1.0, 0, 8),
    ]  # fmt: skip


def test_beyond_what_anybody_was_watched_nothing_is_read() -> None:
    curve = survival.curve(waiting([(5, True), (10, False)]))
    assert records(survival.readings(curve, [10, 11]), "value", "low", "high", "at_risk", by="day")[1] == (
        None,
    ) * 3 + (0,)


def test_no_second_order_at_all_is_none_of_many_with_wilsons_interval() -> None:
    found = records(
        survival.readings(survival.curve(waiting([(40, False)] * 20)), [30]), "value", "low", "high", by="day"
    )
    square = 1.959963984540054**2
    # Wilson with 0 of 20: from 0 to z²/(20 + z²)
    assert found == [(0.0, pytest.approx(0, abs=1e-12), pytest.approx(square / (20 + square)))]


def test_where_everybody_comes_back_the_reading_is_certain_only_of_the_last() -> None:
    found = records(
        survival.readings(survival.curve(waiting([(30, True)] * 20)), [30]), "value", "low", "high", by="day"
    )
    square = 1.959963984540054**2
    assert found == [(1.0, pytest.approx(20 / (20 + square)), pytest.approx(1.0))]


def test_groups_are_read_each_for_itself() -> None:
    people = waiting([(5, True), (9, False), (5, False), (9, True)]).mutate(source=None)
    split = people.mutate(source=(people.until_days == 5).ifelse("広告", "検索"))
    found = records(
        survival.readings(survival.curve(split, by="source"), [5], by="source"),
        "source",
        "value",
        "customers",
        by="source",
    )
    assert found == [("広告", pytest.approx(0.5), 2), ("検索", 0.0, 2)]


def test_the_plain_rate_of_those_watched_long_enough_by_hand() -> None:
    rows = [
        ("A", after(0), 100), ("A", after(20), 100),  # watched 180 days, back after 20
        ("B", after(0), 100), ("B", after(50), 100),  # back after 50
        ("C", after(0), 100),
        ("D", after(160), 100), ("D", after(170), 100),  # watched 20 days only, back after 10
    ]  # fmt: skip
    found = records(survival.mature(firsts(rows), [10, 30, 60]), "day", "watched", "came", "young", "value", by="day")
    assert found == [(10, 4, 1, 0, 0.25), (30, 3, 1, 1, pytest.approx(1 / 3)), (60, 3, 2, 1, pytest.approx(2 / 3))]


def test_where_nobody_was_watched_long_enough_there_is_no_plain_rate() -> None:
    found = records(
        survival.mature(firsts([("A", after(175), 100)]), [30]), "watched", "came", "value", "low", by="day"
    )
    assert found == [(0, 0, None, None)]


def test_days_to_the_second_order_by_band() -> None:
    rows = [(who, after(0), 100) for who in "ABCD"] + [
        ("A", after(0), 100),
        ("B", after(10), 100),
        ("C", after(11), 100),
    ]
    found = records(survival.waits(firsts(rows), bands=[(0, 0), (1, 10), (11, 30), (31, 60)]), by="day_from")
    assert found == [
        (0, 0, 1, pytest.approx(1 / 3)), (1, 10, 1, pytest.approx(1 / 3)), (11, 30, 1, pytest.approx(1 / 3)),
        (31, 60, 0, 0.0),
    ]  # fmt: skip


def test_nobody_gives_empty_tables_and_no_nan() -> None:
    none = waiting([(1, True)]).limit(0)
    assert records(survival.curve(none), by="day") == []
    assert records(survival.readings(survival.curve(none), [30]), by="day") == []


def test_the_demo_shops_planted_hazard_comes_out() -> None:
    """Within its band, the curve is the one that the planted daily hazards give."""
    from horetsu_utils import demo

    shop = demo.build()
    paid = shop.tables["orders"].query("status == 'paid'")
    per_order = paid.groupby(["customer_id", "order_id"], as_index=False)["ordered_at"].min()
    rows = [(who, str(at.date()), 100) for who, at in zip(per_order.customer_id, per_order.ordered_at, strict=True)]
    star = shop.truths.star_first_product
    first = paid.sort_values("ordered_at").drop_duplicates("customer_id").set_index("customer_id").product_id
    plain_people = [row for row in rows if first[row[0]] != star]
    found = records(
        survival.readings(survival.curve(firsts(plain_people)), [30, 60, 90]), "day", "low", "high", by="day"
    )
    inside = 0
    for day, low, high in found:
        spans = shop.truths.f2_daily_hazard.items()
        total = sum(hazard * max(0, min(day, last) - start + 1) for (start, last), hazard in spans)
        inside += low <= 1 - math.exp(-total) <= high
    assert inside == 3
