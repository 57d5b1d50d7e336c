"""Feeling: scores and emotions by hand, turns that stand out and turns that do not, gaps by step, the demo shop."""

import math

import ibis
import pandas as pd
import pytest
from along import demo_firsts, demo_table, people, story, voices
from by_hand import frozen, records
from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils import demo
from horetsu_utils.method import JourneyRules
from horetsu_utils.metrics import feeling

RULES = JourneyRules()
WATCHED = {"A": 100, "B": 100, "C": 20}
CURVE = {
    "day_from": "int64",
    "day_to": "int64",
    "value": "float64",
    "deviation": "float64",
    "customers": "int64",
}


def scores(rows, rules=RULES) -> ibis.Table:
    return frozen(feeling.scores(people(WATCHED), story(WATCHED, rows), rules=rules))


def test_scores_by_hand() -> None:
    rows = [
        ("A", 0, 1), ("A", 10, 3),  # day 0 and day 10 belong to the first interval: A's mean is 2
        ("B", 1, 4),
        ("A", 11, 5), ("A", 90, 2),
        ("A", -1, 5), ("A", 91, 5), ("X", 3, 5),  # before, after, nobody known
    ]  # fmt: skip
    first, second, last = records(scores(rows), "day_from", "day_to", "value", "deviation", "customers", by=None)
    # first: A 2, B 4; mean 3, deviation sqrt(((2 - 3)² + (4 - 3)²) / 1) = sqrt(2)
    assert first == pytest.approx((0, 10, 3, math.sqrt(2), 2))
    assert second == (11, 20, 5, None, 1)
    assert last == (81, 90, 2, None, 1)
    (low, high), *rest = records(scores(rows), "low", "high", by=None)
    assert (low, high) == pytest.approx((3 - 1.959964, 3 + 1.959964))  # half = 1.96 × sqrt(2) / sqrt(2)
    assert rest == [(None, None), (None, None)]


def test_the_last_interval_ends_with_the_journey() -> None:
    rules = JourneyRules(window_days=25, interval_days=10)
    found = records(
        scores([("A", 21, 3), ("B", 25, 3), ("B", 26, 0)], rules), "day_from", "day_to", "customers", by=None
    )
    assert found == [(21, 25, 2)]


def test_emotions_by_hand() -> None:
    rows = [("A", 0, 2, "良い"), ("A", 3, 2, "普通"), ("B", 4, 2, "良い"), ("B", 9, 2, "悪い"), ("A", 30, 2, "良い")]
    table = feeling.emotions(people(WATCHED), story(WATCHED, rows), rules=RULES)
    told = {(first, mood): (count, ratio) for first, _, mood, count, ratio in records(table, by=None)}
    # four records on days 0-10: two good, one plain, one bad
    assert told == {(0, "良い"): (2, 0.5), (0, "普通"): (1, 0.25), (0, "悪い"): (1, 0.25), (21, "良い"): (1, 1)}


def test_an_empty_book() -> None:
    assert records(scores([]), by=None) == []
    assert records(feeling.emotions(people({}), story(WATCHED, [("A", 1, 2)]), rules=RULES), by=None) == []
    assert records(feeling.turns(scores([]), rules=RULES), by=None) == []
    assert records(feeling.gap_by_step(people({}), voices(WATCHED, [])), by=None) == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ABCX"), st.integers(-3, 95), st.integers(0, 5)), max_size=25))
def test_scores_agree_with_a_plain_mean(rows) -> None:
    known: dict[int, dict[str, list[int]]] = {}
    for who, day, score in rows:
        if who in WATCHED and 0 <= day <= RULES.window_days:
            place = max(math.ceil(day / RULES.interval_days), 1) - 1
            known.setdefault(place, {}).setdefault(who, []).append(score)
    found = records(scores(rows), "day_to", "value", "customers", by=None)
    assert len(found) == len(known)
    for (last, value, customers), (place, books) in zip(found, sorted(known.items()), strict=True):
        own = [sum(book) / len(book) for book in books.values()]
        assert (last, customers) == ((place + 1) * RULES.interval_days, len(own))
        assert value == pytest.approx(sum(own) / len(own))


