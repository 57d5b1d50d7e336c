"""What sells: by customer and product, how often it is bought again, what follows a first product, and its rhythm."""

import datetime as dt

import ibis
import ibis.expr.types as ir

from horetsu_utils import intervals
from horetsu_utils.product_rules import ProductRules


def bought(sold: ir.Table, *, as_of: dt.date) -> ir.Table:
    """Add up what each known customer bought of each product.

    Shape
        one row per order and product -> one row per customer_id and product
    Columns
        orders [order], quantity [item], amount_yen [yen], first_on, last_on [date]
    Errors
        none; buyers who are not known are no rows
    Source
        METHOD.md section 8 (sales per customer x product)
    """
    known = sold.filter(sold.customer_id.notnull() & (sold.ordered_on <= as_of))
    rows = known.group_by("customer_id", "product").aggregate(
        orders=known.count(),
        quantity=known.quantity.sum(),
        amount_yen=known.amount_yen.sum(),
        first_on=known.ordered_on.min(),
        last_on=known.ordered_on.max(),
    )
    return rows.order_by("customer_id", "product")


def ranking(sold: ir.Table, *, as_of: dt.date, rules: ProductRules) -> ir.Table:
    """Tell of each product what it sells, and how many of its buyers bought it again.

    The share is of the buyers whose first order with it lies at least `again_days` back, and counts those who ordered
    it again within that time: so a product that has been on sale for long has no advantage.

    Shape
        one row per order and product -> one row per product, the best selling first
    Columns
        product; orders [order], sales_yen [yen], sales_ratio [0-1, of all products], of all buyers; buyers, watched,
        again [customer, known]; value, low, high [0-1, Wilson 95 %]
    Errors
        none; the share is null where nobody has been watched long enough
    Source
        METHOD.md section 8 (repeat rate per product)
    """
    past = sold.filter(sold.ordered_on <= as_of)
    sums = past.group_by("product").aggregate(orders=past.count(), sales_yen=past.amount_yen.sum())
    counts = _buyers(past, as_of - dt.timedelta(days=rules.again_days), rules.again_days)
    rows = sums.left_join(counts, "product").drop("product_right")
    rows = rows.mutate(**{name: rows[name].fill_null(0) for name in ("buyers", "watched", "again")})
    low, high = intervals.wilson(rows.again, rows.watched)
    told = rows.mutate(
        sales_ratio=rows.sales_yen / rows.sales_yen.sum().over(ibis.window()),
        value=rows.again / rows.watched.nullif(0),
        low=low,
        high=high,
    )
    return told.order_by(ibis.desc("sales_yen"), "product")


def _buyers(past: ir.Table, ripe: dt.date, within_days: int) -> ir.Table:
    """Count the known buyers of each product: all, those first seen by `ripe`, and those of them who came again."""
    known = past.filter(past.customer_id.notnull())
    along = ibis.window(group_by=["customer_id", "product"], order_by=["ordered_on", "order_id", "origin"])
    told = known.mutate(nth=ibis.row_number().over(along), next_on=known.ordered_on.lead().over(along))
    first = told.filter(told.nth == 0)
    is_ripe = first.ordered_on <= ripe
    is_again = (first.next_on.delta(first.ordered_on, unit="day") <= within_days).fill_null(False)
    return first.group_by("product").aggregate(
        buyers=first.count(), watched=is_ripe.sum(), again=(is_ripe & is_again).sum()
    )


