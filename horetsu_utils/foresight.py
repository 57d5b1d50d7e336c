"""Does one description of customers foretell more than another? Out-of-fold scores, and how sure their areas are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import rankdata
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, PolynomialFeatures, StandardScaler

from horetsu_utils.method import Z_95

DESCRIPTIONS = ("base", "added", "both")
GAIN, NO_GAIN, TOO_FEW = "gain", "no_gain", "too_few"
_FIGURES = ("auc", "low", "high", "gain", "gain_low", "gain_high")
_COLUMNS = ("description", *_FIGURES, "customers", "events", "verdict")
DEGREE = 2
"""Numbers enter with their squares and products: what only a curve in them tells is not to be taken for a gain."""
TOLERANCE = 1e-8
SCORE_DIGITS = 6
"""Scores are rounded to what the solver's tolerance warrants, so that customers described alike stay tied."""


@dataclass(frozen=True)
class ForesightRules:
    """Into how many parts customers are dealt, and the fewest with and without the event that allow a figure.

    Source: folds by Kohavi 1995, IJCAI 14:1137-1145 (stratified); `least_events` is the kit's own caution; the seed is
    any number, as long as it stays.
    """

    folds: int = 5
    least_events: int = 30
    seed: int = 90

    def __post_init__(self) -> None:
        if self.least_events < self.folds:
            raise ValueError("least_events must reach folds: each part needs an event")


RULES = ForesightRules()


@dataclass(frozen=True)
class Description:
    """The columns that describe a customer.

    `numbers` are counted from 0 up (days, orders, yen): negative ones count as 0, and log(1 + x) is taken. `categories`
    are names without an order; each becomes a column of its own.
    """

    numbers: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.columns:
            raise ValueError("a description needs a column")

    def __add__(self, other: "Description") -> "Description":
        numbers, categories = self.numbers + other.numbers, self.categories + other.categories
        return Description(tuple(dict.fromkeys(numbers)), tuple(dict.fromkeys(categories)))

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns of the description."""
        return self.numbers + self.categories


def compare(
    frame: pd.DataFrame, outcome: str, base: Description, added: Description, *, rules: ForesightRules = RULES
) -> pd.DataFrame:
    """Tell how well two descriptions, each and both together, foretell an outcome, and what is gained over the first.

    Each customer is foretold by a model that has not seen them. The areas and their differences come from the same
    customers, so they are compared in pairs. The intervals hold for the models as fitted; how the customers were dealt
    is not in them. That no gain is shown does not prove that there is none. The order of rows changes nothing.

    Shape
        one row per customer -> one row per description: base, added, both
    Columns
        description: a code; auc, low, high [0-1]: the chance that a customer with the event is put before one without,
        with its 95 % interval; gain, gain_low, gain_high [-1 to 1]: the area less that of base; customers, events
        [customer]; verdict: gain (gain_low above 0) / no_gain / too_few, null for base. Figures are null where too few
    Errors
        ValueError on a missing value, or where the outcome stands in a description: metrics give no nulls where a
        customer is known, so either is a programmer's mistake
    Source
        DeLong, DeLong and Clarke-Pearson 1988, Biometrics 44:837-845
    """
    both = base + added
    people = _people(frame, outcome, both)
    happened = people[outcome].to_numpy(dtype=bool)
    events = int(happened.sum())
    counted = pd.DataFrame({"description": DESCRIPTIONS, "customers": len(people), "events": events})
    if min(events, len(people) - events) < rules.least_events:
        return counted.assign(**dict.fromkeys(_FIGURES, np.nan), verdict=TOO_FEW)[list(_COLUMNS)]
    scores = [out_of_fold(people, outcome, each, rules=rules) for each in (base, added, both)]
    return counted.assign(**_figures(*areas(happened, scores)))[list(_COLUMNS)]


def _people(frame: pd.DataFrame, outcome: str, description: Description) -> pd.DataFrame:
    """Refuse what cannot be compared, and put the customers in an order that does not depend on their rows'."""
    if outcome in description.columns:
        raise ValueError(f"the outcome describes itself: {outcome}")
    known = frame[[outcome, *description.columns]]
    missing = [str(column) for column in known.columns[known.isna().any()]]
    if missing:
        raise ValueError(f"missing values: {', '.join(missing)}")
    return known.sort_values(list(known.columns), ignore_index=True)


