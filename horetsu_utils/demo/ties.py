"""Ties: which customers come closer than a purchase, by which contacts, and how some of them cool."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from horetsu_utils.demo import catalog
from horetsu_utils.demo.people import CHAMPION, GROWING, LAPSED, People
from horetsu_utils.demo.truths import StageRules

TARGET_RATIO = {4: 0.041, 3: 0.092, 2: 0.172}
TARGET_MINIMUM_DAYS = {4: 250, 3: 180, 2: 100}
PULL = {"once": 0.8, "again": 1.3, CHAMPION: 3.0, GROWING: 2.5, LAPSED: 0.3}
FIRST_REPLY_DAY, REPLY_SPAN_DAYS, REPLY_SPAN_RATIO = 16, 120, 0.3
STEP_UP_DAYS = (10, 50)
KEEP_UP_DAYS = (25, 50)
STILL_NEAR_DAYS = 25
COOL_RATIO = {"quiet": 0.06, "fell": 0.06, "voice": 0.04, "complaint": 0.04}
QUIET_DAYS, FELL_DAYS, NEGATIVE_DAYS = (5, 80), (5, 75), (3, 60)

KIND_STAGE = {"reply": 2, "letter": 2, "call": 2, "review": 3, "participate": 3, "voice": 3, "referral": 4}
KINDS = np.array(list(KIND_STAGE), dtype=object)
ENTRY_KINDS = {2: (0.5, 0.2, 0.3, 0, 0, 0, 0), 3: (0, 0, 0, 0.35, 0.3, 0.35, 0), 4: (0, 0, 0, 0, 0, 0, 1)}
KEEP_KINDS = {2: ENTRY_KINDS[2], 3: (0.4, 0.1, 0.1, 0.1, 0.15, 0.15, 0), 4: (0.35, 0.1, 0.1, 0.05, 0.1, 0.1, 0.2)}


@dataclass(frozen=True)
class Ties:
    """One entry per customer. `target` 0 means no tie; days are -1 where a stage is not meant to be reached."""

    target: np.ndarray
    reached_day: dict[int, np.ndarray]
    alive_until: np.ndarray
    cooling: np.ndarray
    negative_day: np.ndarray


def plan_ties(people: People, plan: pd.DataFrame, rules: StageRules, rng: np.random.Generator) -> Ties:
    """Choose who comes how close, on which days, until when the tie is kept up, and who cools."""
    paid = plan[plan["status"] == "paid"]
    last_order = paid.groupby("person")["day"].max().reindex(range(people.size), fill_value=-1).to_numpy()
    target = _targets(people, last_order > people.first_day, rng)
    reached = _reached(people, target, rng)
    peak = np.max(np.stack(list(reached.values())), axis=0)
    alive = np.where(target > 0, catalog.LAST_DAY - rng.integers(0, STILL_NEAR_DAYS, people.size), -1)
    cooling = np.full(people.size, "", dtype=object)
    negative = np.full(people.size, -1)
    silence = np.array(rules.silence_days)[target]
    ends = {
        "quiet": silence + rng.integers(*QUIET_DAYS, people.size),
        "fell": silence + rules.regress_days + rng.integers(*FELL_DAYS, people.size),
        "voice": rng.integers(*NEGATIVE_DAYS, people.size),
        "complaint": rng.integers(*NEGATIVE_DAYS, people.size),
    }
    for kind, days_ago in ends.items():
        day = catalog.LAST_DAY - days_ago
        chosen = _coolers(kind, day, (people, target, cooling, np.maximum(last_order, peak)), rng)
        cooling[chosen] = kind
        alive[chosen] = day[chosen] - (kind in ("voice", "complaint"))
        negative[chosen] = day[chosen] if kind in ("voice", "complaint") else -1
    return Ties(target, reached, np.maximum(alive, peak), cooling, negative)


def _targets(people: People, bought_again: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    target = np.zeros(people.size, dtype=np.int64)
    pull = np.where(bought_again, PULL["again"], PULL["once"])
    for group in (CHAMPION, GROWING, LAPSED):
        pull = np.where(people.group == group, PULL[group], pull)
    tenure_days = catalog.LAST_DAY - people.first_day
    for stage, ratio in TARGET_RATIO.items():
        open_to = people.is_buyer & ~people.is_guest & (target == 0) & (tenure_days >= TARGET_MINIMUM_DAYS[stage])
        free = np.flatnonzero(open_to)
        count = min(len(free), round(ratio * people.size))
        target[rng.choice(free, count, replace=False, p=pull[free] / pull[free].sum())] = stage
    return target


def _reached(people: People, target: np.ndarray, rng: np.random.Generator) -> dict[int, np.ndarray]:
    tenure_days = catalog.LAST_DAY - people.first_day
    span = np.minimum(REPLY_SPAN_DAYS, REPLY_SPAN_RATIO * tenure_days)
    since = FIRST_REPLY_DAY + np.floor(rng.random(people.size) * span).astype(np.int64)
    reached = {}
    for stage in (2, 3, 4):
        since = catalog.outside_hole(since)
        reached[stage] = np.where(target >= stage, people.first_day + since, -1)
        since = since + rng.integers(*STEP_UP_DAYS, people.size)
    return reached


def _coolers(
    kind: str, day: np.ndarray, state: tuple[People, np.ndarray, np.ndarray, np.ndarray], rng: np.random.Generator
) -> np.ndarray:
    people, target, cooling, busy_until = state
    least = 3 if kind == "voice" else 2
    clear = (target >= least) & (cooling == "") & (busy_until < day - 1)
    behind_hole = day - people.first_day > catalog.HOLE_DAYS[1] + 1
    free = np.flatnonzero(clear & behind_hole)
    count = min(len(free), round(COOL_RATIO[kind] * (target > 0).sum()))
    return rng.choice(free, count, replace=False)


def tie_contacts(people: People, ties: Ties, rng: np.random.Generator) -> pd.DataFrame:
    """List every contact that carries a tie: person, day, kind (a key of KIND_STAGE, or complaint)."""
    parts = [_entries(ties, stage, rng) for stage in (2, 3, 4)]
    parts += [_kept_up(people, ties, stage, rng) for stage in (2, 3, 4)]
    tied = np.flatnonzero(ties.target > 0)
    parts.append(pd.DataFrame({"person": tied, "day": ties.alive_until[tied], "kind": "reply"}))
    angry = np.flatnonzero(ties.negative_day >= 0)
    negative_kind = np.where(ties.cooling[angry] == "voice", "bad voice", "complaint")
    parts.append(pd.DataFrame({"person": angry, "day": ties.negative_day[angry], "kind": negative_kind}))
    contacts = pd.concat(parts, ignore_index=True)
    return contacts.drop_duplicates(["person", "day", "kind"]).sort_values(["person", "day"], ignore_index=True)


def _entries(ties: Ties, stage: int, rng: np.random.Generator) -> pd.DataFrame:
    person = np.flatnonzero(ties.reached_day[stage] >= 0)
    kind = rng.choice(KINDS, len(person), p=ENTRY_KINDS[stage])
    return pd.DataFrame({"person": person, "day": ties.reached_day[stage][person], "kind": kind})


def _kept_up(people: People, ties: Ties, stage: int, rng: np.random.Generator) -> pd.DataFrame:
    person = np.flatnonzero(ties.target == stage)
    rounds = catalog.LAST_DAY // KEEP_UP_DAYS[0]
    gaps = rng.integers(*KEEP_UP_DAYS, (len(person), rounds)).cumsum(axis=1)
    first = people.first_day[person][:, None]
    day = first + catalog.outside_hole(ties.reached_day[stage][person][:, None] + gaps - first)
    row, column = np.nonzero(day < ties.alive_until[person][:, None])
    kind = rng.choice(KINDS, len(row), p=KEEP_KINDS[stage])
    return pd.DataFrame({"person": person[row], "day": day[row, column], "kind": kind})
