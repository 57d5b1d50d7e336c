"""Grids: two scales crossed, the figure written in each cell."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.patches import Rectangle

from horetsu_utils import privacy, wording
from horetsu_utils.charts import theme
from horetsu_utils.charts.theme import Picture

CELL_INCHES = 0.62
EDGE_INCHES = 1.1
HATCH = "///"
HATCHED: dict[str, Any] = {"facecolor": theme.PAPER, "edgecolor": theme.RULE, "hatch": HATCH, "linewidth": 0}
EQUAL_LIGHT = 0.24
"""Dark and light ink stand out alike from a cell of this luminance."""
CELL_POINTS, CELL_SIGNS = 11, 9
"""A figure of more signs than a cell holds at this size is written smaller."""


def crossed(
    frame: pd.DataFrame,
    down: str,
    across: str,
    *,
    value: str,
    title: str,
    down_order: Sequence[object],
    across_order: Sequence[object],
    names: Mapping[str, str] | None = None,
    currency: str = "JPY",
    unripe: str = "",
    note: str = "",
) -> Picture:
    """Draw `value` for each pair of `down` × `across`; a pair that does not occur is an empty cell, never a zero.

    `names` words codes that are the client's own; the others are in words.CODES. `unripe` says what an empty cell
    means, such as a month that has not passed yet: such cells are hatched.
    """
    wide = frame.pivot(index=down, columns=across, values=value).reindex(index=down_order, columns=across_order)
    if wide.isna().all(axis=None):
        return theme.blank(title, note)
    unit = wording.COLUMNS[value].unit
    shown = wide.map(lambda number: "" if pd.isna(number) else wording.figure(number, unit, currency))
    with theme.canvas(EDGE_INCHES + CELL_INCHES * len(down_order)) as (figure, axes):
        aside = _hatch(axes, wide, unripe) if unripe else ""
        sns.heatmap(
            wide.astype("float64"),
            annot=shown.map(privacy.told),
            fmt="",
            cmap=sns.light_palette(theme.ACCENT, as_cmap=True),
            cbar=False,
            linewidths=2,
            linecolor=theme.PAPER,
            annot_kws={"fontsize": CELL_POINTS * min(1, CELL_SIGNS / shown.map(privacy.told).map(len).max(axis=None))},
            ax=axes,
        )
        _ink(axes)
        axes.tick_params(length=0, rotation=0)
        axes.set_xticklabels([theme.label(named(across, code, names)) for code in across_order])
        axes.set_yticklabels([theme.label(named(down, code, names)) for code in down_order])
        axes.set(xlabel=f"横: {wording.COLUMNS[across].japanese}\n\n{aside}".strip(), ylabel="")
        axes.set_title(f"縦: {wording.COLUMNS[down].japanese}", loc="left", fontsize=11, color=theme.MUTED)
        return theme.finish(figure, title, _alt(shown, down, across, names) + f"。{aside}" * bool(aside), note)


def _hatch(axes: Axes, wide: pd.DataFrame, unripe: str) -> str:
    """Hatch the cells without a value, and say how many there are and what they mean."""
    empty = np.argwhere(wide.isna().to_numpy())
    for row, column in empty:
        axes.add_patch(Rectangle((column, row), 1, 1, **HATCHED))
    return hatching(len(empty), unripe)


def hatching(cells: int, meaning: str) -> str:
    """Say how many cells are hatched, if any are, and what that means."""
    return f"斜線({cells}か所): {meaning}" if cells else ""


def _ink(axes: Axes) -> None:
    """Write each figure in the ink that stands out more from its cell."""
    mesh = next(each for each in axes.collections if isinstance(each, QuadMesh))
    shades = [shade for shade in np.asarray(mesh.get_facecolor()) if shade[3]]  # a cell without a value has none
    for text, shade in zip(axes.texts, shades, strict=False):
        text.set_color(ink(shade))


def ink(shade: Sequence[float] | np.ndarray) -> str:
    """Return the ink that stands out more from a colour, which is given by its parts from 0 to 1."""
    return theme.INK if _light(shade) > EQUAL_LIGHT else theme.PAPER


def _light(shade: Sequence[float] | np.ndarray) -> float:
    """Return the relative luminance of a colour (WCAG 2.1)."""
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in shade[:3]]
    return float(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])


def named(column: str, code: object, names: Mapping[str, str] | None) -> str:
    """Return the Japanese for a code, by the caller's own names first."""
    return (names or {}).get(str(code)) or wording.name(column, code)


def _alt(shown: pd.DataFrame, down: str, across: str, names: Mapping[str, str] | None) -> str:
    cells = [
        f"{named(down, row, names)}×{named(across, column, names)} {shown.loc[row, column]}"
        for row in shown.index
        for column in shown.columns
        if shown.loc[row, column]
    ]
    terms = wording.COLUMNS
    return f"{terms[down].japanese}と{terms[across].japanese}を組み合わせた表。" + "、".join(cells)
