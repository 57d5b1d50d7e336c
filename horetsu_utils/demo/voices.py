"""Voices: what was expected and how it was found, with one step of the journey where the balance is lost."""

import numpy as np
import pandas as pd

from horetsu_utils.demo import catalog, phrases
from horetsu_utils.demo.people import People
from horetsu_utils.demo.ties import Ties

HEARD_RATIO = 0.34
"""Share of the untied buyers who were heard; some of them twice."""
HEARD_TWICE_RATIO = 0.3
STEP_GAP = {"商品到着": 0.65, "初回使用": 0.45, "2週目": 0.35, "1か月": -1.1, "2か月": 0.15, "3か月": 0.5}
"""Planted mean of evaluation - expectation, before the scale cuts it off."""
WORST_DEPARTMENT_GAP = -0.8
GAP_SPREAD = 0.75
EXPECTED_SCORES, EXPECTED_WEIGHTS = (2, 3, 4, 5), (0.1, 0.42, 0.4, 0.08)
LOWEST, HIGHEST = 1, 5
MEDIUM_WEIGHTS = (0.6, 0.2, 0.08, 0.12)


def hear(people: People, ties: Ties, contacts: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Hear tied customers when their plan says so and others at one step: person, day, step, department, scores."""
    planned = contacts[contacts["kind"].isin(["voice", "bad voice"])]
    since = planned["day"].to_numpy() - people.first_day[planned["person"].to_numpy()]
    step = np.minimum(np.searchsorted([high for _, high in catalog.VOICE_STEP_DAYS], since), 5)
    tied = planned.assign(step=step, is_bad=planned["kind"] == "bad voice").drop(columns="kind")
    heard = pd.concat([tied, _others(people, ties, rng)], ignore_index=True)
    heard = heard.sort_values(["day", "person"], ignore_index=True)
    heard["department"] = rng.choice(np.array(catalog.DEPARTMENTS, dtype=object), len(heard))
    heard["step"] = np.array(catalog.VOICE_STEPS, dtype=object)[heard["step"].to_numpy()]
    return _score(heard, rng)


def _others(people: People, ties: Ties, rng: np.random.Generator) -> pd.DataFrame:
    untied = np.flatnonzero(people.is_buyer & ~people.is_guest & (ties.target == 0))
    once = untied[rng.random(len(untied)) < HEARD_RATIO]
    person = np.concatenate([once, once[rng.random(len(once)) < HEARD_TWICE_RATIO]])
    step = rng.integers(0, len(catalog.VOICE_STEPS), len(person))
    low, high = np.array(catalog.VOICE_STEP_DAYS)[step].T
    day = people.first_day[person] + rng.integers(low, high + 1)
    frame = pd.DataFrame({"person": person, "day": day, "step": step, "is_bad": False})
    return frame[frame["day"] <= catalog.LAST_DAY].drop_duplicates(["person", "step"])


def _score(heard: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    expected = rng.choice(EXPECTED_SCORES, len(heard), p=EXPECTED_WEIGHTS)
    worst = (heard["step"] == catalog.GAP_STEP) & (heard["department"] == catalog.GAP_DEPARTMENT)
    gap = heard["step"].map(STEP_GAP) + WORST_DEPARTMENT_GAP * worst + rng.normal(0, GAP_SPREAD, len(heard))
    found = np.clip(np.round(expected + gap), LOWEST, HIGHEST).astype(np.int64)
    found = np.where(heard["is_bad"], LOWEST, found)
    return heard.assign(expectation=expected, evaluation=found)


def voices_table(heard: pd.DataFrame, people: People, rng: np.random.Generator) -> pd.DataFrame:
    """Give the voices their words, in canonical columns."""
    gap = heard["evaluation"] - heard["expectation"]
    words = (phrases.DISAPPOINTED, phrases.CONTENT, phrases.MOVED)
    drawn = [rng.choice(np.array(options, dtype=object), len(heard)) for options in words]
    medium = rng.choice(np.array(phrases.MEDIA, dtype=object), len(heard), p=MEDIUM_WEIGHTS)
    return pd.DataFrame(
        {
            "customer_id": people.customer_id[heard["person"].to_numpy()],
            "date": catalog.dates(heard["day"].to_numpy()),
            "expectation": heard["expectation"].to_numpy(),
            "evaluation": heard["evaluation"].to_numpy(),
            "step": heard["step"].to_numpy(),
            "department": heard["department"].to_numpy(),
            "comment": np.select([gap < 0, gap == 0], drawn[:2], drawn[2]),
            "medium": medium,
        }
    )
