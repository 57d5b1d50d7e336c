"""The feeling over the first days: scores, emotions, turns and gaps by hand, and the demo shop's planted step."""

import math

import ibis
import pytest
from by_hand import frozen, records
from hypothesis import given, settings
from hypothesis import strategies as st
from way import firsts, heard, recorded

from horetsu_utils.method import JourneyRules
from horetsu_utils.metrics import feeling, journey
from horetsu_utils.shop import Shop

RULES = JourneyRules(window_days=40, interval_days=10)
CURVE = {"day_from": "int64", "day_to": "int64", "customers": "int64", "value": "float64", "deviation": "float64"}


def test_scores_by_hand() -> None:
    people = firsts(A=180, B=180, C=180)
    story = recorded(
        ("A", 0, 1, "普通"), ("A", 10, 3, "普通"), ("B", 5, 4, "良い"),  # A's own mean is 2, B's 4: 3
        ("A", 11, 5, "良い"), ("C", -1, 0, "悪い"), ("C", 41, 0, "悪い"), ("X", 5, 0, "悪い"),
    )  # fmt: skip
    found = records(feeling.scores(people, story, rules=RULES), "day_from", "day_to", "customers", "value", by=None)
    assert found == [(0, 10, 2, 3.0), (11, 20, 1, 5.0)]
    ((low, high), (none, _)) = records(feeling.scores(people, story, rules=RULES), "low", "high", by=None)
    # deviation of 2 and 4 is sqrt(2); 3 ± 1.96 × sqrt(2) / sqrt(2) = 3 ± 1.96; of one customer there is no interval
    assert (low, high) == (pytest.approx(3 - 1.959964), pytest.approx(3 + 1.959964))
    assert none is None


def test_emotions_share_out_each_interval() -> None:
    story = recorded(("A", 1, 1, "良い"), ("A", 2, 1, "良い"), ("B", 3, 1, "悪い"), ("B", 40, 1, "普通"))
    found = records(feeling.emotions(firsts(A=180, B=180), story, rules=RULES), by=None)
    assert found == [
        (0, 10, "悪い", 1, pytest.approx(1 / 3)), (0, 10, "良い", 2, pytest.approx(2 / 3)), (31, 40, "普通", 1, 1.0)
    ]  # fmt: skip


def curve(*points: tuple[int, float, float, int]) -> ibis.Table:
    """Write a curve: first day, mean, deviation, customers."""
    rows = [(first, first + 9, people, mean, spread) for first, mean, spread, people in points]
    return ibis.memtable([dict(zip(CURVE, row, strict=True)) for row in rows], schema=CURVE)


def test_a_peak_and_a_trough_by_hand() -> None:
    # 100 customers each, deviation 0.5: a standard error of 0.05, of a difference sqrt(2) × 0.05 = 0.0707
    found = feeling.turns(
        curve((1, 2.0, 0.5, 100), (11, 3.0, 0.5, 100), (21, 1.5, 0.5, 100), (31, 2.5, 0.5, 100)), rules=RULES
    )
    rows = records(found, "day_from", "kind", "z", by=None)
    # day 11 is 1.0 above the first and 1.5 above the third: the weaker side 1.0/0.0707; day 21 is 1.0 below the last
    assert rows == [
        (11, "peak", pytest.approx(1 / 0.0707107, rel=1e-4)),
        (21, "trough", pytest.approx(1 / 0.0707107, rel=1e-4)),
    ]


def test_a_curve_that_only_rises_has_no_turn() -> None:
    assert (
        records(feeling.turns(curve((1, 1, 0.5, 100), (11, 2, 0.5, 100), (21, 3, 0.5, 100)), rules=RULES), by=None)
        == []
    )


