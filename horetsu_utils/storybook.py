"""A shop → the story of its customers' change, read once for the notebook, the board and its page."""

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from horetsu_utils import engine, nicknames
from horetsu_utils.metrics import board, story
from horetsu_utils.sentences import board as say_board
from horetsu_utils.shop import Shop
from horetsu_utils.standing import standing
from horetsu_utils.story_rules import BoardRules, StoryRules

WEEKS = 52
"""So many weeks of the wave are drawn."""
MOST_CHOICES = 50
"""So many people are offered to look at."""


@dataclass(frozen=True)
class Storybook:
    """The records of change of a shop on its analysis date.

    `written` has one row per record; `stages` one per customer, for what fits them.
    """

    shop: Shop
    written: ir.Table
    stages: ir.Table
    rules: StoryRules = field(default_factory=StoryRules)
    board_rules: BoardRules = field(default_factory=BoardRules)

    @cached_property
    def told(self) -> dict[str, Any]:
        """Who records how often, and on which days the records begin and end."""
        counts: dict[str, Any] = story.coverage(self.written).to_pyarrow().to_pylist()[0]
        return counts

    @cached_property
    def growth(self) -> pd.DataFrame:
        """The mean score by days since the first record."""
        return story.growth(self.written, rules=self.rules).to_pandas()

    def wave(self, weeks: int = WEEKS) -> pd.DataFrame:
        """Return the shares of the emotions in each of the last weeks."""
        since = self.week_end - dt.timedelta(weeks=weeks)
        found = story.wave(self.written)
        return found.filter(found.week_on > since).to_pandas()

    @cached_property
    def purposes(self) -> pd.DataFrame:
        """The purpose for which people bought, and the change felt since."""
        return story.purposes(story.changes(self.written, rules=self.rules), rules=self.rules).to_pandas()

    @property
    def week_end(self) -> dt.date:
        """The day of the last record: the board's week ends with it, so that the newest record is always on it."""
        end: dt.date = self.told["last_on"]
        return end

    @property
    def week(self) -> tuple[dt.date, dt.date]:
        """The first and the last day of the board's week."""
        return self.week_end - dt.timedelta(days=self.board_rules.week_days - 1), self.week_end

    @cached_property
    def board(self) -> pd.DataFrame:
        """Who stands on the board of the week, with the stage of each."""
        people = board.board(self.written, week_end=self.week_end, rules=self.board_rules)
        known = self.stages.select("customer_id", "stage", "cooling")
        found = people.left_join(known, "customer_id").drop("customer_id_right").to_pandas()
        order = {kind: place for place, kind in enumerate(board.FACTS)}
        return found.sort_values(["kind", "place"], key=lambda each: each.replace(order), ignore_index=True)

    @cached_property
    def shown(self) -> pd.DataFrame:
        """The board in words, with nicknames where the client allows them."""
        client = self.shop.client
        return say_board.shown(self.board, client.board(), nicknames.of(client))

    @cached_property
    def choices(self) -> dict[str, str]:
        """The people to look at: those of the board, and then those who record most."""
        named = list(self.board["customer_id"])
        counts = self.written.group_by("customer_id").aggregate(records=self.written.count())
        most = counts.order_by(ibis.desc("records"), "customer_id").limit(MOST_CHOICES).customer_id
        shown = list(dict.fromkeys([*named, *most.to_pyarrow().to_pylist()]))[:MOST_CHOICES]
        return {each: each for each in shown}

    @property
    def first_choice(self) -> str:
        """Whom to look at first."""
        return next(iter(self.choices))

    def path(self, customer: str) -> pd.DataFrame:
        """Return one customer's points and smooth line."""
        return story.path(self.written, customer, rules=self.rules).to_pandas()


def storybook(shop: Shop) -> Storybook:
    """Read the records of change of a shop.

    Errors
        MissingDataError when there are none
    """
    written = engine.keep(shop.connection, story.written(shop.table("story"), as_of=shop.as_of))
    return Storybook(shop, written, standing(shop).stages)
