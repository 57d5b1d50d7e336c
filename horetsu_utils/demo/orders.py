"""Orders: when each customer buys again, and what lies in the basket."""

import numpy as np
import pandas as pd

from horetsu_utils.canon import TABLES
from horetsu_utils.demo import catalog
from horetsu_utils.demo.people import GROWING, LAPSED, PLAIN, People, draw, product_weights

DISCOUNT_RATIO = 0.40
DISCOUNT_RATE = 0.10
CANCELLED_RATIO, RETURNED_RATIO = 0.02, 0.015
EXTRA_MINIMUM_DAYS = 20
"""A cancelled or returned order never falls into the first days, so landing is never in doubt."""
LOOKER_EXTRA_RATIO = 0.3
CHAMPION_GAP_DAYS, GAP_SPREAD_DAYS, GAP_MINIMUM_DAYS = 78, 10, 24
GROWING_GAP_DAYS, GROWING_GAP_RATIO, GROWING_GAP_FLOOR_DAYS = 190, 0.78, 70
LAPSED_SILENT_DAYS = (200, 300)
PLAIN_GAP_DAYS, PLAIN_GAP_SIGMA, PLAIN_GOES_ON = 60, 0.5, 0.30
REPLENISH_SPREAD_DAYS, REPLENISH_GOES_ON = 2.5, 0.65
FAVOURITE_RATIO, EXTRA_LINE_RATIO, PAIR_RATIO, FLOW_RATIO = 0.5, 0.25, 0.55, 0.5
GROWING_QUANTITY_DAYS = 180
TWO_ITEMS_RATIO = 0.1
PAID, CANCELLED, RETURNED = "paid", "cancelled", "returned"


