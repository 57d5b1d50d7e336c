"""Told words: the words that stand out in the comments, one block a pattern or emotion."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from horetsu_utils import wording
from horetsu_utils.charts import feeling, parts, sheet, strips, theme
from horetsu_utils.charts.strips import LINE_INCHES, listed, records
from horetsu_utils.charts.theme import Picture

MOST_WORDS = 6
"""So many words a block are shown."""
WORD_INCHES, EDGE_INCHES, GAP_INCHES = 0.32, 0.08, 0.14
BAR_INCHES, TICK_INCHES, WORD_GAP = 0.18, 0.26, 0.1
FIRST, LAST = sheet.LEFT + 1.45, sheet.RIGHT - 1.4
"""The bars stand between these; left of them stand the words, right of them the figures."""
TICK = "縦の線は、ほかの声での割合"
LOOKS = parts.LOOKS | feeling.LOOKS


def words(frame: pd.DataFrame, *, title: str, note: str = "") -> Picture:
    """Draw for each pattern the share (0-1) of its comments that contain a word, and as a tick that of the others.

    `frame`: pattern (or an emotion), word, comments, ratio, ratio_others, in the order to show; at most six words of a
    pattern are shown. All blocks share one scale.
    """
    if frame.empty:
        return theme.blank(title, note)
    frame = frame.groupby("pattern", sort=False, dropna=False).head(MOST_WORDS)
    blocks = {code: records(frame[frame["pattern"] == code]) for code in frame["pattern"].unique()}
    height = 2 * EDGE_INCHES + len(blocks) * (LINE_INCHES + GAP_INCHES) + len(frame) * WORD_INCHES + LINE_INCHES
    reach = float(frame[["ratio", "ratio_others"]].max(axis=None))
    scale = (LAST - FIRST) / reach if reach > 0 else 0.0
    with sheet.page(height) as (figure, axes):
        inch = EDGE_INCHES
        for code, rows in blocks.items():
            inch = _heading(axes, inch, code)
            for row in rows:
                _word(axes, inch + WORD_INCHES / 2, row, scale)
                inch += WORD_INCHES
            inch += GAP_INCHES
        strips.write(axes, sheet.LEFT, inch + LINE_INCHES / 2, TICK, color=theme.MUTED)
        told = "。".join(f"「{_pattern(code)}」のお声では、{listed(map(_told, rows))}" for code, rows in blocks.items())
        return theme.finish(figure, title, f"お声に多い言葉と、その言葉が出てくるお声の割合の図。{told}", note)


def _heading(axes: Axes, inch: float, code: object) -> float:
    """Name a block above a thin line, and return where its words begin."""
    strips.write(axes, sheet.LEFT, inch + LINE_INCHES / 2 - 0.02, theme.label(_pattern(code)), fontsize=12)
    axes.plot([sheet.LEFT, sheet.RIGHT], [inch + LINE_INCHES] * 2, color=theme.RULE, linewidth=1)
    return inch + LINE_INCHES


def _word(axes: Axes, middle: float, row: dict[Any, Any], scale: float) -> None:
    """Draw one word: its bar, the tick of the others, and its figures."""
    colour = LOOKS.get(str(row["pattern"]), {"color": theme.ACCENT})["color"]
    sheet.name(axes, sheet.LEFT, middle, str(row["word"]), FIRST - sheet.LEFT - WORD_GAP)
    if row["ratio"] > 0:
        axes.barh(middle, row["ratio"] * scale, BAR_INCHES, FIRST, color=colour, linewidth=0)
    axes.plot([FIRST] * 2, [middle - WORD_INCHES / 2, middle + WORD_INCHES / 2], color=theme.RULE, linewidth=1)
    others = [FIRST + row["ratio_others"] * scale] * 2
    for ink, width in ((theme.PAPER, 4), (theme.INK, 1.6)):  # a pale edge keeps the tick visible on its bar
        axes.plot(others, [middle - TICK_INCHES / 2, middle + TICK_INCHES / 2], color=ink, linewidth=width)
    figures = f"{wording.count(row['comments'], 'voice')}・{wording.percent(row['ratio'])}"
    text = strips.write(axes, sheet.RIGHT, middle, figures, ha="right")
    sheet.shrink(axes, [text], sheet.RIGHT - LAST - WORD_GAP)


def _pattern(code: object) -> str:
    return wording.name("pattern", code)


def _told(row: dict[Any, Any]) -> str:
    figures = f"{wording.count(row['comments'], 'voice')}・{wording.percent(row['ratio'])}"
    return f"「{row['word']}」{figures}(ほかの声では{wording.percent(row['ratio_others'])})"
