"""What one repair is worth: a year of first-time buyers, each followed for a year, with one rung raised."""

import datetime as dt

import ibis
import ibis.expr.types as ir

from horetsu_utils.method import YEAR_DAYS, Z_95


def worths(numbered: ir.Table, credits: ir.Table, *, as_of: dt.date) -> ir.Table:
    """Tell, for everybody watched a whole year, what they brought from each order on until the year was over.

    A credit note within the year is taken off the order before it.

    Shape
        numbered purchases; credit notes (customer_id, ordered_on, amount) -> one row per customer and order within a
        year of the first, of those watched a year
    Columns
        customer_id; number [order]; since_days [day, from the first order to this one]; onwards_yen [yen, this order
        and those after it]
    Errors
        none
    Source
        METHOD.md section 4; section 2 (年間LTV); section 1 (a return reduces M)
    """
    since = numbered.ordered_on.delta(numbered.first_on, unit="day")
    ripe = numbered.first_on <= as_of - dt.timedelta(days=YEAR_DAYS)
    year = numbered.mutate(since_days=since).filter(ripe & (since < YEAR_DAYS))
    own = year.select("customer_id", "number", "ordered_on", "first_on")
    notes = credits.select("customer_id", "amount", on="ordered_on", note=ibis.row_number()).join(own, "customer_id")
    after = notes.filter((notes.on >= notes.ordered_on) & (notes.on.delta(notes.first_on, unit="day") < YEAR_DAYS))
    last = after.group_by("customer_id", "note").aggregate(number=after.number.max(), amount=after.amount.max())
    back = last.group_by("customer_id", "number").aggregate(back=last.amount.sum())
    net = year.left_join(back, ["customer_id", "number"])
    told = net.mutate(net_yen=net.amount_yen + net.back.fill_null(0))
    onwards = ibis.window(group_by="customer_id", order_by="number", preceding=0, following=None)
    summed = told.net_yen.sum().over(onwards).cast("float64")
    return told.select("customer_id", "number", "since_days", onwards_yen=summed)


def by_rung(worths: ir.Table) -> ir.Table:
    """Sum by rung how many reached it within their year, and what they brought from it on.

    Shape
        worths -> one row per rung
    Columns
        number [order]; customers [customer]; value_yen, deviation_yen [yen, mean and sample standard deviation]
    Errors
        none
    Source
        METHOD.md section 4 (repeat ladder)
    """
    value = worths.onwards_yen
    rungs = worths.group_by("number")
    return rungs.aggregate(
        customers=worths.count(), value_yen=value.mean(), deviation_yen=value.std(how="sample")
    ).order_by("number")


def by_day(worths: ir.Table) -> ir.Table:
    """Tell what those brought who had come back by each day, from the second order on, within their year.

    Beside it stands what the others brought after their first order: some of them came back later.

    Shape
        worths -> one row per day on which a second order came
    Columns
        day [day]; customers, others [customer, back by then and not]; value_yen, otherwise_yen [yen, their means];
        variance, other_variance [yen², of each mean]
    Errors
        none; of a single customer there is no variance
    Source
        METHOD.md section 4 (F2 reading at a chosen day)
    """
    second = worths.filter(worths.number == 2)
    middle = second.onwards_yen.mean().over(ibis.window())  # squares of what lies near 0 lose no digits
    own = second.select(day="since_days", yen=second.onwards_yen - middle, middle=middle)
    sums = {"people": own.count(), "yen": own.yen.sum(), "square": (own.yen**2).sum()}
    daily = own.group_by("day").aggregate(**sums)
    whole = own.aggregate(**{f"all_{name}": total for name, total in sums.items()}, middle=own.middle.max())
    starters = worths.aggregate(starters=(worths.number == 1).sum())
    so_far = ibis.window(order_by="day", preceding=None, following=0)
    running = {name: daily[name].sum().over(so_far) for name in sums}
    both = daily.select("day", **running).cross_join(whole).cross_join(starters)
    never = both.starters - both.all_people  # they brought 0 within the year
    yen, square = both.all_yen - both.yen - never * both.middle, both.all_square - both.square + never * both.middle**2
    others = both.starters - both.people
    return both.select(
        "day",
        customers=both.people,
        others=others,
        value_yen=both.middle + both.yen / both.people,
        variance=_variance(both.people, both.yen, both.square),
        otherwise_yen=(both.middle + yen / others.nullif(0)).fill_null(0.0),
        other_variance=(others > 0).ifelse(_variance(others, yen, square), 0.0),
    ).order_by("day")


def _variance(count: ir.Value, total: ir.Value, square: ir.Value) -> ir.FloatingValue:
    """Return the variance of a mean from sums about a point near it; rounding may leave a hair below 0."""
    spread = (square - total**2 / count.nullif(0)) / (count - 1).nullif(0)
    return (spread < 0).ifelse(0.0, spread) / count.nullif(0)