def out_of_fold(
    people: pd.DataFrame, outcome: str, description: Description, *, rules: ForesightRules = RULES
) -> np.ndarray:
    """Score each customer by a logistic regression that was fitted to the customers of the other folds.

    A score is the log-odds foretold less the log-odds of all customers it was fitted to. Without the latter, a fold
    with one event more would be scored lower for it, and noise would seem to foretell the contrary.

    Shape
        one row per customer -> one score per row, in the rows' order, which decides the folds
    Errors
        ValueError where the other folds hold no event, or nothing but events
    Source
        Cox 1958, J. R. Stat. Soc. B 20:215-242; ridge penalty and strength as scikit-learn sets them
    """
    described, happened = people[list(description.columns)], people[outcome].to_numpy(dtype=bool)
    dealt = StratifiedKFold(rules.folds, shuffle=True, random_state=rules.seed)
    scores = np.empty(len(people))
    for known, asked in dealt.split(described, happened):
        model = _model(description).fit(described.iloc[known], happened[known])
        share = happened[known].mean()
        scores[asked] = model.decision_function(described.iloc[asked]) - np.log(share / (1 - share))
    return scores.round(SCORE_DIGITS)


def _model(description: Description) -> Pipeline:
    curved = make_pipeline(
        FunctionTransformer(_logarithm), StandardScaler(), PolynomialFeatures(DEGREE, include_bias=False)
    )
    named = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = ColumnTransformer(
        [("numbers", curved, list(description.numbers)), ("categories", named, list(description.categories))]
    )
    return make_pipeline(columns, StandardScaler(), LogisticRegression(solver="newton-cholesky", tol=TOLERANCE))


def _logarithm(numbers: pd.DataFrame) -> np.ndarray:
    return np.log1p(numbers.to_numpy(dtype="float64").clip(min=0))


def areas(happened: np.ndarray, scores: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the area under the curve of each way to score the same customers, and the areas' covariance.

    Shape
        whether the event happened (n), k arrays of n scores -> areas (k), covariance (k by k)
    Errors
        none, with two customers at least on either side; below that the covariance is not defined
    Source
        DeLong, DeLong and Clarke-Pearson 1988, Biometrics 44:837-845; by midranks as Sun and Xu 2014, IEEE Signal
        Process. Lett. 21:1389-1393
    """
    event_scores, other_scores = ([each[side] for each in scores] for side in (happened, ~happened))
    ranks = rankdata(scores, axis=1)
    events, others = int(happened.sum()), int((~happened).sum())
    # of each customer with the event: the share of those without whom they stand above, and the other way round
    above = (ranks[:, happened] - rankdata(event_scores, axis=1)) / others
    below = 1 - (ranks[:, ~happened] - rankdata(other_scores, axis=1)) / events
    return above.mean(axis=1), np.atleast_2d(np.cov(above) / events + np.cov(below) / others)


def _figures(auc: np.ndarray, covariance: np.ndarray) -> dict[str, Sequence[object]]:
    variance = covariance.diagonal()
    half = Z_95 * np.sqrt(variance)
    gain = auc - auc[0]
    spread = (variance + variance[0] - 2 * covariance[0]).clip(min=0)
    gain_half = Z_95 * np.sqrt(spread)
    gain[0] = np.nan
    low = gain - gain_half
    return {
        "auc": auc,
        "low": (auc - half).clip(min=0),
        "high": (auc + half).clip(max=1),
        "gain": gain,
        "gain_low": low,
        "gain_high": gain + gain_half,
        "verdict": [None, *(GAIN if bound > 0 else NO_GAIN for bound in low[1:])],
    }
