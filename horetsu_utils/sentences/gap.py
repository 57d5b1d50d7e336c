"""What the chapter on expectation and evaluation says: the shares, the places to mend, what followed, the words."""

from typing import Any

import pandas as pd

from horetsu_utils.errors import shorten
from horetsu_utils.findings import Finding
from horetsu_utils.sentences.journey import FEW_STEP, spread
from horetsu_utils.sentences.scenario import NO_STEP
from horetsu_utils.wording import count, percent
from horetsu_utils.words import CODES

PATTERNS: dict[str, str] = CODES["pattern"]
WHOLE, UNTOLD = "whole", "-"
NAMES = {WHOLE: "お声の全体", UNTOLD: "部門の記録なし"}
MOST_PLACES, LONGEST_NAME = 10, 24
MUCH = 0.3
"""An expectation this much (score) above or below the shop's own is called high or low."""
SHARES_NOTE = (
    "期待より評価が低ければ「期待を下回った」、同じなら「期待どおり」、高ければ「期待を超えた」と数えています。"
    "同じ方のお声が2件あれば、2件と数えています。かっこの中は誤差の幅です。"
)
STEPS_NOTE = (
    "点数は5点満点の平均で、かっこの中は誤差の幅です。同じ方のお声は、1つの時期につきお一人と数えています。"
    "「時期」は、お声の記録の「旅の段階」のことです。"
    "期待と評価の上下がはっきり入れかわったところを「潮目」と呼びます。"
)
CROSSED_NOTE = "評価から期待を引いた差の、お一人あたりの平均です。マイナスは、期待を下回っていることを表します。"
MEND_NOTE = (
    "伺った方の数と、期待に足りなかった点数をかけて、大きい順に並べています。偶然とは言いにくい差だけを挙げています。"
)
NO_STEPS = "どの時期のお声かの記録があると、時期ごとに読み取れます"
NO_PAIRS = "時期と部門の両方の記録があると、組み合わせて読み取れます"
NO_PLACES = "どの時期、どの部門のお声かの記録があると、見直すところを絞れます"


def coverage(told: dict[str, int], period_days: int) -> str:
    """Say how many voices there are, and how many of the buyers were heard."""
    who = f"({count(told['heard'], 'customer')})" if told["heard"] else ""
    heard = f"お声は{count(told['voices'], 'voice')}{who}です。"
    if told["buyers"] and told["heard"]:
        share = percent(told["buyers_heard"] / told["buyers"])
        heard += (
            f"この{period_days}日に買われた{count(told['buyers'], 'customer')}のうち、"
            f"お声を伺えたのは{count(told['buyers_heard'], 'customer')}({share})です。"
        )
    if told["unnamed"]:
        heard += (
            f"{_part(told['unnamed'], told['voices'])}、どなたのお声か分かりません。"
            "割合には数え、「その後、実際にどうなりましたか」には数えていません。"
        )
    if told["stand_ins"]:
        heard += (
            f"{_part(told['stand_ins'], told['voices'])}、評価だけのお声です。"
            "期待は伺っていないため、お店の決めた「期待どおり」の点とくらべています。"
        )
    return heard


def _part(some: int, whole: int) -> str:
    return "どのお声も" if some == whole else f"このうち{count(some, 'voice')}は"


def too_few(voices: int, least: int) -> str:
    """Say that too few voices were heard, and how many more it takes."""
    return f"お声がまだ{voices:,}件のため、傾向は読み取れません(あと{least - voices:,}件で読み取れます)"


def shares_title(shares: pd.DataFrame, told: dict[str, int], least: int) -> str:
    """Say which share of the voices was disappointed, or of what they fell short where expectations were not asked."""
    low = shares[shares["pattern"] == "disappointed"].iloc[0]
    if low["whole"] < least:
        return too_few(int(low["whole"]), least)
    if not low["voices"]:
        return f"お声{count(low['whole'], 'voice')}のうち、期待を下回ったものはありません"
    share = spread(low["ratio"], low["low"], low["high"])
    asked = told["stand_ins"] < told["voices"]
    return f"お声の{share}で、評価が{'期待' if asked else '、お店の決めた「期待どおり」の点'}を下回っています"


def with_whole(whole: pd.DataFrame, parts: pd.DataFrame, by: str) -> pd.DataFrame:
    """Put the shares of all voices above those by a column; a column that tells nothing is left out."""
    told = parts if parts[by].nunique() > 1 else parts.iloc[:0]
    return pd.concat([whole.assign(**{by: WHOLE}), told], ignore_index=True)


def most_heard(note: str, shown: int, whole: int, what: str) -> str:
    """Add to a note that only the steps or departments with most voices are shown, if there are more."""
    return (
        f"{note}お声の多い{shown}の{what}だけを並べています({what}は全部で{whole}あります)。" if shown < whole else note
    )


