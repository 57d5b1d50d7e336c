"""What the chapter on the journey says of the year ahead, of cohorts, and of other people's definitions."""

from typing import Protocol

import pandas as pd

from horetsu_utils.method import CpmRules, OutlookRules
from horetsu_utils.wording import NOTHING, count, decimal, money, name, percent

GROUPS = {0: "1回だけの方", 7: "8回以上の方"}
"""Customers by how often they have come again; the last group takes all above."""
HOLDOUT_NOTE = (
    "この90日のことを何も知らないものとして計算した見込みと、実際にあったご注文を比べています"
    "(同じ日の2回のご注文は1回と数えます)。"
)
REFUSED = {
    "too_small": "これから1年の見込みを出すには、まだ記録が足りません",
    "bad": "前の90日で試したところ、実際との差が大きかったため、これから1年の見込みは控えます",
    "no_fit": "この計算は、こちらのお店のお買い物のされ方には向かないため、これから1年の見込みは控えます",
}
METHODS = (
    "この章の計算の方法: 2回目のご注文の割合はカプラン・マイヤー法(幅は Greenwood の log-log)、"
    "ほかの割合の幅は Wilson の方法で、どれも95%信頼区間です。グループの比較はログランク検定、"
    "これからの見込みは BG/NBD と Gamma-Gamma モデルです。"
)
RETENTION_TITLE = "はじめてのご注文の月ごとの、その後の月にお買い物をされた方の割合"
REPEAT_TITLE = "はじめてのご注文の月ごとの、それまでに2回目のご注文をくださった方の割合"
UNRIPE = "まだその月が終わっていません(0ではありません)"
DEFINITIONS = {
    "curve": ("このレポート", "最近の方も、見守った日数のぶんだけ数に入れます。"),
    "watched": ("見守り終えた方だけで数える", "90日見守り終えた方のうち、90日までに2回目のご注文をくださった方。"),
    "no_window": ("期間を決めずに数える", "2回目のある方を、1回目の方すべてで割ります。最近の方がふえると下がります。"),
    "month_new": ("同じ月の2回目は新規と数える", "はじめてと同じ月の2回目は、2回目と数えません。"),
    "ladder": ("この章の「1回目→2回目」", "「休眠」と見る日数まで待って数えます。"),
    "repeat": ("1ページ目のリピート率", "この1年に買われた方のうち、これまでに2回以上買われた方です。"),
    "repeaters_only": ("リピーターの中だけで数える", "2回目のある方だけで割ります。2回目のなかった方が見えません。"),
}


class Trial(Protocol):
    """What is known of a trial on the last quarter."""

    @property
    def verdict(self) -> str:
        """Return good, bad, too_small or no_fit."""

    @property
    def repeaters(self) -> int:
        """Return how many had ordered again before the quarter."""

    @property
    def actual(self) -> float:
        """Return the orders of the quarter."""


def groups(frame: pd.DataFrame) -> dict[str, str]:
    """Name the groups by their number of repeats."""
    return {str(number): GROUPS.get(number, f"{number + 1}回の方") for number in frame["frequency"]}


def check_title(verdict: str, actual: float, expected: float, rules: OutlookRules) -> str:
    """Say how near the expectation of the last quarter came."""
    if verdict in REFUSED:
        return REFUSED[verdict]
    share = percent(abs(expected - actual) / actual) if actual else NOTHING
    came, meant = count(actual, "order"), count(expected, "order")
    return f"前の{rules.holdout_days}日で試すと、実際{came}に対して見込み{meant}でした(差{share})"


def refusal(verdict: str, repeaters: int, orders: float, rules: OutlookRules) -> str:
    """Say why no value ahead is shown, and what it would take."""
    if verdict == "too_small":
        if repeaters < rules.least_repeaters:
            when = f"{rules.holdout_days}日前の時点で"
            return f"2回以上買われた方が、{when}まだ{repeaters}人です({rules.least_repeaters}人から試せます)。"
        so_far = count(orders, "order")
        return f"前の{rules.holdout_days}日のご注文がまだ{so_far}です({rules.least_orders}回から試せます)。"
    if verdict == "bad":
        worst = percent(rules.worst_error, 0)
        return f"見込みと実際の差が{worst}を超えたためです。確かでない数字は、載せないことにしています。"
    return "2回目のご注文の記録がまだ少ないときや、皆さまが決まった日に買われるときは、この計算が使えません。"


def check_note(trial: Trial, rules: OutlookRules) -> str:
    """Say what the check compares, or why there is none."""
    if trial.verdict == "good":
        return HOLDOUT_NOTE
    why = refusal(trial.verdict, trial.repeaters, trial.actual, rules)
    return f"{HOLDOUT_NOTE}{why}" if trial.verdict == "bad" else why


