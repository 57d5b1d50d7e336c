"""BG/NBD: the paper's figures, likelihoods by hand, expectations against an integral and a simulation, and edges."""

import datetime as dt
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import approx_fprime
from scipy.stats import beta

from horetsu_utils import lifetime
from horetsu_utils.lifetime import BgNbd

PAPER = BgNbd(0.243, 4.414, 0.793, 2.426, -9582.4)
END = dt.date(1997, 9, 30)
EXAMPLES = settings(max_examples=60, deadline=None)
PARAMETERS = st.floats(0.05, 20)
MODELS = st.builds(BgNbd, PARAMETERS, PARAMETERS, PARAMETERS, PARAMETERS, st.just(0.0))


def told(*rows: tuple[float, ...]) -> pd.DataFrame:
    """Write histories: frequency, recency_weeks, age_weeks, customers."""
    return pd.DataFrame(rows, columns=["frequency", "recency_weeks", "age_weeks", "customers"])


def newly(model: BgNbd, weeks: np.ndarray) -> np.ndarray:
    """Expect the repeat orders of somebody who has just come for the first time (the paper's equation 9)."""
    new = told((0, 0, 0, 1))
    spans, place = np.unique(weeks, return_inverse=True)
    return np.array([lifetime.expected_orders(model, new, float(each))[0] for each in spans])[place]


@st.composite
def people(draw: st.DrawFn) -> pd.DataFrame:
    """Draw histories that can be: the last order lies between the first and today."""
    rows = []
    for _ in range(draw(st.integers(1, 8))):
        repeats, age = draw(st.integers(0, 60)), draw(st.integers(1, 200))
        last = draw(st.integers(1, age)) if repeats else 0
        rows.append((repeats, last, age, draw(st.integers(1, 5))))
    return told(*rows)


def simulated(model: BgNbd, ages: np.ndarray, *, seed: int, pause: float = 0.0) -> tuple[pd.DataFrame, np.ndarray]:
    """Let customers order until they leave; return what is known at their age, and the orders of `pause` weeks after.

    Written from the model's story alone: rates and chances are drawn, then one order after another.
    """
    draw = np.random.default_rng(seed)
    known, after = [], []
    rates, chances = draw.gamma(model.r, 1 / model.alpha, len(ages)), draw.beta(model.a, model.b, len(ages))
    for rate, chance, age in zip(rates, chances, ages, strict=True):
        at, days = 0.0, []
        while (at := at + draw.exponential(1 / rate)) <= age + pause:
            days.append(at)
            if draw.random() < chance:
                break
        past = [day for day in days if day <= age]
        known.append((len(past), past[-1] if past else 0.0, age, 1))
        after.append(len(days) - len(past))
    return told(*known), np.array(after)


@pytest.fixture(scope="module")
def days(shared_data: Path) -> pd.DataFrame:
    """CDNOW's sample (Fader and Hardie), several rows of one day put together, as the paper does."""
    names = ["master", "customer", "day", "items", "dollars"]
    kinds = {"customer": str, "day": str}
    lines = pd.read_csv(shared_data / "cdnow" / "CDNOW_sample.txt", sep=r"\s+", names=names, dtype=kinds)
    lines["day"] = pd.to_datetime(lines["day"], format="%Y%m%d")
    found = lines[["customer", "day"]].drop_duplicates()
    return found.assign(first=found.groupby("customer")["day"].transform("min"))


@pytest.fixture(scope="module")
def calibration(days: pd.DataFrame) -> pd.DataFrame:
    """What was known of each customer on 1997-09-30, at the end of week 39."""
    past = days[days["day"] <= pd.Timestamp(END)]
    each = past.groupby("customer").agg(first=("day", "min"), last=("day", "max"), days=("day", "size"))
    return pd.DataFrame(
        {
            "frequency": each["days"] - 1,
            "recency_weeks": (each["last"] - each["first"]).dt.days / 7,
            "age_weeks": (pd.Timestamp(END) - each["first"]).dt.days / 7,
            "customers": 1,
        }
    )


def test_the_papers_parameters_to_the_printed_digit(calibration) -> None:
    assert len(calibration) == 2357
    model = lifetime.fit_orders(calibration)
    assert [round(each, 3) for each in (model.r, model.alpha, model.a, model.b)] == [0.243, 4.414, 0.793, 2.426]
    assert round(model.log_likelihood, 1) == -9582.4


