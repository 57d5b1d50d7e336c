"""A shop → its first-time buyers and what followed, computed once for the notebook's questions."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir
import pandas as pd

from horetsu_utils import engine
from horetsu_utils.charts.curves import ticks as tick_days
from horetsu_utils.charts.theme import Picture
from horetsu_utils.config import JourneySettings
from horetsu_utils.groups import Groups, at_risk
from horetsu_utils.logrank import logrank
from horetsu_utils.method import CpmRules, JourneyRules
from horetsu_utils.metrics import breaks, cohort, journey, rfm, survival, value, vendors
from horetsu_utils.settings import validate
from horetsu_utils.shop import Shop
from horetsu_utils.wording import NOTHING, day, month

MOST_GROUPS = 8
"""So many groups are compared; the rest is put together."""
MONTHS = 12
"""So many months of first order are compared, back from the analysis date."""
COHORT_MONTHS = (0, 1, 2, 3, 6, 9, 12)
"""Months since the first order that are drawn of a cohort."""
WAITS = ((0, 0), (1, 10), (11, 30), (31, 60), (61, 90), (91, 180), (181, 365), (366, 99_999))
"""Bands of days to the second order."""


class Early(NamedTuple):
    """The record's first days, the day on which they are over, and the journey's reading (0-1) without them."""

    days: int
    until: dt.date
    value: float


@dataclass(frozen=True)
class Pathway:
    """The first-time buyers of a shop on its analysis date.

    `numbered` are their purchases in order of time; `firsts` one row per customer; `curve` how the second order comes;
    `known_before` so many customers are left out, since they registered before the first order on record. `everybody`
    has those customers' purchases, too.
    """

    shop: Shop
    everybody: ir.Table
    numbered: ir.Table
    firsts: ir.Table
    curve: ir.Table
    known_before: int

    @property
    def rules(self) -> JourneyRules:
        """The client's rules of the journey."""
        return self.shop.rules.journey

    @property
    def customers(self) -> int:
        """How many first-time buyers there are."""
        return int(self.firsts.count().to_pyarrow().as_py())

    @property
    def credits(self) -> ir.Table:
        """The shop's credit notes."""
        return self.shop.orders.filter(~self.shop.orders.is_purchase)

    @property
    def first_day(self) -> str:
        """The day of the first order on record, in words."""
        first = self.firsts.first_on.min().to_pyarrow().as_py()
        return day(first) if first else NOTHING

    def draw(
        self,
        picture: Callable[..., Picture],
        *,
        days: int,
        title: str,
        note: str,
        reading_days: Sequence[float] | None = None,
    ) -> Picture:
        """Hand the curve up to a day, and who is watched on the way, to a picture; the client's days are marked.

        `reading_days` are other days to mark; they are held to what client.yaml may say.

        Errors
            ConfigError in the words of `horetsu check` for days that client.yaml may not say
        """
        curve = self.curve.to_pandas()
        own = {} if reading_days is None else {"reading_days": list(reading_days)}
        read = validate(JourneySettings, own, where="").reading_days if own else self.rules.reading_days
        marks = [each for each in {*read, days} if each <= days]
        watched = at_risk(curve, tick_days(days))
        return picture(curve, watched, days=days, readings=sorted(marks), title=title, note=note)

    def median_wait(self) -> dict[str, float]:
        """Say how many came back, how many of them on the first day, and after how many days half of them had."""
        told = self.firsts.filter(self.firsts.came_back)
        found = told.aggregate(
            back=told.count(),
            same_day=(told.f2_days == 0).sum().fill_null(0),
            median=told.f2_days.cast("float64").quantile(0.5),
        )
        counts: dict[str, float] = found.to_pyarrow().to_pylist()[0]
        return counts

    def cells(self, cohorts: ir.Table) -> tuple[pd.DataFrame, dict[str, Any]]:
        """Choose the cells of the cohorts that are drawn, and say how: some of the months since the first order."""
        shown = cohorts.filter(cohorts.month.isin(COHORT_MONTHS)).to_pandas()
        shown["cohort"] = [month(each) for each in pd.to_datetime(shown["cohort"])]
        order = list(dict.fromkeys(shown["cohort"]))
        names = {str(month): f"{month}か月" if month else "その月" for month in COHORT_MONTHS}
        across = [month for month in COHORT_MONTHS if month in set(shown["month"])]
        return shown, {"down_order": order, "across_order": across, "names": names}

    def portfolio(self, rules: CpmRules) -> pd.DataFrame:
        """Count the cells of the portfolio (CPM) by given boundaries."""
        shop = self.shop
        known = rfm.rfm(shop.orders, as_of=shop.as_of, period_days=shop.rules.period_days)
        return value.by_portfolio(value.portfolio(known, rules=rules)).to_pandas()

    def readings(self) -> pd.DataFrame:
        """Read the curve on the client's days, and on the last day of the journey, beside the plain rate."""
        days = sorted({*self.rules.reading_days, self.rules.window_days})
        found = survival.readings(self.curve, days).to_pandas()
        both = found.merge(survival.mature(self.firsts, days).to_pandas(), on="day", suffixes=("", "_plain"))
        return both.set_index("day").reindex(pd.Index(days, name="day")).reset_index()

    @cached_property
    def early(self) -> Early | None:
        """Tell whether those of the record's first days come back more often than chance would have it.

        A record that begins in the middle of a shop's life takes its regulars for first-time buyers: they are first
        seen within the days after which the shop calls a customer dormant. Then the reading without them is told.
        """
        opened = self.everybody.ordered_on.min().to_pyarrow().as_py()
        days = self.shop.rules.state.dormant_days
        until = opened + dt.timedelta(days=days)
        told = survival.within(self.firsts, days=self.rules.window_days)
        parts = told.mutate(early=(told.first_on < until).ifelse("early", "later"))
        curve = engine.keep(self.shop.connection, survival.curve(parts, by="early"))
        test = logrank(curve.to_pandas(), "early")
        if test is None or test.p >= self.rules.chance_ratio or test.alone["early"] < 0:
            return None
        read = survival.readings(curve, [self.rules.window_days], by="early").to_pandas().set_index("early")
        return Early(days, until, float(read["value"]["later"]))

    def waits(self) -> pd.DataFrame:
        """Count those who came back by the days it took."""
        found = survival.waits(self.firsts, bands=WAITS).to_pandas()
        return found[found["customers"].cumsum().gt(0) & found["customers"][::-1].cumsum().gt(0)]

    def groups(self, by: str) -> Groups:
        """Compare the first-time buyers by a column of `firsts`; months of first order only as far back as MONTHS."""
        told = self.firsts
        if by == "first_month":
            told = told.filter(told.first_month >= self._first_month).mutate(
                first_month=told.first_month.strftime("%Y-%m")
            )
        else:
            told = survival.folded(told, by, most=MOST_GROUPS)
        told = survival.within(told, days=self.rules.window_days)
        curve = engine.keep(self.shop.connection, survival.curve(told, by=by))
        lived = told.group_by(by).aggregate(watched=(told.watched_days >= self.rules.window_days).sum())
        read = survival.readings(curve, [self.rules.window_days], by=by).to_pandas().merge(lived.to_pandas(), on=by)
        read = read.assign(rest=read[by] == survival.REST)
        order = {by: True} if by == "first_month" else {"rest": True, "value": False, by: True}
        read = read.sort_values(list(order), ascending=list(order.values()), ignore_index=True)
        return Groups(by, curve.to_pandas(), read)

    def ladder(self) -> pd.DataFrame:
        """Tell each rung's share within the days after which this shop calls a customer dormant."""
        within = self.shop.rules.state.dormant_days
        return journey.ladder(self.numbered, as_of=self.shop.as_of, within_days=within, rules=self.rules).to_pandas()

    def pace(self) -> ir.Table:
        """Measure the pace of second orders in each interval."""
        return engine.keep(self.shop.connection, breaks.pace(self.curve, rules=self.rules))

    def breaks(self, pace: ir.Table) -> ir.Table:
        """Find where the shop falls behind its own pace."""
        told = self.firsts.aggregate(yen=self.firsts.second_yen.sum(), orders=self.firsts.second_yen.count())
        second = told.to_pyarrow().to_pylist()[0]
        mean = float(second["yen"] / second["orders"]) if second["orders"] else 0.0
        return engine.keep(self.shop.connection, breaks.breaks(pace, second_yen=ibis.literal(mean), rules=self.rules))

    def cohorts(self) -> ir.Table:
        """Follow the first-time buyers of each of the last MONTHS months."""
        whole = cohort.cohorts(self.numbered, self.credits, as_of=self.shop.as_of)
        return engine.keep(self.shop.connection, whole.filter(whole.cohort >= self._first_month))

    @property
    def _first_month(self) -> dt.date:
        """The first day of the earliest month that is compared."""
        first: dt.date = (pd.Timestamp(self.shop.as_of).to_period("M") - MONTHS + 1).start_time.date()
        return first

    def definitions(self, ladder: pd.DataFrame) -> pd.DataFrame:
        """Put other people's definitions of F2 beside the two other rates of the report."""
        shop = self.shop
        year = rfm.rfm(shop.orders, as_of=shop.as_of).filter(lambda each: each.frequency > 0)
        counts = year.aggregate(customers=year.count(), came=(year.lifetime_orders > 1).sum()).to_pandas()
        own = [
            ladder.head(1).assign(
                definition="ladder", customers=lambda row: row["watched"], came=lambda row: row["went_on"]
            ),
            counts.assign(definition="repeat", value=counts["came"] / counts["customers"].replace(0, float("nan"))),
        ]
        columns = ["definition", "customers", "came", "value"]
        others = vendors.f2(self.firsts, rules=self.rules).to_pandas()
        return pd.concat([others[columns], *(part[columns] for part in own)], ignore_index=True)


def pathway(shop: Shop) -> Pathway:
    """Follow a shop's first-time buyers from their first order to the analysis date.

    Errors
        MissingDataError when there are no orders
    """
    everybody = told = engine.keep(shop.connection, journey.numbered(shop.orders, as_of=shop.as_of))
    customers = shop.table_or_empty("customers")
    before = engine.keep(shop.connection, journey.known_before(told, customers))
    known_before = int(before.count().to_pyarrow().as_py())
    if known_before:
        told = engine.keep(shop.connection, told.anti_join(before, "customer_id"))
    people = journey.split(journey.firsts(told, as_of=shop.as_of), shop.lines, shop.orders, customers)
    firsts = engine.keep(shop.connection, people)
    return Pathway(shop, everybody, told, firsts, engine.keep(shop.connection, survival.curve(firsts)), known_before)
