"""What a model of the value ahead needs to know of each customer, and what really followed."""

import datetime as dt

import ibis
import ibis.expr.types as ir

WEEK_DAYS = 7


def histories(numbered: ir.Table, *, as_of: dt.date) -> ir.Table:
    """Describe each customer as the models of repeat buying do: several orders on one day are one.

    Recency here is last order minus first, not the days since; and the amount leaves out the first day's orders.

    Shape
        numbered purchases -> one row per customer known on `as_of`
    Columns
        customer_id; frequency [day with an order after the first day]; recency_days, age_days [day, from the first
        order to the last, and to `as_of`]; repeat_yen [yen, those days' orders]; mean_yen [yen per such day], null
        where there is none
    Errors
        none
    Source
        Fader, Hardie and Lee 2005, Marketing Science 24:275-284; LESSONS.md (Domain)
    """
    past = numbered.filter(numbered.ordered_on <= as_of)
    later = past.ordered_on > past.first_on
    sums = past.group_by("customer_id", "first_on").aggregate(
        frequency=(later & _new_day(past)).sum(),
        last_on=past.ordered_on.max(),
        yen=past.amount_yen.sum(where=later).fill_null(0),
    )
    return sums.select(
        "customer_id",
        "frequency",
        recency_days=sums.last_on.delta(sums.first_on, unit="day"),
        age_days=ibis.literal(as_of).delta(sums.first_on, unit="day"),
        repeat_yen=sums.yen,
        mean_yen=sums.yen.cast("float64") / sums.frequency.nullif(0),
    )


def _new_day(numbered: ir.Table) -> ir.BooleanValue:
    """Tell whether a purchase is the customer's first of its day."""
    return numbered.previous_on.isnull() | (numbered.previous_on < numbered.ordered_on)


def followed(histories: ir.Table, numbered: ir.Table, *, since: dt.date, until: dt.date) -> ir.Table:
    """Count beside each history the days with an order after `since` and up to `until`.

    Shape
        histories of `since`, numbered purchases -> the histories
    Columns
        followed [day with an order]
    Errors
        none
    Source
        METHOD.md section 2 (value); hold-out
    """
    came = numbered.filter((numbered.ordered_on > since) & (numbered.ordered_on <= until) & _new_day(numbered))
    counts = came.group_by("customer_id").aggregate(followed=came.count())
    return histories.left_join(counts, "customer_id").select(histories, followed=counts.followed.fill_null(0))


def alike(histories: ir.Table) -> ir.Table:
    """Put customers with one and the same history together, so that a million are fitted in seconds.

    Shape
        histories, with or without `followed` -> one row per history that occurs
    Columns
        frequency [day]; recency_weeks, age_weeks [week]; customers [customer]; followed [day, sum]
    Errors
        none
    Source
        the likelihood of a sample is the sum over its customers
    """
    extra = {"followed": histories.followed.sum()} if "followed" in histories.columns else {}
    rows = histories.group_by("frequency", "recency_days", "age_days").aggregate(customers=histories.count(), **extra)
    weeks = {f"{name}_weeks": rows[f"{name}_days"] / WEEK_DAYS for name in ("recency", "age")}
    return rows.mutate(**weeks).drop("recency_days", "age_days").order_by("frequency", "recency_weeks", "age_weeks")


def spenders(histories: ir.Table) -> ir.Table:
    """Put together those who came again and spent alike; who spent nothing tells nothing of amounts.

    Shape
        histories -> one row per number of repeats and mean amount
    Columns
        frequency [day]; mean_amount [yen]; customers [customer]
    Errors
        none
    Source
        Fader and Hardie 2013 (Gamma-Gamma)
    """
    told = histories.filter((histories.frequency > 0) & (histories.mean_yen > 0))
    rows = told.group_by("frequency", "repeat_yen").aggregate(customers=told.count())
    mean = rows.repeat_yen.cast("float64") / rows.frequency
    return rows.select("frequency", "customers", mean_amount=mean).order_by("frequency", "mean_amount")


def by_week(numbered: ir.Table, *, since: dt.date, until: dt.date) -> ir.Table:
    """Count week by week the orders, after `since`, of those known by then.

    Shape
        numbered purchases -> one row per week with an order; week 1 begins on the day after `since`
    Columns
        week [week]; followed [day with an order]
    Errors
        none
    Source
        Fader, Hardie and Lee 2005, figure 2 (tracking plot)
    """
    known = numbered.filter((numbered.first_on <= since) & (numbered.ordered_on > since))
    came = known.filter((known.ordered_on <= until) & _new_day(known))
    days = came.ordered_on.delta(ibis.literal(since), unit="day")
    rows = came.group_by(week=(days / WEEK_DAYS).ceil().cast("int64"))
    return rows.aggregate(followed=came.count()).order_by("week")