def test_the_papers_customer(calibration) -> None:
    """The customer with x = 2, t_x = 30.43 and T = 38.86 expects 1.226 orders in the next 39 weeks."""
    one = told((2, 30.43, 38.86, 1))
    for model in (PAPER, lifetime.fit_orders(calibration)):
        assert round(lifetime.expected_orders(model, one, 39)[0], 3) == 1.226


def test_weeks_40_to_78_of_cdnow(days, calibration) -> None:
    """The model saw 39 weeks; it expects 12 % fewer orders of the 39 after than came, the figures of the next test."""
    model = lifetime.fit_orders(calibration)
    came = days[days["day"] > pd.Timestamp(END)].groupby("customer").size()
    actual = came.reindex(calibration.index, fill_value=0).to_numpy()
    expected = lifetime.expected_orders(model, calibration, 39)
    assert (int((calibration["frequency"] > 0).sum()), int(actual.sum()), round(expected.sum(), 1)) == (
        946,
        1882,
        1653.4,
    )
    # the paper's plot of conditional expectations: the means rise with the repeats known, and lie near what came
    groups = calibration["frequency"].clip(upper=7).to_numpy()
    means = pd.DataFrame({"actual": actual, "expected": expected}).groupby(groups).mean()
    assert means["expected"].is_monotonic_increasing
    assert np.abs(means["expected"] - means["actual"]).max() < 0.4


def test_all_repeat_orders_of_cdnow_week_by_week(days, calibration) -> None:
    model = lifetime.fit_orders(calibration)
    starts = days.groupby("customer")["first"].first()
    sums = {}
    for weeks in (39, 78):
        last = pd.Timestamp("1996-12-31") + pd.Timedelta(weeks=weeks)
        expected = newly(model, ((last - starts).dt.days / 7).to_numpy()).sum()
        sums[weeks] = (int(((days["day"] > days["first"]) & (days["day"] <= last)).sum()), round(expected))
    assert sums == {39: (2457, 2494), 78: (4339, 4161)}  # +1.5 % at the end of what was seen, -4.1 % 39 weeks on


def test_the_likelihood_of_one_customer_by_hand() -> None:
    ones = np.zeros(4)  # the logarithms of r = alpha = a = b = 1
    # x = 1, t = 1, T = 2: still here 1/2 · 1/(1 + 2)² = 1/18, or left with that order 1/2 · 1/(1 + 1)² = 1/8: 13/72
    assert lifetime._loss(told((1, 1, 2, 1)))(ones)[0] == pytest.approx(-math.log(13 / 72), abs=1e-12)
    # x = 0, T = 4: nobody leaves before a repeat, so that only silence counts: 1 / (1 + 4)
    assert lifetime._loss(told((0, 0, 4, 1)))(ones)[0] == pytest.approx(-math.log(1 / 5), abs=1e-12)
    # the mean over one of the former and three of the latter
    both = -(math.log(13 / 72) + 3 * math.log(1 / 5)) / 4
    assert lifetime._loss(told((1, 1, 2, 1), (0, 0, 4, 3)))(ones)[0] == pytest.approx(both, abs=1e-12)


def test_the_expectation_of_one_customer_by_hand() -> None:
    # r = alpha = b = 1, a = 2, nobody has come again, T = 0, t = 1. The rate L is Exp(1), the chance p Beta(2, 1), and
    # E[Y] = E[(1 - e^(-Lp)) / p] = E[(1 - 1/(1 + p)) / p] = E[1/(1 + p)] = ∫ 2p/(1 + p) dp over 0..1 = 2 (1 - ln 2)
    model, new = BgNbd(1, 1, 2, 1, 0.0), told((0, 0, 0, 1))
    assert lifetime.expected_orders(model, new, 1)[0] == pytest.approx(2 * (1 - math.log(2)), abs=1e-12)
    assert newly(model, np.array([1.0]))[0] == pytest.approx(2 * (1 - math.log(2)), abs=1e-12)
    # one repeat, t = 1, T = 3: left or here as (1 + 3)²/(1 + 1)² · 2/1 = 8 to 1
    here = lifetime.expected_orders(model, told((1, 1, 3, 1)), 1)[0]
    never_left = integral(model, 1, 3, 1)
    assert here == pytest.approx(never_left / 9, rel=1e-9)


