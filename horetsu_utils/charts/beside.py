"""Beside: what was expected and what came, over time, with the part that the model did not know."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.ticker import FuncFormatter

from horetsu_utils import wording
from horetsu_utils.charts import theme
from horetsu_utils.charts.theme import Picture

HEIGHT, HEADROOM = 3.4, 1.12
LINES = (("actual", "実際", theme.ACCENT), ("expected", "見込み(点線)", theme.WARM))
UNKNOWN = "試した期間"


def growing(frame: pd.DataFrame, *, title: str, unit: str, note: str = "") -> Picture:
    """Draw two sums that grow week by week: what came (solid) and what was expected (dashed).

    `frame` has week (0 is the last that the model knew), actual and expected. The weeks after 0 are shaded.
    """
    if frame.empty:
        return theme.blank(title, note)
    last = frame.iloc[-1]
    with theme.canvas(HEIGHT) as (figure, axes):
        axes.axvspan(0, last["week"], color=theme.RULE, alpha=0.5, linewidth=0)
        for (column, _, colour), dashes in zip(LINES, ("-", "--"), strict=True):
            axes.plot(frame["week"], frame[column], color=colour, linewidth=2, linestyle=dashes)
        highest = float(frame[["actual", "expected"]].max(axis=None)) or 1.0
        for place, (column, name, colour) in enumerate(LINES):
            words = f"{name} {wording.count(last[column], unit)}"
            axes.text(0.03, 0.92 - 0.1 * place, words, transform=axes.transAxes, color=colour, va="top")
        axes.text(last["week"], highest * 0.03, UNKNOWN, ha="right", color=theme.MUTED, fontsize=11)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,.0f}"))
        axes.set(ylim=(0, highest * HEADROOM), ylabel="", xlabel="週(0 が、見込みの計算に使った最後の週)")
        axes.grid(axis="y", color=theme.RULE, linewidth=0.7)
        known = frame[frame["week"] <= 0].iloc[-1:]
        points = [*known.to_dict("records"), last.to_dict()]
        told = "、".join(f"{int(row['week'])}週で{_both(row, unit)}" for row in points)
        return theme.finish(figure, title, f"実際と見込みの、積み上げた数の線。{told}", note)


def _both(row: Mapping[str, float], unit: str) -> str:
    return "・".join(f"{name}{wording.count(row[column], unit)}" for column, name, _ in LINES)
