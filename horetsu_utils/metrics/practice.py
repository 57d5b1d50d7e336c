"""What the records show of a shop's practice: each a count out of a whole, to be held beside its own answers."""

import datetime as dt

import ibis
import ibis.expr.types as ir

STAGES = 5
OUTWARD = "out"
"""The direction of a contact that the shop made; a contact without one is taken for such."""


def known_orders(lines: ir.Table, *, as_of: dt.date, period_days: int) -> ir.Table:
    """Count the orders of the period, and what was sold in them, of which the customer is known.

    Shape
        order lines, those without a customer among them -> one row
    Columns
        known, orders [order]; known_yen, yen [yen]; history_days: since the first order on record [day]
    Errors
        none; of nothing sold the sums are null
    Source
        METHOD.md section 6 (Q1, Q3)
    """
    paid = lines.filter(lines.status == "paid")
    on = paid.ordered_at.cast("date")
    recent = on > ibis.literal(as_of - dt.timedelta(days=period_days))
    named = paid.customer_id.notnull()
    number = paid.origin + "|" + paid.order_id
    return paid.aggregate(
        known=number.nunique(where=recent & named),
        orders=number.nunique(where=recent),
        known_yen=paid.amount.sum(where=recent & named),
        yen=paid.amount.sum(where=recent),
        history_days=on.min().delta(ibis.literal(as_of), unit="day") * -1,
    )


def known_tenure(
    orders: ir.Table, customers: ir.Table, *, as_of: dt.date, period_days: int, early_days: int
) -> ir.Table:
    """Count the buyers of the period of whom it is known since when they are customers.

    Known is who registered on a day on record, or whose first order lies more than `early_days` after the first order
    of all: whoever bought before then may have bought before the records begin.

    Shape
        orders, customers -> one row
    Columns
        known, buyers [customer]
    Errors
        none
    Source
        METHOD.md section 6 (Q2)
    """
    bought = orders.filter(orders.is_purchase)
    each = bought.group_by("customer_id").aggregate(first_on=bought.ordered_on.min(), last_on=bought.ordered_on.max())
    opened = each.mutate(opened_on=each.first_on.min().over(ibis.window()))
    registered = customers.filter(customers.registered_at.notnull()).select("customer_id").distinct()
    told = opened.left_join(registered.mutate(registered=True), "customer_id")
    buyers = told.filter(told.last_on > ibis.literal(as_of - dt.timedelta(days=period_days)))
    later = buyers.first_on.delta(buyers.opened_on, unit="day") > early_days
    known = buyers.registered.fill_null(False) | later
    return buyers.aggregate(known=known.sum().fill_null(0), buyers=buyers.count())


def _sent(touchpoints: ir.Table, as_of: dt.date, period_days: int) -> ir.Table:
    """Keep the contacts that the shop made in the period."""
    outward = touchpoints.direction.fill_null(OUTWARD) == OUTWARD
    recent = touchpoints["at"].cast("date") > ibis.literal(as_of - dt.timedelta(days=period_days))
    return touchpoints.filter(outward & recent)


def planned_contacts(touchpoints: ir.Table, *, as_of: dt.date, period_days: int) -> ir.Table:
    """Count the contacts the shop made of which it is known to what step or campaign they belong.

    Shape
        touchpoints -> one row
    Columns
        planned, contacts [contact]
    Errors
        none
    Source
        METHOD.md section 6 (Q5)
    """
    sent = _sent(touchpoints, as_of, period_days)
    planned = sent.step_id.notnull() | sent.campaign_id.notnull()
    return sent.aggregate(planned=planned.sum().fill_null(0), contacts=sent.count())


def to_all_states(touchpoints: ir.Table, stated: ir.Table, *, as_of: dt.date, period_days: int) -> ir.Table:
    """Count the contacts of campaigns that went to customers of every state there is.

    Shape
        touchpoints, customers with `state` -> one row
    Columns
        to_all, contacts [contact, of campaigns]; states: that occur among the customers [state]
    Errors
        none; contacts of nobody known count for nothing
    Source
        METHOD.md section 6 (Q6)
    """
    sent = _sent(touchpoints, as_of, period_days)
    told = (
        sent.filter(sent.campaign_id.notnull())
        .select("campaign_id", "customer_id")
        .join(stated.select("customer_id", "state"), "customer_id")
    )
    each = told.group_by("campaign_id").aggregate(contacts=told.count(), reached=told.state.nunique())
    there = stated.aggregate(states=stated.state.nunique())
    both = each.cross_join(there)
    counts = both.aggregate(
        to_all=both.contacts.sum(where=both.reached == both.states).fill_null(0),
        contacts=both.contacts.sum().fill_null(0),
    )
    return counts.cross_join(there)


def welcomed_stages(scenario: ir.Table) -> ir.Table:
    """Count the stages for which the plan names a hoped-for action.

    Shape
        scenario -> one row
    Columns
        welcomed, stages [stage]; steps: that tell a stage [step]
    Errors
        none
    Source
        METHOD.md section 6 (Q7)
    """
    told = scenario.filter(scenario.stage.notnull())
    hoped = told.welcome_action.strip().nullif("").notnull()
    return told.aggregate(welcomed=told.stage.nunique(where=hoped), steps=told.count()).mutate(stages=STAGES)


def discounted(orders: ir.Table, lines: ir.Table, *, as_of: dt.date, period_days: int) -> ir.Table:
    """Count the orders of the period that carry a discount, and what was taken off.

    Shape
        orders, order lines -> one row
    Columns
        discounted, orders [order]; discount_yen [yen]; told: lines of all time that tell a discount, be it 0 [row]
    Errors
        none
    Source
        METHOD.md section 6 (Q8)
    """
    since = ibis.literal(as_of - dt.timedelta(days=period_days))
    bought = orders.filter(orders.is_purchase & (orders.ordered_on > since))
    paid = lines.filter(lines.status == "paid")
    recent = paid.ordered_at.cast("date") > since
    off = (paid.amount < 0).ifelse(-paid.amount, paid.discount.fill_null(0))
    told = paid.aggregate(
        discount_yen=off.sum(where=recent).fill_null(0),
        told=(paid.discount.notnull() | (paid.amount < 0)).sum().fill_null(0),
    )
    return bought.aggregate(discounted=bought.discounted.sum().fill_null(0), orders=bought.count()).cross_join(told)


def greeted_dormant(orders: ir.Table, touchpoints: ir.Table, *, as_of: dt.date, dormant_days: int) -> ir.Table:
    """Count the dormant customers whom the shop has contacted since they fell dormant.

    Shape
        orders, touchpoints -> one row
    Columns
        greeted, dormant [customer]
    Errors
        none
    Source
        METHOD.md section 6 (Q9)
    """
    bought = orders.filter(orders.is_purchase)
    lasts = bought.group_by("customer_id").aggregate(last_on=bought.ordered_on.max())
    silent = lasts.last_on.delta(ibis.literal(as_of), unit="day") * -1
    dormant = lasts.filter(silent > dormant_days)
    outward = touchpoints.filter(touchpoints.direction.fill_null(OUTWARD) == OUTWARD)
    sent = dormant.join(outward.select("customer_id", on=outward["at"].cast("date")), "customer_id")
    late = sent.filter(sent.on.delta(sent.last_on, unit="day") > dormant_days)
    return dormant.aggregate(dormant=dormant.count()).cross_join(late.aggregate(greeted=late.customer_id.nunique()))
