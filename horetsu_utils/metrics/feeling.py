"""Feeling over the 90 days: the change score and the emotions by day since the first order, where they turn (潮目),
and the gap between what was expected and what was found.
"""

import ibis
import ibis.expr.types as ir

from horetsu_utils import intervals
from horetsu_utils.method import JourneyRules, ReferenceLines

UNTOLD = "-"
"""The step of a voice that tells none."""
INTERVAL = ("day_from", "day_to")
FEWEST = ReferenceLines.minimum_customers
"""With fewer customers no turn is claimed."""


def scores(firsts: ir.Table, story: ir.Table, *, rules: JourneyRules) -> ir.Table:
    """Average the change score in each interval of days since the first order; every customer counts once in each.

    Shape
        firsts, story -> one row per interval of `interval_days` in which anybody kept a record
    Columns
        day_from, day_to [day, inclusive; day 0 belongs to the first]; value: mean of the customers' own means, low,
        high: 95 %, deviation: of the customers' means [score 0-5]; customers [customer]
    Errors
        none; of one customer there is no deviation and no interval
    Source
        METHOD.md section 4 (feeling over the line)
    """
    lined = _lined(firsts, story, rules)
    each = lined.group_by(*INTERVAL, "customer_id").aggregate(score=lined.change_score.mean())
    rows = each.group_by(*INTERVAL).aggregate(
        value=each.score.mean(), deviation=each.score.std(how="sample"), customers=each.count()
    )
    low, high = intervals.mean(rows.value, rows.deviation, rows.customers)
    return rows.mutate(low=low, high=high).order_by("day_from")


