"""What the chapter on RFM and value says."""

import pandas as pd

from horetsu_utils.findings import Finding
from horetsu_utils.method import CpmRules, Rules, SegmentRule
from horetsu_utils.wording import claim, count, money, name, percent

_UNITS = {"repeat_ratio": "ratio", "annual_ltv_yen": "yen"}
_ADVICE = {
    ("repeat_ratio", "below"): "はじめて買ってくださった方の、その後90日の便りと案内を見直しましょう。",
    ("repeat_ratio", "above"): "続けてくださる方が多いお店です。その理由をお客様に伺い、言葉にして残しましょう。",
    ("repeat_ratio", "unclear"): "注文の記録を続けましょう。人数がふえると、目安と比べられます。",
    ("annual_ltv_yen", "below"): "値引きよりも先に、使い続ける理由をお客様と一緒に探しましょう。",
    ("annual_ltv_yen", "above"): "お一人おひとりの年間の価値が育っています。接し方を変えずに続けましょう。",
    ("annual_ltv_yen", "unclear"): "まだ幅が広い数字です。半年後にもう一度確かめましょう。",
}
STATE_NOTE = (
    "新規は注文が1回の方、ファンは回数と金額のどちらも平均を大きく(標準偏差1つぶん以上)上回る方、"
    "休眠は長く注文のない方、それ以外の方がリピートです。ファンの線は、設定で決めることもできます。"
)
MOVEMENT_NOTE = "2つの日を同じ点数の線で比べています。色の濃い帯は、足が遠のいた方の動きです。"


def score_note(cuts: pd.DataFrame, rules: Rules) -> str:
    """Say how the scores were drawn, and warn where quintiles fall together."""
    if rules.cuts is not None:
        return "点数は、お店が決めた線で付けています。"
    note = "点数は、期間中に買われた方を5等分して付けています。ほかの方の買い方が変わると、点数も動くことがあります。"
    if len(set(cuts["frequency"].iloc[0])) < len(cuts["frequency"].iloc[0]):
        note += "同じ回数の方が多いため、回数の点数には空く段があります。お店が決めた線で付けることもできます。"
    return note


def guide(segments: pd.DataFrame, rules: tuple[SegmentRule, ...]) -> pd.DataFrame:
    """Put beside each segment who they are and the stance that fits."""
    told = pd.DataFrame(
        [{"segment": rule.code, "meaning": rule.meaning, "next_step": rule.next_step} for rule in rules]
    )
    return segments.merge(told, on="segment", how="left")


def cpm_note(rules: CpmRules, currency: str) -> str:
    """Say where the boundaries of the portfolio lie."""
    return (
        f"よちよちは在籍{rules.beginner_days}日まで。それより長い方のうち、"
        f"累計{money(rules.heavy_yen, currency)}未満がコツコツ、"
        f"{money(rules.heavy_yen, currency)}以上は在籍{rules.settled_days}日までが流行、その先が優良です。"
        f"最後の注文から{rules.away_days}日を過ぎると離脱としています。"
    )


def lines_title(reference: pd.DataFrame) -> str:
    """Say in one sentence how the shop stands to the two lines."""
    verdicts = dict(zip(reference["measure"], reference["verdict"], strict=True))
    if set(verdicts.values()) == {"above"}:
        return "リピート率も年間LTVも、目安に届いています"
    if "unclear" in verdicts.values():
        unclear = "と".join(name("measure", code) for code, verdict in verdicts.items() if verdict == "unclear")
        return f"{unclear}は、目安に届いているかどうか、まだ判断できません"
    below = "と".join(name("measure", code) for code, verdict in verdicts.items() if verdict == "below")
    return f"{below}が、目安に届いていません"


def lines_note(buyers: int, rules: Rules, tax: str) -> str:
    """Say who is counted, and what the pale bar means."""
    return (
        f"{rules.period_days}日間に買われた{count(buyers, 'customer')}について。"
        "リピート率は、これまでに2回以上買われた方の割合です。"
        f"金額は{name('tax', tax)}です。薄い帯は、95%の確からしさで見込まれる幅です。"
    )


def against_lines(reference: pd.DataFrame, currency: str) -> list[Finding]:
    """Tell each measure against its line: those below it first, no claim where the verdict is open."""
    rank = {"below": 0, "unclear": 1, "above": 2}
    ordered = reference.assign(rank=reference["verdict"].map(rank)).sort_values("rank", kind="stable")
    return [_against(row, currency) for row in ordered.to_dict("records")]


def _against(row: dict, currency: str) -> Finding:
    measure, verdict = row["measure"], row["verdict"]
    unit = _UNITS[measure]

    def say(value: float) -> str:
        return percent(value) if unit == "ratio" else money(value, currency)

    sentence = f"{name('measure', measure)}は{say(row['value'])}で、目安の{say(row['line'])}に"
    sentence += {
        "above": "届いています。",
        "below": "届いていません。",
        "unclear": "届いているか、まだ判断できません。",
    }[verdict]
    return Finding(measure, sentence, row["value"], unit, _ADVICE[measure, verdict])


def top_share(deciles: pd.DataFrame, buyers: int, rules: Rules) -> Finding:
    """Tell how much of the sales the top tenth of the buyers carries."""
    share = float(deciles["running_ratio"].iloc[0])
    sentence = claim(
        f"購入金額の上位1割の方々が、売上の{percent(share)}を支えてくださっています。",
        buyers,
        rules.lines.minimum_customers,
    )
    step = "お名前を思い浮かべながら、お礼をどう伝えているかを確かめましょう。"
    return Finding("top_decile_sales_ratio", sentence, share, "ratio", step)


def cooling(cooled: int, buyers: int, rules: Rules) -> Finding:
    """Tell how many drifted away since the earlier date."""
    sentence = claim(
        f"この{rules.compare_days}日で、{count(cooled, 'customer')}の足が遠のきました。",
        buyers,
        rules.lines.minimum_customers,
    )
    step = "一斉の値引きではなく、前に選ばれた理由に触れる便りを、お一人ずつ考えましょう。"
    return Finding("cooled_customers", sentence, float(cooled), "customer", step)


def dormant(ratio: float, buyers: int, rules: Rules) -> Finding:
    """Tell the share of customers who are dormant."""
    days = rules.state.dormant_days
    sentence = claim(
        f"{days}日以上お買い物のない方は、お客様全体の{percent(ratio)}です。", buyers, rules.lines.minimum_customers
    )
    return Finding(
        "dormant_ratio", sentence, ratio, "ratio", "休眠の方へ声をかける時季と言葉を、1つ決めておきましょう。"
    )
