"""The look back: which past contacts broke a rule, and the customers alike who were spared."""

import datetime as dt
from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from horetsu_utils.lookback_rules import KNOWN_DAYS, MOST_ORDERS, STRATUM, LookbackRules
from horetsu_utils.relation import Prohibition

HEX, DRAWN_DIGITS = "0123456789abcdef", 4
MONTHLY_STEP = 11
"""By so many days a customer's drawn day moves on from month to month, round the month's end."""


def breaches(touchpoints: ir.Table, spells: ir.Table, *, prohibitions: tuple[Prohibition, ...]) -> ir.Table:
    """List the contacts sent to customers in whose stage that action must not be done.

    A customer stands where the day before the contact left them; one not yet known then is watching (stage 0).

    Shape
        touchpoints, spells -> one row per contact that broke a rule
    Columns
        customer_id; on [date]: the day of the contact; stage [0-4]; cooling; action: a code; channel
    Errors
        none; contacts without an action cannot be judged
    Source
        METHOD.md section 3 (campaign guard); templates/rules/guard.yaml
    """
    action, direction = (_optional(touchpoints, name, "string") for name in ("action", "direction"))
    outward = direction.fill_null("out") != "in"
    ours = touchpoints.filter(action.isin({rule.action for rule in prohibitions}) & outward)
    sent = ours.select("customer_id", "channel", action=action, on=ours["at"].cast("date"))
    # A bound that is never null keeps this an equality and two comparisons: engines then hash, and never try all pairs.
    end = spells.until_on.fill_null(dt.date.max)
    held = spells.select("stage", "cooling", "from_on", end=end, owner="customer_id")
    stood = sent.left_join(held, [sent.customer_id == held.owner, held.from_on < sent.on, held.end >= sent.on])
    placed = stood.mutate(stage=stood.stage.fill_null(0).cast("int8"), cooling=stood.cooling.fill_null(False))
    broken = [(placed.action == rule.action) & (placed.stage == rule.stage) for rule in prohibitions]
    return placed.filter(ibis.or_(*broken)).select("customer_id", "on", "stage", "cooling", "action", "channel")


def by_rule(breaches: ir.Table) -> ir.Table:
    """Count the contacts that broke each rule, and the customers they went to.

    Shape
        breaches -> one row per stage and action that occurs
    Columns
        stage [0-4]; action: a code; breaches [contact]; customers [customer]
    Errors
        none
    Source
        METHOD.md section 3 (campaign guard)
    """
    rules = breaches.group_by("stage", "action")
    counted = rules.aggregate(breaches=breaches.count(), customers=breaches.customer_id.nunique())
    return counted.order_by("stage", "action")


def cases(
    breaches: ir.Table, spells: ir.Table, tables: Mapping[str, ir.Table], *, as_of: dt.date, rules: LookbackRules
) -> ir.Table:
    """Set each customer's first breach beside the days of customers alike who were spared, and tell what followed.

    Only days are taken whose `follow_days` are over. A spared customer gives one day a month since the day they became
    known, drawn by a hash of customer and month, if no breach lies within `follow_days` before or after it. Alike means
    the same STRATUM, as it stood before the day.

    Shape
        breaches, spells, tables by name (touchpoints; orders, one row per order, and customers may be empty or missing)
        -> one row per customer and day; of the spared, only those in a stratum of a breach
    Columns
        customer_id; on [date]; treated: whether a breach was on that day; stage [0-4]; cooling; known_band [position
        in KNOWN_DAYS]; orders_so_far [order, MOST_ORDERS at most]; order: whether one followed within `follow_days`;
        complaint: likewise, or on the day itself, for a reaction stands on the row of its contact; opted_out_now:
        whether mail is refused today, for no table says since when. Null where unknown
    Errors
        none
    Source
        METHOD.md section 3 (campaign guard)
    """
    last_day = as_of - dt.timedelta(days=rules.follow_days)
    lived = _lived(breaches, spells, tables)
    first = _first_breaches(breaches, last_day).join(lived, "customer_id")
    firsts = _told(first, tables, rules).mutate(treated=True).drop("broken")
    # the lists of days join spells before these are spread over days: an engine that holds rows then holds fewer
    alike = spells.semi_join(firsts, ["stage", "cooling"]).join(lived, "customer_id")
    drawn = _told(_drawn_days(alike, last_day), tables, rules).mutate(treated=False)
    spared = drawn.filter(~drawn.broken).drop("broken").semi_join(firsts, STRATUM)
    days = ibis.union(firsts, spared)
    customers = tables.get("customers", days.limit(0))
    today = customers.select("customer_id", opted_out_now=~_optional(customers, "email_ok", "boolean"))
    return days.left_join(today, "customer_id").drop("customer_id_right")


