"""What the chapter on the story of change says: the growth, the wave, one customer's path, the purposes."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from horetsu_utils.errors import shorten
from horetsu_utils.findings import Finding
from horetsu_utils.wording import count, day, percent, unended

REST, REST_NAME = "\ue000", "そのほか"
LONGEST_PURPOSE = 24
TURNED = 0.05
"""A share that moves by less (0-1) is called level."""
CALM_WEEKS = 4
"""Weeks are compared in groups of so many: a single one tells little."""
GOOD = "良い"
GROWTH_NOTE = (
    "変化の点数は、0(変化なし)から5(良いほうへ大きく変わった)までです。"
    "はじめての記録の日を0日とし、7日ごとに、お一人ずつの平均をさらに平均しています。薄い帯は、誤差の幅です。"
    "右へ行くほど、記録を続けている方だけの平均になります。"
)
WAVE_NOTE = "週は月曜日からです。よく記録する方もたまに記録する方も、同じ重さで数えています。"
PATH_NOTE = (
    "点は記録、線はその前後2週間をならした流れです。1日だけの点には引きずられません。"
    "4週間より長く記録がないところは、線を切っています。"
)
PURPOSE_NOTE = (
    "はじめに伺った「なぜ買われたか」ごとに、はじめの点数と、いちばん新しい3回の真ん中の点数との差を、"
    "お一人ずつ求めて平均しています。記録が1回だけの方は入りません。かっこの中は誤差の幅です。"
)
BOARD_NOTE = (
    "「大きな変化」は、この1週間の点数が、その前の4週間より1.5点以上高い方です(どちらも、並べたときの真ん中の点数)。"
    "「気にかけたい」は、「悪い」が3回続いた方か、この2週間の点数が、その前の3週間より1.5点以上低い方です。"
)
NO_PURPOSES = "買われたわけ(変化の記録の「目的」)によって、感じる変化はちがいますか"
ONE_RECORD = "2回目の記録がつくと、変化が見えはじめます"
KEEP_ON = "今週も、無理のないところから3つだけ(点数・気持ち・日付)記録していきましょう。"


def coverage(told: dict[str, Any]) -> str:
    """Say how many records there are, of whom, since when."""
    records, people = f"{told['records']:,}件", count(told["customers"], "customer")
    if told["records"] == 1:
        return f"記録がはじまりました({day(told['first_on'])}、1件)。{ONE_RECORD}。"
    since = f"{day(told['first_on'])}から{day(told['last_on'])}まで"
    more = (
        f"そのうち、2回以上の記録がある方は{count(told['again'], 'customer')}です。"
        if told["again"]
        else f"{ONE_RECORD}。"
    )
    return f"{since}に、{people}の記録が{records}あります。{more}"


def growth_title(growth: pd.DataFrame, told: dict[str, Any], least: int) -> str:
    """Say from where to where the mean score went, as far as enough people have records."""
    known = growth[growth["customers"] >= least]
    if told["customers"] < least:
        return f"記録のある方がまだ{told['customers']:,}人のため、全体の傾向は読み取れません({least}人から読み取れます)"
    if len(known) < 2:
        return "記録が続くと、はじめてからの日数に沿った変化を読み取れます"
    first, last = known.iloc[0], known.iloc[-1]
    begin, now = (f"{row['value']:.1f}点" for row in (first, last))
    people = f"記録を続けている{count(last['customers'], 'customer')}"
    later = f"{last['day_from']:.0f}日目からの週"
    return f"変化の点数の平均は、はじめの週が{begin}、{later}が{now}({people})です"


def wave_title(wave: pd.DataFrame, told: dict[str, Any], least: int) -> str:
    """Say which share felt good in the last weeks, and whether that is more than in the weeks before."""
    if told["customers"] < least:
        return f"記録のある方がまだ{told['customers']:,}人です。{least}人になると、お気持ちの流れを読み取れます"
    good = wave[wave["emotion"] == GOOD].set_index("week_on")["ratio"]
    shares = good.reindex(sorted(set(wave["week_on"]))).fillna(0.0)
    now, before = shares.iloc[-CALM_WEEKS:].mean(), shares.iloc[-2 * CALM_WEEKS : -CALM_WEEKS].mean()
    share = f"この{min(len(shares), CALM_WEEKS)}週間の「良い」は、平均{percent(now, 0)}です"
    if len(shares) < 2 * CALM_WEEKS:
        return share
    change = now - before
    word = "ほぼ変わりません" if abs(change) < TURNED else ("増えています" if change > 0 else "減っています")
    return f"{share}(その前の{CALM_WEEKS}週間の{percent(before, 0)}から{word})"


def board_words(board: pd.DataFrame, headings: Mapping[str, str], week: tuple[dt.date, dt.date]) -> str:
    """Count who stands on the board of the week, and who is new there."""
    span = f"{day(week[0])}から{day(week[1])}までの1週間"
    if board.empty:
        return f"{span}のボードには、まだどなたもいらっしゃいません。記録が続くと、ここに並びます。"
    kinds = [(name, board[board["kind"] == kind]) for kind, name in headings.items()]
    counts = [f"{name}{count(len(rows), 'customer')}{_new(rows)}" for name, rows in kinds]
    return f"{span}は、{'、'.join(counts)}です。お一人ずつのことは、ボード(board.html)にあります。"


def _new(rows: pd.DataFrame) -> str:
    fresh = int(rows["is_new"].sum())
    return f"(うち今週から{count(fresh, 'customer')})" if 0 < fresh < len(rows) else ""


def path_title(points: pd.DataFrame) -> str:
    """Say how far one customer has come."""
    if len(points) < 2:
        return f"お一人の歩み: {ONE_RECORD}"
    first, last = points.iloc[0], points.iloc[-1]
    way = f"{day(first['on'])}は{first['score']}点、{day(last['on'])}は{last['score']}点"
    return f"お一人の歩み: {way}({len(points)}回の記録)"


def drawn(draw: Callable[..., Any], points: pd.DataFrame) -> Any:
    """Hand one customer's points to a picture, with its title and note."""
    return draw(points, title=path_title(points), note=PATH_NOTE)


