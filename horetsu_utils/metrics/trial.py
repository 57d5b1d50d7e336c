"""Matches on trial: did people buy what was held to fit, more than what any shop offers everybody?"""

import datetime as dt

import ibis
import ibis.expr.types as ir

from horetsu_utils import intervals
from horetsu_utils.matching_rules import MatchingRules
from horetsu_utils.method import Z_95


def best_sellers(sold: ir.Table, held: ir.Table, *, as_of: dt.date, rules: MatchingRules) -> ir.Table:
    """Offer the shop's best-sellers to everybody, as any shop can do without looking at anybody.

    What a customer has just bought is left out, as it is of the matches.

    Shape
        one row per order and product, customer × product -> one row per customer and best-seller, at most `most`
    Columns
        customer_id, product
    Errors
        none
    Source
        the yardstick that any matching has to beat
    """
    start = as_of - dt.timedelta(days=rules.period_days)
    recent = sold.filter((sold.ordered_on > start) & (sold.ordered_on <= as_of))
    counts = recent.group_by("product").aggregate(customers=recent.customer_id.nunique())
    first = counts.order_by(ibis.desc("customers"), "product").limit(rules.most).select("product")
    everybody = held.select("customer_id").distinct().cross_join(first)
    return everybody.anti_join(held.filter(held.since_days <= rules.quiet_days), ["customer_id", "product"])


def trial(matches: ir.Table, sellers: ir.Table, sold: ir.Table, *, until: tuple[dt.date, dt.date]) -> ir.Table:
    """Hold the matches against the best-sellers: which of the two held something that was then bought (hit rate@3)?

    Of the customers who were matched and ordered in the days after the first of `until`, up to the second.

    Shape
        customer × product, customer × product, one row per order and product -> one row
    Columns
        customers; hits: a match was bought; seller_hits: a best-seller was bought [customer]; value, low, high:
        hits, seller_value, seller_low, seller_high: seller_hits [0-1, Wilson 95 %]; gain, gain_low, gain_high: the
        difference of the two shares on the same people [0-1]
    Errors
        none; the shares are null where nobody was matched and came
    Source
        METHOD.md section 8; paired difference: Agresti 2013, Categorical Data Analysis, section 11.1
    """
    after, last = until
    later = sold.filter((sold.ordered_on > after) & (sold.ordered_on <= last) & sold.customer_id.notnull())
    bought = later.select("customer_id", "product").distinct()
    people = matches.select("customer_id").distinct().semi_join(bought, "customer_id")
    hit = matches.semi_join(bought, ["customer_id", "product"]).select("customer_id").distinct().mutate(hit=1)
    sold_well = (
        bought.semi_join(sellers, ["customer_id", "product"]).select("customer_id").distinct().mutate(seller_hit=1)
    )
    told = people.left_join(hit, "customer_id").drop("customer_id_right")
    told = told.left_join(sold_well, "customer_id").drop("customer_id_right")
    mine, theirs = told.hit.fill_null(0), told.seller_hit.fill_null(0)
    rows = told.aggregate(
        customers=told.count(),
        hits=mine.sum().fill_null(0),
        seller_hits=theirs.sum().fill_null(0),
        only_hits=((mine == 1) & (theirs == 0)).sum().fill_null(0),
        only_seller_hits=((mine == 0) & (theirs == 1)).sum().fill_null(0),
    )
    return _compared(rows)


def _compared(rows: ir.Table) -> ir.Table:
    low, high = intervals.wilson(rows.hits, rows.customers)
    seller_low, seller_high = intervals.wilson(rows.seller_hits, rows.customers)
    whole = rows.customers.cast("float64").nullif(0)
    gain = (rows.only_hits - rows.only_seller_hits) / whole
    apart = (rows.only_hits + rows.only_seller_hits) / whole
    half = Z_95 * ((apart - gain**2) / whole).sqrt()
    return rows.mutate(
        value=rows.hits / whole,
        low=low,
        high=high,
        seller_value=rows.seller_hits / whole,
        seller_low=seller_low,
        seller_high=seller_high,
        gain=gain,
        gain_low=gain - half,
        gain_high=gain + half,
    ).drop("only_hits", "only_seller_hits")
