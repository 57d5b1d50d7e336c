"""The band of the feeling over the first days: the change score, and below it the shares of the emotions."""

from collections.abc import Collection
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from horetsu_utils import wording
from horetsu_utils.charts import strips, theme
from horetsu_utils.charts.strips import LINE_INCHES, listed, records
from horetsu_utils.charts.theme import Picture

SCORE_INCHES, EMOTION_INCHES, GAP_INCHES = 1.7, 1.15, 0.2
MARK_INCHES = 0.07
"""A mark on the lowest or highest score reaches so far beyond it."""
LEFT_INCHES, RIGHT_INCHES = 0.42, 0.6
TOP_SCORE = 5
LOOKS = {
    "良い": {"color": theme.ACCENT, "ink": theme.PAPER},
    "普通": {"color": theme.RULE, "ink": theme.INK},
    "悪い": {"color": theme.WARM, "ink": theme.PAPER},
}
"""The emotions, from the bottom up."""
LEAST_WRITTEN = 0.15
"""A smaller share is drawn, not written; the alt text tells it."""
TURN = "潮目"
NO_SCORES, NO_EMOTIONS = "変化点数の記録がありません", "気持ちの記録がありません"
_DAYS = ["day_from", "day_to"]


def feeling(
    scores: pd.DataFrame,
    emotions: pd.DataFrame,
    *,
    title: str,
    turns: Collection[int] = (),
    days: int | None = None,
    note: str = "",
) -> Picture:
    """Draw the mean change score (0-5) per interval with its band, and below it the shares (0-1) of the emotions.

    `scores`: day_from, day_to, value, low, high, customers. `emotions`: day_from, day_to, emotion (良い, 普通, 悪い),
    ratio. Either may be empty. `turns`: the first days of the intervals at which the feeling turns. A missing interval
    stays a gap. The axis ends on `days`, or else on the last day given.
    """
    if scores.empty and emotions.empty:
        return theme.blank(title, note)
    last = days or int(max(frame["day_to"].max() for frame in (scores, emotions) if len(frame)))
    known = scores[scores["value"].notna() & (scores["day_from"] <= last)].sort_values("day_from")
    parts = emotions[emotions["ratio"].notna() & (emotions["day_from"] <= last)].sort_values("day_from", kind="stable")
    below = 3 * LINE_INCHES + 2 * MARK_INCHES + SCORE_INCHES + GAP_INCHES
    with strips.page(below + LINE_INCHES + EMOTION_INCHES, last, LEFT_INCHES, RIGHT_INCHES) as (figure, axes):
        _scores(axes, known, turns)
        _emotions(axes, below, parts)
        return theme.finish(figure, title, _alt(scores, emotions, turns), note)


def _scores(axes: Axes, known: pd.DataFrame, turns: Collection[int]) -> None:
    inch = strips.heading(axes, 0, f"変化点数の平均(0〜{TOP_SCORE}点)と、その誤差の幅")
    base = inch + LINE_INCHES + MARK_INCHES + SCORE_INCHES
    if known.empty:
        strips.nothing(axes, base - SCORE_INCHES / 2, NO_SCORES)
        return
    _levels(axes, base)
    scale = SCORE_INCHES / TOP_SCORE
    for row in records(known.dropna(subset=["low", "high"])):
        first, width = strips.span(row["day_from"], row["day_to"])
        box = (base - row["high"] * scale, (row["high"] - row["low"]) * scale)
        axes.bar(first, box[1], width, box[0], align="edge", color=theme.QUIET, alpha=0.45, linewidth=0)
    known = known.assign(middle=known[_DAYS].mean(axis=1), place=base - known["value"] * scale)
    for _, run in known.groupby((known["day_from"] > known["day_to"].shift() + 1).cumsum()):
        axes.plot(run["middle"], run["place"], "o-", color=theme.ACCENT, linewidth=2, markersize=6)
    turning = known[known["day_from"].isin(list(turns))]
    for row in records(turning):
        axes.plot([row["middle"]] * 2, [inch + LINE_INCHES, base], ":", color=theme.WARM, linewidth=1.4, zorder=1)
        axes.plot(row["middle"], row["place"], "D", color=theme.WARM, markersize=9, zorder=4)
    words = {"color": theme.WARM, "fontsize": 12}
    strips.row_of(axes, inch + LINE_INCHES / 2, [(middle, TURN) for middle in turning["middle"]], **words)
    figures = [wording.plain(value) for value in known["value"]]
    strips.row_of(axes, base + MARK_INCHES + LINE_INCHES / 2, list(zip(known["middle"], figures, strict=True)))


