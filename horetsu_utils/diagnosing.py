"""A shop → its diagnosis: the answers of its people, what its records show beside them, and the one next thing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from horetsu_utils import engine
from horetsu_utils.canon import QUESTIONS
from horetsu_utils.method import YEAR_DAYS
from horetsu_utils.metrics import diagnosis, evidence, practice, rfm, silence, value
from horetsu_utils.pathway import Pathway, pathway
from horetsu_utils.questions import MATURE, DiagnosisRules, Grade
from horetsu_utils.shop import Shop

_Count = tuple[str, float, float]
"""A measure, its part, and the whole."""


@dataclass(frozen=True)
class Diagnosing:
    """The diagnosis of a shop on its analysis date. Either side may be missing: the answers, or the records."""

    shop: Shop
    rules: DiagnosisRules

    @cached_property
    def answers(self) -> ir.Table:
        """Every answer on record."""
        return self.shop.table_or_empty("answers")

    @cached_property
    def latest(self) -> pd.DataFrame:
        """Each person's latest answers."""
        return self._latest.to_pandas()

    @cached_property
    def people(self) -> pd.DataFrame:
        """How many questions each person has answered, and how many with A."""
        return diagnosis.by_person(self._latest).to_pandas()

    @cached_property
    def joint(self) -> pd.DataFrame:
        """The answers of all people together, in the order in which things are put in order; open questions too."""
        told = self._joint.to_pandas().set_index("question")
        return told.reindex(pd.Index(self.rules.order, name="question")).reset_index()

    @cached_property
    def _latest(self) -> ir.Table:
        return engine.keep(self.shop.connection, diagnosis.latest(self.answers))

    @cached_property
    def _joint(self) -> ir.Table:
        return engine.keep(self.shop.connection, diagnosis.joint(self._latest))

    @property
    def history(self) -> pd.DataFrame:
        """How every person's diagnosis stood on each day on which they answered."""
        return diagnosis.history(self.answers).to_pandas()

    @property
    def later(self) -> int:
        """How many answers were given after the analysis date, and are not seen."""
        told = self.shop.account["tables"].get("answers")
        return int(told["outcomes"]["accepted"]) - int(self.answers.count().to_pyarrow().as_py()) if told else 0

    @property
    def mature(self) -> int:
        """So many questions are answered with A by all."""
        return int(self.joint["answer"].eq(MATURE).sum())

    @property
    def unanswered(self) -> list[str]:
        """The questions that nobody has answered, in their own order."""
        told = set(self.joint.loc[self.joint["answer"].notna(), "question"])
        return [question for question in QUESTIONS if question not in told]

    @property
    def grade(self) -> Grade | None:
        """The grade; there is none for fewer than ten answers."""
        return None if self.unanswered else self.rules.grade(self.mature)

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """Each answer beside what the records show, in the order of the rules."""
        kinds = {"measure": "string", "part": "float64", "whole": "float64"}
        measures = evidence.measured(ibis.memtable(list(_counts(self)), schema=kinds))
        least = self.shop.rules.lines.minimum_customers
        return evidence.verdicts(self._joint, measures, self.rules.evidence, least=least).to_pandas()

    @cached_property
    def next_things(self) -> pd.DataFrame:
        """The axes that are not A, what to put in order first on top."""
        return self.weighed(self.rules.stake_weight)

    def weighed(self, weight: float) -> pd.DataFrame:
        """Rank the axes that are not A as if the yen at stake had another weight."""
        rules = replace(self.rules, stake_weight=weight)
        return diagnosis.next_things(self._joint, self._at_stake, rules).to_pandas()

    @cached_property
    def _at_stake(self) -> ir.Table:
        """The yen at stake, computed once for every weight."""
        return ibis.memtable(list(self._stakes()), schema={"question": "string", "yen": "float64"})

    @property
    def next_question(self) -> str:
        """The question of the one next thing; empty while questions are open, or where all are A."""
        return "" if self.unanswered or self.next_things.empty else str(self.next_things["question"].iloc[0])

    @cached_property
    def path(self) -> Pathway | None:
        """The first-time buyers; None where there are no orders."""
        return pathway(self.shop) if self.shop.has("orders") else None

    @property
    def period(self) -> dict[str, Any]:
        """The year that the measures look at, whatever period the shop's other figures have."""
        return {"as_of": self.shop.as_of, "period_days": YEAR_DAYS}

    def _stakes(self) -> Iterator[tuple[str, float]]:
        """Tell the yen at stake: one more order of each customer concerned, and the discounts of the period.

        Of few customers it is not told: the order of things must not hang on a single order.
        """
        if self.path is None or self.path.customers < self.shop.rules.lines.minimum_customers:
            return
        firsts, window = self.path.firsts, self.path.rules.window_days
        gone = (~firsts.came_back) & (firsts.watched_days >= window)
        told = _row(firsts.aggregate(gone=gone.sum().fill_null(0), second_yen=firsts.second_yen.cast("float64").mean()))
        yield "Q3", told["gone"] * (told["second_yen"] or 0.0)
        yield "Q4", float(self._broken["lost_yen"].sum()) if len(self._broken) else 0.0
        orders = self.shop.orders.filter(self.shop.orders.is_purchase)
        mean = _row(orders.aggregate(yen=orders.amount.cast("float64").mean()))["yen"] or 0.0
        yield "Q8", float(self._discounted["discount_yen"])
        yield "Q9", self._greeted["dormant"] * mean

    @cached_property
    def _broken(self) -> pd.DataFrame:
        assert self.path is not None
        found = self.path.breaks(self.path.pace()).to_pandas()
        return found[found["is_sure"]]

    @cached_property
    def _discounted(self) -> dict[str, Any]:
        return _row(practice.discounted(self.shop.orders, self.shop.lines, **self.period))

    @cached_property
    def _greeted(self) -> dict[str, Any]:
        days = self.shop.rules.state.dormant_days
        contacts = self.shop.table_or_empty("touchpoints")
        return _row(practice.greeted_dormant(self.shop.orders, contacts, as_of=self.shop.as_of, dormant_days=days))


