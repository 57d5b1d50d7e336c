"""What is an order worth? Gamma-Gamma: each customer spends around a mean of their own, however often they order."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import gammaln, psi

from horetsu_utils.lifetime import Loss, best


@dataclass(frozen=True)
class GammaGamma:
    """A shop's amounts: p is how steady a customer is, q and gamma how their means vary (in the amounts' unit)."""

    p: float
    q: float
    gamma: float
    log_likelihood: float

    @property
    def mean(self) -> float:
        """The mean amount over all customers."""
        return self.p * self.gamma / (self.q - 1)


def fit_amounts(spenders: pd.DataFrame) -> GammaGamma | None:
    """Fit the model to the mean amounts of those who came again, by maximum likelihood; identical ones are one row.

    Shape
        one row per spender: frequency [repeat order, above 0], mean_amount (of the repeats, above 0), customers ->
        the model
    Errors
        none; None where there is nobody, where the search does not end or a parameter runs away, and where the mean
        over all customers would not be finite (q up to 1)
    Source
        Fader and Hardie 2013, The Gamma-Gamma Model of Monetary Value, equation 1a
    """
    if spenders.empty:
        return None
    customers = spenders["customers"].to_numpy("float64")
    unit = float(np.average(spenders["mean_amount"], weights=customers))
    found = best(_loss(spenders.assign(mean_amount=spenders["mean_amount"] / unit)), start=np.zeros(3), held=3)
    if found is None or found[0][1] <= 1:
        return None
    p, q, gamma = found[0].tolist()
    return GammaGamma(p, q, gamma * unit, float(-(found[1] + np.log(unit)) * customers.sum()))


def _loss(spenders: pd.DataFrame) -> Loss:
    """Return the loss over p, q, gamma; what hangs on the number of orders alone is computed once for each."""
    counts, place = np.unique(spenders["frequency"].to_numpy("float64"), return_inverse=True)
    mean, weight = (spenders[name].to_numpy("float64") for name in ("mean_amount", "customers"))
    orders, share, log_mean = counts[place], weight / weight.sum(), np.log(mean)
    spent = orders * mean
    log_spent = np.log(spent)

    def loss(logs: np.ndarray) -> tuple[float, np.ndarray]:
        p, q, gamma = np.exp(logs)
        shape = p * counts
        rise, log_whole = psi(shape + q), np.log(gamma + spent)
        constant = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * logs[2]
        likelihood = constant[place] - log_mean + shape[place] * log_spent - (shape + q)[place] * log_whole
        slopes = (
            orders * ((rise - psi(shape))[place] + log_spent - log_whole),
            (rise - psi(q) + logs[2])[place] - log_whole,
            q / gamma - (shape + q)[place] / (gamma + spent),
        )
        return -float(share @ likelihood), -np.array([share @ slope for slope in slopes]) * np.exp(logs)

    return loss


def expected_amount(model: GammaGamma, histories: pd.DataFrame) -> np.ndarray:
    """Expect what each customer spends an order: their own mean, drawn to everybody's where it rests on few orders.

    Shape
        one row per history: frequency, mean_amount (not looked at where frequency is 0) -> amount per order
    Errors
        none
    Source
        Fader and Hardie 2013, equation 5
    """
    frequency, mean = (histories[name].to_numpy("float64", na_value=0.0) for name in ("frequency", "mean_amount"))
    spent = np.where(frequency > 0, frequency * mean, 0.0)
    return np.asarray(model.p * (model.gamma + spent) / (model.p * frequency + model.q - 1))


def correlation(spenders: pd.DataFrame) -> float | None:
    """Tell how far those who come more often spend more, or less, an order: the model takes the two as unrelated.

    Shape
        spenders as for `fit_amounts` -> Pearson's correlation [-1 to 1]
    Errors
        none; None where all came equally often, or spent alike
    Source
        Fader, Hardie and Lee 2005, J. Marketing Res. 42:415-430
    """
    if spenders["frequency"].nunique() < 2 or spenders["mean_amount"].nunique() < 2:
        return None
    moments = np.cov(spenders["frequency"], spenders["mean_amount"], fweights=spenders["customers"])
    return float(moments[0, 1] / np.sqrt(moments[0, 0] * moments[1, 1]))
