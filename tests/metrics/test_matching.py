"""Matching: each kind by hand, what is never named, silence, and habits."""

from dataclasses import replace

import ibis
import pytest
from by_hand import frozen, records
from goods import AS_OF, shops, sold, wilson
from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils.matching_rules import KINDS, MatchingRules
from horetsu_utils.metrics import matching

RULES = MatchingRules(least_customers=2, quiet_stages=(1,), silent_stages=(0,))
HABIT = {"product": "string", "times": "int64", "watched": "int64", "value": "float64", "low": "float64"}
RHYTHM = {"product": "string", "low_days": "float64", "gap_days": "float64", "is_rhythm": "boolean"}
FLOW = {
    "from_product": "string",
    "to_product": "string",
    "watched": "int64",
    "value": "float64",
    "low": "float64",
    "days": "float64",
    "stands_out": "boolean",
}
PAIRS = {
    "product": "string",
    "other": "string",
    "both": "int64",
    "product_baskets": "int64",
    "other_baskets": "int64",
    "low": "float64",
}
CANDIDATE = {
    "customer_id": "string",
    "product": "string",
    "kind": "string",
    "because": "string",
    "value": "float64",
    "low": "float64",
    "days": "float64",
}


def table(rows, schema) -> ibis.Table:
    return ibis.memtable([dict(zip(schema, row, strict=True)) for row in rows], schema=schema)


def candidate(who: str, product: str, kind: str = "next", low: float = 0.2, because: str = "Z"):
    return who, product, kind, because, low + 0.1, low, 10.0


def held(rows):
    return frozen(matching.held(sold(rows), as_of=AS_OF))


OWNED = [("a", 40, "A", 10), ("a", 70, "A B", 10), ("b", 5, "B", 10), (None, 3, "A", 10)]


def test_what_is_held_by_hand() -> None:
    found = records(held(OWNED), "customer_id", "product", "times", "since_days", "is_latest", by=None)
    assert sorted(found) == [("a", "A", 2, 40, True), ("a", "B", 1, 70, False), ("b", "B", 1, 5, True)]


def test_habits_by_hand() -> None:
    # a had A twice and B once before the last order, which holds A; b had A once, and the last order holds B
    rows = [
        ("a", 90, "A", 1),
        ("a", 60, "A B", 1),
        ("a", 30, "A", 1),
        ("b", 50, "A", 1),
        ("b", 20, "B", 1),
        ("c", 9, "A", 1),
    ]
    found = records(
        matching.habits(sold(rows), as_of=AS_OF, rules=RULES), "product", "times", "watched", "value", by=None
    )
    assert found == [("A", 1, 1, 0.0), ("A", 2, 1, 1.0), ("B", 1, 1, 0.0)]


def test_many_times_count_as_the_most_told() -> None:
    rows = [("a", days, "A", 1) for days in (90, 80, 70, 60, 50)]
    found = records(matching.habits(sold(rows), as_of=AS_OF, rules=RULES), "product", "times", "low", "high", by=None)
    assert found == [("A", 3, *map(pytest.approx, wilson(1, 1)))]


def returning(days: int, *, is_rhythm: bool) -> list[tuple]:
    habits = table([("A", 1, 9, 0.5, 0.3)], HABIT)
    rhythm = table([("A", 25.0, 30.0, is_rhythm)], RHYTHM)
    found = matching.returning(held([("a", days, "A", 1)]), habits, rhythm, rules=RULES)
    return records(found, "customer_id", "product", "kind", "days", "low", by=None)


@pytest.mark.parametrize(("days", "due"), [(24, False), (25, True), (60, True), (61, False)])
def test_a_rhythm_is_due_between_its_first_quartile_and_twice_its_median(days: int, due: bool) -> None:
    assert returning(days, is_rhythm=True) == [("a", "A", "replenish", 30.0, 0.3)] * due


@pytest.mark.parametrize(("days", "due"), [(30, False), (31, True), (500, True)])
def test_without_a_rhythm_what_was_just_bought_waits(days: int, due: bool) -> None:
    assert returning(days, is_rhythm=False) == [("a", "A", "again", 30.0, 0.3)] * due


