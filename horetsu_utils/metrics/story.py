"""The story (物語): how each customer's change grows, how the feeling moves by week, and for what people came."""

import datetime as dt

import ibis
import ibis.expr.types as ir
from ibis import selectors

from horetsu_utils import intervals
from horetsu_utils.story_rules import BAD, GOOD, PLAIN, StoryRules

REST = "\ue000"
"""Stands for all the purposes of few customers: a sign that no text has."""


def written(story: ir.Table, *, as_of: dt.date) -> ir.Table:
    """Lay out the records along the days since each customer's first.

    Shape
        story -> one row per record up to `as_of`
    Columns
        customer_id, on [date], score [0-5], emotion, purpose; number [record, from 1]; day [day since the first record]
    Errors
        none
    Source
        METHOD.md section 7
    """
    told = story.select("customer_id", "emotion", "purpose", on=story.date, score=story.change_score)
    seen = told.filter(told.on <= as_of)
    along = ibis.window(group_by="customer_id", order_by="on")
    return seen.mutate(
        number=(ibis.row_number().over(along) + 1).cast("int64"),
        day=seen.on.delta(seen.on.min().over(ibis.window(group_by="customer_id")), unit="day").cast("int64"),
    )


def coverage(written: ir.Table) -> ir.Table:
    """Count who records how often.

    Shape
        written records -> one row
    Columns
        customers [customer]; again [customer with two records or more]; records [record]; first_on, last_on [date]
    Errors
        none
    Source
        METHOD.md section 7
    """
    return written.aggregate(
        customers=written.customer_id.nunique(),
        again=(written.number == 2).sum().fill_null(0),
        records=written.count(),
        first_on=written.on.min(),
        last_on=written.on.max(),
    )


def path(written: ir.Table, customer_id: str, *, rules: StoryRules) -> ir.Table:
    """Draw one customer's growth curve: the points as recorded, and a robust smooth line between the gaps.

    The line is the running median of the points, and then the running mean of those medians over half the span
    (Tukey's smoothing by medians, finished by a mean), within each stretch without a gap.

    Shape
        written records -> one row per record of the customer
    Columns
        on [date], score [0-5], emotion; stretch [from 0]: it grows after each gap; level [score 0-5]
    Errors
        none; somebody without records gives an empty table
    Source
        METHOD.md section 7; Tukey 1977, Exploratory Data Analysis, chapter 7
    """
    own = written.filter(written.customer_id == customer_id)
    steps = own.mutate(gap=own.day - own.day.lag().over(ibis.window(order_by="on")))
    is_new = (steps.gap > rules.gap_days).fill_null(False).cast("int64")
    told = steps.mutate(stretch=is_new.sum().over(ibis.window(order_by="on", preceding=None, following=0)))
    wide, half = rules.smooth_days, rules.smooth_days // 2
    score = told.score.cast("float64")
    medians = told.mutate(
        middle=score.quantile(0.5).over(
            ibis.range_window(group_by="stretch", order_by="day", preceding=wide, following=wide)
        )
    )
    level = medians.middle.mean().over(
        ibis.range_window(group_by="stretch", order_by="day", preceding=half, following=half)
    )
    return medians.mutate(level=level).select("on", "score", "emotion", "stretch", "level").order_by("on")


