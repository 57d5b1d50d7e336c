"""Days without a word: whom the shop contacted on each day of the journey, and the stretches in which nobody was."""

import ibis
import ibis.expr.types as ir

from horetsu_utils.method import JourneyRules


def contact_days(firsts: ir.Table, touchpoints: ir.Table, *, rules: JourneyRules) -> ir.Table:
    """Tell for each day since the first order what share of the customers then watched was contacted.

    A day is silent if it belongs to a stretch of at least `rules.silent_days` days on each of which less than
    `rules.silent_ratio` were contacted.

    Shape
        firsts, touchpoints -> one row per day of the journey, from 0
    Columns
        day [day]; watched, contacted [customer]; contacted_ratio [0-1], null where nobody is watched; is_silent
    Errors
        none
    Source
        METHOD.md section 4 (days with no contact at all for long stretches)
    """
    lived = firsts.group_by("watched_days").aggregate(people=firsts.count())
    calendar = ibis.memtable({"day": range(rules.window_days + 1)}, schema={"day": "int64"})
    pairs = calendar.cross_join(lived)
    watched = pairs.group_by("day").aggregate(
        watched=pairs.people.sum(where=pairs.watched_days >= pairs.day).fill_null(0)
    )
    out = touchpoints.filter(touchpoints.direction.isnull() | (touchpoints.direction == "out"))
    told = out.select("customer_id", on=out["at"].cast("date")).join(
        firsts.select("customer_id", "first_on"), "customer_id"
    )
    placed = told.mutate(day=told.on.delta(told.first_on, unit="day"))
    counted = placed.group_by("day").aggregate(contacted=placed.customer_id.nunique())
    both = watched.left_join(counted, "day").drop("day_right")
    days = both.mutate(contacted=both.contacted.fill_null(0))
    return _silent(days.mutate(contacted_ratio=days.contacted / days.watched.nullif(0)), rules)


def _silent(days: ir.Table, rules: JourneyRules) -> ir.Table:
    """Mark the days of long quiet stretches: neighbouring quiet days share one run."""
    quiet = (days.contacted_ratio < rules.silent_ratio).fill_null(False)
    along = ibis.window(order_by="day", preceding=None, following=0)
    marked = days.mutate(quiet=quiet)
    runs = marked.mutate(run=(~marked.quiet).cast("int64").sum().over(along))
    length = runs.quiet.cast("int64").sum().over(ibis.window(group_by="run"))
    return runs.mutate(is_silent=runs.quiet & (length >= rules.silent_days)).drop("quiet", "run").order_by("day")


def silences(days: ir.Table) -> ir.Table:
    """Name the silent stretches, the longest first.

    Shape
        days of `contact_days` -> one row per stretch
    Columns
        day_from, day_to, days [day]; contacted [contact in all]
    Errors
        none
    Source
        METHOD.md section 4 (gaps)
    """
    along = ibis.window(order_by="day", preceding=None, following=0)
    runs = days.mutate(run=(~days.is_silent).cast("int64").sum().over(along)).filter(lambda row: row.is_silent)
    found = runs.group_by("run").aggregate(
        day_from=runs.day.min(), day_to=runs.day.max(), days=runs.count(), contacted=runs.contacted.sum()
    )
    return found.drop("run").order_by(ibis.desc("days"), "day_from")


def planned_silences(scenario: ir.Table, *, rules: JourneyRules) -> ir.Table:
    """Name the stretches of the journey in which no step is planned.

    Shape
        scenario -> one row per stretch of at least `rules.silent_days` days
    Columns
        day_from, day_to, days [day]
    Errors
        none; steps whose window is reversed count for nothing
    Source
        METHOD.md section 4 (gaps in the scenario)
    """
    calendar = ibis.memtable({"day": range(rules.window_days + 1)}, schema={"day": "int64"})
    sound = scenario.filter(scenario.day_to >= scenario.day_from).select("day_from", "day_to")
    met = calendar.join(sound, [calendar.day >= sound.day_from, calendar.day <= sound.day_to])
    told = calendar.left_join(met.select("day").distinct(), "day")
    days = told.select("day", contacted=ibis.literal(0), contacted_ratio=told.day_right.notnull().cast("float64"))
    marked = _silent(days, rules)
    return silences(marked).drop("contacted").order_by("day_from")