def integral(model: BgNbd, repeats: float, age: float, weeks: float) -> float:
    """Expect the orders of somebody still here by averaging over the chance to leave, without any series."""
    passed = weeks / (model.alpha + age)

    def orders(chance: float) -> float:
        return -math.expm1(-(model.r + repeats) * math.log1p(chance * passed)) / chance

    # of those still here, p is Beta(a, b + x) with the weight that the paper's formula gives them
    leaves = beta(model.a, model.b + repeats)
    return quad(lambda share: orders(max(leaves.ppf(share), 1e-12)), 0, 1, epsabs=0, epsrel=1e-9, limit=500)[0]


@pytest.mark.parametrize("a", [0.3, 1 - 1e-5, 1 - 1e-6, 1.0, 1 + 1e-9, 1 + 3e-5, 2.0, 7.5])
@pytest.mark.parametrize("repeats, age, weeks", [(0, 10, 52), (1, 3, 13), (5, 100, 52), (300, 100, 260)])
def test_the_expectation_agrees_with_its_integral_at_and_near_the_gap(a, repeats, age, weeks) -> None:
    model = BgNbd(0.6, 8.0, a, 2.5, 0.0)
    row = told((repeats, age if repeats else 0, age, 1))
    # with the last order today the odds of having left are a / (b + x - 1)
    here = 1 / (1 + a / (2.5 + repeats - 1)) if repeats else 1
    assert lifetime.expected_orders(model, row, weeks)[0] == pytest.approx(
        here * integral(model, repeats, age, weeks), rel=1e-6
    )


@pytest.mark.parametrize("b", [0.6 - 1e-7, 0.6, 0.6 + 1e-6, 0.6 + 3e-5])
def test_the_second_gap_where_a_and_b_are_one_together(b) -> None:
    model = BgNbd(0.6, 8.0, 0.4, b, 0.0)
    found = newly(model, np.array([26.0]))[0]
    assert found == pytest.approx(integral(model, 0, 0, 26), rel=1e-5)


def test_a_daily_customer_over_a_long_horizon_stays_a_number() -> None:
    """The series as printed overflows here; its transformed twin does not."""
    found = lifetime.expected_orders(PAPER, told((700, 100, 100.5, 1)), 520)
    assert math.isfinite(found[0])
    assert found[0] > 700


def test_expectations_agree_with_a_simulation() -> None:
    model = BgNbd(0.9, 9.0, 0.8, 2.4, 0.0)
    ages = np.random.default_rng(2).uniform(10, 80, 30_000)
    known, after = simulated(model, ages, seed=3, pause=26)
    assert known["frequency"].mean() == pytest.approx(newly(model, ages).mean(), rel=0.03)
    expected = lifetime.expected_orders(model, known, 26)
    groups = known["frequency"].clip(upper=4).to_numpy()
    for _, each in pd.DataFrame({"after": after, "expected": expected}).groupby(groups):
        error = each["after"].std() / math.sqrt(len(each))
        assert abs(each["after"].mean() - each["expected"].mean()) < 4 * error


def test_planted_parameters_are_found_again() -> None:
    planted = BgNbd(0.9, 9.0, 0.8, 2.4, 0.0)
    ages = np.random.default_rng(4).uniform(20, 100, 20_000)
    found = lifetime.fit_orders(simulated(planted, ages, seed=5)[0])
    assert [found.r, found.alpha, found.a, found.b] == pytest.approx([0.9, 9.0, 0.8, 2.4], rel=0.1)


@given(people(), st.lists(st.floats(-2, 2), min_size=4, max_size=4))
@EXAMPLES
def test_the_gradient_is_the_slope(histories, logs) -> None:
    loss, at = lifetime._loss(histories), np.array(logs)
    slope = approx_fprime(at, lambda each: loss(each)[0], 1e-7)
    assert loss(at)[1] == pytest.approx(slope, rel=1e-4, abs=1e-4)


