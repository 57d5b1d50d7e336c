"""Browsing: whose visits they were, which are a machine's, what was seen and not bought, and what won a comparison."""

import datetime as dt

import ibis
import ibis.expr.types as ir
from ibis import _

from horetsu_utils import intervals
from horetsu_utils.browsing_rules import BrowsingRules

STRANGER = "\ue000"
"""Put before the id of a visitor who is no known customer."""


def links(events: ir.Table, *, as_of: dt.date) -> ir.Table:
    """Join visitors to customers by the shop's own rows alone: those that tell both.

    Shape
        events -> one row per visitor
    Columns
        visitor_id; customers [customer seen with the visitor]; linked: the customer, if there is just one
    Errors
        none
    Source
        METHOD.md section 8 (first-party identifiers only)
    """
    past = events.filter((events.at.cast("date") <= as_of) & events.visitor_id.notnull())
    rows = past.group_by("visitor_id").aggregate(customers=past.customer_id.nunique(), only=past.customer_id.min())
    return rows.mutate(linked=(rows.customers == 1).ifelse(rows.only, None)).drop("only")


def visits(events: ir.Table, links: ir.Table, *, as_of: dt.date, rules: BrowsingRules) -> ir.Table:
    """Tell of each event whose it was and in which visit; those of a visit that no person makes are marked.

    Shape
        events with `product`, links -> one row per event up to `as_of`
    Columns
        at, on [date], event, product, page, source; person: the customer, or else the visitor; customer_id; visit;
        is_machine
    Errors
        none
    Source
        METHOD.md section 8
    """
    told = events.select("at", "event", "product", "page", "source", "session_id", "visitor_id", "customer_id")
    past = told.mutate(on=told.at.cast("date")).filter(lambda row: row.on <= as_of)
    known = past.left_join(links.select("visitor_id", "linked"), "visitor_id").drop("visitor_id_right")
    customer = ibis.coalesce(known.customer_id, known.linked)
    person = ibis.coalesce(customer, ibis.literal(STRANGER) + known.visitor_id)
    named = known.mutate(customer_id=customer, person=person).drop("linked")
    placed = _in_visits(named, rules)
    views = (placed.event == "view").sum().over(ibis.window(group_by="visit"))
    day = placed.count().over(ibis.window(group_by=["person", "on"]))
    is_machine = (views > rules.most_views) | (day > rules.most_events)
    columns = ("at", "on", "event", "product", "page", "source", "person", "customer_id", "visit")
    return placed.mutate(is_machine=is_machine).select(*columns, "is_machine")


def _in_visits(events: ir.Table, rules: BrowsingRules) -> ir.Table:
    """Name the visit of each event: its session, or else what lies between two long pauses."""
    along = ibis.window(group_by="person", order_by="at")
    pause = events.at.epoch_seconds() - events.at.lag().over(along).epoch_seconds()
    steps = events.mutate(is_new=((pause > rules.pause_minutes * 60) & events.session_id.isnull()).fill_null(True))
    so_far = ibis.window(group_by="person", order_by="at", preceding=None, following=0)
    number = steps.is_new.cast("int64").sum().over(so_far)
    own = ibis.literal(STRANGER) + steps.person + ibis.literal(" ") + number.cast("string")
    return steps.mutate(visit=steps.session_id.fill_null(own)).drop("is_new")


def tally(visits: ir.Table, links: ir.Table) -> ir.Table:
    """Count the visits and people, and what was set aside.

    Shape
        visits, links -> one row
    Columns
        visits, machine_visits, events, machine_events; people, customers [person, without machines]; joined, shared
        [visitor joined to one customer; seen with several, and joined to none]
    Errors
        none
    Source
        METHOD.md section 8
    """
    human = ~visits.is_machine
    counts = visits.aggregate(
        visits=visits.visit.nunique(where=human),
        machine_visits=visits.visit.nunique(where=visits.is_machine),
        events=human.sum().fill_null(0),
        machine_events=visits.is_machine.sum().fill_null(0),
        people=visits.person.nunique(where=human),
        customers=visits.customer_id.nunique(where=human),
    )
    joined = links.aggregate(
        joined=links.linked.notnull().sum().fill_null(0), shared=(links.customers > 1).sum().fill_null(0)
    )
    return counts.cross_join(joined)