def check_table(by_frequency: pd.DataFrame) -> pd.DataFrame:
    """Lay out what came and what was expected by how often customers had come."""
    if by_frequency.empty:
        return by_frequency
    names = groups(by_frequency)
    return pd.DataFrame(
        {
            "それまでのご注文": [names[str(int(number))] for number in by_frequency["frequency"]],
            "お客様(人)": by_frequency["customers"],
            "実際(回)": by_frequency["followed"],
            "見込み(回)": by_frequency["expected"].round().astype("int64"),
        }
    )


def ahead_title(verdict: str, ahead: pd.DataFrame, has_yen: bool, rules: OutlookRules, currency: str) -> str:
    """Say what today's customers are expected to bring in the time ahead."""
    if verdict in REFUSED:
        return REFUSED[verdict]
    orders = ahead["orders"].sum()
    span = "1年" if rules.horizon_days == 365 else f"{rules.horizon_days}日"
    yen = f"(およそ{money(ahead['yen'].sum(), currency)})" if has_yen else ""
    return f"今のお客様からの、これから{span}のご注文は、およそ{count(orders, 'order')}{yen}の見込みです"


def ahead_table(ahead: pd.DataFrame, has_yen: bool, currency: str) -> pd.DataFrame:
    """Lay out the value ahead by how often customers have come."""
    names = groups(ahead)
    rows = []
    for row in ahead.to_dict("records"):
        told = {
            "これまでのご注文": names[str(row["frequency"])],
            "お客様の数": count(row["customers"], "customer"),
            "1年のご注文の見込み(お一人)": decimal(row["orders"] / row["customers"], "order", 2),
            "1年のご注文の見込み(合計)": count(row["orders"], "order"),
        }
        yen = {"1年の売上の見込み": money(row["yen"], currency)} if has_yen else {}
        rows.append(told | yen)
    return pd.DataFrame(rows)


def cohort_title(overall: pd.DataFrame, month: int, least: int, currency: str) -> str:
    """Say what a first-time buyer has brought on average after so many months."""
    row = overall[(overall["month"] <= month) & (overall["customers"] >= least)].tail(1)
    if row.empty:
        return f"月ごとに見るには、まだ人数が足りません({least}人から読み取れます)"
    told = row.iloc[0]
    return (
        f"はじめてのご注文から{int(told['month'])}か月で、お一人あたり平均{money(told['ltv_yen'], currency)}、"
        f"2回目のご注文は{percent(told['repeat_ratio'])}の方からいただいています"
    )


def definitions(f2: pd.DataFrame, reading: float, customers: int) -> pd.DataFrame:
    """Lay our reading beside what other screens show of the same orders, and say why they differ."""
    ours = {"definition": "curve", "value": reading, "customers": customers, "came": float("nan")}
    rows = []
    for row in [ours, *f2.to_dict("records")]:
        title, why = DEFINITIONS[row["definition"]]
        parts = f"{count(row['customers'], 'customer')}のうち{count(row['came'], 'customer')}"
        people = parts if pd.notna(row["came"]) else count(row["customers"], "customer")
        rows.append(
            {
                "数え方": title,
                "2回目をくださった割合(F2転換率)": percent(row["value"]),
                "数えた方": people,
                "違いのわけ": why,
            }
        )
    return pd.DataFrame(rows)


def definitions_title(f2: pd.DataFrame, reading: float) -> str:
    """Say how far apart the definitions lie."""
    values = [value for value in [*f2["value"], reading] if pd.notna(value)]
    if pd.isna(reading) or len(values) < 2:
        return "F2転換率は、数え方によって違う数字になります"
    if percent(min(values)) == percent(max(values)):
        return f"今は、どの数え方でもF2転換率は{percent(values[0])}です"
    return f"同じご注文でも、数え方によってF2転換率は{percent(min(values))}から{percent(max(values))}まで変わります"


def portfolio(ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """Count each depth of the portfolio with a value on the boundary on either side."""
    counts = {
        title: frame.groupby("depth")["customers"].sum()
        for title, frame in (("このレポート", ours), ("境目を上に", theirs))
    }
    depths = ("first", "beginner", "steady", "vogue", "excellent")
    named = {f"{title}(人)": [int(found.get(code, 0)) for code in depths] for title, found in counts.items()}
    return pd.DataFrame({"CPM": [name("depth", code) for code in depths]} | named)


def portfolio_title(rules: CpmRules, currency: str) -> str:
    """Say which values lie on a boundary."""
    days = f"在籍{rules.beginner_days}日・{rules.settled_days}日、離脱{rules.away_days}日"
    return f"CPMも、境目({days}、{money(rules.heavy_yen, currency)})ちょうどの方をどちらに数えるかで変わります"
