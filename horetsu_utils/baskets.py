"""What was sold → which products are bought together: in one order, and by one customer at any time."""

from dataclasses import dataclass, replace
from functools import cached_property

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis.backends.sql import SQLBackend

from horetsu_utils import engine
from horetsu_utils.affinity_rules import AffinityRules, least_of
from horetsu_utils.metrics import affinity, itemsets

OCCURRENCES = "occurrences"
"""The sets of the size in hand, basket by basket: the largest table, so each size takes the place of the last."""


@dataclass(frozen=True)
class Baskets:
    """The baskets of one kind, and how they are read. `key`: what makes a basket."""

    connection: SQLBackend
    key: tuple[str, ...]
    products: ir.Table
    filled: ir.Table
    rules: AffinityRules

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many baskets count, how many hold one product, how many were set aside, and the largest."""
        told: dict[str, int] = affinity.tally(self.filled, rules=self.rules).to_pyarrow().to_pylist()[0]
        return told

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """The pairs of products that lie together often enough, the surest first."""
        return self.pairs_from(self.rules.least_baskets)

    def pairs_from(self, least: int) -> pd.DataFrame:
        """Tell the pairs that lie together in at least so many baskets."""
        rules = replace(self.rules, least_baskets=least)
        return affinity.pairs(self.filled, self.products, rules=rules).to_pandas()

    def pairs_among(self, names: list[str]) -> pd.DataFrame:
        """Tell all pairs among these products, however few."""
        rules = replace(self.rules, least_baskets=1)
        return affinity.pairs(self.filled, self.products, rules=rules, among=names).to_pandas()

    def itemsets(self, least: int) -> ir.Table:
        """Find the sets of products, up to `longest`, that lie together in at least so many baskets."""
        connection = self.connection
        found = engine.keep(connection, itemsets.alone(self.filled, key=self.key, rules=self.rules), OCCURRENCES)
        sets = [engine.keep(connection, itemsets.frequent(found, itemsets.nothing(), self.products, least=least))]
        while len(sets) < self.rules.longest and _rows(sets[-1]):
            found = engine.keep(connection, itemsets.longer(found, sets[-1]), OCCURRENCES)
            sets.append(engine.keep(connection, itemsets.frequent(found, sets[-1], self.products, least=least)))
        return ibis.union(*sets, distinct=False) if len(sets) > 1 else sets[0]

    def rules_from(self, support_ratio: float) -> pd.DataFrame:
        """Read off the rules of sets of any size that lie in at least this share (0-1) of the baskets."""
        whole = self.counts["whole"]
        sets = engine.keep(self.connection, self.itemsets(least_of(support_ratio, whole)))
        told = itemsets.rules(sets, whole=whole, least_confidence=self.rules.least_confidence)
        return told.to_pandas()


@dataclass(frozen=True)
class Together:
    """What is bought together, in one order and by one customer; `unnamed` orders have no known customer."""

    in_order: Baskets
    by_customer: Baskets
    unnamed: int


def together(connection: SQLBackend, sold: ir.Table, *, rules: AffinityRules) -> Together:
    """Put the baskets of orders and of customers together, each computed once."""
    products = engine.keep(connection, affinity.products(sold))
    in_order, by_customer = (
        Baskets(connection, key, products, engine.keep(connection, affinity.baskets(sold, products, key=key)), rules)
        for key in (affinity.ORDER, affinity.CUSTOMER)
    )
    nobody = sold.filter(sold.customer_id.isnull()).select(*affinity.ORDER).distinct()
    return Together(in_order, by_customer, unnamed=_rows(nobody))


def _rows(table: ir.Table) -> int:
    return int(table.count().to_pyarrow().as_py())
