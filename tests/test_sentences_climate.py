"""Sales beside the weather, in words: what moves, what is not clear, what is missing; and the demo's product."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from horetsu_utils import assortment
from horetsu_utils.charts import tables
from horetsu_utils.climate_rules import ClimateRules
from horetsu_utils.sentences import climate as say
from horetsu_utils.shop import Shop
from horetsu_utils.weathering import WHOLE, weathering

RULES = ClimateRules()
LIMITS = (RULES.chance_ratio, 400, RULES.least_days)
CAUSES = re.compile(r"のため|効果|影響|おかげ|せいで|によって")


def link(product: str, value: float, chance: float, sight: str = "celsius", **more: Any) -> dict[str, Any]:
    lags = (0,) if chance < RULES.chance_ratio else ()
    bounds = {"low": value - 0.1, "high": value + 0.1}
    return (
        {"product": product, "sight": sight, "lag": 0, "value": value, "chance": chance, "lags": lags} | bounds | more
    )


MIXED = pd.DataFrame(
    [
        link("茶", 0.02, 1.0),
        link("氷菓", 0.31, 0.001, lags=(0, 1, 2, 5)),
        link("鍋", -0.404, 0.002),
        link(WHOLE, 0.5, 0.001),
        link("氷菓", -0.2, 0.01, "is_wet"),
        link("鍋", 0.2, 0.01, "is_wet"),
        link("茶", -0.001, 1.0, "is_wet"),
    ]
)


def title(links: pd.DataFrame, days: int = 400) -> str:
    return say.title(links, RULES.chance_ratio, days, RULES.least_days)


def test_the_strongest_product_is_named_and_never_all_orders() -> None:
    assert title(MIXED) == "「鍋」は、同じ季節の中でも、寒い日に多く買われています(ほかに1つの商品)"
    alone = MIXED[MIXED["product"].isin(["氷菓", WHOLE])]
    assert title(alone) == "「氷菓」は、同じ季節の中でも、暖かい日に多く買われています"
    nothing = "季節を除くと、気温とはっきり一緒に動いている商品は、見あたりません"
    assert title(MIXED[MIXED["product"] == WHOLE]) == title(MIXED[MIXED["product"] == "茶"]) == nothing


def test_the_table_in_words() -> None:
    rows = say.table(MIXED, RULES.chance_ratio).to_dict("records")
    assert [row["商品"] for row in rows] == ["ご注文の全体", "鍋", "氷菓"]  # nothing is clear of 茶
    assert rows[1] == {
        "商品": "鍋",
        "気温との関わり": "寒い日に多い",
        "気温との強さ": "-0.40(-0.50〜-0.30)",
        "売れる日": "その日",
        "雨や雪との関わり": "雨や雪の日に多い",
        "雨や雪との強さ": "+0.20(+0.10〜+0.30)",
    }
    assert (rows[2]["売れる日"], rows[2]["雨や雪との関わり"]) == ("その日〜2日後、5日後", "雨や雪の日に少ない")
    assert (rows[0]["雨や雪との関わり"], rows[0]["雨や雪との強さ"]) == ("—", "—")


def test_only_so_many_rows_and_the_clear_ones_stay() -> None:
    many = [link(f"品{place:02d}", 0.2, 1.0) for place in range(20)]
    links = pd.DataFrame([*many, link("静かな品", 0.12, 0.01)])
    shown: list[Any] = []
    say.drawn(lambda *said, **words: shown.extend([*said, words]), LIMITS, links)
    assert shown[0]["商品"].tolist() == ["静かな品"]
    assert shown[2]["note"].endswith("ほかの商品(20品)は、はっきりしません。")


def test_days_before_are_told() -> None:
    shown: list[Any] = []
    say.drawn(lambda *said, **words: shown.extend([*said, words]), LIMITS, MIXED.assign(lag=3))
    assert shown[1].endswith("(3日前の天気と)")
    assert [say.days_after(lags) for lags in ((), (3,), (0, 1), (1, 2, 3), (0, 2))] == [
        "—",
        "3日後",
        "その日〜1日後",
        "1日後〜3日後",
        "その日、2日後",
    ]


def test_what_is_missing_is_told_with_the_blank_form() -> None:
    nothing = MIXED.iloc[:0]
    assert title(nothing, 0).startswith("気温の記録が、まだありません。記入用/context.csv を data フォルダに写して")
    assert title(nothing, 12) == "気温の記録が、まだ12日分です(180日分たまると読み取れます)"
    page = say.drawn(tables.told, (0.05, 0, 180), nothing).data
    assert "context.csv" in page
    assert "<table" not in page
    assert say.weather_table(pd.DataFrame(columns=["weather", "days", "value", "low", "high"]), 30).empty


def test_a_weather_of_few_days_only_tells_its_days() -> None:
    words = pd.DataFrame(
        [("晴れ", 40, 3.0, 2.5, 3.5), ("雪", 3, 9.0, 1.0, 17.0)], columns=["weather", "days", "value", "low", "high"]
    )
    assert say.weather_table(words, 30).to_dict("records") == [
        {"天気": "晴れ", "1日のご注文": "3.0回(2.5〜3.5)", "日数": "40日"},
        {"天気": "雪", "1日のご注文": "(まだ日数が足りません)", "日数": "3日"},
    ]


def test_the_cover_is_told_of_a_product_or_of_the_next_step() -> None:
    told = say.finding(MIXED, *LIMITS)
    assert (told.key, told.figure, told.unit) == ("weather_product", 2.0, "item")
    assert told.sentence == f"{title(MIXED)}。"
    bare = say.finding(MIXED.iloc[:0], 0.05, 0, 180)
    assert (bare.figure, bare.next_step) == (None, say.STEP)


def test_a_name_from_a_file_is_shown_as_text() -> None:
    page = say.drawn(tables.told, LIMITS, pd.DataFrame([link("<b>茶</b>", 0.3, 0.001)])).data
    assert "<b>" not in page
    assert "&lt;b&gt;茶" in page


@pytest.mark.parametrize("text", [say.NOTE, say.WEATHER_NOTE, say.BEGIN, *say.NAMES.values(), title(MIXED)])
def test_no_cause_is_claimed(text: str) -> None:
    assert not CAUSES.search(text)
    assert "天気が理由だとは限りません" in say.NOTE
    assert "曜日と季節、長い目で見た増え減りを除いて" in say.NOTE


def test_the_demos_product_in_words(demo_client: Path) -> None:
    found = weathering(assortment.assortment(Shop.open(demo_client, as_of="")))
    assert title(found.at(0), found.days) == "「木かげの日焼け止め」は、同じ季節の中でも、暖かい日に多く買われています"
    rows = say.table(found.at(0), RULES.chance_ratio)
    assert rows["商品"].iloc[1] == "木かげの日焼け止め"
    assert rows["売れる日"].iloc[1].startswith("その日")
    assert list(rows["気温との関わり"].drop(1).unique()) == ["はっきりしません"]
