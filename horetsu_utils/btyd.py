"""Buy till you die: expected orders (BG/NBD) and amounts (Gamma-Gamma) of known customers, by maximum likelihood."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import gammaln, hyp2f1, psi

WORST_LOG = 12.0
"""A parameter beyond e to this power, or below e to its negative, has run away: the data do not hold it."""
NEAR_ONE = 1e-5
"""The expectation has a removable gap where a is 1; so near to it, it is taken beside it."""
Loss = Callable[[np.ndarray], tuple[float, np.ndarray]]


@dataclass(frozen=True)
class BgNbd:
    """How customers order and leave: each at a rate of their own (Gamma: r, alpha), until they leave for good.

    After each order they leave with a chance of their own (Beta: a, b). Time is in weeks.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float


@dataclass(frozen=True)
class GammaGamma:
    """What customers spend an order: each around a mean of their own, whatever their number of orders."""

    p: float
    q: float
    gamma: float
    log_likelihood: float

    @property
    def mean(self) -> float:
        """The mean amount over all customers."""
        return self.p * self.gamma / (self.q - 1)


def fit_orders(histories: pd.DataFrame) -> BgNbd | None:
    """Fit BG/NBD to customers' histories; identical customers are one row with a weight.

    Shape
        frequency (repeat orders), recency_weeks (last order minus first), age_weeks (today minus first), customers ->
        the model; None where nobody has repeated, or the data hold no finite parameters
    Errors
        none
    Source
        Fader, Hardie and Lee 2005, Marketing Science 24:275-284
    """
    if not (histories["frequency"] > 0).any():
        return None
    found = _minimum(_orders_loss(histories), 4)
    return BgNbd(*found) if found else None


def _orders_loss(histories: pd.DataFrame) -> Loss:
    """Return minus the log-likelihood and its gradient by the logarithms of r, alpha, a, b.

    What hangs on the number of repeats alone is computed once for each number.
    """
    repeats, place = np.unique(histories["frequency"].to_numpy("float64"), return_inverse=True)
    recency, age, weight = (histories[name].to_numpy("float64") for name in ("recency_weeks", "age_weeks", "customers"))
    before = np.where(repeats > 0, repeats - 1, np.inf)  # nobody leaves before the first repeat: log(a / inf) is -inf

    def loss(logs: np.ndarray) -> tuple[float, np.ndarray]:
        r, alpha, a, b = np.exp(logs)
        paces = (r + repeats)[place]
        log_age, log_recency = np.log(alpha + age), np.log(alpha + recency)
        with np.errstate(divide="ignore"):
            gone = np.log(a / (b + before))[place] - paces * log_recency
        whole = np.logaddexp(-paces * log_age, gone)
        left = np.exp(gone - whole)
        by_repeats = gammaln(r + repeats) - gammaln(r) + r * logs[1]
        by_repeats += gammaln(a + b) + gammaln(b + repeats) - gammaln(b) - gammaln(a + b + repeats)
        stays = psi(a + b) - psi(a + b + repeats)
        slopes = (
            (psi(r + repeats) - psi(r) + logs[1])[place] - (1 - left) * log_age - left * log_recency,
            r / alpha - paces * ((1 - left) / (alpha + age) + left / (alpha + recency)),
            stays[place] + left / a,
            (stays + psi(b + repeats) - psi(b))[place] - left / (b + before)[place],
        )
        return -(weight @ (by_repeats[place] + whole)), -np.array([weight @ slope for slope in slopes]) * np.exp(logs)

    return loss


def _minimum(loss: Loss, parameters: int) -> tuple[float, ...] | None:
    """Return the best parameters and their log-likelihood; None where they run away."""
    best = minimize(loss, np.zeros(parameters), jac=True, method="L-BFGS-B", options={"maxiter": 500, "ftol": 1e-12})
    if not np.isfinite(best.fun) or np.abs(best.x).max() > WORST_LOG:
        return None
    return (*np.exp(best.x).tolist(), -float(best.fun))


