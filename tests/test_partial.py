"""Partial correlation: by hand, beside the inverse of the covariances and SciPy, and true to its chances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from horetsu_utils import partial

ALONE = np.ones((5, 1))


def test_a_plain_correlation_by_hand() -> None:
    # 1..5 against 2, 1, 4, 3, 5: deviations -2 -1 0 1 2 and -1 -2 1 0 2; products 2 + 2 + 0 + 0 + 4 = 8; both spread 10
    one, other = np.arange(1.0, 6), np.array([2.0, 1, 4, 3, 5])
    found = partial.link(one, other, ALONE)
    assert found.value == pytest.approx(0.8)
    # autocorrelations: (2 + 0 + 0 + 2) / 10 = .4 and (2 - 2 + 0 + 0) / 10 = 0: all 5 days count; spread 1 / sqrt(2)
    low, high = np.tanh(np.arctanh(0.8) + np.array([-1, 1]) * 1.959963984540054 / np.sqrt(2))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.chance == pytest.approx(2 * stats.norm.sf(np.arctanh(0.8) * np.sqrt(2)))


def test_it_agrees_with_scipy_where_nothing_is_taken_out() -> None:
    draw = np.random.default_rng(1).normal(size=(2, 300))
    assert partial.link(*draw, np.ones((300, 1))).value == pytest.approx(stats.pearsonr(*draw).statistic, abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_it_is_the_inverse_of_the_covariances(seed: int) -> None:
    draw = np.random.default_rng(seed)
    taken = draw.normal(size=(80, 2))
    one, other = taken @ draw.normal(size=(2, 2)) + draw.normal(size=(80, 2)) @ draw.normal(size=(2, 2)), None
    one, other = one.T
    precision = np.linalg.inv(np.cov(np.column_stack([one, other, taken]), rowvar=False))
    expected = -precision[0, 1] / np.sqrt(precision[0, 0] * precision[1, 1])
    found = partial.link(one, other, np.column_stack([np.ones(80), taken]))
    assert found.value == pytest.approx(expected, abs=1e-9)


def test_days_that_are_alike_count_less() -> None:
    # both series stand still for ten days at a time: of 400 days about 40 tell something
    draw = np.random.default_rng(2).normal(size=(2, 40)).repeat(10, axis=1)
    plain = np.random.default_rng(2).normal(size=(2, 400))
    wide, narrow = (partial.link(*each, np.ones((400, 1))) for each in (draw, plain))
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


def test_nothing_is_claimed_of_what_does_not_move() -> None:
    still = partial.link(np.ones(50), np.arange(50.0), np.ones((50, 1)))
    assert all(np.isnan(still))
    few = partial.link(np.array([1.0, 2, 4]), np.array([1.0, 3, 2]), np.ones((3, 1)))
    assert all(np.isnan(few))


def test_a_series_that_is_only_weekday_season_and_trend_is_still() -> None:
    days = np.arange(800)
    taken = partial.controls(days, harmonics=2)
    made = 3 * (days % 7 == 2) + 0.01 * days + 5 * np.cos(2 * np.pi * days / partial.YEAR_DAYS)
    assert all(np.isnan(partial.link(made, np.random.default_rng(3).normal(size=800), taken)))


def test_a_season_that_moves_both_is_no_link() -> None:
    """Of 400 shops in which only the season moves both, about 5 % look linked; without controls all do."""
    days = np.arange(730)
    taken, season = partial.controls(days, harmonics=2), np.cos(2 * np.pi * days / partial.YEAR_DAYS)
    draw = np.random.default_rng(4)
    chances, raw = [], []
    for _ in range(400):
        warm = np.zeros(730)
        luck = draw.normal(size=730)
        for day in range(1, 730):  # warm days follow warm days
            warm[day] = 0.6 * warm[day - 1] + luck[day]
        celsius, orders = 10 * season + warm, draw.poisson(3 + 2 * season)
        chances.append(partial.link(orders, celsius, taken).chance)
        raw.append(partial.link(orders, celsius, np.ones((730, 1))).value)
    assert min(raw) > 0.5
    assert 0.02 < np.mean(np.array(chances) < 0.05) < 0.08


def test_holm_by_hand() -> None:
    # .01 × 3 = .03; .02 × 2 = .04; .5 × 1 = .5; the unknown one is none of the three
    assert partial.holm([0.5, float("nan"), 0.01, 0.02]) == pytest.approx([0.5, float("nan"), 0.03, 0.04], nan_ok=True)
    # .02 × 2 = .04 lifts the next: .03 × 1 is less than .04
    assert partial.holm([0.03, 0.02]) == pytest.approx([0.04, 0.04])
    assert partial.holm([0.9, 0.8]) == pytest.approx([1.0, 1.0])
    assert len(partial.holm([])) == 0
