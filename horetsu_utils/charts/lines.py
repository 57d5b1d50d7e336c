"""Lines: how a figure grows along a scale, and how it stands to a reference line."""

from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from horetsu_utils import wording
from horetsu_utils.charts import theme
from horetsu_utils.charts.theme import Picture
from horetsu_utils.words import COLUMNS

TENTHS = 10
ROOM_ON_THE_RIGHT = 0.5
"""A reading stands right of its point, unless the point lies beyond this share of the width."""
FARTHEST = 2.6
"""A value beyond so many times its line is drawn there, with its own figure beside it."""
_PAPER = {"facecolor": theme.PAPER, "edgecolor": "none", "pad": 2}
ROOM_ON_THE_LEFT = 0.42
"""Words stand left of a band only where it begins beyond this share of the line."""


def running_share(frame: pd.DataFrame, along: str, value: str, *, title: str, mark: int = 1, note: str = "") -> Picture:
    """Draw a running share (0-1) along the customers, with the reading of row `mark` (1 = first) beside its point.

    `along` is a share of the customers (0-1), or the tenth they stand in.
    """
    if frame.empty:
        return theme.blank(title, note)
    reach = frame[along] / (1 if COLUMNS[along].unit == "ratio" else TENTHS)
    with theme.canvas(3.6) as (figure, axes):
        axes.plot([0, 1], [0, 1], color=theme.RULE, linestyle="--", linewidth=1)
        axes.plot([0.0, *reach], [0.0, *frame[value]], color=theme.ACCENT, linewidth=2)
        axes.plot(reach, frame[value], "o", color=theme.ACCENT, clip_on=False)
        for far, share in list(zip(reach, frame[value], strict=True))[mark - 1 : mark]:
            _reading(axes, far, share)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.set(xlabel="お客様(購入金額の多い順)の割合", ylabel="", xlim=(0, 1.03))
        axes.set(ylim=(min(0, frame[value].min()), max(1.05, frame[value].max() * 1.05)), xticks=[0, 0.1, 0.2, 0.5, 1])
        axes.grid(axis="y", color=theme.RULE, linewidth=0.7)
        shares = "、".join(
            f"{wording.top(far)}で{wording.percent(share)}" for far, share in zip(reach, frame[value], strict=True)
        )
        return theme.finish(figure, title, f"お客様を購入金額の多い順に足したときの、売上の割合。{shares}", note)


def _reading(axes: Axes, far: float, share: float) -> None:
    left = far > ROOM_ON_THE_RIGHT
    axes.annotate(
        f"{wording.top(far)}で {wording.percent(share)}",
        (far, share if pd.notna(share) else 0),
        xytext=(-8, 8) if left else (12, -14),
        textcoords="offset points",
        ha="right" if left else "left",
        bbox=_PAPER,
    )


def against_line(frame: pd.DataFrame, *, title: str, currency: str = "JPY", note: str = "") -> Picture:
    """Draw each measure with its interval against its own reference line, on a scale where the line is 1.

    `frame` has measure, value, low, high and line, one row per measure; a line of 0 is nothing to stand against.
    """
    frame = frame[frame["line"] > 0]
    if frame.empty:
        return theme.blank(title, note)
    rows = [_row(row, currency) for row in frame.to_dict("records")]
    with theme.canvas(0.9 + 0.95 * len(rows)) as (figure, axes):
        axes.axvline(1, color=theme.WARM, linewidth=1.5, linestyle="--")
        for position, row in enumerate(rows):
            _measure(axes, position, row)
        axes.set(ylim=(len(rows) - 0.4, -0.7), xlim=(0, max(1.45, *(row.high * 1.15 for row in rows))))
        axes.set(xticks=[], yticks=range(len(rows)), yticklabels=[row.name for row in rows])
        told = "。".join(f"{row.name}は{row.words}、目安は{row.line}" for row in rows)
        return theme.finish(figure, title, f"目安の線と比べた図。{told}", note)


class _Row(NamedTuple):
    """One measure: its words, and its places on a scale where the line is 1."""

    name: str
    words: str
    line: str
    value: float
    low: float
    high: float
    known: bool


def _row(row: dict[str, Any], currency: str) -> _Row:
    unit = COLUMNS[row["measure"]].unit
    known = bool(pd.notna(row["value"]))
    value = row["value"] / row["line"] if known else 0.0
    low, high = (row[edge] / row["line"] if pd.notna(row[edge]) else value for edge in ("low", "high"))
    value, low, high = (min(max(place, 0.0), FARTHEST) for place in (value, low, high))
    words, line = (wording.figure(row[name], unit, currency) for name in ("value", "line"))
    return _Row(wording.name("measure", row["measure"]), words, line, value, low, high, known)


def _measure(axes: Axes, position: int, row: _Row) -> None:
    axes.plot([row.low, row.high], [position] * 2, color=theme.QUIET, linewidth=14, solid_capstyle="butt")
    if row.known:
        axes.plot(row.value, position, "o", color=theme.ACCENT, markersize=8, clip_on=False)
    left = row.low > ROOM_ON_THE_LEFT and row.value < 1
    axes.annotate(
        row.words,
        (row.low if left else row.high, position),
        xytext=(-14 if left else 14, 0),
        textcoords="offset points",
        ha="right" if left else "left",
        va="center",
        fontsize=13,
        bbox=_PAPER,
    )
    axes.text(1, position + 0.36, f" 目安 {row.line}", ha="left", va="center", fontsize=10, color=theme.WARM)
