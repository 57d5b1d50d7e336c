"""A shop → what its customers may bring in the time ahead: tried on the last quarter first, shown only if it held."""

import datetime as dt
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from horetsu_utils import engine, lifetime, spending
from horetsu_utils.method import OutlookRules
from horetsu_utils.metrics import outlook as metric
from horetsu_utils.pathway import Pathway

MOST_REPEATS = 7
"""Customers with so many repeats or more are one group."""
WEEK = metric.WEEK_DAYS


@dataclass(frozen=True)
class Trial:
    """How the model did on the last quarter, known only from what lay before it.

    `verdict` is good, bad, too_small or no_fit; `actual` and `expected` are orders of the quarter. `by_frequency` has
    both by the repeats customers had by then; `by_week` both, summed up from the quarter's first day.
    """

    verdict: str
    repeaters: int
    actual: float
    expected: float = np.nan
    by_frequency: pd.DataFrame = field(default_factory=pd.DataFrame)
    by_week: pd.DataFrame = field(default_factory=pd.DataFrame)


@dataclass(frozen=True)
class Outlook:
    """The value ahead of today's customers by how often they have come again; empty where the trial did not hold.

    `people` has one row per customer, with orders and yen expected; `ahead` their sums by frequency, with customers.
    `has_yen` is false where amounts cannot be told.
    """

    trial: Trial
    people: pd.DataFrame
    ahead: pd.DataFrame
    has_yen: bool


def trial(path: Pathway, rules: OutlookRules) -> Trial:
    """Fit on what lies before the last quarter, and hold what was expected of it against what came."""
    end = path.shop.as_of
    since = end - dt.timedelta(days=rules.holdout_days)
    then = metric.followed(metric.histories(path.everybody, as_of=since), path.everybody, since=since, until=end)
    known = metric.alike(then).to_pandas()
    repeaters = int(known.loc[known["frequency"] > 0, "customers"].sum())
    actual = float(known["followed"].sum())
    if repeaters < rules.least_repeaters or actual < rules.least_orders:
        return Trial("too_small", repeaters, actual)
    model = lifetime.fit_orders(known)
    if model is None:
        return Trial("no_fit", repeaters, actual)
    known["expected"] = lifetime.expected_orders(model, known, rules.holdout_days / WEEK) * known["customers"]
    if not np.isfinite(known["expected"]).all():
        return Trial("no_fit", repeaters, actual)
    expected = float(known["expected"].sum())
    verdict = "good" if abs(expected - actual) <= rules.worst_error * actual else "bad"
    weeks = metric.by_week(path.everybody, since=since, until=end).to_pandas()
    return Trial(verdict, repeaters, actual, expected, grouped(known), tracked(weeks, known, model, rules.holdout_days))


def grouped(known: pd.DataFrame) -> pd.DataFrame:
    """Sum what came and what was expected by the repeats so far."""
    groups = known.assign(frequency=known["frequency"].clip(upper=MOST_REPEATS)).groupby("frequency", as_index=False)
    return groups[[name for name in ("customers", "followed", "expected", "orders", "yen") if name in known]].sum()


def tracked(weeks: pd.DataFrame, known: pd.DataFrame, model: lifetime.BgNbd, days: int) -> pd.DataFrame:
    """Sum up week by week what came, beside what was expected of the customers known by then; the last may be short."""
    ends = np.minimum(np.arange(0, days + WEEK, WEEK), days) / WEEK
    came = weeks.set_index("week")["followed"].reindex(range(len(ends)), fill_value=0).cumsum()
    expected = [float(lifetime.expected_orders(model, known, end) @ known["customers"]) if end else 0.0 for end in ends]
    return pd.DataFrame({"week": ends, "actual": came.to_numpy("float64"), "expected": expected})


def outlook(path: Pathway) -> Outlook:
    """Expect what today's customers bring in the time ahead, if the trial held."""
    rules = path.shop.rules.outlook
    tried = trial(path, rules)
    today = engine.keep(path.shop.connection, metric.histories(path.everybody, as_of=path.shop.as_of))
    model = lifetime.fit_orders(metric.alike(today).to_pandas()) if tried.verdict == "good" else None
    if model is None:
        nobody = pd.DataFrame(columns=["customer_id", "frequency", "orders", "yen"])
        told = replace(tried, verdict="no_fit") if tried.verdict == "good" else tried
        return Outlook(told, nobody, nobody.assign(customers=0), False)
    people = each(today.rename(mean_amount="mean_yen").order_by("customer_id").to_pandas(), model, rules)
    amounts = _amounts(metric.spenders(today).to_pandas(), rules)
    if amounts is not None:
        people["yen"] = people["orders"] * spending.expected_amount(amounts, people)
    return Outlook(tried, people, grouped(people.assign(customers=1)), amounts is not None)


def each(people: pd.DataFrame, model: lifetime.BgNbd, rules: OutlookRules) -> pd.DataFrame:
    """Expect each customer's orders in the time ahead."""
    weeks = people.assign(recency_weeks=people["recency_days"] / WEEK, age_weeks=people["age_days"] / WEEK)
    return people.assign(orders=lifetime.expected_orders(model, weeks, rules.horizon_days / WEEK))


def _amounts(spenders: pd.DataFrame, rules: OutlookRules) -> spending.GammaGamma | None:
    """Fit the amounts, unless who comes often spends otherwise: the model takes the two for unrelated."""
    related = spending.correlation(spenders)
    if related is not None and abs(related) > rules.worst_correlation:
        return None
    return spending.fit_amounts(spenders)
