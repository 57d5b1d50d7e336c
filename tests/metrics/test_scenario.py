"""Planned and actual: whom a step reached, what followed, and contacts outside any plan, by hand and on the demo."""

import datetime as dt

import pytest
from by_hand import records
from purchases import AS_OF, after, orders
from way import firsts, heard, planned, recorded, touched

from horetsu_utils.method import JourneyRules
from horetsu_utils.metrics import journey, scenario
from horetsu_utils.shop import Shop

RULES = JourneyRules()
PEOPLE = {"A": 180, "B": 180, "C": 180, "D": 12}
"""A, B and C first bought 180 days before the analysis day (on day 0), D only 12 days before (on day 168)."""


def reach(people, contacts, plan) -> dict[str, tuple]:
    found = scenario.steps(people, contacts, plan, rules=RULES)
    columns = ("step_id", "watched", "reached", "reached_any", "reacted", "reach_ratio", "sound")
    return {row[0]: row[1:] for row in records(found, *columns, by=None)}


def test_reach_by_hand() -> None:
    plan = planned(("S1", 0, 5, "メール", None), ("S2", 10, 20, "LINE", None))
    contacts = touched(
        ("A", 3, "メール", "S1", "open"), ("A", 4, "メール", "S1", "click"),  # twice in the window: one customer
        ("B", 6, "メール", "S1", "open"),  # a day late
        ("D", 170, "メール", "S1", "none"),  # D's day 2
        ("A", 10, "LINE", "S2", "complaint"), ("B", 20, "LINE", "S2", "reply"), ("C", 15, "LINE", "S2", "reply", "in"),
        ("D", 180, "LINE", "S2", "reply"),
    )  # fmt: skip
    found = reach(firsts(**PEOPLE), contacts, plan)
    # S1: all four lived its window (D is on day 12); A and D got it in time, B at all; only A opened it
    assert found["S1"] == (4, 2, 3, 1, 0.5, True)
    # S2 ends on day 20: D has not lived it. A complaint is no welcome reaction; C wrote to the shop, not the other way
    assert found["S2"] == (3, 2, 2, 1, pytest.approx(2 / 3), True)


def test_where_no_contact_names_a_step_channel_and_day_tell() -> None:
    plan = planned(("S1", 0, 5, "メール", None), ("S2", 4, 8, "メール", None), ("S3", 0, 5, "DM", None))
    contacts = touched(
        ("A", 4, "メール", None, "open"), ("B", 8, "メール", None, None), ("C", 30, "メール", None, None)
    )
    found = reach(firsts(A=180, B=180, C=180), contacts, plan)
    # windows that overlap both hold A's contact of day 4
    assert {step: row[1] for step, row in found.items()} == {"S1": 1, "S2": 2, "S3": 0}


def test_where_some_contacts_name_a_step_the_others_are_unplanned() -> None:
    plan = planned(("S1", 0, 5, "メール", None))
    contacts = touched(("A", 1, "メール", "S1", None), ("B", 2, "メール", None, None), ("C", 3, "電話", None, None))
    people = firsts(A=180, B=180, C=180)
    assert reach(people, contacts, plan)["S1"][1] == 1
    found = scenario.by_channel(people, contacts, plan, rules=RULES)
    assert records(found, "channel", "contacts", "planned", "unplanned", by=None) == [
        ("メール", 2, 1, 1),
        ("電話", 1, 0, 1),
    ]


def test_a_window_that_is_no_plan_counts_for_nothing() -> None:
    plan = planned(
        ("back", 20, 10, "メール", None), ("before", -9, -1, "メール", None), ("half", -3, 2, "メール", "参加"),
    )  # fmt: skip
    contacts = touched(
        ("A", 1, "メール", "half", None), ("A", 15, "メール", "back", None), ("A", -2, "メール", "before", None)
    )
    people = firsts(A=180, B=180)
    found = reach(people, contacts, plan)
    assert found["back"] == (0, 0, 0, 0, None, False)
    assert found["before"] == (0, 0, 0, 0, None, False)
    assert found["half"] == (2, 1, 1, 0, 0.5, True)
    # the contact of day 15 belongs to no sound step; the one before the first order is none of the journey's
    assert records(scenario.by_channel(people, contacts, plan, rules=RULES), "contacts", "unplanned", by=None) == [
        (2, 1)
    ]


