"""Other people's definitions of the same orders, by hand."""

import ibis
from by_hand import records
from purchases import after, firsts

from horetsu_utils.method import CpmRules, JourneyRules
from horetsu_utils.metrics import value, vendors

RULES = JourneyRules()
ROWS = [
    ("A", "2026-01-05", 100), ("A", "2026-01-25", 100),  # back after 20 days, in the same month
    ("B", "2026-01-20", 100), ("B", "2026-02-10", 100),  # after 21 days, in the next month
    ("C", "2026-01-01", 100), ("C", "2026-05-01", 100),  # after 120 days
    ("D", "2026-01-01", 100),
    ("E", "2026-06-20", 100), ("E", "2026-06-25", 100),  # back after 5 days, but watched only 10
]  # fmt: skip


def test_four_definitions_by_hand() -> None:
    found = records(vendors.f2(firsts(ROWS), rules=RULES), by=None)
    # watched 90 days: A B C D, of whom A and B are back within them. No window: A B C E of five. A second order in the
    # month of the first is still "new": only B and C count. Of the four who came back at all, A B E within 90 days.
    assert found == [
        ("watched", 4, 2, 0.5), ("no_window", 5, 4, 0.8), ("month_new", 5, 2, 0.4), ("repeaters_only", 4, 3, 0.75)
    ]  # fmt: skip


def test_nobody_to_divide_by_gives_no_share() -> None:
    found = records(vendors.f2(firsts([("A", after(175), 100)]), rules=RULES), by=None)
    assert found == [
        ("watched", 0, 0, None),
        ("no_window", 1, 0, 0.0),
        ("month_new", 1, 0, 0.0),
        ("repeaters_only", 0, 0, None),
    ]
    assert {row[3] for row in records(vendors.f2(firsts([]), rules=RULES), by=None)} == {None}


def test_a_value_on_a_boundary_goes_to_the_other_side() -> None:
    rules = CpmRules()
    people = ibis.memtable(
        {
            "customer_id": ["A", "B", "C"],
            "lifetime_orders": [2, 2, 2],
            "tenure_days": [90, 210, 300],
            "recency_days": [240, 10, 10],
            "lifetime_yen": [1_000.0, 80_000.0, 70_000.0],
        }
    )
    ours, theirs = (
        records(value.portfolio(people, rules=each), "depth", "presence") for each in (rules, vendors.other_side(rules))
    )
    assert ours == [("beginner", "active"), ("vogue", "active"), ("excellent", "active")]
    assert theirs == [("steady", "away"), ("excellent", "active"), ("steady", "active")]
