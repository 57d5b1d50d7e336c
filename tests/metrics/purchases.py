"""Purchases written out by hand for the journey: orders by customer, day and amount, and plain twins in pandas."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from by_hand import frozen

from horetsu_utils.metrics import journey

AS_OF = dt.date(2026, 6, 30)
ORDERS = pa.schema(
    [
        ("origin", pa.string()),
        ("order_id", pa.string()),
        ("customer_id", pa.string()),
        ("ordered_at", pa.timestamp("us")),
        ("ordered_on", pa.date32()),
        ("amount", pa.decimal128(18, 4)),
        ("is_purchase", "bool"),
        ("source", pa.string()),
    ]
)
Bought = tuple[str, str, int]
"""Customer, day and amount; a negative amount is a credit note."""


def orders(rows: Iterable[Bought], sources: dict[str, str] | None = None) -> ir.Table:
    """Number orders in the order they are written; `sources` by order number."""
    told = [
        {
            "origin": "generic",
            "order_id": f"O{place:04d}",
            "customer_id": who,
            "ordered_at": dt.datetime.fromisoformat(day),
            "ordered_on": dt.date.fromisoformat(day),
            "amount": Decimal(amount),
            "is_purchase": amount >= 0,
            "source": (sources or {}).get(f"O{place:04d}"),
        }
        for place, (who, day, amount) in enumerate(rows, start=1)
    ]
    return ibis.memtable(pa.Table.from_pylist(told, schema=ORDERS))


def numbered(rows: Iterable[Bought], as_of: dt.date = AS_OF) -> ir.Table:
    return frozen(journey.numbered(orders(rows), as_of=as_of))


def firsts(rows: Iterable[Bought], as_of: dt.date = AS_OF) -> ir.Table:
    return frozen(journey.firsts(numbered(rows, as_of), as_of=as_of))


def waiting(rows: Iterable[tuple[int, bool]]) -> ir.Table:
    """Make people of whom only the days until they came back, or were last seen, are known."""
    listed = list(rows)
    return ibis.memtable({"until_days": [day for day, _ in listed], "came_back": [back for _, back in listed]})


def after(days: int, start: str = "2026-01-01") -> str:
    """Return the day so many days after `start`."""
    return (dt.date.fromisoformat(start) + dt.timedelta(days=days)).isoformat()


def plain(rows: Iterable[Bought], as_of: dt.date = AS_OF) -> pd.DataFrame:
    """Number purchases by pandas alone."""
    frame = pd.DataFrame(list(rows), columns=["customer_id", "day", "amount"])
    frame["day"] = pd.to_datetime(frame["day"])
    frame = frame[(frame["amount"] >= 0) & (frame["day"] <= pd.Timestamp(as_of))]
    frame = frame.sort_values(["customer_id", "day"], kind="stable")
    frame["number"] = frame.groupby("customer_id").cumcount() + 1
    frame["first"] = frame.groupby("customer_id")["day"].transform("min")
    frame["gap"] = frame.groupby("customer_id")["day"].diff().dt.days
    return frame
