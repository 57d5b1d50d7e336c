"""What the chapter on the journey says of what was planned and came, and of how it felt."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from horetsu_utils.sentences.journey import BAND_NOTE
from horetsu_utils.wording import NOTHING, count, percent

NO_PLAN = (
    "90日シナリオの記録がありません。"
    "記入用の scenario.csv に、今お送りしている便りを1行ずつ書いていただくと、次回から分かります。"
)
NO_VOICES = (
    "期待と評価の記録がありません。記入用の voices.csv に、伺ったお声を1行ずつ書いていただくと、次回から読み取れます。"
)
NO_CONTACTS = (
    "連絡の記録がありません。記入用の touchpoints.csv に、今日の連絡から書きとめていただくと、次回から分かります。"
)
NO_STORY = "お気持ちの記録がありません"
STEPS_NOTE = "反応は、開封やクリックなども含みます。番号は、上の図の番号と同じです。"
UNSOUND = "予定の日を読み取れませんでした"
NO_STEP = "(どの時期か書かれていないお声)"
KINDS = {"peak": "下向き", "trough": "上向き"}
SEEN = {
    "order": "ご注文",
    "referral": "ご紹介・投稿",
    "review": "レビュー",
    "participate": "ご参加・ご来店",
    "record": "変化の記録",
    "voice": "お声",
    "reply": "お返事",
    "click": "リンクを開かれた",
}


def labelled(steps: pd.DataFrame) -> pd.DataFrame:
    """Name the sound steps for the road."""
    sound = steps[steps["sound"].astype(bool)]
    places = [f"{steps.index.get_loc(place) + 1} {row['channel']}" for place, row in sound.iterrows()]
    return sound.assign(label=places, channel="")


def steps(steps: pd.DataFrame, welcomed: pd.DataFrame) -> pd.DataFrame:
    """Lay out the planned steps: whom they reached, how they reacted, and whether what was hoped for followed."""
    both = steps.merge(welcomed, on="step_id", how="left", suffixes=("", "_after"))
    return pd.DataFrame([_step(place, row) for place, row in enumerate(both.to_dict("records"), start=1)])


def _step(place: int, row: dict[str, Any]) -> dict[str, str]:
    told = {
        "予定": f"{place}. {_window(row)} {row['channel']}",
        "ねらい": row["purpose"] if isinstance(row["purpose"], str) else NOTHING,
    }
    if not row["sound"]:
        return told | {"届いた割合": UNSOUND, "反応": NOTHING, "その後14日": NOTHING}
    reach = f"{percent(row['reach_ratio'])}({count(row['watched'], 'customer')}のうち)"
    reacted = percent(row["reacted_ratio"], 0) if row["reacted_ratio"] > 0 else "記録なし"
    return told | {"届いた割合": reach if row["watched"] else NOTHING, "反応": reacted, "その後14日": _after(row)}


def _after(row: dict[str, Any]) -> str:
    if not isinstance(row.get("shows"), str):
        hoped = row["welcome_action"] if isinstance(row["welcome_action"], str) else ""
        return f"「{hoped}」は、記録からは分かりません" if hoped else NOTHING
    seen = SEEN[row["shows"]]
    if pd.isna(row["value"]):
        return f"{seen}の記録がありません" if row["asked"] else NOTHING
    return f"{seen} {percent(row['value'])}({count(row['asked'], 'customer')}のうち)"


def title(steps: pd.DataFrame, least: int) -> str:
    """Name the step that reached fewest."""
    known = steps[(steps["watched"] >= least) & steps["sound"].astype(bool)]
    if known.empty:
        return f"予定の便りがどれくらい届いたかを言うには、まだ人数が足りません({least}人から読み取れます)"
    low = known.sort_values(["reach_ratio", "step_id"]).iloc[0]
    when = f"{_window(low)}の{low['channel']}"
    return f"予定どおりに届いた割合がいちばん低いのは、{when}です({percent(low['reach_ratio'])})"


def _window(row: Mapping[str, Any]) -> str:
    """Say a step's days; those before the first order do not count."""
    first = max(int(row["day_from"]), 0) if row["sound"] else int(row["day_from"])
    return f"{first}〜{int(row['day_to'])}日目"


