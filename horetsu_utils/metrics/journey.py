"""From the first order to the next: who came back, after how many days, and how far up the ladder people go."""

import datetime as dt

import ibis
import ibis.expr.types as ir

from horetsu_utils import intervals
from horetsu_utils.method import JourneyRules


def numbered(orders: ir.Table, *, as_of: dt.date) -> ir.Table:
    """Count off each customer's purchases in order of time; two orders of one day are two.

    Shape
        orders -> one row per purchase up to `as_of`
    Columns
        origin, order_id, customer_id; number [order, from 1]; ordered_on, first_on [date]; amount_yen [yen];
        previous_on, next_on [date] and next_yen [yen], null where there is none
    Errors
        none
    Source
        METHOD.md section 4 (day 0 is each customer's first order)
    """
    bought = orders.filter(orders.is_purchase & (orders.ordered_on <= as_of))
    along = ibis.window(group_by="customer_id", order_by=["ordered_at", "order_id", "origin"])
    return bought.select(
        "origin",
        "order_id",
        "customer_id",
        "ordered_on",
        first_on=bought.ordered_on.first().over(along),
        previous_on=bought.ordered_on.lag().over(along),
        next_on=bought.ordered_on.lead().over(along),
        next_yen=bought.amount.lead().over(along),
        number=(ibis.row_number().over(along) + 1).cast("int64"),
        amount_yen=bought.amount,
    )


def known_before(numbered: ir.Table, customers: ir.Table) -> ir.Table:
    """Find those who registered before the first order on record: whether their first order is the first is unknown.

    Shape
        numbered purchases, customers -> one row per such customer
    Columns
        customer_id
    Errors
        none
    Source
        METHOD.md section 4; left truncation
    """
    opened = numbered.aggregate(opened_on=numbered.first_on.min())
    registered = customers.select("customer_id", registered_on=customers.registered_at.cast("date"))
    early = registered.cross_join(opened).filter(lambda each: each.registered_on < each.opened_on)
    return early.select("customer_id").distinct().semi_join(numbered, "customer_id")


def firsts(numbered: ir.Table, *, as_of: dt.date) -> ir.Table:
    """Tell of each first-time buyer when they came, how long they have been watched, and when they came back.

    Shape
        numbered purchases -> one row per customer
    Columns
        customer_id; origin, order_id of the first order; first_on, second_on [date]; f2_days, watched_days, until_days
        [day]: to the second order, to `as_of`, to the earlier of both; came_back; first_yen, second_yen [yen]
    Errors
        none; what has not come yet is null
    Source
        METHOD.md section 4
    """
    start = numbered.filter(numbered.number == 1)
    people = start.select(
        "customer_id",
        "origin",
        "order_id",
        "first_on",
        second_on=start.next_on,
        first_yen=start.amount_yen,
        second_yen=start.next_yen,
    )
    f2_days = people.second_on.delta(people.first_on, unit="day")
    watched_days = ibis.literal(as_of).delta(people.first_on, unit="day")
    return people.mutate(
        f2_days=f2_days,
        watched_days=watched_days,
        until_days=f2_days.fill_null(watched_days),
        came_back=people.second_on.notnull(),
    )


def split(firsts: ir.Table, lines: ir.Table, orders: ir.Table, customers: ir.Table) -> ir.Table:
    """Put beside each first-time buyer the month they came in, their first product and where they came from.

    The first product is the one that cost most in the first order. The source is that of the first order, or else the
    one the customer's own record tells.

    Shape
        firsts, order lines, orders, customers -> firsts with three columns more
    Columns
        first_month [date], first_product [name, or else id], first_source; null where nothing tells
    Errors
        none
    Source
        METHOD.md section 4 (by month of first order, first product, source)
    """
    name = lines.product_name.fill_null(lines.product_id)
    named = lines.select("origin", "order_id", "amount", name=name).filter(lambda line: line.name.notnull())
    sums = named.semi_join(firsts, ["origin", "order_id"]).group_by("origin", "order_id", "name")
    costs = sums.aggregate(amount=lambda line: line.amount.sum())
    dear = ibis.window(group_by=["origin", "order_id"], order_by=[ibis.desc("amount"), "name"])
    main = costs.mutate(place=ibis.row_number().over(dear)).filter(lambda cost: cost.place == 0)
    facts = orders.filter(orders.is_purchase).select("origin", "order_id", "source")
    told = customers.group_by("customer_id").aggregate(first_source=customers.first_source.min())
    found = (
        firsts.left_join(main.select("origin", "order_id", first_product="name"), ["origin", "order_id"])
        .drop("origin_right", "order_id_right")
        .left_join(facts, ["origin", "order_id"])
        .drop("origin_right", "order_id_right")
        .left_join(told, "customer_id")
        .drop("customer_id_right")
    )
    return found.mutate(
        first_month=found.first_on.truncate("M"), first_source=found.source.fill_null(found.first_source)
    ).drop("source")


def ladder(numbered: ir.Table, *, as_of: dt.date, within_days: int, rules: JourneyRules) -> ir.Table:
    """Tell for each rung Fn how many went on to the next order, and after how many days.

    The share is of those whose n-th order lies at least `within_days` back, and counts those who ordered again within
    that time; whoever is still on the way is not held to have stayed.

    Shape
        numbered purchases -> one row per rung that anybody reached, up to `rules.rungs`
    Columns
        number [order]; reached, watched, went_on [customer]; value, low, high [0-1, Wilson 95 %]; gap_days [day,
        median of those who went on]
    Errors
        none; the share is null where nobody has been watched long enough
    Source
        METHOD.md section 4 (repeat ladder)
    """
    ripe = as_of - dt.timedelta(days=within_days)
    rungs = numbered.filter(numbered.number < rules.rungs)
    gap, is_ripe = rungs.next_on.delta(rungs.ordered_on, unit="day"), rungs.ordered_on <= ripe
    goes_on = is_ripe & (gap <= within_days)
    steps = rungs.group_by("number").aggregate(
        reached=rungs.count(),
        watched=is_ripe.sum(),
        went_on=goes_on.sum().fill_null(0),
        gap_days=gap.cast("float64").quantile(0.5, where=goes_on),
    )
    low, high = intervals.wilson(steps.went_on, steps.watched)
    ratio = steps.went_on / steps.watched.nullif(0)
    return steps.mutate(value=ratio, low=low, high=high).order_by("number")
