"""Small shops written out by hand, and plain Python twins of the metrics, written apart from them."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import strategies as st

AS_OF = dt.date(2026, 6, 30)
PERIOD = 365
ORDERS = pa.schema(
    [
        ("customer_id", pa.string()),
        ("ordered_on", pa.date32()),
        ("amount", pa.decimal128(18, 4)),
        ("is_purchase", "bool"),
    ]
)
Order = tuple[str, dt.date, int | str | Decimal, bool]


def bought(customer: str, day: str | dt.date, amount: int | str) -> Order:
    return customer, dt.date.fromisoformat(str(day)), amount, True


def credited(customer: str, day: str | dt.date, amount: int | str) -> Order:
    return customer, dt.date.fromisoformat(str(day)), -Decimal(amount), False


def ago(days: int) -> dt.date:
    return AS_OF - dt.timedelta(days=days)


def orders(rows: Sequence[Order]) -> ir.Table:
    names, days, amounts, purchases = zip(*rows, strict=True) if rows else ((), (), (), ())
    amounts = [Decimal(amount).quantize(Decimal("0.0001")) for amount in amounts]
    return ibis.memtable(pa.table([list(names), list(days), amounts, list(purchases)], schema=ORDERS))


def customers(**columns: Sequence[Any]) -> ir.Table:
    """Make a customer table as `rfm` gives it; a column not given is filled with a plain value."""
    size = len(next(iter(columns.values())))
    plain = {
        "customer_id": [f"c{place:03d}" for place in range(size)],
        "recency_days": [10] * size,
        "tenure_days": [0] * size,
        "frequency": [1] * size,
        "lifetime_orders": [1] * size,
        "monetary_yen": [1000.0] * size,
        "lifetime_yen": [1000.0] * size,
    }
    kinds = {"customer_id": "str", "monetary_yen": "float64", "lifetime_yen": "float64"}
    frame = pd.DataFrame(plain | columns)
    return ibis.memtable(frame.astype({name: kinds.get(name, "int64") for name in plain}))


def records(table: ir.Table, *columns: str, by: str | None = "customer_id") -> list[tuple]:
    """Return a table's rows as plain tuples, in the order of `by` (None: as the table has them)."""
    chosen = list(columns) or list(table.columns)
    rows = table.order_by(by) if by else table
    return [tuple(row[name] for name in chosen) for row in rows.to_pyarrow().to_pylist()]


def frozen(table: ir.Table) -> ir.Table:
    """Compute a table once, so that what stands on it is quick."""
    return ibis.memtable(table.to_pyarrow())


def by_customer(table: ir.Table, column: str) -> dict[str, Any]:
    return dict(records(table, "customer_id", column))


def plain_rfm(lines: pd.DataFrame, as_of: dt.date, period_days: int = PERIOD) -> pd.DataFrame:
    """Compute R, F, M by pandas alone from customer_id, day (datetime), cents (whole) and bought (flag)."""
    past = lines[lines["day"] <= pd.Timestamp(as_of)]
    recent = past[past["day"] > pd.Timestamp(as_of) - pd.Timedelta(days=period_days)]
    purchases = past[past["bought"]].groupby("customer_id")["day"]
    frame = pd.DataFrame({"first": purchases.min(), "last": purchases.max(), "lifetime_orders": purchases.size()})
    frame["recency_days"] = (pd.Timestamp(as_of) - frame["last"]).dt.days
    frame["tenure_days"] = (frame["last"] - frame["first"]).dt.days
    counted = recent[recent["bought"]].groupby("customer_id").size()
    frame["frequency"] = counted.reindex(frame.index, fill_value=0)
    for column, rows in (("monetary_yen", recent), ("lifetime_yen", past)):
        cents = rows.groupby("customer_id")["cents"].sum().reindex(frame.index, fill_value=0)
        frame[column] = cents / 100
    return frame


def plain_scores(frame: pd.DataFrame) -> pd.DataFrame:
    """Score by exact quintiles in whole fractions, so that no rounding can hide a difference."""
    active = frame[frame["frequency"] > 0]
    scores = {}
    for name, flip in (("recency_days", True), ("frequency", False), ("monetary_yen", False)):
        cents = (active[name] * 100).round().astype("int64").sort_values().tolist()
        bounds = [type_7(cents, Fraction(step, 5)) for step in (1, 2, 3, 4)]
        values = (frame[name] * 100).round().astype("int64")
        passed = sum(values.map(lambda value, bound=bound: value > bound).astype("int64") for bound in bounds)
        scores[name.split("_")[0] + "_score"] = 5 - passed if flip else 1 + passed
    return pd.DataFrame(scores)


def type_7(ordered: Sequence[int], share: Fraction) -> Fraction:
    """Return the quantile of Hyndman and Fan's type 7 of an ordered list."""
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def plain_segment(row: pd.Series, rules: Sequence[Any]) -> str:
    """Name the first rule whose ranges hold."""
    names = ("recency_score", "frequency_score", "monetary_score", "lifetime_orders", "recency_days")
    for rule in rules:
        spans = [(row[name], getattr(rule, name)) for name in names if getattr(rule, name) is not None]
        if all(low <= value <= high for value, (low, high) in spans):
            return rule.code
    raise AssertionError("no rule took the customer")


def plain_state(frame: pd.DataFrame, dormant_days: int) -> pd.Series:
    """Tell the state by the mean plus one population deviation."""
    active = frame[frame["frequency"] > 0]
    fan = frame["frequency"] >= 2
    for name in ("frequency", "monetary_yen"):
        fan &= frame[name].round(6) >= round(active[name].mean() + active[name].std(ddof=0), 6)
    state = np.where(frame["lifetime_orders"] == 1, "new", "repeat")
    state = np.where(fan, "fan", state)
    return pd.Series(np.where(frame["recency_days"] >= dormant_days, "dormant", state), index=frame.index)


def plain_decile(frame: pd.DataFrame) -> pd.Series:
    """Rank by amount into ten groups; equal amounts take the place of the first of them."""
    active = frame[frame["frequency"] > 0]
    place = active["monetary_yen"].rank(method="min", ascending=False) - 1
    return (place * 10 // len(active)).astype("int64") + 1


_CUSTOMERS = st.sampled_from([f"c{place}" for place in range(9)])
_DAYS = st.one_of(st.integers(-40, 500), st.sampled_from([-1, 0, 1, 364, 365, 366])).map(ago)
_PURCHASE = st.builds(bought, _CUSTOMERS, _DAYS, st.one_of(st.integers(0, 90_000), st.sampled_from([0, 3000, 5000])))
_CREDIT = st.builds(credited, _CUSTOMERS, _DAYS, st.integers(1, 90_000))


def shops(*, credits: bool = True, most: int = 40) -> st.SearchStrategy[list[Order]]:
    """Draw small shops: purchases before and after the analysis date, and credit notes."""
    return st.lists(st.one_of(_PURCHASE, _PURCHASE, _CREDIT) if credits else _PURCHASE, max_size=most)