def test_what_follows_the_last_order_by_hand() -> None:
    flows = [
        ("A", "C", 50, 0.4, 0.3, 20.0, True),
        ("A", "D", 50, 0.2, 0.1, 20.0, False),  # no more than usual
        ("A", "B", 50, 0.4, 0.3, 20.0, True),  # a has it
        ("B", "D", 50, 0.4, 0.3, 20.0, True),  # not of a's last order
        ("A", "A", 50, 0.4, 0.3, 20.0, True),
    ]
    found = records(matching.following(held(OWNED[:2]), table(flows, FLOW)), by=None)
    assert found == [("a", "C", "next", "A", 0.4, 0.3, 20.0)]


def test_what_lies_beside_by_hand() -> None:
    pairs = [
        ("A", "C", 8, 10, 40, 1.5),  # of A's 10 buyers 8 have C
        ("B", "D", 8, 10, 40, 1.0),  # perhaps by chance
        ("C", "E", 8, 10, 40, 1.5),  # a has neither
        ("B", "F", 1, 1, 40, 1.5),  # one buyer of B is no reason for F
    ]
    found = records(matching.alongside(held(OWNED[:2]), table(pairs, PAIRS), rules=RULES), by=None)
    assert found == [("a", "C", "together", "A", 0.8, pytest.approx(wilson(8, 10)[0]), None)]


def test_only_the_surest_partners_are_a_reason() -> None:
    pairs = [("A", other, both, 20, 40, 1.5) for other, both in (("C", 8), ("D", 9), ("E", 7), ("F", 8))]
    near = matching.alongside(held(OWNED[:1]), table(pairs, PAIRS), rules=replace(RULES, partners=2))
    assert sorted(records(near, "product", by=None)) == [("C",), ("D",)]  # of C and F, both 8 of 20, the first by name


STAGES = [("a", 0, False), ("b", 1, False), ("c", 2, False), ("d", 2, True)]


def stages():
    return table(STAGES, {"customer_id": "string", "stage": "int64", "cooling": "boolean"})


def test_silence_by_hand() -> None:
    rows = [candidate(who, "A", kind) for who in "abcde" for kind in ("next", "together", "again", "replenish")]
    found = records(matching.allowed(table(rows, CANDIDATE), stages(), rules=RULES), "customer_id", "kind", by=None)
    # a is only watching, d is cooling, nobody knows e; b is offered nothing new
    assert sorted(found) == [
        ("b", "again"), ("b", "replenish"), ("c", "again"), ("c", "next"), ("c", "replenish"), ("c", "together"),
    ]  # fmt: skip


def test_silences_are_counted_by_reason() -> None:
    everybody = held([(who, 9, "A", 1) for who in "abcde"])
    found = records(matching.silences(everybody, stages(), rules=RULES), by=None)
    assert found == [("cooling", 1), ("no_offer", 1), ("unknown", 1)]


def chosen(rows, back=()) -> list[tuple]:
    returned = table(back, {"customer_id": "string", "product": "string"})
    found = matching.chosen(table(rows, CANDIDATE), returned, rules=RULES)
    return records(found, "customer_id", "place", "product", "kind", by=None)


def test_three_at_most_each_once_by_its_best_reason() -> None:
    rows = [
        candidate("a", "A", "together", 0.5), candidate("a", "A", "next", 0.4), candidate("a", "B", low=0.3),
        candidate("a", "D", low=0.2), candidate("a", "C", low=0.2), candidate("b", "C", "together", 0.2),
        candidate("b", "C", "next", 0.2),
    ]  # fmt: skip
    assert chosen(rows) == [
        ("a", 1, "A", "together"), ("a", 2, "B", "next"), ("a", 3, "C", "next"), ("b", 1, "C", "next"),
    ]  # fmt: skip


def test_what_was_sent_back_is_never_named() -> None:
    rows = [candidate("a", "A", "again"), candidate("a", "B", low=0.1), candidate("b", "A")]
    assert chosen(rows, [("a", "A")]) == [("a", 1, "B", "next"), ("b", 1, "A", "next")]


SHOP = [
    ("a", 60, "A", 1),
    ("b", 10, "A", 1),
    ("c", 90, "B", 1),
    ("d", 40, "A B", 1),
    ("e", 45, "C", 1),
    ("f", 50, "A", 1),
    (None, 50, "A", 1),
]
"""Six customers and one who is not known, four products. A is bought again every 40 days or so."""