def contacts(channels: pd.DataFrame, strangers: pd.DataFrame, silences: pd.DataFrame, days: int) -> str:
    """Say what was sent outside the plan, to nobody known, and when nothing was."""
    if channels.empty:
        return NO_CONTACTS
    whole, unplanned = channels["contacts"].sum(), channels["unplanned"].sum()
    told = f"{days}日までの連絡{count(whole, 'contact')}のうち、予定になかったものは{count(unplanned, 'contact')}です"
    rows = channels[channels["unplanned"] > 0].sort_values(["unplanned", "channel"], ascending=[False, True])
    parts = "、".join(f"{row.channel} {count(row.unplanned, 'contact')}" for row in rows.itertuples())
    told += f"({parts})。" if parts else "。"
    for row in silences.itertuples():
        told += f"{row.day_from}〜{row.day_to}日目の{row.days}日間は、便りがほぼどなたにも届いていません。"
    unknown = int(strangers["contacts"].iloc[0])
    if unknown:
        told += f"ご注文の記録がない方への連絡{count(unknown, 'contact')}は、数に入れていません。"
    return told


def turns(turns: pd.DataFrame) -> dict[int, str]:
    """Name the turns by their first day."""
    return {int(row.day_from): KINDS[row.kind] for row in turns.itertuples()}


def feeling_title(scores: pd.DataFrame, turns: pd.DataFrame, least: int) -> str:
    """Say where the feeling turns."""
    if scores.empty:
        return NO_STORY
    if scores["customers"].max() < least:
        return f"お気持ちの動きを言うには、記録のある方がまだ足りません(1つの時期に{least}人から読み取れます)"
    if turns.empty:
        return "お気持ちの向きがはっきり変わった時期は、見あたりません"
    points = "、".join(
        f"{int(row.day_from)}〜{int(row.day_to)}日目を境に{KINDS[row.kind]}" for row in turns.itertuples()
    )
    return f"お気持ちは、{points}に変わっています"


def feeling_note(heard: int, customers: int) -> str:
    """Say how many first-time buyers are behind the feeling."""
    return (
        f"はじめての方{count(customers, 'customer')}のうち、変化の記録のある{count(heard, 'customer')}の記録です。"
        "向きの変わり目を「潮目」と呼びます。"
        "お一人の記録が多くても、1つの時期につきお一人と数えています。"
        f"{BAND_NOTE}記録のない時期は、線をつないでいません。"
    )


def gaps(gaps: pd.DataFrame) -> pd.DataFrame:
    """Lay out expectation and evaluation step by step."""
    names = [NO_STEP if step == "-" else step for step in gaps["step"]]
    turned = [f"◆ {name}" if turn else name for name, turn in zip(names, gaps["turned"], strict=True)]
    return pd.DataFrame(
        {
            "時期": turned,
            "何日目": gaps["day"].round().astype("Int64"),
            "お声(人)": gaps["customers"],
            "期待": gaps["expectation"].round(1),
            "評価": gaps["evaluation"].round(1),
            "評価−期待": gaps["gap"].round(1),
        }
    )


def gap_note(gaps: pd.DataFrame, window_days: int) -> str:
    """Warn of steps at which many were heard after the journey."""
    late = [row.step for row in gaps.itertuples() if row.day > window_days]
    told = "何日目かは真ん中の方、点数は平均です。"
    told += "◆は、期待と評価の上下がはっきり入れかわったところです。" if gaps["turned"].any() else ""
    return told + (f"「{'」「'.join(late)}」には、{window_days}日より後に伺ったお声も入っています。" if late else "")


def gap_title(gaps: pd.DataFrame, least: int) -> str:
    """Name the step at which the evaluation falls below what was expected."""
    known = gaps[(gaps["customers"] >= least) & (gaps["high"] < 0)]
    if gaps.empty or gaps["customers"].max() < least:
        return f"期待と評価の差を言うには、伺ったお声がまだ足りません(1つの時期に{least}人から読み取れます)"
    if known.empty:
        return "評価が期待をはっきり下回る時期は、見あたりません"
    worst = known.sort_values(["gap", "step"]).iloc[0]
    return f"「{worst['step']}」で、評価が期待を平均{abs(worst['gap']):.1f}点下回っています"
