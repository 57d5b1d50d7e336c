"""Stories of change: three facts a day from an eighth of the customers, with a few heroes in the last week."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from horetsu_utils.demo import catalog, phrases
from horetsu_utils.demo.people import People
from horetsu_utils.demo.ties import Ties

STORY_RATIO = 0.12
KEEPER_RATIO = 0.62
"""Share of the customers of stages 3 and 4 who keep a weekly record."""
SPORADIC_MAXIMUM_ORDERS = 2
KEEPER_GAP_DAYS, SPORADIC_GAP_DAYS = (3, 6), (23, 38)
HERO_RATIO = {"rising": 0.0027, "smile": 0.0034, "streak": 0.004, "falling": 0.0027}
"""Heroes of the last week, as shares of all customers."""
SKIPPED_WEEKS_AGO = (5, 10)
"""Every keeper but the streak heroes missed one whole week between these weeks before the board's."""
QUIET_DAYS = 28
"""Only heroes change their mood in the last days before the board."""
SMILE_DAYS, FALL_DAYS = 4, 35
NOTE_RATIO = 0.25
GOOD, PLAIN, BAD = "良い", "普通", "悪い"


@dataclass(frozen=True)
class Writers:
    """Who writes: customers who keep weekly records, those who write now and then, and the heroes by kind."""

    keepers: np.ndarray
    sporadic: np.ndarray
    heroes: dict[str, np.ndarray]


