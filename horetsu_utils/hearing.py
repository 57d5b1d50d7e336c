"""A shop → its customers' voices, judged once for the questions of the chapter on expectation and evaluation."""

from dataclasses import dataclass, replace
from functools import cached_property

import ibis
import ibis.expr.types as ir
import pandas as pd

from horetsu_utils import engine, lexicon, quotes, wordbook
from horetsu_utils.lexicon import Lexicon
from horetsu_utils.method import GapRules
from horetsu_utils.metrics import feeling, gap, journey, keywords
from horetsu_utils.metrics.feeling import UNTOLD
from horetsu_utils.shop import Shop

NOBODY = "\ue000"
"""Put before the number of a voice without a customer: it is a person of its own."""
PLACES = (("step", "department"), ("step",), ("department",))
"""Where a gap may lie, the closest place first."""
MOST_SHOWN = {"step": 20, "department": 8}
"""So many steps and departments have room in a picture: those with most people heard."""
QUOTES, SHORTEST_QUOTE = 3, 8
ALL_STEPS = "すべての時期"
_ORDER = ("date", "customer_id", "step", "department", "expectation", "evaluation", "comment", "medium")


@dataclass(frozen=True)
class Hearing:
    """The voices of a shop on its analysis date, each with its pattern, and the words of their comments."""

    shop: Shop
    voices: ir.Table
    lexicon: Lexicon

    @property
    def rules(self) -> GapRules:
        """The client's rules of the gap."""
        return self.shop.rules.gap

    @cached_property
    def coverage(self) -> dict[str, int]:
        """How many voices there are, of how many customers, and how many of the buyers were ever heard."""
        shop = self.shop
        orders = shop.table_or_empty("orders")
        told = gap.coverage(self.voices, orders, as_of=shop.as_of, period_days=shop.rules.period_days)
        stand_ins = self.voices.aggregate(stand_ins=self.voices.is_stand_in.sum().fill_null(0))
        counts: dict[str, int] = told.cross_join(stand_ins).to_pyarrow().to_pylist()[0]
        return counts

    @property
    def enough(self) -> bool:
        """Whether enough voices were heard for a claim."""
        return self.coverage["voices"] >= self.shop.rules.lines.minimum_customers

    def shares(self, by: str = "") -> pd.DataFrame:
        """Share the voices among the patterns, in the whole or by one column."""
        return gap.shares(self.voices, by=by).to_pandas()

    @cached_property
    def steps(self) -> pd.DataFrame:
        """Both levels, their difference, and where its sign turns, by step of the journey."""
        voices = self.voices.mutate(customer_id=self.voices.person, date=self.voices.on)
        return feeling.gap_by_step(self._firsts, voices, fewest=self.rules.place_customers).to_pandas()

    @property
    def _firsts(self) -> ir.Table:
        """The first order of each customer; none of a shop that has voices alone."""
        numbered = journey.numbered(self.shop.table_or_empty("orders"), as_of=self.shop.as_of)
        return journey.firsts(numbered, as_of=self.shop.as_of)

    @cached_property
    def crossed(self) -> pd.DataFrame:
        """The mean gap of each step and department; nothing where all voices leave one of the two untold."""
        rows = self._levels(PLACES[0]).to_pandas()
        alone = any(rows[name].eq(UNTOLD).all() for name in PLACES[0])
        return rows.iloc[:0] if alone else rows

    def _levels(self, by: tuple[str, ...]) -> ir.Table:
        """Compute the mean gap of each place; one that tells neither its step nor its department is no place."""
        told = self.voices.filter(ibis.or_(*(self.voices[name] != UNTOLD for name in by)))
        return gap.levels(told, by=by)

    def below(self, *by: str) -> pd.DataFrame:
        """Find the places at which the evaluation surely falls below the expectation, the most pressing first."""
        return gap.to_mend(self._levels(by), rules=self.rules).to_pandas()

    @cached_property
    def to_mend(self) -> pd.DataFrame:
        """The places where the balance is surely lost: steps of a department, or else steps, or else departments."""
        found = pd.DataFrame()
        for by in PLACES:
            found = found if len(found) else self.below(*by)
        return found.reindex(columns=list(dict.fromkeys([*PLACES[0], *found.columns])))

    @property
    def largest_place(self) -> int:
        """How many people were heard at the place at which most were; 0 where no voice tells its place."""
        counts = (self._levels(by).customers.max().to_pyarrow().as_py() for by in PLACES)
        return max(each or 0 for each in counts)

    def followed(self) -> pd.DataFrame:
        """Tell what followed each pattern; an outcome whose table the shop does not have is no row."""
        shop = self.shop
        orders, contacts = shop.table_or_empty("orders"), shop.table_or_empty("touchpoints")
        told = gap.followed(self.voices, orders, contacts, as_of=shop.as_of, rules=self.rules).to_pandas()
        known = {"repeat": "orders", "complaint": "touchpoints", "referral": "touchpoints"}
        return told[told["outcome"].map(known).map(shop.has)].reset_index(drop=True)

    @cached_property
    def commented(self) -> ir.Table:
        """The voices that have a comment."""
        return self.voices.filter(self.voices.comment.notnull())

    @cached_property
    def words(self) -> ir.Table:
        """One row per voice and word of its comment."""
        found = wordbook.words(self.shop, self.commented, self.lexicon.names)
        return engine.keep(self.shop.connection, found)

    def keywords(self, step: str, least: int) -> pd.DataFrame:
        """Find the words that stand out in each pattern's comments: of one step, or of all, in at least so many."""
        told = self.commented.filter(self.commented.step == step) if step else self.commented
        rules = replace(self.rules, word_comments=least)
        return keywords.distinctive(self.words, told, by="pattern", rules=rules).to_pandas()

    def emotions(self) -> pd.DataFrame:
        """Tell in how many comments of each pattern an emotion is told."""
        told = ibis.memtable(self.lexicon.rows, schema={"word": "string", "denied": "boolean", "emotion": "string"})
        return keywords.emotions(self.words, self.commented, told, by="pattern").to_pandas()

    @property
    def usual(self) -> float:
        """The mean expectation of all voices [score]."""
        mean = self.voices.expectation.cast("float64").mean().to_pyarrow().as_py()
        return float("nan") if mean is None else float(mean)

    def in_order(self, column: str) -> list[str]:
        """List the steps in the order of the journey, or the departments by name; those untold come last.

        Of many only those are listed at which most people were heard.
        """
        rows = self.steps if column == "step" else self._by_department
        most = rows.sort_values(["customers", column], ascending=[False, True])[column].head(MOST_SHOWN[column])
        return [name for name in rows[column] if name in set(most)]

    @cached_property
    def _by_department(self) -> pd.DataFrame:
        rows = gap.levels(self.voices, by=PLACES[2]).to_pandas()
        return rows.sort_values("department", key=lambda names: names.where(names != UNTOLD, NOBODY), kind="stable")

    def shown(self, frame: pd.DataFrame, column: str) -> pd.DataFrame:
        """Keep the rows of the steps or departments that have room in a picture."""
        return frame[frame[column].isin(self.in_order(column))].reset_index(drop=True)

    def many(self, column: str) -> tuple[int, int]:
        """Tell how many steps or departments have room in a picture, and how many there are."""
        whole = self.steps if column == "step" else self._by_department
        return len(self.in_order(column)), len(whole)

    @property
    def commented_voices(self) -> int:
        """How many voices have a comment [voice]."""
        return int(self.commented.count().to_pyarrow().as_py())

    @property
    def step_choices(self) -> dict[str, str]:
        """The steps to choose from, and all of them together."""
        return {ALL_STEPS: ""} | {step: step for step in self.in_order("step") if step != UNTOLD}

    def quotes(self, pattern: str = "disappointed") -> list[str]:
        """Choose a few comments of a pattern, the latest first, names masked; none unless the client allows quotes."""
        if not self.shop.client.config.privacy.quotes:
            return []
        own = self.commented.filter(self.commented.pattern == pattern)
        latest = own.order_by(ibis.desc("on"), "voice_id").limit(20 * QUOTES).comment.to_pyarrow().to_pylist()
        masked = dict.fromkeys(quotes.quote(text) for text in latest)
        return [text for text in masked if len(text) >= SHORTEST_QUOTE][:QUOTES]


def hearing(shop: Shop) -> Hearing:
    """Judge the voices of a shop.

    Errors
        MissingDataError when there are none
    """
    heard = shop.table("heard")
    numbered = heard.mutate(
        voice_id=ibis.row_number().over(ibis.window(order_by=_ORDER)),
        on=heard.date,
        **{name: heard[name].fill_null(UNTOLD) for name in ("step", "department")},
    )
    person = ibis.coalesce(numbered.customer_id, ibis.literal(NOBODY) + numbered.voice_id.cast("string"))
    told = gap.judged(numbered.mutate(person=person), rules=shop.rules.gap)
    return Hearing(shop, engine.keep(shop.connection, told), lexicon.read(shop.client.lexicon()))
