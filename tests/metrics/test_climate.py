"""Sales beside the weather: days by hand, the demo's planted product, silence where there is too little."""

from decimal import Decimal
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest
from by_hand import frozen, records
from goods import AS_OF, before, shops, sold
from hypothesis import given, settings

from horetsu_utils import assortment, demo, weathering
from horetsu_utils.climate_rules import ClimateRules
from horetsu_utils.metrics import climate
from horetsu_utils.shop import Shop

RULES = ClimateRules()
CONTEXT = {"date": "date", "place": "string", "weather": "string", "temperature": "decimal(18, 4)"}


def context(rows) -> ibis.Table:
    told = [(before(days), place, sky, celsius) for days, place, sky, celsius in rows]
    return ibis.memtable([dict(zip(CONTEXT, row, strict=True)) for row in told], schema=CONTEXT)


def test_the_weather_of_several_places_by_hand() -> None:
    rows = [(2, "東京", "晴れ", 10), (2, "大阪", "雨", 20), (2, "京都", "雨", None)]
    rows += [(1, "東京", "くもり", None), (0, "東京", None, 5), (-1, "東京", "雨", 1)]
    found = records(climate.weather(context(rows), as_of=AS_OF, rules=RULES), by=None)
    assert found == [
        (before(2), 15.0, "雨", True),
        (before(1), None, "くもり", False),
        (before(0), 5.0, None, None),
    ]


def test_of_equally_many_places_the_first_name_counts() -> None:
    rows = [(0, "東京", "雪", 1), (0, "大阪", "晴れ", 1)]
    assert records(climate.weather(context(rows), as_of=AS_OF, rules=RULES), "weather", by=None) == [("晴れ",)]


SALES = [("a", 9, "A B", 1), ("b", 9, "A", 1), (None, 7, "B", 1), ("a", -1, "A", 1)]


def test_orders_of_a_day_by_hand() -> None:
    assert records(climate.daily(sold(SALES), as_of=AS_OF), by=None) == [
        (before(9), "A", 2),
        (before(9), "B", 1),
        (before(7), "B", 1),
    ]
    assert records(climate.whole(sold(SALES), as_of=AS_OF), by=None) == [(before(9), 2), (before(7), 1)]


def test_orders_by_weather_by_hand() -> None:
    # between the first and the last order: day 9 two, day 8 none, day 7 one; day 6 lies behind
    sky = context([(9, "東京", "晴れ", 1), (8, "東京", "晴れ", 1), (7, "東京", "雨", 1), (6, "東京", "雨", 1)])
    weather = frozen(climate.weather(sky, as_of=AS_OF, rules=RULES))
    whole = frozen(climate.whole(sold(SALES), as_of=AS_OF))
    sunny, wet = records(climate.by_weather(whole, weather), by=None)
    # mean 1, deviation sqrt(2), half 1.96 × sqrt(2) / sqrt(2)
    assert sunny == ("晴れ", 2, 1.0, pytest.approx(1 - 1.959964), pytest.approx(1 + 1.959964))
    assert wet == ("雨", 1, 1.0, None, None)


@settings(max_examples=25, deadline=None)
@given(shops())
def test_what_comes_later_changes_nothing(rows) -> None:
    earlier = [row for row in rows if row[1] >= 0]
    for of in (climate.daily, climate.whole):
        found, cut = (records(of(sold(each), as_of=AS_OF), "on", "orders", by=None) for each in (rows, earlier))
        assert found == cut


def made(orders: np.ndarray, celsius: np.ndarray) -> weathering.Weathering:
    """A shop of one product with so many orders a day, in as many days as there are temperatures."""
    days = range(len(orders))
    rows = [("c", len(orders) - 1 - day, "A", 1) for day in days for _ in range(int(orders[day]))]
    sky = context([(len(orders) - 1 - day, "東京", "晴れ", Decimal(f"{celsius[day]:.2f}")) for day in days])
    goods = sold(rows)
    parts = (climate.whole(goods, as_of=AS_OF), climate.daily(goods, as_of=AS_OF))
    return weathering.Weathering(*map(frozen, parts), frozen(climate.weather(sky, as_of=AS_OF, rules=RULES)), RULES)


def test_a_lag_is_found_where_it_was_put() -> None:
    draw = np.random.default_rng(5)
    celsius = draw.normal(15, 5, 400)
    orders = 1 + draw.poisson(np.clip(2 + 0.4 * (np.roll(celsius, 3) - 15), 0.1, None))
    found = made(orders, celsius).links
    warm = found[(found["sight"] == "celsius") & (found["product"] == "A")]
    assert list(warm.loc[warm["chance"] < RULES.chance_ratio, "lag"]) == [3]
    assert warm.set_index("lag").loc[3, "value"] > 0.5
    assert warm.set_index("lag").loc[3, "days"] == 397
    assert found.loc[found["sight"] == "is_wet", "value"].isna().all()  # every day was sunny


def test_half_a_year_is_the_least() -> None:
    draw = np.random.default_rng(6)
    shop = made(draw.poisson(2, 179) + 1, draw.normal(15, 5, 179))
    assert shop.links.empty
    assert shop.at(0).empty


@pytest.fixture(scope="module")
def demo_weather(demo_client: Path) -> weathering.Weathering:
    return weathering.weathering(assortment.assortment(Shop.open(demo_client, as_of="")))


def test_the_demos_warm_product_is_the_only_one(demo_weather: weathering.Weathering) -> None:
    built = demo.build()
    lines = built.tables["orders"]
    warm = lines.loc[lines["product_id"] == built.truths.warm_product, "product_name"].iloc[0]
    sure = demo_weather.links[demo_weather.links["chance"] < RULES.chance_ratio]
    assert set(sure["product"]) == {warm}
    assert set(sure["sight"]) == {"celsius"}
    assert (sure["value"] > 0).all()


def test_the_demos_figure_agrees_with_plain_pandas(demo_weather: weathering.Weathering) -> None:
    built = demo.build().tables
    orders = built["orders"]
    own = orders[(orders["status"] == "paid") & (orders["product_id"] == "S07")]
    day = pd.to_datetime(own["ordered_at"]).dt.normalize()
    counts = own.groupby(day)["order_id"].nunique()
    celsius = built["context"].set_index(pd.to_datetime(built["context"]["date"]))["temperature"].astype(float)
    name = own["product_name"].iloc[0]
    row = demo_weather.at(0).set_index(["product", "sight"]).loc[(name, "celsius")]
    paid = pd.to_datetime(orders.loc[orders["status"] == "paid", "ordered_at"]).dt.normalize()
    span = pd.date_range(paid.min(), paid.max())
    raw = np.corrcoef(counts.reindex(span).fillna(0), celsius.reindex(span))[0, 1]
    assert row["raw"] == pytest.approx(raw, abs=1e-3)
    assert row["orders"] == counts.sum()


def test_a_shop_without_weather(make_client) -> None:
    text = "注文番号,顧客番号,注文日時,金額,商品名\n1,A,2026-06-01,100,石けん\n"
    folder = make_client({"orders.csv": text}, "  orders: [{files: data/orders.csv, mapping: generic}]")
    bare = weathering.weathering(assortment.assortment(Shop.open(folder, as_of="")))
    assert (bare.days, bare.links.empty, bare.by_weather.empty) == (0, True, True)
