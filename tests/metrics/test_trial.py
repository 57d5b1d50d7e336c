"""The trial of the matches: by hand, of nobody, and held against plain sets."""

import datetime as dt

import pytest
from by_hand import frozen, records
from goods import AS_OF, sold, wilson
from hypothesis import given, settings
from hypothesis import strategies as st
from test_matching import RULES, table

from horetsu_utils.metrics import matching, trial


def test_best_sellers_leave_out_what_was_just_bought() -> None:
    rows = [("a", 9, "A", 1), ("a", 40, "B", 1), ("b", 40, "A B C", 1), ("c", 40, "A D", 1), ("d", 400, "E", 1)]
    told = sold(rows)
    found = records(
        trial.best_sellers(told, matching.held(told, as_of=AS_OF), as_of=AS_OF, rules=RULES),
        "customer_id",
        "product",
        by=None,
    )
    # A three customers, B two, C and D one: C by its name; E was not sold in the year
    assert sorted(found) == [(who, product) for who in "abcd" for product in "ABC" if (who, product) != ("a", "A")]


def held_trial(matches, sellers, later) -> dict:
    two = {"customer_id": "string", "product": "string"}
    until = (AS_OF - dt.timedelta(days=90), AS_OF)
    found = trial.trial(table(matches, two), table(sellers, two), sold(later), until=until)
    return frozen(found).to_pandas().iloc[0].to_dict()


def test_a_trial_by_hand() -> None:
    matches = [("a", "A"), ("a", "B"), ("b", "A"), ("c", "A"), ("d", "A"), ("e", "A")]
    sellers = [(who, "S") for who in "abcdef"]
    later = [
        ("a", 9, "B", 1),
        ("b", 9, "S", 1),
        ("c", 9, "A S", 1),
        ("d", 9, "X", 1),
        ("f", 9, "S", 1),
        ("e", 95, "A", 1),
    ]
    found = held_trial(matches, sellers, later)
    # a hit, b hit by the best-seller alone, c by both, d by neither; e came before the days, f was not matched
    assert (found["customers"], found["hits"], found["seller_hits"]) == (4, 2, 2)
    # of 4, one only by the matches and one only by the best-sellers: gain 0, spread sqrt((2 / 4 - 0) / 4) × 1.96
    assert (found["gain"], found["gain_high"]) == pytest.approx((0.0, 1.959963984540054 * 0.125**0.5))
    assert (found["low"], found["high"]) == pytest.approx(wilson(2, 4))


def test_a_trial_of_nobody() -> None:
    found = held_trial([], [], [])
    assert (found["customers"], found["hits"]) == (0, 0)
    assert found["value"] != found["value"]  # unknown


_CHOICES = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("ABC")), max_size=9, unique=True)


@settings(max_examples=30, deadline=None)
@given(
    _CHOICES,
    _CHOICES,
    st.lists(st.tuples(st.sampled_from("abcd"), st.integers(-5, 99), st.sampled_from("ABC")), max_size=12),
)
def test_a_trial_agrees_with_plain_sets(matches, sellers, bought) -> None:
    found = held_trial(matches, sellers, [(*sale, 1) for sale in bought])
    later = {(who, product) for who, days, product in bought if 0 <= days < 90}
    people = {who for who, _ in matches} & {who for who, _ in later}
    hits = {who for who, product in matches if (who, product) in later}
    theirs = {who for who, product in sellers if (who, product) in later} & people
    assert (found["customers"], found["hits"], found["seller_hits"]) == (len(people), len(hits), len(theirs))
