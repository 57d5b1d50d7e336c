"""Gamma-Gamma: the note's figures, a likelihood by hand, planted parameters, and edges."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from horetsu_utils import spending
from horetsu_utils.spending import GammaGamma

NOTE = GammaGamma(6.25, 3.74, 15.44, -4055.92)
EXAMPLES = settings(max_examples=60, deadline=None)
SPENDERS = st.lists(st.tuples(st.integers(1, 60), st.floats(0.01, 1e5), st.integers(1, 9)), min_size=1, max_size=8)


def told(*rows: tuple[float, ...]) -> pd.DataFrame:
    """Write spenders: frequency, mean_amount, customers."""
    return pd.DataFrame(rows, columns=["frequency", "mean_amount", "customers"])


def simulated(model: GammaGamma, customers: int, seed: int) -> pd.DataFrame:
    """Draw each customer's scale, then a mean of so many amounts."""
    draw = np.random.default_rng(seed)
    frequency = 1 + draw.poisson(2, customers)
    scale = draw.gamma(model.q, 1 / model.gamma, customers)
    mean = draw.gamma(model.p * frequency) / scale / frequency
    return pd.DataFrame({"frequency": frequency, "mean_amount": mean, "customers": 1})


@pytest.fixture(scope="module")
def cdnow(shared_data: Path) -> pd.DataFrame:
    """Those who came again in CDNOW's first 39 weeks, as the note describes them.

    The rows of one day are added up to one amount, and the mean is that of the days after the first. With the first day
    in it, p comes out at 7.9 instead of 6.2.
    """
    names = ["master", "customer", "day", "items", "dollars"]
    kinds = {"customer": str, "day": str}
    lines = pd.read_csv(shared_data / "cdnow" / "CDNOW_sample.txt", sep=r"\s+", names=names, dtype=kinds)
    days = lines[lines["day"] <= "19970930"].groupby(["customer", "day"], as_index=False)["dollars"].sum()
    later = days[days["day"] > days.groupby("customer")["day"].transform("min")]
    each = later.groupby("customer")["dollars"].agg(["size", "mean"])
    return pd.DataFrame({"frequency": each["size"], "mean_amount": each["mean"], "customers": 1})


def test_the_notes_parameters_to_the_printed_digit(cdnow) -> None:
    assert len(cdnow) == 946
    model = spending.fit_amounts(cdnow)
    assert [round(each, 2) for each in (model.p, model.q, model.gamma)] == [6.25, 3.74, 15.44]
    assert round(model.log_likelihood, 2) == -4055.92


def test_in_cdnow_who_comes_often_hardly_spends_otherwise(cdnow) -> None:
    assert spending.correlation(cdnow) == pytest.approx(np.corrcoef(cdnow["frequency"], cdnow["mean_amount"])[0, 1])
    assert abs(spending.correlation(cdnow)) < 0.15


def test_the_unit_of_money_changes_gamma_alone(cdnow) -> None:
    dollars = spending.fit_amounts(cdnow)
    yen = spending.fit_amounts(cdnow.assign(mean_amount=cdnow["mean_amount"] * 120))
    assert [yen.p, yen.q, yen.gamma] == pytest.approx([dollars.p, dollars.q, 120 * dollars.gamma], rel=1e-6)
    assert yen.log_likelihood == pytest.approx(dollars.log_likelihood - 946 * math.log(120), rel=1e-9)


def test_the_likelihood_of_one_spender_by_hand() -> None:
    ones = np.zeros(3)  # the logarithms of p = q = gamma = 1
    # once, 2: Γ(2)/(Γ(1)Γ(1)) · 1 · 2^0 · 1 / (1 + 2)² = 1/9
    assert spending._loss(told((1, 2, 1)))(ones)[0] == pytest.approx(math.log(9), abs=1e-12)
    # twice, 3 on average: Γ(3)/(Γ(2)Γ(1)) · 3^1 · 2^2 / (1 + 6)³ = 2 · 3 · 4 / 343 = 24/343
    assert spending._loss(told((2, 3, 1)))(ones)[0] == pytest.approx(-math.log(24 / 343), abs=1e-12)
    both = (math.log(9) - 2 * math.log(24 / 343)) / 3
    assert spending._loss(told((1, 2, 1), (2, 3, 2)))(ones)[0] == pytest.approx(both, abs=1e-12)


