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


def lift(
    both: ir.NumericValue, first: ir.NumericValue, second: ir.NumericValue, whole: ir.NumericValue
) -> tuple[ir.FloatingValue, ir.FloatingValue]:
    """Return how many times as often two things meet as by chance, and its lower 95 % bound.

    The bound is the delta method's on the logarithm, all four cells of the table drawn together (multinomial): its
    variance is 1/both - 1/first - 1/second + 2 both/(first second) - 1/whole. Both shares are estimates, so both must
    widen it; and one pair has one bound, whichever side it is read from (a bound on the confidence alone has two).
    Of pairs that met a few dozen times or less it lies above the truth in 3-4 % of draws, not in 2.5 %.

    Shape
        counts (both at least 1) -> (lift, low) [times]
    Errors
        none
    Source
        Agresti 2013, Categorical Data Analysis, section 16.1 (delta method for functions of multinomial counts)
    """
    met, one, other, all_ = (count.cast("float64") for count in (both, first, second, whole))
    times = met * all_ / (one * other)
    variance = 1 / met - 1 / one - 1 / other + 2 * met / (one * other) - 1 / all_
    return times, times * (-Z_95 * ibis.greatest(variance, 0.0).sqrt()).exp()
