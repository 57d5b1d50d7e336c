"""Browsing and weather: the visits behind some orders, visitors who never bought, one bot, and every day's sky."""

import numpy as np
import pandas as pd

from horetsu_utils.canon import TABLES
from horetsu_utils.demo import catalog
from horetsu_utils.demo.people import People

SEEN_ORDER_RATIO = 0.25
LOOKER_SESSIONS_RATIO, LOOKER_VISITORS_RATIO = 0.5, 0.3
LONGEST_VIEWS = 6
STEP_SECONDS, LOOKER_LAST_SECOND = 60, 79_200
COMPARE_RATIO, CART_RATIO = 0.3, 0.15
BOT_VISITOR, BOT_VIEWS, BOT_DAYS_AGO = "V99999", 4000, 20
REFERRERS = {
    "検索": "https://search.example.com/",
    "広告": "https://ads.example.com/",
    "SNS": "https://sns.example.com/",
    "紹介": "https://friends.example.com/",
    "雑誌": "",
}
WET_RATIO, CLOUDY_RATIO, SNOW_CELSIUS = 0.28, 0.33, 2.5
HOLIDAYS = {(12, 29, 31): "年末", (1, 1, 3): "年始", (5, 3, 6): "大型連休", (8, 13, 16): "お盆"}


def events_table(plan: pd.DataFrame, people: People, sources: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Show the browsing before some orders, of visitors who never bought, and of one bot."""
    sessions = pd.concat([_bought(plan, people, sources, rng), _looked(people, rng)], ignore_index=True)
    sessions["session_id"] = [f"T{number:06d}" for number in range(1, len(sessions) + 1)]
    sessions["seen"] = rng.integers(1, LONGEST_VIEWS, len(sessions))
    parts = [_views(sessions, rng), _single(sessions, "visit", 0), _bot(rng)]
    compared = sessions[rng.random(len(sessions)) < COMPARE_RATIO]
    parts.append(_single(compared.assign(product=rng.integers(0, len(catalog.PRODUCTS), len(compared))), "compare", 7))
    carted = sessions[sessions["bought"] | (rng.random(len(sessions)) < CART_RATIO)]
    parts += [_single(carted, "cart", 8), _single(sessions[sessions["bought"]], "purchase", 9)]
    events = pd.concat(parts, ignore_index=True)
    events["at"] = catalog.moments(events["day"].to_numpy(), events["second"].to_numpy())
    named = events["event"] != "visit"
    product = events["product"].to_numpy().astype(np.int64)
    events["product_id"] = pd.Series(catalog.PRODUCT_IDS[product], index=events.index).where(named, None)
    events["page"] = ("/products/" + events["product_id"].fillna("")).where(named, "/")
    events["referrer"] = events["source"].map(REFERRERS).where(~named, None)
    events = events.sort_values(["at", "visitor_id", "event"], ignore_index=True)
    return events.reindex(columns=list(TABLES["events"].names))


def _bought(plan: pd.DataFrame, people: People, sources: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    paid = plan[plan["status"] == "paid"]
    seen = paid[rng.random(len(paid)) < SEEN_ORDER_RATIO]
    person = seen["person"].to_numpy()
    return pd.DataFrame(
        {
            "customer_id": people.customer_id[person],
            "visitor_id": [f"V{number:05d}" for number in person + 1],
            "source": sources[person],
            "product": seen["main"].to_numpy(),
            "day": seen["day"].to_numpy(),
            "second": seen["second"].to_numpy() - (LONGEST_VIEWS + 3) * STEP_SECONDS,
            "bought": True,
        }
    )


def _looked(people: People, rng: np.random.Generator) -> pd.DataFrame:
    count = round(LOOKER_SESSIONS_RATIO * people.size)
    visitors = rng.integers(0, round(LOOKER_VISITORS_RATIO * people.size), count) + people.size + 1
    source = rng.choice(np.array(catalog.SOURCES, dtype=object), count, p=catalog.SOURCE_WEIGHTS)
    return pd.DataFrame(
        {
            "customer_id": None,
            "visitor_id": [f"V{number:05d}" for number in visitors],
            "source": source,
            "product": rng.integers(0, len(catalog.PRODUCTS), count),
            "day": rng.integers(0, catalog.LAST_DAY + 1, count),
            "second": rng.integers(0, LOOKER_LAST_SECOND, count),
            "bought": False,
        }
    )


def _single(sessions: pd.DataFrame, event: str, place: int) -> pd.DataFrame:
    return sessions.assign(event=event, second=sessions["second"] + place * STEP_SECONDS)


def _views(sessions: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    views = sessions.loc[sessions.index.repeat(sessions["seen"])]
    place = views.groupby(level=0).cumcount() + 1
    product = np.where(place == 1, views["product"], rng.integers(0, len(catalog.PRODUCTS), len(views)))
    return views.assign(event="view", second=views["second"] + place * STEP_SECONDS, product=product)


def _bot(rng: np.random.Generator) -> pd.DataFrame:
    second = np.sort(rng.integers(0, catalog.DAY_SECONDS, BOT_VIEWS))
    frame = pd.DataFrame({"second": second, "product": rng.integers(0, len(catalog.PRODUCTS), BOT_VIEWS)})
    day = catalog.LAST_DAY - BOT_DAYS_AGO
    return frame.assign(event="view", visitor_id=BOT_VISITOR, session_id="T999999", day=day, customer_id=None)


def context_table(celsius: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Give every day its place, weather, season's event and temperature, all invented."""
    luck = rng.random(len(celsius))
    wet = np.where(celsius < SNOW_CELSIUS, "雪", "雨")
    weather = np.select([luck < WET_RATIO, luck < WET_RATIO + CLOUDY_RATIO], [wet, "くもり"], "晴れ")
    days = catalog.dates(np.arange(len(celsius)))
    table = pd.DataFrame({"date": days, "place": "東京", "weather": weather, "temperature": celsius})
    table["event"] = [_holiday(day.month, day.day) for day in days]
    return table.reindex(columns=list(TABLES["context"].names))


def _holiday(month: int, day: int) -> str | None:
    for (holiday_month, first, last), name in HOLIDAYS.items():
        if month == holiday_month and first <= day <= last:
            return name
    return None