def test_expected_amounts_by_hand() -> None:
    model = GammaGamma(p=6, q=4, gamma=15, log_likelihood=0.0)
    # nothing known: 6 · 15 / 3. Once 80: (15 + 80) · 6 / (6 + 3). Nine times 80: (15 + 720) · 6 / (54 + 3).
    rows = told((0, math.nan, 1), (1, 80, 1), (9, 80, 1))
    assert spending.expected_amount(model, rows) == pytest.approx([30, 95 * 6 / 9, 735 * 6 / 57])
    assert model.mean == 30


@given(st.integers(1, 500), st.floats(0.01, 1e6))
@EXAMPLES
def test_an_expected_amount_lies_between_the_customers_own_mean_and_everybodys(frequency, mean) -> None:
    found = spending.expected_amount(NOTE, told((frequency, mean, 1)))[0]
    low, high = sorted([mean, NOTE.mean])
    assert low * (1 - 1e-9) <= found <= high * (1 + 1e-9)


def test_planted_parameters_are_found_again() -> None:
    planted = GammaGamma(5.0, 4.0, 9000.0, 0.0)
    found = spending.fit_amounts(simulated(planted, 30_000, seed=1))
    assert [found.p, found.q, found.gamma] == pytest.approx([5.0, 4.0, 9000.0], rel=0.06)
    assert found.mean == pytest.approx(planted.mean, rel=0.02)


@given(SPENDERS, st.lists(st.floats(-2, 2), min_size=3, max_size=3))
@EXAMPLES
def test_the_gradient_is_the_slope(rows, logs) -> None:
    loss, at = spending._loss(told(*rows)), np.array(logs)
    slope = approx_fprime(at, lambda each: loss(each)[0], 1e-6)
    assert loss(at)[1] == pytest.approx(slope, rel=1e-3, abs=1e-3)


def test_identical_spenders_weigh_as_many_rows() -> None:
    rows = simulated(NOTE, 400, seed=2)
    one = spending.fit_amounts(pd.concat([rows, rows.iloc[:200], rows.iloc[:200]]))
    weights = np.where(np.arange(400) < 200, 3, 1)
    other = spending.fit_amounts(rows.assign(customers=weights))
    assert [one.p, one.q, one.gamma] == pytest.approx([other.p, other.q, other.gamma], rel=1e-4)
    assert one.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-9)
    assert spending.correlation(rows.assign(customers=weights)) == pytest.approx(
        spending.correlation(pd.concat([rows, rows.iloc[:200], rows.iloc[:200]]))
    )


@pytest.mark.parametrize(
    "spenders",
    [told(), told((3, 4000, 1)), told((3, 4000, 500), (1, 4000, 500))],
    ids=["nobody", "one", "all_alike"],
)
def test_spenders_that_hold_no_model_give_none(spenders) -> None:
    assert spending.fit_amounts(spenders) is None


def test_means_without_a_finite_mean_give_none() -> None:
    assert spending.fit_amounts(simulated(GammaGamma(5.0, 0.5, 10.0, 0.0), 3000, seed=3)) is None


def test_a_correlation_needs_two_kinds_of_customers() -> None:
    assert spending.correlation(told()) is None
    assert spending.correlation(told((2, 100, 5), (2, 300, 5))) is None
    assert spending.correlation(told((2, 100, 5), (3, 100, 5))) is None
    # frequencies 1, 2, 3 and amounts 10, 20, 60 once each: 50/2 over the root of 1 · 700 = 25 / 26.4575
    assert spending.correlation(told((1, 10, 1), (2, 20, 1), (3, 60, 1))) == pytest.approx(25 / math.sqrt(700))
