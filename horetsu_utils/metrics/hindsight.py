"""What was known of each customer on an earlier day, and what really followed."""

import datetime as dt

import ibis.expr.types as ir

from horetsu_utils import intervals

OUTCOMES = ORDERED, REFERRED = ("ordered", "referred")


def known_then(
    stages: ir.Table, customers: ir.Table, orders: ir.Table, touchpoints: ir.Table, *, until: tuple[dt.date, dt.date]
) -> ir.Table:
    """Put what followed beside what was known: an order, or a referral, after the first day of `until` up to its last.

    `stages` and `customers` must be as they were on the first day; nothing after it may stand in them.

    Shape
        one row per customer with stage and cooling, one with R, F, M -> one row per customer who had bought by then
    Columns
        customer_id; stage [0-4], cooling, recency_days, frequency, monetary_yen: as known then; ordered, referred
    Errors
        none
    Source
        METHOD.md section 3
    """
    then, now = until
    bought = orders.filter(orders.is_purchase & (orders.ordered_on > then) & (orders.ordered_on <= now))
    at = touchpoints["at"].cast("date")
    told = touchpoints.filter((touchpoints.reaction == "referral") & (at > then) & (at <= now))
    figures = ("customer_id", "recency_days", "frequency", "monetary_yen")
    known = customers.select(*figures).join(stages.select("customer_id", "stage", "cooling"), "customer_id")
    return known.mutate(
        stage=known.stage.cast("int64"),
        ordered=known.customer_id.isin(bought.customer_id),
        referred=known.customer_id.isin(told.customer_id),
    )


def by_stage(known: ir.Table, *, outcome: str) -> ir.Table:
    """Tell of each stage the share of its customers with whom something followed.

    Shape
        one row per customer -> one row per stage that occurs
    Columns
        stage [0-4]; customers [customer]; value, low, high [0-1]: Wilson's 95 % interval
    Errors
        none
    Source
        METHOD.md section 3
    """
    rows = known.group_by("stage").aggregate(customers=known.count(), events=known[outcome].sum())
    low, high = intervals.wilson(rows.events, rows.customers)
    return rows.select("stage", "customers", value=rows.events / rows.customers, low=low, high=high).order_by("stage")
