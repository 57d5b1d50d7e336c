"""Sales day by day beside the weather and the temperature of the day."""

import datetime as dt

import ibis
import ibis.expr.types as ir
from ibis import _

from horetsu_utils import intervals
from horetsu_utils.climate_rules import ClimateRules


def weather(context: ir.Table, *, as_of: dt.date, rules: ClimateRules) -> ir.Table:
    """Tell the weather of each day; of several places the mean temperature, and the weather of most of them.

    Shape
        context (one row per day and place) -> one row per day up to `as_of`
    Columns
        on [date]; celsius [degree, null where untold]; weather [null where untold]; is_wet [null where untold]
    Errors
        none
    Source
        METHOD.md section 8
    """
    past = context.filter(context.date <= as_of)
    days = past.group_by(on="date").aggregate(celsius=past.temperature.cast("float64").mean())
    told = past.filter(past.weather.notnull())
    counts = told.group_by("weather", on="date").aggregate(places=told.count())
    most = ibis.window(group_by="on", order_by=[ibis.desc("places"), "weather"])
    first = counts.mutate(place=ibis.row_number().over(most)).filter(_.place == 0).select("on", "weather")
    rows = days.left_join(first, "on").drop("on_right")
    return rows.mutate(is_wet=ibis.or_(*(rows.weather.contains(word) for word in rules.wet))).order_by("on")


def daily(sold: ir.Table, *, as_of: dt.date) -> ir.Table:
    """Count the orders of each day with each product.

    Shape
        one row per order and product -> one row per day and product that was ordered
    Columns
        on [date], product, orders [order]
    Errors
        none; a day without an order is no row
    Source
        METHOD.md section 8
    """
    past = sold.filter(sold.ordered_on <= as_of).select("origin", "order_id", "product", on="ordered_on").distinct()
    return past.group_by("on", "product").aggregate(orders=past.count()).order_by("on", "product")


def whole(sold: ir.Table, *, as_of: dt.date) -> ir.Table:
    """Count the orders of each day.

    Shape
        one row per order and product -> one row per day with an order
    Columns
        on [date], orders [order]
    Errors
        none; a day without an order is no row
    Source
        METHOD.md section 8
    """
    past = sold.filter(sold.ordered_on <= as_of).select("origin", "order_id", on="ordered_on").distinct()
    return past.group_by("on").aggregate(orders=past.count()).order_by("on")


def by_weather(whole: ir.Table, weather: ir.Table) -> ir.Table:
    """Average the orders a day by the weather of the day, as they came: weekday and season are not taken out.

    Shape
        orders of each day, weather of each day -> one row per weather, the most frequent first
    Columns
        weather; days [day]; value: mean, low, high: 95 % [order a day]
    Errors
        none; days before the first order and after the last are left out
    Source
        METHOD.md section 8
    """
    span = whole.aggregate(first=whole.on.min(), last=whole.on.max())
    told = weather.filter(weather.weather.notnull()).cross_join(span)
    days = told.filter((told.on >= told["first"]) & (told.on <= told["last"])).left_join(whole, "on")
    orders = days.orders.fill_null(0).cast("float64")
    rows = days.group_by("weather").aggregate(
        days=days.count(), value=orders.mean(), deviation=orders.std(how="sample")
    )
    low, high = intervals.mean(rows.value, rows.deviation, rows.days)
    return rows.mutate(low=low, high=high).drop("deviation").order_by(ibis.desc("days"), "weather")
