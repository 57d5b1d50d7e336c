"""What the chapter on the journey says of where the relationship breaks, and of what a repair is worth."""

import math
from collections.abc import Mapping

import pandas as pd
from IPython.display import HTML

from horetsu_utils.charts.tables import remark
from horetsu_utils.findings import Finding
from horetsu_utils.sentences.journey import FEW_STEP, short
from horetsu_utils.wording import NOTHING, count, decimal, money, plain

RARE = 0.05
"""Fewer contacts a customer than this are hardly any."""
MOST_TIMES = 10
"""Where it would take more than so many times the customers, it is not said how many."""
TOO_EARLY = "どこで途切れているかを言うには、2回目のご注文か、見守った日数が、まだ足りません"
NO_PACE = "落ち着いてからの2回目のご注文がまだないため、どこで途切れているかは、まだ分かりません"
NO_BREAK = "お店のペースを大きく下回る時期は、見あたりません"
KINDS = {"dip": "いったん少なくなり、そのあと持ち直しています", "fading": "90日目まで、ペースを下回ったままです"}
DONE = "していたこと・していなかったこと"
ROAD_NOTE = (
    "棒の高さは、まだ2回目のご注文のない方1,000人のうち、1日に何人が2回目をくださったかです。"
    "薄い棒は、お届けから間もないころで、お店のペースには入れていません。"
)
BESIDE_NOTE = "灰色は、便りのない間です。していたこと・していなかったことを並べていますが、それが理由だとは限りません。"
PROMISE = "これまでの平均から計算した見込みで、お約束する額ではありません。"
TOO_YOUNG = "整えたときの見込みは、記録が1年と3か月たまり、1年たった方が十分な人数になると計算できます"


def days(row: Mapping[str, float]) -> str:
    """Say a stretch of days."""
    return f"{int(row['day_from'])}〜{int(row['day_to'])}日目"


def _sure(breaks: pd.DataFrame) -> pd.DataFrame:
    return breaks[breaks["is_sure"].astype(bool)]


def marked(pace: pd.DataFrame, breaks: pd.DataFrame) -> pd.DataFrame:
    """Mark the intervals of the sure breaks."""
    sure = _sure(breaks)
    inside = [
        bool(((sure["day_from"] <= row.day_from) & (sure["day_to"] >= row.day_to)).any()) for row in pace.itertuples()
    ]
    return pace.assign(is_break=inside)


def title(breaks: pd.DataFrame, pace: pd.DataFrame, least: int, currency: str) -> str:
    """Name the first break, how many are missing there and what is at stake; `pace` has the intervals."""
    customers, counted = int(pace["at_risk"].max()), int(pace["counted"].max())
    if customers < least:
        return short(customers, least)
    if not counted:
        return NO_PACE
    sure = _sure(breaks)
    if sure.empty:
        return NO_BREAK if min(counted, pace["at_risk"].iloc[-1]) >= least else TOO_EARLY
    row = sure.iloc[0]
    return (
        f"はじめてのご注文から{days(row)}は、2回目のご注文が、お店の平均のペースより"
        f"約{count(row['lost'], 'customer')}少なくなっています"
        f"(2回目のご注文の金額だけで、およそ{money(row['lost_yen'], currency)})"
    )


def table(breaks: pd.DataFrame, customers: int, currency: str, silent: bool) -> pd.DataFrame:
    """Lay out each break: who is missing, what is at stake, and what was and was not done, if known."""
    rows = [
        {
            "はじめてのご注文から": days(row),
            "2回目のご注文": f"{count(row['came'], 'customer')}(ペースなら{count(row['expected'], 'customer')})",
            "少ない人数": _lost(row, customers),
            "金額にすると": money(row["lost_yen"], currency) if row["is_sure"] else NOTHING,
            "その後": KINDS[row["kind"]] if row["is_sure"] else NOTHING,
            DONE: _done(row, silent),
        }
        for row in breaks.to_dict("records")
    ]
    shown = pd.DataFrame(rows)
    return shown if silent or not len(breaks) or breaks["planned_steps"].any() else shown.drop(columns=DONE)


def road_note(silent: bool) -> str:
    """Say how to read the road; of contacts only where they are on record (`silent`: silences can be told)."""
    return ROAD_NOTE + (BESIDE_NOTE if silent else "")


def _lost(row: Mapping[str, float], customers: int) -> str:
    if row["is_sure"]:
        low, high = plain(row["lost_low"], 0), count(row["lost_high"], "customer")
        return f"約{count(row['lost'], 'customer')}({low}〜{high})"
    times = row["times_needed"]
    if times > MOST_TIMES:
        return "偶然かもしれません"
    more = math.ceil(customers * max(times - 1, 0.0))
    needed = f"あと{count(more, 'customer')}ほど" if more else "人数がもう少し"
    return f"偶然かもしれません({needed}ふえると、確かめられます)"


def _done(row: Mapping[str, float], silent: bool) -> str:
    steps = int(row["planned_steps"])
    planned = f"予定の便り {steps}件" if steps else "予定の便りなし"
    if not silent or pd.isna(row["contacts_each"]):
        return f"{planned}(連絡の記録はありません)"
    each = decimal(row["contacts_each"], "contact")
    made = f"連絡はお一人あたり{each}" if row["contacts_each"] >= RARE else "連絡はほとんどなし"
    return f"{planned}、{made}、{int(row['days'])}日のうち{int(row['silent_days'])}日は便りのない日"


