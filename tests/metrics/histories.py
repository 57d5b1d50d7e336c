"""Small histories written out by hand: the tables that can carry signals, and the kit's own rules."""

import datetime as dt
from decimal import Decimal
from typing import Any

import ibis
import ibis.expr.types as ir
from asking import ask

from horetsu_utils import assets, rulebook
from horetsu_utils.metrics import signals, stage
from horetsu_utils.relation import StageRules

AS_OF = dt.date(2026, 6, 30)
RULES: StageRules = rulebook.stages(assets.RULES / "stages.yaml")
ORDER = {
    "customer_id": "string",
    "ordered_on": "date",
    "amount": "decimal(18, 4)",
    "is_purchase": "boolean",
    "discounted": "boolean",
    "is_gift": "boolean",
}
LINE = {
    "customer_id": "string",
    "ordered_at": "timestamp(6)",
    "product_id": "string",
    "category": "string",
    "unit_price": "decimal(18, 4)",
}
SCHEMAS = {
    "orders": ORDER,
    "lines": LINE,
    "customers": {"customer_id": "string", "registered_at": "timestamp(6)"},
    "story": {"customer_id": "string", "date": "date", "change_score": "int64", "emotion": "string", "note": "string"},
    "touchpoints": {
        "customer_id": "string",
        "at": "timestamp(6)",
        "channel": "string",
        "direction": "string",
        "reaction": "string",
    },
    "voices": {
        "customer_id": "string",
        "date": "date",
        "expectation": "decimal(18, 4)",
        "evaluation": "decimal(18, 4)",
        "comment": "string",
    },
    "events": {"customer_id": "string", "at": "timestamp(6)", "event": "string"},
}
Row = tuple[str, dict[str, Any]]


def day(text: str | dt.date) -> dt.date:
    return text if isinstance(text, dt.date) else dt.date.fromisoformat(text)


def moment(text: str | dt.date) -> dt.datetime:
    return dt.datetime.combine(day(text), dt.time(12))


def bought(who: str, on: str | dt.date, amount: int = 3000, **more: Any) -> Row:
    facts = {"discounted": False, "is_gift": False, "is_purchase": True} | more
    return "orders", {"customer_id": who, "ordered_on": day(on), "amount": Decimal(amount)} | facts


def refunded(who: str, on: str | dt.date) -> Row:
    return bought(who, on, -3000, is_purchase=False)


def line(who: str, on: str | dt.date, product: str = "P1", category: str | None = None, price: int = 1000) -> Row:
    facts = {"product_id": product, "category": category, "unit_price": Decimal(price)}
    return "lines", {"customer_id": who, "ordered_at": moment(on)} | facts


def registered(who: str, on: str | dt.date | None) -> Row:
    return "customers", {"customer_id": who, "registered_at": moment(on) if on else None}


def recorded(who: str, on: str | dt.date, emotion: str = "普通", score: int = 2, note: str | None = None) -> Row:
    return "story", {"customer_id": who, "date": day(on), "change_score": score, "emotion": emotion, "note": note}


def touched(who: str, on: str | dt.date, reaction: str | None, channel: str = "LINE", direction: str = "in") -> Row:
    facts = {"channel": channel, "direction": direction, "reaction": reaction}
    return "touchpoints", {"customer_id": who, "at": moment(on)} | facts


def heard(who: str, on: str | dt.date, expected: int, found: int, comment: str | None = None) -> Row:
    facts = {"expectation": Decimal(expected), "evaluation": Decimal(found), "comment": comment}
    return "voices", {"customer_id": who, "date": day(on)} | facts


def visited(who: str | None, on: str | dt.date) -> Row:
    return "events", {"customer_id": who, "at": moment(on), "event": "visit"}


def tables(rows: list[Row], *names: str) -> dict[str, ir.Table]:
    """Make the named tables (all, if none is named) out of rows."""
    found = {}
    for name in names or SCHEMAS:
        own = [row for table, row in rows if table == name]
        found[name] = ibis.memtable(own, schema=SCHEMAS[name])
    return found


def given(rows: list[Row], *names: str, rules: StageRules = RULES, as_of: dt.date = AS_OF) -> ir.Table:
    return ask(signals.signals, tables(rows, *names), rules=rules, as_of=as_of)


def walked(
    rows: list[Row], *names: str, rules: StageRules = RULES, as_of: dt.date = AS_OF
) -> tuple[ir.Table, ir.Table]:
    """Return the firm signals of a history, and the spells they lead to."""
    firm = given(rows, *names, rules=rules, as_of=as_of).filter(lambda t: ~t.provisional)
    return firm, stage.spells(firm, rhythm=rules.rhythm, as_of=as_of)
