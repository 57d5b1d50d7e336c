"""A shop → where each of its relationships stands, once for the notebook, the guard and the consultant's workbook."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import ibis.expr.types as ir
import pandas as pd

from horetsu_utils import engine
from horetsu_utils.errors import MissingDataError
from horetsu_utils.metrics import hindsight as before
from horetsu_utils.metrics import rfm, signals, stage
from horetsu_utils.relation import SOURCES, StageRules
from horetsu_utils.shop import Shop
from horetsu_utils.words import TABLES


@dataclass(frozen=True)
class Standing:
    """Where every relationship of a shop stands on its analysis date, and by what.

    `tables` are those that can carry signals; `signals` all that were given; `spells` the path by the firm ones;
    `stages` one row per customer; `confidence` the share (0-1) of the tables that can carry signals which it has.
    """

    shop: Shop
    rules: StageRules
    tables: Mapping[str, ir.Table]
    signals: ir.Table
    spells: ir.Table
    stages: ir.Table
    confidence: float

    @property
    def names(self) -> dict[str, str]:
        """The Japanese name of each stage, by its number as text."""
        return {str(each.stage): each.name for each in self.rules.stages}

    @property
    def begun_on(self) -> dt.date:
        """The first day on which anybody was known."""
        first: dt.date = self.spells.from_on.min().to_pyarrow().as_py()
        return first

    @property
    def evidence(self) -> ir.Table:
        """What decided each customer's stage, by firm signals alone."""
        return stage.evidence(self.spells, self.signals.filter(~self.signals.provisional))

    @property
    def coverage(self) -> ir.Table:
        """Which tables tell of how many customers."""
        return signals.coverage(self.tables, self.stages, rules=self.rules, as_of=self.shop.as_of)


def standing(shop: Shop, rules: StageRules | None = None) -> Standing:
    """Find where each relationship stands, by the client's own rules unless others are given.

    Errors
        MissingDataError when no table that can carry a signal tells of anybody; ConfigError for an unsound rule file
    """
    rules = rules or shop.client.stages()
    tables = _telling(shop, rules)
    given = engine.keep(shop.connection, signals.signals(tables, rules=rules, as_of=shop.as_of))
    maybe = given.semi_join(given.filter(given.provisional), "customer_id")
    path, hinted = (
        engine.keep(shop.connection, stage.spells(told, rhythm=rules.rhythm, as_of=shop.as_of))
        for told in (given.filter(~given.provisional), maybe)
    )
    confidence = sum(name in tables for name in rules.tables) / len(rules.tables)
    stages = engine.keep(shop.connection, stage.stages(path, hinted, as_of=shop.as_of, confidence=confidence))
    if not stages.count().to_pyarrow().as_py():
        raise _nobody(shop, "お客様の分かる記録が、まだありません。", rules)
    return Standing(shop, rules, tables, given, path, stages, confidence)


def _telling(shop: Shop, rules: StageRules) -> dict[str, ir.Table]:
    """Return the shop's tables that can carry signals.

    Errors
        MissingDataError when there is none
    """
    named = {"lines", *SOURCES.values()}
    tables = {name: table for name, table in shop.tables.items() if name in named}
    if any(shop.has(name) for name in rules.tables):
        return tables
    raise _nobody(shop, "お客様との関係を知る手がかりになる記録が、まだありません。", rules)


def _nobody(shop: Shop, what: str, rules: StageRules) -> MissingDataError:
    wanted = "・".join(TABLES[name] for name in rules.tables)
    return MissingDataError(
        what,
        where=str(shop.client.folder / "data"),
        next_step=f"次のどれか1つからで大丈夫です: {wanted}。"
        "記入用フォルダのひな形を data に写して、今日から書きはじめられます。",
    )


def counts(shop: Shop, rules: StageRules, *, landing_days: int, regress_days: int) -> pd.DataFrame:
    """Count the customers at each stage as if the shop waited so many days: for the analyst's sliders.

    `landing_days` stands in for the quiet days of every signal that waits; the rest is as the rules say.
    """
    other = rules.waiting(landing_days=landing_days, regress_days=regress_days)
    return stage.by_stage(standing(shop, other).stages).to_pandas()


def segmented(shop: Shop) -> ir.Table:
    """Return the shop's customers with R, F, M, their scores and segment; nobody where there are no orders."""
    rules = shop.rules
    known = rfm.rfm(shop.table_or_empty("orders"), as_of=shop.as_of, period_days=rules.period_days)
    known = engine.keep(shop.connection, known)
    named = rfm.segment(rfm.score(known, rfm.cut_points(known, rules.cuts)), rules.segments)
    return engine.keep(shop.connection, named)


def hindsight(where: Standing, *, days: int) -> ir.Table:
    """Return what was known of each customer so many days before the analysis date, and what followed since.

    Spells cut at an earlier day are those one would have found on it: no signal looks ahead.
    """
    shop = where.shop
    then = shop.as_of - dt.timedelta(days=days)
    known = rfm.rfm(shop.table_or_empty("orders"), as_of=then, period_days=shop.rules.period_days)
    then_stages = stage.at(where.spells, on=then)
    followed = before.known_then(
        then_stages, known, shop.table_or_empty("orders"), shop.table_or_empty("touchpoints"), until=(then, shop.as_of)
    )
    return engine.keep(shop.connection, followed)
