"""A shop → what sells, what follows what, and how often: judged once for the questions of the chapter on products."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import ibis.expr.types as ir
import pandas as pd

from horetsu_utils import assortment, engine, pathway
from horetsu_utils.assortment import Assortment
from horetsu_utils.metrics import flow, products
from horetsu_utils.product_rules import ProductRules
from horetsu_utils.shop import Shop


@dataclass(frozen=True)
class Selling:
    """The sales of a shop's products on its analysis date."""

    shop: Shop
    assortment: Assortment
    rules: ProductRules = field(default_factory=ProductRules)

    @cached_property
    def by_customer(self) -> ir.Table:
        """One row per known customer and product: how often, how much, and when first and last."""
        return products.bought(self.assortment.sold, as_of=self.shop.as_of)

    def ranking(self, days: int) -> pd.DataFrame:
        """Rank the products by their sales, and tell how many buyers bought each again within so many days."""
        rules = replace(self.rules, again_days=days)
        told = products.ranking(self.assortment.sold, as_of=self.shop.as_of, rules=rules).to_pandas()
        return told.assign(within_days=days)

    @cached_property
    def firsts(self) -> pd.DataFrame:
        """How those who came for a product went on; the regulars from before the record are left out."""
        shop, people = self.shop, pathway.pathway(self.shop).firsts
        return products.first_products(
            people, self.assortment.sold, shop.orders, as_of=shop.as_of, rules=self.rules
        ).to_pandas()

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """What was bought next, and whether more often than usual."""
        shop = self.shop
        steps = engine.keep(shop.connection, flow.steps(self.assortment.sold, as_of=shop.as_of))
        return flow.pairs(steps, rules=self.rules).to_pandas()

    @cached_property
    def rhythm(self) -> pd.DataFrame:
        """After how many days each product is bought again."""
        return products.rhythm(self.assortment.sold, as_of=self.shop.as_of, rules=self.rules).to_pandas()


def selling(shop: Shop) -> Selling:
    """Read what a shop sells.

    Errors
        MissingDataError when there are no orders; ConfigError where the client's products.yaml needs mending
    """
    shop.table("orders")
    rules = ProductRules(least_customers=shop.rules.lines.minimum_customers)
    return Selling(shop, assortment.assortment(shop), rules)
