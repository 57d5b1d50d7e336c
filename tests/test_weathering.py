"""Sales beside the weather, whole shops: days that are not known, products that came later, chances kept, no leaks."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from horetsu_utils import assortment, partial
from horetsu_utils.climate_rules import ClimateRules
from horetsu_utils.metrics import climate
from horetsu_utils.shop import Shop
from horetsu_utils.weathering import Weathering, weathering

FIRST, RULES = "2024-07-01", ClimateRules()


class Told:
    """Stands for a table that is computed already."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame

    def to_pandas(self) -> pd.DataFrame:
        return self.frame

    def select(self, *names: str) -> "Told":
        return Told(self.frame[list(names)])


def shop(counts: dict[str, np.ndarray], celsius: np.ndarray, rules: ClimateRules = RULES) -> Weathering:
    """Sell so many orders of each product a day; days without are no row, and each product is its own order."""
    days = pd.date_range(FIRST, periods=len(celsius))
    parts = [pd.DataFrame({"on": days, "product": name, "orders": each}) for name, each in counts.items()]
    rows = pd.concat(parts).query("orders > 0")
    sky = pd.DataFrame({"on": days, "celsius": celsius, "is_wet": None})
    return Weathering(Told(rows.groupby("on", as_index=False)["orders"].sum()), Told(rows), Told(sky), rules)


def of(found: Weathering, product: str, lag: int = 0) -> pd.Series:
    rows = found.at(lag)
    return rows[(rows["product"] == product) & (rows["sight"] == "celsius")].iloc[0]


def test_a_product_is_not_known_before_its_first_order() -> None:
    draw = np.random.default_rng(1)
    late = np.where(np.arange(400) < 150, 0, 1 + draw.poisson(3, 400))
    found = shop({"古い品": 1 + draw.poisson(3, 400), "新しい品": late}, draw.normal(15, 5, 400))
    # on sale from day 150 of 400 on: 250 days; the temperature of 7 days before is known for all of them
    assert (of(found, "新しい品")["days"], of(found, "新しい品", 7)["days"]) == (250, 250)
    assert (of(found, "古い品")["days"], of(found, "古い品", 7)["days"]) == (400, 393)


def test_a_day_without_its_temperature_is_left_out_and_no_day_moves() -> None:
    draw = np.random.default_rng(2)
    celsius = draw.normal(15, 5, 500)
    counts = 1 + draw.poisson(np.clip(3 + 0.4 * (np.roll(celsius, 2) - 15), 0.1, None))
    known = np.where(np.arange(500) % 7 < 5, celsius, np.nan)
    rows = shop({"品": counts}, known).links
    rows = rows[(rows["product"] == "品") & (rows["chance"] < RULES.chance_ratio)]
    assert list(rows["lag"]) == [2]  # two days by the calendar, weekends without a record or not


def test_only_the_most_ordered_products_are_looked_at() -> None:
    draw = np.random.default_rng(3)
    counts = {name: 1 + draw.poisson(mean, 200) for name, mean in (("少", 1), ("多", 9), ("中", 4))}
    few = np.zeros(200, dtype=int)
    few[:99] = 1  # 99 orders are one too few
    found = shop(counts | {"稀": few}, draw.normal(15, 5, 200), replace(RULES, most_products=2))
    assert list(found.at(0)["product"].unique())[1:] == ["多", "中"]
    assert "稀" not in set(shop(counts | {"稀": few}, draw.normal(15, 5, 200)).at(0)["product"])


def test_a_season_alone_seldom_raises_an_alarm_anywhere() -> None:
    """In 100 shops only season and weekday move: an alarm on any product or day before in at most 5 of them."""
    days, draw = np.arange(730), np.random.default_rng(20260630)
    season = np.cos(2 * np.pi * (days - 25) / 365.2425)
    alarms = 0
    for _ in range(100):
        drift = np.convolve(draw.normal(0, 1.7, 730), 0.7 ** np.arange(20))[:730]
        mean = np.exp(0.5 - 0.6 * season + 0.3 * (days % 7 == 5))
        found = shop({"品": draw.poisson(mean), "物": draw.poisson(2 * mean)}, 16 - 10.8 * season + drift)
        assert found.at(0)["raw"].min() > 0.3  # without the controls all of them move together
        alarms += bool((found.links["chance"] < RULES.chance_ratio).any())
    assert alarms <= 5


def test_a_slow_wander_of_both_seldom_raises_an_alarm() -> None:
    """Sales wander for weeks under daily luck: with the days counted as they are the alarm would come too often."""
    draw, plain, kept = np.random.default_rng(7), 0, 0
    level = np.ones((730, 1))
    for _ in range(200):
        slow, other = (
            np.convolve(draw.normal(size=830), 0.95 ** np.arange(100))[100:830] / 3.2 + draw.normal(size=730)
            for _ in range(2)
        )
        found = partial.link(slow, other, level)
        kept += found.chance < RULES.chance_ratio
        plain += abs(np.arctanh(found.value)) * np.sqrt(727) > 1.959964
    assert plain > 0.2 * 200
    assert kept <= 0.08 * 200


def test_nothing_later_leaks_in(demo_client: Path) -> None:
    day = dt.date(2025, 12, 31)
    whole, cut = (Shop.open(demo_client, as_of=each) for each in ("", day.isoformat()))
    then = weathering(assortment.assortment(cut))
    assert then.weather.to_pandas()["on"].max() <= pd.Timestamp(day)
    sold = assortment.assortment(whole).sold
    for of_day, told in ((climate.daily, then.by_product), (climate.whole, then.whole)):
        again = of_day(sold, as_of=day).to_pandas()
        pd.testing.assert_frame_equal(again, told.to_pandas(), check_dtype=False)
    sky = climate.weather(whole.table("context"), as_of=day, rules=RULES).to_pandas()
    pd.testing.assert_frame_equal(sky, then.weather.to_pandas(), check_dtype=False)


def test_orders_without_products_find_nothing(make_client) -> None:
    orders = "注文番号,顧客番号,注文日,金額\nA1,C1,2026-04-01,5480\n"
    tables = "  orders: [{files: data/orders.csv, mapping: generic}]"
    found = weathering(assortment.assortment(Shop.open(make_client({"orders.csv": orders}, tables), as_of="")))
    assert (found.days, found.links.empty, found.by_weather.empty, found.at(0).empty) == (0, True, True, True)


@pytest.mark.parametrize("sky", ["", "日付,天気,気温\n2026-06-01,,\n"])
def test_without_a_record_of_the_weather_nothing_is_found(make_client, sky: str) -> None:
    orders = "注文番号,顧客番号,注文日時,金額,商品名\n" + "".join(
        f"{number},A,2026-06-{number % 28 + 1:02d},100,石けん\n" for number in range(200)
    )
    files = {"orders.csv": orders} | ({"context.csv": sky} if sky else {})
    tables = "  orders: [{files: data/orders.csv, mapping: generic}]"
    tables += "\n  context: [{files: data/context.csv, mapping: generic}]" if sky else ""
    found = weathering(assortment.assortment(Shop.open(make_client(files, tables), as_of="")))
    assert (found.days, found.links.empty, found.by_weather.empty, found.at(3).empty) == (0, True, True, True)
