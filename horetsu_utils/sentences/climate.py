"""What the chapter on products says of the weather: what moves with the temperature, and that this proves no cause."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from horetsu_utils.errors import shorten
from horetsu_utils.findings import Finding
from horetsu_utils.wording import NOTHING, count, unended

WHOLE, WHOLE_NAME = "\ue000", "ご注文の全体"
LONGEST_PRODUCT, MOST_SHOWN = 20, 12
NAMES = {
    ("celsius", True): "暖かい日に多い",
    ("celsius", False): "寒い日に多い",
    ("is_wet", True): "雨や雪の日に多い",
    ("is_wet", False): "雨や雪の日に少ない",
}
UNCLEAR = "はっきりしません"
BEGIN = "記入用/context.csv を data フォルダに写して、日付と天気、気温を書くと、ここに出ます。"
NO_CONTEXT = f"気温の記録が、まだありません。{BEGIN}"
NOTE = (
    "一緒に動いていても、天気が理由だとは限りません。"
    "曜日と季節、長い目で見た増え減りを除いて見ていますので、「暖かい日」は、その季節の中での暖かさです。"
    "強さは -1〜1 で、0 に近いほど関わりがありません。かっこの中は誤差の幅です。"
)
STEP = "天気と気温を、これからも1日1行ずつ書き残していきましょう。"
WEATHER_TITLE = "天気ごとの、1日のご注文"
WEATHER_NOTE = "曜日や季節のちがいは、除いていません。かっこの中は誤差の幅です。"


def title(links: pd.DataFrame, chance: float, days: int, least: int) -> str:
    """Name the products whose sales surely move with the temperature."""
    if not days:
        return unended(NO_CONTEXT)
    if days < least:
        return f"気温の記録が、まだ{count(days, 'day')}分です({count(least, 'day')}分たまると読み取れます)"
    sure = _sure(links, chance)
    if sure.empty:
        return "季節を除くと、気温とはっきり一緒に動いている商品は、見あたりません"
    best = sure.loc[sure["value"].abs().idxmax()]
    others = f"(ほかに{len(sure) - 1}つの商品)" if len(sure) > 1 else ""
    how = "暖かい" if best["value"] > 0 else "寒い"
    return f"「{_name(best['product'])}」は、同じ季節の中でも、{how}日に多く買われています{others}"


def table(links: pd.DataFrame, chance: float) -> pd.DataFrame:
    """Word each product's link with the temperature and the rain: all orders on top, then the clear and strong ones."""
    known = links[links["value"].notna()].reset_index(drop=True)
    order = known.assign(whole=known["product"] == WHOLE, sure=known["chance"] < chance, strength=known["value"].abs())
    keys = ["whole", "sight", "sure", "strength", "product"]
    order = order.sort_values(keys, ascending=[False, True, False, False, True])
    by_sight = {(row["product"], row["sight"]): row for row in order.to_dict("records")}
    clear = set(order.loc[order["sure"] | order["whole"], "product"])
    names = [name for name in dict.fromkeys(order["product"]) if name in clear][:MOST_SHOWN]
    return pd.DataFrame([_row(name, by_sight, chance) for name in names])


def _row(product: str, by_sight: dict[tuple[str, str], Any], chance: float) -> dict[str, str]:
    warm, wet = (by_sight.get((product, sight)) for sight in ("celsius", "is_wet"))
    return {
        "商品": _name(product),
        "気温との関わり": _told(warm, chance),
        "気温との強さ": _figure(warm),
        "売れる日": days_after(warm["lags"]) if warm else NOTHING,
        "雨や雪との関わり": _told(wet, chance),
        "雨や雪との強さ": _figure(wet),
    }


def days_after(lags: Sequence[int]) -> str:
    """Say the days after: その日, その日〜2日後, 1日後、4日後; none is a dash."""
    runs: list[list[int]] = []
    for lag in lags:
        if runs and lag == runs[-1][-1] + 1:
            runs[-1].append(lag)
        else:
            runs.append([lag])
    ends = [dict.fromkeys((run[0], run[-1])) for run in runs]
    return "、".join("〜".join(f"{lag}日後" if lag else "その日" for lag in each) for each in ends) or NOTHING


def _sure(links: pd.DataFrame, chance: float) -> pd.DataFrame:
    """Keep the products that surely move with the temperature."""
    return links[(links["chance"] < chance) & (links["sight"] == "celsius") & (links["product"] != WHOLE)]


def _name(product: str) -> str:
    return WHOLE_NAME if product == WHOLE else shorten(product, LONGEST_PRODUCT)


def _told(row: dict[Any, Any] | None, chance: float) -> str:
    if row is None:
        return NOTHING
    return NAMES[row["sight"], row["value"] > 0] if row["chance"] < chance else UNCLEAR


def _figure(row: dict[Any, Any] | None) -> str:
    return f"{_signed(row['value'])}({_signed(row['low'])}〜{_signed(row['high'])})" if row else NOTHING


def _signed(value: float) -> str:
    """Say a figure with its sign; none is 0.00, never -0.00."""
    return f"{value:+.2f}" if round(value, 2) else "0.00"


def drawn(show: Callable[..., Any], rules: tuple[float, int, int], links: pd.DataFrame) -> Any:
    """Hand the table of one lag to `show`, titled. `rules`: the chance, the days, the fewest of them."""
    chance, days, least = rules
    said = title(links, chance, days, least)
    instead = NO_CONTEXT if not days else f"{said}。"
    rows, whole = table(links, chance), links["product"].nunique()
    cut = f"ほかの商品({whole - len(rows):,}品)は、はっきりしません。" if len(rows) < whole else ""
    return show(rows, f"{said}{_lag(links)}", note=f"{NOTE}{cut}", instead=instead)


def _lag(links: pd.DataFrame) -> str:
    lag = int(links["lag"].iloc[0]) if len(links) else 0
    return f"({lag}日前の天気と)" if lag else ""


def weather_table(by_weather: pd.DataFrame, least: int) -> pd.DataFrame:
    """Word the orders a day by the weather; of few days only how many there were."""
    rows = by_weather.head(MOST_SHOWN).to_dict("records")
    means = [
        f"{row['value']:.1f}回({row['low']:.1f}〜{row['high']:.1f})"
        if row["days"] >= least
        else "(まだ日数が足りません)"
        for row in rows
    ]
    names = [shorten(row["weather"], LONGEST_PRODUCT) for row in rows]
    return pd.DataFrame({"天気": names, "1日のご注文": means, "日数": [count(row["days"], "day") for row in rows]})


def finding(links: pd.DataFrame, chance: float, days: int, least: int) -> Finding:
    """Tell the cover how many products surely move with the temperature, and the foremost."""
    said, sure = f"{title(links, chance, days, least)}。", _sure(links, chance)
    if sure.empty:
        return Finding("weather_product", said, None, "item", STEP)
    best = _name(sure.loc[sure["value"].abs().idxmax(), "product"])
    step = f"「{best}」のお知らせの時期を、気温の見通しとあわせて見てみましょう。"
    return Finding("weather_product", said, float(len(sure)), "item", step)
