"""Voices written out by hand, judged or not."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import ibis
import ibis.expr.types as ir

from horetsu_utils.method import GapRules
from horetsu_utils.metrics import gap

AS_OF = dt.date(2026, 6, 30)
RULES = GapRules()
VOICE = {
    "voice_id": "int64",
    "customer_id": "string",
    "person": "string",
    "on": "date",
    "step": "string",
    "department": "string",
    "expectation": "decimal(18, 4)",
    "evaluation": "decimal(18, 4)",
}


def voices(rows: Iterable[dict[str, Any]]) -> ir.Table:
    """Make voices; what a row leaves out is plain: long ago, of nobody known, at no step."""
    told = []
    for number, row in enumerate(rows):
        who = row.get("customer_id")
        plain = {"voice_id": number, "person": who or f"?{number}", "on": AS_OF - dt.timedelta(days=200)}
        plain |= {"step": "-", "department": "-", "expectation": 3, "evaluation": 3}
        told.append({name: (plain | row).get(name) for name in VOICE})
    return ibis.memtable(told, schema=VOICE)


def judged(rows: Iterable[dict[str, Any]], rules: GapRules = RULES) -> ir.Table:
    return gap.judged(voices(rows), rules=rules)


def scored(*pairs: tuple[float, float], **more: Any) -> list[dict[str, Any]]:
    """Make one voice of each pair of expectation and evaluation."""
    return [{"expectation": Decimal(str(low)), "evaluation": Decimal(str(high))} | more for low, high in pairs]