def newcomers(numbered: ir.Table, *, as_of: dt.date) -> ir.Table:
    """Count the first-time buyers of the year that ends on `as_of`, and say how far the records reach back.

    Shape
        numbered purchases -> one row
    Columns
        newcomers [customer]; seen [customer, first-time buyers in all]; history_days [day]
    Errors
        none
    Source
        METHOD.md section 4
    """
    starts = numbered.filter(numbered.number == 1)
    recent = starts.first_on > as_of - dt.timedelta(days=YEAR_DAYS)
    history = ibis.literal(as_of).delta(starts.first_on.min(), unit="day") + 1
    return starts.aggregate(newcomers=recent.sum().fill_null(0), seen=starts.count(), history_days=history.fill_null(0))


def lifted(rungs: ir.Table, newcomers: ir.Table, *, points: float) -> ir.Table:
    """Say what a year's first-time buyers would bring more if one rung were raised by so many points.

    Raised from n to n + 1: of those who reach order n within their year, `points` (0-1) more go on, and bring what
    those who went on have brought from there. The interval knows how sure that value and the share who reach n are.

    Shape
        rungs (`by_rung`), one row of newcomers -> one row per rung that has one above it
    Columns
        number [order, from]; more [customer]; gain_yen, gain_low_yen, gain_high_yen [yen a year]; customers [customer,
        whose value stands behind it]
    Errors
        none; a rung with less than two customers above it has no interval
    Source
        METHOD.md section 4; delta method for the product
    """
    up = ibis.window(order_by="number")
    whole = rungs.customers.max().over(ibis.window())
    above = rungs.select(
        "number",
        share=rungs.customers / whole,
        whole=whole,
        **{name: rungs[name].lead().over(up) for name in ("customers", "value_yen", "deviation_yen")},
    )
    both = above.filter(above.customers.notnull()).cross_join(newcomers.select("newcomers"))
    reach = (1 - both.share) / (both.share * both.whole)
    certain = {"otherwise_yen": 0.0, "other_variance": 0.0}  # who does not go on brings nothing more within the year
    spread = both.deviation_yen**2 / both.customers
    raised = both.mutate(more=both.newcomers * both.share * points, unsure=reach, variance=spread, **certain)
    return _gain(raised).select("number", *_GAIN)


def moved(days: ir.Table, newcomers: ir.Table, *, day: int, points: float) -> ir.Table:
    """Say what a year's first-time buyers would bring more if the F2 reading of one day stood so many points higher.

    Whoever comes back by then brings what the others did who had; what they might have brought later is taken off.

    Shape
        `by_day`, one row of newcomers -> one row, none where nobody had come back by that day
    Columns
        more [customer]; gain_yen, gain_low_yen, gain_high_yen [yen a year]; customers [customer, behind the value]
    Errors
        none
    Source
        METHOD.md section 4
    """
    back = days.filter(days.day <= day).order_by(ibis.desc("day")).limit(1)
    both = back.cross_join(newcomers.select("newcomers"))
    return _gain(both.mutate(more=both.newcomers * points, unsure=0.0)).select(*_GAIN)


def mended(breaks: ir.Table, days: ir.Table, newcomers: ir.Table) -> ir.Table:
    """Say what a year's first-time buyers would bring more if a break kept the shop's own pace.

    Those lost are counted over all first-time buyers on record, and scaled to a year's; each is held to bring what
    those have brought who came back by the break's last day, less what the others brought later.

    Shape
        breaks, `by_day`, one row of newcomers -> one row per break
    Columns
        day_from, day_to [day]; more [customer]; gain_yen, gain_low_yen, gain_high_yen [yen a year]; customers
        [customer]
    Errors
        none
    Source
        METHOD.md section 4
    """
    spans = breaks.select("day_from", "day_to", "lost", "lost_low", "lost_high")
    held = spans.left_join(days, [days.day <= spans.day_to])
    last = held.group_by("day_from").aggregate(day=held.day.max())
    joined = spans.join(last, "day_from").join(days, "day").cross_join(newcomers)
    scale = joined.newcomers / joined.seen.nullif(0)
    sigma = (joined.lost_high - joined.lost_low) / (2 * Z_95 * joined.lost)
    gain = _gain(joined.mutate(more=joined.lost * scale, unsure=sigma**2))
    return gain.select("day_from", "day_to", *_GAIN).order_by("day_from")


_GAIN = ("more", "gain_yen", "gain_low_yen", "gain_high_yen", "customers")


def _gain(rows: ir.Table) -> ir.Table:
    """Multiply the customers gained by what each brings more; `unsure` is the relative variance of the customers.

    The interval may reach below 0: then nobody knows whether the repair brings anything.
    """
    each = rows.value_yen - rows.otherwise_yen
    gain = rows.more * each
    half = Z_95 * (rows.more**2 * (rows.variance + rows.other_variance) + gain**2 * rows.unsure).sqrt()
    return rows.mutate(gain_yen=gain, gain_low_yen=gain - half, gain_high_yen=gain + half)
