"""Sales of products written out by hand."""

import datetime as dt
import math
from collections.abc import Iterable

import ibis
import ibis.expr.types as ir
from hypothesis import strategies as st

from horetsu_utils.shop import Shop

AS_OF = dt.date(2026, 6, 30)
SOLD = {
    "origin": "string",
    "order_id": "string",
    "customer_id": "string",
    "product": "string",
    "ordered_on": "date",
    "quantity": "float64",
    "amount_yen": "float64",
}
Sale = tuple[str | None, int, str, float]
"""Customer, days before AS_OF, the products of the order by a blank, and what each of them cost."""


def before(days: int) -> dt.date:
    return AS_OF - dt.timedelta(days=days)


def sold(rows: Iterable[Sale]) -> ir.Table:
    """Number the orders in the order they are written; each product is one item."""
    told = [
        {
            "origin": "generic",
            "order_id": f"O{place:04d}",
            "customer_id": who,
            "product": product,
            "ordered_on": before(days),
            "quantity": 1.0,
            "amount_yen": float(yen),
        }
        for place, (who, days, products, yen) in enumerate(rows, start=1)
        for product in products.split()
    ]
    return ibis.memtable(told, schema=SOLD)


_SALE = st.tuples(
    st.sampled_from(["a", "b", "c", None]),
    st.integers(-200, 500),
    st.sampled_from(["A", "B", "C", "A B", "A C"]),
    st.integers(1, 9000),
)


def shops(most: int = 25) -> st.SearchStrategy[list[Sale]]:
    """Draw small shops with sales before and after the analysis date."""
    return st.lists(_SALE, max_size=most)


def wilson(came: int, whole: int) -> tuple[float, float]:
    """Solve (p - r)^2 = z^2 p (1 - p) / n for p."""
    z, ratio = 1.959963984540054, came / whole
    a, b, c = 1 + z * z / whole, -(2 * ratio + z * z / whole), ratio * ratio
    root = math.sqrt(max(b * b - 4 * a * c, 0))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def name_of(shop: Shop, product_id: str) -> str:
    lines = shop.product_lines
    return lines.filter(lines.product_id == product_id).product_name.min().to_pyarrow().as_py()
