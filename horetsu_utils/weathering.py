"""A shop → how its sales move with the temperature and the rain, once weekday, season and trend are taken out."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from horetsu_utils import engine, partial
from horetsu_utils.assortment import Assortment
from horetsu_utils.climate_rules import ClimateRules
from horetsu_utils.metrics import climate

WHOLE = "\ue000"
"""Stands for all orders together: a sign that no product has."""
SIGHTS = ("celsius", "is_wet")
"""What of the weather is looked at: how warm it was, and whether it was wet."""
COLUMNS = ("product", "sight", "lag", "orders", "days", "raw", "value", "low", "high", "chance")
EPOCH = pd.Timestamp(1970, 1, 1)


@dataclass(frozen=True)
class Weathering:
    """The weather and the sales of a shop, day by day, up to its analysis date."""

    whole: ir.Table
    by_product: ir.Table
    weather: ir.Table
    rules: ClimateRules

    @cached_property
    def days(self) -> int:
        """How many days from the first order to the last have a temperature."""
        return int(self._frame["celsius"].notna().sum())

    @cached_property
    def by_weather(self) -> pd.DataFrame:
        """The orders a day by the weather, as they came."""
        return climate.by_weather(self.whole, self.weather).to_pandas()

    @cached_property
    def links(self) -> pd.DataFrame:
        """How all orders and those of each product move with each sight of the weather, by the days between.

        `chance` is corrected for all that was looked at.
        """
        told = [sight for sight in SIGHTS if self._frame[sight].notna().sum() >= self.rules.least_days]
        lags = range(self.rules.longest_lag + 1)
        rows = [self._link(name, sight, lag) for name in self._series for sight in told for lag in lags]
        found = pd.DataFrame(rows, columns=list(COLUMNS))
        return found.assign(chance=partial.holm(found["chance"].to_numpy(dtype="float64")))

    def at(self, lag: int) -> pd.DataFrame:
        """Return the links of so many days between the weather and the order.

        `lags`: all days between, on which the same link is clear and goes the same way.
        """
        rows = self.links[self.links["lag"] == lag].reset_index(drop=True)
        return rows.assign(lags=[self._clear_lags(row) for row in rows.to_dict("records")])

    def _clear_lags(self, row: dict[Any, Any]) -> tuple[int, ...]:
        links = self.links
        same = (links["product"] == row["product"]) & (links["sight"] == row["sight"])
        clear = (links["chance"] < self.rules.chance_ratio) & (links["value"] * row["value"] > 0)
        return tuple(map(int, links.loc[same & clear, "lag"]))

    @cached_property
    def _frame(self) -> pd.DataFrame:
        """One row per day from the first order to the last: the weather of the day."""
        sold = pd.to_datetime(self.whole.to_pandas()["on"])
        if sold.empty:
            return pd.DataFrame(columns=list(SIGHTS), index=pd.DatetimeIndex([]))
        days = pd.date_range(sold.min(), sold.max(), freq="D")
        told = self.weather.select("on", *SIGHTS).to_pandas()
        told = told.set_index(pd.to_datetime(told["on"]))[list(SIGHTS)].astype("float64")
        return told.reindex(days)

    @cached_property
    def _series(self) -> dict[str, pd.Series]:
        """The orders of each day: of all products together, and of the most ordered; unknown before the first order."""
        days, own = self._frame.index, self.by_product.to_pandas()
        sums = own.groupby("product")["orders"].sum().sort_index().sort_values(ascending=False, kind="stable")
        names = sums[sums >= self.rules.least_orders].index[: self.rules.most_products]
        parts = {WHOLE: self.whole.to_pandas()} | {name: own[own["product"] == name] for name in names}
        return {name: _filled(rows, days) for name, rows in parts.items()}

    def _link(self, name: str, sight: str, lag: int) -> tuple[str | float, ...]:
        counts = self._series[name].to_numpy(dtype="float64")
        seen = self._frame[sight].shift(lag).to_numpy(dtype="float64")
        known = int((np.isfinite(counts) & np.isfinite(seen)).sum())
        told = name, sight, lag, float(np.nansum(counts)), known
        if known < self.rules.least_days:
            return (*told, float("nan"), *partial.UNKNOWN)
        days = (self._frame.index - EPOCH).days.to_numpy()
        raw = partial.link(counts, seen, np.ones((len(days), 1)))
        return (*told, raw.value, *partial.link(counts, seen, partial.controls(days, harmonics=self.rules.harmonics)))


def _filled(rows: pd.DataFrame, days: pd.DatetimeIndex) -> pd.Series:
    """Lay orders out over all days: 0 where nobody ordered, unknown before the first order (it may not be on sale)."""
    orders = rows.set_index(pd.to_datetime(rows["on"]))["orders"].astype("float64")
    return orders.reindex(days).fillna(0.0).where(days >= orders.index.min())


def weathering(goods: Assortment) -> Weathering:
    """Hold a shop's sales against its weather; where it has no context, nothing is found."""
    shop, rules = goods.shop, ClimateRules()
    whole, by_product, weather = (
        engine.keep(shop.connection, table)
        for table in (
            climate.whole(goods.sold, as_of=shop.as_of),
            climate.daily(goods.sold, as_of=shop.as_of),
            climate.weather(shop.table_or_empty("context"), as_of=shop.as_of, rules=rules),
        )
    )
    return Weathering(whole, by_product, weather, rules)
