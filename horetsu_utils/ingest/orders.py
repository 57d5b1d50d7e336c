"""Order lines → orders: what was bought, and what credit notes took back."""

import ibis
import ibis.expr.types as ir


def one_row_per_order(lines: ir.Table) -> ir.Table:
    """Collapse order lines to one row per order.

    A purchase is an order with a paid line that is not negative. Returned lines reduce the amount only where the order
    is a credit note, that is where none of its returned lines is positive: an order returned in place keeps its
    positive amounts (and its negative discounts) on record, and was never counted.

    Shape
        lines with `outcome` -> one row per origin, order_id and customer_id
    Columns
        ordered_at [time], ordered_on [date], amount [yen, tax as exported], is_purchase, line_count, discounted,
        is_subscription, is_gift, source, channel
    Errors
        none
    Source
        METHOD.md section 1 (money and time)
    """
    told = lines.filter(
        lines.outcome.isin(("accepted", "cancelled_or_returned")) & lines.status.isin(("paid", "returned"))
    )
    paid, returned = told.status == "paid", told.status == "returned"
    sums = told.group_by(["origin", "order_id", "customer_id"]).aggregate(
        ordered_at=told.ordered_at.min(),
        paid_amount=told.amount.sum(where=paid).fill_null(0),
        credit_amount=told.amount.sum(where=returned).fill_null(0),
        returned_in_place=(returned & (told.amount > 0)).any(),
        is_purchase=(paid & (told.amount >= 0)).any(),
        line_count=told.count(where=paid),
        discounted=(paid & ((told.discount > 0).fill_null(False) | (told.amount < 0))).any(),
        is_subscription=told.is_subscription.any().fill_null(False),
        is_gift=told.is_gift.any().fill_null(False),
        source=told.source.min(),
        channel=told.channel.min(),
    )
    amount = sums.paid_amount + sums.returned_in_place.ifelse(0, sums.credit_amount)
    orders = sums.mutate(amount=amount.cast("decimal(18, 4)"), ordered_on=sums.ordered_at.cast("date"))
    counted = orders.filter(orders.is_purchase | (orders.amount != 0))
    return counted.drop("paid_amount", "credit_amount", "returned_in_place").order_by(
        "ordered_at", "origin", "order_id", ibis.asc("customer_id")
    )
