"""The path to the first purchase, and the path that did not lead to one: sources, visits, days, what was looked at."""

import datetime as dt

import ibis
import ibis.expr.types as ir

from horetsu_utils import intervals
from horetsu_utils.browsing_rules import BrowsingRules


def purchases(visits: ir.Table, orders: ir.Table, *, as_of: dt.date) -> ir.Table:
    """Tell on which days who bought anything, by the orders and by the purchases seen in visits.

    Neither needs to tell a product: a page of thanks names none, and some shops keep orders without products.

    Shape
        visits, one row per order -> one row per person and day
    Columns
        person, bought_on [date]
    Errors
        none
    Source
        METHOD.md section 8
    """
    past = orders.filter(orders.is_purchase & orders.customer_id.notnull() & (orders.ordered_on <= as_of))
    clicked = visits.filter((visits.event == "purchase") & ~visits.is_machine)
    seen = clicked.select("person", bought_on="on")
    return past.select(person="customer_id", bought_on="ordered_on").union(seen).distinct()


def paths(visits: ir.Table, purchases: ir.Table, *, as_of: dt.date, rules: BrowsingRules) -> ir.Table:
    """Follow each person from the first visit to the first purchase, or through `follow_days` without one.

    Who had bought before the first visit on record is left out: their way is not known. So is who came too lately to
    tell.

    Shape
        visits, who bought when -> one row per person
    Columns
        person; has_bought [within `follow_days` of the first visit]; visits [visit]; days [day, to the purchase, null
        without one]; products [product looked at]; first_source, last_source: of the first and the last visit;
        last_page; the last three null where nothing tells
    Errors
        none
    Source
        METHOD.md section 8 (the path that led to the first purchase, and those who never bought)
    """
    human = visits.filter(~visits.is_machine)
    starts = human.group_by("person").aggregate(first_on=human.on.min())
    firsts = purchases.group_by("person").aggregate(bought_on=purchases.bought_on.min())
    people = starts.left_join(firsts, "person").drop("person_right")
    days = people.bought_on.delta(people.first_on, unit="day")
    ripe = ibis.literal(as_of).delta(people.first_on, unit="day") >= rules.follow_days
    known = people.mutate(days=days.cast("int64")).filter(ripe & (people.bought_on.isnull() | (days >= 0)))
    has_bought = (known.days <= rules.follow_days).fill_null(False)
    ends = known.mutate(has_bought=has_bought, days=has_bought.ifelse(known.days, None))
    last_on = ends.first_on + ibis.interval(days=1) * rules.follow_days
    ends = ends.mutate(end_on=has_bought.ifelse(ends.bought_on, last_on.cast("date")))
    return _walked(human, ends.select("person", "has_bought", "days", "end_on"))


def _walked(human: ir.Table, ends: ir.Table) -> ir.Table:
    """Read off what each person did up to the end of their path: its last day is seen whole."""
    reached = human.join(ends, "person").filter(lambda row: row.on <= row.end_on)
    placed = reached.mutate(start=reached.at.min().over(ibis.window(group_by=["person", "visit"])))
    each = ibis.window(group_by="person")
    on_way = placed.mutate(opening=placed.start.min().over(each), closing=placed.start.max().over(each))
    has_source, order = on_way.source.notnull(), ["at", "source"]
    rows = on_way.group_by("person", "has_bought", "days").aggregate(
        visits=on_way.visit.nunique(),
        products=on_way["product"].nunique(where=on_way.event == "view"),
        first_source=on_way.source.first(where=has_source & (on_way.start == on_way.opening), order_by=order),
        last_source=on_way.source.first(where=has_source & (on_way.start == on_way.closing), order_by=order),
        last_page=on_way.page.last(where=on_way.page.notnull(), order_by=["at", "page"]),
    )
    return rows.order_by("person")


def sides(paths: ir.Table) -> ir.Table:
    """Put the paths that led to a purchase beside those that did not.

    Shape
        one row per person -> one row per side that occurs
    Columns
        has_bought; people [person]; visits, days, products: medians [visit, day, product]; one_visit_ratio [0-1]: with
        a single visit
    Errors
        none
    Source
        METHOD.md section 8
    """
    rows = paths.group_by("has_bought").aggregate(
        people=paths.count(),
        visits=paths.visits.cast("float64").quantile(0.5),
        days=paths.days.cast("float64").quantile(0.5),
        products=paths.products.cast("float64").quantile(0.5),
        one_visit=(paths.visits == 1).sum(),
    )
    return rows.mutate(one_visit_ratio=rows.one_visit / rows.people).drop("one_visit").order_by(ibis.desc("has_bought"))


def by_source(paths: ir.Table) -> ir.Table:
    """Tell for each source of the first visit how many then bought.

    Shape
        one row per person -> one row per source, most people first; nobody whose source is untold
    Columns
        source; people, buyers [person]; value, low, high [0-1, Wilson 95 %]
    Errors
        none
    Source
        METHOD.md section 8 (the path: source)
    """
    told = paths.filter(paths.first_source.notnull())
    rows = told.group_by(source="first_source").aggregate(people=told.count(), buyers=told.has_bought.sum())
    low, high = intervals.wilson(rows.buyers, rows.people)
    return rows.mutate(value=rows.buyers / rows.people, low=low, high=high).order_by(ibis.desc("people"), "source")


def last_pages(paths: ir.Table, *, most: int) -> ir.Table:
    """Name the pages on which those who did not buy were seen last.

    Shape
        one row per person -> at most `most` rows, the most frequent first
    Columns
        page; people [person]
    Errors
        none
    Source
        METHOD.md section 8 (those who never bought)
    """
    left = paths.filter(~paths.has_bought & paths.last_page.notnull())
    rows = left.group_by(page="last_page").aggregate(people=left.count())
    return rows.order_by(ibis.desc("people"), "page").limit(most)