def choose_writers(people: People, ties: Ties, order_count: np.ndarray, rng: np.random.Generator) -> Writers:
    """Choose the writers among the tied customers whose tie is not cooling, and the heroes among the keepers."""
    steady = (ties.target > 0) & (ties.cooling == "")
    close = np.flatnonzero(steady & (ties.target >= 3))
    keepers = rng.choice(close, round(KEEPER_RATIO * len(close)), replace=False)
    few = np.flatnonzero(steady & (ties.target == 2) & (order_count <= SPORADIC_MAXIMUM_ORDERS))
    wanted = max(round(STORY_RATIO * people.size) - len(keepers), 0)
    sporadic = rng.choice(few, min(len(few), wanted), replace=False)
    oldest = keepers[np.argsort(people.first_day[keepers], kind="stable")]
    pool = rng.permutation(oldest[: len(oldest) * 2 // 3])
    counts = [max(2, round(ratio * people.size)) for ratio in HERO_RATIO.values()]
    parts = np.split(pool, np.cumsum(counts))[: len(counts)]
    heroes = {kind: np.sort(part) for kind, part in zip(HERO_RATIO, parts, strict=True)}
    return Writers(np.sort(keepers), np.sort(sporadic), heroes)


def records(people: People, writers: Writers, rng: np.random.Generator) -> pd.DataFrame:
    """Write every record: person, day, score, emotion, is_noted, number (1 = first)."""
    kept = _days(people, writers.keepers, KEEPER_GAP_DAYS, rng)
    now_and_then = _days(people, writers.sporadic, SPORADIC_GAP_DAYS, rng)
    book = pd.concat([_skip_a_week(kept, writers, rng).assign(keeps=True), now_and_then.assign(keeps=False)])
    book = book.sort_values(["person", "day"], ignore_index=True)
    book["number"] = book.groupby("person").cumcount() + 1
    book["score"] = _scores(book, people, rng)
    book["emotion"] = _emotions(book, rng)
    book = _hero_marks(book, writers)
    first_note = np.where(book["keeps"], 2, 1)
    book["is_noted"] = (book["number"] == first_note) | ((rng.random(len(book)) < NOTE_RATIO) & (book["number"] > 2))
    return book


def _days(people: People, person: np.ndarray, gap_days: tuple[int, int], rng: np.random.Generator) -> pd.DataFrame:
    start = people.first_day[person] + rng.integers(1, 4, len(person))
    gaps = rng.integers(*gap_days, (len(person), catalog.LAST_DAY // gap_days[0])).cumsum(axis=1)
    day = np.column_stack([start, start[:, None] + gaps])
    row, column = np.nonzero(day <= catalog.BOARD_DAY)
    return pd.DataFrame({"person": person[row], "day": day[row, column]})


def _skip_a_week(kept: pd.DataFrame, writers: Writers, rng: np.random.Generator) -> pd.DataFrame:
    weeks_ago = (catalog.BOARD_DAY - kept["day"]) // 7
    skipped = rng.integers(*SKIPPED_WEEKS_AGO, kept["person"].max() + 1)[kept["person"]]
    is_streak = kept["person"].isin(writers.heroes["streak"])
    late = kept["person"].isin(np.concatenate([writers.heroes["rising"], writers.heroes["smile"]]))
    early_in_week = late & (weeks_ago == 0) & (kept["day"] <= catalog.BOARD_DAY - SMILE_DAYS - 1)
    return kept[((weeks_ago != skipped) | is_streak) & ~early_in_week]


def _scores(book: pd.DataFrame, people: People, rng: np.random.Generator) -> np.ndarray:
    base_low, base_high, growth_low, growth_high, growth_days = 0.7, 1.7, 1.5, 3.0, 120
    dip, noise, steady = 0.8, 0.25, 2.4
    person = book["person"].to_numpy()
    base = rng.uniform(base_low, base_high, people.size)[person]
    growth = rng.uniform(growth_low, growth_high, people.size)[person]
    since = book["day"].to_numpy() - people.first_day[person]
    in_hole = (since >= catalog.HOLE_DAYS[0]) & (since <= catalog.HOLE_DAYS[1])
    level = np.where(book["keeps"], base + growth * (1 - np.exp(-since / growth_days)), steady) - dip * in_hole
    return np.clip(np.round(level + rng.normal(0, noise, len(book))), 0, 5).astype(np.int64)


def _emotions(book: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    good_base, good_slope, bad_base, bad_slope, bad_least = 0.2, 0.14, 0.24, 0.06, 0.03
    calm_ratio = 0.35
    good = good_base + good_slope * book["score"]
    bad = np.maximum(bad_base - bad_slope * book["score"], bad_least)
    luck = rng.random(len(book))
    emotion = np.select([luck < bad, luck > 1 - good], [BAD, GOOD], PLAIN).astype(object)
    calm = (rng.random(book["person"].max() + 1) < calm_ratio)[book["person"]] | ~book["keeps"]
    recent = book["day"] > catalog.BOARD_DAY - QUIET_DAYS
    emotion = np.where(recent, np.where(calm, PLAIN, GOOD), emotion)
    return np.where(book["number"] == 1, PLAIN, emotion)


def _hero_marks(book: pd.DataFrame, writers: Writers) -> pd.DataFrame:
    days_ago = catalog.BOARD_DAY - book["day"]
    low, high = 1, 5
    late, recent = days_ago <= SMILE_DAYS, days_ago < QUIET_DAYS
    rising = book["person"].isin(writers.heroes["rising"]) & recent
    smile = book["person"].isin(writers.heroes["smile"]) & recent
    falling = book["person"].isin(writers.heroes["falling"]) & (days_ago < FALL_DAYS)
    down = np.clip(np.ceil(4 * days_ago / FALL_DAYS), 0, 4).astype(np.int64)
    gloom = np.where(book["number"] % 2 == 0, BAD, PLAIN)
    score = np.select([rising & late, rising, falling], [high, low, down], book["score"])
    emotion = np.select(
        [rising, smile & late, smile, falling & (days_ago < FALL_DAYS // 2), falling],
        [GOOD, GOOD, gloom, BAD, PLAIN],
        book["emotion"],
    )
    return book.assign(score=score, emotion=emotion)


def story_table(book: pd.DataFrame, people: People, rng: np.random.Generator) -> pd.DataFrame:
    """Give the records their words, in canonical columns."""
    first = book["number"] == 1
    grade = np.select([book["emotion"] == GOOD, book["emotion"] == BAD], [0, 2], 1)
    notes = np.array(phrases.NOTES, dtype=object)[grade, rng.integers(0, len(phrases.NOTES[0]), len(book))]
    words = {
        "purpose": (phrases.PURPOSES, first),
        "expectation": (phrases.EXPECTATIONS, first),
        "staff": (phrases.STAFF, first | ~first),
    }
    chosen = {
        name: pd.Series(rng.choice(np.array(options, dtype=object), len(book))).where(mask, None)
        for name, (options, mask) in words.items()
    }
    return pd.DataFrame(
        {
            "customer_id": people.customer_id[book["person"].to_numpy()],
            "date": catalog.dates(book["day"].to_numpy()),
            "change_score": book["score"].to_numpy(),
            "emotion": book["emotion"].to_numpy(),
            "purpose": chosen["purpose"],
            "expectation": chosen["expectation"],
            "note": np.where(book["is_noted"], notes, None),
            "staff": chosen["staff"],
        }
    )
