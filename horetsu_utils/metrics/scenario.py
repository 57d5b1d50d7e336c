"""Planned and actual: which steps of the 90 days reached the customers, and whether the hoped-for action followed."""

import datetime as dt
from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from horetsu_utils import intervals
from horetsu_utils.method import JourneyRules

REACTIONS = ("open", "click", "reply", "review", "referral", "participate")
"""What a customer may do with a contact; a complaint is no reaction one hopes for."""
RECORDS = {"story": "record", "voices": "voice"}
"""The tables whose rows are deeds themselves, and their codes."""
NEXT_DAY, SAME_DAY = 1, 0
"""The soonest a deed follows a contact. A reaction stands on the row of its contact, and may be had on the day."""
PLAN = ("step_id", "day_from", "day_to", "channel", "purpose", "welcome_action")


def steps(firsts: ir.Table, touchpoints: ir.Table, scenario: ir.Table) -> ir.Table:
    """Tell of each planned step how many first-time buyers it reached in its window, and how many of them reacted.

    A contact belongs to the step whose id it carries; where no touchpoint of the shop carries any, to every step of its
    channel whose window it falls into. Windows may overlap. A window that ends before it begins, or before the first
    order, is no plan: `sound` is false and nothing is counted. Only those watched to the end of the window count.

    Shape
        firsts, touchpoints, scenario -> one row per planned step
    Columns
        step_id, day_from, day_to [day], channel, purpose, welcome_action: as planned; sound; watched, reached,
        reached_any [customer; on any day since the first order, null without step ids]; reach_ratio, low, high [0-1,
        Wilson 95 %]; reacted [customer, of those reached; null where no reaction was noted], reacted_ratio [0-1]
    Errors
        none; what cannot be counted is null
    Source
        METHOD.md section 4 (planned and actual)
    """
    plan = _plan(scenario, touchpoints)
    people = firsts.select("watched_days")
    ripe = plan.filter(plan.sound).join(people, people.watched_days >= plan.day_to)
    watched = ripe.group_by("place").aggregate(watched=ripe.count())
    met = _met(firsts, touchpoints, plan)
    inside = met.day.notnull()
    counts = met.group_by("place").aggregate(
        reached=met.count(where=inside),
        reached_any=met.count(),
        noted=met.reacted.count(where=inside) > 0,
        reacted=met.count(where=inside & (met.reacted > 0)),
    )
    both = plan.left_join(watched, "place").drop("place_right").left_join(counts, "place").drop("place_right")
    found = both.select(
        *PLAN,
        "sound",
        reacted=both.noted.ifelse(both.reacted, None),
        watched=both.sound.ifelse(both.watched.fill_null(0), None),
        reached=both.sound.ifelse(both.reached.fill_null(0), None),
        reached_any=(both.sound & both.by_id).ifelse(both.reached_any.fill_null(0), None),
    )
    low, high = intervals.wilson(found.reached, found.watched)
    reach, react = found.reached / found.watched.nullif(0), found.reacted / found.reached.nullif(0)
    told = found.mutate(reach_ratio=reach, low=low, high=high, reacted_ratio=react)
    return told.order_by("day_from", "day_to", "step_id", "channel")


def _by_id(touchpoints: ir.Table) -> ir.BooleanScalar:
    return touchpoints.step_id.count().as_scalar() > 0


def _plan(scenario: ir.Table, touchpoints: ir.Table) -> ir.Table:
    """Give each step a number, and tell whether it has a window and by which word a contact is known to be its own."""
    chosen, by_id = scenario.select(*PLAN), _by_id(touchpoints)
    sound = (chosen.day_from <= chosen.day_to) & (chosen.day_to >= 0)
    place = ibis.row_number().over(ibis.window(order_by=list(PLAN)))  # an id may be written twice
    key = by_id.ifelse(chosen.step_id, chosen.channel)
    return chosen.mutate(place=place, sound=sound.fill_null(False), by_id=by_id, key=key)


def _outward(touchpoints: ir.Table) -> ir.Table:
    """Keep what the shop sent; a contact without a direction is held to be the shop's."""
    return touchpoints.filter(touchpoints.direction.fill_null("out") != "in")


