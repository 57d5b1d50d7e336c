"""The log-rank test: the textbook's remissions, lifelines' and SciPy's figures, and groups that tell nothing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from horetsu_utils.logrank import logrank

SIX_MP = {
    True: [6, 6, 6, 7, 10, 13, 16, 22, 23],
    False: [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35],
}
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
"""Freireich et al. 1963: weeks of remission; Kleinbaum and Klein, Survival Analysis, chapter 2, give the log-rank 16.79
with 9 and 21 events against 19.25 and 10.75 expected."""
TREATED = [(day, back, "6-MP") for back, days in SIX_MP.items() for day in days]


def daily(people) -> pd.DataFrame:
    frame = pd.DataFrame(people, columns=["day", "back", "group"])
    return frame.groupby(["group", "day"], as_index=False).agg(left=("back", "size"), events=("back", "sum"))


def test_the_textbooks_remissions() -> None:
    found = logrank(daily([*TREATED, *((day, True, "placebo") for day in PLACEBO)]), "group")
    assert round(found.statistic, 2) == 16.79
    assert found.degrees == 1
    assert {name: round(each, 2) for name, each in found.expected.items()} == {"6-MP": 19.25, "placebo": 10.75}
    assert found.observed == {"6-MP": 9, "placebo": 21}
    assert found.statistic == pytest.approx(16.792940989216547, abs=1e-9)  # lifelines 0.30.3
    assert found.p == pytest.approx(4.168809109334511e-05, abs=1e-9)


def test_three_groups_agree_with_lifelines() -> None:
    rest = [(day, True, f"placebo {place % 2}") for place, day in enumerate(PLACEBO)]
    found = logrank(daily([*TREATED, *rest]), "group")
    assert found.degrees == 2
    assert found.statistic == pytest.approx(16.796315412375137, abs=1e-9)
    assert found.p == pytest.approx(0.00022528197769832822, abs=1e-9)


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans(), st.sampled_from("AB")), min_size=6, max_size=60))
@settings(max_examples=50, deadline=None)
def test_two_groups_agree_with_scipy(people) -> None:
    found = logrank(daily(people), "group")
    parts = {name: [each for each in people if each[2] == name] for name in "AB"}
    if found is None or not all(parts.values()):
        return
    samples = [
        stats.CensoredData(
            uncensored=[day for day, back, _ in own if back], right=[day for day, back, _ in own if not back]
        )
        for own in parts.values()
    ]
    assert found.statistic == pytest.approx(stats.logrank(*samples).statistic ** 2, abs=1e-9)


@pytest.mark.parametrize("sizes", [(7938, 64), (189, 3846, 49), (30, 30, 30, 5000), (1000, 31)])
def test_unequal_groups_have_one_degree_less_than_they_are(sizes) -> None:
    draw = np.random.default_rng(sum(sizes))
    people = [
        (int(day), bool(back), f"G{place}")
        for place, size in enumerate(sizes)
        for day, back in zip(draw.integers(0, 90, size), draw.random(size) < 0.4, strict=True)
    ]
    found = logrank(daily(people), "group")
    assert found.degrees == len(sizes) - 1
    assert found.statistic >= 0


def test_the_group_that_differs_is_named_and_no_other() -> None:
    draw = np.random.default_rng(6)
    people = []
    for place in range(8):
        back = draw.random(150) < (0.05 if place == 0 else 0.3)
        people += [(int(draw.integers(1, 90)) if each else 90, bool(each), f"G{place}") for each in back]
    found = logrank(daily(people), "group")
    name, apart = found.outstanding(0.01)
    assert name == "G0" and apart < 0
    assert logrank(daily([(day, True, "AB"[day % 2]) for day in range(40)]), "group").outstanding(0.01) is None


def test_one_group_or_no_event_tells_nothing() -> None:
    assert logrank(daily([(3, True, "A"), (5, False, "A")]), "group") is None
    assert logrank(daily([(3, False, "A"), (5, False, "B")]), "group") is None
    assert logrank(daily([]), "group") is None


def test_a_group_seen_before_any_event_adds_no_degree() -> None:
    found = logrank(daily([(0, False, "C"), *((day, True, "AB"[day % 2]) for day in range(1, 30))]), "group")
    assert found.degrees == 1


def test_chance_alone_is_called_a_difference_as_often_as_it_says() -> None:
    draw = np.random.default_rng(4)
    tries = []
    for _ in range(400):
        days, seen = draw.exponential(40, 120).round(), draw.uniform(0, 90, 120).round()
        people = [(min(a, b), a <= b, "ABC"[place % 3]) for place, (a, b) in enumerate(zip(days, seen, strict=True))]
        tries.append(logrank(daily(people), "group").p < 0.05)
    assert 0.02 < np.mean(tries) < 0.08