def test_a_bump_within_chance_is_no_turn() -> None:
    # 0.2 above both sides, at 0.0707 a difference: z = 2.83, below 3; with 130 customers it is 3.22
    bump = [(1, 2.0, 0.5), (11, 2.2, 0.5), (21, 2.0, 0.5)]
    few, more = ([(*point, people) for point in bump] for people in (100, 130))
    assert records(feeling.turns(curve(*few), rules=RULES), by=None) == []
    assert [row[0] for row in records(feeling.turns(curve(*more), rules=RULES), by=None)] == [11]


def test_too_few_points_or_customers_have_no_turn() -> None:
    assert records(feeling.turns(curve((1, 2.0, 0.5, 100), (11, 3.0, 0.5, 100)), rules=RULES), by=None) == []
    lone = curve((1, 2.0, math.nan, 1), (11, 3.0, 0.5, 100), (21, 1.0, 0.5, 100)).mutate(
        deviation=lambda row: row.deviation.isnan().ifelse(None, row.deviation)
    )
    assert records(feeling.turns(lone, rules=RULES), by=None) == []


@given(st.lists(st.floats(0, 5), min_size=1, max_size=9))
@settings(max_examples=30, deadline=None)
def test_a_turn_lies_inside_and_stands_out(means) -> None:
    points = [(1 + 10 * place, mean, 0.5, 50) for place, mean in enumerate(means)]
    for first, kind, z in records(feeling.turns(curve(*points), rules=RULES), "day_from", "kind", "z", by=None):
        place = (first - 1) // 10
        assert 0 < place < len(means) - 1
        sides = (means[:place], means[place + 1 :])
        if kind == "peak":
            assert all(min(side) < means[place] for side in sides)
        else:
            assert all(max(side) > means[place] for side in sides)
        assert z >= RULES.turn_z


def test_gaps_by_step_by_hand() -> None:
    voices = heard(
        *[(who, 3, "到着", 3, 4) for who in "ABC"], *[(who, 30, "1か月", 4, 2) for who in "ABC"],
        ("A", 60, None, 3, 3), ("X", 3, "到着", 5, 1), ("B", -5, "到着", 5, 1),
    )  # fmt: skip
    found = records(feeling.gap_by_step(firsts(A=180, B=180, C=180), voices), by=None)
    columns = ("step", "day", "voices", "customers", "expectation", "evaluation", "gap", "turned")
    rows = records(feeling.gap_by_step(firsts(A=180, B=180, C=180), voices), *columns, by=None)
    # three voices alike leave no doubt; the sign changes between day 3 and day 30; one voice alone turns nothing
    assert rows == [
        ("到着", 3.0, 3, 3, 3.0, 4.0, 1.0, False), ("1か月", 30.0, 3, 3, 4.0, 2.0, -2.0, True),
        (feeling.NO_STEP, 60.0, 1, 1, 3.0, 3.0, 0.0, False),
    ]  # fmt: skip
    assert len(found) == 3


def test_nobody_was_heard_or_recorded() -> None:
    people = firsts(A=180)
    assert records(feeling.scores(people, recorded(), rules=RULES), by=None) == []
    assert records(feeling.emotions(people, recorded(), rules=RULES), by=None) == []
    assert records(feeling.gap_by_step(people, heard()), by=None) == []


def test_the_demo_shops_planted_step_is_where_the_gap_turns(demo_client) -> None:
    from horetsu_utils import demo

    shop = Shop.open(demo_client, as_of="")
    people = journey.firsts(journey.numbered(shop.orders, as_of=shop.as_of), as_of=shop.as_of).cache()
    gaps = frozen(feeling.gap_by_step(people, shop.table("voices")))
    turned = [step for step, turn in records(gaps, "step", "turned", by="day") if turn]
    assert turned[0] == demo.build().truths.gap_step
    story = frozen(feeling.scores(people, shop.table("story"), rules=JourneyRules()))
    turns = {
        kind: first for first, kind in records(feeling.turns(story, rules=JourneyRules()), "day_from", "kind", by=None)
    }
    # the feeling falls when the shop falls silent (days 31-60), and rises after it
    assert turns["peak"] <= 31 <= turns["trough"] <= 60
