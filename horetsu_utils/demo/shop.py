"""The demo shop put together: every table in canonical columns, and the truths beside them."""

import numpy as np
import pandas as pd

from horetsu_utils.canon import TABLES
from horetsu_utils.demo import browsing, catalog, contacts, orders, people, plan, stages, story, ties, voices
from horetsu_utils.demo.truths import Demo, StageRules, Truths

REGISTER_SECONDS = 300
BIRTH_MEAN, BIRTH_SPREAD, BIRTH_RANGE = 1978, 12, (1945, 2004)
GENDERS, GENDER_WEIGHTS = ("女性", "男性"), (0.82, 0.18)
EMPTY_SAFE_DTYPES = {"id": "str", "text": "str", "choice": "str", "flag": "boolean"}
"""Types that stay what they are where a whole column is empty."""
Plans = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]


def build(customers: int = catalog.CUSTOMERS, seed: int = catalog.SEED) -> Demo:
    """Build the synthetic shop; the same arguments always give the same shop.

    Shape
        number of customers -> ten canonical tables and the truths planted in them
    Errors
        ValueError from numpy when there are too few customers to plant anything (below about 300)
    Source
        METHOD.md sections 1-8; every figure and every word is invented
    """
    streams = [np.random.default_rng([seed, place]) for place in range(12)]
    rules = StageRules()
    celsius = people.temperature(streams[0])
    crowd = people.gather(customers, celsius, streams[1])
    order_plan = orders.plan_orders(crowd, celsius, streams[2])
    bonds = ties.plan_ties(crowd, order_plan, rules, streams[3])
    touched = pd.concat(
        [ties.tie_contacts(crowd, bonds, streams[4]), contacts.complaints(crowd, bonds, streams[5])],
        ignore_index=True,
    )
    heard = voices.hear(crowd, bonds, touched, streams[6])
    counts = order_plan[order_plan["status"] == "paid"].groupby("person").size()
    writers = story.choose_writers(crowd, bonds, counts.reindex(range(customers), fill_value=0).to_numpy(), streams[7])
    book = story.records(crowd, writers, streams[8])
    plans = (order_plan, touched, heard, book)
    tables = _tables(crowd, plans, celsius, streams[9:])
    return Demo({name: _typed(tables[name], name) for name in TABLES}, _truths(crowd, plans, writers, rules))


def _tables(
    crowd: people.People, plans: Plans, celsius: np.ndarray, streams: list[np.random.Generator]
) -> dict[str, pd.DataFrame]:
    order_plan, touched, heard, book = plans
    firsts = order_plan[order_plan["number"] == 1].set_index("person")["second"]
    first_second = firsts.reindex(range(crowd.size), fill_value=0).to_numpy()
    who, words, sky = streams
    sources = who.choice(np.array(catalog.SOURCES, dtype=object), crowd.size, p=catalog.SOURCE_WEIGHTS)
    return {
        "orders": orders.order_lines(order_plan, crowd, who),
        "customers": _customers(crowd, first_second, sources, who),
        "story": story.story_table(book, crowd, words),
        "touchpoints": contacts.touchpoints_table(crowd, first_second, touched, words),
        "voices": voices.voices_table(heard, crowd, words),
        "events": browsing.events_table(order_plan, crowd, sources, sky),
        "context": browsing.context_table(celsius, sky),
        "scenario": plan.scenario_table(),
        "campaigns": plan.campaigns_table(),
        "answers": plan.answers_table(),
    }


def _typed(table: pd.DataFrame, name: str) -> pd.DataFrame:
    kinds = {column.name: EMPTY_SAFE_DTYPES.get(column.kind) for column in TABLES[name].columns}
    return table.astype({column: dtype for column, dtype in kinds.items() if dtype})


def _customers(
    crowd: people.People, first_second: np.ndarray, sources: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    second = np.maximum(first_second - REGISTER_SECONDS, 0)
    birth = np.clip(np.round(rng.normal(BIRTH_MEAN, BIRTH_SPREAD, crowd.size)), *BIRTH_RANGE).astype(np.int64)
    table = pd.DataFrame(
        {
            "customer_id": crowd.customer_id,
            "registered_at": catalog.moments(crowd.first_day, second),
            "first_source": sources,
            "gender": rng.choice(np.array(GENDERS, dtype=object), crowd.size, p=GENDER_WEIGHTS),
            "prefecture": rng.choice(np.array(list(catalog.PREFECTURES), dtype=object), crowd.size),
            "birth_year": birth,
            "email_ok": crowd.email_ok,
            "line_ok": crowd.line_ok,
        }
    )
    return table[~crowd.is_guest].reset_index(drop=True).reindex(columns=list(TABLES["customers"].names))


def _truths(crowd: people.People, plans: Plans, writers: story.Writers, rules: StageRules) -> Truths:
    moves, cooling = stages.paths(stages.ledger(crowd, plans, rules), rules)
    stage, transitions, history = stages.stage_tables(crowd, moves, cooling)
    names = {"champion": people.CHAMPION, "growing": people.GROWING, "lapsed": people.LAPSED}
    return Truths(
        as_of=catalog.AS_OF,
        board_week_end=catalog.BOARD_WEEK_END,
        stage_rules=rules,
        stages=stage,
        transitions=transitions,
        stage_history=history,
        heroes={kind: tuple(crowd.customer_id[persons]) for kind, persons in writers.heroes.items()},
        groups={name: tuple(crowd.customer_id[crowd.group == code]) for name, code in names.items()},
        step_reach_ratio={step.step_id: step.reach_ratio for step in catalog.STEPS},
        **_parameters(),
    )


def _parameters() -> dict:
    return {
        "f2_daily_hazard": people.F2_DAILY_HAZARD,
        "hole_days": catalog.HOLE_DAYS,
        "gap_step": catalog.GAP_STEP,
        "gap_department": catalog.GAP_DEPARTMENT,
        "pair": catalog.PAIR,
        "flow": catalog.FLOW,
        "flow_days": catalog.FLOW_DAYS,
        "star_first_product": catalog.STAR_FIRST_PRODUCT,
        "star_hazard_ratio": people.STAR_HAZARD_RATIO,
        "replenished_product": catalog.REPLENISHED_PRODUCT,
        "replenish_days": catalog.REPLENISH_DAYS,
        "warm_product": catalog.WARM_PRODUCT,
        "discount_ratio": orders.DISCOUNT_RATIO,
        "breaking_campaigns": plan.campaign_ids(breaking=True),
        "fitting_campaigns": plan.campaign_ids(breaking=False),
        "contradicted_questions": plan.CONTRADICTED_QUESTIONS,
        "bot_visitor_id": browsing.BOT_VISITOR,
    }
