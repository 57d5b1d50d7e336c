"""What the chapter on relationship stages says."""

from collections.abc import Mapping, Sequence

import pandas as pd

from horetsu_utils.findings import Finding
from horetsu_utils.relation import HIGHEST_STAGE, GuardRules, MatrixRules, SignalRule, StageRules
from horetsu_utils.wording import claim, count, percent
from horetsu_utils.words import TABLES

WHO = "記録のあるお客様"
UNSEEN = "つながりの深さは、注文の記録だけでは分かりません"
LANDED_STAGE, CLOSE_STAGE = 1, 2
"""From these stages on the customer has settled, and a tie with people has budded."""
SHOWN_SIGNALS = 4
FEW_ADVICE = "記録を続けましょう。人数がふえたら、もう一度確かめます。"
HINT_NOTE = (
    "斜線は「暫定」です。注文の様子から、もう一段先かもしれないと見える方の数で、青い人数には入れていません"
    "(青では、確かに言えるステージに数えています)。返事や記録が残ると、確かになります。"
)
FIRM_NOTE = (
    "返事・記録・お声などの確かな合図だけで数えています。ステージは順位ではなく、合う接し方を知るためのものです。"
)
MATRIX_NOTE = "RFMの高さは、最近さ・回数・金額の点数を足したものです。"


def guide(rules: StageRules, guard: GuardRules) -> pd.DataFrame:
    """Lay out, stage by stage, the customer's heart, the stance that fits, what is welcome and what is not done."""
    rows = [
        {
            "stage": f"{each.stage} {each.name}",
            "heart": each.heart,
            "stance": each.stance,
            "welcome_action": each.welcome_action,
            "prohibited": "、".join(rule.name for rule in guard.prohibitions if rule.stage == each.stage),
        }
        for each in rules.stages
    ]
    return pd.DataFrame(rows)


def bars_note(counts: pd.DataFrame) -> str:
    """Say what is counted, and what the hatching means where there is any."""
    return FIRM_NOTE + (HINT_NOTE if counts["hinted_customers"].sum() else "")


def close(counts: pd.DataFrame) -> tuple[int, int]:
    """Return how many customers stand where a tie has budded, and how many there are in all."""
    near = counts.loc[counts["stage"] >= CLOSE_STAGE, "customers"].sum()
    return int(near), int(counts["customers"].sum())


def highest(visible: Sequence[SignalRule]) -> int:
    """Return the highest stage that the shop's records can show for sure."""
    return max((rule.level for rule in visible if not rule.provisional and rule.level <= HIGHEST_STAGE), default=0)


def bars_title(counts: pd.DataFrame, visible: Sequence[SignalRule]) -> str:
    """Say how many customers have a tie with people; of purchases alone, that they cannot tell."""
    if highest(visible) < CLOSE_STAGE:
        return "注文の記録だけで確かに言えるのは、「着地」までです"
    near, whole = close(counts)
    people = f"{count(near, 'customer')}({percent(near / max(whole, 1))})"
    return f"お店の人とのつながりが芽生えている方(共感から先)は、{people}です"


def coverage(
    frame: pd.DataFrame, visible: Sequence[SignalRule], rules: StageRules, sources: Mapping[str, str]
) -> pd.DataFrame:
    """Word which records the shop has, those first, of how many customers, and what each shows or would show."""
    rows = []
    for row in frame.sort_values("present", ascending=False, kind="stable").to_dict("records"):
        names = [rule.name for rule in rules.signals if sources[rule.table] == row["table"] and rule.level > 0]
        shown = "、".join(dict.fromkeys(names[:SHOWN_SIGNALS])) + (" など" if len(names) > SHOWN_SIGNALS else "")
        rows.append(
            {
                "table": TABLES[row["table"]],
                "present": "あり" if row["present"] else "なし",
                "informed": row["informed"],
                "uninformed": row["uninformed"],
                "shows": shown or "お店を知った日",
            }
        )
    return pd.DataFrame(rows)


def confidence(share: float, frame: pd.DataFrame) -> str:
    """Say in one sentence how much of what could be seen is on record."""
    present, whole = int(frame["present"].sum()), len(frame)
    return f"ステージの手がかりになる{whole}種類の記録のうち、{present}種類があります(確かさ {percent(share, 0)})"


def cells_title(cells: pd.DataFrame, visible: Sequence[SignalRule]) -> str:
    """Say how many customers stand in the two telling cells; of purchases alone, that a tie cannot be seen."""
    if highest(visible) < CLOSE_STAGE:
        return UNSEEN
    counts = cells.set_index("cell")["customers"]
    thin, quiet = (int(counts.get(name, 0)) for name in ("thin_tie", "quiet_supporter"))
    return (
        f"数字は良いのに、つながりが薄い方が{count(thin, 'customer')}、"
        f"買う額は少なくても、支えてくださる方が{count(quiet, 'customer')}いらっしゃいます"
    )


