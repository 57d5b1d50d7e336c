"""Running counts along each customer's time: the n-th row, weeks with a record, rows in a row, a steady rhythm."""

import ibis
import ibis.expr.types as ir

from horetsu_utils import conditions
from horetsu_utils.relation import SignalRule

WEEK_DAYS = 7
ROWS, WEEKS, IN_A_ROW = COUNTS = ("rows", "weeks", "in_a_row")


def days(rule: SignalRule, facts: ir.Table) -> ir.Table:
    """Return the days on which the running count of a rule's rows is what the rule asks for.

    Shape
        rows with customer_id, `on` (day) and `moment` -> one row per customer and day
    Errors
        none
    Source
        METHOD.md section 3; relation.SignalRule
    """
    holds = conditions.holds(facts, rule.condition, same=rule.same)
    kept = facts.filter(holds) if rule.condition else facts
    if rule.of == IN_A_ROW:
        return _wanted(rule, _in_a_row(facts.mutate(holds=holds)))
    if rule.steady:
        return _steady(rule, kept)
    if rule.new_in:
        firsts = kept.group_by(["customer_id", rule.new_in]).aggregate(on=ibis._.on.min())
        return _wanted(rule, _numbered(firsts))
    if rule.of == WEEKS:
        return _wanted(rule, _by_weeks(rule, kept))
    if rule.at_least == 1 and rule.at_most is None:
        return kept.select("customer_id", "on").distinct()
    if rule.at_least == rule.at_most == 1 and rule.window_days is None:
        return kept.group_by("customer_id").aggregate(on=ibis._.on.min())
    return _wanted(rule, _numbered(kept, rule.window_days))


def _wanted(rule: SignalRule, rows: ir.Table) -> ir.Table:
    wanted = rows.number >= rule.at_least
    if rule.at_most is not None:
        wanted &= rows.number <= rule.at_most
    return rows.filter(wanted).select("customer_id", "on").distinct()


def _numbered(rows: ir.Table, window_days: int | None = None) -> ir.Table:
    """Count a customer's rows up to each, over all time or within so many days."""
    if window_days is None:
        place = ibis.row_number().over(ibis.window(group_by="customer_id", order_by="on"))
        return rows.mutate(number=place + 1)
    timed = rows.mutate(day=_day_number(rows))
    return timed.mutate(number=timed.count().over(_between(window_days - 1, 0)))


def _in_a_row(rows: ir.Table) -> ir.Table:
    """Count how many rows up to each one hold without a break."""
    so_far = ibis.window(group_by="customer_id", order_by=["moment", "holds"], preceding=None, following=0)
    broken = rows.mutate(breaks=(~rows.holds).cast("int64").sum().over(so_far)).filter(rows.holds)
    place = ibis.row_number().over(ibis.window(group_by=["customer_id", "breaks"], order_by="moment"))
    return broken.mutate(number=place + 1)


def _by_weeks(rule: SignalRule, rows: ir.Table) -> ir.Table:
    """Count the weeks, reckoned back from each row's own day, that hold a row."""
    dated = rows.select("customer_id", "on").distinct()
    timed = dated.mutate(day=_day_number(dated))
    weeks = range((rule.window_days or WEEK_DAYS) // WEEK_DAYS)
    held = [
        (timed.count().over(_between(WEEK_DAYS * (week + 1) - 1, WEEK_DAYS * week)) > 0).cast("int64") for week in weeks
    ]
    return timed.mutate(number=sum(held))


def _steady(rule: SignalRule, rows: ir.Table) -> ir.Table:
    """Return the days before which so many gaps lie that are all but equal."""
    dated = rows.select("customer_id", "on").distinct()
    gaps = dated.mutate(
        gap=dated.on.delta(dated.on.lag().over(ibis.window(group_by="customer_id", order_by="on")), unit="day")
    )
    latest = ibis.window(group_by="customer_id", order_by="on", preceding=rule.steady - 1, following=0)
    known = gaps.mutate(
        gaps=gaps.gap.count().over(latest),
        mean=gaps.gap.mean().over(latest),
        spread=gaps.gap.std(how="pop").over(latest),
    )
    even = known.filter((known.gaps == rule.steady) & (known.spread <= rule.spread * known["mean"]))
    return even.select("customer_id", "on")


def _day_number(rows: ir.Table) -> ir.IntegerValue:
    return rows.on.delta(ibis.date(1970, 1, 1), unit="day")


def _between(farthest: int, nearest: int) -> ibis.expr.builders.WindowBuilder:
    """Return the window over a customer's rows from `farthest` to `nearest` days back."""
    if nearest:
        return ibis.range_window(group_by="customer_id", order_by="day", preceding=(farthest, nearest))
    return ibis.range_window(group_by="customer_id", order_by="day", preceding=farthest, following=0)