# --- the turn of the feeling


def turns(values, deviation=1.0, customers=100, rules=RULES) -> list[tuple]:
    """Find the turns of a curve of equally sure intervals."""
    rows = [
        {"day_from": 10 * place + 1, "day_to": 10 * place + 10, "value": value}
        | {"deviation": deviation, "customers": customers}
        for place, value in enumerate(values)
        if value is not None
    ]
    table = feeling.turns(ibis.memtable(rows, schema=CURVE), rules=rules)
    return records(table, "day_from", "kind", "z", by=None)


def test_a_peak_by_hand() -> None:
    # each standard error is 1 / sqrt(100) = 0.1, that of a difference sqrt(0.02) = 0.1414
    # 3.0 lies 1.0 above the interval before (z 7.07) and 0.6 above the one after (4.24): the smaller side counts
    assert turns([2.0, 3.0, 2.4]) == [(11, "peak", pytest.approx(0.6 / math.sqrt(0.02)))]
    assert turns([3.0, 2.0, 2.6]) == [(11, "trough", pytest.approx(0.6 / math.sqrt(0.02)))]


def test_a_side_may_be_any_interval_on_it() -> None:
    # slowly up and slowly down: no neighbour differs by much, the ends do
    assert turns([2.0, 2.3, 2.6, 2.3, 2.0]) == [(21, "peak", pytest.approx(0.6 / math.sqrt(0.02)))]


def test_a_curve_that_only_rises_stays_or_hardly_moves_has_no_turn() -> None:
    assert turns([1.0, 2.0, 3.0, 4.0]) == []
    assert turns([2.0, 2.0, 2.0]) == []
    assert turns([2.0, 2.4, 2.0]) == []  # 0.4 / 0.1414 = 2.8 standard errors: less than three
    assert turns([3.0]) == []


def test_at_most_one_peak_and_one_trough() -> None:
    found = turns([2.0, 3.0, 1.0, 3.5, 1.5])
    # peaks: 3.0 (1.0 and 2.0: smaller 1.0), 3.5 (2.5 and 2.0: smaller 2.0); trough: 1.0 (2.0 and 2.5: smaller 2.0)
    assert [(first, kind) for first, kind, _ in found] == [(21, "trough"), (31, "peak")]


def test_few_customers_make_no_turn() -> None:
    assert turns([0.0, 5.0, 0.0], deviation=0.5, customers=29) == []
    assert turns([0.0, 5.0, 0.0], deviation=0.5, customers=30) != []
    # whoever wants to look closer may; without any spread nothing is known of chance
    rows = [("A", day, score) for day, score in ((1, 0), (11, 5), (21, 0))]
    assert records(feeling.turns(scores(rows), rules=RULES, fewest=1), by=None) == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 50).map(lambda tenths: tenths / 10), max_size=9))
def test_a_turn_stands_out_on_both_sides(values) -> None:
    found = turns(values)
    assert len({kind for _, kind, _ in found}) == len(found)
    for first, kind, z in found:
        place, sign = first // 10, 1 if kind == "peak" else -1
        sides = [[sign * (values[place] - other) for other in part] for part in (values[:place], values[place + 1 :])]
        assert z == pytest.approx(min(max(side) for side in sides) / math.sqrt(0.02))
        assert z >= RULES.turn_z
    # turned upside down, peaks are troughs
    upside = [
        (first, "peak" if kind == "trough" else "trough") for first, kind, _ in turns([5 - each for each in values])
    ]
    assert sorted(upside) == sorted((first, kind) for first, kind, _ in found)


# --- what was expected, and what was found


def gaps(rows, watched=WATCHED, fewest=2) -> list[tuple]:
    table = feeling.gap_by_step(people(watched), voices(WATCHED, rows), fewest=fewest)
    return records(table, "step", "day", "expectation", "evaluation", "gap", "customers", "turned", by=None)


