"""Customer state, deciles, portfolio (CPM), tenure and yearly value, each known customer by customer."""

import ibis
import ibis.expr.types as ir

from horetsu_utils import intervals
from horetsu_utils.method import DECILES, LINE_DIGITS, YEAR_DAYS, CpmRules, ReferenceLines, StateRules

MEASURES = ("repeat_ratio", "annual_ltv_yen")
TENURE_BANDS = ((0, 0), (1, 30), (31, 90), (91, 180), (181, 365), (366, None))
"""Days from first to last order, inclusive; the first band is those with orders on one day only."""


def state(customers: ir.Table, *, rules: StateRules) -> ir.Table:
    """Tell each customer's state: dormant, fan, new or repeat; the first that holds.

    A fan has at least two orders in the period, and reaches both lines. Where all buyers are alike nobody stands out,
    and nobody is a fan by the mean and its deviation.

    Shape
        one row per customer (of `rfm`) -> the same with `state`
    Columns
        state: dormant / fan / new / repeat
    Errors
        none
    Source
        METHOD.md section 2 (顧客状態)
    """
    everyone = ibis.window()
    active = customers.frequency > 0

    def reached(column: str, own_line: float | None) -> ir.BooleanValue:
        value = customers[column]
        among = active.ifelse(value.cast("float64"), None)
        if own_line is not None:
            return value >= own_line
        spread = among.std(how="pop").over(everyone)
        line = among.mean().over(everyone) + rules.fan_sigma * spread
        alike = among.max().over(everyone) == among.min().over(everyone)
        return (value.cast("float64").round(LINE_DIGITS) >= line.round(LINE_DIGITS)) & ~alike

    both = reached("frequency", rules.fan_frequency) & reached("monetary_yen", rules.fan_monetary_yen)
    fan = (customers.frequency >= 2) & both
    return customers.mutate(
        state=ibis.cases(
            (customers.recency_days >= rules.dormant_days, "dormant"),
            (fan, "fan"),
            (customers.lifetime_orders == 1, "new"),
            else_="repeat",
        )
    )


def by_state(stated: ir.Table) -> ir.Table:
    """Sum customers and sales by state, with each state's share; of sales that are not above 0 there is no share.

    Shape
        customers with `state` -> one row per state that occurs
    Columns
        customers [customer], customer_ratio, sales_ratio [0-1], sales_yen [yen]
    Errors
        none
    Source
        METHOD.md section 2
    """
    rows = stated.group_by("state").aggregate(customers=stated.count(), sales_yen=stated.monetary_yen.sum())
    whole = rows.sales_yen.sum().over(ibis.window())
    return rows.mutate(
        customer_ratio=rows.customers / rows.customers.sum().over(ibis.window()),
        sales_ratio=rows.sales_yen / (whole > 0).ifelse(whole, None),
    ).order_by(ibis.desc("customers"), "state")


