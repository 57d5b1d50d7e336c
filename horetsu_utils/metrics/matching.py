"""Which products fit each customer next, each with its reason; and silence where the stage forbids offering."""

import datetime as dt

import ibis
import ibis.expr.types as ir

from horetsu_utils import intervals
from horetsu_utils.matching_rules import (
    AGAIN,
    COOLING,
    KINDS,
    NEXT,
    NO_OFFER,
    REPLENISH,
    TOGETHER,
    UNKNOWN,
    MatchingRules,
)

_REASON = ("customer_id", "product", "kind", "because", "value", "low", "days")


def held(sold: ir.Table, *, as_of: dt.date) -> ir.Table:
    """Tell what each known customer has bought, how often, when last, and whether on the last day of all.

    Shape
        one row per order and product -> one row per customer and product
    Columns
        customer_id, product; times [day on which it was bought]; since_days [day since the last]; is_latest
    Errors
        none
    Source
        METHOD.md section 8
    """
    past = sold.filter(sold.customer_id.notnull() & (sold.ordered_on <= as_of))
    rows = past.group_by("customer_id", "product").aggregate(
        last_on=past.ordered_on.max(), times=past.ordered_on.nunique()
    )
    latest = rows.last_on.max().over(ibis.window(group_by="customer_id"))
    since = ibis.literal(as_of).delta(rows.last_on, unit="day").cast("int64")
    return rows.mutate(since_days=since, is_latest=rows.last_on == latest).drop("last_on")


def habits(sold: ir.Table, *, as_of: dt.date, rules: MatchingRules) -> ir.Table:
    """Learn how likely a product is chosen again: by the last order of each customer, after what they had before it.

    Shape
        one row per order and product -> one row per product and times it had been bought before the last order
    Columns
        product; times [from 1 to `most_times`, which stands for that and more]; watched [customer]; value, low, high
        [0-1, Wilson 95 %]: the share whose last order held it
    Errors
        none; customers of one order teach nothing
    Source
        METHOD.md section 8 (repeat rate per product and per customer)
    """
    past = sold.filter(sold.customer_id.notnull() & (sold.ordered_on <= as_of))
    days = past.select("customer_id", "product", "ordered_on").distinct()
    last = days.ordered_on.max().over(ibis.window(group_by="customer_id"))
    marked = days.mutate(is_last=days.ordered_on == last)
    known = marked.group_by("customer_id", "product").aggregate(
        before=(~marked.is_last).sum().fill_null(0), came=marked.is_last.any()
    )
    had = known.filter(known.before > 0).mutate(times=ibis.least(known.before, rules.most_times))
    rows = had.group_by("product", "times").aggregate(watched=had.count(), again=had.came.sum().fill_null(0))
    low, high = intervals.wilson(rows.again, rows.watched)
    return rows.mutate(value=rows.again / rows.watched, low=low, high=high).drop("again").order_by("product", "times")


def returning(held: ir.Table, habits: ir.Table, rhythm: ir.Table, *, rules: MatchingRules) -> ir.Table:
    """Find what customers have bought before and may choose again, once the usual days between have passed.

    Shape
        customer × product, product × times, the rhythm of each product -> one row per customer and product
    Columns
        customer_id, product; kind: replenish where the product has a rhythm, or else again; because: the product
        itself; value, low [0-1]: the share that chose it again; days [day, median between]
    Errors
        none
    Source
        METHOD.md section 8
    """
    known = habits.filter(habits.watched >= rules.least_customers).select("product", "value", "low", told="times")
    owned = held.mutate(told=ibis.least(held.times, rules.most_times)).join(known, ["product", "told"])
    rows = owned.join(rhythm.select("product", "low_days", "gap_days", "is_rhythm"), "product")
    due = rows.since_days.between(rows.low_days, rows.gap_days * rules.overdue_times)
    found = rows.filter(rows.is_rhythm.ifelse(due, rows.since_days > rules.quiet_days))
    kind = found.is_rhythm.ifelse(REPLENISH, AGAIN)
    return found.mutate(kind=kind, because=found["product"], days=found.gap_days).select(*_REASON)


def following(held: ir.Table, flows: ir.Table) -> ir.Table:
    """Find what people buy next, more than usual, after what the customer bought last.

    Shape
        customer × product, product -> next product -> one row per customer, product, and product that leads to it
    Columns
        customer_id, product; kind: next; because: the product bought last; value, low [0-1]: the share that went on
        to it; days [day, median]
    Errors
        none
    Source
        METHOD.md section 8 (product -> next product flow)
    """
    sure = flows.filter(flows.stands_out & (flows.from_product != flows.to_product))
    latest = held.filter(held.is_latest).select("customer_id", from_product="product")
    rows = latest.join(sure, "from_product")
    names = {"product": rows.to_product, "because": rows.from_product, "kind": ibis.literal(NEXT)}
    return _new(rows.select("customer_id", "value", "low", "days", **names), held)


