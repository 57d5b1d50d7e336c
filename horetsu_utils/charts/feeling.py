"""The feeling over the first days: the change score with its band, the emotions, and where the feeling turns."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes

from horetsu_utils import wording
from horetsu_utils.charts import theme
from horetsu_utils.charts.theme import Picture

SCORE_INCHES, EMOTION_INCHES, EDGE_INCHES = 2.2, 1.5, 0.9
TICK_DAYS = 30
EMOTIONS = {"良い": theme.ACCENT, "普通": theme.QUIET, "悪い": theme.WARM}
TOP_SCORE = 5.4
TURN = "潮目"
READABLE_SHARE = 0.2
"""A share below this is drawn, and not written."""


def feeling(
    scores: pd.DataFrame,
    emotions: pd.DataFrame,
    *,
    title: str,
    days: int,
    turns: Mapping[int, str] | None = None,
    note: str = "",
) -> Picture:
    """Draw the mean change score (0-5) by interval with its band, and below the shares of the emotions.

    `scores`: day_from, day_to, value, low, high. `emotions`: day_from, day_to, emotion, ratio. `turns` names the
    intervals, by their first day, at which the feeling turns. Where nobody was recorded, nothing is drawn.
    """
    if scores.empty:
        return theme.blank(title, note)
    with theme.strips([SCORE_INCHES, EMOTION_INCHES], EDGE_INCHES) as (figure, axes):
        _scores(axes[0], scores, turns or {})
        _emotions(axes[1], emotions)
        axes[1].set(xlim=(-0.5, days + 0.5), xticks=range(0, days + 1, TICK_DAYS))
        axes[1].set_xticklabels([f"{day}日" for day in range(0, days + 1, TICK_DAYS)])
        return theme.finish(figure, title, _alt(scores, emotions, turns or {}), note)


def _scores(axes: Axes, scores: pd.DataFrame, turns: Mapping[int, str]) -> None:
    told = scores.sort_values("day_from")
    middle = (told["day_from"] + told["day_to"]) / 2
    # an interval that nobody recorded breaks the line
    piece = (told["day_from"] != told["day_to"].shift() + 1).cumsum()
    for _, part in told.groupby(piece):
        along, values = middle[part.index], part[["value", "low", "high"]].astype("float64")
        axes.fill_between(along, values["low"], values["high"], color=theme.QUIET, alpha=0.45, linewidth=0)
        axes.plot(along, values["value"], "o-", color=theme.ACCENT, linewidth=2)
    for place in [told.index[0], told.index[-1]]:
        _write(axes, middle[place], float(told["value"][place]), wording.decimal(told["value"][place], "score"))
    for row in told.to_dict("records"):
        if row["day_from"] in turns:
            where = (row["day_from"] + row["day_to"]) / 2
            axes.plot(where, row["value"], "D", color=theme.WARM, markersize=9, zorder=5)
            _write(axes, where, row["value"], f"{TURN} {wording.decimal(row['value'], 'score')}", theme.WARM)
    axes.set(ylim=(0, TOP_SCORE), yticks=range(6), ylabel="")
    axes.grid(axis="y", color=theme.RULE, linewidth=0.7)
    axes.set_title("変化点数の平均(0〜5点)", loc="left", fontsize=11, color=theme.MUTED)


def _write(axes: Axes, day: float, value: float, words: str, colour: str = theme.INK) -> None:
    below = value > TOP_SCORE / 2
    axes.annotate(
        words,
        (day, value),
        xytext=(0, -20 if below else 12),
        textcoords="offset points",
        ha="center",
        color=colour,
        annotation_clip=False,
    )


def _emotions(axes: Axes, emotions: pd.DataFrame) -> None:
    axes.set(yticks=[], ylabel="", ylim=(0, 1))
    axes.set_title("気持ちの割合(下から、良い・普通・悪い)", loc="left", fontsize=11, color=theme.MUTED)
    if emotions.empty:
        return
    wide = emotions.pivot_table(index=["day_from", "day_to"], columns="emotion", values="ratio", fill_value=0.0)
    for (first, last), row in wide.iterrows():
        bottom = 0.0
        for emotion, colour in EMOTIONS.items():
            share = float(row.get(emotion, 0.0))
            axes.bar(first - 0.4, share, last - first + 0.8, bottom=bottom, align="edge", color=colour)
            if share >= READABLE_SHARE:
                light = emotion != "普通"
                axes.text(
                    (first + last) / 2,
                    bottom + share / 2,
                    f"{share:.0%}"[:-1],
                    ha="center",
                    va="center",
                    color=theme.PAPER if light else theme.INK,
                    fontsize=11,
                )
            bottom += share


def _alt(scores: pd.DataFrame, emotions: pd.DataFrame, turns: Mapping[int, str]) -> str:
    line = "、".join(
        f"{row['day_from']}〜{row['day_to']}日は{wording.decimal(row['value'], 'score')}"
        for row in scores.sort_values("day_from").to_dict("records")
    )
    told = f"変化点数の平均は、{line}"
    told += "".join(f"。{TURN}は{day}日目から" for day in turns)
    if len(emotions):
        bad = emotions[emotions["emotion"] == "悪い"].sort_values("day_from")
        shares = "、".join(
            f"{row['day_from']}〜{row['day_to']}日は{wording.percent(row['ratio'], 0)}"
            for row in bad.to_dict("records")
        )
        told += f"。「悪い」の割合は、{shares or '0%'}"
    return told
