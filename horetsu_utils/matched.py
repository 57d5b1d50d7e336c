"""A shop → which products fit which customer next, to whom nothing is offered, and whether the matches hold."""

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property, reduce

import ibis.expr.types as ir
import pandas as pd

from horetsu_utils import engine
from horetsu_utils.affinity_rules import AffinityRules
from horetsu_utils.matching_rules import MatchingRules
from horetsu_utils.metrics import affinity, flow, matching, products, trial
from horetsu_utils.selling import Selling
from horetsu_utils.shop import Shop
from horetsu_utils.standing import standing

OFFER, FURTHER = "offer_now", "upsell"
"""What must not be done at a stage (guard.yaml): offer anything, offer a further product."""


@dataclass(frozen=True)
class Matched:
    """The matches of a shop on its analysis date."""

    selling: Selling
    stages: ir.Table
    rules: MatchingRules

    @property
    def shop(self) -> Shop:
        """The shop."""
        return self.selling.shop

    @cached_property
    def chosen(self) -> ir.Table:
        """Up to three products for each customer, none where the stage forbids offering."""
        candidates = matching.allowed(self._candidates(self.shop.as_of), self.stages, rules=self.rules)
        back = self.selling.assortment.sent_back
        return engine.keep(self.shop.connection, matching.chosen(candidates, back, rules=self.rules))

    @cached_property
    def by_product(self) -> pd.DataFrame:
        """How many customers each product fits, by the reason."""
        told = self.chosen.group_by("product", "kind").aggregate(customers=self.chosen.count())
        return told.to_pandas().sort_values(["customers", "product", "kind"], ascending=[False, True, True])

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many known buyers there are, and for how many of them anything fits."""
        buyers = self._held(self.shop.as_of).customer_id.nunique()
        told = {"buyers": buyers, "matched": self.chosen.customer_id.nunique()}
        return {name: int(count.to_pyarrow().as_py()) for name, count in told.items()}

    @cached_property
    def silences(self) -> pd.DataFrame:
        """To how many nothing is offered, and why."""
        return matching.silences(self._held(self.shop.as_of), self.stages, rules=self.rules).to_pandas()

    def trial(self, days: int) -> pd.DataFrame:
        """Hold the matches of so many days ago, without regard to stages, against what was bought since."""
        sold, then = self.selling.assortment.sold, self.shop.as_of - dt.timedelta(days=days)
        back = self.selling.assortment.sent_back
        found = matching.chosen(self._candidates(then), back.filter(back.returned_on <= then), rules=self.rules)
        sellers = trial.best_sellers(sold, self._held(then), as_of=then, rules=self.rules)
        kept = engine.keep(self.shop.connection, found)
        return trial.trial(kept, sellers, sold, until=(then, self.shop.as_of)).to_pandas().assign(days=days)

    def _held(self, day: dt.date) -> ir.Table:
        return matching.held(self.selling.assortment.sold, as_of=day)

    def _candidates(self, day: dt.date) -> ir.Table:
        """Find what might fit each customer, knowing only what lay before the end of a day."""
        sold, connection = self.selling.assortment.sold, self.shop.connection
        seen = engine.keep(connection, sold.filter(sold.ordered_on <= day))
        owned = engine.keep(connection, matching.held(seen, as_of=day))
        steps = engine.keep(connection, flow.steps(seen, as_of=day))
        rhythm = products.rhythm(seen, as_of=day, rules=self.selling.rules)
        habits = matching.habits(seen, as_of=day, rules=self.rules)
        parts = (
            matching.returning(owned, habits, rhythm, rules=self.rules),
            matching.following(owned, flow.pairs(steps, rules=self.selling.rules)),
            matching.alongside(owned, self._pairs(seen), rules=self.rules),
        )
        return engine.keep(connection, reduce(lambda one, other: one.union(other), parts))

    def _pairs(self, seen: ir.Table) -> ir.Table:
        numbered = engine.keep(self.shop.connection, affinity.products(seen))
        filled = engine.keep(self.shop.connection, affinity.baskets(seen, numbered, key=affinity.CUSTOMER))
        return affinity.pairs(filled, numbered, rules=AffinityRules())


def matched(selling: Selling) -> Matched:
    """Match a shop's customers and products; where to keep silent, the client's guard.yaml says.

    Errors
        as standing.standing
    """
    shop = selling.shop
    rules = MatchingRules(least_customers=shop.rules.lines.minimum_customers)
    forbidden = {action: _stages(shop, action) for action in (OFFER, FURTHER)}
    told = replace(rules, silent_stages=forbidden[OFFER], quiet_stages=forbidden[FURTHER])
    return Matched(selling, standing(shop).stages.select("customer_id", "stage", "cooling"), told)


def _stages(shop: Shop, action: str) -> tuple[int, ...]:
    return tuple(each.stage for each in shop.client.guard().prohibitions if each.action == action)
