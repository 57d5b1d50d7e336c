"""What the chapter on the journey says of the second order: when it comes, from whom, and how far people go on."""

import datetime as dt

import pandas as pd

from horetsu_utils.findings import Finding
from horetsu_utils.logrank import LogRank
from horetsu_utils.method import JourneyRules
from horetsu_utils.wording import NOTHING, count, decimal, month, percent

WHO = "はじめての方"
REST_CODE = "\ue000"
"""The code of all groups that are too small to stand alone (`survival.REST`): no name that people write."""
LADDER_NOTE = "見守り終えた方のうち、次へ進まれた方の人数です。次までの日数は、進まれた方の真ん中の方です。"
NEVER = "2回目のご注文は、まだありません"
SPLITS = {
    "first_product": "最初の商品",
    "first_source": "お店を知ったきっかけ(流入元)",
    "first_month": "はじめてのご注文の月",
}
UNTOLD = {
    "first_product": "商品の名前か番号",
    "first_source": "流入元(広告・検索・SNSなど)",
    "first_month": "この1年のはじめてのご注文",
}
SOURCES_LATER = "お店を知ったきっかけ(広告・検索・SNSなどの流入元)によって、その後に違いはありますか"
BAND_NOTE = "薄い帯は、人数が限られるための誤差の幅です。"
GROUPS_NOTE = (
    "最近はじめて来られた方も、見守った日数のぶんだけ数に入れています。"
    "下の人数は、その日まで見守っていて、まだ2回目のご注文のない方です。"
)
CURVE_NOTE = GROUPS_NOTE + BAND_NOTE
DOTS_NOTE = "はじめてのご注文から90日までの割合です。" + BAND_NOTE
FEW_STEP = "このまま記録を続けてくださると、人数がふえたときに、もう一度お確かめできます。"
LAST_BAND = 99_999
SELDOM = 0.001
"""A chance below this is not told more closely."""


def short(known: int, least: int) -> str:
    """Say that too few stand behind a figure, and how many more it takes."""
    return f"{WHO}がまだ{known:,}人のため、傾向は読み取れません(あと{least - known:,}人で読み取れます)"


def curve_title(readings: pd.DataFrame, window_days: int, customers: int, least: int) -> str:
    """Say how many of the first-time buyers come back within the journey, if enough have been watched so long."""
    if customers < least:
        return short(customers, least)
    row = readings[readings["day"] == window_days].iloc[0]
    watched = int(row["watched"])
    if watched < least:
        return f"はじめてのご注文から{window_days}日たった方が、まだ{watched:,}人です({least}人から読み取れます)"
    if not row["value"]:
        return f"はじめての方の、{window_days}日までの2回目のご注文は、まだありません"
    if pd.isna(row["value"]):
        share = percent(row["value_plain"])
        return f"{window_days}日見守り終えた方の{share}が、{window_days}日までに2回目のご注文をくださっています"
    return f"はじめての方の{percent(row['value'])}が、{window_days}日までに2回目のご注文をくださっています"


def readings_table(readings: pd.DataFrame) -> pd.DataFrame:
    """Lay both rates of each day side by side."""
    rows = [
        {
            "はじめてのご注文から": f"{row['day']}日まで",
            "2回目をくださった割合": spread(row["value"], row["low"], row["high"]),
            "まだ2回目のない方(その日)": count(row["at_risk"], "customer"),
            "見守り終えた方だけの割合": spread(row["value_plain"], row["low_plain"], row["high_plain"]),
            "その日数がたった方": count(row["watched"], "customer"),
        }
        for row in readings.to_dict("records")
    ]
    return pd.DataFrame(rows)


def spread(value: float, low: float, high: float) -> str:
    """Say a share with its interval."""
    if pd.isna(value):
        return NOTHING
    return f"{percent(value)}({percent(low).removesuffix('%')}〜{percent(high)})"


def difference(readings: pd.DataFrame, window_days: int) -> str:
    """Explain in one sentence why the two rates differ."""
    row = readings[readings["day"] == window_days].iloc[0]
    if pd.isna(row["young"]):
        return ""
    young = int(row["young"])
    if not young:
        return f"どの方も{window_days}日より長く見守っているので、2つの数え方は同じ割合になります。"
    if pd.isna(row["value"]):
        return f"{window_days}日目には、まだ2回目のない方がいらっしゃらないため、はじめの割合は出せません。"
    if pd.isna(row["value_plain"]):
        return (
            f"はじめてのご注文から{window_days}日たった方が、まだいらっしゃらないため、今は、はじめの割合だけで見ます。"
        )
    gap = abs(row["value"] - row["value_plain"])
    told = (
        f"はじめの割合は、まだ{window_days}日たっていない{count(young, 'customer')}も、"
        "見守った日数のぶんだけ数に入れています。"
    )
    if not round(gap * 100, 1):
        return f"{told}今回は、「見守り終えた方だけ」の割合とほとんど同じ数になりました。"
    size = decimal(gap * 100, "point")
    return f"{told}「見守り終えた方だけ」の割合との{size}の差は、その方々を数に入れるかどうかの違いです。"


def waits_title(firsts: dict[str, float], customers: int, least: int) -> str:
    """Say after how many days the second order comes, for half of those who gave one; `firsts` has median and back."""
    if customers < least:
        return short(customers, least)
    if not firsts["back"]:
        return NEVER
    if not firsts["median"]:
        return "2回目のご注文をくださった方の半分以上は、はじめてと同じ日のご注文です"
    return f"2回目のご注文をくださった方の半分は、{count(firsts['median'], 'day')}までにくださっています"


