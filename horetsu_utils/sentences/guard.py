"""What the guard says of a plan: to the consultant's screen, to the page, and to machines."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from IPython.display import HTML

from horetsu_utils import plans
from horetsu_utils.charts import tables
from horetsu_utils.errors import shorten
from horetsu_utils.findings import Finding
from horetsu_utils.plans import Planned
from horetsu_utils.relation import GuardRules
from horetsu_utils.wording import count, day_of_year

NO_WORDS = "この文面に、気をつけたい言葉は見つかりませんでした。"
WRITE = "件名や本文を書いてください。"
EXAMPLE = "【本日限り】はじめての方へ、今だけ20%OFFのご案内"
"""A letter that shows in the report how the check of one letter works."""
COLUMNS = ("campaign", "rule_name", "stage_name", "customers", "reason", "instead")


def rows(
    planned: tuple[Planned, ...], breaks: pd.DataFrame, rules: GuardRules, names: Mapping[str, str]
) -> pd.DataFrame:
    """Put the broken rules into words, one row per planned action, rule and stage."""
    by_place = {each.place: each for each in planned}
    told = [_row(by_place[each["plan"]], each, rules, names) for each in breaks.to_dict("records")]
    return pd.DataFrame(told, columns=["campaign_id", "date", "rule", "stage", "words", *COLUMNS])


def _row(plan: Planned, broken: Mapping[str, Any], rules: GuardRules, names: Mapping[str, str]) -> dict[str, Any]:
    rule = plans.rule_of(broken["rule"], rules)
    words = plan.actions.get(broken["rule"], ())
    shown = "、".join(words)
    return {
        "campaign_id": plan.campaign_id,
        "date": plan.date,
        "rule": broken["rule"],
        "stage": broken["stage"],
        "words": words,
        "campaign": campaign(plan),
        "rule_name": f"{rule.name}(「{shorten(shown, 60)}」)" if shown else rule.name,
        "stage_name": f"{names[str(broken['stage'])]}の方",
        "customers": broken["customers"],
        "reason": rule.reason,
        "instead": rule.instead,
    }


def campaign(plan: Planned) -> str:
    """Name a planned action: its number, day, channel and subject."""
    subject = f"「{shorten(plan.subject, 30)}」" if plan.subject else ""
    return f"{plan.campaign_id} {day_of_year(plan.date)} {plan.channel}{subject}"


def problem(plan: Planned) -> str:
    """Say of a planned action why it cannot be judged."""
    return f"{campaign(plan)}: {plan.problem}"


def unclear(unknown: Sequence[Planned], refused: int) -> list[str]:
    """Say for the page which planned actions cannot be judged; the reasons, which may name somebody, are not told."""
    told = [f"{campaign(plan)}(宛先の一部か全部が読み取れません)" for plan in unknown]
    return told + ([f"読み取れなかった施策({count(refused, 'campaign')})"] if refused else [])


def title(*, planned: int, broken: int, unknown: int, people: int) -> str:
    """Say in one sentence what the guard found in a plan of so many actions."""
    if not planned:
        return "これからの施策の予定は、まだありません"
    aside = f"(ほかに、確かめられない施策が{count(unknown, 'campaign')}あります)" if unknown else ""
    if broken:
        who = count(people, "customer")
        return f"予定の施策{planned}件のうち{broken}件は、お客様{who}との今の関係に合いません{aside}"
    return f"予定の施策{planned}件に、お客様との今の関係に合わないものは見つかりませんでした{aside}"


def page(frame: pd.DataFrame, unclear: Sequence[str], counts: Mapping[str, int]) -> HTML:
    """Show the verdicts as the first page does: what breaks which rule for whom, why, and what would do instead."""
    head = title(**counts)
    shown = tables.table(frame, list(COLUMNS), caption=head) if len(frame) else tables.remark(f"{head}。")
    asides = [tables.remark(f"確かめられません: {each}。わけは、担当者の控えにあります。").data for each in unclear]
    return HTML("".join([shown.data, *asides]))


def finding(*, planned: int, broken: int, unknown: int, people: int) -> Finding:
    """Tell the cover how many planned actions break a rule, and for how many customers."""
    sentence = f"{title(planned=planned, broken=broken, unknown=unknown, people=people)}。"
    step = (
        "送る前に、一覧の施策を止めるか、代わりの案に変えましょう。" if broken else "今の予定のまま進めてかまいません。"
    )
    if not planned:
        step = "施策の予定を、記入用の campaigns.csv に書きましょう。送る前に確かめられます。"
    elif unknown and not broken:
        step = "確かめられなかった施策の書き方を直して、もう一度お確かめください。"
    return Finding("guard_broken_campaigns", sentence, float(broken) if planned else None, "campaign", step)


def ranked(alert: Finding | None, *others: Finding | None) -> list[Finding | None]:
    """Put what the guard tells before all else where a rule is broken, and after it otherwise."""
    return [alert, *others] if alert and alert.figure else [*others, alert]


def verdict(text: str, stage: int, *, rules: GuardRules, names: Mapping[str, str]) -> HTML:
    """Judge one letter to customers of one stage at once: what must not be said, by which words, and what would do."""
    if not text.strip():
        return tables.remark(WRITE)
    found = plans.does("", text, rules)
    broken = [rule for rule in rules.prohibitions if rule.action in found and rule.stage == stage]
    if not broken:
        return tables.remark(f"{names[str(stage)]}の方へ: {NO_WORDS}")
    frame = pd.DataFrame(
        [
            {
                "rule_name": rule.name,
                "matched_words": "、".join(found[rule.action]),
                "reason": rule.reason,
                "instead": rule.instead,
            }
            for rule in broken
        ]
    )
    return tables.table(frame, caption=f"{names[str(stage)]}の方へ送ると、合わないところ")


def past(frame: pd.DataFrame, rules: GuardRules, names: Mapping[str, str]) -> pd.DataFrame:
    """Word which past contacts did not fit the stage of their customer, the most frequent first."""
    ordered = frame.sort_values(["breaches", "stage", "action"], ascending=[False, True, True])
    rows = [
        {
            "rule_name": plans.rule_of(row["action"], rules).name,
            "stage_name": f"{names[str(row['stage'])]}の方",
            "breaches": row["breaches"],
            "customers": row["customers"],
        }
        for row in ordered.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["rule_name", "stage_name", "breaches", "customers"])


def past_title(frame: pd.DataFrame) -> str:
    """Say how many past contacts did not fit."""
    if frame.empty:
        return "行動コードのある接触の記録に、ステージに合わない連絡は見つかりませんでした"
    times = count(frame["breaches"].sum(), "contact")
    return f"これまでの連絡のうち{times}は、そのときのお客様のステージに合っていませんでした"
