"""The feeling over the first days: change scores and emotions by interval, where they turn, and the gaps by step."""

import ibis
import ibis.expr.types as ir

from horetsu_utils import intervals
from horetsu_utils.method import JourneyRules

NO_STEP = "-"
"""The step of a voice that names none."""


def _placed(firsts: ir.Table, records: ir.Table, rules: JourneyRules) -> ir.Table:
    """Put each record of a first-time buyer into its interval of the journey; day 0 belongs to the first."""
    both = records.join(firsts.select("customer_id", "first_on"), "customer_id")
    day = both.date.delta(both.first_on, unit="day")
    place = ibis.greatest(day - 1, 0) // rules.interval_days
    placed = both.mutate(day=day, place=place.cast("int64")).filter((day >= 0) & (day <= rules.window_days))
    first = placed.place * rules.interval_days + 1
    last = ibis.least(first + rules.interval_days - 1, rules.window_days)
    return placed.mutate(day_from=(placed.place == 0).ifelse(0, first), day_to=last)


def scores(firsts: ir.Table, story: ir.Table, *, rules: JourneyRules) -> ir.Table:
    """Average the change score by interval of the journey, each customer counting once in each.

    Shape
        firsts, story -> one row per interval in which anybody was recorded
    Columns
        day_from, day_to [day]; customers [customer]; value, low, high [score 0-5, mean and 95 % interval]; deviation
        [score]
    Errors
        none; below two customers there is no interval
    Source
        METHOD.md section 4 (feeling over the line)
    """
    told = _placed(firsts, story.select("customer_id", "date", "change_score"), rules)
    own = told.group_by("customer_id", "day_from", "day_to").aggregate(score=told.change_score.mean())
    rows = own.group_by("day_from", "day_to").aggregate(
        customers=own.count(), value=own.score.mean(), deviation=own.score.std(how="sample")
    )
    low, high = intervals.mean(rows.value, rows.deviation, rows.customers)
    return rows.mutate(low=low, high=high).order_by("day_from")


def emotions(firsts: ir.Table, story: ir.Table, *, rules: JourneyRules) -> ir.Table:
    """Share out the records of each interval by emotion.

    Shape
        firsts, story -> one row per interval and emotion that occurs
    Columns
        day_from, day_to [day]; emotion; records [record]; ratio [0-1 of the interval's records]
    Errors
        none
    Source
        METHOD.md section 4 (the emotion mix by day since first order)
    """
    told = _placed(firsts, story.select("customer_id", "date", "emotion"), rules)
    rows = told.group_by("day_from", "day_to", "emotion").aggregate(records=told.count())
    whole = rows.records.sum().over(ibis.window(group_by="day_from"))
    return rows.mutate(ratio=rows.records / whole).order_by("day_from", "emotion")


def turns(scores: ir.Table, *, rules: JourneyRules) -> ir.Table:
    """Find where the curve turns (潮目): the interval that stands above, or below, both an earlier and a later one.

    It must stand out by `rules.turn_z` standard errors on its weaker side; of several the one that stands out most.

    Shape
        scores -> at most one peak and one trough
    Columns
        day_from, day_to [day]; kind: peak / trough; z [standard errors, weaker side]
    Errors
        none; a curve that only rises, only falls or keeps level has no turn
    Source
        METHOD.md section 4 (潮目)
    """
    known = scores.filter((scores.customers > 1) & scores.deviation.notnull()).select(
        "day_from", "day_to", "value", square=scores.deviation**2 / scores.customers
    )
    other = known.select(other_from="day_from", other_value="value", other_square="square")
    pairs = known.cross_join(other).filter(lambda row: row.day_from != row.other_from)
    above = pairs.mutate(
        z=(pairs.value - pairs.other_value) / ibis.greatest(pairs.square + pairs.other_square, SMALLEST).sqrt(),
        earlier=pairs.other_from < pairs.day_from,
    )
    sides = above.group_by("day_from", "day_to").aggregate(
        up=ibis.least(above.z.max(where=above.earlier), above.z.max(where=~above.earlier)),
        down=ibis.least((-above.z).max(where=above.earlier), (-above.z).max(where=~above.earlier)),
        both=above.earlier.any() & (~above.earlier).any(),
    )
    inner = sides.filter(sides.both)
    told = ibis.union(
        inner.select("day_from", "day_to", kind=ibis.literal("peak"), z="up"),
        inner.select("day_from", "day_to", kind=ibis.literal("trough"), z="down"),
    )
    best = ibis.window(group_by="kind", order_by=[ibis.desc("z"), "day_from"])
    ranked = told.filter(told.z >= rules.turn_z).mutate(place=ibis.row_number().over(best))
    return ranked.filter(ranked.place == 0).drop("place").order_by("day_from")


SMALLEST = 1e-12
"""Scores without any spread differ beyond chance as soon as they differ."""


def gap_by_step(firsts: ir.Table, voices: ir.Table) -> ir.Table:
    """Hold what was expected against how it was found, step by step in order of days.

    The gap turns (潮目) at a step whose mean gap has the other sign than the step's before it, if the interval of its
    own gap leaves 0 out.

    Shape
        firsts, voices -> one row per step anybody was heard at
    Columns
        step; day [day, median since the first order]; voices [voice]; customers [customer]; expectation, evaluation
        [score, means]; gap, low, high [score, mean of evaluation - expectation and 95 % interval]; turned
    Errors
        none; below two voices there is no interval, and no turn
    Source
        METHOD.md section 4 (the expectation gap by step)
    """
    told = voices.select("customer_id", "date", "step", "expectation", "evaluation")
    both = told.join(firsts.select("customer_id", "first_on"), "customer_id")
    after = both.filter(both.date >= both.first_on)
    rows = after.mutate(
        step=after.step.fill_null(NO_STEP),
        day=after.date.delta(after.first_on, unit="day").cast("float64"),
        gap=(after.evaluation - after.expectation).cast("float64"),
    )
    sums = rows.group_by("step").aggregate(
        day=rows.day.quantile(0.5),
        voices=rows.count(),
        customers=rows.customer_id.nunique(),
        expectation=rows.expectation.cast("float64").mean(),
        evaluation=rows.evaluation.cast("float64").mean(),
        mean_gap=rows.gap.mean(),
        deviation=rows.gap.std(how="sample"),
    )
    low, high = intervals.mean(sums.mean_gap, sums.deviation, sums.voices)
    held = sums.mutate(low=low, high=high)
    before = held.mean_gap.lag().over(ibis.window(order_by=["day", "step"]))
    sure = ((held.low > 0) | (held.high < 0)).fill_null(False)
    turned = (sure & (held.mean_gap * before < 0)).fill_null(False)
    return held.mutate(turned=turned).rename(gap="mean_gap").drop("deviation").order_by("day", "step")
