"""The same orders under other people's definitions: why the client's other screen shows another number."""

import ibis
import ibis.expr.types as ir

from horetsu_utils.method import CpmRules, JourneyRules


def f2(firsts: ir.Table, *, rules: JourneyRules) -> ir.Table:
    """Measure the share who came back by each definition that is in use.

    watched: of those watched for the whole window, those back within it. no_window: everybody with a second order over
    everybody with a first, whenever they came. month_new: as before, but a second order in the month of the first
    counts as new. repeaters_only: of those who have come back at all, those who did so within the window.

    Shape
        firsts -> one row per definition, in this order
    Columns
        definition; customers, came [customer]: divided by, counted; value [0-1]
    Errors
        none; the share is null where there is nobody to divide by
    Source
        LESSONS.md (Domain: F2 has no single definition)
    """
    soon = firsts.came_back & (firsts.f2_days <= rules.window_days)
    long = firsts.watched_days >= rules.window_days
    later = firsts.came_back & (firsts.second_on.truncate("M") > firsts.first_on.truncate("M"))
    everybody = firsts.first_on.notnull()
    parts = {
        "watched": (long, long & soon),
        "no_window": (everybody, firsts.came_back),
        "month_new": (everybody, later),
        "repeaters_only": (firsts.came_back, soon),
    }
    rows = [
        firsts.aggregate(customers=whole.sum().fill_null(0), came=counted.sum().fill_null(0)).mutate(
            place=ibis.literal(place), definition=ibis.literal(name)
        )
        for place, (name, (whole, counted)) in enumerate(parts.items())
    ]
    table = ibis.union(*rows).order_by("place")
    return table.select("definition", "customers", "came", value=table.came / table.customers.nullif(0))


def other_side(rules: CpmRules) -> CpmRules:
    """Return the portfolio's boundaries read the other way: a value on a boundary belongs to the side after it.

    Shape
        boundaries -> boundaries; days and yen are whole, so one less, or one more, is the other reading
    Columns
        none
    Errors
        none
    Source
        LESSONS.md (Domain: the boundary is often ambiguous)
    """
    return CpmRules(
        beginner_days=rules.beginner_days - 1,
        settled_days=rules.settled_days - 1,
        away_days=rules.away_days - 1,
        heavy_yen=rules.heavy_yen + 1,
    )
