"""BG/NBD and Gamma-Gamma: CDNOW's published figures, likelihoods by hand, gradients, and planted parameters."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import check_grad

from horetsu_utils import btyd
from horetsu_utils.btyd import BgNbd, GammaGamma

PAPER = BgNbd(0.243, 4.414, 0.793, 2.426, -9582.4)
HISTORY = st.tuples(st.integers(0, 12), st.floats(0, 1), st.floats(1, 100))


def histories(*rows: tuple[float, float, float], customers: int = 1) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["frequency", "recency_weeks", "age_weeks"]).assign(customers=customers)


@pytest.fixture(scope="module")
def cdnow(shared_data: Path) -> pd.DataFrame:
    """CDNOW's sample, one row per customer and day with an order."""
    names = ["master", "customer", "day", "items", "dollars"]
    kinds = {"customer": str, "day": str}
    lines = pd.read_csv(shared_data / "cdnow" / "CDNOW_sample.txt", sep=r"\s+", names=names, dtype=kinds)
    lines["day"] = pd.to_datetime(lines["day"], format="%Y%m%d")
    days = lines.groupby(["customer", "day"], as_index=False)["dollars"].sum()
    return days.assign(first=days.groupby("customer")["day"].transform("min"))


@pytest.fixture(scope="module")
def calibration(cdnow: pd.DataFrame) -> pd.DataFrame:
    end = pd.Timestamp("1997-09-30")
    past = cdnow[cdnow["day"] <= end]
    people = past.groupby("customer").agg(first=("first", "first"), last=("day", "max"), days=("day", "size"))
    return pd.DataFrame(
        {
            "frequency": people["days"] - 1,
            "recency_weeks": (people["last"] - people["first"]).dt.days / 7,
            "age_weeks": (end - people["first"]).dt.days / 7,
            "customers": 1,
        }
    )


def test_cdnows_published_orders(calibration) -> None:
    """Fader, Hardie and Lee 2005, table 2: r .243, alpha 4.414, a .793, b 2.426, log-likelihood -9582.4."""
    assert len(calibration) == 2357
    found = btyd.fit_orders(calibration)
    assert [round(each, 3) for each in (found.r, found.alpha, found.a, found.b)] == [0.243, 4.414, 0.793, 2.426]
    assert round(found.log_likelihood, 1) == -9582.4


def test_cdnows_published_amounts(cdnow) -> None:
    """Fader and Hardie 2013: p 6.25, q 3.74, gamma 15.44, log-likelihood -4055.92 over 946 repeaters.

    Their amounts are the mean over the days with an order after the first, in the 39 weeks of the calibration.
    """
    past = cdnow[(cdnow["day"] <= "1997-09-30") & (cdnow["day"] > cdnow["first"])]
    spent = past.groupby("customer")["dollars"].agg(frequency="size", mean_amount="mean").assign(customers=1)
    assert len(spent) == 946
    found = btyd.fit_amounts(spent)
    assert [round(each, 2) for each in (found.p, found.q, found.gamma)] == [6.25, 3.74, 15.44]
    assert round(found.log_likelihood, 2) == -4055.92


def test_cdnows_weeks_40_to_78_are_expected(cdnow, calibration) -> None:
    """The hold-out of the paper: in sum the model is near, and by repeats so far it follows what came."""
    model = btyd.fit_orders(calibration)
    expected = btyd.expected_orders(model, calibration, 39)
    later = cdnow[cdnow["day"] > "1997-09-30"].groupby("customer").size()
    actual = later.reindex(calibration.index, fill_value=0)
    # 1,882 customer-days came, 12 % more than expected: the paper's figure 2, too, shows the model low at the end
    assert (actual.sum(), round(expected.sum())) == (1882, 1653)
    groups = calibration["frequency"].clip(upper=7)
    both = pd.DataFrame({"actual": actual, "expected": expected}).groupby(groups.to_numpy()).mean()
    assert np.corrcoef(both["actual"], both["expected"])[0, 1] > 0.98


