"""A shop → which product was bought, or sent back, in which order by whom."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import ibis
import ibis.expr.types as ir

from horetsu_utils import engine, product_names
from horetsu_utils.product_names import Item, ProductNames
from horetsu_utils.schema import DTYPES
from horetsu_utils.shop import Shop

AMOUNT = DTYPES["number"]

_ITEM = ("product_id", "product_name")
_LABELS = {"product_id": "string", "product_name": "string", "product": "string", "nth": "int64", "held": "int64"}
_ORDER = ("origin", "order_id", "customer_id", "product")


@dataclass(frozen=True)
class Assortment:
    """The products of a shop on its analysis date, variants folded and bundles opened as products.yaml says."""

    shop: Shop
    names: ProductNames

    @cached_property
    def sold(self) -> ir.Table:
        """What was bought: one row per order and product.

        origin, order_id, customer_id (null when unknown), ordered_on [date], product, quantity [item; a line that tells
        none is one], amount_yen [yen, tax as exported]. Lines of one order and product are added up, a discount that
        names its product among them; what is left at 0 or below was not bought.
        """
        bought = self._netted.filter(self._netted.amount_yen > 0)
        return engine.keep(self.shop.connection, bought.order_by("ordered_on", *_ORDER))

    @cached_property
    def sent_back(self) -> ir.Table:
        """What known customers returned: customer_id, product, returned_on [date, of the row that tells it]."""
        credited = self._netted.filter(self._netted.amount_yen <= 0)
        rows = ibis.union(credited, self._by_product(self._returned))
        known = rows.filter(rows.customer_id.notnull())
        told = known.select("customer_id", "product", returned_on=known.ordered_on).distinct()
        return engine.keep(self.shop.connection, told.order_by("returned_on", "customer_id", "product"))

    @property
    def labels(self) -> ir.Table:
        """The product of each id that was ever sold: product_id, product (null for a bundle, which is several)."""
        told = self._labels.filter(self._labels.product_id != "")
        return told.group_by("product_id").aggregate(product=told["product"].min(where=told.held == 1))

    @cached_property
    def _netted(self) -> ir.Table:
        """Paid lines that name a product, added up by order and product."""
        shop = self.shop
        paid = self._named.filter(~self._named.is_returned & (self._named.amount != 0))
        return engine.keep(shop.connection, self._by_product(paid))

    @property
    def _returned(self) -> ir.Table:
        return self._named.filter(self._named.is_returned)

    @cached_property
    def _named(self) -> ir.Table:
        """The paid and the returned lines, each with the item that it names."""
        shop = self.shop
        bought, undone = shop.table_or_empty("product_lines"), shop.table_or_empty("undone_lines")
        parts = [_columns(bought.filter(bought.status == "paid")), _columns(undone.filter(undone.status == "returned"))]
        lines = ibis.union(*parts).filter(lambda line: line.product_id.notnull() | line.product_name.notnull())
        named = engine.keep(shop.connection, _with_latest_name(lines))
        goods = named.filter(named.amount > 0).select(*_ITEM).distinct()
        return named.semi_join(goods, _ITEM)

    def _by_product(self, lines: ir.Table) -> ir.Table:
        each = lines.join(self._labels, _ITEM)
        part = self._share(each, each.nth) - self._share(each, each.nth - 1)
        counts = (each.amount > 0) | (each.quantity < 0)
        return each.group_by(*_ORDER).aggregate(
            ordered_on=each.ordered_on.min(),
            quantity=each.quantity.sum(where=counts).fill_null(0).cast("float64"),
            amount_yen=part.sum().cast("float64"),
        )

    def _share(self, each: ir.Table, parts: ir.IntegerValue) -> ir.DecimalValue:
        """Return what so many of a bundle's equal parts cost together, to the yen; all cost what the line does."""
        whole = each.amount.cast("float64") * parts / each.held
        rounded = whole.round(self.shop.client.config.digits).cast(AMOUNT)
        return (parts == each.held).ifelse(each.amount, rounded)

    @cached_property
    def _labels(self) -> ir.Table:
        """The product of each item; of a bundle a row for each product in it: the nth of so many held."""
        items = self._named.select(*_ITEM).distinct().to_pyarrow().to_pylist()
        pairs = self.names.labels(Item(**item) for item in items)
        return ibis.memtable(_rows(pairs), schema=_LABELS)


def _columns(lines: ir.Table) -> ir.Table:
    return lines.select(
        "origin",
        "order_id",
        "customer_id",
        "product_id",
        "product_name",
        "amount",
        "ordered_at",
        ordered_on=lines.ordered_at.cast("date"),
        quantity=lines.quantity.fill_null(1),
        is_returned=lines.status == "returned",
    )


def _with_latest_name(lines: ir.Table) -> ir.Table:
    """Give all lines of an id the name under which it was last sold; texts that are not told are empty.

    Lines without an amount are passed over: shops write notes of their stock into them.
    """
    latest = lines.filter(lines.product_id.notnull() & lines.product_name.notnull() & (lines.amount > 0))
    last = ibis.window(group_by="product_id", order_by=[ibis.desc("ordered_at"), "product_name"])
    names = latest.mutate(place=ibis.row_number().over(last)).filter(lambda line: line.place == 0)
    told = lines.left_join(names.select("product_id", latest_name="product_name"), "product_id").drop(
        "product_id_right"
    )
    name = told.product_id.isnull().ifelse(told.product_name, told.latest_name)
    return told.mutate(product_id=told.product_id.fill_null(""), product_name=name.fill_null("")).drop("latest_name")


def _rows(pairs: list[tuple[Item, str]]) -> list[dict[str, object]]:
    held, nth = Counter(item for item, _ in pairs), Counter[Item]()
    rows = []
    for item, label in pairs:
        nth[item] += 1
        rows.append({**item._asdict(), "product": label, "nth": nth[item], "held": held[item]})
    return rows


def assortment(shop: Shop) -> Assortment:
    """Read which products a shop sells; without orders there are none.

    Errors
        ConfigError where the client's products.yaml needs mending
    """
    return Assortment(shop, product_names.read(shop.client.products()))
