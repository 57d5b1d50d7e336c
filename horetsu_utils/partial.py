"""How two daily series move together once weekday, season and trend are taken out of both."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

from horetsu_utils.method import Z_95

WEEK_DAYS, YEAR_DAYS = 7, 365.2425
FREE = 3
"""Fisher's z of n pairs spreads by 1 / sqrt(n - 3)."""
NEARLY_ONE = 1 - 1e-12
"""A perfect correlation is taken as this: beyond, Fisher's z is infinite."""
ROUNDING = 1e-20
"""What is left of a series is rounding, where its squares are no more than this share of the squares before."""


class Link(NamedTuple):
    """A correlation (-1 to 1), its 95 % interval, and how likely chance alone gives one as strong; nan if unknown."""

    value: float
    low: float
    high: float
    chance: float


UNKNOWN = Link(*[float("nan")] * 4)


def controls(days: np.ndarray, *, harmonics: int) -> np.ndarray:
    """Lay out what is taken out of a series: a straight trend, the weekday, and the season as waves of the year.

    Shape
        days counted from any day (integers) -> one row per day: a constant, the trend, six weekdays, two columns a wave
    Errors
        none
    Source
        harmonic regression, Hyndman & Athanasopoulos 2021, Forecasting, section 7.4
    """
    weekdays = np.eye(WEEK_DAYS)[days % WEEK_DAYS][:, 1:]
    turns = 2 * np.pi * np.outer(days / YEAR_DAYS, np.arange(1, harmonics + 1))
    trend = (days - days.mean()) / max(np.ptp(days), 1)
    return np.column_stack([np.ones(len(days)), trend, weekdays, np.cos(turns), np.sin(turns)])


def link(one: np.ndarray, other: np.ndarray, taken_out: np.ndarray) -> Link:
    """Correlate what is left of two series once the controls are taken out of both by least squares.

    Days that follow one another are alike, and tell less than as many that do not: `effective_days` counts what they
    are worth. Each control costs one of those.

    Shape
        two series without a gap in the calendar (nan on days that are not known), the controls of each day -> the
        partial correlation on the days that both know
    Errors
        none; a series without any movement of its own, or too few days, is unknown
    Source
        partial correlation by residuals (Frisch & Waugh 1933, Econometrica 1:387-401); interval and degrees of freedom:
        Fisher 1924, Metron 3:329-332
    """
    known = np.isfinite(one) & np.isfinite(other)
    left = [_rest(series, taken_out, known) for series in (one, other)]
    if not all(np.nansum(each**2) for each in left):
        return UNKNOWN
    value = float(np.nansum(left[0] * left[1]) / np.sqrt(np.nansum(left[0] ** 2) * np.nansum(left[1] ** 2)))
    counted = effective_days(*left) - (np.linalg.matrix_rank(taken_out[known]) - 1)
    if counted <= FREE:
        return UNKNOWN
    spread = 1 / np.sqrt(counted - FREE)
    middle = np.arctanh(np.clip(value, -NEARLY_ONE, NEARLY_ONE))
    low, high = np.tanh([middle - Z_95 * spread, middle + Z_95 * spread])
    return Link(value, float(low), float(high), float(2 * stats.norm.sf(abs(middle) / spread)))


def effective_days(one: np.ndarray, other: np.ndarray) -> float:
    """Count the independent days that two series which remember are worth together; never more than are known.

    Many days back are looked at, not the one before alone: a slow wander under daily luck shows little in each.

    Shape
        two series of mean 0, nan on the same days -> n / (1 + 2 sum over k of (1 - k/n) r(k) r'(k))
    Errors
        none
    Source
        Bartlett 1935, J. R. Stat. Soc. 98:536-543; Bretherton et al. 1999, J. Climate 12:1990-2009, section 5; k up to
        n/4 (Box & Jenkins 1976, Time Series Analysis, section 2.1.6) and to 10 log10(n), as R's acf does
    """
    days = int(np.isfinite(one).sum())
    steps = np.arange(1, min(int(10 * np.log10(max(days, 1))), days // 4) + 1)
    alike = autocorrelation(one, steps) * autocorrelation(other, steps)
    return float(days / max(1 + 2 * ((1 - steps / max(days, 1)) * alike).sum(), 1))


def autocorrelation(series: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Correlate a series of mean 0 with itself so many days before, over the pairs of days that are known."""
    known = np.isfinite(series)
    filled = np.where(known, series, 0.0)
    variance = (filled**2).sum() / max(known.sum(), 1)
    pairs = np.array([(known[step:] & known[:-step]).sum() for step in steps])
    sums = np.array([filled[step:] @ filled[:-step] for step in steps])
    return np.divide(sums, pairs * variance, out=np.zeros(len(steps)), where=pairs * variance > 0)


def _rest(series: np.ndarray, taken_out: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return what the controls leave of a series; nan on unknown days, 0 where they leave nothing but rounding."""
    rest = np.full(len(series), np.nan)
    told, matrix = series[known], taken_out[known]
    left = told - matrix @ np.linalg.lstsq(matrix, told, rcond=None)[0]
    rest[known] = left if (left**2).sum() > ROUNDING * (told**2).sum() else 0.0
    return rest


def holm(chances: Sequence[float]) -> np.ndarray:
    """Correct for having looked at many: the first is multiplied by all, the next by one less, and so on.

    Shape
        chances (0-1, nan where unknown) -> chances in the same order
    Errors
        none
    Source
        Holm 1979, Scand. J. Stat. 6:65-70
    """
    found = np.asarray(chances, dtype="float64")
    order = np.argsort(found, kind="stable")
    known = order[: np.isfinite(found).sum()]
    steps = np.minimum(found[known] * (len(known) - np.arange(len(known))), 1.0)
    corrected = np.full(len(found), np.nan)
    corrected[known] = np.maximum.accumulate(steps)
    return corrected