def purpose_table(purposes: pd.DataFrame) -> pd.DataFrame:
    """Word the change felt by purpose."""
    rows = purposes.assign(
        name=[REST_NAME if each == REST else shorten(each, LONGEST_PURPOSE) for each in purposes["purpose"]]
    )
    spreads = [
        f"{row.value:+.1f}点" + ("" if pd.isna(row.low) else f"({row.low:+.1f}〜{row.high:+.1f}点)")
        for row in rows.itertuples()
    ]
    people = [count(number, "customer") for number in rows["customers"]]
    return pd.DataFrame({"なぜ買われたか": rows["name"], "感じている変化": spreads, "お客様": people})


def purpose_title(purposes: pd.DataFrame, least: int) -> str:
    """Say whether the change felt differs by purpose; claims need intervals that do not touch."""
    named = purposes[(purposes["purpose"] != REST) & (purposes["customers"] >= least)].sort_values("value")
    if len(named) < 2:
        return f"目的ごとの変化は、まだ読み取れません(1つの目的に{least}人から読み取れます)"
    low, high = named.iloc[0], named.iloc[-1]
    if high["low"] <= low["high"]:
        return "なぜ買われたかによる変化の差は、はっきりとはありません"
    purpose = shorten(high["purpose"], LONGEST_PURPOSE)
    other = shorten(low["purpose"], LONGEST_PURPOSE)
    figures = f"({high['value']:+.1f}点と{low['value']:+.1f}点)"
    return f"「{purpose}」の方々は、「{other}」の方々より、大きな変化を感じています{figures}"


def finding(growth: pd.DataFrame, board: pd.DataFrame, told: dict[str, Any], least: int) -> list[Finding]:
    """Tell the cover how the group has grown, and whom to praise and to support this week."""
    known = growth[growth["customers"] >= least]
    change = known["value"].iloc[-1] - known["value"].iloc[0] if len(known) > 1 else None
    sentence = growth_title(growth, told, least) if told["records"] > 1 else unended(coverage(told))
    grown = Finding("story_change", f"{sentence}。", change, "score", KEEP_ON)
    low, back = ((board["kind"] == kind).sum() for kind in ("low", "smile"))
    if not low + back:
        return [grown]
    told_now = f"今週は、笑顔が戻った方が{back:,}人、このごろ気にかけたい方が{low:,}人いらっしゃいます。"
    step = "ボード(board.html)を見ながら、お一人ずつに合う接し方を考えましょう。そっとしておくことも、その一つです。"
    return [grown, Finding("story_low", told_now, float(low), "customer", step)]