def diagnosing(shop: Shop) -> Diagnosing:
    """Prepare the diagnosis of a shop.

    Errors
        ConfigError for an unsound rules/diagnosis.yaml
    """
    return Diagnosing(shop, shop.client.diagnosis())


def _row(table: ir.Table) -> dict[str, Any]:
    row: dict[str, Any] = table.to_pyarrow().to_pylist()[0]
    return row


def _counts(of: Diagnosing) -> Iterator[_Count]:
    """Measure what the shop's tables can tell."""
    shop = of.shop
    if shop.has("orders"):
        yield from _of_orders(of)
    if shop.has("touchpoints"):
        sent = _row(practice.planned_contacts(shop.table("touchpoints"), **of.period))
        if sent["planned"]:
            yield "planned_contact_ratio", sent["planned"], sent["contacts"]
    if shop.has("orders") and shop.has("touchpoints"):
        yield from _of_both(of)
    if shop.has("scenario"):
        plan = _row(practice.welcomed_stages(shop.table("scenario")))
        if plan["steps"]:
            yield "welcomed_stages_ratio", plan["welcomed"], plan["stages"]


def _of_orders(of: Diagnosing) -> Iterator[_Count]:
    shop = of.shop
    sold = _row(practice.known_orders(shop.product_lines, **of.period))
    if sold["orders"]:
        yield "known_orders_ratio", sold["known"], sold["orders"]
        if sold["history_days"] >= YEAR_DAYS and (sold["yen"] or 0) > 0:
            yield (
                "known_sales_ratio",
                float(sold["known_yen"] or 0) / float(sold["yen"]) * sold["orders"],
                sold["orders"],
            )
    early = shop.rules.state.dormant_days
    since = _row(practice.known_tenure(shop.orders, shop.table_or_empty("customers"), **of.period, early_days=early))
    yield "known_tenure_ratio", since["known"], since["buyers"]
    off = of._discounted
    if off["told"]:
        yield "discounted_ratio", off["discounted"], off["orders"]


def _of_both(of: Diagnosing) -> Iterator[_Count]:
    shop, path = of.shop, of.path
    assert path is not None
    contacts = shop.table("touchpoints")
    days = silence.contact_days(path.firsts, contacts, rules=path.rules)
    stretches = silence.silences(days).to_pandas()
    yield "longest_silence_days", float(stretches["days"].max()) if len(stretches) else 0.0, path.customers
    known = rfm.rfm(shop.orders, as_of=shop.as_of, period_days=shop.rules.period_days)
    stated = value.state(known, rules=shop.rules.state)
    sent = _row(practice.to_all_states(contacts, stated, **of.period))
    if sent["contacts"] and sent["states"] > 1:
        yield "to_all_states_ratio", sent["to_all"], sent["contacts"]
    yield "greeted_dormant_ratio", of._greeted["greeted"], of._greeted["dormant"]
