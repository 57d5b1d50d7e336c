"""Silence in the 90 days: on which days the shop contacts whom, and the long stretches on which it contacts nobody."""

import ibis
import ibis.expr.types as ir

from horetsu_utils.method import JourneyRules


def contact_days(firsts: ir.Table, touchpoints: ir.Table, *, rules: JourneyRules) -> ir.Table:
    """Tell for each day since the first order how many of those watched on it the shop contacted.

    What comes in from a customer is no contact of the shop. Touchpoints of people without a first order count for
    nothing here.

    Shape
        firsts, touchpoints -> one row per day from 0 to `window_days`
    Columns
        day [since the first order]; watched, contacted [customer]; contacted_ratio [0-1]; is_silent: less than
        `silent_ratio` were contacted, on at least `silent_days` such days in a row
    Errors
        none; a day on which nobody was watched has no ratio and is not silent. Without any record of contacts all days
        are silent: the caller tells the two apart
    Source
        METHOD.md section 4 (days with no contact at all for long stretches are gaps)
    """
    line = _line(rules)
    lived = firsts.group_by("watched_days").aggregate(people=firsts.count())
    spans = line.join(lived, lived.watched_days >= line.day)
    watched = spans.group_by("day").aggregate(watched=spans.people.sum())
    outward = touchpoints.filter(touchpoints.direction.fill_null("out") != "in")
    sent = outward.select("customer_id", on=outward["at"].cast("date"))
    known = sent.join(firsts.select("customer_id", "first_on", "watched_days"), "customer_id")
    dated = known.mutate(day=known.on.delta(known.first_on, unit="day"))
    seen = dated.filter(dated.day <= dated.watched_days)
    made = seen.group_by("day").aggregate(contacted=seen.customer_id.nunique())
    both = line.left_join(watched, "day").drop("day_right").left_join(made, "day").drop("day_right")
    counts = both.mutate(watched=both.watched.fill_null(0).cast("int64"), contacted=both.contacted.fill_null(0))
    told = counts.mutate(contacted_ratio=counts.contacted / counts.watched.nullif(0))
    runs = _runs(told, (told.contacted_ratio < rules.silent_ratio).fill_null(False))
    silent = runs.kind & (runs.run_days >= rules.silent_days)
    return runs.mutate(is_silent=silent).drop("kind", "run", "run_days").order_by("day")


def _line(rules: JourneyRules) -> ir.Table:
    return ibis.memtable({"day": range(rules.window_days + 1)})


def _runs(days: ir.Table, kind: ir.BooleanValue) -> ir.Table:
    """Tell apart the runs of days of one kind: within a run, the day and its place among its kind grow together."""
    marked = days.mutate(kind=kind)
    place = ibis.row_number().over(ibis.window(group_by=marked.kind, order_by=marked.day))
    numbered = marked.mutate(run=marked.day - place)
    return numbered.mutate(run_days=numbered.count().over(ibis.window(group_by=[numbered.kind, numbered.run])))


def silences(days: ir.Table) -> ir.Table:
    """Join the silent days to stretches, the longest first.

    Shape
        days of contact -> one row per stretch
    Columns
        day_from, day_to [day, inclusive]; days [day]; watched [customer, on its last day]; contacted [customer]: the
        days' counts added up, so whoever was contacted on two of them counts twice
    Errors
        none; without silent days there are no rows
    Source
        METHOD.md section 4 (gaps in the scenario)
    """
    runs = _runs(days, days.is_silent).filter(lambda day: day.kind)
    found = runs.group_by("run").aggregate(
        day_from=runs.day.min(),
        day_to=runs.day.max(),
        days=runs.count(),
        watched=runs.watched.min(),
        contacted=runs.contacted.sum(),
    )
    return found.drop("run").order_by(ibis.desc("days"), "day_from")


def planned_silences(scenario: ir.Table, *, rules: JourneyRules) -> ir.Table:
    """Find the long stretches of the journey for which no step is planned, the longest first.

    Shape
        scenario -> one row per stretch of at least `silent_days`
    Columns
        day_from, day_to [day, inclusive]; days [day]
    Errors
        none; without a step the whole journey is one stretch, and a window that ends before it begins holds no day
    Source
        METHOD.md section 4 (gaps in the scenario)
    """
    line = _line(rules)
    met = line.join(scenario, [scenario.day_from <= line.day, scenario.day_to >= line.day])
    free = line.anti_join(met.select("day").distinct(), "day")
    runs = _runs(free, ibis.literal(True))
    found = runs.group_by("run").aggregate(day_from=runs.day.min(), day_to=runs.day.max(), days=runs.count())
    long = found.filter(found.days >= rules.silent_days)
    return long.drop("run").order_by(ibis.desc("days"), "day_from")
