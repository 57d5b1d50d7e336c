"""A shop → how people looked around in it: what they left, what they compared, and the way to the first purchase."""

from dataclasses import dataclass
from functools import cached_property

import ibis.expr.types as ir
import pandas as pd

from horetsu_utils import engine
from horetsu_utils.assortment import Assortment
from horetsu_utils.browsing_rules import BrowsingRules
from horetsu_utils.metrics import browsing, paths

MOST_PAGES = 5


@dataclass(frozen=True)
class Browsed:
    """The visits of a shop on its analysis date, who bought what, and each person's path."""

    links: ir.Table
    visits: ir.Table
    bought: ir.Table
    paths: ir.Table
    rules: BrowsingRules

    @cached_property
    def tally(self) -> dict[str, int]:
        """How many visits there are, by how many people, and how many were set aside."""
        counts: dict[str, int] = browsing.tally(self.visits, self.links).to_pyarrow().to_pylist()[0]
        return counts

    @cached_property
    def left(self) -> pd.DataFrame:
        """The products by how many have seen and not bought them."""
        return browsing.seen_not_bought(self.visits, self.bought).to_pandas()

    @cached_property
    def compared(self) -> pd.DataFrame:
        """The pairs that people compared, and which of the two they bought."""
        return browsing.compared(self.visits, self.bought, rules=self.rules).to_pandas()

    @cached_property
    def sides(self) -> pd.DataFrame:
        """The paths that led to a purchase beside those that did not."""
        return paths.sides(self.paths).to_pandas()

    @cached_property
    def sources(self) -> pd.DataFrame:
        """How many bought, by the source of the first visit."""
        return paths.by_source(self.paths).to_pandas()

    @cached_property
    def last_pages(self) -> pd.DataFrame:
        """The pages on which those who did not buy were seen last."""
        return paths.last_pages(self.paths, most=MOST_PAGES).to_pandas()


def browsed(goods: Assortment) -> Browsed:
    """Follow the visits of a shop; where it has no events, nobody is followed."""
    shop, rules = goods.shop, BrowsingRules(least_people=goods.shop.rules.lines.minimum_customers)
    connection, day = shop.connection, shop.as_of
    events = shop.table_or_empty("events").left_join(goods.labels, "product_id")
    unsold = events.product_id_right.isnull()  # only what was never sold goes by its id: a bundle is none of its parts
    named = events.mutate(product=unsold.ifelse(events.product_id, events["product"])).drop("product_id_right")
    links = engine.keep(connection, browsing.links(named, as_of=day))
    visits = engine.keep(connection, browsing.visits(named, links, as_of=day, rules=rules))
    bought = engine.keep(connection, browsing.bought(visits, goods.sold, as_of=day))
    purchases = engine.keep(connection, paths.purchases(visits, shop.table_or_empty("orders"), as_of=day))
    walked = engine.keep(connection, paths.paths(visits, purchases, as_of=day, rules=rules))
    return Browsed(links, visits, bought, walked, rules)