def _contacts(firsts: ir.Table, touchpoints: ir.Table) -> ir.Table:
    """Put the shop's contacts on the line of days since the first order; what came before it does not count."""
    sent = _outward(touchpoints).select(
        "customer_id",
        "channel",
        "step_id",
        reacted=touchpoints.reaction.isin(REACTIONS),
        on=touchpoints["at"].cast("date"),
        key=_by_id(touchpoints).ifelse(touchpoints.step_id, touchpoints.channel),
    )
    known = sent.join(firsts.select("customer_id", "first_on", "watched_days"), "customer_id")
    day = known.on.delta(known.first_on, unit="day")
    return known.mutate(day=day).filter(day >= 0)


def _met(firsts: ir.Table, touchpoints: ir.Table, plan: ir.Table) -> ir.Table:
    """Find who got each step, and the day of the first contact within its window."""
    windows = plan.filter(plan.sound).select("place", "key", "day_from", "day_to")
    both = _contacts(firsts, touchpoints).join(windows, "key")
    ripe = both.filter(both.watched_days >= both.day_to)
    inside = ripe.day.between(ripe.day_from, ripe.day_to)
    return ripe.group_by("place", "customer_id").aggregate(
        day=ripe.day.min(where=inside),
        on=ripe.on.min(where=inside),
        reacted=ripe.reacted.cast("int64").max(where=inside),
    )


def welcomed(firsts: ir.Table, tables: Mapping[str, ir.Table], *, as_of: dt.date, rules: JourneyRules) -> ir.Table:
    """Count, of those a step reached, who did what the step hopes for within `welcome_days`; no cause is claimed.

    The words of the welcome action say what to look for: a purchase (`order`), a row of the story (`record`) or of the
    voices (`voice`), or a reaction; whatever comes in from the customer is a reply, too. It counts from the day after
    the first contact in the window; a reaction noted on a contact of the shop counts from the same day, for it stands
    on the row of its contact. Asked are those reached whose `welcome_days` are over.

    Shape
        firsts, tables by name (scenario and touchpoints; orders, one row per order, story and voices may be missing)
        -> one row per planned step
    Columns
        step_id, day_from, day_to [day]; shows: a code of `rules.welcome`, null where the words tell of nothing that can
        be seen; asked, followed [customer]; value, low, high [0-1, Wilson 95 %]
    Errors
        none; `followed` is null where the shop has no record of any such deed by anybody
    Source
        METHOD.md section 4 (whether the welcome action followed within 14 days)
    """
    plan = _plan(tables["scenario"], tables["touchpoints"])
    meant = plan.mutate(shows=_shows(plan.welcome_action, rules))
    met = _met(firsts, tables["touchpoints"], plan)
    ripe = met.filter(met.on <= as_of - dt.timedelta(days=rules.welcome_days)).select("place", "customer_id", "on")
    deeds = _deeds(tables)
    done = ripe.join(meant.select("place", "shows"), "place").left_join(deeds, ["customer_id", "shows"])
    gap = done.done_on.delta(done.on, unit="day")
    in_time = gap.between(done.soonest, rules.welcome_days).any().fill_null(False)
    each = done.group_by("place", "customer_id").aggregate(followed=in_time)
    counts = each.group_by("place").aggregate(asked=each.count(), followed=each.count(where=each.followed))
    noted = deeds.select("shows").distinct().mutate(noted=True)
    both = meant.left_join(counts, "place").drop("place_right").left_join(noted, "shows").drop("shows_right")
    told = both.select(
        *("step_id", "day_from", "day_to", "shows"),
        asked=both.sound.ifelse(both.asked.fill_null(0), None),
        followed=(both.sound & both.noted).ifelse(both.followed.fill_null(0), None),
    )
    low, high = intervals.wilson(told.followed, told.followed.notnull().ifelse(told.asked, None))
    shown = told.mutate(value=told.followed / told.asked.nullif(0), low=low, high=high)
    return shown.order_by("day_from", "day_to", "step_id")


