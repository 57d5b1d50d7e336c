"""How relationships move: month-end counts, the flow between two days, where people rise, stop, cool and fall."""

import datetime as dt
from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from horetsu_utils import intervals
from horetsu_utils.method import YEAR_MONTHS
from horetsu_utils.relation import STAGES

NOT_YET = -1
"""The stage of somebody the shop did not know by the earlier of two days."""


def snapshots(spells: ir.Table, *, first: dt.date, as_of: dt.date) -> ir.Table:
    """Count the customers at each stage at every month's end from `first` to `as_of`, in one pass over the spells.

    Each spell adds one where it begins and takes one away where it ends; the sums so far are the counts. The last month
    ends on the analysis date.

    Shape
        spells -> one row per month and stage, stages nobody stands at included
    Columns
        month_end [date]; stage [0-4]; customers, cooling_customers [customer]
    Errors
        none
    Source
        METHOD.md section 3
    """
    lasting = spells.filter(spells.until_on.isnull() | (spells.until_on > spells.from_on))
    steps = ibis.union(
        _step(lasting, lasting.from_on, 1, first),
        _step(lasting.filter(lasting.until_on.notnull()), lasting.until_on, -1, first),
    )
    summed = steps.group_by(["month", "stage"]).aggregate(people=steps.people.sum(), cool=steps.cool.sum())
    whole = _calendar(first, as_of).left_join(summed, ["month", "stage"])
    so_far = ibis.window(group_by="stage", order_by="month", preceding=None, following=0)
    counted = whole.select(
        "month_end",
        "stage",
        customers=whole.people.fill_null(0).sum().over(so_far).cast("int64"),
        cooling_customers=whole.cool.fill_null(0).sum().over(so_far).cast("int64"),
    )
    return counted.order_by("month_end", "stage")


def _step(spells: ir.Table, day: ir.DateValue, sign: int, first: dt.date) -> ir.Table:
    month = day.year().cast("int64") * YEAR_MONTHS + day.month() - 1
    return spells.select(
        month=ibis.greatest(month, _month(first)),
        stage=spells.stage.cast("int64"),
        people=ibis.literal(sign, "int64"),
        cool=spells.cooling.cast("int64") * sign,
    )


def _month(day: dt.date) -> int:
    """Return a month as a number that grows through the years."""
    return day.year * YEAR_MONTHS + day.month - 1


def _calendar(first: dt.date, as_of: dt.date) -> ir.Table:
    ends = dict(_month_ends(first, as_of))
    rows = [{"month": month, "month_end": end, "stage": stage} for month, end in ends.items() for stage in STAGES]
    return ibis.memtable(rows, schema={"month": "int64", "month_end": "date", "stage": "int64"})


def _month_ends(first: dt.date, as_of: dt.date) -> Iterator[tuple[int, dt.date]]:
    for month in range(_month(first), _month(as_of) + 1):
        year, place = divmod(month + 1, YEAR_MONTHS)
        yield month, min(dt.date(year, place + 1, 1) - dt.timedelta(days=1), as_of)


def movement(earlier: ir.Table, later: ir.Table) -> ir.Table:
    """Count the customers who went from each stage to each stage between two days.

    Shape
        one row per customer at each of two days -> one row per pair of stages that occurs
    Columns
        from_stage (NOT_YET for those not known then), to_stage [0-4], customers [customer]
    Errors
        none
    Source
        METHOD.md section 3
    """
    before = earlier.select("customer_id", from_stage=earlier.stage.cast("int64"))
    after = later.select("customer_id", to_stage=later.stage.cast("int64"))
    both = after.left_join(before, "customer_id").mutate(from_stage=ibis._.from_stage.fill_null(NOT_YET))
    pairs = both.group_by(["from_stage", "to_stage"])
    return pairs.aggregate(customers=both.count()).order_by("from_stage", "to_stage")


def visits(spells: ir.Table) -> ir.Table:
    """Join the spells of one stay at one stage: when it began, when it ended, and where it led.

    Shape
        spells -> one row per customer and stay
    Columns
        customer_id; stage [0-4]; since_on, left_on [date], null while it lasts; next_stage [0-4], null while it lasts;
        cooled: whether it ever cooled; cooling: whether it cools now
    Errors
        none
    Source
        METHOD.md section 3
    """
    stays = spells.group_by(["customer_id", "stage", "since_on"]).aggregate(
        place=spells.place.min(),
        cooled=spells.cooling.any(),
        cooling=(spells.cooling & spells.until_on.isnull()).any(),
    )
    along = ibis.window(group_by="customer_id", order_by="place")
    return stays.select(
        "customer_id",
        "since_on",
        "cooled",
        "cooling",
        stage=stays.stage.cast("int64"),
        left_on=stays.since_on.lead().over(along),
        next_stage=stays.stage.lead().over(along).cast("int64"),
    )


def passage(visits: ir.Table, *, as_of: dt.date, within_days: int) -> ir.Table:
    """Tell, stage by stage, how many stays led on, how many were lost, and how long it took.

    The share that rose is of the stays that began at least `within_days` ago, and counts those that rose within that
    time; so the newest stays do not press it down.

    Shape
        stays -> one row per stage that occurs
    Columns
        stage [0-4]; stays, staying, cooling, fallen, watched, risen [stay]; risen_ratio, low, high [0-1]: 95 %;
        rise_days [day]: median of those that rose, whenever; staying_days [day]: median so far of those that last
    Errors
        none
    Source
        METHOD.md section 3 (where it moved, where it stopped, where it cooled; time spent in each)
    """
    today = ibis.literal(as_of)
    stay_days = visits.left_on.fill_null(today).delta(visits.since_on, unit="day")
    left, rose = visits.left_on.notnull(), visits.next_stage > visits.stage
    watched = today.delta(visits.since_on, unit="day") >= within_days
    rows = visits.group_by("stage").aggregate(
        stays=visits.count(),
        staying=visits.count(where=~left),
        cooling=visits.cooling.sum(),
        fallen=visits.count(where=left & (visits.next_stage < visits.stage)),
        watched=visits.count(where=watched),
        risen=visits.count(where=watched & rose.fill_null(False) & (stay_days <= within_days)),
        rise_days=stay_days.cast("float64").quantile(0.5, where=rose),
        staying_days=stay_days.cast("float64").quantile(0.5, where=~left),
    )
    low, high = intervals.wilson(rows.risen, rows.watched)
    ratio = rows.risen / rows.watched.nullif(0)
    return rows.mutate(risen_ratio=ratio, low=low, high=high).order_by("stage")
