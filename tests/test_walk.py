"""The walk along the signals, held against the rule as one would follow it by hand."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils.relation import COOLING, StageRhythm
from horetsu_utils.walk import walk

RHYTHM = StageRhythm((0, 30, 20, 10, 15), 25)
LAST = 200
Signals = list[tuple[int, int]]


def plainly(signals: Signals, rhythm: StageRhythm = RHYTHM, last: int = LAST) -> list[tuple[int, bool]]:
    """Follow one customer day by day: (stage, cooling) at the end of each day from the first signal to `last`."""
    days = []
    stage, cools, told = 0, None, 0
    for day in range(signals[0][0], last + 1):
        while stage > 0 and cools is not None and day >= cools + rhythm.regress_days:
            stage, cools = stage - 1, cools + rhythm.regress_days
        while told < len(signals) and signals[told][0] == day:
            level = signals[told][1]
            if level == COOLING:
                cools = day if cools is None else min(cools, day)
            elif level > 0:
                stage = level if level == stage + 1 or (level == 4 and stage < 4) else stage
                cools = day + rhythm.silence_days[stage] + 1
            told += 1
        days.append((stage, stage > 0 and cools is not None and cools <= day))
    return days


def walked(people: list[Signals], rhythm: StageRhythm = RHYTHM, last: int = LAST):
    starts = np.cumsum([0, *map(len, people)])
    flat = [signal for signals in people for signal in signals]
    days, levels = (np.array([signal[column] for signal in flat], dtype=np.int32) for column in (0, 1))
    return walk(starts, days, levels, rhythm=rhythm, last_day=last)


def by_day(found, owner: int, first: int, last: int = LAST) -> list[tuple[int, bool]]:
    """Read a customer's spells day by day; of spells that begin on one day the last one holds."""
    rows = [place for place in range(len(found.owner)) if found.owner[place] == owner]
    days = []
    for day in range(first, last + 1):
        place = [row for row in rows if found.first[row] <= day][-1]
        days.append((int(found.stage[place]), bool(found.cooling[place])))
    return days


SIGNALS = st.lists(
    st.tuples(st.integers(0, LAST), st.sampled_from([0, 1, 1, 2, 2, 3, 4, COOLING])),
    min_size=1,
    max_size=25,
    unique=True,
).map(sorted)


@settings(max_examples=300, deadline=None)
@given(st.lists(SIGNALS, min_size=1, max_size=6))
def test_many_customers_at_once_walk_as_each_alone(people: list[Signals]) -> None:
    found = walked(people)
    for owner, signals in enumerate(people):
        assert by_day(found, owner, signals[0][0]) == plainly(signals)


@settings(max_examples=100, deadline=None)
@given(SIGNALS, st.integers(0, LAST))
def test_a_later_signal_changes_nothing_before_it(signals: Signals, day: int) -> None:
    past = [signal for signal in signals if signal[0] <= day]
    if past:
        first = past[0][0]
        assert by_day(walked([past], last=day), 0, first, day) == by_day(walked([signals]), 0, first, day)


@settings(max_examples=100, deadline=None)
@given(SIGNALS)
def test_spells_differ_from_their_neighbours_and_carry_their_own_beginnings(signals: Signals) -> None:
    found = walked([signals])
    spells = list(zip(found.stage, found.cooling, found.since, found.cooled, found.first, strict=True))
    assert found.first[0] == signals[0][0]
    for (stage, cooling, since, cooled, first), (then, chills, entered, chilled, begins) in pairwise(spells):
        assert (stage, cooling) != (then, chills) and first <= begins
        assert entered == (since if then == stage else begins)
        assert not chills or chilled == (cooled if cooling else begins)


@pytest.mark.parametrize(
    ("signals", "spells"),
    [
        # one look and nothing else: watching for ever, and never cooling
        ([(5, 0)], [(0, False, 5)]),
        # landed on 10; the last warm day is 10 + 30, so it cools on 41 and falls 25 days later
        ([(5, 0), (10, 1)], [(0, False, 5), (1, False, 10), (1, True, 41), (0, False, 66)]),
        # two stages on one day; 2 cools on 10 + 20 + 1, falls on 56 to 1 (still cooling) and on 81 to 0
        (
            [(10, 1), (10, 2)],
            [(1, False, 10), (2, False, 10), (2, True, 31), (1, True, 56), (0, False, 81)],
        ),
        # a signal of stage 3 alone leads nowhere, one of stage 4 leads from anywhere
        (
            [(5, 0), (6, 3), (7, 4)],
            [(0, False, 5), (4, False, 7), (4, True, 23), (3, True, 48), (2, True, 73), (1, True, 98), (0, False, 123)],
        ),
        # a complaint cools at once, and a signal of the same day before it does not save the day
        ([(10, 1), (20, 1), (20, COOLING)], [(1, False, 10), (1, True, 20), (0, False, 45)]),
        # warm again on 30: the silence is counted from there
        (
            [(10, 1), (20, COOLING), (30, 1)],
            [(1, False, 10), (1, True, 20), (1, False, 30), (1, True, 61), (0, False, 86)],
        ),
    ],
)
def test_walks_worked_by_hand(signals: Signals, spells: list[tuple[int, bool, int]]) -> None:
    found = walked([signals])
    assert [tuple(map(int, each)) for each in zip(found.stage, found.cooling, found.first, strict=True)] == spells


def test_nobody_walks_nowhere() -> None:
    empty = np.array([], dtype=np.int32)
    assert len(walk(np.array([0]), empty, empty, rhythm=RHYTHM, last_day=LAST).owner) == 0
