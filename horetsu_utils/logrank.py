"""Do groups come back at a different pace? The log-rank test over any number of groups."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm


@dataclass(frozen=True)
class LogRank:
    """What the test found. `p` is how often chance alone would set the groups this far apart or farther.

    `observed` and `expected` are events by group: those that came, and those that would have come at one common pace.
    `alone` sets each group against all others together: standard normal where it does not differ.
    """

    statistic: float
    degrees: int
    p: float
    observed: dict[str, float]
    expected: dict[str, float]
    alone: dict[str, float]

    def outstanding(self, chance: float) -> tuple[str, float] | None:
        """Return the group that differs most from the others, and how; None where chance alone might set it apart.

        As many groups are looked at, each must differ the more (Bonferroni).
        """
        code, apart = max(self.alone.items(), key=lambda group: (abs(group[1]), group[0]))
        return (code, apart) if 2 * norm.sf(abs(apart)) * len(self.alone) < chance else None


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
    sums = events.sum(axis=0), expected.sum(axis=0)
    apart, own = sums[0] - sums[1], variance.diagonal()
    told = own > 0
    degrees = int(told.sum()) - 1
    if degrees < 1:
        return None
    free = np.flatnonzero(told)[:-1]  # what the last group lacks, the others have: one of them says nothing more
    statistic = float(apart[free] @ np.linalg.solve(variance[np.ix_(free, free)], apart[free]))
    alone = np.divide(apart, np.sqrt(own), out=np.zeros_like(apart), where=told)
    named = (pd.Series(each, counts["left"].columns.astype(str)).to_dict() for each in (*sums, alone))
    return LogRank(statistic, degrees, float(chi2.sf(statistic, degrees)), *named)
