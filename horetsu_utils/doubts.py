"""What is doubtful in data that could be read: found in the prepared tables, worded by `sentences.doubts`."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import ibis
import ibis.expr.types as ir

from horetsu_utils import file_doubts
from horetsu_utils.method import DoubtRules

SHOWN = 3
"""So many examples of one doubt are told."""


@dataclass(frozen=True)
class Doubt:
    """One doubtful thing. `code` says what; `facts` are the figures that its sentence needs."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


IMPORTANCE = (
    "stranger",
    "unnamed",
    "unknown_words",
    "no_status",
    "repeated_amounts",
    "same_orders",
    "rejected",
    "no_customer_at_all",
    "lost_since",
    "future",
    "month_without_orders",
    "may_undo",
    "unknown_customers",
    "no_customer",
    "zero_amounts",
    "customer_sales",
    "price_jump",
    "shared_mail",
    "could_link",
    "unknown_keep",
    "tax",
)
"""Every doubt there is, the most important first."""


def doubts(
    tables: Mapping[str, ir.Table],
    account: Mapping[str, Any],
    *,
    before: Mapping[str, Any] | None,
    written_on: Mapping[str, dt.date],
    rules: DoubtRules,
) -> list[Doubt]:
    """Look for what a careful person would ask about, the most important first.

    Shape
        prepared tables (lines, orders, customers, …), the account of rows, that of the import before, the day each file
        was written -> doubts
    Errors
        none
    Source
        method.DoubtRules
    """
    found = [Doubt(*told) for told in file_doubts.of_account(account, rules)]
    found += [*_lost_since(account, before, rules), *_of_orders(account, tables, rules)]
    found += _future(tables, written_on) if "lines" in tables else []
    found += [doubt for name in tables for doubt in _unknown_customers(name, tables, rules)]
    found += [doubt for name in ("lines", "customers") if name in tables for doubt in _shared_mail(tables[name], rules)]
    return sorted(found, key=lambda doubt: IMPORTANCE.index(doubt.code))


def _lost_since(account: Mapping[str, Any], before: Mapping[str, Any] | None, rules: DoubtRules) -> Iterator[Doubt]:
    """Yield the months that had more rows at the last import: history does not shrink by itself."""
    for name, table in account["tables"].items():
        earlier = (before or {}).get("tables", {}).get(name, {}).get("months", ())
        now = {month["month"]: month["rows"] for month in table["months"]}
        for month in earlier:
            lost = month["rows"] - now.get(month["month"], 0)
            if lost >= rules.fewest_rows and lost > rules.lost_ratio * month["rows"]:
                facts = {"table": name, "month": month["month"], "before": month["rows"], "rows": month["rows"] - lost}
                yield Doubt("lost_since", facts)


def _of_orders(account: Mapping[str, Any], tables: Mapping[str, ir.Table], rules: DoubtRules) -> Iterator[Doubt]:
    if "orders" not in tables:
        return
    months = [month["month"] for month in account["tables"]["orders"]["months"]]
    missing = [month for month in _months_between(months) if month not in months]
    if missing:
        yield Doubt("month_without_orders", {"months": missing})
    yield from _customer_sales(tables["orders"], rules)
    used = tables["lines"].filter(tables["lines"].outcome == "accepted")
    counts = used.aggregate(rows=used.count(), zero=used.count(where=used.amount == 0)).to_pyarrow().to_pylist()[0]
    if counts["zero"] >= rules.fewest_rows and counts["zero"] > rules.zero_ratio * counts["rows"]:
        yield Doubt("zero_amounts", counts)
    yield from _repeated_amounts(used, rules)
    yield from _same_orders(tables["orders"], rules)
    yield from _price_jumps(used, rules)


def _repeated_amounts(lines: ir.Table, rules: DoubtRules) -> Iterator[Doubt]:
    """Yield that all lines of most orders have one amount, which is not price times quantity: it is the order's."""
    priced = lines.filter(lines.quantity.notnull() & lines.unit_price.notnull())
    product = priced.quantity.cast("float64") * priced.unit_price.cast("float64")
    whole = priced.mutate(agrees=(product - priced.amount.cast("float64")).abs() < 1)
    orders = whole.group_by(["origin", "order_id"]).aggregate(
        rows=whole.count(), amounts=whole.amount.nunique(), agree=whole.agrees.all(), file=whole.file.min()
    )
    several = orders.filter(orders.rows > 1)
    suspect = several.filter((several.amounts == 1) & ~several.agree)
    found = several.aggregate(orders=several.count(), file=several.file.min()).to_pyarrow().to_pylist()[0]
    count = suspect.count().to_pyarrow().as_py()
    if found["orders"] >= rules.fewest_rows and count > rules.repeated_ratio * found["orders"]:
        yield Doubt("repeated_amounts", found | {"suspect": count})


def _same_orders(orders: ir.Table, rules: DoubtRules) -> Iterator[Doubt]:
    """Yield how many order numbers stand in two systems: an order may have been told twice."""
    origins = orders.origin.nunique().to_pyarrow().as_py()
    if origins < 2:
        return
    each = orders.group_by("order_id").aggregate(origins=orders.origin.nunique())
    shared = each.filter(each.origins > 1).count().to_pyarrow().as_py()
    if shared >= rules.fewest_shared:
        names = orders.select("origin").distinct().order_by("origin").to_pyarrow().to_pylist()
        yield Doubt("same_orders", {"orders": shared, "origins": [record["origin"] for record in names]})