def _first_breaches(breaches: ir.Table, last_day: dt.date) -> ir.Table:
    first = {name: breaches[name].argmin(breaches.on) for name in ("on", "stage", "cooling")}
    return breaches.group_by("customer_id").aggregate(**first).filter(ibis._.on <= last_day)


def _drawn_days(spells: ir.Table, last_day: dt.date) -> ir.Table:
    """Draw a day of each month for each customer, and keep those before which one of these spells held."""
    digest = spells.customer_id.hexdigest("md5")
    number = sum(ibis.literal(HEX).find(digest[place]) * len(HEX) ** place for place in range(DRAWN_DIGITS))
    end = ibis.least(spells.until_on.fill_null(last_day), last_day)
    begun = spells.mutate(number=number, end=end).filter(spells.from_on < last_day)
    stop = (begun.end + ibis.interval(days=1)).cast("timestamp")
    months = ibis.range(begun.from_on.truncate("M").cast("timestamp"), stop, ibis.interval(months=1))
    monthly = begun.mutate(month=months.unnest())
    first = monthly.month.cast("date")
    size = (first + ibis.interval(months=1)).cast("date").delta(first, unit="day")
    place = (monthly.number + first.month() * MONTHLY_STEP) % size
    drawn = monthly.mutate(on=(first + place.as_interval("D")).cast("date"))
    held = (drawn.from_on < drawn.on) & (drawn.on <= drawn.end)
    return drawn.filter(held)


def _lived(breaches: ir.Table, spells: ir.Table, tables: Mapping[str, ir.Table]) -> ir.Table:
    """Tell of each customer the day they became known, and lists of the days on which something happened."""
    broken = breaches.select("customer_id", "on")
    facts = {"bought_on": _purchases(tables), "complained_on": _complaints(tables), "broken_on": broken}
    seen = ibis.union(spells.select("customer_id", "from_on"), broken.select("customer_id", from_on=ibis.null("date")))
    lived = seen.group_by("customer_id").aggregate(known_on=seen.from_on.min())
    for name, dated in facts.items():
        lists = dated.group_by("customer_id").aggregate(**{name: dated.on.collect()})
        lived = lived.left_join(lists, "customer_id").drop("customer_id_right")
    return lived


def _purchases(tables: Mapping[str, ir.Table]) -> ir.Table:
    if "orders" not in tables:
        return ibis.memtable([], schema={"customer_id": "string", "on": "date"})
    orders = tables["orders"]
    return orders.filter(orders.is_purchase).select("customer_id", on="ordered_on")


def _complaints(tables: Mapping[str, ir.Table]) -> ir.Table:
    touchpoints = tables["touchpoints"]
    complained = touchpoints.mutate(reaction=_reaction(touchpoints)).filter(ibis._.reaction == "complaint")
    return complained.select("customer_id", on=complained["at"].cast("date"))


def _reaction(touchpoints: ir.Table) -> ir.StringValue:
    return _optional(touchpoints, "reaction", "string")


def _told(days: ir.Table, tables: Mapping[str, ir.Table], rules: LookbackRules) -> ir.Table:
    """Tell what makes customers alike before each day, what followed, and whether a breach lies around it."""
    known_days = days.on.delta(days.known_on, unit="day").fill_null(0)
    before = days.bought_on.filter(lambda day: day < days.on).length().fill_null(0)
    around = ibis.interval(days=rules.follow_days)
    order = _any_between(days.bought_on, days.on + ibis.interval(days=1), days.on + around)
    complaint = _any_between(days.complained_on, days.on, days.on + around)
    reactions = tables["touchpoints"].select(each=_reaction(tables["touchpoints"])).each.count().as_scalar()
    return days.select(
        *("customer_id", "on", "stage", "cooling"),
        known_band=sum((known_days > last).cast("int8") for last in KNOWN_DAYS),
        orders_so_far=ibis.least(before, MOST_ORDERS),
        order=(_purchases(tables).count().as_scalar() > 0).ifelse(order, None),
        complaint=(reactions > 0).ifelse(complaint, None),
        broken=_any_between(days.broken_on, days.on - around, days.on + around),
    )


def _any_between(days: ir.ArrayValue, first: ir.DateValue, last: ir.DateValue) -> ir.BooleanValue:
    return days.filter(lambda day: day.between(first, last)).length().fill_null(0) > 0


def _optional(table: ir.Table, name: str, kind: str) -> ir.Value:
    return table[name] if name in table.columns else ibis.null(kind)
