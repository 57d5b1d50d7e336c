"""A shop → its segments under other cut-offs or another period than its own: for the analyst's controls."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from horetsu_utils.errors import ConfigError
from horetsu_utils.metrics import rfm
from horetsu_utils.shop import Shop
from horetsu_utils.words import COLUMNS

CUTS = 4
"""Four cut-offs part the five scores."""


def own(shop: Shop) -> dict[str, Any]:
    """Return what the shop itself goes by, by the names of the controls; None stands for fifths."""
    cuts = asdict(shop.rules.cuts) if shop.rules.cuts else dict.fromkeys(rfm.MEASURES)
    return {"period_days": shop.rules.period_days, **cuts}


def hints(customers: ir.Table) -> dict[str, str]:
    """Say, for the empty box of each measure, what stands in its place: the fifths of those who bought."""
    fifths = rfm.cut_points(customers).to_pandas().iloc[0]
    told = {name: ", ".join(f"{round(cut, 1):.15g}" for cut in fifths[name]) for name in rfm.MEASURES}
    return {name: f"空なら5等分(いまは {each})" for name, each in told.items()}


class Scoring:
    """The shop's segments as they would be: what does not depend on the cut-offs is computed once a period."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self._prepared: dict[int, tuple[ir.Table, ir.Table]] = {}

    def segments(self, *, period_days: int, **cuts: Sequence[float] | None) -> pd.DataFrame:
        """Count the customers of each segment as if the shop went by this period and these cut-offs.

        `cuts` has one entry per measure of RFM: four ascending numbers, or None for the fifths of those who bought.

        Errors
            ConfigError naming the measure whose numbers do not part five scores
        """
        given = {name: ibis.array(_lines(name, told)) for name, told in cuts.items() if told is not None}
        customers, fifths = self._of(period_days)
        scored = rfm.score(customers, fifths.mutate(**given))
        return rfm.by_segment(rfm.segment(scored, self.shop.rules.segments)).to_pandas()

    def _of(self, period_days: int) -> tuple[ir.Table, ir.Table]:
        """Return the customers over a period, and their fifths; only the last period is kept."""
        if period_days not in self._prepared:
            customers = rfm.rfm(self.shop.orders, as_of=self.shop.as_of, period_days=period_days).cache()
            self._prepared = {period_days: (customers, rfm.cut_points(customers).cache())}
        return self._prepared[period_days]


def _lines(name: str, told: Sequence[float]) -> list[float]:
    if len(told) != CUTS or list(told) != sorted(set(told)):
        raise ConfigError(
            f"点数の線は、小さい順に、同じ数が無いように、{CUTS}つ書いてください。",
            where=f"「{COLUMNS[name].japanese}」の線",
            next_step="空にすると、期間中に買われた方を5等分します。",
        )
    return [float(line) for line in told]
