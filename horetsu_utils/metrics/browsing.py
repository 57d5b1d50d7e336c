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
    day = placed.count().over(ibis.window(group_by=["person", "on"]))
    counted = placed.mutate(busy=day > rules.most_events)
    whole = ibis.window(group_by="visit")
    views = (counted.event == "view").sum().over(whole)
    is_machine = (views > rules.most_views) | counted.busy.any().over(whole)
    columns = ("at", "on", "event", "product", "page", "source", "person", "customer_id", "visit")
    return counted.mutate(is_machine=is_machine).select(*columns, "is_machine")


def _in_visits(events: ir.Table, rules: BrowsingRules) -> ir.Table:
    """Name the visit of each event: the person's session, or else what lies between two long pauses.

    Many tools number the sessions of each visitor anew, so a session is a visit only together with its person.
    """
    own = ["person", "session_id"]  # rows without a session lie together, whatever sessions come between
    pause = events.at.epoch_seconds() - events.at.lag().over(ibis.window(group_by=own, order_by="at")).epoch_seconds()
    steps = events.mutate(is_new=(pause > rules.pause_minutes * 60).fill_null(True))
    so_far = ibis.range_window(group_by=own, order_by="at", preceding=None, following=0)
    number = steps.is_new.cast("int64").sum().over(so_far).cast("string")
    name = ibis.coalesce(ibis.literal(STRANGER) + steps.session_id, ibis.literal(" ") + number)
    return steps.mutate(visit=steps.person + name).drop("is_new")


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
    """Rank the products by the customers who have looked at them and have not bought them.

    Whether a visitor who is no known customer has bought is not known, so of them only the viewing is told.

    Shape
        visits, who bought what -> one row per product that anybody viewed, first what most have left
    Columns
        product; people [person who viewed it]; customers [known customer among them]; left [of those, have not bought
        it]; value, low, high [0-1, Wilson 95 %]: left of customers
    Errors
        none; the share is null where no known customer viewed it
    Source
        METHOD.md section 8 (seen but not bought)
    """
    viewed = visits.filter((visits.event == "view") & ~visits.is_machine & visits["product"].notnull())
    people = viewed.select("person", "product", is_known=viewed.customer_id.notnull()).distinct()
    had = bought.select("person", "product").distinct().mutate(had=True)
    told = people.left_join(had, ["person", "product"])
    rows = told.group_by("product").aggregate(
        people=told.count(), customers=told.is_known.sum(), left=(told.is_known & told.had.isnull()).sum()
    )
    low, high = intervals.wilson(rows.left, rows.customers)
    found = rows.mutate(value=rows.left / rows.customers.nullif(0), low=low, high=high)
    return found.order_by(ibis.desc("left"), "product")


def compared(visits: ir.Table, bought: ir.Table, *, rules: BrowsingRules) -> ir.Table:
    """Hold two products against each other that people compared: which one did they then buy?

    Compared are the products of a visit's compare events; where they name but one, it and the product looked at just
    before it. Each person counts once for a pair, by the first time.

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
    one = looked.filter(looked.event == "compare").select("person", "visit", "on", "product").distinct()
    two = one.select("visit", other="product", other_on="on").view()
    met = one.join(two, "visit").filter(_["product"] < _.other)
    several = met.select("person", "product", "other", on=ibis.greatest(met.on, met.other_on))
    told = several.union(_beside_one(looked))
    return told.group_by("person", "product", "other").aggregate(compared_on=told.on.min())


def _beside_one(looked: ir.Table) -> ir.Table:
    """Pair the one product that a visit compares with the product looked at just before it."""
    along = ibis.window(group_by="visit", order_by=["at", "event", "product"])
    compares = looked.mutate(before=looked["product"].lag().over(along)).filter(_.event == "compare")
    whole, product = ibis.window(group_by="visit"), compares["product"]
    is_one = product.min().over(whole) == product.max().over(whole)
    one = compares.mutate(is_one=is_one).filter(_.is_one & (_.before != _["product"]))
    least, greatest = ibis.least(one.before, one["product"]), ibis.greatest(one.before, one["product"])
    return one.select("person", product=least, other=greatest, on=one.on)


def _chosen(pairs: ir.Table, bought: ir.Table, side: str, days: int) -> ir.Table:
    later = bought.select("person", "bought_on", **{side: "product"})
    both = pairs.join(later, ["person", side])
    in_time = both.filter(both.bought_on.delta(both.compared_on, unit="day").between(0, days))
    return in_time.select("person", "product", "other").distinct().mutate(**{f"took_{side}": True})