def note(breaks: pd.DataFrame, first_on: str, currency: str) -> str:
    """Say how the yen figure came about."""
    if breaks.empty:
        return ""
    second = money(breaks["second_yen"].iloc[0], currency)
    return (
        f"{first_on}からの、はじめての方すべてを数えています。"
        f"金額は、少ない人数に、2回目のご注文の平均{second}を掛けたものです。"
        "カッコの中は誤差の幅です。ペースは90日の平均なので、同じ人数だけ上回る時期もあります。"
    )


def worst(breaks: pd.DataFrame, told: str) -> Finding:
    """Tell the first break as titled, with the step that fits what was done there."""
    sure = _sure(breaks)
    if sure.empty or days(sure.iloc[0]) not in told:
        step = "今の接し方を大切に続けましょう。" if told == NO_BREAK else FEW_STEP
        return Finding("first_break_yen", f"{told}。", None, "yen", step)
    row = sure.iloc[0]
    when = f"はじめてのご注文から{days(row)}"
    step = f"{when}に届いている便りが、そのときのお気持ちに合っているかを、1通ずつ見直してみませんか。"
    if not row["planned_steps"]:
        step = f"{when}のころに、お変わりないかを尋ねるなど、売り込みではない便りを1通お送りしてみませんか。"
    return Finding("first_break_yen", f"{told}。", float(row["lost_yen"]), "yen", step)


def repair_name(row: Mapping[str, float], points: int) -> str:
    """Name a repair."""
    if row["repair"] == "break":
        return f"はじめてのご注文から{days(row)}の2回目を、お店の平均のペースに近づける"
    if row["repair"] == "reading":
        return f"{int(row['day_to'])}日までに2回目をくださる方を、100人につき{points}人ふやす"
    number = int(row["number"])
    return f"{number}回目の方のうち{number + 1}回目へ進まれる方を、100人につき{points}人ふやす"


def repairs_title(repairs: pd.DataFrame, points: int, least: int, currency: str) -> str:
    """Name the most valuable repair."""
    known = repairs[repairs["customers"] >= least]
    if known.empty:
        return f"{TOO_YOUNG}({least}人から)"
    best = known.iloc[0]
    return f"{repair_name(best, points)}と、1年でおよそ{money(best['gain_yen'], currency)}の違いになる見込みです"


def repairs_table(repairs: pd.DataFrame, points: int, least: int, currency: str) -> pd.DataFrame:
    """Lay out the three repairs that would bring most in a year."""
    known = repairs[repairs["customers"] >= least].head(3)
    return pd.DataFrame([_repair(row, repair_name(row, points), currency) for row in known.to_dict("records")])


def _repair(row: Mapping[str, float], name: str, currency: str) -> dict[str, str]:
    low, high = money(row["gain_low_yen"], currency), money(row["gain_high_yen"], currency)
    return {
        "整えるところ": name,
        "1年にふえる方": f"約{count(row['more'], 'customer')}",
        "1年の売上の違い": f"およそ{money(row['gain_yen'], currency)}",
        "誤差の幅": NOTHING if NOTHING in (low, high) else f"{low}〜{high}",
        "計算に使った方の人数": count(row["customers"], "customer"),
    }


def moved(frame: pd.DataFrame, newcomers: int, least: int, currency: str) -> str:
    """Say what follows if the F2 reading of one day stood higher: the sliders' sentence."""
    known = frame[frame["customers"] >= least]
    if known.empty:
        return f"{TOO_YOUNG}({least}人から)。"
    row = known.iloc[0]
    low, high = money(row["gain_low_yen"], currency), money(row["gain_high_yen"], currency)
    return (
        f"{int(row['day'])}日までに2回目をくださる方が100人につき{int(row['points'])}人ふえると、"
        f"1年にはじめて来られる{count(newcomers, 'customer')}では約{count(row['more'], 'customer')}です。"
        f"売上は、1年でおよそ{money(row['gain_yen'], currency)}({low}〜{high})ふえる見込みです。"
    )


def remark_moved(frame: pd.DataFrame, *, newcomers: int, least: int, currency: str) -> HTML:
    """Show the sliders' sentence."""
    return remark(moved(frame, newcomers, least, currency))


def repairs_note(newcomers: Mapping[str, float]) -> str:
    """Say whom the year's figure counts."""
    people = count(newcomers["newcomers"], "customer")
    return (
        f"この1年にはじめて来られた{people}が、それぞれ1年のあいだに買ってくださる額の違いです"
        f"(あとから2回目をくださるはずだった分は引いてあります)。途切れている時期の金額は2回目のご注文だけ、"
        f"こちらは1年のあいだのご注文すべてです。{PROMISE}"
    )


def best_repair(repairs: pd.DataFrame, points: int, least: int, currency: str) -> Finding:
    """Tell the most valuable repair."""
    told = repairs_title(repairs, points, least, currency)
    known = repairs[repairs["customers"] >= least]
    if known.empty:
        return Finding("best_repair_yen", f"{told}。", None, "yen", FEW_STEP)
    step = "「はじめてのご注文からの90日」の章の表から、手をつけやすいものを1つ選んでみませんか。"
    return Finding("best_repair_yen", f"{told}。", float(known["gain_yen"].iloc[0]), "yen", step)