def test_identical_customers_weigh_as_many_rows_and_their_order_does_not_matter() -> None:
    ages = np.random.default_rng(6).integers(5, 50, 600).astype("float64")
    known = simulated(PAPER, ages, seed=7)[0].round({"recency_weeks": 0})
    keys = ["frequency", "recency_weeks", "age_weeks"]
    joined = known.groupby(keys, as_index=False)["customers"].sum()
    assert len(joined) < len(known)
    one, other = lifetime.fit_orders(known), lifetime.fit_orders(joined.iloc[::-1])
    assert one.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-9)
    assert [one.r, one.alpha, one.a, one.b] == pytest.approx([other.r, other.alpha, other.a, other.b], rel=1e-4)


@given(MODELS, people(), st.lists(st.floats(0, 300), min_size=2, max_size=5))
@EXAMPLES
def test_expected_orders_are_never_negative_and_grow_with_the_horizon(model, histories, horizons) -> None:
    steps = [lifetime.expected_orders(model, histories, weeks) for weeks in sorted(horizons)]
    assert all(np.isfinite(each).all() and (each >= -1e-9).all() for each in steps)
    assert all((late >= soon - 1e-9 * (1 + soon)).all() for soon, late in pairwise(steps))
    growth = newly(model, np.array([0.0, *sorted(horizons)]))
    assert growth[0] == pytest.approx(0, abs=1e-12)
    assert (np.diff(growth) >= -1e-9 * (1 + growth[1:])).all()


def test_the_forecast_holds_where_the_series_has_a_gap() -> None:
    found = lifetime.expected_orders(BgNbd(1.9, 0.05, 1.9, 9.0, 0.0), told((0, 0, 0, 1)), 22.0)
    near = lifetime.expected_orders(BgNbd(1.9001, 0.05, 1.9, 9.0, 0.0), told((0, 0, 0, 1)), 22.0)
    assert found == pytest.approx(near, rel=1e-3)


def test_the_longer_the_silence_the_less_is_expected() -> None:
    rows = told(*[(4, 20, 20 + silence, 1) for silence in (0, 10, 30, 100)])
    assert (np.diff(lifetime.expected_orders(PAPER, rows, 26)) < 0).all()


def test_where_all_leave_with_one_chance_or_nobody_leaves_the_forecast_still_holds() -> None:
    """The spread of the chances has no end that the data could hold; the orders ahead do."""
    ages = np.full(4000, 60.0)
    for truth in (BgNbd(0.8, 6.0, 3000.0, 9000.0, 0.0), BgNbd(0.8, 6.0, 1e-3, 1e3, 0.0)):
        known, after = simulated(truth, ages, seed=8, pause=30.0)
        model = lifetime.fit_orders(known)
        assert model is not None
        assert lifetime.expected_orders(model, known, 30).sum() == pytest.approx(after.sum(), rel=0.08)


@given(st.floats(1.5, 1e4), st.floats(0.1, 1e4), people(), st.floats(1, 200))
@EXAMPLES
def test_expectations_stay_numbers_however_large_a_and_b_are(a, b, histories, weeks) -> None:
    found = lifetime.expected_orders(BgNbd(0.8, 6.0, a, b, 0.0), histories, weeks)
    assert np.isfinite(found).all() and (found >= -1e-9).all()


def test_both_series_say_the_same_where_they_meet() -> None:
    rows = told((0, 0, 40, 1), (3, 20, 40, 1), (12, 38, 40, 1))
    low, high = (
        lifetime.expected_orders(BgNbd(0.8, 6.0, a, 60.0, 0.0), rows, 52)
        for a in (lifetime.LARGE, np.nextafter(lifetime.LARGE, 99))
    )
    assert high == pytest.approx(low, rel=1e-9)


@pytest.mark.parametrize(
    "histories",
    [
        told(),
        told((0, 0, 30, 1)),
        told((0, 0, 30, 500), (0, 0, 10, 500)),
        told((3, 20, 30, 1)),
        told((1, 1, 1, 1)),
        told((5, 50, 60, 1000)),
    ],
    ids=["nobody", "one", "none_came_again", "one_came_again", "came_today", "all_alike"],
)
def test_histories_that_hold_no_model_give_none(histories) -> None:
    assert lifetime.fit_orders(histories) is None


def test_nobody_expects_nothing() -> None:
    assert lifetime.expected_orders(PAPER, told().astype("float64"), 52).tolist() == []
