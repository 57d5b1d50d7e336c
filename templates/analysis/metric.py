"""How the orders of a period spread over the week: a small metric to begin from."""

import datetime as dt

import ibis
import ibis.expr.types as ir

WEEK_DAYS = 7


def by_weekday(orders: ir.Table, *, as_of: dt.date, period_days: int) -> ir.Table:
    """Count the orders of each weekday, and the people behind them, in the period that ends on the analysis date.

    Credit notes are no orders.

    Shape
        orders (one row per order) -> seven rows, Monday first; none when nobody bought in the period
    Columns
        weekday: 0 is Monday, 6 is Sunday; orders [order]; customers [customer]
    Errors
        none
    Source
        METHOD.md section 2 (when people buy)
    """
    start = as_of - dt.timedelta(days=period_days)
    bought = orders.filter(orders.is_purchase & (orders.ordered_on > start) & (orders.ordered_on <= as_of))
    counts = bought.group_by(weekday=bought.ordered_on.day_of_week.index()).aggregate(
        orders=bought.count(), customers=bought.customer_id.nunique()
    )
    week = ibis.memtable({"weekday": range(WEEK_DAYS)})
    whole = week.left_join(counts, "weekday").drop("weekday_right")
    filled = whole.mutate(orders=whole.orders.fill_null(0), customers=whole.customers.fill_null(0))
    return filled.filter(filled.orders.sum().over(ibis.window()) > 0).order_by("weekday")