def test_six_customers_and_four_products_by_hand() -> None:
    owned = held(SHOP)
    habits = table([("A", 1, 9, 0.5, 0.30), ("B", 1, 9, 0.4, 0.20)], HABIT)
    rhythm = table([("A", 35.0, 40.0, True), ("B", 5.0, 60.0, False)], RHYTHM)
    flows = table([("B", "C", 50, 0.4, 0.30, 20.0, True), ("A", "D", 50, 0.3, 0.10, 20.0, True)], FLOW)
    pairs = table([("B", "D", 5, 10, 9, 1.5)], PAIRS)
    candidates = [
        matching.returning(owned, habits, rhythm, rules=RULES),
        matching.following(owned, flows),
        matching.alongside(owned, pairs, rules=RULES),
    ]
    stood = [("a", 0, False), ("b", 2, False), ("c", 2, False), ("d", 2, False), ("e", 2, False), ("f", 1, False)]
    stages = table(stood, {"customer_id": "string", "stage": "int64", "cooling": "boolean"})
    allowed = matching.allowed(frozen(ibis.union(*candidates)), stages, rules=RULES)
    back = table([("d", "C")], {"customer_id": "string", "product": "string"})
    found = records(
        matching.chosen(frozen(allowed), back, rules=RULES), "customer_id", "place", "product", "kind", by=None
    )
    assert found == [
        # a only watches: nothing, though A is due
        ("b", 1, "D", "next"),  # A was bought 10 days ago, before its first quartile of 35
        ("c", 1, "C", "next"),  # 0.30; then D beside B: 5 of B's 10 buyers, lower bound 0.237; then B itself, 0.20
        ("c", 2, "D", "together"),
        ("c", 3, "B", "again"),
        ("d", 1, "A", "replenish"),  # 0.30; C was sent back; D beside B (0.237) before D after A (0.10); B 40 days ago
        ("d", 2, "D", "together"),
        ("d", 3, "B", "again"),
        # e: nobody knows what goes with C
        ("f", 1, "A", "replenish"),  # stage 1: D, which is new, is not offered
    ]


def test_the_last_bought_by_hand() -> None:
    rows = [("a", 40, "D", 1), ("a", 9, "A B C D", 1), ("b", 9, "D", 1), (None, 9, "A", 1)]
    # a: D was bought on two days; of the others, once each, the first by name
    found = records(matching.last_bought(held(rows), rules=RULES), "customer_id", "product", by=None)
    assert sorted(found) == [("a", "A"), ("a", "B"), ("a", "D"), ("b", "D")]


@settings(max_examples=25, deadline=None)
@given(shops())
def test_what_is_sold_after_the_day_changes_nothing(rows) -> None:
    past = [row for row in rows if row[1] >= 0]
    for learn in (matching.held, lambda told, as_of: matching.habits(told, as_of=as_of, rules=RULES)):
        both = (records(frozen(learn(sold(each), as_of=AS_OF)), by=None) for each in (rows, past))
        assert sorted(next(both)) == sorted(next(both))


_CANDIDATE = st.builds(
    candidate,
    st.sampled_from("abc"),
    st.sampled_from("ABCDE"),
    st.sampled_from(KINDS),
    st.sampled_from([0.1, 0.2, 0.3]),
    st.sampled_from("XYZ"),
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(_CANDIDATE, max_size=20, unique=True), st.sets(st.tuples(st.sampled_from("abc"), st.sampled_from("AB")))
)
def test_chosen_agrees_with_plain_python(rows, back) -> None:
    best: dict[tuple[str, str], tuple] = {}
    for who, product, kind, because, _, low, _ in rows:
        reason = (-low, KINDS.index(kind), because)
        if (who, product) not in back:
            best[who, product] = min(best.get((who, product), reason), reason)
    expected = []
    for who in "abc":
        theirs = sorted((reason[0], product, reason[1]) for (owner, product), reason in best.items() if owner == who)
        expected += [(who, place, product, KINDS[kind]) for place, (_, product, kind) in enumerate(theirs[:3], 1)]
    assert chosen(rows, sorted(back)) == expected == chosen(rows[::-1], sorted(back))
