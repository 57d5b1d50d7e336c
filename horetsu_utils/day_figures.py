"""The key figures of a shop on one day, each with how sure it is, and what each customer adds to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from horetsu_utils import intervals
from horetsu_utils.errors import MissingDataError
from horetsu_utils.metrics import rfm, signals, story, value
from horetsu_utils.pathway import pathway
from horetsu_utils.sentences.stage import CLOSE_STAGE, highest
from horetsu_utils.shop import Shop
from horetsu_utils.standing import Standing, standing
from horetsu_utils.story_rules import BAD, GOOD

FEELING_DAYS, WEEK_DAYS = 28, 7
"""The feelings of the last four weeks: a single one tells little."""
COLUMNS = ("key", "value", "low", "high", "customers", "part")


@dataclass(frozen=True)
class DayFigures:
    """What a shop's key figures were on one day.

    `rows` has one row per figure: key, value, low, high [95 %, null for what is counted], customers (over how many),
    part (how many of them stand behind a share, else null). `parts` tells of shares and means what each customer adds,
    counted from any zero: customer_id, value. `where` is null for a shop of which no stage is known; `history_days` is
    how far the orders reach back.
    """

    rows: pd.DataFrame
    parts: Mapping[str, ir.Table]
    where: Standing | None
    history_days: int


def day_figures(shop: Shop) -> DayFigures:
    """Measure a shop on its day: what it has no table for is left out.

    Shape
        a shop -> one row per figure
    Errors
        none
    """
    where = _standing(shop)
    parts = _ties(where) if where else {}
    rows = [{"key": key, **_share(table)} for key, table in parts.items()]
    for key, weekly in _feelings(shop).items():
        told, parts[key] = _by_week(weekly)
        rows.append({"key": key, **told})
    history = 0
    if shop.has("orders"):
        year = rfm.rfm(shop.orders, as_of=shop.as_of)
        lines = value.against_lines(year, rules=shop.rules.lines).to_pandas()
        history = int(lines["history_days"].fillna(0).max())
        buyers = year.filter(year.frequency > 0)
        again = buyers.select("customer_id", value=(buyers.lifetime_orders > 1).cast("float64"))
        parts |= {"repeat_ratio": again, "annual_ltv_yen": buyers.select("customer_id", value="monetary_yen")}
        came = _share(again)["part"]
        rows += [*_counted(shop), *_measured(lines, came), *_second_orders(shop)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).dropna(subset=["value"])
    return DayFigures(frame.set_index("key"), parts, where, history)


def _standing(shop: Shop) -> Standing | None:
    try:
        return standing(shop)
    except MissingDataError:
        return None


def _ties(where: Standing) -> dict[str, ir.Table]:
    """Tell of each customer whether a tie has budded, where that can be seen, and of each that has come closer, cools.

    The lines are those of the chapter on stages.
    """
    stages = where.stages
    closer = stages.filter(stages.stage >= 1)
    cool = {"cooling_ratio": closer.select("customer_id", value=closer.cooling.cast("float64"))}
    if highest(signals.visible(where.tables, where.rules)) < CLOSE_STAGE:
        return cool
    return {"near_ratio": stages.select("customer_id", value=(stages.stage >= CLOSE_STAGE).cast("float64"))} | cool


def _feelings(shop: Shop) -> dict[str, ir.Table]:
    """Tell of each customer who recorded lately which share of the records felt good, and which bad, week by week.

    Everybody weighs the same in each week, as in the wave of the chapter on the story; the last week ends on the day.
    """
    if not shop.has("story"):
        return {}
    told = story.written(shop.table("story"), as_of=shop.as_of)
    ago = ibis.literal(shop.as_of).delta(told.on, unit="day")
    late = told.mutate(week=ago // WEEK_DAYS).filter(ago < FEELING_DAYS)
    each = late.group_by("week", "customer_id")
    moods = {"good_ratio": GOOD, "bad_ratio": BAD}
    return {
        key: each.aggregate(value=(late.emotion == mood).cast("float64").mean().fill_null(0))
        for key, mood in moods.items()
    }


def _by_week(weekly: ir.Table) -> tuple[dict[str, Any], ir.Table]:
    """Average the weeks' averages, and tell how far each customer draws them away: people are not weeks.

    The interval is Wilson's over as many independent people as would give the same variance.
    """
    week = ibis.window(group_by="week")
    own = weekly.mutate(mean=weekly.value.mean().over(week), people=weekly.count().over(week))
    whole = own.week.nunique().over(ibis.window())
    own = own.mutate(told=own.value / own.people / whole, off=(own.value - own.mean) / own.people / whole)
    people = own.group_by("customer_id").aggregate(told=own.told.sum(), value=own.off.sum(), some=own.value.sum())
    counts = people.aggregate(
        customers=people.count(),
        value=people.told.sum(),
        spread=(people.value * people.value).sum(),
        part=people.count(where=people.some > 0),
    )
    known = counts.value * (1 - counts.value) / counts.spread.nullif(0)
    size = known.nullif(0).fill_null(counts.customers.cast("float64"))
    low, high = intervals.wilson(counts.value * size, size)
    found: dict[str, Any] = counts.mutate(low=low, high=high).drop("spread").to_pyarrow().to_pylist()[0]
    return found, people.select("customer_id", "value")


def _share(parts: ir.Table) -> dict[str, Any]:
    """Average what each customer adds (0-1); nothing varies more than a yes or no, so Wilson's interval is safe."""
    counts = parts.aggregate(customers=parts.count(), summed=parts.value.sum(), part=parts.count(where=parts.value > 0))
    low, high = intervals.wilson(counts.summed, counts.customers)
    told = counts.mutate(value=counts.summed / counts.customers.nullif(0), low=low, high=high).drop("summed")
    found: dict[str, Any] = told.to_pyarrow().to_pylist()[0]
    return found


def _counted(shop: Shop) -> list[dict[str, Any]]:
    """Count the buyers, orders and sales of the period: nothing is estimated."""
    known = rfm.rfm(shop.orders, as_of=shop.as_of, period_days=shop.rules.period_days)
    counts = known.aggregate(
        buyers=known.count(where=known.frequency > 0), orders=known.frequency.sum(), sales_yen=known.monetary_yen.sum()
    )
    found = counts.to_pyarrow().to_pylist()[0]
    return [{"key": key, "value": told, "customers": found["buyers"]} for key, told in found.items()]


def _measured(lines: pd.DataFrame, came: int) -> list[dict[str, Any]]:
    told = lines.rename(columns={"measure": "key"})[["key", "value", "low", "high", "customers"]]
    return told.assign(part=told["key"].map({"repeat_ratio": came})).to_dict("records")


def _second_orders(shop: Shop) -> list[dict[str, Any]]:
    """Read the curve of second orders on the first of the client's days, among all that have ever come."""
    first = pathway(shop).readings().iloc[0]
    names = {"value": "value", "low": "low", "high": "high", "customers": "customers", "part": "came"}
    return [{"key": "f2_ratio", **{name: first[column] for name, column in names.items()}}]
