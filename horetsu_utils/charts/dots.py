"""Dots: a rate with its interval, row by row, or two groups side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from horetsu_utils import wording
from horetsu_utils.charts import theme
from horetsu_utils.charts.theme import Picture

ROW_INCHES, EDGE_INCHES = 0.62, 0.9
MARKERS = ("o", "D")
COLOURS = (theme.ACCENT, theme.WARM)
APART = 0.22
"""Two groups of one row stand so far above and below its middle."""
HEADROOM, LEAST_REACH = 1.08, 0.05
WIDE_INCHES, NARROW_INCHES, LABEL_INCHES = 0.152, 0.088, 0.19
"""Widths of a Japanese and a Latin sign of the words, and of a sign of the labels."""
TICKS = 4
LATIN = 0xFF


def rates(
    frame: pd.DataFrame,
    label: str,
    count: str,
    *,
    title: str,
    by: str = "",
    names: Mapping[str, str] | None = None,
    note: str = "",
) -> Picture:
    """Draw `value` (0-1) with `low` and `high` for each row, the figures and the count beside it.

    With `by`, a column of two codes, the two groups of a label stand one above the other. A row without a value is
    said, not drawn.
    """
    if frame.empty:
        return theme.blank(title, note)
    labels, groups = list(dict.fromkeys(frame[label])), list(dict.fromkeys(frame[by])) if by else [None]
    shown = [_name(label, code, names) for code in labels]
    rows = frame.to_dict("records")
    words = [
        (f"{wording.name(by, row[by])} " if by else "") + _words(row, wording.COLUMNS[count].unit, row[count])
        for row in rows
    ]
    farthest = frame[["high", "value"]].astype("float64").fillna(0).max(axis=None)
    reach = max(farthest, LEAST_REACH) * HEADROOM
    with theme.canvas(EDGE_INCHES + ROW_INCHES * len(labels) * (1.35 if by else 1)) as (figure, axes):
        for row, told in zip(rows, words, strict=True):
            group = groups.index(row[by]) if by else 0
            place = labels.index(row[label]) + (APART * (2 * group - 1) if by else 0)
            _draw(axes, place, row, group)
            axes.text(reach, place, f" {told}", va="center", ha="left", fontsize=10.5)
        axes.set_yticks(range(len(labels)), [theme.label(name) for name in shown])
        axes.set(ylim=(len(labels) - 0.45, -0.55), xlabel="", ylabel="")
        axes.set_xticks(MaxNLocator(TICKS, steps=[1, 2, 5, 10]).tick_values(0, reach / HEADROOM))
        axes.set_xlim(0, reach * (1 + _room(shown, words)))
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.grid(axis="x", color=theme.RULE, linewidth=0.7)
        alt = "、".join(f"{_name(label, row[label], names)}は{told}" for row, told in zip(rows, words, strict=True))
        return theme.finish(figure, title, f"割合と誤差の幅の図。{alt}", note)


def _room(labels: Sequence[str], words: Sequence[str]) -> float:
    """Return how much must stay free beyond the farthest interval for the words, as a share of it."""
    names = LABEL_INCHES * max(len(theme.label(name)) for name in labels)
    told = max(sum(WIDE_INCHES if ord(sign) > LATIN else NARROW_INCHES for sign in each) for each in words)
    return told / max(theme.WIDTH_INCHES - names - told, WIDE_INCHES)


def _words(row: Mapping[str, Any], unit: str, people: float) -> str:
    if pd.isna(row["value"]):
        return f"{wording.NOTHING} {wording.count(people, unit)}"
    spread = f"({wording.percent(row['low'])}〜{wording.percent(row['high'])})" if pd.notna(row["low"]) else ""
    return f"{wording.percent(row['value'])}{spread} {wording.count(people, unit)}"


def _draw(axes: Axes, place: float, row: Mapping[str, Any], group: int) -> None:
    if pd.notna(row["low"]):
        axes.plot([row["low"], row["high"]], [place] * 2, color=theme.QUIET, linewidth=9, solid_capstyle="butt")
    if pd.notna(row["value"]):
        axes.plot(row["value"], place, MARKERS[group], color=COLOURS[group], markersize=7, clip_on=False)


def _name(label: str, code: object, names: Mapping[str, str] | None) -> str:
    return names[str(code)] if names and str(code) in names else wording.name(label, code)