def decile(customers: ir.Table) -> ir.Table:
    """Rank the period's buyers by amount into ten equal-count groups; equal amounts share a group.

    Shape
        one row per customer (of `rfm`) -> one row per customer with an order in the period
    Columns
        decile [1-10, 1 spends most]
    Errors
        none
    Source
        METHOD.md section 2 (デシル)
    """
    active = customers.filter(customers.frequency > 0)
    rank = ibis.rank().over(ibis.window(order_by=ibis.desc(active.monetary_yen)))
    size = active.count().over(ibis.window())
    return active.mutate(decile=(rank * DECILES // size + 1).cast("int64"))


def by_decile(ranked: ir.Table) -> ir.Table:
    """Sum customers and sales by decile, with shares and running shares from the top.

    Equal amounts may swell a decile beyond a tenth: `running_customer_ratio` tells how many customers stand behind
    each running share of the sales. Of sales that are not above 0 there is no share.

    Shape
        customers with `decile` -> one row per decile that occurs
    Columns
        customers [customer], sales_yen, mean_yen [yen], sales_ratio, running_ratio, running_customer_ratio [0-1]
    Errors
        none
    Source
        METHOD.md section 2
    """
    rows = ranked.group_by("decile").aggregate(
        customers=ranked.count(), sales_yen=ranked.monetary_yen.sum(), mean_yen=ranked.monetary_yen.mean()
    )
    so_far = ibis.window(order_by="decile", preceding=None, following=0)
    sales = rows.sales_yen.sum().over(ibis.window())
    whole = (sales > 0).ifelse(sales, None)
    return rows.mutate(
        sales_ratio=rows.sales_yen / whole,
        running_ratio=rows.sales_yen.sum().over(so_far) / whole,
        running_customer_ratio=rows.customers.sum().over(so_far) / rows.customers.sum().over(ibis.window()),
    ).order_by("decile")


def portfolio(customers: ir.Table, *, rules: CpmRules) -> ir.Table:
    """Place each customer in the portfolio (CPM): how deep the tie became, and whether it is alive.

    A value on a boundary belongs to the side before it: 90 days of tenure are still a beginner, 240 days of silence
    still active; ¥70,000 is already heavy.

    Shape
        one row per customer (of `rfm`) -> the same with `depth` and `presence`
    Columns
        depth: first / beginner / steady / vogue / excellent; presence: active / away
    Errors
        none
    Source
        METHOD.md section 2 (CPM); LESSONS.md (Domain) for the boundaries
    """
    heavy = customers.lifetime_yen >= rules.heavy_yen
    return customers.mutate(
        depth=ibis.cases(
            (customers.lifetime_orders == 1, "first"),
            (customers.tenure_days <= rules.beginner_days, "beginner"),
            (~heavy, "steady"),
            (customers.tenure_days <= rules.settled_days, "vogue"),
            else_="excellent",
        ),
        presence=(customers.recency_days <= rules.away_days).ifelse("active", "away"),
    )


def by_portfolio(placed: ir.Table) -> ir.Table:
    """Count customers and sum their lifetime sales in each cell of the portfolio.

    Shape
        customers with `depth` and `presence` -> one row per cell that occurs
    Columns
        customers [customer], lifetime_yen [yen]
    Errors
        none
    Source
        METHOD.md section 2
    """
    cells = placed.group_by(["depth", "presence"])
    return cells.aggregate(customers=placed.count(), lifetime_yen=placed.lifetime_yen.sum()).order_by(
        "depth", "presence"
    )


def by_tenure(customers: ir.Table) -> ir.Table:
    """Count customers by how long they have stayed: the whole distribution, never only its mean.

    Shape
        one row per customer (of `rfm`) -> one row per band of TENURE_BANDS
    Columns
        band [position in TENURE_BANDS], customers [customer], customer_ratio [0-1]
    Errors
        none
    Source
        METHOD.md section 2 (在籍期間)
    """
    tenure = customers.tenure_days
    banded = customers.mutate(
        band=ibis.cases(
            *((tenure <= high, band) for band, (_, high) in enumerate(TENURE_BANDS) if high is not None),
            else_=len(TENURE_BANDS) - 1,
        )
    )
    rows = banded.group_by("band").aggregate(customers=banded.count())
    return rows.mutate(customer_ratio=rows.customers / rows.customers.sum().over(ibis.window())).order_by("band")


def against_lines(customers: ir.Table, *, rules: ReferenceLines) -> ir.Table:
    """Hold the shop's repeat ratio and yearly value per customer against the two reference lines.

    Over the customers with an order in the year. No verdict is given with fewer than `minimum_customers` or where the
    interval spans the line; and a shop whose records are younger than a year is never called below.

    Shape
        one row per customer (of `rfm` over a year) -> two rows
    Columns
        measure (repeat_ratio [0-1], annual_ltv_yen [yen]), value, low, high (95 % interval), line, customers,
        history_days [day], verdict: above / below / unclear
    Errors
        none; a shop without buyers in the period gives null values and `unclear`
    Source
        METHOD.md section 2 (年間LTV)
    """
    active = customers.filter(customers.frequency > 0)
    figures = active.aggregate(
        customers=active.count(),
        again=active.count(where=active.lifetime_orders >= 2),
        average=active.monetary_yen.mean(),
        deviation=active.monetary_yen.std(how="sample"),
    ).cross_join(customers.aggregate(history_days=(customers.recency_days + customers.tenure_days).max() + 1))
    ratio = figures.again / figures.customers.nullif(0)
    bounds = intervals.wilson(figures.again, figures.customers)
    spread = intervals.mean(figures.average, figures.deviation, figures.customers)
    measured = ibis.union(
        _measured(figures, "repeat_ratio", ratio, bounds), _measured(figures, "annual_ltv_yen", figures.average, spread)
    )
    lines = ibis.memtable([{"measure": name, "line": float(getattr(rules, name))} for name in MEASURES])
    rows = measured.join(lines, "measure")
    enough = rows.customers >= rules.minimum_customers
    below = enough & (rows.high < rows.line) & (rows.history_days >= YEAR_DAYS)
    verdict = ibis.cases((enough & (rows.low >= rows.line), "above"), (below, "below"))
    return rows.mutate(verdict=verdict.fill_null("unclear")).order_by(ibis.desc("measure"))


def _measured(
    figures: ir.Table, measure: str, value: ir.NumericValue, bounds: tuple[ir.NumericValue, ir.NumericValue]
) -> ir.Table:
    low, high = bounds
    return figures.select(
        measure=ibis.literal(measure),
        value=value.cast("float64"),
        low=low.cast("float64"),
        high=high.cast("float64"),
        customers=figures.customers,
        history_days=figures.history_days,
    )