def expected_orders(model: BgNbd, histories: pd.DataFrame, weeks: float) -> np.ndarray:
    """Expect each customer's orders in the next `weeks`, from what is known of them.

    Shape
        histories as for `fit_orders` -> one number a row [order]
    Errors
        none
    Source
        Fader, Hardie and Lee 2005, equation 10
    """
    x, recency, age = (histories[name].to_numpy("float64") for name in ("frequency", "recency_weeks", "age_weeks"))
    r, alpha, b = model.r, model.alpha, model.b
    a = model.a if abs(model.a - 1) > NEAR_ONE else 1 + NEAR_ONE
    ratio = (alpha + age) / (alpha + age + weeks)
    series = ratio ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, weeks / (alpha + age + weeks))
    gone = a / (b + np.maximum(x, 1) - 1) * ((alpha + age) / (alpha + recency)) ** (r + x)
    return (a + b + x - 1) / (a - 1) * (1 - series) / (1 + np.where(x > 0, gone, 0.0))


def expected_growth(model: BgNbd, weeks: np.ndarray) -> np.ndarray:
    """Expect how many orders a customer nothing is known of gives within `weeks` after the first.

    Shape
        weeks since the first order -> repeat orders
    Errors
        none
    Source
        Fader, Hardie and Lee 2005, equation 9
    """
    a = model.a if abs(model.a - 1) > NEAR_ONE else 1 + NEAR_ONE
    ratio = model.alpha / (model.alpha + weeks)
    series = ratio**model.r * hyp2f1(model.r, model.b, a + model.b - 1, weeks / (model.alpha + weeks))
    return np.asarray((a + model.b - 1) / (a - 1) * (1 - series))


def fit_amounts(spenders: pd.DataFrame) -> GammaGamma | None:
    """Fit Gamma-Gamma to the mean amounts of those who came again.

    Shape
        frequency (repeat orders, above 0), mean_amount (of the repeat orders, above 0), customers -> the model; None
        where there is nobody, or the mean over all customers is not finite
    Errors
        none
    Source
        Fader and Hardie 2013, The Gamma-Gamma Model of Monetary Value; Fader, Hardie and Lee 2005, J. Marketing Res.
        42:415-430
    """
    if spenders.empty:
        return None
    scale = float(np.average(spenders["mean_amount"], weights=spenders["customers"]))
    found = _minimum(_amounts_loss(spenders.assign(mean_amount=spenders["mean_amount"] / scale)), 3)
    if found is None or found[1] <= 1:
        return None
    p, q, gamma, likelihood = found
    return GammaGamma(p, q, gamma * scale, likelihood - np.log(scale) * float(spenders["customers"].sum()))


def _amounts_loss(spenders: pd.DataFrame) -> Loss:
    """Return minus the log-likelihood and its gradient by the logarithms of p, q, gamma."""
    repeats, place = np.unique(spenders["frequency"].to_numpy("float64"), return_inverse=True)
    mean, weight = spenders["mean_amount"].to_numpy("float64"), spenders["customers"].to_numpy("float64")
    log_mean, times = np.log(mean), repeats[place]

    def loss(logs: np.ndarray) -> tuple[float, np.ndarray]:
        p, q, gamma = np.exp(logs)
        shape = p * repeats
        counted = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * logs[2] + shape * np.log(repeats)
        log_whole = np.log(gamma + mean * times)
        value = weight @ (counted[place] + (shape[place] - 1) * log_mean - (shape + q)[place] * log_whole)
        rise = psi(shape + q)
        slopes = (
            (repeats * (rise - psi(shape) + np.log(repeats)))[place] + times * (log_mean - log_whole),
            (rise - psi(q) + logs[2])[place] - log_whole,
            q / gamma - (shape + q)[place] / (gamma + mean * times),
        )
        return -value, -np.array([weight @ slope for slope in slopes]) * np.exp(logs)

    return loss


def expected_amount(model: GammaGamma, frequency: np.ndarray, mean_amount: np.ndarray) -> np.ndarray:
    """Expect what each customer spends an order: their own mean, drawn to everybody's where it rests on few orders.

    Shape
        repeat orders, and their mean amount (any number where there are none) -> one amount each
    Errors
        none
    Source
        Fader and Hardie 2013, equation 5
    """
    spent = np.where(frequency > 0, frequency * mean_amount, 0.0)
    return np.asarray(model.p * (model.gamma + spent) / (model.p * frequency + model.q - 1))