def waits_note(same_day: int) -> str:
    """Say what a second order on the first day is, where there are any."""
    note = "2回目のご注文をくださった方を、はじめてのご注文からの日数で分けました。"
    if same_day:
        note += f"同じ日に2回ご注文になった方が{count(same_day, 'customer')}いらっしゃり、2回目として数えています。"
    return note


def bands(frame: pd.DataFrame) -> pd.DataFrame:
    """Name the bands of days."""
    names = [
        "同じ日" if not high else f"{low}日から先" if high == LAST_BAND else f"{low}〜{high}日"
        for low, high in zip(frame["day_from"], frame["day_to"], strict=True)
    ]
    return frame.assign(days_band=names)


def groups_title(read: pd.DataFrame, by: str, test: LogRank | None, rules: JourneyRules, least: int) -> str:
    """Say whether the groups come back at different paces, and which one stands out; no cause is named."""
    name = SPLITS[by]
    if read.empty:
        return f"{UNTOLD[by]}の記録がないため、{name}ごとには比べられません"
    known = read[(read["watched"] >= least) & read["value"].notna()]
    if len(known) < 2 or test is None:
        return f"{name}ごとに比べるには、まだ人数が足りません(1つにつき{least}人から比べられます)"
    if test.p >= rules.chance_ratio:
        return f"{name}による違いは、偶然でも起こるくらいの大きさです"
    found = test.outstanding(rules.chance_ratio)
    own = known[known[by] == found[0]] if found else known.iloc[:0]
    if found is None or own.empty or found[0] == REST_CODE:
        return f"{name}による違いは、偶然とは言いにくい大きさです"
    title = months(own).get(found[0], found[0])
    way = "ほかより多く" if found[1] > 0 else "ほかより少なく"
    share = percent(own["value"].iloc[0])
    return f"{name}が「{title}」の方は、2回目をくださる割合が{way}、{share}です(偶然とは言いにくい違いです)"


def groups_note(test: LogRank | None) -> str:
    """Say how the groups were compared."""
    note = DOTS_NOTE
    if test is not None:
        chance = f"{percent(test.p)}ほどの割合で出ます" if test.p >= SELDOM else "0.1%より少ない割合でしか出ません"
        note += f"本当は違いがなくても、これくらいの差は{chance}。"
    return note + "違いがあっても、それが理由だとは限りません。"


def old_enough(read: pd.DataFrame) -> pd.DataFrame:
    """Leave out the months whose customers have not been watched to the journey's end."""
    return read[read["value"].notna()]


def by_title(by: str, days: int) -> str:
    """Title the shares of all groups."""
    return f"{SPLITS[by]}ごとの、{days}日までに2回目のご注文をくださった割合"


def months(read: pd.DataFrame) -> dict[str, str]:
    """Name each month of first order."""
    told = list(read.get("first_month", []))
    return {code: month(dt.date(int(code[:4]), int(code[5:]), 1)) for code in told}


def rungs(ladder: pd.DataFrame) -> dict[str, str]:
    """Name each rung."""
    return {str(number): f"{number}回目→{number + 1}回目" for number in ladder["number"]}


def ladder_title(ladder: pd.DataFrame, least: int) -> str:
    """Name the rung from which the smallest share goes on."""
    known = ladder[ladder["watched"] >= least]
    if known.empty:
        return f"次のご注文へ進まれた割合を言うには、まだ人数が足りません(1段につき{least}人から読み取れます)"
    stop = known.sort_values(["value", "number"]).iloc[0]
    number = int(stop["number"])
    share = percent(stop["value"])
    return f"次のご注文へ進まれる割合がいちばん低いのは、{number}回目から{number + 1}回目のあいだです({share})"


def ladder_note(within_days: int) -> str:
    """Say who is counted on a rung."""
    return (
        f"その回のご注文から{within_days}日以上たつ方のうち、{within_days}日のうちに次のご注文をくださった割合です。"
        "まだ日のたっていない方を「止まった」とは数えません。" + BAND_NOTE
    )


def ladder_table(ladder: pd.DataFrame) -> pd.DataFrame:
    """Lay out how many reached each rung, and how long the next order took."""
    return pd.DataFrame(
        {
            "回": [f"{number}→{number + 1}" for number in ladder["number"]],
            "来られた方(人)": ladder["reached"],
            "見守り終えた方(人)": ladder["watched"],
            "次へ進まれた方(人)": ladder["went_on"],
            "次まで(日)": ladder["gap_days"].round().astype("Int64"),
        }
    )


def f2(readings: pd.DataFrame, window_days: int, customers: int, least: int) -> Finding:
    """Tell the F2 reading at the journey's end."""
    title = curve_title(readings, window_days, customers, least)
    row = readings[readings["day"] == window_days].iloc[0]
    if customers < least or row["watched"] < least or pd.isna(row["value"]):
        return Finding("f2_ratio", f"{title}。", None, "ratio", FEW_STEP)
    step = f"はじめてのお客様が{window_days}日のあいだに受け取るものを、1つずつ、お客様の目で読みかえしてみましょう。"
    return Finding("f2_ratio", f"{title}。", float(row["value"]), "ratio", step)


def before_note(known_before: int) -> str:
    """Say who was left out because their first order may lie before the records."""
    if not known_before:
        return ""
    return (
        f"記録の始まりより前に登録された{count(known_before, 'customer')}は、"
        "その前にもご注文があったかもしれないため、はじめての方に数えていません。"
    )


def early_note(early: tuple[int, dt.date, float] | None, window_days: int) -> str:
    """Warn where those who came first on record come back so much more often that they may be old customers."""
    if early is None:
        return ""
    days, _, value = early
    return (
        f"記録のはじめの{days}日に来られた方は、2回目をくださる割合が高く、前からのお客様かもしれません。"
        f"その方々を除くと、{window_days}日までの割合は{percent(value)}です。"
    )