def matrix_note(rules: MatrixRules, names: Mapping[str, str]) -> str:
    """Say where the lines of the two cells lie."""
    return (
        f"{MATRIX_NOTE}{rules.high_points}点以上を「高い」、{rules.low_points}点以下を「低い」としています。"
        f"「高い」と{names[str(rules.low_stage)]}までが重なる方、「低い」と{names[str(rules.high_stage)]}から先が重なる方が、見ておきたい方々です。"
    )


def near(counts: pd.DataFrame, visible: Sequence[SignalRule], least: int) -> Finding:
    """Tell how many customers have a tie with people; with purchases alone, what record to begin."""
    title = bars_title(counts, visible)
    people, whole = close(counts)
    firm = highest(visible) >= CLOSE_STAGE
    step = (
        "お返事をくださった方へ、お名前を呼んで一言お返事しましょう。"
        if firm
        else "お客様からのお返事を、記入用の touchpoints.csv に1行ずつ書きはじめましょう。"
    )
    if firm and whole < least:
        return Finding("near_customers", claim(title, whole, least, who=WHO) + "。", None, "customer", FEW_ADVICE)
    return Finding("near_customers", f"{title}。", float(people) if firm else None, "customer", step)


def cooling(counts: pd.DataFrame, least: int) -> Finding:
    """Tell how many of those who had come closer are cooling."""
    reached = counts[counts["stage"] >= 1]
    cool, whole = int(reached["cooling_customers"].sum()), int(reached["customers"].sum())
    sentence = f"いちど落ち着いたお付き合いのうち、{count(cool, 'customer')}の方が冷めかけています"
    if whole < least:
        return Finding("cooling_customers", claim(sentence, whole, least, who=WHO) + "。", None, "customer", FEW_ADVICE)
    step = "売り込みではなく、お変わりないかを尋ねる短いお便りを、お一人ずつ考えましょう。"
    if not cool:
        sentence, step = "冷めかけているお付き合いは、見あたりません", "今の接し方を大切に続けましょう。"
    return Finding("cooling_customers", f"{sentence}。", float(cool), "customer", step)


def thin_ties(cells: pd.DataFrame, whole: int, visible: Sequence[SignalRule], least: int) -> Finding | None:
    """Tell how many customers have good numbers and a thin tie, of `whole` whose orders are on record."""
    if highest(visible) < CLOSE_STAGE or not whole:
        return None
    thin = int(cells.loc[cells["cell"] == "thin_tie", "customers"].sum())
    sentence = f"よく買ってくださるのに、つながりの薄い方が{count(thin, 'customer')}いらっしゃいます"
    step = "何がお役に立っているのかを、売り込みなしで一度うかがいましょう。"
    if not thin:
        sentence, step = "よく買ってくださるのにつながりの薄い方は、見あたりません", "今の接し方を大切に続けましょう。"
    if whole < least:
        return Finding(
            "thin_tie_customers", claim(sentence, whole, least, who=WHO) + "。", None, "customer", FEW_ADVICE
        )
    return Finding("thin_tie_customers", f"{sentence}。", float(thin), "customer", step)


_ROLES = {
    "reached": "{name}({stage}に)",
    "kept": "さいごの合図: {name}",
    "cooled": "冷め: {name}",
    "fell": "冷めたまま日がたち、{stage}に戻る",
}
SILENCE = "便りのない間"


def evidence(frame: pd.DataFrame, rules: StageRules, names: Mapping[str, str]) -> pd.Series:
    """Put what decided each customer's stage into one text a customer, in order of time.

    Shape
        one row per customer and deciding signal -> texts by customer_id
    Errors
        none
    """
    told = {rule.signal: rule.name for rule in rules.signals} | {"silence": SILENCE}
    stage_names = frame["stage"].astype(str).map(names)
    parts = [
        f"{day:%Y-%m-%d} " + _ROLES[role].format(name=told.get(signal, signal), stage=name)
        for day, role, signal, name in zip(frame["on"], frame["role"], frame["signal"], stage_names, strict=True)
    ]
    ordered = frame.assign(text=parts).sort_values(["customer_id", "on", "stage", "text"])
    return ordered.groupby("customer_id")["text"].agg(" / ".join)


def signal_names(rules: StageRules) -> dict[str, str]:
    """Return the Japanese name of each signal, by its code."""
    return {rule.signal: rule.name for rule in rules.signals} | {"silence": SILENCE}


def reasons_title(reasons: pd.DataFrame, rules: StageRules) -> str:
    """Name the signal that led most customers on."""
    if reasons.empty:
        return "次のステージへの合図は、まだ記録されていません"
    first = reasons.iloc[0]
    return (
        f"いちばん多い決め手は「{signal_names(rules)[first['signal']]}」({count(first['customers'], 'customer')})です"
    )