def growth(written: ir.Table, *, rules: StoryRules) -> ir.Table:
    """Average the scores by days since the first record; every customer counts once in each interval.

    Shape
        written records -> one row per interval of `interval_days` in which anybody has a record
    Columns
        day_from, day_to [day, inclusive]; value: mean of the customers' own means, low, high: 95 % [score 0-5];
        customers [customer]
    Errors
        none; of one customer there is no interval
    Source
        METHOD.md section 7 (the group's curve, by days since the start)
    """
    begin = (written.day // rules.interval_days * rules.interval_days).cast("int64")
    placed = written.mutate(day_from=begin, day_to=begin + rules.interval_days - 1)
    each = placed.group_by("day_from", "day_to", "customer_id").aggregate(score=placed.score.mean())
    rows = each.group_by("day_from", "day_to").aggregate(
        value=each.score.mean(), deviation=each.score.std(how="sample"), customers=each.count()
    )
    low, high = intervals.mean(rows.value, rows.deviation, rows.customers)
    return rows.mutate(low=low, high=high).drop("deviation").order_by("day_from")


def wave(written: ir.Table) -> ir.Table:
    """Tell the shares of the emotions week by week; every customer weighs the same, however often they record.

    Shape
        written records -> one row per week (from Monday) and emotion that occurs in it
    Columns
        week_on [date, the Monday]; emotion; ratio [0-1, mean of the customers' own shares]; customers [customer of the
        week]
    Errors
        none
    Source
        METHOD.md section 7 (the emotion wave)
    """
    dated = written.mutate(week_on=written.on.truncate("W"))
    is_mood = {mood: dated.emotion == mood for mood in (GOOD, PLAIN, BAD)}
    own = dated.group_by("week_on", "customer_id").aggregate(
        **{mood: told.cast("int64").mean() for mood, told in is_mood.items()}
    )
    weeks = own.group_by("week_on").aggregate(customers=own.count(), **{mood: own[mood].mean() for mood in is_mood})
    long = weeks.pivot_longer(selectors.cols(*is_mood), names_to="emotion", values_to="ratio")
    return long.filter(long.ratio > 0).select("week_on", "emotion", "ratio", "customers").order_by("week_on", "emotion")


def changes(written: ir.Table, *, rules: StoryRules) -> ir.Table:
    """Tell of each customer how they began and where they stand, and why they bought.

    Shape
        written records -> one row per customer
    Columns
        customer_id; records [record]; purpose [the first told, or null]; first_score, level, change [score]: the first
        record's score, the median of the last records after it, and the difference; null after one record
    Errors
        none
    Source
        METHOD.md section 7
    """
    back = ibis.window(group_by="customer_id", order_by=ibis.desc("number"))
    told = written.mutate(from_last=ibis.row_number().over(back))
    counts_for_level = (told.from_last < rules.edge_records) & (told.number > 1)
    rows = told.group_by("customer_id").aggregate(
        records=told.count(),
        first_score=told.score.cast("float64").max(where=told.number == 1),
        level=told.score.cast("float64").quantile(0.5, where=counts_for_level),
        purpose=told.purpose.first(where=told.purpose.notnull(), order_by="number"),
    )
    return rows.mutate(change=rows.level - rows.first_score)


def purposes(changes: ir.Table, *, rules: StoryRules) -> ir.Table:
    """Hold the purpose for which people bought against the change that they felt since.

    Shape
        one row per customer -> one row per purpose, the most frequent first, and all rare ones together as REST
    Columns
        purpose; customers [customer with a change]; value: mean change, low, high: 95 % [score]
    Errors
        none; who told no purpose, or has one record, is left out
    Source
        METHOD.md section 7 and section 1 (purpose: why bought)
    """
    told = changes.filter(changes.purpose.notnull() & changes.change.notnull())
    sizes = told.group_by("purpose").aggregate(people=told.count()).filter(lambda each: each.people >= rules.fold_from)
    large = sizes.order_by(ibis.desc("people"), "purpose").limit(rules.most_purposes).select(large="purpose")
    joined = told.left_join(large, told.purpose == large.large)
    named = joined.mutate(purpose=joined.large.fill_null(REST))
    rows = named.group_by("purpose").aggregate(
        customers=named.count(), value=named.change.mean(), deviation=named.change.std(how="sample")
    )
    low, high = intervals.mean(rows.value, rows.deviation, rows.customers)
    found = rows.mutate(low=low, high=high).drop("deviation")
    return found.order_by(found.purpose == REST, ibis.desc("customers"), "purpose")
