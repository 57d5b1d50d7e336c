"""The way of a few customers written out by hand: first orders, contacts, a plan, records and voices."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import ibis
import ibis.expr.types as ir
from purchases import AS_OF, after

START = dt.date(2026, 1, 1)
FIRSTS = {"customer_id": "string", "first_on": "date", "second_on": "date", "watched_days": "int64"}
TOUCHED = {
    "customer_id": "string",
    "at": "timestamp(6)",
    "channel": "string",
    "direction": "string",
    "step_id": "string",
    "reaction": "string",
}
PLANNED = {
    "step_id": "string",
    "day_from": "int64",
    "day_to": "int64",
    "channel": "string",
    "purpose": "string",
    "welcome_action": "string",
}
STORY = {"customer_id": "string", "date": "date", "change_score": "int64", "emotion": "string"}
VOICES = {
    "customer_id": "string",
    "date": "date",
    "step": "string",
    "expectation": "decimal(18, 4)",
    "evaluation": "decimal(18, 4)",
}


def table(schema: dict[str, str], rows: Iterable[tuple]) -> ir.Table:
    return ibis.memtable([dict(zip(schema, row, strict=True)) for row in rows], schema=schema)


def firsts(**watched: int) -> ir.Table:
    """Make first-time buyers of START, or of later where they have been watched for fewer days; AS_OF is day 180."""
    rows = [(who, AS_OF - dt.timedelta(days=days), None, days) for who, days in watched.items()]
    return table(FIRSTS, rows)


def touched(*rows: tuple[Any, ...]) -> ir.Table:
    """Write contacts: customer, days since START, channel, step, reaction, direction (out unless told)."""
    full = [(*row, "out")[:6] if len(row) == 5 else row for row in rows]
    told = [
        (who, dt.datetime.fromisoformat(after(day)) + dt.timedelta(hours=9), channel, direction, step, reaction)
        for who, day, channel, step, reaction, direction in full
    ]
    return table(TOUCHED, told)


def planned(*rows: tuple[Any, ...]) -> ir.Table:
    """Write steps: id, first day, last day, channel, welcome action."""
    return table(PLANNED, [(step, first, last, channel, "ねらい", hope) for step, first, last, channel, hope in rows])


def recorded(*rows: tuple[str, int, int, str]) -> ir.Table:
    return table(STORY, [(who, dt.date.fromisoformat(after(day)), score, mood) for who, day, score, mood in rows])


def heard(*rows: tuple[str, int, str | None, int, int]) -> ir.Table:
    told = [(who, dt.date.fromisoformat(after(day)), step, low, high) for who, day, step, low, high in rows]
    return table(VOICES, told)
