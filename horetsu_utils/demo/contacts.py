"""Touchpoints: the planned steps, the contacts nobody planned, complaints, and the contacts that carry a tie."""

import numpy as np
import pandas as pd

from horetsu_utils.canon import TABLES
from horetsu_utils.demo import catalog
from horetsu_utils.demo.people import EMAIL_OK_RATIO, LINE_OK_RATIO, People
from horetsu_utils.demo.ties import Ties

REACTIONS = ("none", "open", "click")
REACTION_WEIGHTS = {"メール": (0.62, 0.30, 0.08), "LINE": (0.45, 0.45, 0.10)}
SILENT_WEIGHTS = (1.0, 0.0, 0.0)
UNPLANNED_RATIO, UNPLANNED_SPAN_DAYS = 0.24, 400
UNPLANNED_CHANNELS, UNPLANNED_WEIGHTS = ("メール", "DM", "電話"), (0.6, 0.25, 0.15)
UNPLANNED_ACTIONS = ("offer_now", "uniform_campaign", "upsell", "info_flood", None)
EARLY_COMPLAINT_RATIO, EARLY_COMPLAINT_DAYS = 0.025, (1, 11)
LATE_COMPLAINT_RATIO, LATE_COMPLAINT_DAYS = 0.01, (61, 400)
OPENING_SECOND, CLOSING_SECOND, THANKS_SECONDS = 9 * 3600, 20 * 3600, 900
KIND_FORM = {
    "reply": ("LINE", "in", "reply"),
    "letter": ("手紙", "out", "open"),
    "call": ("電話", "out", "reply"),
    "review": ("メール", "in", "review"),
    "participate": ("店頭", "in", "participate"),
    "referral": ("SNS", "in", "referral"),
    "complaint": ("電話", "in", "complaint"),
}
"""Channel, direction and reaction of each kind of contact; a voice is heard elsewhere."""


def complaints(people: People, ties: Ties, rng: np.random.Generator) -> pd.DataFrame:
    """Let a few untied buyers complain, most of them before they have landed: person, day, kind."""
    parts = []
    for ratio, days in (
        (EARLY_COMPLAINT_RATIO, EARLY_COMPLAINT_DAYS),
        (LATE_COMPLAINT_RATIO, LATE_COMPLAINT_DAYS),
    ):
        free = np.flatnonzero(people.is_buyer & ~people.is_guest & (ties.target == 0))
        person = free[rng.random(len(free)) < ratio]
        day = people.first_day[person] + rng.integers(*days, len(person))
        parts.append(pd.DataFrame({"person": person, "day": day, "kind": "complaint"}))
    frame = pd.concat(parts, ignore_index=True)
    return frame[frame["day"] <= catalog.LAST_DAY].drop_duplicates("person")


def touchpoints_table(
    people: People, first_second: np.ndarray, contacts: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Put every contact on one line, in canonical columns and in order of time."""
    carried = contacts[contacts["kind"].isin(list(KIND_FORM))]
    forms = np.array([KIND_FORM[kind] for kind in carried["kind"]], dtype=object).reshape(-1, 3)
    carried = carried.assign(channel=forms[:, 0], direction=forms[:, 1], reaction=forms[:, 2])
    parts = [_steps(people, rng), _unplanned(people, rng), carried.drop(columns="kind")]
    table = pd.concat(parts, ignore_index=True)
    person, day = table["person"].to_numpy(), table["day"].to_numpy()
    second = rng.integers(OPENING_SECOND, CLOSING_SECOND, len(table))
    thanked = np.minimum(first_second[person] + THANKS_SECONDS, catalog.DAY_SECONDS - 1)
    second = np.where(day == people.first_day[person], np.maximum(thanked, second), second)
    table["at"] = catalog.moments(day, second)
    table["customer_id"] = people.customer_id[person]
    table = table.sort_values(["at", "customer_id"], ignore_index=True)
    return table.reindex(columns=list(TABLES["touchpoints"].names))


def _steps(people: People, rng: np.random.Generator) -> pd.DataFrame:
    parts = []
    allowed = {"メール": (people.email_ok, EMAIL_OK_RATIO), "LINE": (people.line_ok, LINE_OK_RATIO)}
    for step in catalog.STEPS:
        may, share = allowed.get(step.channel, (np.ones(people.size, dtype=bool), 1.0))
        reached = may & people.is_buyer & (rng.random(people.size) < step.reach_ratio / share)
        person = np.flatnonzero(reached)
        day = people.first_day[person] + rng.integers(step.day_from, step.day_to + 1, len(person))
        reaction = rng.choice(REACTIONS, len(person), p=REACTION_WEIGHTS.get(step.channel, SILENT_WEIGHTS))
        frame = pd.DataFrame({"person": person, "day": day, "step_id": step.step_id, "channel": step.channel})
        parts.append(frame.assign(direction="out", reaction=reaction.astype(object)))
    table = pd.concat(parts, ignore_index=True)
    return table[table["day"] <= catalog.LAST_DAY]


def _unplanned(people: People, rng: np.random.Generator) -> pd.DataFrame:
    buyers = np.flatnonzero(people.is_buyer)
    person = rng.choice(buyers, round(UNPLANNED_RATIO * len(buyers)))
    since = catalog.outside_hole(rng.integers(1, UNPLANNED_SPAN_DAYS, len(person)))
    channel = rng.choice(np.array(UNPLANNED_CHANNELS, dtype=object), len(person), p=UNPLANNED_WEIGHTS)
    action = rng.choice(np.array(UNPLANNED_ACTIONS, dtype=object), len(person))
    frame = pd.DataFrame({"person": person, "day": people.first_day[person] + since, "channel": channel})
    frame = frame.assign(direction="out", reaction="none", action=action)
    return frame[frame["day"] <= catalog.LAST_DAY]