def _levels(axes: Axes, base: float) -> None:
    """Rule a line at each whole score, and name it on the left."""
    edge = axes.get_xlim()
    for score in range(TOP_SCORE + 1):
        place = base - score * SCORE_INCHES / TOP_SCORE
        axes.plot(edge, [place] * 2, color=theme.RULE, linewidth=0.7, zorder=0)
        strips.write(axes, edge[0] - strips.WORD_GAP, place, f"{score}", ha="right", color=theme.MUTED)


def _emotions(axes: Axes, inch: float, parts: pd.DataFrame) -> None:
    base = strips.heading(axes, inch, "お気持ちの割合(%)") + EMOTION_INCHES
    if parts.empty:
        strips.nothing(axes, base - EMOTION_INCHES / 2, NO_EMOTIONS)
        return
    wide = parts.pivot_table(index=_DAYS, columns="emotion", values="ratio", aggfunc="sum")
    wide = wide.reindex(columns=list(LOOKS)).fillna(0.0)
    tops = wide.cumsum(axis=1)
    for (first, last), shares in wide.iterrows():
        for emotion, top in tops.loc[(first, last)].items():
            _part(axes, (first, last), (base - top * EMOTION_INCHES, shares[emotion]), LOOKS[str(emotion)])
    _names(axes, base, wide.iloc[-1])


def _part(axes: Axes, days: tuple[float, float], part: tuple[float, float], look: dict[str, str]) -> None:
    """Draw one share of an interval, and write it where it has room."""
    (place, share), (first, width) = part, strips.span(*days)
    height = share * EMOTION_INCHES
    axes.bar(first, height, width, place, align="edge", color=look["color"], edgecolor=theme.PAPER, linewidth=0.8)
    if share >= LEAST_WRITTEN:
        words = wording.percent(share, 0).removesuffix("%")
        text = strips.write(axes, sum(days) / 2, place + height / 2, words, ha="center", color=look["ink"])
        if strips.room(axes, text).width > width:
            text.remove()


def _names(axes: Axes, base: float, shares: pd.Series) -> None:
    """Name the emotions on the right, beside the last bar where they have room, else evenly, always in their order."""
    edge, place = axes.get_xlim()[1] + strips.WORD_GAP, base
    tight = shares.min() * EMOTION_INCHES < LINE_INCHES * 0.8
    for emotion, share in shares.items():
        height = EMOTION_INCHES * (1 / len(shares) if tight else share)
        colour = theme.MUTED if LOOKS[str(emotion)]["ink"] == theme.INK else LOOKS[str(emotion)]["color"]
        strips.write(axes, edge, place - height / 2, wording.name(wording.FEELING, emotion), color=colour, fontsize=12)
        place -= height


def _alt(scores: pd.DataFrame, emotions: pd.DataFrame, turns: Collection[int]) -> str:
    told = ["はじめてのご注文からの日数に沿って、変化点数の平均とお気持ちの割合を並べた図"]
    told += [f"変化点数は、{listed(_score(row) for row in records(scores))}" if len(scores) else NO_SCORES]
    known = scores[scores["value"].notna()] if len(scores) else scores
    turning = records(known[known["day_from"].isin(list(turns))])
    told += [f"{TURN}は、{listed(_span(row) for row in turning)}"] if turning else []
    shares = emotions.groupby(_DAYS, sort=True) if len(emotions) else ()
    told += [
        f"{_span(dict(zip(_DAYS, edges, strict=True)))}のお気持ちは、"
        + listed(
            f"{wording.name(wording.FEELING, row['emotion'])} {wording.percent(row['ratio'])}" for row in records(each)
        )
        for edges, each in shares
    ]
    return "。".join(told if len(emotions) else [*told, NO_EMOTIONS])


def _score(row: dict[Any, Any]) -> str:
    low, high = wording.plain(row["low"]), wording.decimal(row["high"], "score")
    spread = "" if wording.NOTHING in (low, high) else f"({low}〜{high})"
    return (
        f"{_span(row)} {wording.decimal(row['value'], 'score')}{spread} {wording.count(row['customers'], 'customer')}"
    )


def _span(row: dict[Any, Any]) -> str:
    return f"{row['day_from']:.0f}〜{row['day_to']:.0f}日"