def alongside(held: ir.Table, pairs: ir.Table, *, rules: MatchingRules) -> ir.Table:
    """Find what is bought, surely more often than by chance, by those who bought what the customer has.

    Of each product only its surest partners count: whoever has many products would have nearly all others as reasons.

    Shape
        customer × product, pairs of products in customers' baskets -> one row per customer, product, and its partner
    Columns
        customer_id, product; kind: together; because: the partner; value, low [0-1]: the share of the partner's
        buyers; days: null
    Errors
        none
    Source
        METHOD.md section 8 (basket, by the same customer later)
    """
    sure = pairs.filter(pairs.low > 1)
    one = sure.select("both", because="product", product="other", baskets="product_baskets")
    other = sure.select("both", because="other", product="product", baskets="other_baskets")
    both = one.union(other)
    both = both.filter(both.baskets >= rules.least_customers)
    low, _ = intervals.wilson(both.both, both.baskets)
    told = both.mutate(value=both.both / both.baskets, low=low, days=ibis.null("float64"))
    first = ibis.window(group_by="because", order_by=[ibis.desc("low"), "product"])
    near = told.mutate(rank=ibis.row_number().over(first)).filter(lambda row: row["rank"] < rules.partners)
    rows = held.select("customer_id", because="product").join(near.drop("rank"), "because")
    return _new(rows.mutate(kind=ibis.literal(TOGETHER)).drop("both", "baskets"), held)


def _new(rows: ir.Table, held: ir.Table) -> ir.Table:
    """Leave out what a customer has bought before."""
    return rows.anti_join(held, ["customer_id", "product"]).select(*_REASON)


def allowed(candidates: ir.Table, stages: ir.Table, *, rules: MatchingRules) -> ir.Table:
    """Keep silent where the stage forbids offering, and offer nothing new where it forbids a further product.

    Shape
        candidates, one row per customer with stage and cooling -> candidates
    Columns
        as handed in
    Errors
        none; who has no stage is not in the result
    Source
        METHOD.md section 3 (offer_now at stage 0, upsell at stage 1) and section 8
    """
    speaking = stages.filter(~stages.cooling & ~stages.stage.isin(rules.silent_stages)).select("customer_id", "stage")
    rows = candidates.join(speaking, "customer_id")
    is_known = rows.kind.isin((REPLENISH, AGAIN))
    return rows.filter(is_known | ~rows.stage.isin(rules.quiet_stages)).drop("stage")


def chosen(candidates: ir.Table, sent_back: ir.Table, *, rules: MatchingRules) -> ir.Table:
    """Choose up to three products for each customer: each once, by its best reason; never what they sent back.

    Shape
        candidates, customer × product sent back -> one row per customer and product
    Columns
        customer_id, place [from 1], product, kind, because, value, low, days
    Errors
        none
    Source
        METHOD.md section 8
    """
    welcome = candidates.anti_join(sent_back, ["customer_id", "product"])
    kinds = welcome.kind.cases(*((kind, place) for place, kind in enumerate(KINDS)))
    best = ibis.window(group_by=["customer_id", "product"], order_by=[ibis.desc("low"), kinds, "because"])
    once = welcome.mutate(rank=ibis.row_number().over(best)).filter(lambda row: row["rank"] == 0).drop("rank")
    first = ibis.window(group_by="customer_id", order_by=[ibis.desc("low"), "product"])
    placed = once.mutate(place=(ibis.row_number().over(first) + 1).cast("int64"))
    return placed.filter(placed.place <= rules.most).order_by("customer_id", "place")


def last_bought(held: ir.Table, *, rules: MatchingRules) -> ir.Table:
    """Offer each customer the products of their own last day again: those bought most often, then by name.

    Shape
        customer × product -> one row per customer and product, at most `most`
    Columns
        customer_id, product
    Errors
        none
    Source
        the yardstick of repeat buying, which no matching may pass over
    """
    latest = held.filter(held.is_latest)
    first = ibis.window(group_by="customer_id", order_by=[ibis.desc("times"), "product"])
    placed = latest.mutate(place=ibis.row_number().over(first))
    return placed.filter(placed.place < rules.most).select("customer_id", "product")


def silences(held: ir.Table, stages: ir.Table, *, rules: MatchingRules) -> ir.Table:
    """Count the buyers to whom nothing is offered, by the reason.

    Shape
        customer × product, one row per customer with stage and cooling -> one row per reason that occurs
    Columns
        silence: cooling / no_offer / unknown; customers [customer]
    Errors
        none
    Source
        METHOD.md section 3 and section 8
    """
    people = held.select("customer_id").distinct().left_join(stages, "customer_id")
    reason = ibis.cases(
        (people.stage.isnull(), UNKNOWN),
        (people.cooling, COOLING),
        (people.stage.isin(rules.silent_stages), NO_OFFER),
        else_=ibis.null("string"),
    )
    told = people.mutate(silence=reason)
    return (
        told.filter(told.silence.notnull())
        .group_by("silence")
        .aggregate(customers=lambda row: row.count())
        .order_by("silence")
    )