def steps_title(steps: pd.DataFrame, below: pd.DataFrame, fewest: int) -> str:
    """Name the step at which the evaluation falls below the expectation, and where it turns.

    `below`: the steps at which it surely does.
    """
    named = steps[steps["step"] != UNTOLD]
    if named.empty:
        return NO_STEPS
    if named["customers"].max() < fewest:
        return f"時期ごとに読み取るには、お声がまだ足りません(1つの時期に{fewest}人から読み取れます)"
    turns = "」「".join(shorten(step, LONGEST_NAME) for step in steps.loc[steps["turned"].eq(True), "step"])
    return _lowest_step(below) + (f"(潮目は「{turns}」)" if turns else "")


def _lowest_step(below: pd.DataFrame) -> str:
    if below.empty:
        return "評価が期待をはっきり下回る時期は、見あたりません"
    low = below.sort_values(["gap", "step"]).iloc[0]
    name, short = place(low), f"{abs(low['gap']):.1f}点"
    if len(below) == 1:
        return f"{name}で、評価が期待を平均{short}下回っています"
    return f"評価が期待を下回っている時期は{len(below)}つで、差がいちばん大きいのは{name}です(平均{short})"


def place(row: Any) -> str:
    """Name a place of the journey: 「1か月」の「商品企画」."""
    told = [row.get(name) for name in ("step", "department")]
    return (
        "の".join(f"「{shorten(each, LONGEST_NAME)}」" for each in told if isinstance(each, str) and each != UNTOLD)
        or NO_STEP
    )


def mend_title(places: pd.DataFrame, largest: int, told: dict[str, int], least: int, fewest: int) -> str:
    """Name the place to mend first. `largest`: so many people were heard at the place with most; 0 if none is told."""
    if told["voices"] < least:
        return too_few(told["voices"], least)
    if not largest:
        return NO_PLACES
    if places.empty and largest < fewest:
        return f"見直すところを言うには、お声がまだ足りません(1つの時期か部門に{fewest}人から読み取れます)"
    if places.empty:
        return "期待をはっきり下回っているところは、見あたりません"
    first = places.iloc[0]
    return f"いちばん先に見直したいのは、{place(first)}です(評価が期待を平均{abs(first['gap']):.1f}点下回っています)"


def mend_table(places: pd.DataFrame, usual: float) -> pd.DataFrame:
    """Lay out the places to mend, the most pressing first; `usual` is the shop's mean expectation [score]."""
    rows = [
        {
            "見直したい順": f"{number}番目",
            "どこで": place(row),
            "期待 → 評価": f"{row['expectation']:.1f} → {row['evaluation']:.1f}",
            "差(幅)": f"{row['gap']:+.1f}({row['low']:+.1f}〜{row['high']:+.1f})",
            "伺った方": count(row["customers"], "customer"),
            "まず見たいこと": advice(row, usual),
        }
        for number, row in enumerate(places.head(MOST_PLACES).to_dict("records"), start=1)
    ]
    return pd.DataFrame(rows)


def advice(row: Any, usual: float) -> str:
    """Say where to look first: at what was promised, or at what was found."""
    above = row["expectation"] - usual
    if above >= MUCH:
        return "お届けの前のご案内と、実際とのあいだに、開きがないか(期待が、お店の平均より高めです)"
    height = "お店の平均より低め" if above <= -MUCH else "お店の平均と同じくらい"
    return f"このころに届く説明や声かけが、足りているか(期待は、{height}です)"


def crossed_title(crossed: pd.DataFrame, below: pd.DataFrame, fewest: int) -> str:
    """Name the step and department whose difference is the lowest of those that are surely `below`."""
    if crossed.empty:
        return NO_PAIRS
    if crossed["customers"].max() < fewest:
        return f"時期と部門を組み合わせて見るには、お声がまだ足りません(1つの組み合わせに{fewest}人から読み取れます)"
    if below.empty:
        return "時期と部門を組み合わせても、期待をはっきり下回るところは見あたりません"
    return (
        f"お一人あたりの差がいちばん大きいのは、{place(below.sort_values(['gap', 'step', 'department']).iloc[0])}です"
    )


def finding(places: pd.DataFrame, shares: pd.DataFrame, title: str, told: dict[str, int], least: int) -> Finding:
    """Tell the cover which place to mend first, or how many voices were disappointed."""
    if len(places) and told["voices"] >= least:
        first = places.iloc[0]
        step = f"{place(first)}でお伝えしていることと、お届けの前のご案内を、読みくらべてみましょう。"
        return Finding("gap_place", f"{title}。", float(first["gap"]), "score", step)
    low = shares[shares["pattern"] == "disappointed"].iloc[0] if len(shares) else None
    known = low is not None and low["whole"] >= least
    figure = float(low["ratio"]) if known and low is not None else None
    step = "伺ったお声を、これからも続けて見ていきましょう。" if known else FEW_STEP
    sentence = shares_title(shares, told, least) if low is not None else title
    return Finding("disappointed_ratio", f"{sentence}。", figure, "ratio", step)
