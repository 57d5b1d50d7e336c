"""Where each relationship stands: the planned signals laid on one time line, and the path they lead along."""

from itertools import pairwise

import numpy as np
import pandas as pd

from horetsu_utils.demo import catalog
from horetsu_utils.demo.people import People
from horetsu_utils.demo.story import BAD, GOOD
from horetsu_utils.demo.ties import KIND_STAGE
from horetsu_utils.demo.truths import StageRules

NEGATIVE = 9
"""Level of a signal that cools; sorted behind every positive signal of the same day."""
DAY_KEY = 10_000
WEEK_DAYS = 7
HIGHEST_STAGE = 4


def ledger(
    people: People,
    planned: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame],
    rules: StageRules,
) -> pd.DataFrame:
    """Lay the signals of orders, contacts, voices and story on one line: person, day, level (0-4 or NEGATIVE)."""
    orders, contacts, heard, book = planned
    start = pd.DataFrame({"person": np.arange(people.size), "day": people.first_day, "level": 0})
    again = orders[(orders["status"] == "paid") & (orders["number"] > 1)]
    touched = contacts[contacts["kind"].isin(["complaint", *KIND_STAGE]) & (contacts["kind"] != "voice")]
    touched = touched.assign(level=touched["kind"].map({**KIND_STAGE, "complaint": NEGATIVE}))
    parts = [start, _landings(people, contacts, rules), again.assign(level=1), touched]
    parts += [*_voice_signals(heard), *_story_signals(book, rules)]
    lines = pd.concat([part[["person", "day", "level"]] for part in parts], ignore_index=True)
    return lines.drop_duplicates().sort_values(["person", "day", "level"], ignore_index=True)


def _landings(people: People, contacts: pd.DataFrame, rules: StageRules) -> pd.DataFrame:
    angry = contacts[contacts["kind"] == "complaint"]
    early = angry["day"].to_numpy() - people.first_day[angry["person"].to_numpy()] <= rules.landing_days
    lands = people.is_buyer & (people.first_day + rules.landing_days <= catalog.LAST_DAY)
    lands[angry["person"].to_numpy()[early]] = False
    person = np.flatnonzero(lands)
    return pd.DataFrame({"person": person, "day": people.first_day[person] + rules.landing_days, "level": 1})


def _voice_signals(heard: pd.DataFrame) -> list[pd.DataFrame]:
    content = heard["evaluation"] >= heard["expectation"]
    return [heard.assign(level=3), heard[content].assign(level=1), heard[~content].assign(level=NEGATIVE)]


def _story_signals(book: pd.DataFrame, rules: StageRules) -> list[pd.DataFrame]:
    good, bad = book["emotion"] == GOOD, book["emotion"] == BAD
    smiles = good.groupby(book["person"]).cumsum()
    runs = (~bad).groupby(book["person"]).cumsum()
    streak = bad.groupby([book["person"], runs]).cumsum()
    return [
        book[~bad].assign(level=1),
        book[book["is_noted"] | (good & (smiles >= 2))].assign(level=2),
        book[_weeks_kept(book, rules) >= rules.record_weeks].assign(level=3),
        book[streak >= rules.bad_streak].assign(level=NEGATIVE),
    ]


def _weeks_kept(book: pd.DataFrame, rules: StageRules) -> np.ndarray:
    key = book["person"].to_numpy() * DAY_KEY + book["day"].to_numpy()
    bounds = [
        np.searchsorted(key, np.maximum(key - WEEK_DAYS * back, book["person"].to_numpy() * DAY_KEY - 1), "right")
        for back in range(rules.record_window_weeks + 1)
    ]
    return sum((later > earlier).astype(np.int64) for later, earlier in pairwise(bounds))


def paths(lines: pd.DataFrame, rules: StageRules) -> tuple[pd.DataFrame, pd.Series]:
    """Walk every customer's signals: transitions (person, day, stage_from, stage_to), and who is cooling at the end."""
    moves: list[tuple[int, int, int, int]] = []
    person = lines["person"].to_numpy()
    cuts = np.flatnonzero(np.diff(person)) + 1
    days, levels = np.split(lines["day"].to_numpy(), cuts), np.split(lines["level"].to_numpy(), cuts)
    cooling = {}
    for who, day, level in zip(person[np.r_[0, cuts]].tolist(), days, levels, strict=True):
        steps, cooling[who] = _walk(list(zip(day.tolist(), level.tolist(), strict=True)), rules)
        moves += [(who, *step) for step in steps]
    return pd.DataFrame(moves, columns=["person", "day", "stage_from", "stage_to"]), pd.Series(cooling)


def _walk(signals: list[tuple[int, int]], rules: StageRules) -> tuple[list[tuple[int, int, int]], bool]:
    moves = [(signals[0][0], -1, 0)]
    stage, cool_day = 0, catalog.LAST_DAY + 1
    for day, level in [*signals, (catalog.LAST_DAY, -1)]:
        while stage > 0 and cool_day + rules.regress_days <= day:
            cool_day += rules.regress_days
            moves.append((cool_day, stage, stage - 1))
            stage -= 1
        if level == NEGATIVE:
            cool_day = min(cool_day, day)
        elif level > 0:
            if level == stage + 1 or (level == HIGHEST_STAGE and stage < HIGHEST_STAGE):
                moves.append((day, stage, level))
                stage = level
            cool_day = day + rules.silence_days[stage] + 1
    return moves, stage > 0 and cool_day <= catalog.LAST_DAY


def stage_tables(
    people: People, moves: pd.DataFrame, cooling: pd.Series
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Turn the paths into the three stage tables of Truths: stages, transitions, stage_history."""
    last = moves.groupby("person").tail(1)
    person = last["person"].to_numpy()
    stages = pd.DataFrame(
        {
            "customer_id": people.customer_id[person],
            "stage": last["stage_to"].to_numpy(),
            "since": catalog.dates(last["day"].to_numpy()),
            "cooling": cooling.loc[person].to_numpy(),
        }
    )
    changed = moves[moves["stage_from"] >= 0]
    transitions = pd.DataFrame(
        {
            "customer_id": people.customer_id[changed["person"].to_numpy()],
            "date": catalog.dates(changed["day"].to_numpy()),
            "stage_from": changed["stage_from"].to_numpy(),
            "stage_to": changed["stage_to"].to_numpy(),
        }
    )
    return stages, transitions, _history(people, moves)


def _history(people: People, moves: pd.DataFrame) -> pd.DataFrame:
    month_ends = pd.date_range(catalog.START, catalog.AS_OF, freq="ME")
    end_days = (month_ends - pd.Timestamp(catalog.START)).days.to_numpy()
    row, column = np.nonzero(people.first_day[:, None] <= end_days)
    key = moves["person"].to_numpy() * DAY_KEY + moves["day"].to_numpy()
    place = np.searchsorted(key, row * DAY_KEY + end_days[column], "right") - 1
    return pd.DataFrame(
        {
            "customer_id": people.customer_id[row],
            "month_end": catalog.dates(end_days[column]),
            "stage": moves["stage_to"].to_numpy()[place],
        }
    )
