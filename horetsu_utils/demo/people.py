"""Who the customers are: when they came, what they bought first, and when they came back."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from horetsu_utils.demo import catalog

FIRST_ID = 1001
LOOKER_RATIO = 0.05
EMAIL_OK_RATIO, LINE_OK_RATIO = 0.97, 0.66
GUEST_RATIO = 0.015
SHOP_GROWTH = 0.6
"""How much more often new customers come at the end of the two years than at the start."""
MONTH_FACTOR = np.array([0.95, 0.9, 1.05, 1.1, 1.05, 1.0, 0.98, 0.9, 0.98, 1.0, 1.02, 1.12])
WEEKDAY_FACTOR = np.array([1.05, 1.0, 0.98, 0.97, 0.95, 1.0, 1.1])
MAXIMUM_GAP_DAYS = 1000

F2_DAILY_HAZARD = {(1, 7): 0.0020, (8, 30): 0.0113, (31, 60): 0.0014, (61, 90): 0.0058, (91, MAXIMUM_GAP_DAYS): 0.0007}
"""Planted daily hazard of the second order by days since the first (inclusive)."""
STAR_HAZARD_RATIO = 1.9

CHAMPION_RATIO, GROWING_RATIO, LAPSED_RATIO = 0.06, 0.05, 0.03
CHAMPION_MINIMUM_DAYS, GROWING_MINIMUM_DAYS, LAPSED_MINIMUM_DAYS = 300, 400, 480
"""Days since the first order a member of the group needs, so that its history can show."""
PLAIN, CHAMPION, GROWING, LAPSED = range(4)


@dataclass(frozen=True)
class People:
    """One entry per customer. Buyers without a second order have a `second_day` behind the end of history."""

    customer_id: np.ndarray
    is_buyer: np.ndarray
    is_guest: np.ndarray
    first_day: np.ndarray
    second_day: np.ndarray
    first_product: np.ndarray
    group: np.ndarray
    email_ok: np.ndarray
    line_ok: np.ndarray

    @property
    def size(self) -> int:
        """Number of customers."""
        return len(self.customer_id)


def temperature(rng: np.random.Generator) -> np.ndarray:
    """Invent the mean temperature of every day, a year's wave with weather that lasts [celsius]."""
    mean, swing, coldest_day, year, memory, noise = 16.0, 10.8, 25.0, 365.25, 0.7, 1.7
    first = catalog.START.timetuple().tm_yday
    day_of_year = first + np.arange(catalog.LAST_DAY + 1)
    shocks = rng.normal(0, noise, len(day_of_year))
    kernel = memory ** np.arange(20)
    drift = np.convolve(shocks, kernel)[: len(shocks)]
    return np.round(mean - swing * np.cos(2 * np.pi * (day_of_year - coldest_day) / year) + drift, 1)


def product_weights(day: np.ndarray, celsius: np.ndarray, *, first: bool) -> np.ndarray:
    """Weigh every product on each of the given days; seasonal products follow the temperature."""
    base = np.array([item.first_weight if first else item.weight for item in catalog.PRODUCTS])
    slope = np.array([item.season_per_celsius for item in catalog.PRODUCTS])
    mild = celsius.mean()
    return base * np.exp(slope * (celsius[day][:, None] - mild))


def draw(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw one column per row of a table of weights."""
    bounds = weights.cumsum(axis=1)
    return (rng.random(len(weights))[:, None] * bounds[:, -1:] > bounds).sum(axis=1)


def gather(customers: int, celsius: np.ndarray, rng: np.random.Generator) -> People:
    """Let the customers come, buy for the first time and, some of them, return."""
    first_day = _arrivals(customers, rng)
    is_buyer = rng.random(customers) >= LOOKER_RATIO
    product = draw(product_weights(first_day, celsius, first=True), rng)
    second_day = np.where(is_buyer, first_day + _second_gap(product, rng), catalog.LAST_DAY + MAXIMUM_GAP_DAYS)
    once = np.flatnonzero(is_buyer & (second_day > catalog.LAST_DAY))
    is_guest = np.zeros(customers, dtype=bool)
    is_guest[rng.choice(once, round(GUEST_RATIO * customers), replace=False)] = True
    numbers = FIRST_ID + np.arange(customers)
    mails = np.array([f"guest{number:05d}@example.com" for number in numbers], dtype=object)
    customer_id = np.where(is_guest, mails, numbers.astype(str).astype(object))
    group = _groups(first_day, second_day, rng)
    email_ok = rng.random(customers) < EMAIL_OK_RATIO
    line_ok = (rng.random(customers) < LINE_OK_RATIO) & ~is_guest
    return People(customer_id, is_buyer, is_guest, first_day, second_day, product, group, email_ok, line_ok)


def _arrivals(customers: int, rng: np.random.Generator) -> np.ndarray:
    calendar = pd.DatetimeIndex(pd.date_range(catalog.START, catalog.AS_OF))
    pace = 1 + SHOP_GROWTH * np.linspace(0, 1, len(calendar))
    pace = pace * MONTH_FACTOR[calendar.month.to_numpy() - 1] * WEEKDAY_FACTOR[calendar.day_of_week.to_numpy()]
    return np.sort(rng.choice(len(calendar), customers, p=pace / pace.sum()))


def _second_gap(product: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    daily = np.zeros(MAXIMUM_GAP_DAYS + 1)
    for (low, high), hazard in F2_DAILY_HAZARD.items():
        daily[low : high + 1] = hazard
    star = product == catalog.position(catalog.STAR_FIRST_PRODUCT)
    patience = rng.exponential(size=len(product)) / np.where(star, STAR_HAZARD_RATIO, 1.0)
    return np.searchsorted(daily.cumsum(), patience)


def _groups(first_day: np.ndarray, second_day: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    early_days = 90
    group = np.full(len(first_day), PLAIN)
    tenure_days = catalog.LAST_DAY - first_day
    wanted = (
        (GROWING, GROWING_RATIO, GROWING_MINIMUM_DAYS),
        (LAPSED, LAPSED_RATIO, LAPSED_MINIMUM_DAYS),
        (CHAMPION, CHAMPION_RATIO, CHAMPION_MINIMUM_DAYS),
    )
    for code, ratio, minimum_days in wanted:
        early = (second_day - first_day <= early_days) & (tenure_days >= minimum_days)
        free = np.flatnonzero((group == PLAIN) & early)
        group[rng.choice(free, min(len(free), round(ratio * len(group))), replace=False)] = code
    return group
