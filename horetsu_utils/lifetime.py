"""How many orders are still to come? BG/NBD: customers order at their own pace until, unseen, they leave for good."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit, gammaln, hyp2f1, psi

HISTORY = ("frequency", "recency_weeks", "age_weeks")
PARAMETERS = 4
BOUND = 1e4
"""A parameter above this, or below its inverse, has run away: the data do not hold it."""
STOP = {"ftol": 1e-13, "gtol": 1e-8, "maxiter": 1000}
"""A millionth of what one customer adds to the likelihood of a million is out of anybody's sight."""
FLAT = 1e-6
"""Where the slope is so small the search has ended: in the last digits it may find no step down any more."""
GAP, STRIDE = 1e-5, 2e-5
"""The expectation has gaps at a = 1 and a + b = 1 which its value can fill, and so has the series as it is computed
where r - a is a whole number: there the mean of the values one stride to either side is taken."""
LARGE = 20.0
"""Above this a the paper's own series is taken."""
Numbers = np.ndarray | float
Loss = Callable[[np.ndarray], tuple[float, np.ndarray]]
"""Of the parameters' logarithms: minus the mean log-likelihood of a customer, and its gradient."""


@dataclass(frozen=True)
class BgNbd:
    """A shop's customers: orders per week vary as Gamma(r, alpha), the chance to leave after a repeat as Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float


def fit_orders(histories: pd.DataFrame) -> BgNbd | None:
    """Fit the model to the days on which customers ordered, by maximum likelihood; identical customers are one row.

    Shape
        one row per history: frequency [day with an order, after the first], recency_weeks, age_weeks [week, from the
        first order to the last, and to today], customers -> the model
    Errors
        none; None where nobody came again, where there are fewer different histories than parameters, where the search
        does not end, or where r or alpha runs away: then the data do not hold this model. Where nobody seems to leave,
        or all with one chance, a and b rest on their bounds, and the model is its own simpler case
    Source
        Fader, Hardie and Lee 2005, Marketing Science 24:275-284
    """
    different = histories[list(HISTORY)].drop_duplicates()
    if len(different) < PARAMETERS or not (different["frequency"] > 0).any():
        return None
    whole = float(histories["customers"].sum())
    age = float(np.average(histories["age_weeks"], weights=histories["customers"]))
    found = best(_loss(histories), start=np.log([1.0, age, 1.0, 1.0]), held=2)
    if found is None:
        return None
    r, alpha, a, b = found[0].tolist()
    return BgNbd(r, alpha, a, b, -found[1] * whole)


def best(loss: Loss, *, start: np.ndarray, held: int) -> tuple[np.ndarray, float] | None:
    """Search for the parameters of the least loss; the first `held` of them must be held by the data.

    Shape
        a loss, where to start in logarithms -> the parameters and their loss
    Errors
        none; None where the search does not end, or ends where one of those runs away
    Source
        Byrd, Lu, Nocedal and Zhu 1995, SIAM J. Sci. Comput. 16:1190-1208 (L-BFGS-B)
    """
    edge = np.log(BOUND)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(-edge, edge)] * len(start), options=STOP)
    ended = found.success or np.abs(found.jac).max() <= FLAT
    if not ended or not np.isfinite(found.fun) or np.abs(found.x[:held]).max() >= edge:
        return None
    return np.exp(found.x), float(found.fun)


def _loss(histories: pd.DataFrame) -> Loss:
    """Return the loss over r, alpha, a, b; what hangs on the number of repeats alone is computed once for each."""
    counts, place = np.unique(histories["frequency"].to_numpy("float64"), return_inverse=True)
    recency, age, weight = (histories[name].to_numpy("float64") for name in (*HISTORY[1:], "customers"))
    share = weight / weight.sum()

    def loss(logs: np.ndarray) -> tuple[float, np.ndarray]:
        r, alpha, a, b = np.exp(logs)
        pace = (r + counts)[place]
        silence, stayed = pace * np.log((alpha + age) / (alpha + recency)), _left_odds(counts, a, b)
        gone = expit(stayed[place] + silence)
        rises, leaves = psi(r + counts) - psi(r) + logs[1], psi(a + b) - psi(a + b + counts)
        constant = gammaln(r + counts) - gammaln(r) + r * logs[1]
        constant += gammaln(a + b) - gammaln(a + b + counts) + gammaln(b + counts) - gammaln(b)
        log_age = np.log(alpha + age)
        likelihood = constant[place] - pace * log_age + np.logaddexp(0, stayed[place] + silence)
        slopes = (
            rises[place] - log_age + gone * silence / pace,
            r / alpha - pace * ((1 - gone) / (alpha + age) + gone / (alpha + recency)),
            leaves[place] + gone / a,
            (leaves + psi(b + counts) - psi(b))[place] - gone / (b + np.maximum(counts - 1, 0))[place],
        )
        return -float(share @ likelihood), -np.array([share @ slope for slope in slopes]) * np.exp(logs)

    return loss


def _left_odds(frequency: np.ndarray, a: float, b: float) -> np.ndarray:
    """Return the log-odds of having left with the last order; nobody leaves before the first repeat."""
    return np.where(frequency > 0, np.log(a) - np.log(b + np.maximum(frequency - 1, 0)), -np.inf)


def expected_orders(model: BgNbd, histories: pd.DataFrame, weeks: float) -> np.ndarray:
    """Expect the orders of the next `weeks` from each history.

    Shape
        one row per history: frequency, recency_weeks, age_weeks -> orders of one such customer [day with an order]
    Errors
        none
    Source
        Fader, Hardie and Lee 2005, equation 10; the chance to be here still: Fader and Hardie 2008, Computing P(alive)
        Using the BG/NBD Model
    """
    frequency, recency, age = (histories[name].to_numpy("float64") for name in HISTORY)
    silence = (model.r + frequency) * np.log((model.alpha + age) / (model.alpha + recency))
    here = expit(-_left_odds(frequency, model.a, model.b) - silence)
    return here * _ahead(model, frequency, age, weeks)


def _ahead(model: BgNbd, frequency: Numbers, age: Numbers, weeks: Numbers) -> np.ndarray:
    """Expect the orders of those who are still here, filling the gaps of the closed form.

    The terms of the paper's series grow with the number of orders, those of its transformation by Euler with a: each is
    taken where it stays small.
    """
    passed = weeks / (model.alpha + age + weeks)

    def closed(a: float) -> np.ndarray:
        third, orders = a + model.b + frequency - 1, model.r + frequency
        if a > LARGE:
            series = (1 - passed) ** orders * hyp2f1(orders, model.b + frequency, third, passed)
        else:
            series = (1 - passed) ** (a - 1) * hyp2f1(a + model.b - 1 - model.r, a - 1, third, passed)
        return np.asarray(third / (a - 1) * (1 - series))

    far = min(abs(model.a - 1), abs(model.a + model.b - 1)) > GAP
    value = closed(model.a) if far else np.full(np.broadcast_shapes(np.shape(passed), np.shape(frequency)), np.nan)
    if not np.isnan(value).any():
        return value
    return np.where(np.isnan(value), (closed(model.a - STRIDE) + closed(model.a + STRIDE)) / 2, value)