def _months_between(months: list[str]) -> list[str]:
    if not months:
        return []
    first, last = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (min(months), max(months)))
    return [f"{count // 12:04d}-{count % 12 + 1:02d}" for count in range(first, last + 1)]


def _customer_sales(orders: ir.Table, rules: DoubtRules) -> Iterator[Doubt]:
    """Yield the one customer who buys so much that the averages are about them."""
    each = orders.group_by("customer_id").aggregate(yen=orders.amount.sum(), orders=orders.count())
    whole = each.aggregate(customers=each.count(), yen=each.yen.sum()).to_pyarrow().to_pylist()[0]
    if whole["customers"] >= rules.fewest_customers and whole["yen"]:
        top = each.order_by(ibis.desc("yen"), "customer_id").limit(1).to_pyarrow().to_pylist()[0]
        ratio = float(top["yen"] / whole["yen"])
        if ratio >= rules.customer_sales_ratio:
            yield Doubt("customer_sales", {"customer": top["customer_id"], "ratio": ratio, "orders": top["orders"]})


def _price_jumps(lines: ir.Table, rules: DoubtRules) -> Iterator[Doubt]:
    """Yield the products whose usual price is many times that of the month before, or a fraction of it."""
    sold = lines.filter((lines.quantity > 0) & (lines.amount > 0) & lines.product_id.notnull())
    priced = sold.mutate(month=sold.ordered_at.truncate("M").cast("date"), price=sold.amount / sold.quantity)
    monthly = priced.group_by(["product_id", "month"]).aggregate(
        price=priced.price.cast("float64").median(), sales=priced.count(), name=priced.product_name.max()
    )
    enough = monthly.filter(monthly.sales >= rules.fewest_sales)
    before = enough.price.lag().over(ibis.window(group_by="product_id", order_by="month"))
    times = enough.mutate(before=before).mutate(times=lambda t: t.price / t.before)
    jumped = times.filter((times.times >= rules.price_times) | (times.times <= 1 / rules.price_times))
    by_size = jumped.order_by(ibis.desc(jumped.times.ln().abs()), "product_id", "month").limit(SHOWN)
    for record in by_size.to_pyarrow().to_pylist():
        product = record["name"] or record["product_id"]
        facts = {name: record[name] for name in ("price", "before")} | {"month": record["month"].strftime("%Y-%m")}
        yield Doubt("price_jump", facts | {"product": product})


def _future(tables: Mapping[str, ir.Table], written_on: Mapping[str, dt.date]) -> Iterator[Doubt]:
    """Yield the files with orders of days after the file itself was written."""
    lines = tables["lines"]
    for file, day in sorted(written_on.items()):
        late = lines.filter((lines.file == file) & (lines.ordered_at.cast("date") > ibis.literal(day)))
        found = late.aggregate(rows=late.count(), last=late.ordered_at.max().cast("date")).to_pyarrow().to_pylist()[0]
        if found["rows"]:
            yield Doubt("future", {"file": file, "rows": found["rows"], "last": found["last"].isoformat()})


def _unknown_customers(name: str, tables: Mapping[str, ir.Table], rules: DoubtRules) -> Iterator[Doubt]:
    """Yield the table most of whose customers never ordered: its numbers may be another system's."""
    table, orders = tables[name], tables.get("orders")
    if orders is None or name in ("lines", "orders", "customers") or "customer_id" not in table.columns:
        return
    known = table.filter((table.outcome == "accepted") & table.customer_id.notnull()).select("customer_id").distinct()
    counts = known.aggregate(
        customers=known.count(), strangers=known.count(where=known.customer_id.notin(orders.customer_id))
    )
    found = counts.to_pyarrow().to_pylist()[0]
    if found["customers"] >= rules.fewest_rows and found["strangers"] > rules.stranger_ratio * found["customers"]:
        yield Doubt("unknown_customers", found | {"table": name})


def _shared_mail(table: ir.Table, rules: DoubtRules) -> Iterator[Doubt]:
    """Yield how many addresses stand for many names each, and how many ids an address would bring together."""
    if "mail_key" not in table.columns:
        return
    told = table.filter(table.mail_key.notnull() & table.outcome.isin(("accepted", "cancelled_or_returned")))
    if "name_key" in table.columns:
        names = told.group_by("mail_key").aggregate(names=told.name_key.nunique())
        many = names.filter(names.names >= rules.names_per_mail)
        found = many.aggregate(mails=many.count(), most=many.names.max()).to_pyarrow().to_pylist()[0]
        if found["mails"]:
            yield Doubt("shared_mail", found)
    if "own_customer_id" not in table.columns:
        ids = told.group_by("mail_key").aggregate(ids=told.customer_id.nunique())
        several = ids.filter(ids.ids > 1)
        found = several.aggregate(people=several.count()).to_pyarrow().to_pylist()[0]
        if found["people"]:
            yield Doubt("could_link", found)
