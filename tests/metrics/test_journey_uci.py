"""UCI's file and the demo shop: F2, ladder and cohorts agree with an independent computation in plain pandas."""

import math
from pathlib import Path

import pandas as pd
import pytest
from by_hand import records

from horetsu_utils.method import JourneyRules
from horetsu_utils.metrics import cohort, journey, survival
from horetsu_utils.shop import Shop


@pytest.fixture(scope="module")
def uci(uci_client: Path) -> Shop:
    return Shop.open(uci_client, as_of="")


@pytest.fixture(scope="module")
def demo_shop(demo_client) -> Shop:
    return Shop.open(demo_client, as_of="")


@pytest.fixture(params=["uci", "demo_shop"])
def shop(request) -> Shop:
    return request.getfixturevalue(request.param)


def histories(shop: Shop) -> pd.DataFrame:
    """Return every purchase with its number and the days since the one before, by pandas alone."""
    orders = shop.orders.to_pandas().query("is_purchase")
    orders = orders.assign(day=pd.to_datetime(orders["ordered_on"]), yen=orders["amount"].astype("float64"))
    orders = orders.sort_values(["customer_id", "ordered_at", "order_id"])
    groups = orders.groupby("customer_id")
    return orders.assign(
        number=groups.cumcount() + 1,
        first=groups["day"].transform("min"),
        gap=groups["day"].diff().dt.days,
        wait=-groups["day"].diff(-1).dt.days,
    )


def plain_curve(people: pd.DataFrame) -> dict[int, tuple[float, float]]:
    """Walk along the days, one by one: the share back, and Greenwood's sum."""
    back = people.groupby("until")["came_back"].agg(["sum", "size"]).sort_index()
    at_risk, stayed, spread, found = len(people), 1.0, 0.0, {}
    for day, came, left in back.itertuples():
        stayed *= 1 - came / at_risk
        spread += came / (at_risk * (at_risk - came)) if at_risk > came else math.inf
        found[day] = (1 - stayed, spread)
        at_risk -= left
    return found


def test_the_f2_curve_and_its_readings(shop) -> None:
    told = histories(shop)
    first = told[told["number"] == 1]
    watched = (pd.Timestamp(shop.as_of) - first["first"]).dt.days
    people = pd.DataFrame({"until": first["wait"].fillna(watched).astype(int), "came_back": first["wait"].notna()})
    ours = journey.firsts(journey.numbered(shop.orders, as_of=shop.as_of), as_of=shop.as_of).cache()
    curve = survival.curve(ours).cache()
    walked = plain_curve(people)
    found = dict(records(curve, "day", "value", by="day"))
    assert found == pytest.approx({day: value for day, (value, _) in walked.items()}, abs=1e-9)
    for day, value, low, high in records(
        survival.readings(curve, [30, 60, 90]), "day", "value", "low", "high", by="day"
    ):
        plain, spread = walked[max(each for each in walked if each <= day)]
        half = 1.959963984540054 * math.sqrt(spread) / abs(math.log(1 - plain))
        edges = [1 - (1 - plain) ** math.exp(sign * half) for sign in (-1, 1)]
        assert (value, low, high) == pytest.approx((plain, min(edges), max(edges)), abs=1e-9)
    for day, whole, came in records(survival.mature(ours, [30, 60, 90]), "day", "watched", "came", by="day"):
        long = first[watched >= day]
        assert (whole, came) == (len(long), (long["wait"] <= day).sum())


def test_the_ladder(shop) -> None:
    told = histories(shop)
    rules = JourneyRules()
    bought = journey.numbered(shop.orders, as_of=shop.as_of)
    rows = records(journey.ladder(bought, as_of=shop.as_of, within_days=90, rules=rules), by="number")
    assert len(rows) == 9
    columns = ("number", "reached", "watched", "went_on", "gap_days")
    ladder = journey.ladder(bought, as_of=shop.as_of, within_days=90, rules=rules)
    for number, reached, watched, went_on, gap in records(ladder, *columns, by="number"):
        rung = told[told["number"] == number]
        ripe = rung[(pd.Timestamp(shop.as_of) - rung["day"]).dt.days >= 90]
        on = ripe[ripe["wait"] <= 90]
        assert (reached, watched, went_on) == (len(rung), len(ripe), len(on))
        assert gap == pytest.approx(on["wait"].median())


def test_the_cohorts(shop) -> None:
    told = histories(shop)
    orders = shop.orders
    bought = journey.numbered(orders, as_of=shop.as_of).cache()
    ours = cohort.cohorts(bought, orders.filter(~orders.is_purchase), as_of=shop.as_of).to_pandas()
    notes = orders.filter(~orders.is_purchase).to_pandas()
    start = told.groupby("customer_id")["first"].first()
    notes = notes.assign(day=pd.to_datetime(notes["ordered_on"]), first=notes["customer_id"].map(start))
    notes = notes[notes["first"].notna() & (notes["day"] >= notes["first"])]
    flows = pd.concat(
        [told[["first", "day", "yen"]], notes.assign(yen=notes["amount"].astype("float64"))[["first", "day", "yen"]]]
    )
    last = pd.Period(shop.as_of, "M")
    closed = last if last.end_time.date() == shop.as_of else last - 1
    flows = flows.assign(start=flows["first"].dt.to_period("M"), month=flows["day"].dt.to_period("M"))
    sizes = told[told["number"] == 1].groupby(told["first"].dt.to_period("M")).size()
    active = told.groupby([told["first"].dt.to_period("M"), told["day"].dt.to_period("M")])["customer_id"].nunique()
    second = told[told["number"] == 2]
    checked = 0
    for row in ours.itertuples():
        begun = pd.Period(row.cohort, "M")
        month = begun + row.month
        assert row.is_complete == (month <= closed)
        assert row.customers == sizes[begun]
        if row.is_complete:
            own = flows[(flows["start"] == begun) & (flows["month"] <= month)]
            repeats = (second["first"].dt.to_period("M") == begun) & (second["day"].dt.to_period("M") <= month)
            assert row.retention_ratio == pytest.approx(active.get((begun, month), 0) / sizes[begun])
            assert row.repeat_ratio == pytest.approx(repeats.sum() / sizes[begun])
            assert row.ltv_yen == pytest.approx(own["yen"].sum() / sizes[begun])
            checked += 1
        else:
            assert pd.isna(row.retention_ratio) and pd.isna(row.repeat_ratio) and pd.isna(row.ltv_yen)
    assert checked > 70
