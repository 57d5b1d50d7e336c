"""A plan held against the rules, for the customers as they stand today: the guard's verdicts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from horetsu_utils import engine, plans, standing
from horetsu_utils.metrics import guard
from horetsu_utils.planning import Plan
from horetsu_utils.plans import Planned, Terms
from horetsu_utils.relation import ContactRules, GuardRules, Prohibition
from horetsu_utils.standing import Standing

CLEAN, BROKEN, UNKNOWN = 0, 1, 2
"""Exit statuses: nothing against it; a rule is broken; something cannot be judged (and nothing else is broken)."""


@dataclass(frozen=True)
class Guarded:
    """The verdicts over one plan. `people` are those for whom a rule is broken: plan, rule, customer_id, stage.

    `breaks` counts them: plan, rule, stage, customers. `sent` are planned actions of the past that were sent already.
    """

    where: Standing
    rules: GuardRules
    planned: tuple[Planned, ...]
    sent: tuple[Planned, ...]
    refused: tuple[str, ...]
    breaks: pd.DataFrame
    people: ir.Table

    @property
    def unknown(self) -> tuple[Planned, ...]:
        """The planned actions that cannot be judged."""
        return tuple(each for each in self.planned if each.problem)

    @property
    def counts(self) -> dict[str, int]:
        """How many actions are planned, break a rule, cannot be judged, and how many customers that concerns."""
        return {
            "planned": len(self.planned) + len(self.refused),
            "broken": self.breaks["plan"].nunique(),
            "unknown": len(self.unknown) + len(self.refused),
            "people": self.people.customer_id.nunique().to_pyarrow().as_py(),
        }

    @property
    def status(self) -> int:
        """The exit status: a broken rule weighs more than what cannot be judged."""
        if len(self.breaks):
            return BROKEN
        return UNKNOWN if self.unknown or self.refused else CLEAN

    def rule(self, code: str) -> Prohibition:
        """Return the rule of a code."""
        return plans.rule_of(code, self.rules)


def judge(where: Standing, plan: Plan, *, segments: ir.Table | None = None) -> Guarded:
    """Hold a plan against the client's rules: which rows break which rule, for whom.

    `segments` are the shop's segmented customers, where they are known already.

    Errors
        ConfigError for an unsound rule file
    """
    shop, rules = where.shop, where.shop.client.guard()
    terms = Terms(where.names, shop.rules.segment_names)
    segmented = standing.segmented(shop) if segments is None else segments
    customers = where.stages.left_join(segmented.select("customer_id", "segment"), "customer_id")
    read = plans.read(plan.rows, rules=rules, terms=terms, as_of=shop.as_of)
    planned = [each.among(_known(where.stages, each.customer_ids)) for each in read]
    known = _sent_ids(where)
    past = {each.place for each in planned if each.date < shop.as_of and each.campaign_id in known}
    sent, left = (tuple(each for each in planned if (each.place in past) is gone) for gone in (True, False))
    judged = [each for each in left if each.aims]
    people = engine.keep(shop.connection, _people(where, rules, customers, judged))
    breaks = guard.verdicts(people).to_pandas()
    return Guarded(where, rules, left, sent, plan.refused, breaks, people)


def _known(stages: ir.Table, ids: tuple[str, ...]) -> set[str]:
    if not ids:
        return set()
    return set(stages.filter(stages.customer_id.isin(ids)).customer_id.to_pyarrow().to_pylist())


def _sent_ids(where: Standing) -> set[str]:
    touchpoints = where.shop.table_or_empty("touchpoints")
    ids = touchpoints.filter(touchpoints.campaign_id.notnull()).select("campaign_id").distinct()
    return set(ids.campaign_id.to_pyarrow().to_pylist())


def _people(where: Standing, rules: GuardRules, customers: ir.Table, judged: list[Planned]) -> ir.Table:
    """Return everybody for whom a planned action breaks a rule."""
    aims = _table(
        [{"plan": each.place, "kind": kind, "value": value} for each in judged for kind, value in each.aims],
        plan="int64",
        kind="string",
        value="string",
    )
    reached = guard.audience(aims, customers).cache()
    touchpoints = where.shop.table_or_empty("touchpoints")
    stages = {rule.action: rule.stage for rule in rules.prohibitions}
    actions = [(each, code) for each in judged for code in each.actions if code in stages]
    rows = [{"plan": each.place, "rule": code, "stage": stages[code]} for each, code in actions]
    found = [
        guard.forbidden(reached, _table(rows, plan="int64", rule="string", stage="int64")),
        guard.too_often(reached, _dated(judged, None), touchpoints, rules=rules.contact),
    ]
    if guard.SIGNUP in stages:
        discounts = _dated([each for each in judged if each.is_discount], stages[guard.SIGNUP])
        found.append(guard.soon_after_signup(reached, discounts, _signups(where), rules=rules.contact))
    if guard.SERIES in stages:
        letters = _dated([each for each in judged if each.is_long], stages[guard.SERIES])
        sent = _long_letters(touchpoints, where.shop.table_or_empty("campaigns"), rules.contact)
        found.append(guard.in_series(reached, letters, sent, rules=rules.contact))
    columns = ("plan", "rule", "customer_id", "stage")
    return ibis.union(*(each.select(*columns) for each in found), distinct=True)


def _dated(planned: Iterable[Planned], stage: int | None) -> ir.Table:
    beside = {} if stage is None else {"stage": stage}
    rows = [{"plan": each.place, "date": each.date} | beside for each in planned]
    return _table(rows, plan="int64", date="date", **dict.fromkeys(beside, "int64"))


def _table(rows: list[dict[str, Any]], **schema: str) -> ir.Table:
    return ibis.memtable(rows, schema=schema)


def _signups(where: Standing) -> ir.Table:
    """Return the day each customer signed up, or else became known."""
    first = where.spells.group_by("customer_id").aggregate(first_on=where.spells.from_on.min())
    customers = where.shop.table_or_empty("customers")
    told = customers.group_by("customer_id").aggregate(told_on=customers.registered_at.cast("date").min())
    both = first.left_join(told, "customer_id")
    return both.select("customer_id", known_on=ibis.coalesce(both.told_on, both.first_on))


def _long_letters(touchpoints: ir.Table, campaigns: ir.Table, rules: ContactRules) -> ir.Table:
    """Return who got a long letter when: contacts whose campaign is known, and was long."""
    length = campaigns.length.fill_null(campaigns.body.length()).fill_null(0)
    long = campaigns.filter(length >= rules.long_characters).select("campaign_id").distinct()
    sent = touchpoints.filter((touchpoints.direction != "in").fill_null(True)).semi_join(long, "campaign_id")
    return sent.select("customer_id", on=sent["at"].cast("date"))