def bought(visits: ir.Table, sold: ir.Table, *, as_of: dt.date) -> ir.Table:
    """Tell who bought what on which day, by the orders and by the purchases seen in visits.

    Shape
        visits, one row per order and product -> one row per person, product and day
    Columns
        person, product, bought_on [date]
    Errors
        none
    Source
        METHOD.md section 8
    """
    past = sold.filter(sold.customer_id.notnull() & (sold.ordered_on <= as_of))
    ordered = past.select("product", person="customer_id", bought_on="ordered_on")
    clicked = visits.filter((visits.event == "purchase") & ~visits.is_machine & visits["product"].notnull())
    columns = ("person", "product", "bought_on")
    seen = clicked.select("person", "product", bought_on="on")
    return ordered.select(*columns).union(seen.select(*columns)).distinct()


def seen_not_bought(visits: ir.Table, bought: ir.Table) -> ir.Table:
    """Rank the products by the people who have looked at them and have not bought them.

    Shape
        visits, who bought what -> one row per product that anybody viewed, first what most have left
    Columns
        product; people [person who viewed it]; left [of them, have not bought it]; value, low, high [0-1, Wilson 95 %]
    Errors
        none
    Source
        METHOD.md section 8 (seen but not bought)
    """
    viewed = visits.filter((visits.event == "view") & ~visits.is_machine & visits["product"].notnull())
    people = viewed.select("person", "product").distinct()
    had = bought.select("person", "product").distinct().mutate(had=True)
    told = people.left_join(had, ["person", "product"])
    rows = told.group_by("product").aggregate(people=told.count(), left=told.had.isnull().sum())
    low, high = intervals.wilson(rows.left, rows.people)
    found = rows.mutate(value=rows.left / rows.people, low=low, high=high)
    return found.order_by(ibis.desc("left"), "product")


def compared(visits: ir.Table, bought: ir.Table, *, rules: BrowsingRules) -> ir.Table:
    """Hold two products against each other that people compared: which one did they then buy?

    A comparison is a compare event and the product looked at just before it in the visit; each person counts once for
    a pair, by the first time.

    Shape
        visits, who bought what -> one row per pair (`product` comes before `other`), the most compared first
    Columns
        product, other; people [person]; wins, other_wins, both, neither [person who bought, within `follow_days`, the
        one, the other, both, neither]; value, low, high [0-1, Wilson 95 %]: wins of those who chose one
    Errors
        none; the share is null where nobody chose
    Source
        METHOD.md section 8 (compared pairs and which one won)
    """
    pairs = _pairs(visits)
    one, other = (_chosen(pairs, bought, name, rules.follow_days) for name in ("product", "other"))
    told = pairs.left_join(one, ["person", "product", "other"]).drop("person_right", "product_right", "other_right")
    told = told.left_join(other, ["person", "product", "other"]).drop("person_right", "product_right", "other_right")
    first, second = told.took_product.fill_null(False), told.took_other.fill_null(False)
    rows = told.group_by("product", "other").aggregate(
        people=told.count(),
        wins=(first & ~second).sum(),
        other_wins=(second & ~first).sum(),
        both=(first & second).sum(),
        neither=(~first & ~second).sum(),
    )
    decided = rows.wins + rows.other_wins
    low, high = intervals.wilson(rows.wins, decided)
    found = rows.mutate(value=rows.wins / decided.nullif(0), low=low, high=high)
    return found.order_by(ibis.desc("people"), "product", "other")


def _pairs(visits: ir.Table) -> ir.Table:
    """Find the pairs that each person compared, with the day of the first time."""
    looked = visits.filter(visits.event.isin(("view", "compare")) & ~visits.is_machine & visits["product"].notnull())
    along = ibis.window(group_by="visit", order_by=["at", "event", "product"])
    steps = looked.mutate(before=looked["product"].lag().over(along))
    held = steps.filter((steps.event == "compare") & (steps.before != steps["product"]))
    sides = held.select(
        "person", "on", one=ibis.least(held.before, held["product"]), two=ibis.greatest(held.before, held["product"])
    )
    return sides.group_by("person", product="one", other="two").aggregate(compared_on=_.on.min())


def _chosen(pairs: ir.Table, bought: ir.Table, side: str, days: int) -> ir.Table:
    later = bought.select("person", "bought_on", **{side: "product"})
    both = pairs.join(later, ["person", side])
    in_time = both.filter(both.bought_on.delta(both.compared_on, unit="day").between(0, days))
    return in_time.select("person", "product", "other").distinct().mutate(**{f"took_{side}": True})