def _lined(firsts: ir.Table, story: ir.Table, rules: JourneyRules) -> ir.Table:
    """Put the records of the journey into intervals of days since the first order."""
    told = story.select("customer_id", "change_score", "emotion", on=story.date)
    known = told.join(firsts.select("customer_id", "first_on"), "customer_id")
    day = known.on.delta(known.first_on, unit="day")
    before = (ibis.greatest(day - 1, 0) // rules.interval_days * rules.interval_days).cast("int64")
    placed = known.mutate(
        day_from=(before > 0).ifelse(before + 1, 0), day_to=ibis.least(before + rules.interval_days, rules.window_days)
    )
    return placed.filter(day.between(0, rules.window_days))


def emotions(firsts: ir.Table, story: ir.Table, *, rules: JourneyRules) -> ir.Table:
    """Tell the mix of emotions in each interval of days since the first order.

    Shape
        firsts, story -> one row per interval and emotion that occurs in it
    Columns
        day_from, day_to [day, inclusive]; emotion; records [record]; ratio [0-1, of the interval's records]
    Errors
        none
    Source
        METHOD.md section 4 (the emotion mix)
    """
    lined = _lined(firsts, story, rules)
    rows = lined.group_by(*INTERVAL, "emotion").aggregate(records=lined.count())
    whole = rows.records.sum().over(ibis.window(group_by="day_from"))
    return rows.mutate(ratio=rows.records / whole).order_by("day_from", "emotion")


def turns(scores: ir.Table, *, rules: JourneyRules, fewest: int = FEWEST) -> ir.Table:
    """Find where the feeling turns (潮目): the interval that stands out above, or below, an earlier and a later one.

    A side's z is the largest difference to an interval on that side, in standard errors of the difference; both sides
    must reach `turn_z`. Of several the one counts whose smaller side is the largest. Intervals of fewer than `fewest`
    customers are passed over.

    Shape
        one row per interval -> at most one peak and one trough
    Columns
        day_from, day_to [day]; kind: peak / trough; value [score 0-5]; z [standard errors, the smaller side]
    Errors
        none; a feeling that only rises, or stays, has no turn
    Source
        METHOD.md section 4 (the place where the curve turns); Welch 1938, Biometrika 29:350-362 (the standard error)
    """
    many = scores.filter(scores.customers >= fewest)
    sure = many.select(*INTERVAL, "value", square=many.deviation**2 / many.customers)
    kinds = ibis.memtable({"kind": ["peak", "trough"], "sign": [1, -1]})
    others = sure.select(other_from="day_from", other_value="value", other_square="square")
    pairs = sure.cross_join(others).cross_join(kinds)
    error = (pairs.square + pairs.other_square).sqrt().nullif(0)
    stood = pairs.mutate(z=pairs.sign * (pairs.value - pairs.other_value) / error)
    sides = stood.group_by(*INTERVAL, "kind", "value").aggregate(
        before=stood.z.max(where=stood.other_from < stood.day_from),
        after=stood.z.max(where=stood.other_from > stood.day_from),
    )
    out = sides.filter((sides.before >= rules.turn_z) & (sides.after >= rules.turn_z))
    turned = out.select(*INTERVAL, "kind", "value", z=ibis.least(out.before, out.after))
    best = ibis.window(group_by="kind", order_by=[ibis.desc("z"), "day_from"])
    ranked = turned.mutate(place=ibis.row_number().over(best))
    return ranked.filter(ranked.place == 0).drop("place").order_by("day_from", "kind")


def gap_by_step(firsts: ir.Table, voices: ir.Table, *, fewest: int = FEWEST) -> ir.Table:
    """Compare what was expected with what was found, step by step; every customer counts once in each step.

    The sign of the gap is sure where its interval excludes 0 and at least `fewest` customers were heard. A step has
    `turned` where its sure sign differs from that of the last step before it, in order of day, whose sign is sure.

    Shape
        firsts, voices -> one row per step, in order of day; those that tell no step have the code `-`, and come last
    Columns
        step; day [median day since the first order of those whose first order is known]; expectation, evaluation:
        means; gap: mean of evaluation - expectation, low, high: 95 % [score]; customers [customer]; turned
    Errors
        none; of one customer there is no interval; `-` and steps without a day never turn
    Source
        METHOD.md section 4 (the expectation gap by step)
    """
    told = voices.select(
        "customer_id",
        step=voices.step.fill_null(UNTOLD),
        on=voices.date,
        expectation=voices.expectation.cast("float64"),
        evaluation=voices.evaluation.cast("float64"),
    )
    both = told.left_join(firsts.select("customer_id", "first_on"), "customer_id").drop("customer_id_right")
    days = both.group_by("step").aggregate(day=both.on.delta(both.first_on, unit="day").cast("float64").quantile(0.5))
    means = {name: both[name].mean() for name in ("expectation", "evaluation")}
    each = both.group_by("step", "customer_id").aggregate(**means)
    gap = each.evaluation - each.expectation
    rows = each.group_by("step").aggregate(
        expectation=each.expectation.mean(),
        evaluation=each.evaluation.mean(),
        gap=gap.mean(),
        deviation=gap.std(how="sample"),
        customers=each.count(),
    )
    return _turned(rows.join(days, "step"), fewest)


def _turned(rows: ir.Table, fewest: int) -> ir.Table:
    """Mark the steps at which the sure sign of the gap changes."""
    low, high = intervals.mean(rows.gap, rows.deviation, rows.customers)
    told = rows.mutate(low=low, high=high, untold=rows.step == UNTOLD)
    apart = ((told.low > 0) | (told.high < 0)).fill_null(False)
    sure = apart & (told.customers >= fewest) & told.day.notnull() & ~told.untold
    marked = told.mutate(sure=sure, sign=told.gap.sign())
    before = marked.sign.lag().over(ibis.window(group_by=marked.sure, order_by=[marked.day, marked.step]))
    turned = (marked.sure & (before != marked.sign)).fill_null(False)
    ordered = marked.mutate(turned=turned).order_by("untold", ibis.asc("day", nulls_first=False), "step")
    return ordered.select("step", "day", "expectation", "evaluation", "gap", "low", "high", "customers", "turned")
