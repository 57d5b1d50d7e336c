"""Lines: how a figure grows along a scale, and how it stands to a reference line."""

from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib.ticker import PercentFormatter

from horetsu_utils import wording
from horetsu_utils.charts import theme
from horetsu_utils.charts.theme import Picture


def running_share(frame: pd.DataFrame, along: str, value: str, *, title: str, mark: int = 1, note: str = "") -> Picture:
    """Draw a running share (0-1) along a scale, with the reading at position `mark` written beside its point."""
    with theme.canvas(3.6) as (figure, axes):
        axes.plot([0, frame[along].max()], [0, 1], color=theme.RULE, linestyle="--", linewidth=1)
        line = pd.concat([pd.DataFrame({along: [0], value: [0.0]}), frame[[along, value]]])
        sns.lineplot(data=line, x=along, y=value, color=theme.ACCENT, marker="o", linewidth=2, ax=axes)
        point = frame.loc[frame[along] == mark]
        for _, row in point.iterrows():
            axes.annotate(
                f"上位{mark}割で {wording.percent(row[value])}",
                (row[along], row[value]),
                xytext=(12, -14),
                textcoords="offset points",
                bbox={"facecolor": theme.PAPER, "edgecolor": "none", "pad": 2},
            )
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.set(xlabel="購入金額の多い順(1 = 上位1割)", ylabel="", ylim=(0, 1.05), xticks=range(11))
        axes.grid(axis="y", color=theme.RULE, linewidth=0.7)
        shares = "、".join(
            f"上位{int(tenth)}割で{wording.percent(share)}"
            for tenth, share in zip(frame[along], frame[value], strict=True)
        )
        return theme.finish(figure, title, f"折れ線グラフ。{shares}", note)


def against_line(frame: pd.DataFrame, *, title: str, currency: str = "JPY", note: str = "") -> Picture:
    """Draw each measure with its interval against its own reference line, on a scale where the line is 1.

    `frame` has measure, value, low, high and line, one row per measure.
    """
    with theme.canvas(0.9 + 0.95 * len(frame)) as (figure, axes):
        axes.axvline(1, color=theme.WARM, linewidth=1.5, linestyle="--")
        told = []
        for position, row in enumerate(frame.itertuples()):
            unit = "ratio" if row.line <= 1 else "yen"
            words = wording.figure(row.value, unit, currency)
            line = wording.figure(row.line, unit, currency)
            axes.plot([row.low / row.line, row.high / row.line], [position] * 2, color=theme.QUIET, linewidth=14)
            axes.plot(row.value / row.line, position, "o", color=theme.ACCENT, markersize=8)
            side = -1 if row.value < row.line else 1
            end = (row.low if side < 0 else row.high) / row.line
            place: dict[str, Any] = {"xytext": (14 * side, 0), "textcoords": "offset points", "va": "center"}
            axes.annotate(words, (end, position), ha="right" if side < 0 else "left", fontsize=13, **place)
            axes.text(1, position + 0.34, f" 目安 {line}", ha="left", va="center", fontsize=10, color=theme.WARM)
            told.append(f"{wording.name('measure', row.measure)}は{words}、目安は{line}")
        axes.set(ylim=(len(frame) - 0.4, -0.7), xlim=(0, max(1.45, (frame["high"] / frame["line"]).max() * 1.15)))
        axes.set(xticks=[], yticks=range(len(frame)))
        axes.set_yticklabels([wording.name("measure", code) for code in frame["measure"]])
        return theme.finish(figure, title, "目安の線と比べた図。" + "。".join(told), note)
