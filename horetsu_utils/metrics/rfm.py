"""Recency, frequency, monetary value; their scores, the segments, and the movement between segments."""

import datetime as dt
from dataclasses import asdict

import ibis
import ibis.expr.types as ir

from horetsu_utils.method import SCORES, YEAR_DAYS, RfmCuts, SegmentRule

MEASURES = ("recency_days", "frequency", "monetary_yen")
NOT_YET = "not_yet"
"""The segment of somebody who had not bought by the earlier of two dates."""


def rfm(orders: ir.Table, *, as_of: dt.date, period_days: int = YEAR_DAYS) -> ir.Table:
    """Describe each customer by recency, frequency and monetary value over the period that ends on `as_of`.

    Recency, tenure and the lifetime columns look at the whole past; a customer who bought only before the period
    stays in the table with frequency 0. A credit note reduces the amount and never the count.

    Shape
        orders (one row per order) -> one row per customer_id with at least one purchase up to `as_of`
    Columns
        recency_days, tenure_days [day], frequency, lifetime_orders [order], monetary_yen, lifetime_yen [yen, tax as
        exported]
    Errors
        none; a shop without orders gives an empty table
    Source
        METHOD.md section 2
    """
    past = orders.filter(orders.ordered_on <= as_of)
    recent = past.ordered_on > as_of - dt.timedelta(days=period_days)
    today = ibis.literal(as_of)
    customers = past.group_by("customer_id").aggregate(
        first_on=past.ordered_on.min(where=past.is_purchase),
        last_on=past.ordered_on.max(where=past.is_purchase),
        frequency=past.count(where=past.is_purchase & recent),
        lifetime_orders=past.count(where=past.is_purchase),
        monetary_yen=past.amount.sum(where=recent).fill_null(0).cast("float64"),
        lifetime_yen=past.amount.sum().cast("float64"),
    )
    bought = customers.filter(customers.lifetime_orders > 0)
    return bought.mutate(
        recency_days=today.delta(bought.last_on, unit="day"),
        tenure_days=bought.last_on.delta(bought.first_on, unit="day"),
    )


def cut_points(customers: ir.Table, fixed: RfmCuts | None = None) -> ir.Table:
    """Return the bounds between the scores: the shop's own numbers, or the exact quintiles of its active customers.

    Shape
        one row per customer -> one row
    Columns
        recency_days, frequency, monetary_yen: four ascending bounds each [day, order, yen]
    Errors
        none
    Source
        METHOD.md section 2; quantiles interpolate linearly (Hyndman and Fan 1996, type 7)
    """
    active = customers.filter(customers.frequency > 0)
    if fixed is not None:
        own = {name: ibis.array([float(cut) for cut in cuts]) for name, cuts in asdict(fixed).items()}
        return active.aggregate(buyers=active.count()).select(**own)
    steps = [step / SCORES for step in range(1, SCORES)]
    return active.aggregate(**{name: active[name].cast("float64").quantile(steps) for name in MEASURES})


def score(customers: ir.Table, cuts: ir.Table) -> ir.Table:
    """Score each customer 1-5, 5 best. Equal values score equal: a value on a bound belongs below it.

    Where nobody bought in the period there are no quintiles, and everybody scores 1.

    Shape
        one row per customer, one row of cut points -> the customers with three scores
    Columns
        recency_score, frequency_score, monetary_score [1-5]
    Errors
        none
    Source
        METHOD.md section 2
    """
    bounds = cuts.rename({f"{name}_cuts": name for name in MEASURES})
    joined = customers.cross_join(bounds)

    def passed(name: str, unknown: bool) -> ir.IntegerValue:
        cuts = [joined[f"{name}_cuts"][step] for step in range(SCORES - 1)]
        return sum((joined[name] > cut).fill_null(unknown).cast("int64") for cut in cuts)

    return joined.mutate(
        recency_score=SCORES - passed("recency_days", True),
        frequency_score=1 + passed("frequency", False),
        monetary_score=1 + passed("monetary_yen", False),
    ).drop(*[f"{name}_cuts" for name in MEASURES])


def segment(scored: ir.Table, rules: tuple[SegmentRule, ...]) -> ir.Table:
    """Name each customer's segment: that of the first rule whose ranges all hold.

    Shape
        scored customers -> the same with `segment`
    Columns
        segment: a rule's code
    Errors
        none; the last rule takes everybody (the rule file is refused otherwise)
    Source
        METHOD.md section 2; templates/rules/segments.yaml
    """
    *ranked, rest = rules
    pairs = [(_fits(scored, rule), rule.code) for rule in ranked]
    return scored.mutate(segment=ibis.cases(*pairs, else_=rest.code) if pairs else ibis.literal(rest.code))


def _fits(scored: ir.Table, rule: SegmentRule) -> ir.BooleanValue:
    ranges = {
        "recency_score": rule.recency_score,
        "frequency_score": rule.frequency_score,
        "monetary_score": rule.monetary_score,
        "lifetime_orders": rule.lifetime_orders,
        "recency_days": rule.recency_days,
    }
    return ibis.and_(*(scored[name].between(*span) for name, span in ranges.items() if span is not None))


def by_segment(segmented: ir.Table) -> ir.Table:
    """Sum customers and sales by segment, with each segment's share; of sales that are not above 0 there is no share.

    Shape
        one row per customer with `segment` -> one row per segment
    Columns
        customers [customer], customer_ratio, sales_ratio [0-1], sales_yen [yen], recency_days, frequency (means)
    Errors
        none
    Source
        METHOD.md section 2
    """
    rows = segmented.group_by("segment").aggregate(
        customers=segmented.count(),
        sales_yen=segmented.monetary_yen.sum(),
        recency_days=segmented.recency_days.mean(),
        frequency=segmented.frequency.mean(),
    )
    whole = rows.sales_yen.sum().over(ibis.window())
    return rows.mutate(
        customer_ratio=rows.customers / rows.customers.sum().over(ibis.window()),
        sales_ratio=rows.sales_yen / (whole > 0).ifelse(whole, None),
    ).order_by(ibis.desc("customers"), "segment")


def by_scores(scored: ir.Table) -> ir.Table:
    """Count customers and sum sales in each cell of recency score × frequency score.

    Shape
        scored customers -> one row per pair of scores that occurs
    Columns
        recency_score, frequency_score [1-5], customers [customer], sales_yen [yen]
    Errors
        none
    Source
        METHOD.md section 2
    """
    cells = scored.group_by(["recency_score", "frequency_score"])
    return cells.aggregate(customers=scored.count(), sales_yen=scored.monetary_yen.sum()).order_by(
        "recency_score", "frequency_score"
    )


def movement(earlier: ir.Table, later: ir.Table) -> ir.Table:
    """Count the customers who went from each segment to each segment between two dates.

    Both tables should be scored with the same cut points, so that nobody moves because others bought.

    Shape
        customers with `segment` at two dates -> one row per pair of segments that occurs
    Columns
        from_segment, to_segment (`not_yet` for those who had not bought), customers [customer]
    Errors
        none
    Source
        METHOD.md section 2
    """
    before = earlier.select("customer_id", from_segment="segment")
    after = later.select("customer_id", to_segment="segment")
    both = after.left_join(before, "customer_id").mutate(from_segment=lambda t: t.from_segment.fill_null(NOT_YET))
    pairs = both.group_by(["from_segment", "to_segment"])
    return pairs.aggregate(customers=both.count()).order_by("from_segment", "to_segment")