def test_contacts_of_strangers_are_counted_apart() -> None:
    contacts = touched(("X", 1, "メール", "S1", None), ("X", 2, "メール", "S1", None), ("A", 1, "メール", "S1", None))
    people = firsts(A=180)
    assert reach(people, contacts, planned(("S1", 0, 5, "メール", None)))["S1"][:2] == (1, 1)
    assert records(scenario.strangers(people, contacts), by=None) == [(2, 1)]


def test_what_followed_a_step_by_hand() -> None:
    plan = planned(
        ("S1", 0, 5, "メール", "二回目のご注文"), ("S2", 10, 20, "LINE", "お返事をいただく"),
        ("S3", 30, 40, "DM", "変化をひとこと書き留めていただく"), ("S4", 50, 60, "DM", "しあわせになっていただく"),
    )  # fmt: skip
    contacts = touched(
        *[(who, 0, "メール", "S1", None) for who in "ABC"],
        *[(who, 10, "LINE", "S2", None) for who in "AB"], ("B", 12, "LINE", None, None, "in"),
        ("A", 30, "DM", "S3", None), ("C", 50, "DM", "S4", None),
    )  # fmt: skip
    bought = orders([
        *[(who, after(0), 100) for who in "ABC"], ("A", after(0), 100), ("B", after(14), 100), ("C", after(15), 100),
    ])  # fmt: skip
    tables = {
        "touchpoints": contacts, "scenario": plan, "orders": bought,
        "story": recorded(("A", 44, 3, "良い"), ("A", 45, 3, "良い")), "voices": heard(),
    }  # fmt: skip
    found = scenario.welcomed(firsts(A=180, B=180, C=180), tables, as_of=AS_OF, rules=RULES)
    rows = {row[0]: row[1:] for row in records(found, "step_id", "shows", "asked", "followed", "value", by=None)}
    # S1: orders of day 0 are no answer; B's comes on the 14th day after, C's on the 15th: one of three
    assert rows["S1"] == ("order", 3, 1, pytest.approx(1 / 3))
    # S2: B wrote two days later, without naming a step
    assert rows["S2"] == ("reply", 2, 1, 0.5)
    # S3: A wrote on day 44, 14 days after; two records are one customer
    assert rows["S3"] == ("record", 1, 1, 1.0)
    # S4: no record could tell
    assert rows["S4"] == (None, 1, 0, None)


def test_a_step_whose_14_days_are_not_over_is_not_asked() -> None:
    plan = planned(("S1", 0, 5, "メール", "ご注文"))
    tables = {
        "touchpoints": touched(("A", 167, "メール", "S1", None), ("B", 166, "メール", "S1", None)),
        "scenario": plan, "orders": orders([]), "story": recorded(), "voices": heard(),
    }  # fmt: skip
    people = firsts(A=14, B=14)  # both first bought on day 166
    found = scenario.welcomed(people, tables, as_of=AS_OF, rules=RULES)
    assert records(found, "asked", "followed", by=None) == [(1, 0)]


def test_empty_tables_give_empty_or_unknown() -> None:
    assert reach(firsts(A=180), touched(), planned()) == {}
    assert reach(firsts(A=180), touched(), planned(("S1", 0, 5, "メール", None)))["S1"] == (1, 0, 0, 0, 0.0, True)
    assert reach(firsts(), touched(), planned(("S1", 0, 5, "メール", None)))["S1"] == (0, 0, 0, 0, None, True)
    assert records(scenario.by_channel(firsts(A=180), touched(), planned(), rules=RULES), by=None) == []
    assert records(scenario.strangers(firsts(A=180), touched()), by=None) == [(0, 0)]


def test_the_demo_shops_planted_reach_comes_out(demo_client) -> None:
    from horetsu_utils import demo

    shop = Shop.open(demo_client, as_of="")
    people = journey.firsts(journey.numbered(shop.orders, as_of=shop.as_of), as_of=shop.as_of).cache()
    found = scenario.steps(people, shop.table("touchpoints"), shop.table("scenario"), rules=RULES)
    planted = demo.build().truths.step_reach_ratio
    rows = {step: (low, high) for step, low, high in records(found, "step_id", "low", "high", by=None)}
    assert rows.keys() == planted.keys()
    missed = [step for step, ratio in planted.items() if not rows[step][0] <= ratio <= rows[step][1]]
    assert len(missed) <= 1, missed
    assert shop.as_of == dt.date(2026, 6, 30)
