"""Days without a word: by hand, at the edges of a stretch, and the demo shop's planted hole."""

import pytest
from by_hand import frozen, records
from way import firsts, planned, touched

from horetsu_utils.method import JourneyRules
from horetsu_utils.metrics import journey, silence
from horetsu_utils.shop import Shop

RULES = JourneyRules(window_days=30, silent_days=5, silent_ratio=0.3)


def days(people, *contacts) -> list[tuple]:
    return frozen(silence.contact_days(people, touched(*contacts), rules=RULES))


def test_contacts_by_day_by_hand() -> None:
    found = days(
        firsts(A=180, B=180, C=20),
        ("A", 3, "メール", None, None), ("A", 3, "電話", None, None), ("B", 3, "メール", None, None, "in"),
        ("C", 163, "DM", None, None), ("X", 3, "メール", None, None), ("A", -1, "メール", None, None),
    )  # fmt: skip
    rows = {row[0]: row[1:] for row in records(found, "day", "watched", "contacted", "contacted_ratio", by="day")}
    assert len(rows) == 31
    # day 3: A (twice, once) and C (day 163 is C's day 3); B wrote to the shop; X is nobody known
    assert rows[3] == (3, 2, pytest.approx(2 / 3))
    # C has been watched 20 days: from day 21 on two are watched
    assert (rows[20], rows[21]) == ((3, 0, 0.0), (2, 0, 0.0))


def test_a_stretch_is_silent_from_five_days_on_and_not_a_day_less() -> None:
    contacts = [
        (who, day, "メール", None, None) for who in "AB" for day in range(31) if day not in (5, 6, 7, 8, *range(15, 20))
    ]
    found = days(firsts(A=180, B=180), *contacts)
    assert [day for day, silent in records(found, "day", "is_silent", by="day") if silent] == [15, 16, 17, 18, 19]
    assert records(silence.silences(found), by=None) == [(15, 19, 5, 0)]


def test_a_day_on_the_line_is_not_silent() -> None:
    few = [(f"P{place}", day, "メール", None, None) for place in range(3) for day in range(31)]
    found = days(firsts(**{f"P{place}": 180 for place in range(10)}), *few)
    # 3 of 10 are exactly 30 %
    assert not any(silent for (silent,) in records(found, "is_silent", by="day"))
    fewer = [row for row in few if row[0] != "P0"]
    assert all(
        silent
        for (silent,) in records(days(firsts(**{f"P{n}": 180 for n in range(10)}), *fewer), "is_silent", by="day")
    )


def test_days_nobody_has_lived_are_not_called_silent() -> None:
    found = days(firsts(A=4))
    assert [silent for (silent,) in records(found, "is_silent", by="day")] == [True] * 5 + [False] * 26
    assert [ratio for (ratio,) in records(found, "contacted_ratio", by="day")][5:] == [None] * 26


def test_stretches_without_a_plan_by_hand() -> None:
    plan = planned(
        ("S1", -3, 2, "メール", None),
        ("S2", 1, 8, "メール", None),
        ("S3", 14, 16, "DM", None),
        ("S4", 29, 22, "DM", None),
    )
    # 9-13 are five days; 17-30 fourteen (S4 is reversed, and no plan); overlapping S1 and S2 are one
    assert records(silence.planned_silences(plan, rules=RULES), by=None) == [(9, 13, 5), (17, 30, 14)]
    assert records(silence.planned_silences(planned(), rules=RULES), by=None) == [(0, 30, 31)]


def test_the_demo_shops_planted_hole_is_found(demo_client) -> None:
    from horetsu_utils import demo

    shop = Shop.open(demo_client, as_of="")
    people = journey.firsts(journey.numbered(shop.orders, as_of=shop.as_of), as_of=shop.as_of).cache()
    found = frozen(silence.contact_days(people, shop.table("touchpoints"), rules=JourneyRules()))
    low, high = demo.build().truths.hole_days
    longest = records(silence.silences(found), "day_from", "day_to", by=None)[0]
    # the last step before the hole ends on day 28, the first after it begins on day 62
    assert longest == (29, 61)
    assert longest[0] <= low and high <= longest[1]
    planless = records(silence.planned_silences(shop.table("scenario"), rules=JourneyRules()), by=None)
    assert planless == [(29, 61, 33)]
