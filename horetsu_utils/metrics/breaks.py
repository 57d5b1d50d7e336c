"""Where the relationship breaks (欠損箇所): the intervals of the journey that fall behind the shop's own pace."""

import ibis
import ibis.expr.types as ir

from horetsu_utils.method import Z_95, JourneyRules

PER = 1000
"""A pace is told per so many customers and day."""


def pace(curve: ir.Table, *, rules: JourneyRules) -> ir.Table:
    """Measure how fast second orders come in each interval of the journey, beside the shop's own pace.

    The pace of an interval is second orders per day watched. The shop's own pace is that of the whole journey after
    the settling days; at that pace `expected` orders would have come, and `lost` is what is missing (negative: more
    came).

    Shape
        curve of the second order -> one row per interval
    Columns
        day_from, day_to [day, inclusive]; at_risk [customer, on the first day]; watched_days [customer-day]; came,
        expected, lost [customer]; counted [customer, all that came after settling]; per_thousand, pace_per_thousand
        [customer per 1,000 and day]; is_settling: before anybody could order again, no part of the pace
    Errors
        none; a shop that nobody has come back to has a pace of 0, and nothing is lost against it
    Source
        METHOD.md section 4 (欠損箇所)
    """
    line = _intervals(rules)
    pairs = line.cross_join(curve.select("day", "left", "events"))
    inside = pairs.day.between(pairs.day_from, pairs.day_to)
    watched = ibis.greatest(ibis.least(pairs.day, pairs.day_to) - pairs.day_from + 1, 0)
    sums = pairs.group_by("day_from").aggregate(
        at_risk=pairs.left.sum(where=pairs.day >= pairs.day_from),
        watched_days=(watched * pairs.left).sum(),
        came=pairs.events.sum(where=inside),
    )
    both = line.left_join(sums, "day_from").drop("day_from_right")
    found = both.mutate(**{name: both[name].fill_null(0) for name in ("at_risk", "watched_days", "came")})
    settled = found.day_to > rules.settling_days
    whole = found.watched_days.sum(where=settled).over(ibis.window()).nullif(0)
    own = found.came.sum(where=settled).over(ibis.window()) / whole
    expected = (own * found.watched_days).fill_null(0.0)
    counted = found.came.sum(where=settled).over(ibis.window()).fill_null(0)
    return found.mutate(
        expected=expected,
        lost=expected - found.came,
        counted=counted,
        per_thousand=PER * found.came / found.watched_days.nullif(0),
        pace_per_thousand=PER * own,
        is_settling=~settled,
    ).order_by("day_from")


def _intervals(rules: JourneyRules) -> ir.Table:
    places = range(0, rules.window_days, rules.interval_days)
    first = [place + 1 if place else 0 for place in places]
    last = [min(place + rules.interval_days, rules.window_days) for place in places]
    return ibis.memtable({"day_from": first, "day_to": last})


def breaks(pace: ir.Table, *, second_yen: ir.Scalar, rules: JourneyRules) -> ir.Table:
    """Join neighbouring intervals that fall behind, and rank them by the customers lost; the worst first.

    What has not begun cannot break off: intervals before the first that keeps the pace are no break (where the goods
    last a month, nobody is late on day 20).

    If all second orders came at one pace, how many of them fall into a stretch is binomial. A break is sure where what
    is missing is more than `rules.break_z` of its standard deviations: the stretch was chosen because it falls behind,
    and must stand out the more. It is a dip where the pace recovers later in the journey, and fading where it does not.
    The pace is a mean: other stretches are above it by as many customers.

    Shape
        one row per interval -> one row per stretch that falls behind
    Columns
        day_from, day_to [day, inclusive]; at_risk, came [customer]; expected, lost, lost_low, lost_high [customer];
        second_yen [yen, mean second order]; lost_yen [yen, lost × mean second order]; kind: dip / fading; is_sure;
        times_needed: so many times the customers would make it sure, at the same paces
    Errors
        none; a shop that does not fall behind has no rows
    Source
        METHOD.md section 4 (欠損箇所: customers lost, yen at stake)
    """
    held = _runs(pace)
    added = {name: held[name].sum() for name in ("came", "expected", "lost")}
    sums = held.group_by("run").aggregate(
        day_from=held.day_from.min(),
        day_to=held.day_to.max(),
        at_risk=held.at_risk.max(),
        dip=held.recovers.any(),
        counted=held.counted.max(),
        **added,
    )
    chance = (sums.expected * (1 - sums.expected / sums.counted)).sqrt()
    seconds = sums.mutate(
        lost_low=sums.lost - Z_95 * chance, lost_high=sums.lost + Z_95 * chance, second_yen=second_yen
    )
    ranked = seconds.mutate(
        lost_yen=seconds.lost * seconds.second_yen,
        kind=seconds.dip.ifelse("dip", "fading"),
        is_sure=seconds.lost > rules.break_z * chance,
        times_needed=(rules.break_z * chance / seconds.lost) ** 2,
    )
    return ranked.drop("run", "dip", "counted").order_by(ibis.desc("lost"), "day_from")


def _runs(pace: ir.Table) -> ir.Table:
    """Tell apart the stretches of intervals that fall behind; `recovers`: a later interval keeps the pace."""
    along = ibis.window(order_by="day_from")
    so_far = ibis.window(order_by="day_from", preceding=None, following=0)
    onwards = ibis.window(order_by="day_from", preceding=0, following=None)
    keeps = (pace.lost <= 0) & ~pace.is_settling & (pace.watched_days > 0)
    told = pace.mutate(begun=keeps.any().over(so_far), recovers=keeps.any().over(onwards))
    late = told.mutate(behind=((told.lost > 0) & ~told.is_settling & told.begun).cast("int64"))
    marked = late.mutate(begins=late.behind * (1 - late.behind.lag().over(along).fill_null(0)))
    return marked.mutate(run=marked.begins.sum().over(so_far)).filter(marked.behind == 1)


def done(breaks: ir.Table, steps: ir.Table, contacts: ir.Table) -> ir.Table:
    """Put beside each break what was, and was not, done in its days.

    Shape
        breaks; planned steps (step_id, day_from, day_to, sound); contacts by day (day, contacted_ratio, is_silent) ->
        the breaks
    Columns
        planned_steps [step, whose window meets the break]; contacts_each [contact per customer]; silent_days, days
        [day]
    Errors
        none; without a record of contacts what depends on it is null
    Source
        METHOD.md section 4 (what was, or was not, done there)
    """
    sound = steps.filter(steps.sound).select("step_id", step_from="day_from", step_to="day_to")
    edges = breaks.select("day_from", "day_to")
    meeting = edges.join(sound, [edges.day_from <= sound.step_to, edges.day_to >= sound.step_from])
    planned = meeting.group_by("day_from").aggregate(planned_steps=meeting.count())
    days = edges.join(contacts, [contacts.day >= edges.day_from, contacts.day <= edges.day_to])
    made = days.group_by("day_from").aggregate(
        contacts_each=days.contacted_ratio.sum(), silent_days=days.is_silent.sum()
    )
    both = breaks.left_join(planned, "day_from").drop("day_from_right").left_join(made, "day_from")
    told = both.mutate(planned_steps=both.planned_steps.fill_null(0), days=both.day_to - both.day_from + 1)
    return told.drop("day_from_right").order_by(ibis.desc("lost"), "day_from")
