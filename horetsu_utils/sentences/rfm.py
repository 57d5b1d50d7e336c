"""What the chapter on RFM and value says."""

from collections.abc import Callable, Mapping

import pandas as pd

from horetsu_utils.charts.theme import Picture
from horetsu_utils.findings import Finding
from horetsu_utils.method import YEAR_DAYS, CpmRules, Rules, SegmentRule, StateRules
from horetsu_utils.wording import NOTHING, claim, count, figure, money, name, percent, top
from horetsu_utils.words import COLUMNS

_ADVICE = {
    ("repeat_ratio", "below"): "はじめて買ってくださった方へ、その後90日にお送りしている便りと案内を見直しましょう。",
    ("repeat_ratio", "above"): "続けてくださる方が多いお店です。その理由をお客様に伺い、言葉にして残しましょう。",
    ("repeat_ratio", "unclear"): "注文の記録を続けましょう。人数がふえると、目安と比べられます。",
    ("annual_ltv_yen", "below"): "値引きよりも先に、使い続ける理由をお客様と一緒に探しましょう。",
    ("annual_ltv_yen", "above"): "お一人おひとりとのお付き合いが育っています。今の接し方を大切に続けましょう。",
    ("annual_ltv_yen", "unclear"): "人数か期間が、まだ足りません。記録を続けて、半年後にもう一度確かめましょう。",
}
EVEN_RATIO = 0.5
"""Where the first of the ten groups holds more of the customers than this, their amounts are all but equal."""
SEGMENT_NOTE = "この層は点数で分けたものです。次に出てくる顧客状態の「休眠」とは、数え方が違います。"
_KEEP_RECORDS = "注文の記録を続けましょう。人数がふえたら、もう一度確かめます。"
MOVEMENT_NOTE = "2つの日を同じ点数の線で比べています。だいだい色の帯は、足が遠のいた方の動きです。"


def score_note(cuts: pd.DataFrame, rules: Rules) -> str:
    """Say how the scores were drawn, and warn where quintiles fall together."""
    if rules.cuts is not None:
        return "点数は、お店が決めた線で付けています。"
    note = "点数は、期間中に買われた方を5等分して付けています。ほかの方の買い方が変わると、点数も動くことがあります。"
    bounds = cuts["frequency"].iloc[0]
    if bounds is not None and len(set(bounds)) < len(bounds):
        note += "同じ回数の方が多いため、回数の点数には空く段があります。お店が決めた線で付けることもできます。"
    return note


def state_note(rules: StateRules, currency: str) -> str:
    """Say how the four states are told apart, and where the line of a fan lies."""
    fan = f"回数と金額のどちらも平均を大きく(標準偏差{rules.fan_sigma:g}つぶん以上)上回る方"
    if rules.fan_frequency is not None and rules.fan_monetary_yen is not None:
        fan = f"期間中に{rules.fan_frequency:g}回以上、{money(rules.fan_monetary_yen, currency)}以上買われた方"
    return (
        f"休眠は{rules.dormant_days}日以上注文のない方、ファンは{fan}、"
        "新規は注文が1回の方、それ以外の方がリピートです。"
    )


def guide(segments: pd.DataFrame, rules: tuple[SegmentRule, ...]) -> pd.DataFrame:
    """Put beside each segment who they are and the stance that fits."""
    told = pd.DataFrame(
        [{"segment": rule.code, "meaning": rule.meaning, "next_step": rule.next_step} for rule in rules]
    )
    return segments.merge(told, on="segment", how="left")


def segments_drawn(
    draw: Callable[..., Picture], segments: pd.DataFrame, names: Mapping[str, str], enough: Callable[[str], str]
) -> Picture:
    """Hand the segments to a picture whose title says which of them carries most of the sales."""
    top = segments.sort_values("sales_yen").iloc[-1]
    who = count(top["customers"], "customer")
    title = f"売上の{percent(top['sales_ratio'])}は、「{names[top['segment']]}」の{who}からいただいています"
    return draw(segments, highlight=(top["segment"],), title=enough(title))


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
    below = "と".join(name("measure", code) for code, verdict in verdicts.items() if verdict == "below")
    unclear = "と".join(name("measure", code) for code, verdict in verdicts.items() if verdict == "unclear")
    if below:
        return f"{below}が、まだ目安に届いていません"
    return f"{unclear}は、目安に届いているかどうか、まだ判断できません"


