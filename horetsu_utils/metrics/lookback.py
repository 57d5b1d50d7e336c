"""The look back: which past contacts broke a rule, and what followed, beside customers alike who were spared."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from horetsu_utils import intervals
from horetsu_utils.relation import Prohibition

KNOWN_DAYS = (30, 90, 180)
"""The last day of each band of days since a customer became known; one more band lies above."""
MOST_ORDERS = 2
"""Customers with so many orders or more are alike."""
STRATUM = ("stage", "cooling", "known_band", "orders_so_far")
OUTCOMES = ("order", "complaint", "opted_out_now")
HEX, DRAWN_DIGITS = "0123456789abcdef", 4
MONTHLY_STEP = 11
"""By so many days a customer's drawn day moves on from month to month, round the month's end."""


@dataclass(frozen=True)
class LookbackRules:
    """For how many days one looks on after a contact, and the fewest customers on either side that allow a claim.

    Source: METHOD.md section 3; both numbers are the kit's own caution.
    """

    follow_days: int = 90
    least_customers: int = 30


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
    firsts = _placed(_first_breaches(breaches, last_day), spells, tables)
    drawn = _placed(_drawn_days(spells.semi_join(firsts, ["stage", "cooling"]), last_day), spells, tables)
    dated = _with_days(drawn.semi_join(firsts, STRATUM), breaches.select("customer_id", "on"), "broken_on")
    around = ibis.interval(days=rules.follow_days)
    spared = dated.filter(~_any_between(dated.broken_on, dated.on - around, dated.on + around))
    days = ibis.union(firsts.mutate(treated=True), spared.drop("broken_on").mutate(treated=False))
    return _followed(days, tables, rules)


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
    return drawn.filter(held).select("customer_id", "stage", "cooling", "on")


def _placed(days: ir.Table, spells: ir.Table, tables: Mapping[str, ir.Table]) -> ir.Table:
    """Tell what makes customers alike before each day."""
    since = spells.group_by("customer_id").aggregate(known_on=spells.from_on.min())
    known = days.left_join(since, "customer_id").drop("customer_id_right")
    dated = _with_days(known, _purchases(tables), "bought_on")
    known_days = dated.on.delta(dated.known_on, unit="day").fill_null(0)
    before = dated.bought_on.filter(lambda day: day < dated.on).length().fill_null(0)
    return dated.mutate(
        known_band=sum((known_days > last).cast("int8") for last in KNOWN_DAYS),
        orders_so_far=ibis.least(before, MOST_ORDERS),
    ).drop("known_on")


def _purchases(tables: Mapping[str, ir.Table]) -> ir.Table:
    if "orders" not in tables:
        return ibis.memtable([], schema={"customer_id": "string", "on": "date"})
    orders = tables["orders"]
    return orders.filter(orders.is_purchase).select("customer_id", on="ordered_on")


def _followed(days: ir.Table, tables: Mapping[str, ir.Table], rules: LookbackRules) -> ir.Table:
    touchpoints, customers = tables["touchpoints"], tables.get("customers", days.limit(0))
    reaction = _optional(touchpoints, "reaction", "string")
    told = touchpoints.select("customer_id", reaction=reaction, on=touchpoints["at"].cast("date"))
    dated = _with_days(days, told.filter(told.reaction == "complaint"), "complained_on")
    last = dated.on + ibis.interval(days=rules.follow_days)
    order = _any_between(dated.bought_on, dated.on + ibis.interval(days=1), last)
    complaint = _any_between(dated.complained_on, dated.on, last)
    found = dated.mutate(
        order=(_purchases(tables).count().as_scalar() > 0).ifelse(order, None),
        complaint=(told.reaction.count().as_scalar() > 0).ifelse(complaint, None),
    ).drop("bought_on", "complained_on")
    today = customers.select("customer_id", opted_out_now=~_optional(customers, "email_ok", "boolean"))
    return found.left_join(today, "customer_id").drop("customer_id_right")


def _with_days(days: ir.Table, facts: ir.Table, name: str) -> ir.Table:
    """Add the list of each customer's days on which something happened."""
    lists = facts.group_by("customer_id").aggregate(**{name: facts.on.collect()})
    return days.left_join(lists, "customer_id").drop("customer_id_right")


