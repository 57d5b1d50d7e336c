"""What followed a contact that broke a rule, beside what followed for customers alike who were spared."""

import ibis
import ibis.expr.types as ir

from horetsu_utils import intervals
from horetsu_utils.lookback_rules import OUTCOMES, STRATUM, LookbackRules


def compared(cases: ir.Table, *, rules: LookbackRules) -> ir.Table:
    """Compare what followed a breach with what followed for customers alike who were spared; no cause is claimed.

    Each stratum counts by its share of the breaches, so that both sides are composed alike. A spared customer may give
    many days, and they may all go alike: the interval counts as many customers as, each with one day of equal weight,
    would tell as much.

    Shape
        cases -> one row per outcome of OUTCOMES
    Columns
        outcome; treated, spared [customer]: those compared; unmatched [customer]: with a breach, and nobody alike was
        spared; treated_ratio, spared_ratio [0-1], difference [-1 to 1], each with its _low and _high (95 % interval);
        verdict: too_few / differs / similar (no difference beyond chance)
    Errors
        none; ratios are null where nobody can be compared
    Source
        METHOD.md section 3; Wilson 1927; Kish 1965, Survey Sampling (effective number); Newcombe 1998, Stat. Med.
        17:873-890, method 10
    """
    told = cases.pivot_longer(ibis.selectors.cols(*OUTCOMES), names_to="outcome", values_to="came")
    known = told.filter(told.came.notnull())
    strata = known.group_by("outcome", *STRATUM).aggregate(
        treated=known.treated.sum(), came=(known.treated & known.came).sum(), spared_days=(~known.treated).sum()
    )
    paired = strata.spared_days > 0
    sums = {name: strata[name].sum(where=paired) for name in ("treated", "came")}
    ours = strata.group_by("outcome").aggregate(**sums, unmatched=strata.treated.sum(where=~paired))
    theirs = _weighed(known.filter(~known.treated), strata.filter(strata.treated > 0))
    outcomes = ibis.memtable({"place": range(len(OUTCOMES)), "outcome": OUTCOMES})
    both = outcomes.left_join(ours, "outcome").drop("outcome_right").left_join(theirs, "outcome")
    counts = {name: both[name].fill_null(0) for name in ("treated", "spared", "unmatched")}
    return _compared(both.mutate(**counts), rules).order_by("place").drop("place")


def _weighed(days: ir.Table, strata: ir.Table) -> ir.Table:
    """Sum the spared so that each stratum weighs as it does among the breaches."""
    weights = strata.select("outcome", *STRATUM, weight=strata.treated / strata.spared_days)
    each = (
        days.join(weights, ["outcome", *STRATUM])
        .group_by("outcome", "customer_id")
        .aggregate(weight=ibis._.weight.sum(), came=(ibis._.weight * ibis._.came.cast("int8")).sum())
    )
    ratio, effective = each.came.sum() / each.weight.sum(), each.weight.sum() ** 2 / (each.weight**2).sum()
    return each.group_by("outcome").aggregate(spared=each.count(), spared_ratio=ratio, effective=effective)


def _compared(both: ir.Table, rules: LookbackRules) -> ir.Table:
    ours, theirs = both.came / both.treated, both.spared_ratio
    low, high = intervals.wilson(both.came, both.treated)
    spared_low, spared_high = intervals.wilson(theirs * both.effective, both.effective)
    difference = ours - theirs
    difference_low = difference - ((ours - low) ** 2 + (spared_high - theirs) ** 2).sqrt()
    difference_high = difference + ((high - ours) ** 2 + (theirs - spared_low) ** 2).sqrt()
    few = (both.treated < rules.least_customers) | (both.spared < rules.least_customers)
    apart = (difference_low > 0) | (difference_high < 0)
    return both.select(
        *("place", "outcome", "treated", "spared", "unmatched", "spared_ratio"),
        treated_ratio=ours,
        treated_low=low,
        treated_high=high,
        spared_low=spared_low,
        spared_high=spared_high,
        difference=difference,
        difference_low=difference_low,
        difference_high=difference_high,
        verdict=ibis.cases((few, "too_few"), (apart, "differs"), else_="similar"),
    )