def test_gaps_by_hand() -> None:
    rows = [
        ("A", 3, "arrival", 3, 4), ("B", 4, "arrival", 2, 3), ("C", 8, "arrival", 4, 5),
        ("A", 15, "use", 4, 2), ("A", 17, "use", 2, 2), ("B", 16, "use", 4, 3),
        ("A", 40, None, 3, 3),
    ]  # fmt: skip
    # arrival: gaps 1, 1, 1 on days 3, 4, 8; expectation (3 + 2 + 4) / 3
    # use: A's means are 3 and 2, B's 4 and 3: -1 twice; days 15, 16, 17. The sign turns, without any spread
    assert gaps(rows) == [
        ("arrival", 4, pytest.approx(3), pytest.approx(4), pytest.approx(1), 3, False),
        ("use", 16, pytest.approx(3.5), pytest.approx(2.5), pytest.approx(-1), 2, True),
        ("-", 40, 3, 3, 0, 1, False),
    ]
    assert [row[-1] for row in gaps(rows, fewest=3)] == [False, False, False]


def test_an_unsure_step_between_does_not_hide_the_turn() -> None:
    rows = [
        ("A", 3, "one", 3, 4), ("B", 3, "one", 3, 4),
        ("A", 13, "two", 3, 5), ("B", 13, "two", 3, 0),  # gaps 2 and -3: the interval holds 0
        ("A", 23, "three", 3, 2), ("B", 23, "three", 3, 2),
        ("A", 33, "four", 3, 1), ("B", 33, "four", 3, 1),
    ]  # fmt: skip
    assert [(row[0], row[-1]) for row in gaps(rows)] == [
        ("one", False), ("two", False), ("three", True), ("four", False),
    ]  # fmt: skip


def test_voices_without_a_step_or_a_first_order_never_turn() -> None:
    rows = [
        ("A", 3, "one", 3, 4), ("B", 3, "one", 3, 4),
        ("X", 20, "two", 3, 1), ("Y", 20, "two", 3, 1),  # nobody knows on which day of theirs
        ("A", 60, None, 3, 1), ("B", 60, None, 3, 1),
    ]  # fmt: skip
    told = [(row[0], row[1], row[-1]) for row in gaps(rows)]
    assert told == [("one", 3, False), ("two", None, False), ("-", 60, False)]


# --- the demo shop


def test_the_demo_gap_turns_where_it_was_planted() -> None:
    shop = demo.build()
    table = frozen(feeling.gap_by_step(demo_firsts(shop), demo_table(shop, "voices")))
    rows = records(table, "step", "gap", "turned", by=None)
    first = next(step for step, _, turned in rows if turned)
    assert first == shop.truths.gap_step
    assert min(rows, key=lambda row: row[1])[0] == shop.truths.gap_step


def test_the_demo_feeling_agrees_with_plain_pandas_and_is_lowest_in_the_hole() -> None:
    shop = demo.build()
    firsts = demo_firsts(shop)
    found = frozen(feeling.scores(firsts, demo_table(shop, "story"), rules=RULES))
    starts = dict(records(firsts, "customer_id", "first_on"))
    book = shop.tables["story"]
    day = pd.Series([(on - starts[who]).days for who, on in zip(book["customer_id"], book["date"], strict=True)])
    inside = book[(day > 40) & (day <= 50)]
    own = inside.groupby("customer_id")["change_score"].mean()
    row = next(row for row in records(found, "day_from", "value", "deviation", "customers", by=None) if row[0] == 41)
    assert row == pytest.approx((41, own.mean(), own.std(), len(own)))
    (trough,) = [
        first for first, _, kind, *_ in records(feeling.turns(found, rules=RULES), by=None) if kind == "trough"
    ]
    assert shop.truths.hole_days[0] <= trough <= shop.truths.hole_days[1]
