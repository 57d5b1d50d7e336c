"""Signed figures: how far above or below, in words and in two colours that meet in paper at zero."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from horetsu_utils import wording
from horetsu_utils.charts import grid, sheet, strips, theme
from horetsu_utils.charts.strips import LINE_INCHES, listed
from horetsu_utils.charts.theme import Picture

BELOW_AND_ABOVE = LinearSegmentedColormap.from_list("signed", [theme.WARM, theme.PAPER, theme.ACCENT])
LEAST_REACH = 1.0
"""The colours reach at least so far, so that small differences look small."""
CELL_INCHES, CELL_GAP, NAME_GAP = 0.62, 0.02, 0.08
DIFFERENCE_AT, COUNT_AT = 0.35, 0.72
"""The difference and the count stand so far down their cell."""
NAME_SIGNS, SIGN_INCHES, NAME_LINE_INCHES = 7, 0.16, 0.19
"""Names beside the rows stand in lines of so many signs, each so wide; lines of a name are so high."""
MANY, POINTS, MANY_POINTS = 6, (13, 11), (11, 10)
"""The type of the difference and of the count; more columns than this take the smaller one."""
_NAME: dict[str, Any] = {"linespacing": 1.1}
_PAPER = {"facecolor": theme.PAPER, "edgecolor": "none", "pad": 1.5}


class _Cell(NamedTuple):
    """One pair that occurs: its place from the top and from the left, its figures, and whether few stand behind it."""

    row: int
    column: int
    value: float
    people: str
    is_few: bool


class _Corner(NamedTuple):
    """Where the cells begin, and how wide each is, in inches."""

    left: float
    top: float
    width: float


def words(number: float) -> str:
    """Say a difference with its sign: +0.4, -1.1, and 0.0 for none."""
    told = wording.plain(number)
    return f"+{told}" if told[0].isdigit() and told.strip("0.") else told


def spread(low: float, high: float) -> str:
    """Say the interval of a difference; one that is not known is not said."""
    return "" if pd.isna(low) or pd.isna(high) else f"({words(low)}〜{words(high)})"


def crossed(
    frame: pd.DataFrame,
    down: str,
    across: str,
    *,
    value: str,
    count: str,
    claim_from: int,
    title: str,
    down_order: Sequence[object],
    across_order: Sequence[object],
    names: Mapping[str, str] | None = None,
    note: str = "",
) -> Picture:
    """Draw the signed `value` and the `count` behind it for each pair of `down` × `across`.

    A cell with fewer than `claim_from` behind it is hatched and tells its count alone; a pair that does not occur is
    empty.
    """
    rows, columns, unit = list(down_order), list(across_order), wording.COLUMNS[count].unit
    known = frame[frame[down].isin(rows) & frame[across].isin(columns) & frame[count].notna()]
    if known.empty:
        return theme.blank(title, note)
    figures = zip(
        known[down].map(rows.index), known[across].map(columns.index), known[value], known[count], strict=True
    )
    cells = [
        _Cell(row, column, each, wording.count(many, unit), many < claim_from) for row, column, each, many in figures
    ]
    sides = [grid.named(down, code, names) for code in rows]
    tops = [grid.named(across, code, names) for code in columns]
    meaning = f"まだ{wording.count(claim_from, unit)}に満たないため、差は読みません"
    aside = grid.hatching(sum(cell.is_few for cell in cells), meaning)
    heading = f"縦: {wording.heading(down)}  横: {wording.heading(across)}"
    with _framed(sides, tops, heading, aside) as (figure, axes, corner):
        _draw(axes, cells, corner, MANY_POINTS if len(tops) > MANY else POINTS)
        told = listed(_told(cell, sides, tops) for cell in sorted(cells, key=lambda cell: cell[:2]))
        pair = f"{wording.heading(down)}と{wording.heading(across)}を組み合わせた、{wording.heading(value)}の表"
        return theme.finish(figure, title, "。".join(filter(None, (pair, told, aside))), note)


@contextmanager
def _framed(
    sides: Sequence[str], tops: Sequence[str], heading: str, aside: str
) -> Iterator[tuple[Figure, Axes, _Corner]]:
    """Lend a sheet that has the names around the cells, and tell where the cells go."""
    left = sheet.LEFT + NAME_GAP + SIGN_INCHES * min(NAME_SIGNS, max(map(len, sides)))
    width = (sheet.RIGHT - left) / len(tops)
    above = [sheet.wrapped(name, max(int(width / SIGN_INCHES), 1)) for name in tops]
    top = 2 * NAME_GAP + LINE_INCHES + NAME_LINE_INCHES * max(name.count("\n") + 1 for name in above)
    bottom = top + CELL_INCHES * len(sides)
    with sheet.page(bottom + NAME_GAP + (NAME_GAP + LINE_INCHES) * bool(aside)) as (figure, axes):
        strips.write(axes, sheet.LEFT, NAME_GAP + LINE_INCHES / 2, heading, color=theme.MUTED)
        for place, name in enumerate(above):
            middle = left + (place + 0.5) * width
            strips.write(axes, middle, top - NAME_GAP / 2, name, ha="center", va="bottom", **_NAME)
        for place, name in enumerate(sides):
            middle = top + (place + 0.5) * CELL_INCHES
            strips.write(axes, left - NAME_GAP, middle, sheet.wrapped(name, NAME_SIGNS), ha="right", **_NAME)
        strips.write(axes, sheet.LEFT, bottom + NAME_GAP + LINE_INCHES / 2, aside, color=theme.MUTED)
        yield figure, axes, _Corner(left, top, width)


def _draw(axes: Axes, cells: Sequence[_Cell], corner: _Corner, points: tuple[int, int]) -> None:
    """Draw all cells on one scale of colours, their figures in one size of type."""
    known = [abs(cell.value) for cell in cells if not cell.is_few and pd.notna(cell.value)]
    reach = max(LEAST_REACH, *known, 0.0)
    texts = [_cell(axes, cell, corner, Normalize(-reach, reach), points) for cell in cells]
    for kind in zip(*texts, strict=True):
        sheet.shrink(axes, [text for text in kind if text.get_text()], corner.width - 4 * CELL_GAP)


def _cell(axes: Axes, cell: _Cell, corner: _Corner, scale: Normalize, points: tuple[int, int]) -> tuple[Text, Text]:
    """Colour a cell by its difference and write its figures; one with few behind it is hatched, and counts only."""
    first, start = corner.left + cell.column * corner.width, corner.top + cell.row * CELL_INCHES
    shade = BELOW_AND_ABOVE(float(scale(0.0 if pd.isna(cell.value) else cell.value)))
    look = grid.HATCHED if cell.is_few else {"facecolor": shade, "edgecolor": theme.RULE, "linewidth": 0.6}
    sides = corner.width - 2 * CELL_GAP, CELL_INCHES - 2 * CELL_GAP
    axes.add_patch(Rectangle((first + CELL_GAP, start + CELL_GAP), *sides, **look))
    middle, ink = first + corner.width / 2, theme.INK if cell.is_few else grid.ink(shade)
    told = "" if cell.is_few else words(cell.value)
    down = 0.5 if cell.is_few else COUNT_AT
    common: dict[str, Any] = {"ha": "center", "color": ink}
    difference = strips.write(axes, middle, start + DIFFERENCE_AT * CELL_INCHES, told, fontsize=points[0], **common)
    paper = {"bbox": _PAPER} if cell.is_few else {}
    count = strips.write(axes, middle, start + down * CELL_INCHES, cell.people, fontsize=points[1], **common, **paper)
    return difference, count


def _told(cell: _Cell, sides: Sequence[str], tops: Sequence[str]) -> str:
    difference = "" if cell.is_few else f" {words(cell.value)}"
    return f"{sides[cell.row]}×{tops[cell.column]}{difference} {cell.people}"
