"""The records of the demo: what the shop hands over, and what was planted in it."""

import datetime as dt
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class StageRules:
    """How the demo reads METHOD.md section 3 where the page leaves a number open.

    `silence_days[stage]` is the stage's own rhythm; stage 0 has none. Personal contact is a call or a letter.
    """

    landing_days: int = 14
    silence_days: tuple[int, int, int, int, int] = (0, 150, 120, 90, 120)
    regress_days: int = 90
    bad_streak: int = 3
    record_weeks: int = 4
    record_window_weeks: int = 8
    personal_channels: tuple[str, ...] = ("電話", "手紙")


@dataclass(frozen=True)
class Truths:
    """Everything planted. Tables hold one value per customer; the rest are the parameters.

    stages: customer_id, stage, since, cooling at `as_of`. transitions: customer_id, date, stage_from, stage_to.
    stage_history: customer_id, month_end, stage. heroes: kind -> customer ids of the week ending `board_week_end`.
    Values are what was planted; samples scatter around them.
    """

    as_of: dt.date
    board_week_end: dt.date
    stage_rules: StageRules
    stages: pd.DataFrame
    transitions: pd.DataFrame
    stage_history: pd.DataFrame
    f2_daily_hazard: dict[tuple[int, int], float]
    hole_days: tuple[int, int]
    gap_step: str
    gap_department: str
    heroes: dict[str, tuple[str, ...]]
    pair: tuple[str, str]
    flow: tuple[str, str]
    flow_days: int
    star_first_product: str
    star_hazard_ratio: float
    replenished_product: str
    replenish_days: int
    warm_product: str
    discount_ratio: float
    step_reach_ratio: dict[str, float]
    groups: dict[str, tuple[str, ...]]
    breaking_campaigns: tuple[str, ...]
    fitting_campaigns: tuple[str, ...]
    contradicted_questions: tuple[str, ...]
    bot_visitor_id: str


@dataclass(frozen=True)
class Demo:
    """A shop: its canonical tables by name, and the truths planted in them."""

    tables: dict[str, pd.DataFrame]
    truths: Truths
