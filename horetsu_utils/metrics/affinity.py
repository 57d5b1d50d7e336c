"""Products bought together: the baskets of orders or of customers, and the pairs of products in them."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from horetsu_utils import intervals
from horetsu_utils.affinity_rules import AffinityRules

ORDER, CUSTOMER = ("origin", "order_id"), ("customer_id",)
"""What makes a basket: one order, or all that one customer ever bought."""


def products(sold: ir.Table) -> ir.Table:
    """Give each product a number, in the order of the names: numbers are compared faster than names.

    Shape
        sold: one row per product in an order -> one row per product
    Columns
        product; item: its number, from 0
    Errors
        none
    Source
        METHOD.md section 8
    """
    named = sold.filter(sold["product"].notnull()).select("product").distinct()
    return named.mutate(item=ibis.row_number().over(order_by=named["product"]).cast("int32"))


def baskets(sold: ir.Table, products: ir.Table, *, key: tuple[str, ...]) -> ir.Table:
    """Put together what was bought in one order, or by one customer; a product bought twice lies there once.

    Shape
        sold -> one row per value of the columns `key`; rows without it (nobody knows who bought) are in no basket
    Columns
        the key; items: numbers of the products; size: how many they are [product]
    Errors
        none
    Source
        METHOD.md section 8
    """
    known = sold.filter([sold[name].notnull() for name in key]).join(products, "product")
    filled = known.group_by(list(key)).aggregate(items=known["item"].collect().unique())
    return filled.mutate(size=filled["items"].length())


def tally(baskets: ir.Table, *, rules: AffinityRules) -> ir.Table:
    """Count the baskets, and those that are set aside because they hold too many products.

    Shape
        baskets -> one row
    Columns
        whole: baskets that count; single: those of them with one product; set_aside [basket]; largest [product]
    Errors
        none; without baskets all are 0
    Source
        METHOD.md section 8; LESSONS.md (Domain): a few huge baskets explode memory
    """
    counts = baskets["size"] <= rules.most_products
    return baskets.aggregate(
        whole=counts.sum().fill_null(0),
        single=(baskets["size"] == 1).sum().fill_null(0),
        set_aside=(~counts).sum().fill_null(0),
        largest=baskets["size"].max().fill_null(0),
    )


def pairs(
    baskets: ir.Table, products: ir.Table, *, rules: AffinityRules, among: Sequence[str] | None = None
) -> ir.Table:
    """Count how often two products lie in one basket, beside how often chance alone would put them there.

    Shape
        baskets -> one row per pair of products (`product` comes before `other`) that lie together in `least_baskets`
        or more, and of those named in `among` alone; the surest first
    Columns
        product, other; both, product_baskets, other_baskets, whole [basket]; support_ratio: both of the whole;
        confidence: both of the baskets with `product`; other_confidence: both of those with `other` [0-1]; lift:
        confidence over the share of `other` in the whole [times]; low: its lower 95 % bound; surplus: both, less what
        chance alone would give [basket]
    Errors
        none
    Source
        METHOD.md section 8; Brin, Motwani, Ullman & Tsur 1997, SIGMOD 255-264 (lift, there `interest`)
    """
    kept = baskets.filter(baskets["size"] <= rules.most_products).select("items")
    each = kept.select(item=kept["items"].unnest())
    singles = each.group_by("item").aggregate(baskets=each.count()).join(products, "item")
    crossed = kept.select("items", first=kept["items"].unnest())
    if among is not None:
        singles = singles.filter(singles["product"].isin(among))
        crossed = crossed.semi_join(singles, crossed["first"] == singles["item"])
    crossed = crossed.select("first", second=crossed["items"].unnest())
    crossed = crossed.filter(crossed["first"] < crossed.second)
    counts = crossed.group_by("first", "second").aggregate(both=crossed.count())
    often = counts.filter(counts.both >= rules.least_baskets)
    named = often.join(singles.rename(first="item", product_baskets="baskets"), "first")
    named = named.join(singles.rename(second="item", other="product", other_baskets="baskets"), "second")
    return _weighed(named.cross_join(kept.aggregate(whole=kept.count())))


def _weighed(pairs: ir.Table) -> ir.Table:
    """Compute the shares of counted pairs, and order them."""
    both = pairs.both.cast("float64")
    lift, low = intervals.lift(pairs.both, pairs.product_baskets, pairs.other_baskets, pairs.whole)
    told = pairs.select(
        *("product", "other", "both", "product_baskets", "other_baskets", "whole"),
        support_ratio=both / pairs.whole,
        confidence=both / pairs.product_baskets,
        other_confidence=both / pairs.other_baskets,
        lift=lift,
        low=low,
        surplus=both - both / lift,
    )
    return told.order_by([ibis.desc("low"), ibis.desc("both"), "product", "other"])
