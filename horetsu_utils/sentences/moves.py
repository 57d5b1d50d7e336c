"""What is said of how relationships move, and of what followed."""

from collections.abc import Mapping, Sequence

import pandas as pd

from horetsu_utils.relation import SignalRule
from horetsu_utils.sentences.stage import CLOSE_STAGE, LANDED_STAGE, highest
from horetsu_utils.wording import NOTHING, count, percent

FLOW_NOTE = "だいだい色の帯は、1つ前のステージへ戻られた方です。便りのない間が長くなると、戻ったと見ます。"
PASSAGE_NOTE = "そのステージに来られてから90日以上たつ方について、90日のうちに次へ進まれた割合です。"
NOT_YET = "(まだお会いしていない)"
FORETOLD_NOTE = (
    "「見分けやすさ」(AUC)は、あとで注文された方とされなかった方を、お一人ずつ並べたとき、前もって正しく見分けられる割合です。"
    "0.5 なら、くじ引きと同じです。見分けられることと、それが原因であることは別です。"
)
LOOKBACK_NOTE = (
    "同じステージ・同じくらいのお付き合いの長さ・同じ注文回数の方どうしを比べています。"
    "連絡が理由でそうなった、とは言えません。メールを受け取っているかどうかは、いつからかが分からないので、今の割合です。"
    "薄い帯は、人数が限られるための誤差の幅(95%信頼区間)です。"
)


def months_title(months: pd.DataFrame, visible: Sequence[SignalRule], least: int) -> str:
    """Say how the number of customers with a tie has changed since the first month shown, where it can be seen."""
    known = highest(visible)
    line, place = (CLOSE_STAGE, "共感") if known >= CLOSE_STAGE else (LANDED_STAGE, "着地")
    near = months[months["stage"] >= line].groupby("month_end")["customers"].sum()
    before, now = int(near.iloc[0]), int(near.iloc[-1])
    if months.groupby("month_end")["customers"].sum().iloc[-1] < least:
        return "動きを言うには、まだ人数が足りません"
    way = "ふえました" if now > before else "へりました" if now < before else "変わっていません"
    told = f"{place}から先の方は、{count(before, 'customer')}から{count(now, 'customer')}に{way}"
    return told if now != before else f"{place}から先の方は、{count(now, 'customer')}のまま変わっていません"


def moves_title(moves: pd.DataFrame, days: int, least: int) -> str:
    """Say how many rose and how many went back between two days."""
    if moves["customers"].sum() < least:
        return "動きを言うには、まだ人数が足りません"
    known = moves[moves["from_stage"] != "-1"]
    rose = known.loc[known["to_stage"] > known["from_stage"], "customers"].sum()
    fell = known.loc[known["to_stage"] < known["from_stage"], "customers"].sum()
    if not rose and not fell:
        return f"この{days}日で、ステージを移られた方はいらっしゃいません"
    return f"この{days}日で、先へ進まれた方は{count(rose, 'customer')}、前へ戻られた方は{count(fell, 'customer')}です"


def passage_title(passage: pd.DataFrame, names: Mapping[str, str], least: int) -> str:
    """Name, of the stages from which a rise can be seen, the one at which most stop."""
    known = passage[passage["watched"] >= least]
    if known.empty:
        return "どこで止まるかを言うには、まだ人数が足りません"
    stop = known.sort_values("risen_ratio", kind="stable").iloc[0]
    following = names[str(int(stop["stage"]) + 1)]
    standing, ratio = names[str(int(stop["stage"]))], percent(stop["risen_ratio"])
    return f"「{standing}」から「{following}」へ、90日のうちに進まれた方は{ratio}です"


def named(frame: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Write each row's stage by its name."""
    return frame.assign(stage=frame["stage"].astype(str).map(names))


def foretold(found: pd.DataFrame, what: str, days: int) -> str:
    """Say whether the stage tells more than RFM about what followed."""
    both = found.set_index("description").loc["both"]
    if both["verdict"] == "too_few":
        events = count(both["events"], "customer")
        return f"次の{days}日の{what}を比べるには、まだ人数が足りません({what}のあった方が{events})"
    if both["verdict"] == "gain":
        base = found.set_index("description").loc["base", "auc"]
        told = f"ステージも見ると、次の{days}日の{what}の見分けやすさが、"
        return f"{told}RFMだけの{base:.2f}から{both['auc']:.2f}に上がります"
    return f"次の{days}日の{what}については、ステージを足しても、RFMだけのときより見分けやすいとは言えません"


def foretold_table(ordered: pd.DataFrame, referred: pd.DataFrame) -> pd.DataFrame:
    """Lay out how well each description foretells an order and a referral; what has too few events is left out."""
    told = (("ご注文", ordered), ("ご紹介", referred))
    parts = [frame.assign(what=what) for what, frame in told if frame["auc"].notna().any()] or [ordered.assign(what="")]
    whole = pd.concat(parts, ignore_index=True)
    return pd.DataFrame(
        {
            "what": whole["what"],
            "description": whole["description"],
            "auc": [_span(*row) for row in zip(whole["auc"], whole["low"], whole["high"], strict=True)],
            "gain": [_span(*row) for row in zip(whole["gain"], whole["gain_low"], whole["gain_high"], strict=True)],
            "events": whole["events"],
        }
    )


def _span(value: float, low: float, high: float) -> str:
    return NOTHING if pd.isna(value) else f"{value:.2f}({low:.2f}〜{high:.2f})"


def lookback_title(found: pd.DataFrame) -> str:
    """Say what followed contacts that did not fit, beside customers alike who were spared; never as a cause."""
    order = found[found["outcome"] == "order"]
    if order.empty or order["verdict"].iloc[0] == "too_few":
        return "合わない連絡のあとを比べるには、まだ人数が足りません"
    row = order.iloc[0]
    treated, spared = percent(row["treated_ratio"]), percent(row["spared_ratio"])
    told = f"合わない連絡のあと90日のご注文は{treated}、似たお客様で合わない連絡のなかった方は{spared}です"
    return told + ("" if row["verdict"] == "differs" else "(差があるとは言えません)")


def lookback_rows(found: pd.DataFrame) -> pd.DataFrame:
    """Lay the compared groups out one under the other, for a picture; an outcome nobody can know is left out."""
    known = found.dropna(subset=["treated_ratio", "spared_ratio"])
    parts = [
        pd.DataFrame(
            {
                "outcome_after": known["outcome"],
                "group": group,
                "value": known[f"{group}_ratio"],
                "low": known[f"{group}_low"],
                "high": known[f"{group}_high"],
                "customers": known[group],
            }
        )
        for group in ("treated", "spared")
    ]
    order = {code: place for place, code in enumerate(known["outcome"])}
    rows = pd.concat(parts, ignore_index=True)
    return rows.sort_values("outcome_after", key=lambda column: column.map(order), kind="stable", ignore_index=True)