def test_the_papers_own_customer() -> None:
    """Fader, Hardie and Lee's spreadsheet note: x = 2, t = 30.43, T = 38.86 expects 1.226 orders in 39 weeks."""
    found = btyd.expected_orders(PAPER, histories((2, 30.43, 38.86)), 39)
    assert round(found[0], 3) == 1.226


def test_the_likelihood_of_one_customer_by_hand() -> None:
    # r = alpha = a = b = 1, one repeat in week 1 of 3. Before leaving is weighed: A1 = G(2)/G(1) · 1 = 1, and
    # A2 = G(2)G(2)/(G(1)G(3)) = 1/2. Alive: (1 + 3)^-2 = 1/16; gone: a/(b + x - 1) = 1 times (1 + 1)^-2 = 1/4.
    loss = btyd._orders_loss(histories((1, 1, 3)))
    value, _ = loss(np.zeros(4))
    assert -value == pytest.approx(math.log(0.5 * (1 / 16 + 1 / 4)))
    # nobody who never came again can have left: A1 = A2 = 1, (1 + 3)^-1
    value, _ = btyd._orders_loss(histories((0, 0, 3)))(np.zeros(4))
    assert -value == pytest.approx(math.log(1 / 4))


def test_the_likelihood_of_one_spender_by_hand() -> None:
    # p = q = gamma = 1, two repeats of 3 on average: G(3)/(G(2)G(1)) = 2; times 3^(2-1), 2^2, over (1 + 6)^3
    loss = btyd._amounts_loss(pd.DataFrame({"frequency": [2], "mean_amount": [3.0], "customers": [1]}))
    value, _ = loss(np.zeros(3))
    assert -value == pytest.approx(math.log(2 * 3 * 4 / 343))


@given(st.lists(HISTORY, min_size=1, max_size=20), st.lists(st.floats(-2, 2), min_size=4, max_size=4))
@settings(max_examples=40, deadline=None)
def test_the_gradient_of_orders_is_that_of_finite_differences(rows, logs) -> None:
    told = [(repeats, age * share if repeats else 0.0, age) for repeats, share, age in rows]
    loss = btyd._orders_loss(histories(*told))
    error = check_grad(lambda at: loss(at)[0], lambda at: loss(at)[1], np.array(logs))
    assert error < 1e-3 * (1 + abs(loss(np.array(logs))[0]))


@given(
    st.lists(st.tuples(st.integers(1, 12), st.floats(0.1, 50)), min_size=1, max_size=20),
    st.lists(st.floats(-2, 2), min_size=3, max_size=3),
)
@settings(max_examples=40, deadline=None)
def test_the_gradient_of_amounts_is_that_of_finite_differences(rows, logs) -> None:
    frame = pd.DataFrame(rows, columns=["frequency", "mean_amount"]).assign(customers=1)
    loss = btyd._amounts_loss(frame)
    error = check_grad(lambda at: loss(at)[0], lambda at: loss(at)[1], np.array(logs))
    assert error < 1e-3 * (1 + abs(loss(np.array(logs))[0]))


def living(customers: int, seed: int = 7) -> pd.DataFrame:
    """Let customers order at rates of Gamma(0.8, 1/12) a week, leaving after each order with chance Beta(1.2, 3)."""
    draw = np.random.default_rng(seed)
    rows = []
    for rate, leaves, age in zip(
        draw.gamma(0.8, 1 / 12, customers), draw.beta(1.2, 3, customers), draw.integers(10, 100, customers), strict=True
    ):
        now, last, repeats = 0.0, 0.0, 0
        while (now := now + draw.exponential(1 / rate)) <= age:
            last, repeats = now, repeats + 1
            if draw.random() < leaves:
                break
        rows.append((repeats, last, float(age)))
    return histories(*rows)


def test_planted_parameters_are_found_again() -> None:
    found = btyd.fit_orders(living(6000))
    # the rates' mean and the chance of leaving are well held by the data; single parameters less so
    assert found.r / found.alpha == pytest.approx(0.8 / 12, rel=0.1)
    assert found.a / (found.a + found.b) == pytest.approx(1.2 / 4.2, rel=0.15)


