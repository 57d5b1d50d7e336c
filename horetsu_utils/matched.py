"""A shop → which products fit which customer next, to whom nothing is offered, and whether the matches hold."""

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property, reduce

import ibis.expr.types as ir
import pandas as pd

from horetsu_utils import engine
from horetsu_utils.affinity_rules import AffinityRules
from horetsu_utils.matching_rules import FRESH, LAST, NEVER_QUIET, SELLERS, SILENT, MatchingRules
from horetsu_utils.metrics import affinity, flow, matching, products, stage, trial
from horetsu_utils.selling import Selling
from horetsu_utils.shop import Shop
from horetsu_utils.standing import Standing, standing

OFFER, FURTHER = "offer_now", "upsell"
"""What must not be done at a stage (guard.yaml): offer anything, offer a further product."""


@dataclass(frozen=True)
class Matched:
    """The matches of a shop on its analysis date."""

    selling: Selling
    where: Standing
    rules: MatchingRules

    @property
    def shop(self) -> Shop:
        """The shop."""
        return self.selling.shop

    @property
    def stages(self) -> ir.Table:
        """The stage of each customer, and whether the relationship is cooling."""
        return self.where.stages.select("customer_id", "stage", "cooling")

    @cached_property
    def chosen(self) -> ir.Table:
        """Up to three products for each customer, none where the stage forbids offering."""
        candidates = matching.allowed(self._candidates(self.shop.as_of), self.stages, rules=self.rules)
        return self._chosen(candidates, self.shop.as_of)

    @cached_property
    def by_product(self) -> pd.DataFrame:
        """How many customers each product fits, by the reason."""
        told = self.chosen.group_by("product", "kind").aggregate(customers=self.chosen.count())
        return told.to_pandas().sort_values(["customers", "product", "kind"], ascending=[False, True, True])

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many known buyers there are, for how many anything fits, and for how many of these nothing new."""
        buyers = self._held(self.shop.as_of).customer_id.nunique()
        quiet = self.stages.filter(self.stages.stage.isin(self.rules.quiet_stages))
        only_known = self.chosen.semi_join(quiet, "customer_id")
        told = {name: table.customer_id.nunique() for name, table in (("matched", self.chosen), ("quiet", only_known))}
        told = {"buyers": buyers, **told}
        return {name: int(count.to_pyarrow().as_py()) for name, count in told.items()}

    @cached_property
    def silences(self) -> pd.DataFrame:
        """To how many nothing is offered, and why."""
        return matching.silences(self._held(self.shop.as_of), self.stages, rules=self.rules).to_pandas()

    def trial(self, days: int) -> pd.DataFrame:
        """Hold the matches of so many days ago against what was bought since: one row for each of TRIALS.

        All but the last go without regard to stages; the last keeps the silence of that day.
        """
        sold, then = self.selling.assortment.sold, self.shop.as_of - dt.timedelta(days=days)
        candidates, held = self._candidates(then), engine.keep(self.shop.connection, self._held(then))
        stood = stage.at(self.where.spells, on=then).select("customer_id", "stage", "cooling")
        offered = matching.allowed(candidates, stood, rules=self.rules)
        found, quiet = (self._chosen(each, then) for each in (candidates, offered))
        plain = replace(self.rules, quiet_days=NEVER_QUIET)
        sellers, fresh = (trial.best_sellers(sold, held, as_of=then, rules=rules) for rules in (plain, self.rules))
        last = matching.last_bought(held, rules=self.rules)
        ways = {SELLERS: (found, sellers), FRESH: (found, fresh), LAST: (found, last), SILENT: (quiet, sellers)}
        rows = [
            trial.trial(*pair, sold, until=(then, self.shop.as_of)).to_pandas().assign(days=days, way=way)
            for way, pair in ways.items()
        ]
        return pd.concat(rows, ignore_index=True)

    def _chosen(self, candidates: ir.Table, day: dt.date) -> ir.Table:
        """Choose of the candidates, knowing only what was sent back by the end of a day."""
        back = self.selling.assortment.sent_back
        known = back.filter(back.returned_on <= day)
        return engine.keep(self.shop.connection, matching.chosen(candidates, known, rules=self.rules))

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
    return Matched(selling, standing(shop), told)


def _stages(shop: Shop, action: str) -> tuple[int, ...]:
    return tuple(each.stage for each in shop.client.guard().prohibitions if each.action == action)
