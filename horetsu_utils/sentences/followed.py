"""What the chapter on expectation and evaluation says of what followed: other orders, referrals, complaints."""

from typing import Any

import pandas as pd

from horetsu_utils.sentences.journey import spread
from horetsu_utils.wording import count, percent
from horetsu_utils.words import CODES

PATTERNS: dict[str, str] = CODES["pattern"]
OUTCOMES = {"repeat": "90日以内のご注文", "referral": "ご紹介・口コミ", "complaint": "苦情"}
NOTED = ("referral", "complaint")
"""Outcomes that are known only if somebody writes them down."""
NOTE = (
    "お声を伺った次の日から90日のあいだに、実際にあったことを数えています。伺ってから90日たった方だけを数えました。"
    "かっこの中は誤差の幅です。お声とのつながりが理由かどうかは、この数字からは分かりません。"
)
TOO_SOON = "お声を伺ってから90日たった方が、まだいらっしゃいません"
NAMELESS = "どなたのお声か分かると、その後のご注文や口コミも確かめられます"
NO_RECORDS = "ご注文や接触の記録があると、その後を確かめられます"


def title(followed: pd.DataFrame, told: dict[str, int], least: int) -> str:
    """Say where what followed differs surely between the disappointed and the moved."""
    if not told["heard"]:
        return NAMELESS
    if followed.empty:
        return NO_RECORDS
    if not followed["customers"].max():
        return TOO_SOON
    apart = [sentence for outcome in OUTCOMES if (sentence := _apart(followed, outcome, least))]
    if apart:
        return "。".join(apart)
    many = followed.groupby("pattern")["customers"].max().reindex(["disappointed", "moved"]).fillna(0)
    if many.min() < least:
        return (
            f"その後の違いを言うには、まだ人数が足りません(期待を下回った方・超えた方が{least}人ずつから読み取れます)"
        )
    return "期待を下回った方と超えた方で、その後にはっきりした違いは見られません"


def _apart(followed: pd.DataFrame, outcome: str, least: int) -> str:
    rows = followed[followed["outcome"] == outcome].set_index("pattern")
    pair = [rows.loc[name] for name in ("disappointed", "moved") if name in rows.index]
    if len(pair) < 2 or min(row["customers"] for row in pair) < least:
        return ""
    low, high = sorted(pair, key=lambda row: float(row["ratio"]))
    if low["high"] >= high["low"]:
        return ""
    below, above = (percent(row["ratio"]) for row in pair)
    return f"{OUTCOMES[outcome]}は、期待を下回った方で{below}、超えた方で{above}です"


def table(followed: pd.DataFrame, least: int) -> pd.DataFrame:
    """Lay out what followed, one row per pattern, one column per outcome; of few people the count alone."""
    came = followed.groupby("outcome")["came"].sum()
    noted = {outcome: came.get(outcome, 0) > 0 or outcome not in NOTED for outcome in OUTCOMES}
    rows = []
    for pattern, name in PATTERNS.items():
        own = followed[followed["pattern"] == pattern]
        if own["customers"].max() > 0:
            each = {row["outcome"]: _rate(row, least) for row in own.to_dict("records")}
            told = {
                words: each[code] if noted[code] else "記録なし" for code, words in OUTCOMES.items() if code in each
            }
            rows.append({"期待とくらべて": name, "伺った方": count(own["customers"].max(), "customer")} | told)
    return pd.DataFrame(rows)


def _rate(row: dict[Any, Any], least: int) -> str:
    people = count(row["came"], "customer")
    return people if row["customers"] < least else f"{spread(row['ratio'], row['low'], row['high'])} {people}"
