"""Beside: what was expected and what came, summed up over time."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.ticker import FuncFormatter

from horetsu_utils import wording
from horetsu_utils.charts import theme
from horetsu_utils.charts.theme import Picture

HEIGHT, HEADROOM = 3.4, 1.12
LINES = (("actual", "実際", theme.ACCENT), ("expected", "見込み(点線)", theme.WARM))


def growing(frame: pd.DataFrame, *, title: str, unit: str, note: str = "") -> Picture:
    """Draw two sums that grow week by week: what came (solid) and what was expected (dashed).

    `frame` has week (from 0), actual and expected.
    """
    if frame.empty:
        return theme.blank(title, note)
    with theme.canvas(HEIGHT) as (figure, axes):
        last = frame.iloc[-1].to_dict()
        for place, ((column, name, colour), dashes) in enumerate(zip(LINES, ("-", "--"), strict=True)):
            axes.plot(frame["week"], frame[column], color=colour, linewidth=2, linestyle=dashes)
            words = f"{name} {wording.count(last[column], unit)}"
            axes.text(0.03, 0.95 - 0.1 * place, words, transform=axes.transAxes, color=colour, va="top")
        highest = float(frame[["actual", "expected"]].max(axis=None)) or 1.0
        axes.yaxis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,.0f}"))
        axes.set(xlim=(0, last["week"]), ylim=(0, highest * HEADROOM), ylabel="", xlabel="試しはじめてからの週")
        axes.grid(axis="y", color=theme.RULE, linewidth=0.7)
        middle = frame.iloc[len(frame) // 2].to_dict()
        told = "、".join(f"{row['week']:.0f}週で{_both(row, unit)}" for row in (middle, last))
        return theme.finish(figure, title, f"実際と見込みの、積み上げた数の線。{told}", note)


def _both(row: Mapping[str, float], unit: str) -> str:
    return "・".join(f"{name}{wording.count(row[column], unit)}" for column, name, _ in LINES)
