"""First-time buyers, contacts, records and plans written out by hand on the line of days since the first order."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from horetsu_utils.demo import Demo

AS_OF = dt.date(2026, 6, 30)
PERSON = {"customer_id": "string", "first_on": "date", "watched_days": "int64", "second_on": "date"}
SENT = {
    "customer_id": "string",
    "at": "timestamp(6)",
    "channel": "string",
    "direction": "string",
    "step_id": "string",
    "reaction": "string",
}
STEP = {
    "step_id": "string",
    "day_from": "int64",
    "day_to": "int64",
    "channel": "string",
    "purpose": "string",
    "welcome_action": "string",
}
ORDER = {"customer_id": "string", "ordered_on": "date", "is_purchase": "boolean"}
RECORD = {"customer_id": "string", "date": "date", "change_score": "int64", "emotion": "string"}
VOICE = {
    "customer_id": "string",
    "date": "date",
    "step": "string",
    "expectation": "decimal(18, 4)",
    "evaluation": "decimal(18, 4)",
}
Watched = dict[str, int]
"""Customer -> days watched by AS_OF."""


def people(watched: Watched) -> ir.Table:
    rows = [
        {"customer_id": who, "first_on": start(watched, who), "watched_days": days, "second_on": None}
        for who, days in watched.items()
    ]
    return ibis.memtable(rows, schema=PERSON)


def start(watched: Watched, who: str) -> dt.date:
    """Return the day of the first order; of somebody unknown, a day long ago."""
    return AS_OF - dt.timedelta(days=watched.get(who, 300))


def on(watched: Watched, who: str, day: int) -> dt.date:
    return start(watched, who) + dt.timedelta(days=day)


def sent(who: str, day: int, step: str | None = None, reaction: str | None = "none", **more: Any) -> dict[str, Any]:
    """Tell of a contact on a day since the first order."""
    return (
        {"customer_id": who, "day": day, "channel": "mail", "direction": "out", "step_id": step}
        | {"reaction": reaction}
        | more
    )


def touchpoints(watched: Watched, rows: Iterable[dict[str, Any]]) -> ir.Table:
    told = []
    for row in rows:
        day = on(watched, row["customer_id"], row["day"])
        told.append({name: row.get(name) for name in SENT} | {"at": dt.datetime.combine(day, dt.time(12))})
    return ibis.memtable(told, schema=SENT)


def planned(*steps: tuple[str, int, int] | tuple[str, int, int, str] | tuple[str, int, int, str, str]) -> ir.Table:
    """Make a scenario of step, first and last day, channel (mail) and welcome action (none)."""
    rows = []
    for step, day_from, day_to, *more in steps:
        channel, welcome = [*more, *("mail", None)[len(more) :]]
        told = {"step_id": step, "day_from": day_from, "day_to": day_to, "channel": channel, "purpose": None}
        rows.append(told | {"welcome_action": welcome})
    return ibis.memtable(rows, schema=STEP)


def orders(watched: Watched, rows: Iterable[tuple[str, int]]) -> ir.Table:
    told = [{"customer_id": who, "ordered_on": on(watched, who, day), "is_purchase": True} for who, day in rows]
    return ibis.memtable(told, schema=ORDER)


def story(watched: Watched, rows: Iterable[tuple[str, int, int] | tuple[str, int, int, str]]) -> ir.Table:
    told = [
        {"customer_id": who, "date": on(watched, who, day), "change_score": score, "emotion": [*mood, "普通"][0]}
        for who, day, score, *mood in rows
    ]
    return ibis.memtable(told, schema=RECORD)


def voices(watched: Watched, rows: Iterable[tuple[str, int, str | None, int, int]]) -> ir.Table:
    told = [
        {"customer_id": who, "date": on(watched, who, day), "step": step}
        | {"expectation": Decimal(expected), "evaluation": Decimal(found)}
        for who, day, step, expected, found in rows
    ]
    return ibis.memtable(told, schema=VOICE)


def demo_firsts(shop: Demo) -> ir.Table:
    """Find the demo shop's first-time buyers by pandas alone."""
    lines = shop.tables["orders"]
    paid = lines[lines["status"].isin(["paid", "returned"]) & lines["customer_id"].notna()]
    per_order = paid.drop_duplicates(["customer_id", "order_id"]).sort_values("ordered_at")
    days = per_order.groupby("customer_id")["ordered_at"].agg(lambda moments: [each.date() for each in moments])
    frame = pd.DataFrame(
        {
            "customer_id": list(days.index),
            "first_on": [each[0] for each in days],
            "watched_days": [(shop.truths.as_of - each[0]).days for each in days],
            "second_on": [each[1] if len(each) > 1 else None for each in days],
        }
    )
    kinds = [pa.string(), pa.date32(), pa.int64(), pa.date32()]
    return ibis.memtable(pa.Table.from_pandas(frame, pa.schema(list(zip(PERSON, kinds, strict=True)))))


def demo_table(shop: Demo, name: str) -> ir.Table:
    return ibis.memtable(pa.Table.from_pandas(shop.tables[name], preserve_index=False))
