"""From a product to the products of the next order: what follows what, and what follows it more than usual."""

import datetime as dt

import ibis
import ibis.expr.types as ir
from ibis import _

from horetsu_utils import intervals
from horetsu_utils.product_rules import ProductRules

_PAIR = ("from_product", "to_product")


def steps(sold: ir.Table, *, as_of: dt.date) -> ir.Table:
    """Lead each customer from a product to the next order; the orders of one day are one step.

    Of each customer and product the first order with it counts that another followed: so nobody who orders often
    weighs more than others.

    Shape
        one row per order and product -> one row per customer, product, and product of the next order
    Columns
        customer_id, from_product, to_product, days [day, to the next order]
    Errors
        none; who did not order again is no row
    Source
        METHOD.md section 8 (product -> next product flow)
    """
    past = sold.filter(sold.customer_id.notnull() & (sold.ordered_on <= as_of))
    baskets = past.select("customer_id", "product", "ordered_on").distinct()
    days = baskets.select("customer_id", "ordered_on").distinct()
    along = ibis.window(group_by="customer_id", order_by="ordered_on")
    led = days.mutate(next_on=days.ordered_on.lead().over(along)).filter(lambda day: day.next_on.notnull())
    starts = baskets.join(led, ["customer_id", "ordered_on"]).group_by("customer_id", from_product="product")
    first = starts.aggregate(ordered_on=lambda row: row.ordered_on.min(), next_on=lambda row: row.next_on.min())
    after = baskets.select("customer_id", to_product="product", next_on="ordered_on")
    both = first.join(after, ["customer_id", "next_on"])
    return both.select(
        "customer_id", "from_product", "to_product", days=both.next_on.delta(both.ordered_on, unit="day")
    )


def pairs(steps: ir.Table, *, rules: ProductRules) -> ir.Table:
    """Tell for each pair of products how many went from one to the other, and whether that is more than usual.

    The usual share of a product is its share among the next orders after all products but itself.

    Shape
        one row per step -> one row per pair that at least `pair_customers` took
    Columns
        from_product, to_product; customers [customer, who bought it next], watched [customer, who ordered again];
        value, low, high [0-1, Wilson 95 %]; days [day, median]; usual [0-1], null where the product is followed by
        itself; stands_out
    Errors
        none
    Source
        METHOD.md section 8 (product -> next product flow)
    """
    who = steps.select("customer_id", "from_product").distinct()
    bases = who.group_by("from_product").aggregate(watched=who.count())
    counts = steps.group_by(_PAIR).aggregate(customers=steps.count())
    many = counts.filter(counts.customers >= rules.pair_customers)
    waits = steps.semi_join(many, _PAIR).group_by(_PAIR).aggregate(days=_.days.cast("float64").quantile(0.5))
    known = many.join(waits, _PAIR).join(bases, "from_product")
    rows = known.left_join(_usual(counts, bases), "to_product").drop("to_product_right")
    low, high = intervals.wilson(rows.customers, rows.watched)
    usual = (rows.from_product == rows.to_product).ifelse(None, rows.usual)
    told = rows.mutate(value=rows.customers / rows.watched, low=low, high=high, usual=usual)
    error = (told.usual * (1 - told.usual) / told.watched).sqrt()
    is_more = (told.value - told.usual > rules.flow_z * error).fill_null(False)
    told = told.mutate(stands_out=is_more & (told.watched >= rules.least_customers))
    return told.order_by(ibis.desc("customers"), *_PAIR)


def _usual(counts: ir.Table, bases: ir.Table) -> ir.Table:
    """Share each product among the next orders after all the other products."""
    whole = bases.watched.sum().as_scalar()
    came = counts.filter(counts.from_product != counts.to_product)
    others = came.group_by("to_product").aggregate(came=came.customers.sum())
    own = bases.select(to_product="from_product", own="watched")
    told = others.left_join(own, "to_product").drop("to_product_right")
    return told.select("to_product", usual=told.came / (whole - told.own.fill_null(0)))
