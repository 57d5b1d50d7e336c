"""Signals: which rows of a shop's tables tell where a relationship stands, by the rules of stages.yaml."""

import datetime as dt
from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from horetsu_utils import conditions, running
from horetsu_utils.relation import MARK, SignalRule, StageRules

MOMENTS = {
    "orders": "ordered_on",
    "returns": "ordered_on",
    "lines": "ordered_at",
    "customers": "registered_at",
    "story": "date",
    "touchpoints": "at",
    "voices": "date",
    "events": "at",
}
"""The column that says when a row happened."""


def signals(tables: Mapping[str, ir.Table], *, rules: StageRules, as_of: dt.date) -> ir.Table:
    """List every signal given up to `as_of`. A rule whose table or column the shop does not have gives none.

    Shape
        tables by name (`lines` are order lines, `orders` one row per order, the others canonical) -> one row per
        customer, signal and day
    Columns
        signal: a rule's code; level: stage 0-4, or COOLING; on [date]: the day it was given; provisional
    Errors
        none; the rule file is refused otherwise
    Source
        METHOD.md section 3; templates/rules/stages.yaml
    """
    seen = visible(tables, rules)
    given: dict[str, ir.Table] = {}
    for rule in sorted(seen, key=lambda each: bool(each.unless or each.after)):
        wanted = dict.fromkeys(("customer_id", "on", "moment", *sorted(_needed(rule))))
        facts = _facts(rule.table, tables, as_of).select(*wanted)
        given[rule.signal] = _given(rule, facts, given, as_of)
    parts = [_labelled(given[rule.signal], rule) for rule in seen if rule.level != MARK]
    return ibis.union(*parts) if parts else _nothing()


def visible(tables: Mapping[str, ir.Table], rules: StageRules) -> tuple[SignalRule, ...]:
    """Return the rules whose table, and whose columns, the shop has.

    Shape
        tables by name -> the rules, in their order
    Columns
        none
    Errors
        none
    Source
        METHOD.md section 1 (every analysis runs with whatever tables exist)
    """
    return tuple(rule for rule in rules.signals if _sees(tables.get(_place(rule.table)), rule))


def coverage(tables: Mapping[str, ir.Table], known: ir.Table, *, rules: StageRules, as_of: dt.date) -> ir.Table:
    """Count, for each table that can carry signals, the customers it tells of, and those it would still tell of.

    Shape
        tables by name, one row per known customer -> one row per canonical table of the rules
    Columns
        table; present; informed, uninformed [customer]: known customers with and without a row up to `as_of`
    Errors
        none
    Source
        METHOD.md section 3 (confidence: the share of these tables that are present)
    """
    ids = known.select("customer_id").distinct()
    whole = ids.aggregate(known=ids.count())
    rows = []
    for place, table in enumerate(rules.tables):
        told = _facts(table, tables, as_of).select("customer_id").distinct() if table in tables else ids.limit(0)
        informed = told.semi_join(ids, "customer_id").aggregate(informed=ibis._.count())
        rows.append(informed.mutate(place=place, table=ibis.literal(table), present=ibis.literal(table in tables)))
    counted = ibis.union(*rows).cross_join(whole)
    return counted.mutate(uninformed=counted.known - counted.informed).order_by("place").drop("place", "known")


def _place(table: str) -> str:
    """Return the table in which a rule's rows lie: credit notes lie among the orders."""
    return "orders" if table == "returns" else table


def _sees(table: ir.Table | None, rule: SignalRule) -> bool:
    return table is not None and _needed(rule) <= set(table.columns)


def _needed(rule: SignalRule) -> set[str]:
    """Return the columns that a rule looks at, beside the customer and the day."""
    compared = [conditions.comparison(wanted) for wanted in rule.condition.values()]
    others = {each.other for each in compared if each and each.number is None}
    return {*rule.condition, *filter(None, (rule.new_in, rule.same))} | (others - {conditions.FIRST, conditions.BEFORE})


def _facts(name: str, tables: Mapping[str, ir.Table], as_of: dt.date) -> ir.Table:
    """Return the rows of a table that tell something of a customer, each with its day, up to the analysis date."""
    rows = tables[_place(name)]
    if name == "orders":
        rows = rows.filter(rows.is_purchase)
    elif name == "returns":
        rows = rows.filter(~rows.is_purchase & (rows.amount < 0))
    dated = rows.mutate(on=rows[MOMENTS[name]].cast("date"), moment=rows[MOMENTS[name]].cast("timestamp(6)"))
    return dated.filter(dated.customer_id.notnull() & (dated.on <= as_of))


def _given(rule: SignalRule, facts: ir.Table, given: Mapping[str, ir.Table], as_of: dt.date) -> ir.Table:
    """Return the days (customer_id, on) on which a signal was given."""
    days = running.days(rule, facts)
    if rule.after:
        if rule.after not in given:
            return days.limit(0)
        begun = given[rule.after].group_by("customer_id").aggregate(begun_on=ibis._.on.min())
        days = days.join(begun, "customer_id").filter(lambda t: t.on >= t.begun_on).drop("begun_on")
    if rule.quiet_days:
        for other in (given[code].rename(other_on="on") for code in rule.unless if code in given):
            meanwhile = other.other_on.between(days.on, days.on + ibis.interval(days=rule.quiet_days))
            days = days.anti_join(other, [days.customer_id == other.customer_id, meanwhile])
        days = days.mutate(on=(days.on + ibis.interval(days=rule.quiet_days)).cast("date"))
    return days.filter(days.on <= as_of)


def _labelled(days: ir.Table, rule: SignalRule) -> ir.Table:
    return days.select(
        "customer_id",
        signal=ibis.literal(rule.signal),
        level=ibis.literal(rule.level, "int8"),
        on=days.on,
        provisional=ibis.literal(rule.provisional),
    )


def _nothing() -> ir.Table:
    columns = {"customer_id": "string", "signal": "string", "level": "int8", "on": "date", "provisional": "boolean"}
    return ibis.memtable([], schema=columns)
