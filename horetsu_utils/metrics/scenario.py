"""Planned and actual: whom each step of the 90 days reached in its window, how they reacted, and what followed."""

import datetime as dt
from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from horetsu_utils import intervals
from horetsu_utils.method import JourneyRules

REACTIONS = ("open", "click", "reply", "review", "referral", "participate")
"""Reactions that tell that a contact was received; a complaint is none of them."""


def contacts(firsts: ir.Table, touchpoints: ir.Table) -> ir.Table:
    """Place each outgoing contact with a first-time buyer on the days since their first order.

    Shape
        firsts, touchpoints -> one row per contact to them from the first order on
    Columns
        customer_id, channel, step_id, reaction; first_on [date]; watched_days, day [day since the first order]
    Errors
        none; contacts of customers who are not among the first-time buyers are left out
    Source
        METHOD.md section 4 (planned and actual)
    """
    out = touchpoints.filter(touchpoints.direction.isnull() | (touchpoints.direction == "out"))
    told = out.select("customer_id", "channel", "step_id", "reaction", on=out["at"].cast("date"))
    both = told.join(firsts.select("customer_id", "first_on", "watched_days"), "customer_id")
    placed = both.mutate(day=both.on.delta(both.first_on, unit="day")).drop("on")
    return placed.filter(placed.day >= 0)


def _planned(scenario: ir.Table) -> ir.Table:
    """Tell which steps are a plan: their window ends after it begins, and not before the first order."""
    sound = (scenario.day_to >= scenario.day_from) & (scenario.day_to >= 0)
    return scenario.mutate(sound=sound)


def _matched(placed: ir.Table, scenario: ir.Table) -> ir.Table:
    """Join contacts to the sound steps they belong to: by the step's id; where no contact has one, by channel and days.

    The first of two days is that of a step.
    """
    named = placed.aggregate(named=(placed.step_id.notnull().sum() > 0).fill_null(False))
    plan = _planned(scenario).filter(lambda step: step.sound)
    steps = plan.select("day_from", "day_to", plan_id="step_id", plan_channel="channel")
    by_id = placed.join(steps, placed.step_id == steps.plan_id)
    inside = [placed.channel == steps.plan_channel, placed.day >= steps.day_from, placed.day <= steps.day_to]
    by_channel = placed.join(steps, inside).cross_join(named).filter(lambda row: ~row.named).drop("named")
    return ibis.union(by_id, by_channel.select(*by_id.columns))


def steps(firsts: ir.Table, touchpoints: ir.Table, scenario: ir.Table, *, rules: JourneyRules) -> ir.Table:
    """Tell of each planned step how many of those who lived its whole window got it within it, and reacted.

    A contact belongs to a step by the step's id; if no contact has one, by its channel and day. A step whose window is
    reversed, or lies before the first order, is no plan.

    Shape
        firsts, touchpoints, scenario -> one row per planned step
    Columns
        step_id, channel, purpose, welcome_action; day_from, day_to [day]; sound; watched, reached, reached_any, reacted
        [customer]; reach_ratio, low, high [0-1, Wilson 95 %], reacted_ratio [0-1 of the reached]
    Errors
        none; ratios are null where nobody has lived the window, or the step is no plan
    Source
        METHOD.md section 4 (planned and actual)
    """
    lived = firsts.group_by("watched_days").aggregate(people=firsts.count())
    plan = _planned(scenario).select("step_id", "day_from", "day_to", "channel", "purpose", "welcome_action", "sound")
    pairs = plan.cross_join(lived)
    whole = pairs.people.sum(where=pairs.sound & (pairs.watched_days >= pairs.day_to)).fill_null(0)
    watched = pairs.group_by("step_id").aggregate(watched=whole)
    came = _matched(contacts(firsts, touchpoints), scenario).filter(lambda row: row.watched_days >= row.day_to)
    inside = came.day.between(came.day_from, came.day_to)
    got = came.group_by("plan_id").aggregate(
        reached=came.customer_id.nunique(where=inside),
        reached_any=came.customer_id.nunique(),
        reacted=came.customer_id.nunique(where=inside & came.reaction.isin(REACTIONS)),
    )
    both = plan.left_join(watched, "step_id").drop("step_id_right").left_join(got, plan.step_id == got.plan_id)
    counts = {name: both[name].fill_null(0) for name in ("watched", "reached", "reached_any", "reacted")}
    rows = both.mutate(**counts).drop("plan_id")
    low, high = intervals.wilson(rows.reached, rows.watched)
    reach, react = rows.reached / rows.watched.nullif(0), rows.reacted / rows.reached.nullif(0)
    return rows.mutate(reach_ratio=reach, low=low, high=high, reacted_ratio=react).order_by("day_from", "step_id")