def lines_note(reference: pd.DataFrame, tax: str) -> str:
    """Say who is counted, what the pale bar means, and whether the records reach back far enough."""
    note = (
        f"この1年({YEAR_DAYS}日間)に買われた{count(reference['customers'].iloc[0], 'customer')}について。"
        "リピート率は、これまでに2回以上買われた方の割合です。"
        f"金額は{name('tax', tax)}です。薄い帯は、人数が限られるための誤差の幅(95%信頼区間)です。"
    )
    days = reference["history_days"].iloc[0]
    if days < YEAR_DAYS:
        note += f"記録がまだ{count(days, 'day')}ぶんのため、目安に届いていないとは判断しません。"
    return note


def against_lines(reference: pd.DataFrame, currency: str) -> list[Finding]:
    """Tell each measure against its line: those below it first, no claim where the verdict is open."""
    rank = {"below": 0, "unclear": 1, "above": 2}
    ordered = reference.assign(rank=reference["verdict"].map(rank)).sort_values("rank", kind="stable")
    return [_against(row, currency) for row in ordered.to_dict("records")]


def _against(row: dict, currency: str) -> Finding:
    measure, verdict = row["measure"], row["verdict"]
    unit = COLUMNS[measure].unit
    found, line = figure(row["value"], unit, currency), figure(row["line"], unit, currency)
    sentence = f"{name('measure', measure)}は{found}で、目安の{line}に"
    sentence += {
        "above": "届いています。",
        "below": "まだ届いていません。",
        "unclear": "届いているかどうかは、まだ判断できません。",
    }[verdict]
    if found == NOTHING:
        sentence = f"{name('measure', measure)}は、期間中に買われた方がいないため、計算できません。"
    return Finding(measure, sentence, row["value"], unit, _ADVICE[measure, verdict])


def _claimed(finding: Finding, buyers: int, rules: Rules) -> Finding:
    """Keep a finding only if enough buyers stand behind it; with few, neither its figure nor its advice is told."""
    least = rules.lines.minimum_customers
    if buyers >= least:
        return finding
    return Finding(finding.key, claim(finding.sentence, buyers, least) + "。", None, finding.unit, _KEEP_RECORDS)


def top_title(deciles: pd.DataFrame) -> str:
    """Say what share of the sales the first of the ten groups carries, and how large that group truly is."""
    first = deciles.iloc[0]
    if first.running_customer_ratio > EVEN_RATIO:
        return "購入金額は、どのお客様もほぼ同じです"
    who, share = top(first.running_customer_ratio), percent(first.running_ratio)
    return f"購入金額の{who}の方々が、売上の{share}を支えてくださっています"


def top_share(deciles: pd.DataFrame, buyers: int, rules: Rules) -> Finding:
    """Tell how much of the sales the top tenth of the buyers carries."""
    share = float(deciles["running_ratio"].iloc[0])
    step = "お名前を思い浮かべながら、お礼をどう伝えているかを確かめましょう。"
    return _claimed(Finding("top_decile_sales_ratio", f"{top_title(deciles)}。", share, "ratio", step), buyers, rules)


def _too_young(key: str, unit: str, days: int, history_days: int) -> Finding:
    """Tell that the records are too young to know who has been silent for so many days."""
    sentence = f"記録がまだ{count(history_days, 'day')}ぶんのため、{days}日のあいだの変化は分かりません。"
    return Finding(key, sentence, None, unit, _KEEP_RECORDS)


def cooling(cooled: int, buyers: int, history_days: int, rules: Rules) -> Finding:
    """Tell how many drifted away since the earlier date."""
    if history_days <= rules.compare_days:
        return _too_young("cooled_customers", "customer", rules.compare_days, history_days)
    sentence = f"この{rules.compare_days}日で、{count(cooled, 'customer')}の足が遠のきました。"
    step = "一斉の値引きではなく、前に選ばれた理由に触れる便りを、お一人ずつ考えましょう。"
    if not cooled:
        sentence = f"この{rules.compare_days}日で、足が遠のいた方はいらっしゃいません。"
        step = "今の接し方を大切に続けましょう。"
    return _claimed(Finding("cooled_customers", sentence, float(cooled), "customer", step), buyers, rules)


def dormant(ratio: float, buyers: int, history_days: int, rules: Rules) -> Finding:
    """Tell the share of customers who are dormant."""
    days = rules.state.dormant_days
    if history_days <= days:
        return _too_young("dormant_ratio", "ratio", days, history_days)
    sentence = f"{days}日以上お買い物のない方は、お客様全体の{percent(ratio)}です。"
    step = "休眠の方へ声をかける時季と言葉を、1つ決めておきましょう。"
    if not ratio:
        sentence = f"{days}日以上お買い物のない方は、いらっしゃいません。"
        step = "間があきはじめた方に早く気づけるよう、ときどき確かめましょう。"
    return _claimed(Finding("dormant_ratio", sentence, ratio, "ratio", step), buyers, rules)
