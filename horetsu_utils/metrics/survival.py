"""How the second order comes in time: Kaplan–Meier curves, their readings, and the plain rate beside them."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from horetsu_utils import intervals
from horetsu_utils.method import Z_95

REST = "\ue000"
"""The group of all that are too small to stand alone: a sign that no name has."""


def curve(firsts: ir.Table, *, by: str = "") -> ir.Table:
    """Draw the share of customers who have come back by each day (Kaplan–Meier), with its 95 % band.

    Those still watched count up to the day they have been watched; who came back and who was last seen on one day both
    were at risk on it. Where nobody or everybody has come back the band is unknown, and null.

    Shape
        one row per customer with until_days and came_back -> one row per day on which anything ended, within `by`
    Columns
        day [day]; at_risk, events, left [customer]: watched on that day, came back, no longer watched after it;
        value, low, high [0-1]
    Errors
        none
    Source
        METHOD.md section 4; Kaplan and Meier 1958, J. Am. Stat. Assoc. 53:457-481; Greenwood's variance on the
        log(-log) scale: Kalbfleisch and Prentice 1980
    """
    keys = [by] if by else []
    daily = firsts.group_by([*keys, "until_days"]).aggregate(left=firsts.count(), events=firsts.came_back.sum())
    onwards = ibis.window(group_by=keys, order_by="until_days", preceding=0, following=None)
    risk = daily.mutate(at_risk=daily.left.sum().over(onwards))
    stay = risk.at_risk - risk.events
    step = risk.mutate(
        last=(stay == 0).cast("int64"),
        kept=(stay / risk.at_risk).nullif(0).ln(),
        spread=risk.events / (risk.at_risk * stay.nullif(0)),
    )
    so_far = ibis.window(group_by=keys, order_by="until_days", preceding=None, following=0)
    sums = step.mutate(
        stayed=(step.last.sum().over(so_far) > 0).ifelse(0.0, step.kept.sum().over(so_far).fill_null(0.0).exp()),
        variance=step.spread.sum().over(so_far),
    )
    inside = ((sums.stayed > 0) & (sums.stayed < 1)).ifelse(sums.stayed, None)
    bend = (Z_95 * sums.variance.sqrt() / inside.ln()).exp()  # log S is negative: the bend is below 1
    columns = {
        "day": sums.until_days,
        "value": 1 - sums.stayed,
        "low": 1 - inside**bend,
        "high": 1 - inside ** (1 / bend),
    }
    return sums.select(*keys, "at_risk", "events", "left", **columns).order_by(*keys, "day")


def readings(curve: ir.Table, days: Sequence[int], *, by: str = "") -> ir.Table:
    """Read a curve on given days; where nobody is watched any more, nothing is read.

    Where nobody, or everybody, came back, the interval is Wilson's over those who were still at risk.

    Shape
        a curve -> one row per day, within `by`
    Columns
        day [day]; value, low, high [0-1]; customers [customer]: in all; at_risk [customer]: still watched on that day
    Errors
        none
    Source
        METHOD.md section 4
    """
    keys = [by] if by else []
    asked = ibis.memtable({"read_on": list(days)}, schema={"read_on": "int64"})
    pairs = curve.cross_join(asked)
    past = pairs.day <= pairs.read_on
    found = pairs.group_by([*keys, "read_on"]).aggregate(
        last=pairs.day.max(where=past),
        customers=pairs.at_risk.max(),
        at_risk=pairs.left.sum(where=pairs.day >= pairs.read_on).fill_null(0),
    )
    points = curve.select(*keys, last="day", step=curve.at_risk, value=curve.value, low=curve.low, high=curve.high)
    read = found.left_join(points, [*keys, "last"])
    value = read.value.fill_null(0.0)
    known = (read.at_risk > 0) | (value == 1)
    none_low, none_high = intervals.wilson(ibis.literal(0), read.at_risk)
    all_low, all_high = intervals.wilson(read.step, read.step)
    low = ibis.cases((value == 0, none_low), (value == 1, all_low), else_=read.low)
    high = ibis.cases((value == 0, none_high), (value == 1, all_high), else_=read.high)
    told = {"day": read.read_on, "value": value, "low": low, "high": high}
    shown = {name: told[name] if name == "day" else known.ifelse(told[name], None) for name in told}
    return read.select(*keys, "customers", "at_risk", **shown).order_by(*keys, "day")


def mature(firsts: ir.Table, days: Sequence[int]) -> ir.Table:
    """Count plainly, of those watched for the whole window, how many came back within it.

    Shape
        firsts -> one row per window
    Columns
        day [day]; watched, came, young [customer]: watched long enough, back in time, not yet watched long enough;
        value, low, high [0-1, Wilson 95 %]
    Errors
        none; the share is null where nobody has been watched long enough
    Source
        METHOD.md section 4
    """
    asked = ibis.memtable({"day": list(days)}, schema={"day": "int64"})
    pairs = firsts.select("watched_days", "f2_days").cross_join(asked)
    whole = pairs.watched_days >= pairs.day
    counts = pairs.group_by("day").aggregate(
        watched=whole.sum(), came=(whole & (pairs.f2_days <= pairs.day)).sum(), young=(~whole).sum()
    )
    came = counts.came.fill_null(0)
    low, high = intervals.wilson(came, counts.watched)
    ratio = came / counts.watched.nullif(0)
    return counts.mutate(came=came, value=ratio, low=low, high=high).order_by("day")


def within(firsts: ir.Table, *, days: int) -> ir.Table:
    """Look at the first `days` only: who came back later had not come back by then.

    Shape
        one row per customer -> the same
    Columns
        until_days [day, at most `days`]; came_back [by then]
    Errors
        none
    Source
        METHOD.md section 4
    """
    late = firsts.until_days > days
    return firsts.mutate(until_days=late.ifelse(days, firsts.until_days), came_back=firsts.came_back & ~late)


def folded(firsts: ir.Table, by: str, *, most: int) -> ir.Table:
    """Keep the largest groups as they are, and put all smaller ones together; who belongs to none is left out.

    Shape
        one row per customer with `by` -> those with a group
    Columns
        `by`: the group's own name, or REST
    Errors
        none
    Source
        METHOD.md section 4 (by first product, source)
    """
    told = firsts.filter(firsts[by].notnull())
    sizes = told.group_by(by).aggregate(people=told.count()).order_by(ibis.desc("people"), by).limit(most)
    joined = told.left_join(sizes.select(large=by), told[by] == sizes[by])
    return joined.mutate(**{by: joined.large.fill_null(REST)}).drop("large")


def waits(firsts: ir.Table, *, bands: Sequence[tuple[int, int]]) -> ir.Table:
    """Count those who came back by the days it took them.

    Shape
        firsts, bands of days (first, last) -> one row per band
    Columns
        day_from, day_to [day]; customers [customer]; customer_ratio [0-1, of those who came back]
    Errors
        none
    Source
        METHOD.md section 4 (days to F2: distribution)
    """
    table = ibis.memtable({"day_from": [low for low, _ in bands], "day_to": [high for _, high in bands]})
    days = firsts.group_by("f2_days").aggregate(people=firsts.count())
    held = table.join(days, [days.f2_days >= table.day_from, days.f2_days <= table.day_to], how="left")
    counts = held.group_by("day_from", "day_to").aggregate(customers=held.people.sum().fill_null(0))
    whole = counts.customers.sum().over(ibis.window()).nullif(0)
    return counts.mutate(customer_ratio=counts.customers / whole).order_by("day_from")