def _shows(text: ir.StringValue, rules: JourneyRules) -> ir.StringValue:
    return ibis.cases(*((ibis.or_(*map(text.contains, each.words)), each.shows) for each in rules.welcome))


def _deeds(tables: Mapping[str, ir.Table]) -> ir.Table:
    """List what customers did, by the code that a welcome action asks for."""
    touchpoints = tables["touchpoints"]
    inward = touchpoints.direction.fill_null("out") == "in"
    day = touchpoints["at"].cast("date")
    soonest = inward.ifelse(NEXT_DAY, SAME_DAY).cast("int64")
    reacted = touchpoints.filter(touchpoints.reaction.notnull())
    parts = [reacted.select("customer_id", shows="reaction", done_on=day, soonest=soonest)]
    parts += [_dated(touchpoints.filter(inward), "reply", day)]
    if "orders" in tables:
        bought = tables["orders"].filter(tables["orders"].is_purchase)
        parts += [_dated(bought, "order", bought.ordered_on)]
    parts += [_dated(tables[name], code, tables[name].date) for name, code in RECORDS.items() if name in tables]
    return ibis.union(*parts)


def _dated(rows: ir.Table, code: str, day: ir.DateValue) -> ir.Table:
    return rows.select("customer_id", shows=ibis.literal(code), done_on=day, soonest=ibis.literal(NEXT_DAY, "int64"))


def by_channel(firsts: ir.Table, touchpoints: ir.Table, scenario: ir.Table, *, rules: JourneyRules) -> ir.Table:
    """Tell by channel who was contacted within the journey, how much of it was planned, and who reacted.

    A contact is planned if it falls into the window of its step (as `steps` knows it).

    Shape
        firsts, touchpoints, scenario -> one row per channel that occurs, the one with most contacts first
    Columns
        channel; contacts, planned, unplanned [contact]; off_window [contact]: of the unplanned, those that carry a
        step's id; customers, planned_customers, reacted [customer]; reacted_ratio, low, high [0-1 of the customers,
        Wilson 95 %], null where no reaction was noted
    Errors
        none
    Source
        METHOD.md section 4 (by channel; contacts outside any step are unplanned)
    """
    plan = _plan(scenario, touchpoints)
    windows = plan.filter(plan.sound).select("key", "day_from", "day_to")
    line = ibis.memtable({"day": range(rules.window_days + 1)})
    days = line.join(windows, [windows.day_from <= line.day, windows.day_to >= line.day])
    contacts = _contacts(firsts, touchpoints).filter(lambda contact: contact.day <= rules.window_days)
    both = contacts.left_join(days.select("key", "day").distinct().mutate(planned=True), ["key", "day"])
    told = both.mutate(planned=both.planned.fill_null(False))
    rows = told.group_by("channel").aggregate(
        contacts=told.count(),
        planned=told.count(where=told.planned),
        unplanned=told.count(where=~told.planned),
        off_window=told.count(where=~told.planned & told.step_id.notnull()),
        customers=told.customer_id.nunique(),
        planned_customers=told.customer_id.nunique(where=told.planned),
        reacted=told.customer_id.nunique(where=told.reacted),
        noted=told.reacted.count() > 0,
    )
    low, high = intervals.wilson(rows.reacted, rows.customers)
    answers = {"reacted": rows.reacted, "reacted_ratio": rows.reacted / rows.customers, "low": low, "high": high}
    found = rows.mutate(**{name: rows.noted.ifelse(value, None) for name, value in answers.items()})
    return found.drop("noted").order_by(ibis.desc("contacts"), "channel")


def strangers(firsts: ir.Table, touchpoints: ir.Table) -> ir.Table:
    """Count the shop's contacts with people of whom no first order is known.

    Shape
        firsts, touchpoints -> one row
    Columns
        contacts [contact]; customers [customer]
    Errors
        none
    Source
        METHOD.md section 4; who has no day 0 has no place on the line
    """
    unknown = _outward(touchpoints).select("customer_id").anti_join(firsts, "customer_id")
    return unknown.aggregate(contacts=unknown.count(), customers=unknown.customer_id.nunique())
