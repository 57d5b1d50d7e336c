"""Grids: two scales crossed, the figure written in each cell."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from horetsu_utils import wording
from horetsu_utils.charts import theme
from horetsu_utils.charts.theme import Picture

CELL_INCHES = 0.62
EDGE_INCHES = 1.1
HATCH = "///"
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
        hatched = _hatch(axes, wide) if unripe else 0
        aside = f"斜線({hatched}か所): {unripe}" if hatched else ""
        sns.heatmap(
            wide.astype("float64"),
            annot=shown,
            fmt="",
            cmap=sns.light_palette(theme.ACCENT, as_cmap=True),
            cbar=False,
            linewidths=2,
            linecolor=theme.PAPER,
            annot_kws={"fontsize": CELL_POINTS * min(1, CELL_SIGNS / shown.map(len).max(axis=None))},
            ax=axes,
        )
        axes.set_xticklabels([theme.label(_name(across, code, names)) for code in across_order], rotation=0)
        axes.set_yticklabels([theme.label(_name(down, code, names)) for code in down_order], rotation=0)
        axes.set(xlabel=f"横: {wording.COLUMNS[across].japanese}\n{aside}".strip(), ylabel="")
        axes.set_title(f"縦: {wording.COLUMNS[down].japanese}", loc="left", fontsize=11, color=theme.MUTED)
        axes.tick_params(length=0)
        return theme.finish(figure, title, "。".join(filter(None, (_alt(shown, down, across, names), aside))), note)


def _hatch(axes: Axes, wide: pd.DataFrame) -> int:
    """Hatch the cells without a value, and count them."""
    empty = np.argwhere(wide.isna().to_numpy())
    for row, column in empty:
        look: dict[str, Any] = {"facecolor": theme.PAPER, "edgecolor": theme.RULE, "hatch": HATCH, "linewidth": 0}
        axes.add_patch(Rectangle((column, row), 1, 1, **look))
    return len(empty)


def _name(column: str, code: object, names: Mapping[str, str] | None) -> str:
    return (names or {}).get(str(code)) or wording.name(column, code)


def _alt(shown: pd.DataFrame, down: str, across: str, names: Mapping[str, str] | None) -> str:
    cells = [
        f"{_name(down, row, names)}×{_name(across, column, names)} {shown.loc[row, column]}"
        for row in shown.index
        for column in shown.columns
        if shown.loc[row, column]
    ]
    terms = wording.COLUMNS
    return f"{terms[down].japanese}と{terms[across].japanese}を組み合わせた表。" + "、".join(cells)
