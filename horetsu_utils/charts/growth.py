"""Growth: how change is felt since the first record, by a group or by one customer, and the wave of the feeling."""

from collections.abc import Sequence
from typing import Any

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

from horetsu_utils import wording
from horetsu_utils.charts import theme
from horetsu_utils.charts.feeling import LOOKS, TOP_SCORE
from horetsu_utils.charts.theme import Picture

HEIGHT_INCHES = 2.9
MOST_TICKS, FEWEST_TICKS = 6, 3
MONTH_DAYS = 30
ALT_POINTS = 12
"""An alt text tells at most so many points, evenly spread."""
MARKS: dict[str, dict[str, Any]] = {
    "良い": {"marker": "o", "facecolors": theme.ACCENT, "edgecolors": theme.ACCENT},
    "普通": {"marker": "o", "facecolors": theme.PAPER, "edgecolors": theme.INK},
    "悪い": {"marker": "v", "facecolors": theme.WARM, "edgecolors": theme.WARM},
}
"""The emotions, told apart by shape and filling as well as by colour."""
MARK_SIZE = 26
LABELS = 0.02
"""Words stand so far (share of the width) right of what they name."""


def growth(frame: pd.DataFrame, *, title: str, least: int, note: str = "") -> Picture:
    """Draw the group's mean score (0-5) by days since the first record, with its band and the people behind it.

    `frame`: day_from, value, low, high, customers. Intervals of fewer than `least` customers are left out.
    """
    known = frame[frame["customers"] >= least]
    if known.empty:
        return theme.blank(title, note)
    with theme.canvas(HEIGHT_INCHES) as (figure, axes):
        axes.fill_between(known["day_from"], known["low"], known["high"], color=theme.QUIET, alpha=0.5, linewidth=0)
        axes.plot(known["day_from"], known["value"], "-", color=theme.ACCENT, linewidth=2)
        _name_end(axes, known["day_from"].iloc[-1], known["value"].iloc[-1])
        _scores(axes)
        last = max(int(known["day_from"].iloc[-1]), 1)
        step = MONTH_DAYS * max(1, -(-last // (MONTH_DAYS * MOST_TICKS)))
        people = known.set_index("day_from")["customers"]
        ticks = range(0, last + 1, step)
        near = [people.iloc[people.index.get_indexer([day], method="nearest")[0]] for day in ticks]
        axes.set_xticks(
            list(ticks), [f"{day}日\n{wording.count(who, 'customer')}" for day, who in zip(ticks, near, strict=True)]
        )
        axes.set(xlim=(0, last * 1.02), xlabel="はじめての記録からの日数と、その時期に記録のある方の数")
        told = "、".join(f"{row['day_from']:.0f}日 {_spread(row)}" for row in _some(known))
        return theme.finish(figure, title, f"折れ線グラフ。変化点数の平均は、{told}", note)


def wave(frame: pd.DataFrame, *, title: str, note: str = "") -> Picture:
    """Draw the shares of the emotions week by week: week_on [the Monday], emotion, ratio; weeks may lack."""
    if frame.empty:
        return theme.blank(title, note)
    wide = frame.pivot(index="week_on", columns="emotion", values="ratio").reindex(columns=list(LOOKS)).fillna(0.0)
    days = mdates.date2num(pd.to_datetime(wide.index))
    with theme.canvas(HEIGHT_INCHES) as (figure, axes):
        below = pd.Series(0.0, index=wide.index)
        for emotion, look in LOOKS.items():
            axes.bar(days, wide[emotion], 6.4, below, align="edge", color=look["color"], linewidth=0)
            below = below + wide[emotion]
        _name_parts(axes, wide.iloc[-1])
        axes.set(xlim=(days[0], days[-1] + 7), ylim=(0, 1), yticks=[0, 0.5, 1], xlabel="", ylabel="")
        axes.set_yticklabels(["0%", "50%", "100%"])
        _dates(axes)
        told = "。".join(f"{wording.day(week)}の週は、{_parts(wide.loc[week])}" for week in _some_of(list(wide.index)))
        return theme.finish(figure, title, f"週ごとのお気持ちの割合の図。{told}", note)


def path(points: pd.DataFrame, *, title: str, note: str = "") -> Picture:
    """Draw one customer's recorded points by emotion, and the smooth line through each stretch without a gap.

    `points`: on, score, emotion, stretch, level.
    """
    if points.empty:
        return theme.blank(title, note)
    days = pd.Series(mdates.date2num(pd.to_datetime(points["on"])), index=points.index)
    with theme.canvas(HEIGHT_INCHES) as (figure, axes):
        for _, run in points.groupby("stretch"):
            axes.plot(days[run.index], run["level"], "-", color=theme.QUIET, linewidth=3, zorder=1)
        for emotion, look in MARKS.items():
            own = points[points["emotion"] == emotion]
            axes.scatter(
                days[own.index], own["score"], MARK_SIZE, label=wording.name(wording.FEELING, emotion), zorder=2, **look
            )
        _scores(axes)
        edge = max((days.iloc[-1] - days.iloc[0]) * LABELS, 1)
        axes.set(xlim=(days.iloc[0] - edge, days.iloc[-1] + edge), xlabel="", ylabel="")
        _dates(axes)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(MARKS), frameon=False, handletextpad=0.2)
        told = "、".join(
            f"{wording.day(row['on'])} {row['score']}点({wording.name(wording.FEELING, row['emotion'])})"
            for row in _some(points)
        )
        return theme.finish(figure, title, f"お一人の変化点数の図。{told}", note)


def _scores(axes: Axes) -> None:
    axes.set(ylim=(-0.25, TOP_SCORE + 0.25), yticks=range(TOP_SCORE + 1), ylabel="")
    axes.set_yticklabels([f"{score}点" for score in range(TOP_SCORE + 1)])
    axes.grid(axis="y", color=theme.RULE, linewidth=0.7)
    axes.set_axisbelow(True)


def _name_end(axes: Axes, day: float, value: float) -> None:
    axes.plot(day, value, "o", color=theme.ACCENT, markersize=6, clip_on=False)
    words: dict[str, Any] = {"xytext": (0, 10), "textcoords": "offset points", "ha": "right", "color": theme.ACCENT}
    axes.annotate(wording.decimal(value, "score"), (day, value), **words)


def _name_parts(axes: Axes, shares: pd.Series) -> None:
    """Name the emotions at the right end, beside the last week's parts."""
    middles = [float(top - share / 2) for top, share in zip(shares.cumsum(), shares, strict=True)]
    places = theme.apart(middles, [0.11] * len(middles), 1.0)
    for (emotion, share), place in zip(shares.items(), places, strict=True):
        look = LOOKS[str(emotion)]
        colour = theme.MUTED if look["ink"] == theme.INK else look["color"]
        words = f"{wording.name(wording.FEELING, emotion)} {wording.percent(share, 0)}"
        axes.text(1 + LABELS, place, words, transform=axes.transAxes, va="center", ha="left", color=colour)


def _dates(axes: Axes) -> None:
    locator = AutoDateLocator(minticks=FEWEST_TICKS, maxticks=MOST_TICKS)
    axes.xaxis.set_major_locator(locator)
    plain = ["%Y年", "%-m月", "%-m/%-d", "%-m/%-d", "%-m/%-d", "%-m/%-d"]
    zero = ["", "%Y年", "%-m月", "%-m/%-d", "%-m/%-d", "%-m/%-d"]
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, formats=plain, zero_formats=zero, show_offset=False))


def _some(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    return frame.iloc[_some_of(list(range(len(frame))))].to_dict("records")


def _some_of(every: Sequence[Any]) -> list[Any]:
    """Choose a few, evenly spread, the last one always."""
    step = -(-len(every) // ALT_POINTS)
    return list(every[::-1][::step][::-1])


def _spread(row: dict[Any, Any]) -> str:
    value = wording.decimal(row["value"], "score")
    if pd.isna(row["low"]):
        return f"{value} {wording.count(row['customers'], 'customer')}"
    return f"{value}({row['low']:.1f}〜{row['high']:.1f}) {wording.count(row['customers'], 'customer')}"


def _parts(shares: pd.Series) -> str:
    return "、".join(
        f"{wording.name(wording.FEELING, emotion)} {wording.percent(share, 0)}" for emotion, share in shares.items()
    )
