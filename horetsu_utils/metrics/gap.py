"""Expectation against evaluation: three patterns, where the balance is lost, and what really followed in this shop."""

import datetime as dt

import ibis
import ibis.expr.types as ir

from horetsu_utils import intervals
from horetsu_utils.method import LINE_DIGITS, GapRules

PATTERNS = ("disappointed", "content", "moved")
"""Expectation above, equal to, and below evaluation."""
OUTCOMES = ("complaint", "repeat", "referral")
"""What may follow a voice."""


def judged(voices: ir.Table, *, rules: GapRules) -> ir.Table:
    """Say of each voice whether it was disappointed, content or moved.

    Shape
        voices -> the same rows
    Columns
        gap: evaluation - expectation [score]; pattern: disappointed / content / moved
    Errors
        none
    Source
        METHOD.md section 5
    """
    gap = (voices.evaluation.cast("float64") - voices.expectation.cast("float64")).round(LINE_DIGITS)
    pattern = ibis.cases((gap < -rules.tolerance, PATTERNS[0]), (gap > rules.tolerance, PATTERNS[2]), else_=PATTERNS[1])
    return voices.mutate(gap=gap, pattern=pattern)


def shares(judged: ir.Table, *, by: str = "") -> ir.Table:
    """Share the voices among the three patterns, in the whole or by one column.

    Shape
        judged voices -> three rows, or three per value of `by`; a pattern without a voice has a share of 0
    Columns
        pattern; voices [voice, of the pattern]; whole [voice, of all three]; ratio with low, high [0-1, Wilson 95 %]
    Errors
        none; without voices no rows
    Source
        METHOD.md section 5
    """
    groups = [by] if by else []
    counts = judged.group_by([*groups, "pattern"]).aggregate(voices=judged.count())
    wholes = judged.group_by(groups).aggregate(whole=judged.count()) if by else judged.aggregate(whole=judged.count())
    grid = wholes.filter(wholes.whole > 0).cross_join(ibis.memtable({"pattern": PATTERNS, "place": range(3)}))
    told = grid.left_join(counts, [*groups, "pattern"]).mutate(voices=ibis.coalesce(ibis._.voices, 0))
    low, high = intervals.wilson(told.voices, told.whole)
    found = told.mutate(ratio=told.voices / told.whole, low=low, high=high).order_by([*groups, "place"])
    return found.select(*groups, "pattern", "voices", "whole", "ratio", "low", "high")


def levels(judged: ir.Table, *, by: tuple[str, ...]) -> ir.Table:
    """Average expectation, evaluation and their difference at each place; every person counts once in each.

    Shape
        judged voices with person -> one row per value of the columns `by`
    Columns
        expectation, evaluation: means; gap: mean difference with low, high (95 %), error: its standard error [score];
        customers [person]; voices [voice]
    Errors
        none; of one person there is neither error nor interval
    Source
        METHOD.md section 5 (both levels as well as the difference: LESSONS.md, Domain)
    """
    each = judged.group_by([*by, "person"]).aggregate(
        expectation=judged.expectation.cast("float64").mean(),
        evaluation=judged.evaluation.cast("float64").mean(),
        voices=judged.count(),
    )
    told = each.mutate(gap=each.evaluation - each.expectation)
    rows = told.group_by(list(by)).aggregate(
        **{name: told[name].mean() for name in ("expectation", "evaluation", "gap")},
        deviation=told.gap.std(how="sample"),
        customers=told.count(),
        voices=told.voices.sum(),
    )
    low, high = intervals.mean(rows.gap, rows.deviation, rows.customers)
    error = rows.deviation / rows.customers.cast("float64").sqrt()
    return rows.mutate(low=low, high=high, error=error).drop("deviation").order_by(list(by))


