"""A shop on two days → what moved between them, people and figures, and of which difference one can be sure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from horetsu_utils.day_figures import DayFigures, day_figures
from horetsu_utils.errors import ConfigError
from horetsu_utils.method import YEAR_DAYS
from horetsu_utils.metrics import passage, rfm, stage
from horetsu_utils.shop import Shop
from horetsu_utils.standing import Standing, segmented

COUNTED = ("buyers", "orders", "sales_yen")
OVER_THE_YEAR = (*COUNTED, "repeat_ratio", "annual_ltv_yen")
OF_TIES = ("near_ratio", "cooling_ratio")
KEYS = (*OVER_THE_YEAR, "f2_ratio", *OF_TIES, "good_ratio", "bad_ratio")
"""The figures in the order in which they are told."""
MORE, LESS, UNCLEAR, FEW, YOUNG, BEGUN, ADDED = "more", "less", "unclear", "few", "young", "begun", "added"
"""A sure rise or fall; no sure difference; few people; an earlier record of less than a year; a kind of record begun in
between; and what was counted, of which nothing is estimated."""


@dataclass(frozen=True)
class Comparison:
    """A shop on two days.

    `figures` has one row per figure of KEYS that is known on both days: key; before, now [the figure's unit];
    before_customers, now_customers, before_part, now_part [customer]; difference, low, high [95 %]; verdict. `people`
    counts by kind: known on both days, new since, risen, fallen, cooled, warmed (no longer cooling, without a loss).
    `stages` and `segments` count the ways from code to code: source, target, customers. Where nothing is known, a frame
    has no rows. `begun` names the tables whose records began between the two days.
    """

    before: Shop
    now: Shop
    figures: pd.DataFrame
    people: pd.Series
    stages: pd.DataFrame
    segments: pd.DataFrame
    stage_names: Mapping[str, str]
    begun: tuple[str, ...]


def compare(earlier: Shop, later: Shop) -> Comparison:
    """Hold a shop on one day against the same shop on a later one.

    Shape
        a shop opened on two days -> one Comparison
    Errors
        ConfigError when the days stand in the wrong order, or the shops are two
    """
    _refuse(earlier, later)
    before, now = day_figures(earlier), day_figures(later)
    begun = _begun(before.where, now.where)
    keys = [key for key in KEYS if key in before.rows.index and key in now.rows.index]
    least = later.rules.lines.minimum_customers
    young = before.history_days < max(later.rules.period_days, YEAR_DAYS)
    rows = [_row(key, before, now) for key in keys]
    verdicts = [_verdict(row, least, young=young, begun=bool(begun)) for row in rows]
    figures = pd.DataFrame(rows, columns=_COLUMNS).assign(verdict=verdicts)
    where = now.where
    return Comparison(
        earlier,
        later,
        figures,
        people=_people(where, earlier.as_of) if where else pd.Series(dtype="int64"),
        stages=_ways(passage.movement(stage.at(where.spells, on=earlier.as_of), where.stages)) if where else _NO_WAYS,
        segments=_ways(_segments(later, earlier.as_of)) if later.has("orders") else _NO_WAYS,
        stage_names=where.names if where else {},
        begun=begun,
    )


_COLUMNS = ["key", "before", "now", "before_customers", "now_customers", "before_part", "now_part"]
_COLUMNS += ["difference", "low", "high"]
_NO_WAYS = pd.DataFrame({"source": [], "target": [], "customers": []}).astype({"source": str, "target": str})


def _refuse(earlier: Shop, later: Shop) -> None:
    if earlier.client.folder != later.client.folder:
        raise ConfigError(
            "2つの別のお店は、比べられません。",
            where=f"{earlier.client.folder} と {later.client.folder}",
            next_step="1つのお店の、2つの日を選んでください。",
        )
    if earlier.as_of >= later.as_of:
        what = "比べる2つの日が、同じ日です。" if earlier.as_of == later.as_of else "比べる2つの日の順が、逆です。"
        raise ConfigError(
            what,
            where=f"{earlier.as_of} と {later.as_of}",
            next_step=f"horetsu compare {later.client.id} 2026-03-31 2026-06-30 のように、"
            "早い日・遅い日の順に書いてください。",
        )


def _begun(before: Standing | None, now: Standing | None) -> tuple[str, ...]:
    """Return the tables that told of nobody on the earlier day, and of somebody on the later one."""
    if now is None:
        return ()
    told = now.coverage.to_pandas().set_index("table")["informed"]
    early = before.coverage.to_pandas().set_index("table")["informed"] if before else told * 0
    return tuple(name for name in told.index if told[name] and not early[name])


def _row(key: str, before: DayFigures, now: DayFigures) -> dict[str, Any]:
    one, two = before.rows.loc[key], now.rows.loc[key]
    sides = [_each(day.parts[key]) for day in (before, now)] if key in now.parts else []
    low, high = difference_interval(one, two, together(*sides) if sides else 0.0)
    sizes = {f"before_{name}": one[name] for name in ("customers", "part")}
    sizes |= {f"now_{name}": two[name] for name in ("customers", "part")}
    told = {"key": key, "before": one["value"], "now": two["value"]}
    return {**told, **sizes, "difference": two["value"] - one["value"], "low": low, "high": high}


def _each(parts: ir.Table) -> pd.Series:
    return parts.to_pandas().set_index("customer_id")["value"].astype(float)


def together(before: pd.Series, now: pd.Series) -> float:
    """Tell how far two averages rise and fall together, since many customers are in both.

    Shape
        what each customer adds on two days, by customer -> a correlation (-1 to 1); 0 where all are alike
    Errors
        none
    Source
        the covariance of two means whose samples overlap is that of those in both, over the product of the sizes
    """
    off, off_now = before - before.mean(), now - now.mean()
    size = sqrt((off**2).sum() * (off_now**2).sum())
    return float((off * off_now).sum() / size) if size else 0.0


def difference_interval(before: pd.Series, now: pd.Series, correlation: float) -> tuple[float, float]:
    """Return the 95 % interval of a difference from the intervals of its two sides, and how they move together.

    Where the correlation is not known, 0 makes it rather too wide than too narrow: the same people lean the same way.

    Shape
        value, low, high on two days; a correlation -> (low, high) in the figure's unit, unknown where a side is
    Errors
        none
    Source
        Newcombe 1998, Statistics in Medicine 17:2635-2650 (method 8, without the correction for continuity); Zou and
        Donner 2008, Statistics in Medicine 27:1693-1702 for figures of any kind
    """

    def reach(up: float, down: float) -> float:
        return sqrt(max(up**2 + down**2 - 2 * correlation * up * down, 0.0))

    gap = now["value"] - before["value"]
    low = gap - reach(now["value"] - now["low"], before["high"] - before["value"])
    return low, gap + reach(now["high"] - now["value"], before["value"] - before["low"])


def _verdict(row: Mapping[str, Any], least: int, *, young: bool, begun: bool) -> str:
    key, low, high = row["key"], row["low"], row["high"]
    if young and key in OVER_THE_YEAR:
        return YOUNG
    if begun and key in OF_TIES:
        return BEGUN
    if key in COUNTED:
        return ADDED
    if min(row["before_customers"], row["now_customers"]) < least:
        return FEW
    return MORE if low > 0 else LESS if high < 0 else UNCLEAR


def _people(where: Standing, on: dt.date) -> pd.Series:
    """Count who is known on both days, who came, rose, fell, began to cool, and no longer cools."""
    then = stage.at(where.spells, on=on)
    before = then.select("customer_id", stood="stage", cooled=then.cooling & (then.stage > 0))
    both = where.stages.inner_join(before, "customer_id")
    cool = both.cooling & (both.stage > 0)
    counts = both.aggregate(
        known=both.count(),
        risen=both.count(where=both.stage > both.stood),
        fallen=both.count(where=both.stage < both.stood),
        cooled=both.count(where=cool & ~both.cooled),
        warmed=both.count(where=both.cooled & ~cool & (both.stage >= both.stood)),
    )
    counts = counts.cross_join(where.stages.aggregate(whole=ibis._.count()))
    found = counts.mutate(new=counts.whole - counts.known).drop("whole")
    return pd.Series(found.to_pyarrow().to_pylist()[0])


def _segments(later: Shop, on: dt.date) -> ir.Table:
    """Count the ways between the segments, with the later day's cut points on both days."""
    rules, now = later.rules, segmented(later)
    known = rfm.rfm(later.orders, as_of=on, period_days=rules.period_days)
    scored = rfm.score(known, rfm.cut_points(now, rules.cuts))
    return rfm.movement(rfm.segment(scored, rules.segments), now)


def _ways(movement: ir.Table) -> pd.DataFrame:
    source, target, _ = movement.columns
    return (
        movement.to_pandas().rename(columns={source: "source", target: "target"}).astype({"source": str, "target": str})
    )
