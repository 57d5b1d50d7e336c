"""What one repair is worth in a shop: prepared once for the sliders and for the three most valuable repairs."""

from dataclasses import dataclass

import ibis.expr.types as ir
import pandas as pd

from horetsu_utils import engine
from horetsu_utils.metrics import repair
from horetsu_utils.pathway import Pathway

RUNGS_TO_RAISE = (2, 3, 4)
"""Rungs of the ladder that are tried as repairs; the first is the F2 reading itself."""


@dataclass(frozen=True)
class Repairs:
    """What a repair is worth in this shop: its rungs and days of a year, and how many newcomers a year brings.

    `points` says for how many more of a hundred customers a repair is told.
    """

    rungs: ir.Table
    days: ir.Table
    newcomers: ir.Table
    points: int

    def moved(self, day: int, points: int) -> pd.DataFrame:
        """Say what follows if the F2 reading of a day stood so many percentage points higher."""
        found = repair.moved(self.days, self.newcomers, day=day, points=points / 100).to_pandas()
        return found.assign(day=day, points=points)

    def ranked(self, breaks: ir.Table, window_days: int) -> pd.DataFrame:
        """Rank the repairs of this shop by what each would bring in a year: sure breaks, the F2 reading, the rungs."""
        sure = repair.mended(breaks.filter(breaks.is_sure), self.days, self.newcomers).to_pandas()
        more = self.points / 100
        moved = repair.moved(self.days, self.newcomers, day=window_days, points=more).to_pandas()
        lifted = repair.lifted(self.rungs, self.newcomers, points=more).to_pandas()
        rungs = lifted[lifted["number"].isin(RUNGS_TO_RAISE)]
        parts = [
            sure.assign(repair="break"),
            moved.assign(repair="reading", day_to=window_days),
            rungs.assign(repair="rung"),
        ]
        whole = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
        known = whole[whole["gain_low_yen"] > 0]  # a repair that may bring nothing is none to propose
        return known.sort_values(["gain_yen", "repair"], ascending=[False, True], ignore_index=True)


def repairs(path: Pathway) -> Repairs:
    """Prepare what every question about repairs needs, once.

    Where the records are too young to tell a year's worth, nothing is worth anything yet: the tables are empty.
    """
    shop = path.shop
    newcomers = engine.keep(shop.connection, repair.newcomers(path.numbered, as_of=shop.as_of))
    history = newcomers.history_days.max().to_pyarrow().as_py()
    told = repair.worths(_settled(path), path.credits, as_of=shop.as_of)
    worths = engine.keep(shop.connection, told if history >= path.rules.worth_days else told.limit(0))
    rungs, days = (engine.keep(shop.connection, by(worths)) for by in (repair.by_rung, repair.by_day))
    return Repairs(rungs, days, newcomers, path.rules.repair_points)


def _settled(path: Pathway) -> ir.Table:
    """Leave out those who look like customers from before the records: their worth is not a newcomer's."""
    told = path.numbered
    return told if path.early is None else told.filter(told.first_on >= path.early.until)
