"""A shop's first 90 days as they were walked: what was planned and came, the silences, and the feeling on the way."""

from dataclasses import dataclass
from functools import cached_property

import ibis.expr.types as ir
import pandas as pd

from horetsu_utils import engine
from horetsu_utils.metrics import breaks, feeling, scenario, silence
from horetsu_utils.pathway import Pathway


@dataclass(frozen=True)
class Walking:
    """What was done along the way, and how it felt; a table without records is empty.

    `steps` the planned steps with their reach; `welcomed` whether the hoped-for action followed; `channels` and
    `strangers` the contacts, planned and not, and those of nobody known; `days` the contacts day by day; `scores`,
    `emotions` and `turns` the feeling; `gaps` expectation against evaluation by step; `heard` so many first-time buyers
    left a record.
    """

    kept_steps: ir.Table
    kept_days: ir.Table
    welcomed: pd.DataFrame
    channels: pd.DataFrame
    strangers: pd.DataFrame
    scores: pd.DataFrame
    emotions: pd.DataFrame
    turns: pd.DataFrame
    gaps: pd.DataFrame
    heard: int
    has_contacts: bool

    @cached_property
    def steps(self) -> pd.DataFrame:
        """The planned steps in order of days."""
        return self.kept_steps.to_pandas()

    @property
    def days(self) -> pd.DataFrame:
        """The share contacted day by day; empty where no contact is on record."""
        days = self.kept_days.to_pandas()
        return days if self.has_contacts else days.iloc[:0]

    @property
    def silences(self) -> pd.DataFrame:
        """The stretches in which hardly anybody was contacted, in order of days."""
        return silence.silences(self.kept_days).to_pandas().sort_values("day_from")

    def done(self, found: ir.Table) -> pd.DataFrame:
        """Put beside each break what was done in its days."""
        return breaks.done(found, self.kept_steps, self.kept_days).to_pandas()


def walking(path: Pathway) -> Walking:
    """Follow a shop's first-time buyers through what was planned, done and felt."""
    shop, rules = path.shop, path.rules
    people = path.firsts.select("customer_id", "first_on", "watched_days")
    names = ("touchpoints", "scenario", "story", "voices")
    touchpoints, plan, story, voices = (shop.table_or_empty(name) for name in names)
    told = {name: shop.table(name) for name in ("orders", "story", "voices") if shop.has(name)}
    tables = told | {"touchpoints": touchpoints, "scenario": plan}
    steps = engine.keep(shop.connection, scenario.steps(people, touchpoints, plan))
    days = engine.keep(shop.connection, silence.contact_days(people, touchpoints, rules=rules))
    scores = engine.keep(shop.connection, feeling.scores(people, story, rules=rules))
    return Walking(
        kept_steps=steps,
        kept_days=days,
        welcomed=scenario.welcomed(people, tables, as_of=shop.as_of, rules=rules).to_pandas(),
        channels=scenario.by_channel(people, touchpoints, plan, rules=rules).to_pandas(),
        strangers=scenario.strangers(people, touchpoints).to_pandas(),
        scores=scores.to_pandas(),
        emotions=feeling.emotions(people, story, rules=rules).to_pandas(),
        turns=feeling.turns(scores, rules=rules).to_pandas(),
        gaps=feeling.gap_by_step(people, voices).to_pandas(),
        heard=int(people.semi_join(story, "customer_id").count().to_pyarrow().as_py()),
        has_contacts=bool(days.contacted.sum().to_pyarrow().as_py()),
    )
