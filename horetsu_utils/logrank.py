"""Do groups come back at a different pace? The log-rank test over any number of groups."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2


@dataclass(frozen=True)
class LogRank:
    """What the test found. `p` is how often chance alone would set the groups this far apart or farther.

    `observed` and `expected` are events by group: those that came, and those that would have come at one common pace.
    """

    statistic: float
    degrees: int
    p: float
    observed: dict[str, float]
    expected: dict[str, float]


def logrank(daily: pd.DataFrame, by: str) -> LogRank | None:
    """Compare the curves of several groups by the log-rank test, all days weighing alike.

    Shape
        one row per group and day: `by`, day, left, events (of `survival.curve`) -> the test
    Errors
        none; None where there are fewer than two groups, or no events to compare
    Source
        Mantel 1966, Cancer Chemother. Rep. 50:163-170; Peto and Peto 1972, J. R. Stat. Soc. A 135:185-207
    """
    counts = daily.pivot_table(index="day", columns=by, values=["left", "events"], aggfunc="sum", fill_value=0)
    counts = counts.sort_index().astype("float64")
    if counts.empty or len(counts["left"].columns) < 2:
        return None
    events, risk = counts["events"].to_numpy(), counts["left"].to_numpy()[::-1].cumsum(axis=0)[::-1]
    deaths, whole = events.sum(axis=1), risk.sum(axis=1)
    share = risk / whole[:, None]
    expected = deaths[:, None] * share
    scale = deaths * (whole - deaths) / np.maximum(whole - 1, 1)
    variance = np.diag(scale @ share) - share.T @ (scale[:, None] * share)
    apart = (events - expected).sum(axis=0)
    degrees = int(np.linalg.matrix_rank(variance))
    if not degrees:
        return None
    statistic = float(apart @ np.linalg.pinv(variance, hermitian=True) @ apart)
    names = counts["left"].columns.astype(str)
    sums = [dict(zip(names, part.sum(axis=0).tolist(), strict=True)) for part in (events, expected)]
    return LogRank(statistic, degrees, float(chi2.sf(statistic, degrees)), *sums)
