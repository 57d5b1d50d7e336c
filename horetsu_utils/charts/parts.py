"""Parts: the shares of voices that were disappointed, content and moved, row by row as one bar."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from horetsu_utils import wording
from horetsu_utils.charts import sheet, strips, theme
from horetsu_utils.charts.grid import HATCH, named
from horetsu_utils.charts.strips import LINE_INCHES, listed
from horetsu_utils.charts.theme import Picture

LOOKS = {
    "disappointed": {"color": theme.WARM, "ink": theme.PAPER},
    "content": {"color": theme.RULE, "ink": theme.INK},
    "moved": {"color": theme.ACCENT, "ink": theme.PAPER},
}
"""The patterns, from left to right."""
BAR_INCHES, EDGE_INCHES, TIE_INCHES = 0.34, 0.08, 0.1
ROW_INCHES, NAMES_INCHES = LINE_INCHES + BAR_INCHES + 0.16, LINE_INCHES + TIE_INCHES
"""A row with its name above and air below; above the first bar stand the patterns' names, tied to their parts."""
BAR_RIGHT = sheet.RIGHT - 0.9
"""Right of the bars stand the counts."""
WORD_GAP, SHARE_GAP, PALE = 0.12, 0.06, 0.4
FEW, NONE = "まだ少数", "まだありません"
_PAPER = {"facecolor": theme.PAPER, "edgecolor": "none", "pad": 2}


def shares(
    frame: pd.DataFrame,
    label: str,
    *,
    title: str,
    names: Mapping[str, str] | None = None,
    least: int = 0,
    note: str = "",
) -> Picture:
    """Draw the shares (0-1) of the three patterns of each `label` as one bar, in the frame's order.

    `frame`: label, pattern (disappointed, content, moved), voices (of that pattern), ratio, low, high. A row with fewer
    than `least` voices in all is drawn pale and hatched, and nothing is claimed of it.
    """
    if frame.empty:
        return theme.blank(title, note)
    rows = [(named(label, code, names), _by_pattern(frame[frame[label] == code])) for code in frame[label].unique()]
    with sheet.page(2 * EDGE_INCHES + NAMES_INCHES + len(rows) * ROW_INCHES) as (figure, axes):
        for place, (name, part) in enumerate(rows):
            inch = EDGE_INCHES + place * ROW_INCHES + NAMES_INCHES * bool(place)
            sheet.name(axes, sheet.LEFT, inch + LINE_INCHES / 2, name, BAR_RIGHT - sheet.LEFT)
            _bar(axes, inch + LINE_INCHES + NAMES_INCHES * (not place), part, least)
        _patterns(axes, EDGE_INCHES + LINE_INCHES, rows[0][1]["ratio"])
        told = "。".join(f"{name}は{_told(part, least)}" for name, part in rows)
        return theme.finish(figure, title, f"{'・'.join(map(_pattern, LOOKS))}お声の割合を並べた図。{told}", note)


def _by_pattern(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the figures of one bar in the order of the patterns; one that does not occur has no voices."""
    part = rows.set_index("pattern")[["voices", "ratio", "low", "high"]].astype("float64").reindex(list(LOOKS))
    return part.fillna({"voices": 0.0, "ratio": 0.0})


def _patterns(axes: Axes, inch: float, ratios: pd.Series) -> None:
    """Name the patterns once, each as near to its part of the first bar as the others let it."""
    middles = (ratios.cumsum() - ratios / 2) * (BAR_RIGHT - sheet.LEFT)
    texts = [strips.write(axes, 0, inch + LINE_INCHES / 2, _pattern(code), ha="center") for code in LOOKS]
    widths = [strips.room(axes, text).width + WORD_GAP for text in texts]
    places = theme.apart(list(middles), widths, sheet.RIGHT - sheet.LEFT)
    for text, place, middle, code in zip(texts, places, middles, LOOKS, strict=True):
        colour = theme.MUTED if LOOKS[code]["ink"] == theme.INK else LOOKS[code]["color"]
        text.set(x=sheet.LEFT + place, color=colour)
        if ratios[code]:
            line = [inch + LINE_INCHES, inch + LINE_INCHES + TIE_INCHES]
            axes.plot([sheet.LEFT + place, sheet.LEFT + middle], line, color=colour, linewidth=1)


def _bar(axes: Axes, inch: float, part: pd.DataFrame, least: int) -> None:
    """Draw one row: its parts, each with its share where that has room, and the count at the end."""
    voices, middle = part["voices"].sum(), inch + BAR_INCHES / 2
    remark = _remark(voices, least)
    strips.write(axes, BAR_RIGHT + WORD_GAP / 2, middle, wording.count(voices, "voice"), fontsize=12)
    for code, ratio, end in zip(LOOKS, part["ratio"], part["ratio"].cumsum(), strict=True):
        width, look = ratio * (BAR_RIGHT - sheet.LEFT), LOOKS[code]
        first = sheet.LEFT + end * (BAR_RIGHT - sheet.LEFT) - width
        pale: dict[str, Any] = {"alpha": PALE, "hatch": HATCH} if remark else {}
        axes.barh(middle, width, BAR_INCHES, first, color=look["color"], edgecolor=theme.PAPER, **pale)
        if ratio and not remark:
            words = wording.percent(ratio)
            text = strips.write(axes, first + width / 2, middle, words, ha="center", color=look["ink"])
            if strips.room(axes, text).width + SHARE_GAP > width:
                text.remove()
    strips.write(axes, sheet.LEFT + WORD_GAP, middle, remark, color=theme.MUTED, bbox=_PAPER if remark else None)


def _remark(voices: float, least: int) -> str:
    """Say what keeps a row from being read, if anything does."""
    if not voices:
        return NONE
    return FEW if voices < least else ""


def _told(part: pd.DataFrame, least: int) -> str:
    voices = part["voices"].sum()
    count, remark = wording.count(voices, "voice"), _remark(voices, least)
    if remark:
        return f"{count}({remark})"
    return f"{count}で、{listed(_share(str(code), *row) for code, *row in part.drop(columns='voices').itertuples())}"


def _share(code: str, ratio: float, low: float, high: float) -> str:
    spread = "" if pd.isna(low) else f"({wording.percent(low).removesuffix('%')}〜{wording.percent(high)})"
    return f"{_pattern(code)} {wording.percent(ratio)}{spread}"


def _pattern(code: str) -> str:
    return wording.name("pattern", code)