def to_mend(levels: ir.Table, *, rules: GapRules) -> ir.Table:
    """Rank the places at which the balance is surely lost by the whole of what was missing there.

    Shape
        one row per place (`levels`) -> the rows to mend, the most pressing first
    Columns
        as `levels`, and missing: customers x mean shortfall [score, summed over the customers]
    Errors
        none; a place with few voices, or whose gap may be chance, is no row
    Source
        METHOD.md section 5 (the ranked list of what to mend at once)
    """
    many = levels.filter(levels.customers >= rules.place_customers)
    sure = many.filter(many.gap + rules.place_z * many.error < 0)
    named = [name for name in ("step", "department") if name in levels.columns]
    return sure.mutate(missing=-sure.gap * sure.customers).order_by([ibis.desc("missing"), *named])


def followed(judged: ir.Table, orders: ir.Table, touchpoints: ir.Table, *, as_of: dt.date, rules: GapRules) -> ir.Table:
    """Tell what followed each pattern: a complaint, another order, a referral, within `follow_days` after the voice.

    Of every customer the first voice of a pattern counts that has been watched for the whole time. What happened on
    the day of the voice itself is no consequence. Voices without a customer tell nothing here.

    Shape
        judged voices, orders, touchpoints -> one row per pattern and outcome
    Columns
        pattern; outcome: complaint / repeat / referral; customers [customer, watched]; came [customer]; ratio with low,
        high [0-1, Wilson 95 %]
    Errors
        none; a pattern that nobody watched has no ratio
    Source
        METHOD.md section 5 (what really followed in this shop)
    """
    known = judged.filter(
        judged.customer_id.notnull() & (judged.on.delta(ibis.literal(as_of), unit="day") <= -rules.follow_days)
    )
    firsts = known.group_by("customer_id", "pattern").aggregate(on=known.on.min())
    contacts = touchpoints.select("customer_id", outcome=touchpoints.reaction, at=touchpoints.at.cast("date"))
    bought = orders.filter(orders.is_purchase).select(
        "customer_id", outcome=ibis.literal("repeat"), at=orders.ordered_on
    )
    events = contacts.filter(contacts.outcome.isin(OUTCOMES)).union(bought)
    after = firsts.join(events, "customer_id")
    days = after.at.delta(after.on, unit="day")
    came = after.filter(days.between(1, rules.follow_days)).select("customer_id", "pattern", "outcome").distinct()
    return _rates(firsts, came)


def _rates(firsts: ir.Table, came: ir.Table) -> ir.Table:
    """Divide those to whom something happened by all who were watched, for each pattern and outcome."""
    grid = ibis.memtable({"pattern": PATTERNS, "place": range(3)}).cross_join(
        ibis.memtable({"outcome": OUTCOMES, "nth": range(3)})
    )
    watched = firsts.group_by("pattern").aggregate(customers=firsts.count())
    counts = came.group_by("pattern", "outcome").aggregate(came=came.count())
    told = grid.left_join(watched, "pattern").drop("pattern_right").left_join(counts, ["pattern", "outcome"])
    rows = told.select("pattern", "outcome", "place", "nth", **{n: told[n].fill_null(0) for n in ("customers", "came")})
    low, high = intervals.wilson(rows.came, rows.customers)
    ratio = rows.came / rows.customers.nullif(0)
    return rows.mutate(ratio=ratio, low=low, high=high).order_by("place", "nth").drop("place", "nth")


def coverage(judged: ir.Table, orders: ir.Table, *, as_of: dt.date, period_days: int) -> ir.Table:
    """Tell how many of the customers were heard.

    Shape
        judged voices, orders -> one row
    Columns
        voices, unnamed: without a customer [voice]; heard: customers with a voice [customer]; buyers: customers who
        bought in the last `period_days`, buyers_heard: those of them who were ever heard [customer]
    Errors
        none
    Source
        METHOD.md section 5 (coverage is always printed)
    """
    since = ibis.literal(as_of - dt.timedelta(days=period_days))
    bought = orders.filter(orders.is_purchase & (orders.ordered_on > since)).select("customer_id").distinct()
    told = judged.aggregate(
        voices=judged.count(),
        unnamed=judged.customer_id.isnull().sum().fill_null(0),
        heard=judged.customer_id.nunique(),
    )
    known = bought.semi_join(judged, "customer_id")
    return told.cross_join(bought.aggregate(buyers=bought.count()), known.aggregate(buyers_heard=known.count()))