def _any_between(days: ir.ArrayValue, first: ir.DateValue, last: ir.DateValue) -> ir.BooleanValue:
    return days.filter(lambda day: day.between(first, last)).length().fill_null(0) > 0


def _optional(table: ir.Table, name: str, kind: str) -> ir.Value:
    return table[name] if name in table.columns else ibis.null(kind)


def aftermath(cases: ir.Table, *, rules: LookbackRules) -> ir.Table:
    """Compare what followed a breach with what followed for customers alike who were spared; no cause is claimed.

    Each stratum counts by its share of the breaches, so that both sides are composed alike. A spared customer may give
    many days, and they may all go alike: the interval counts as many customers as, each with one day of equal weight,
    would tell as much.

    Shape
        cases -> one row per outcome of OUTCOMES
    Columns
        outcome; treated, spared [customer]: those compared; unmatched [customer]: with a breach, and nobody alike was
        spared; treated_ratio, spared_ratio [0-1], difference [-1 to 1], each with its _low and _high (95 % interval);
        verdict: too_few / differs / similar (no difference beyond chance)
    Errors
        none; ratios are null where nobody can be compared
    Source
        METHOD.md section 3; Wilson 1927; Kish 1965, Survey Sampling (effective number); Newcombe 1998, Stat. Med.
        17:873-890, method 10
    """
    told = cases.pivot_longer(ibis.selectors.cols(*OUTCOMES), names_to="outcome", values_to="came")
    known = told.filter(told.came.notnull())
    strata = known.group_by("outcome", *STRATUM).aggregate(
        treated=known.treated.sum(), came=(known.treated & known.came).sum(), spared_days=(~known.treated).sum()
    )
    paired = strata.spared_days > 0
    sums = {name: strata[name].sum(where=paired) for name in ("treated", "came")}
    ours = strata.group_by("outcome").aggregate(**sums, unmatched=strata.treated.sum(where=~paired))
    theirs = _weighed(known.filter(~known.treated), strata.filter(strata.treated > 0))
    outcomes = ibis.memtable({"place": range(len(OUTCOMES)), "outcome": OUTCOMES})
    both = outcomes.left_join(ours, "outcome").drop("outcome_right").left_join(theirs, "outcome")
    counts = {name: both[name].fill_null(0) for name in ("treated", "spared", "unmatched")}
    return _compared(both.mutate(**counts), rules).order_by("place").drop("place")


def _weighed(days: ir.Table, strata: ir.Table) -> ir.Table:
    """Sum the spared so that each stratum weighs as it does among the breaches."""
    weights = strata.select("outcome", *STRATUM, weight=strata.treated / strata.spared_days)
    each = (
        days.join(weights, ["outcome", *STRATUM])
        .group_by("outcome", "customer_id")
        .aggregate(weight=ibis._.weight.sum(), came=(ibis._.weight * ibis._.came.cast("int8")).sum())
    )
    ratio, effective = each.came.sum() / each.weight.sum(), each.weight.sum() ** 2 / (each.weight**2).sum()
    return each.group_by("outcome").aggregate(spared=each.count(), spared_ratio=ratio, effective=effective)


def _compared(both: ir.Table, rules: LookbackRules) -> ir.Table:
    ours, theirs = both.came / both.treated, both.spared_ratio
    low, high = intervals.wilson(both.came, both.treated)
    spared_low, spared_high = intervals.wilson(theirs * both.effective, both.effective)
    difference = ours - theirs
    difference_low = difference - ((ours - low) ** 2 + (spared_high - theirs) ** 2).sqrt()
    difference_high = difference + ((high - ours) ** 2 + (theirs - spared_low) ** 2).sqrt()
    few = (both.treated < rules.least_customers) | (both.spared < rules.least_customers)
    apart = (difference_low > 0) | (difference_high < 0)
    return both.select(
        *("place", "outcome", "treated", "spared", "unmatched", "spared_ratio"),
        treated_ratio=ours,
        treated_low=low,
        treated_high=high,
        spared_low=spared_low,
        spared_high=spared_high,
        difference=difference,
        difference_low=difference_low,
        difference_high=difference_high,
        verdict=ibis.cases((few, "too_few"), (apart, "differs"), else_="similar"),
    )