def test_identical_customers_weigh_as_many() -> None:
    people = living(300)
    rows = people.groupby(["frequency", "recency_weeks", "age_weeks"], as_index=False)["customers"].sum()
    one, other = (
        btyd.fit_orders(pd.concat([people, people])),
        btyd.fit_orders(rows.assign(customers=rows.customers * 2)),
    )
    assert other.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-9)
    assert (other.r, other.alpha, other.a, other.b) == pytest.approx((one.r, one.alpha, one.a, one.b), rel=1e-3)


@given(HISTORY, st.floats(0.1, 50), st.floats(0.1, 50), st.sampled_from([0.3, 0.793, 1.0, 1.00001, 2.5]))
@settings(max_examples=80, deadline=None)
def test_expected_orders_are_never_negative_and_grow_with_the_horizon(history, near, more, a) -> None:
    repeats, share, age = history
    model = BgNbd(0.6, 5.0, a, 2.4, 0.0)
    row = histories((repeats, age * share if repeats else 0.0, age))
    soon, late = (float(btyd.expected_orders(model, row, weeks)[0]) for weeks in (near, near + more))
    assert 0 <= soon <= late
    assert math.isfinite(late)


def test_growth_agrees_with_a_simulation() -> None:
    model = BgNbd(0.8, 12.0, 1.2, 3.0, 0.0)
    people = living(8000, seed=3)
    by_age = people[people["age_weeks"] >= 50]
    expected = btyd.expected_growth(model, by_age["age_weeks"].to_numpy()).sum()
    assert expected == pytest.approx(by_age["frequency"].sum(), rel=0.05)
    assert btyd.expected_growth(model, np.array([0.0]))[0] == pytest.approx(0)


def test_amounts_are_drawn_to_everybodys_mean() -> None:
    model = GammaGamma(6.25, 3.74, 15.44, 0.0)
    none, few, many = btyd.expected_amount(model, np.array([0, 1, 1000]), np.array([0.0, 100.0, 100.0]))
    # nothing known: p gamma / (q - 1) = 6.25 × 15.44 / 2.74 = 35.22
    assert none == pytest.approx(35.22, abs=0.01) == pytest.approx(model.mean, abs=0.01)
    # once 100: 6.25 × 115.44 / (6.25 + 2.74) = 80.26
    assert few == pytest.approx(80.26, abs=0.01)
    assert many == pytest.approx(100, abs=0.1)


def test_amounts_in_another_currency_are_the_same_customers() -> None:
    draw = np.random.default_rng(5)
    means = draw.gamma(5, 1, 800) * draw.gamma(4, 1, 800)
    frame = pd.DataFrame({"frequency": draw.integers(1, 6, 800), "mean_amount": means, "customers": 1})
    one, other = btyd.fit_amounts(frame), btyd.fit_amounts(frame.assign(mean_amount=means * 150))
    assert (other.p, other.q, other.gamma) == pytest.approx((one.p, one.q, one.gamma * 150), rel=1e-3)
    assert other.log_likelihood == pytest.approx(one.log_likelihood - 800 * math.log(150), rel=1e-6)


@pytest.mark.parametrize("people", [histories(), histories((0, 0, 30), (0, 0, 20))], ids=["nobody", "no_repeat"])
def test_without_repeats_nothing_is_fitted(people) -> None:
    assert btyd.fit_orders(people) is None


def test_a_shop_where_all_order_alike_gives_no_model_or_a_finite_one() -> None:
    """A subscription shop: the data hold no spread of rates, and the parameters run away."""
    found = btyd.fit_orders(histories(*[(12, 48, 50)] * 200))
    assert found is None or all(math.isfinite(each) for each in (found.r, found.alpha, found.a, found.b))
    amounts = btyd.fit_amounts(pd.DataFrame({"frequency": [3] * 50, "mean_amount": [10.0] * 50, "customers": 1}))
    assert amounts is None or amounts.mean == pytest.approx(10, rel=0.02)


def test_nobody_has_spent() -> None:
    assert btyd.fit_amounts(pd.DataFrame({"frequency": [], "mean_amount": [], "customers": []})) is None
