"""First-time buyers compared by one column, and how many of them are still watched on given days."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from horetsu_utils.logrank import LogRank, logrank
from horetsu_utils.metrics import survival

DRAWN_GROUPS = 3
"""So many groups are drawn as curves; the others are left to the dots."""


@dataclass(frozen=True)
class Groups:
    """First-time buyers compared by one column: their curves, and each group's reading at the journey's end."""

    by: str
    curve: pd.DataFrame
    read: pd.DataFrame

    @cached_property
    def test(self) -> LogRank | None:
        """The log-rank test over all groups."""
        return logrank(self.curve, self.by)

    @property
    def drawn(self) -> list[str]:
        """The groups drawn as curves: the largest."""
        own = self.read[self.read[self.by] != survival.REST]
        return own.nlargest(DRAWN_GROUPS, "customers")[self.by].tolist()

    def curves(self) -> pd.DataFrame:
        """Return the curves that are drawn."""
        return self.curve[self.curve[self.by].isin(self.drawn)]

    def at_risk(self, days: list[int]) -> pd.DataFrame:
        """Count who was still watched on given days, group by group."""
        return at_risk(self.curves(), days, self.by)


def at_risk(curve: pd.DataFrame, days: list[int], by: str = "") -> pd.DataFrame:
    """Count who was still watched on given days: `day`, `customers`, and `by` where the curve is split."""
    groups = [({by: name}, part) for name, part in curve.groupby(by)] if by else [({}, curve)]
    return pd.DataFrame(
        [
            name | {"day": day, "customers": int(part.loc[part["day"] >= day, "left"].sum())}
            for name, part in groups
            for day in days
        ]
    )
