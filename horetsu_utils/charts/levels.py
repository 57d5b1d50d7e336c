"""Levels: what was expected and how it was found, step by step of the journey, on one scale."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from horetsu_utils import wording
from horetsu_utils.charts import parts, sheet, signed, strips, theme
from horetsu_utils.charts.strips import LINE_INCHES, records
from horetsu_utils.charts.theme import Picture

LOWEST, HIGHEST = 1, 5
FIRST, LAST = sheet.LEFT + 0.85, sheet.RIGHT - 0.85
"""The ends of the scale, in inches; beside them there is room for words."""
LEVEL_INCHES, GAP_INCHES, EDGE_INCHES, WORD_GAP = 0.34, 0.12, 0.08, 0.16
TURN, TURN_INCHES = "潮目", 0.3
LOOKS: dict[str, dict[str, Any]] = {
    "expectation": {"marker": "D", "markersize": 11, "markerfacecolor": theme.PAPER},
    "evaluation": {"marker": "o", "markersize": 7},
}
"""A dot still shows within a diamond of the same score."""
UNKNOWN = "期待と評価を比べられるお声がありません"
_PAPER = {"facecolor": theme.PAPER, "edgecolor": "none", "pad": 1.5}


def levels(frame: pd.DataFrame, *, title: str, least: int = 0, note: str = "") -> Picture:
    """Draw for each step the mean expectation (hollow diamond) and evaluation (dot), 1 to 5, and the gap between them.

    `frame`: step, expectation, evaluation, gap, low, high (the interval of the gap, if known), customers, turned; above
    a step where the sign of the gap has turned there is a dotted line. A step whose gap is not known says so; of one
    with fewer than `least` customers nothing is drawn or claimed.
    """
    if frame.empty:
        return theme.blank(title, note)
    few = frame["customers"] < least
    known = {name: frame[name].mask(few) for name in (*LOOKS, "gap")}
    rows = records(frame.assign(turned=frame["turned"].eq(True), is_few=few, **known))
    row_inches = LINE_INCHES + LEVEL_INCHES + GAP_INCHES
    height = EDGE_INCHES + len(rows) * row_inches + TURN_INCHES * sum(bool(row["turned"]) for row in rows)
    with sheet.page(height + LINE_INCHES + EDGE_INCHES) as (figure, axes):
        _scale(axes, height)
        inch = EDGE_INCHES
        for row in rows:
            inch = _turn(axes, inch) if row["turned"] else inch
            _row(axes, inch, row)
            _marks(axes, inch + LINE_INCHES + LEVEL_INCHES / 2, row)
            inch += row_inches
        told = "。".join(map(_told, rows))
        return theme.finish(
            figure, title, f"旅の段階ごとに、期待と評価の平均({LOWEST}〜{HIGHEST}点)を比べた図。{told}", note
        )


def _scale(axes: Axes, height: float) -> None:
    """Rule a line at each whole score, and name it below."""
    for score in range(LOWEST, HIGHEST + 1):
        axes.plot([_along(score)] * 2, [EDGE_INCHES, height], color=theme.RULE, linewidth=0.7, zorder=0)
        words = wording.count(score, "score")
        strips.write(axes, _along(score), height + LINE_INCHES / 2, words, ha="center", color=theme.MUTED)


def _turn(axes: Axes, inch: float) -> float:
    """Draw the dotted line of a turn with its word, and return where the step goes on."""
    middle = inch + TURN_INCHES / 2 - GAP_INCHES / 2
    axes.plot([sheet.LEFT, sheet.RIGHT], [middle] * 2, ":", color=theme.WARM, linewidth=1.6)
    strips.write(axes, sheet.RIGHT, middle, TURN, ha="right", color=theme.WARM, fontsize=12, bbox=_PAPER)
    return inch + TURN_INCHES


def _row(axes: Axes, inch: float, row: dict[Any, Any]) -> None:
    """Write a step's name on the left, and its difference and customers on the right."""
    people = wording.count(row["customers"], "customer")
    told = _gap(row)
    text = strips.write(axes, sheet.RIGHT, inch + LINE_INCHES / 2, f"{told}  {people}", ha="right", bbox=_PAPER)
    space = strips.room(axes, text).x0 - sheet.LEFT - WORD_GAP
    sheet.name(axes, sheet.LEFT, inch + LINE_INCHES / 2, _step(row), space, bbox=_PAPER)


def _marks(axes: Axes, middle: float, row: dict[Any, Any]) -> None:
    """Draw the two marks and the line between them, each mark with its name and figure on its outer side."""
    colour = theme.QUIET if pd.isna(row["gap"]) or not row["gap"] else theme.ACCENT if row["gap"] > 0 else theme.WARM
    ends = {name: _along(row[name]) for name in LOOKS}
    axes.plot(list(ends.values()), [middle] * 2, color=colour, linewidth=6, solid_capstyle="butt", zorder=1)
    outer = 1 if ends["expectation"] > ends["evaluation"] else -1
    for (name, along), side in zip(ends.items(), (outer, -outer), strict=True):
        if pd.isna(along):
            continue
        axes.plot(along, middle, color=theme.INK, markeredgewidth=1.6, **LOOKS[name])
        words = f"{wording.heading(name)} {_score(row[name])}"
        look = {"ha": "left" if side > 0 else "right", "color": theme.MUTED, "bbox": _PAPER}
        strips.write(axes, along + side * WORD_GAP, middle, words, **look)


def _along(score: float) -> float:
    """Return the place of a score on the scale; one beyond its ends stands at the end."""
    share = (np.clip(score, LOWEST, HIGHEST) - LOWEST) / (HIGHEST - LOWEST)
    return float(FIRST + share * (LAST - FIRST))


def _score(score: float) -> str:
    return wording.plain(score)


def _gap(row: dict[Any, Any]) -> str:
    if row["is_few"]:
        return parts.FEW
    if pd.isna(row["gap"]):
        return UNKNOWN
    return f"差 {signed.words(row['gap'])}{signed.spread(row['low'], row['high'])}"


def _step(row: dict[Any, Any]) -> str:
    return wording.name("step", row["step"])


def _told(row: dict[Any, Any]) -> str:
    means = "" if row["is_few"] else "、".join(f"{wording.heading(name)} {_score(row[name])}" for name in LOOKS) + "、"
    turn = f"(この前で{TURN})" if row["turned"] else ""
    return f"{_step(row)}{turn}は、{means}{_gap(row)}、{wording.count(row['customers'], 'customer')}"