def plan_orders(people: People, celsius: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Plan every order: person, number (1 = first), day, status and the two products that lead the basket."""
    paid = _paid(people, rng)
    extra = _extra(paid, people, rng)
    plan = pd.concat([paid, extra], ignore_index=True)
    weights = product_weights(plan["day"].to_numpy(), celsius, first=False)
    favourite = people.first_product[plan["person"].to_numpy()]
    loyal = (plan["number"] == 1) | _keeps(plan, people, rng)
    plan["main"] = np.where(loyal, favourite, draw(weights, rng))
    plan["extra"] = np.where(rng.random(len(plan)) < EXTRA_LINE_RATIO, draw(weights, rng), -1)
    plan["second"] = _second_of_day(len(plan), rng)
    plan = plan.sort_values(["day", "second", "person"], ignore_index=True)
    plan["order_id"] = (plan.index + 1).astype(str)
    return plan


def _keeps(plan: pd.DataFrame, people: People, rng: np.random.Generator) -> np.ndarray:
    replenishes = people.first_product[plan["person"].to_numpy()] == catalog.position(catalog.REPLENISHED_PRODUCT)
    return (rng.random(len(plan)) < FAVOURITE_RATIO) | replenishes


def _second_of_day(count: int, rng: np.random.Generator) -> np.ndarray:
    opening, closing = 6 * 3600, catalog.DAY_SECONDS - 1800
    towards_evening, towards_morning = 3, 2
    hour_share = rng.beta(towards_evening, towards_morning, count)
    return (opening + hour_share * (closing - opening)).astype(np.int64)


def _paid(people: People, rng: np.random.Generator) -> pd.DataFrame:
    buyers = np.flatnonzero(people.is_buyer)
    stop = np.full(people.size, catalog.LAST_DAY)
    lapsed = people.group == LAPSED
    stop[lapsed] -= rng.integers(*LAPSED_SILENT_DAYS, lapsed.sum())
    rounds = [pd.DataFrame({"person": buyers, "number": 1, "day": people.first_day[buyers]})]
    person, day, number = buyers, people.second_day[buyers], 2
    while len(person := person[keep := day <= stop[person]]):
        day = day[keep]
        rounds.append(pd.DataFrame({"person": person, "number": number, "day": day}))
        goes_on = rng.random(len(person)) < _chance(people, person)
        person, day, number = person[goes_on], day[goes_on], number + 1
        day = day + _gap(people, person, number, rng)
    return pd.concat(rounds, ignore_index=True).assign(status=PAID)


def _chance(people: People, person: np.ndarray) -> np.ndarray:
    replenishes = people.first_product[person] == catalog.position(catalog.REPLENISHED_PRODUCT)
    plain = np.where(replenishes, REPLENISH_GOES_ON, PLAIN_GOES_ON)
    return np.where(people.group[person] == PLAIN, plain, 1.0)


def _gap(people: People, person: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    size, group = len(person), people.group[person]
    steady = rng.normal(CHAMPION_GAP_DAYS, GAP_SPREAD_DAYS, size)
    shrunk = max(GROWING_GAP_DAYS * GROWING_GAP_RATIO ** (number - 3), GROWING_GAP_FLOOR_DAYS)
    quicker = rng.normal(shrunk, GAP_SPREAD_DAYS / 2, size)
    loose = rng.lognormal(np.log(PLAIN_GAP_DAYS), PLAIN_GAP_SIGMA, size)
    refill = rng.normal(catalog.REPLENISH_DAYS, REPLENISH_SPREAD_DAYS, size)
    replenishes = people.first_product[person] == catalog.position(catalog.REPLENISHED_PRODUCT)
    gap = np.select([group == GROWING, replenishes, group != PLAIN], [quicker, refill, steady], loose)
    return np.maximum(np.round(gap), GAP_MINIMUM_DAYS).astype(np.int64)


def _extra(paid: pd.DataFrame, people: People, rng: np.random.Generator) -> pd.DataFrame:
    firsts = paid[(paid["number"] == 1) & (paid["day"] < catalog.LAST_DAY - EXTRA_MINIMUM_DAYS)]
    count = round((CANCELLED_RATIO + RETURNED_RATIO) * len(paid))
    chosen = firsts.iloc[np.sort(rng.choice(len(firsts), count))]
    lookers = np.flatnonzero(~people.is_buyer)
    lookers = lookers[rng.random(len(lookers)) < LOOKER_EXTRA_RATIO]
    person = np.concatenate([chosen["person"].to_numpy(), lookers])
    low = np.concatenate([chosen["day"].to_numpy() + EXTRA_MINIMUM_DAYS, people.first_day[lookers]])
    day = rng.integers(low, catalog.LAST_DAY + 1)
    share = CANCELLED_RATIO / (CANCELLED_RATIO + RETURNED_RATIO)
    status = np.where(rng.random(len(person)) < share, CANCELLED, RETURNED)
    return pd.DataFrame({"person": person, "number": 0, "day": day, "status": status})


def order_lines(plan: pd.DataFrame, people: People, rng: np.random.Generator) -> pd.DataFrame:
    """Fill the canonical orders: product lines, and a line of its own for each discount."""
    lines = _baskets(plan, rng)
    growing = people.group[lines["person"].to_numpy()] == GROWING
    recent = lines["day"].to_numpy() > catalog.LAST_DAY - GROWING_QUANTITY_DAYS
    two = rng.random(len(lines)) < TWO_ITEMS_RATIO
    lines["quantity"] = 1 + (two | (growing & recent))
    lines["unit_price"] = catalog.PRICES_YEN[lines["product"].to_numpy()]
    lines["amount"] = lines["quantity"] * lines["unit_price"]
    items = np.array(catalog.PRODUCTS, dtype=object)[lines["product"].to_numpy()]
    lines["product_id"] = [item.product_id for item in items]
    lines["product_name"] = [item.name for item in items]
    lines["category"] = [item.category for item in items]
    table = pd.concat([lines, _discounts(lines, rng)], ignore_index=True)
    table["sequence"] = table["order_id"].astype(np.int64)
    table = table.sort_values(["sequence", "product"], ignore_index=True)
    table["customer_id"] = people.customer_id[table["person"].to_numpy()]
    table["ordered_at"] = catalog.moments(table["day"].to_numpy(), table["second"].to_numpy())
    return table.reindex(columns=list(TABLES["orders"].names))


def _baskets(plan: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    lead, follower = (catalog.position(product) for product in catalog.FLOW)
    pair_lead, pair_follower = (catalog.position(product) for product in catalog.PAIR)
    plan = plan.sort_values(["person", "day", "second"], ignore_index=True)
    had = ((plan["main"] == lead) | (plan["extra"] == lead)).groupby(plan["person"]).shift(fill_value=False)
    soon = plan["day"].groupby(plan["person"]).diff() <= catalog.FLOW_DAYS
    flows = had & soon & (rng.random(len(plan)) < FLOW_RATIO)
    paired = ((plan["main"] == pair_lead) | (plan["extra"] == pair_lead)) & (rng.random(len(plan)) < PAIR_RATIO)
    order = plan[["person", "order_id", "day", "second", "status"]]
    added = [
        order.assign(product=plan["main"]),
        order[plan["extra"] >= 0].assign(product=plan["extra"]),
        order[flows].assign(product=follower),
        order[paired].assign(product=pair_follower),
    ]
    lines = pd.concat(added, ignore_index=True).drop_duplicates(["order_id", "product"])
    return lines.sort_values(["day", "second", "order_id", "product"], ignore_index=True)


def _discounts(lines: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    keys = ["person", "order_id", "day", "second", "status"]
    totals = lines.groupby(keys, as_index=False)["amount"].sum()
    totals = totals[rng.random(len(totals)) < DISCOUNT_RATIO]
    discount = (totals["amount"] * DISCOUNT_RATE).round(-1).astype(np.int64)
    return totals.assign(
        amount=-discount,
        discount=discount,
        unit_price=-discount,
        quantity=1,
        product_name="割引",
        product=len(catalog.PRODUCTS),
    )
