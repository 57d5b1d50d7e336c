"""Monthly cohorts: of those who came in one month, who bought again, and what they have brought so far."""

import datetime as dt

import ibis
import ibis.expr.types as ir

from horetsu_utils.method import YEAR_MONTHS


def cohorts(numbered: ir.Table, credits: ir.Table, *, as_of: dt.date) -> ir.Table:
    """Follow the customers of each month of first order through the calendar months after it.

    A month that is not over on the analysis date, and every figure that needs it, is unknown (null), never 0.

    Shape
        numbered purchases; credit notes (customer_id, ordered_on, amount) -> one row per month of first order and
        month since, up to the analysis date
    Columns
        cohort [date, first of the month]; month [month since, from 0]; customers [customer]; retention_ratio [0-1,
        bought in that month], repeat_ratio [0-1, ordered a second time by its end], ltv_yen [yen per customer by its
        end, credit notes taken off]; is_complete
    Errors
        none
    Source
        METHOD.md section 4 (monthly cohorts)
    """
    bought = numbered.mutate(month=_months(numbered.ordered_on) - _months(numbered.first_on))
    fresh = bought.previous_on.isnull() | (_months(bought.previous_on) < _months(bought.ordered_on))
    facts = bought.group_by(cohort=bought.first_on.truncate("M"), month=bought.month).aggregate(
        newcomers=(bought.number == 1).sum(),
        active=fresh.sum(),
        second=(bought.number == 2).sum(),
        yen=bought.amount_yen.sum().cast("float64"),
    )
    both = ibis.union(facts, _credited(numbered, credits))
    sums = {name: both[name].sum() for name in ("newcomers", "active", "second", "yen")}
    cells = both.group_by("cohort", "month").aggregate(**sums)
    return _grown(cells, as_of)


def _grown(cells: ir.Table, as_of: dt.date) -> ir.Table:
    """Lay the cells out on a whole calendar, and sum them along it."""
    last = as_of.year * YEAR_MONTHS + as_of.month - 1
    is_over = (as_of + dt.timedelta(days=1)).month != as_of.month
    groups = cells.group_by("cohort").aggregate(customers=cells.newcomers.sum())
    since = ibis.range(0, (last + 1 - _months(groups.cohort)).cast("int64"), 1)
    calendar = groups.mutate(month=since.unnest().cast("int64"))
    whole = calendar.left_join(cells, ["cohort", "month"]).drop("cohort_right", "month_right")
    complete = _months(whole.cohort) + whole.month < last + int(is_over)
    so_far = ibis.window(group_by="cohort", order_by="month", preceding=None, following=0)
    known = complete.ifelse(whole.customers.nullif(0), None)
    return whole.select(
        "cohort",
        "month",
        "customers",
        retention_ratio=whole.active.fill_null(0) / known,
        repeat_ratio=whole.second.fill_null(0).sum().over(so_far) / known,
        ltv_yen=whole.yen.fill_null(0.0).sum().over(so_far) / known,
        is_complete=complete,
    ).order_by("cohort", "month")


def _credited(numbered: ir.Table, credits: ir.Table) -> ir.Table:
    """Take credit notes off the customers who had bought by then."""
    starts = numbered.filter(numbered.number == 1).select("customer_id", "first_on")
    own = credits.select("customer_id", "ordered_on", "amount").join(starts, "customer_id")
    after = own.filter(own.ordered_on >= own.first_on)
    month = _months(after.ordered_on) - _months(after.first_on)
    sums = after.group_by(cohort=after.first_on.truncate("M"), month=month).aggregate(yen=after.amount.sum())
    nobody = dict.fromkeys(("newcomers", "active", "second"), ibis.literal(0, "int64"))
    return sums.select("cohort", "month", **nobody, yen=sums.yen.cast("float64"))


def _months(day: ir.DateValue) -> ir.IntegerValue:
    """Return a month as a number that grows through the years."""
    return day.year().cast("int64") * YEAR_MONTHS + day.month() - 1


def overall(cohorts: ir.Table) -> ir.Table:
    """Sum the cohorts by months since the first order, each month over those cohorts that have lived it.

    Shape
        cohorts -> one row per month since that is complete for anybody
    Columns
        month [month since]; customers [customer, behind the figure]; retention_ratio, repeat_ratio [0-1]; ltv_yen [yen]
    Errors
        none
    Source
        METHOD.md section 4
    """
    lived = cohorts.filter(cohorts.is_complete)
    measures = ("retention_ratio", "repeat_ratio", "ltv_yen")
    weighed = {name: (lived[name] * lived.customers).sum() / lived.customers.sum() for name in measures}
    return lived.group_by("month").aggregate(customers=lived.customers.sum(), **weighed).order_by("month")
