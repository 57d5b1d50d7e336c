"""How sure a figure is: intervals as Ibis expressions, shared by all metrics."""

import ibis
import ibis.expr.types as ir

from horetsu_utils.method import Z_95


def wilson(successes: ir.NumericValue, trials: ir.NumericValue) -> tuple[ir.FloatingValue, ir.FloatingValue]:
    """Return the 95 % score interval of a proportion; null where there are no trials.

    Shape
        counts -> (low, high) [ratio, 0-1]
    Errors
        none
    Source
        Wilson 1927, J. Am. Stat. Assoc. 22:209-212
    """
    count = trials.cast("float64").nullif(0)
    ratio = successes.cast("float64") / count
    square = Z_95**2
    centre = (ratio + square / (2 * count)) / (1 + square / count)
    half = (Z_95 / (1 + square / count)) * (ratio * (1 - ratio) / count + square / (4 * count * count)).sqrt()
    known = count.notnull()  # an engine's `greatest` and `least` pass over nulls
    low, high = ibis.greatest(centre - half, 0.0), ibis.least(centre + half, 1.0)
    return known.ifelse(low, None), known.ifelse(high, None)


def mean(
    average: ir.FloatingValue, deviation: ir.FloatingValue, count: ir.NumericValue
) -> tuple[ir.FloatingValue, ir.FloatingValue]:
    """Return the 95 % normal interval of a mean from its sample standard deviation; null below two values.

    Shape
        mean, sample standard deviation, count -> (low, high) in the mean's unit
    Errors
        none
    Source
        central limit theorem; meant for the counts of METHOD's "few customers, no claim" rule and above
    """
    half = Z_95 * deviation / count.cast("float64").nullif(0).sqrt()
    return average - half, average + half


def poisson(events: ir.NumericValue) -> tuple[ir.FloatingValue, ir.FloatingValue]:
    """Return the 95 % interval of a count of events (Byar's approximation of the exact one).

    Shape
        counts -> (low, high) [events]
    Errors
        none
    Source
        Breslow and Day 1987, Statistical Methods in Cancer Research II, section 2.3 (rates with few events)
    """
    count = events.cast("float64")
    above = count + 1
    some = count.nullif(0)
    low = some * (1 - 1 / (9 * some) - Z_95 / (3 * some.sqrt())) ** 3
    high = above * (1 - 1 / (9 * above) + Z_95 / (3 * above.sqrt())) ** 3
    return low.fill_null(0.0), high