def first_products(
    firsts: ir.Table, sold: ir.Table, orders: ir.Table, *, as_of: dt.date, rules: ProductRules
) -> ir.Table:
    """Tell how those who came for a product went on: who ordered again, and what they bought in their first year.

    The first product is the one that cost most in the first order. Those who came back are counted among those watched
    for `f2_days`, the amounts among those watched for `worth_days`; what was taken back is taken off.

    Shape
        first-time buyers, one row per order and product, orders -> one row per product, those of most customers first
    Columns
        product; customers, watched, came_back [customer]; value, low, high [0-1, Wilson 95 %]; worth_customers
        [customer]; ltv_yen with ltv_low, ltv_high [yen, mean, 95 %]
    Errors
        none; a figure is null where nobody has been watched long enough, an interval also for a single customer
    Source
        METHOD.md section 8 (first product -> F2 rate and LTV)
    """
    dear = ibis.window(group_by=["origin", "order_id", "customer_id"], order_by=[ibis.desc("amount_yen"), "product"])
    main = sold.mutate(place=ibis.row_number().over(dear)).filter(lambda line: line.place == 0)
    keys = ("origin", "order_id", "customer_id")
    people = firsts.join(main.select(*keys, "product"), keys).left_join(
        _worth(firsts, orders, as_of, rules.worth_days), "customer_id"
    )
    is_watched = people.watched_days >= rules.f2_days
    came = (people.f2_days <= rules.f2_days).fill_null(False)
    is_ripe = people.watched_days >= rules.worth_days
    rows = people.group_by("product").aggregate(
        customers=people.count(),
        watched=is_watched.sum(),
        came_back=(is_watched & came).sum(),
        worth_customers=is_ripe.sum(),
        ltv_yen=people.worth_yen.mean(where=is_ripe),
        deviation=people.worth_yen.std(where=is_ripe, how="sample"),
    )
    low, high = intervals.wilson(rows.came_back, rows.watched)
    ltv_low, ltv_high = intervals.mean(rows.ltv_yen, rows.deviation, rows.worth_customers)
    told = rows.mutate(value=rows.came_back / rows.watched.nullif(0), low=low, high=high)
    return told.mutate(ltv_low=ltv_low, ltv_high=ltv_high).drop("deviation").order_by(ibis.desc("customers"), "product")


def _worth(firsts: ir.Table, orders: ir.Table, as_of: dt.date, days: int) -> ir.Table:
    """Add up what each first-time buyer's orders amount to in so many days from the first."""
    past = orders.filter(orders.ordered_on <= as_of).select("customer_id", "ordered_on", "amount")
    both = firsts.select("customer_id", "first_on").join(past, "customer_id")
    early = both.filter(both.ordered_on.delta(both.first_on, unit="day").between(0, days - 1))
    return early.group_by("customer_id").aggregate(worth_yen=early.amount.sum().cast("float64"))


def rhythm(sold: ir.Table, *, as_of: dt.date, rules: ProductRules) -> ir.Table:
    """Tell after how many days one customer buys a product again; orders of one day are one purchase.

    Shape
        one row per order and product -> one row per product that anybody bought on two days, most customers first
    Columns
        product; customers [customer, with a gap]; gaps [between two purchases]; low_days, gap_days, high_days [day:
        first quartile, median, third quartile]; spread [0-1]; is_rhythm
    Errors
        none
    Source
        METHOD.md section 8 (replenishment); quartile coefficient of dispersion, see ProductRules
    """
    past = sold.filter(sold.customer_id.notnull() & (sold.ordered_on <= as_of))
    days = past.select("customer_id", "product", "ordered_on").distinct()
    along = ibis.window(group_by=["customer_id", "product"], order_by="ordered_on")
    each = days.mutate(gap=days.ordered_on.delta(days.ordered_on.lag().over(along), unit="day").cast("float64"))
    gaps = each.filter(each.gap.notnull())
    rows = gaps.group_by("product").aggregate(
        customers=gaps.customer_id.nunique(),
        gaps=gaps.count(),
        low_days=gaps.gap.quantile(0.25),
        gap_days=gaps.gap.quantile(0.5),
        high_days=gaps.gap.quantile(0.75),
    )
    told = rows.mutate(spread=(rows.high_days - rows.low_days) / (rows.high_days + rows.low_days))
    is_rhythm = (told.customers >= rules.least_customers) & (told.spread <= rules.rhythm_spread)
    return told.mutate(is_rhythm=is_rhythm).order_by(ibis.desc("customers"), "product")