def welcomed(firsts: ir.Table, tables: Mapping[str, ir.Table], *, as_of: dt.date, rules: JourneyRules) -> ir.Table:
    """Tell how often the action a step hopes for followed it within the days the rules give; no cause is claimed.

    The words of the welcome action say what to look for (`rules.welcome`). Counted are those who got the step in its
    window, so long ago that the days have passed.

    Shape
        firsts; tables: touchpoints, scenario, orders, story, voices -> one row per sound step
    Columns
        step_id; shows: what was looked for, null where the words tell of nothing on record; asked, followed [customer];
        value, low, high [0-1, Wilson 95 %]
    Errors
        none
    Source
        METHOD.md section 4 (whether the welcome action followed within 14 days)
    """
    plan = _planned(tables["scenario"]).filter(lambda step: step.sound)
    action = plan.welcome_action.fill_null("")
    cases = [(ibis.or_(*(action.contains(word) for word in each.words)), each.shows) for each in rules.welcome]
    looked = plan.select(plan_id="step_id", shows=ibis.cases(*cases))
    came = _matched(contacts(firsts, tables["touchpoints"]), tables["scenario"])
    inside = came.filter(came.day.between(came.day_from, came.day_to))
    reached = inside.group_by("plan_id", "customer_id").aggregate(
        on=(inside.first_on + inside.day.as_interval("D")).cast("date").min()
    )
    last = as_of - dt.timedelta(days=rules.welcome_days)
    ripe = reached.filter(reached.on <= last).join(looked, "plan_id")
    days = _events(tables)
    soon = ripe.join(days, ["customer_id", "shows"]).filter(
        lambda row: (row.done_on >= row.on) & (row.done_on <= row.on + ibis.interval(days=rules.welcome_days))
    )
    later = soon.filter((soon.shows != "order") | (soon.done_on > soon.on))  # the first order is no answer to a step
    asked = ripe.group_by("plan_id").aggregate(asked=ripe.count())
    done = later.group_by("plan_id").aggregate(followed=later.customer_id.nunique())
    both = looked.left_join(asked, "plan_id").drop("plan_id_right").left_join(done, "plan_id").drop("plan_id_right")
    rows = both.mutate(asked=both.asked.fill_null(0), followed=both.followed.fill_null(0))
    low, high = intervals.wilson(rows.followed, rows.asked)
    known = rows.shows.notnull()
    ratio = known.ifelse(rows.followed / rows.asked.nullif(0), None)
    shown = rows.mutate(value=ratio, low=known.ifelse(low, None), high=known.ifelse(high, None))
    return shown.rename(step_id="plan_id").order_by("step_id")


def _events(tables: Mapping[str, ir.Table]) -> ir.Table:
    """Put together what a welcome action can be: customer, what it shows, and on which day."""
    orders, touchpoints = tables["orders"], tables["touchpoints"]
    bought = orders.filter(orders.is_purchase)
    answered = touchpoints.filter(touchpoints.direction == "in")
    reacted = touchpoints.filter(touchpoints.reaction.notnull())
    parts = [
        bought.select("customer_id", shows=ibis.literal("order"), done_on="ordered_on"),
        tables["story"].select("customer_id", shows=ibis.literal("record"), done_on="date"),
        tables["voices"].select("customer_id", shows=ibis.literal("voice"), done_on="date"),
        answered.select("customer_id", shows=ibis.literal("reply"), done_on=answered["at"].cast("date")),
        reacted.select("customer_id", shows="reaction", done_on=reacted["at"].cast("date")),
    ]
    return ibis.union(*parts)


def by_channel(firsts: ir.Table, touchpoints: ir.Table, scenario: ir.Table, *, rules: JourneyRules) -> ir.Table:
    """Count the contacts of the journey by channel: those a step had planned, and those outside any.

    Shape
        firsts, touchpoints, scenario -> one row per channel
    Columns
        channel; contacts, planned, unplanned [contact]; customers [customer]; reacted [contact]
    Errors
        none
    Source
        METHOD.md section 4 (contacts outside any step are unplanned)
    """
    placed = contacts(firsts, touchpoints)
    inside = placed.filter(placed.day <= rules.window_days)
    whole = inside.group_by("channel").aggregate(
        contacts=inside.count(),
        customers=inside.customer_id.nunique(),
        reacted=inside.reaction.isin(REACTIONS).sum().fill_null(0),
    )
    met = _matched(placed, scenario).filter(lambda row: row.day.between(row.day_from, row.day_to))
    once = met.filter(met.day <= rules.window_days).select("customer_id", "channel", "day", "step_id", "reaction")
    planned = once.distinct().group_by("channel").aggregate(planned=lambda row: row.count())
    both = whole.left_join(planned, "channel").drop("channel_right")
    counts = both.mutate(planned=ibis.least(both.planned.fill_null(0), both.contacts))
    return counts.mutate(unplanned=counts.contacts - counts.planned).order_by(ibis.desc("contacts"), "channel")


def strangers(firsts: ir.Table, touchpoints: ir.Table) -> ir.Table:
    """Count the contacts with people who are not among the first-time buyers.

    Shape
        firsts, touchpoints -> one row
    Columns
        contacts [contact], customers [customer]
    Errors
        none
    Source
        METHOD.md section 4
    """
    others = touchpoints.anti_join(firsts, "customer_id")
    return others.aggregate(contacts=others.count(), customers=others.customer_id.nunique())
