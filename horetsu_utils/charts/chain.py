"""A chain: what has to be in order first stands on top, and each link is closed or still open."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Arc, Circle, Rectangle

from horetsu_utils import wording
from horetsu_utils.charts import sheet, strips, theme
from horetsu_utils.charts.strips import LINE_INCHES, records
from horetsu_utils.charts.theme import Picture

LINK_INCHES, EDGE_INCHES, FRAME_INCHES = 0.5, 0.1, 0.03
RADIUS, OPENING, WORD_GAP = 0.17, (75, 375), 0.08
"""A link, and from where to where (in degrees) the ring of an open one runs; words stand so far apart."""
LINK_AT, QUESTION_AT, AXIS_AT, VERDICT_AT = (sheet.LEFT + inches for inches in (0.3, 0.6, 1.08, 3.72))
IN_ORDER, NEXT, UNANSWERED = "A", "次に整えること", "まだお答えなし"
MARKS = {
    "supported": ("○", theme.ACCENT),
    "contradicted": ("△", theme.WARM),
    "no_data": ("―", theme.MUTED),
    "ready": ("◇", theme.ACCENT),
}
"""Each verdict has a mark of its own."""


def chain(frame: pd.DataFrame, *, title: str, next_question: str = "", note: str = "") -> Picture:
    """Draw the axes as links of a chain in the frame's order: closed for A, open for B to D, dotted if unanswered.

    `frame`: question, axis (its short name), answer (A to D or empty), verdict (supported, contradicted, no_data,
    ready or empty). The row of `next_question` is framed as what to put in order next.
    """
    if frame.empty:
        return theme.blank(title, note)
    rows = [{name: "" if pd.isna(cell) else str(cell) for name, cell in row.items()} for row in records(frame)]
    heights = [LINK_INCHES + LINE_INCHES * (row["question"] == next_question) for row in rows]
    with sheet.page(2 * EDGE_INCHES + sum(heights)) as (figure, axes):
        inch, above = EDGE_INCHES, None
        for row, height in zip(rows, heights, strict=True):
            middle = inch + height - LINK_INCHES / 2
            if height > LINK_INCHES:
                _frame(axes, inch, height)
            above = _tie(axes, above, (middle, row["answer"] == IN_ORDER))
            _link(axes, middle, row["answer"])
            _words(axes, middle, row)
            inch += height
        told = "。".join(_told(row, next_question) for row in rows)
        return theme.finish(figure, title, f"整える順に並べた、診断の鎖の図。{told}", note)


def _frame(axes: Axes, inch: float, height: float) -> None:
    """Frame what to put in order next, and say so within the frame, above its row."""
    box = (sheet.LEFT, inch + FRAME_INCHES), sheet.RIGHT - sheet.LEFT, height - 2 * FRAME_INCHES
    axes.add_patch(Rectangle(*box, facecolor="none", edgecolor=theme.WARM, linewidth=2))
    strips.write(axes, QUESTION_AT, inch + LINE_INCHES * 0.7, NEXT, color=theme.WARM, fontsize=12)


def _tie(axes: Axes, above: tuple[float, bool] | None, here: tuple[float, bool]) -> tuple[float, bool]:
    """Tie a link to the one above it: firmly where both are in order, else dotted."""
    if above:
        ends = [above[0] + RADIUS, here[0] - RADIUS]
        firm = above[1] and here[1]
        look: dict[str, Any] = {"color": theme.ACCENT, "linewidth": 5} if firm else {"color": theme.QUIET, "ls": ":"}
        axes.plot([LINK_AT] * 2, ends, zorder=0, **look)
    return here


def _link(axes: Axes, middle: float, answer: str) -> None:
    """Draw one link with its letter."""
    centre, ink = (LINK_AT, middle), theme.INK
    if answer == IN_ORDER:
        axes.add_patch(Circle(centre, RADIUS, facecolor=theme.ACCENT, edgecolor=theme.ACCENT, linewidth=3))
        ink = theme.PAPER
    elif answer:
        first, last = OPENING
        axes.add_patch(Arc(centre, 2 * RADIUS, 2 * RADIUS, theta1=first, theta2=last, color=theme.QUIET, linewidth=3))
    else:
        dots: dict[str, Any] = {"linestyle": ":", "edgecolor": theme.MUTED, "linewidth": 1.6}
        axes.add_patch(Circle(centre, RADIUS, facecolor="none", **dots))
    strips.write(axes, *centre, theme.label(answer), ha="center", va="center_baseline", color=ink, fontsize=12)


def _words(axes: Axes, middle: float, row: dict[str, str]) -> None:
    """Write beside a link its axis, and on the right what the records say."""
    sheet.name(
        axes, QUESTION_AT, middle, row["question"], AXIS_AT - QUESTION_AT - WORD_GAP, color=theme.MUTED, fontsize=11
    )
    mark, colour = MARKS.get(row["verdict"], ("", theme.MUTED))
    told = f"{mark} {wording.name('verdict', row['verdict'])}".strip() if row["answer"] else UNANSWERED
    sheet.name(axes, VERDICT_AT, middle, told, sheet.RIGHT - VERDICT_AT - WORD_GAP, color=colour, fontsize=11)
    sheet.name(axes, AXIS_AT, middle, row["axis"], VERDICT_AT - AXIS_AT - WORD_GAP)


def _told(row: dict[str, str], next_question: str) -> str:
    verdict = f"({wording.name('verdict', row['verdict'])})" if row["verdict"] else ""
    following = f"、{NEXT}" if row["question"] == next_question else ""
    answer = f"{row['answer']}{verdict}" if row["answer"] else UNANSWERED
    return f"{row['question']}「{row['axis']}」は{answer}{following}"
