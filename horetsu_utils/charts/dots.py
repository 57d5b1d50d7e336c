"""Dots: a rate with its interval, row by row, or two groups one above the other."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from horetsu_utils import wording
from horetsu_utils.charts import theme
from horetsu_utils.charts.theme import Picture

ROW_INCHES, HEADING_INCHES, EDGE_INCHES = 0.64, 0.42, 0.45
WORDS_INCHES, BELOW_INCHES = 0.27, 0.2
"""The words of a row stand so far above its dot; under the last dot so much stays free."""
LOOKS: tuple[dict[str, Any], ...] = (
    {"marker": "o", "markerfacecolor": theme.ACCENT},
    {"marker": "D", "markerfacecolor": theme.PAPER},
)
"""Two groups are told apart by shape and filling, in one colour."""
HEADROOM, LEAST_REACH, TICKS = 1.08, 0.01, 4
TOO_FEW = "(まだ人数が足りません)"
_PAPER = {"facecolor": theme.PAPER, "edgecolor": "none", "pad": 1}


def rates(
    frame: pd.DataFrame,
    label: str,
    count: str,
    *,
    title: str,
    by: str = "",
    names: Mapping[str, str] | None = None,
    claim_from: int = 0,
    note: str = "",
) -> Picture:
    """Draw `value` (0-1) with `low` and `high` for each row, and above it its name, its figures and the count.

    With `by`, a column of two codes, the two groups of a label stand one above the other under its name. A row without
    a value, or with fewer than `claim_from` behind it, is said, not drawn.
    """
    if frame.empty:
        return theme.blank(title, note)
    order = list(dict.fromkeys(frame[label]))
    frame = frame.sort_values(label, key=lambda codes: codes.map(order.index), kind="stable", ignore_index=True)
    few = frame[count] < claim_from
    rows = frame[["value", "low", "high"]].astype("float64").mask(few | frame["value"].isna())
    rows["words"] = _words(rows, frame[count], few)
    rows["heading"] = [_name(label, code, names) for code in frame[label]]
    rows["name"] = [_name(by, code, names) for code in frame[by]] if by else rows["heading"]
    rows["group"] = pd.factorize(frame[by])[0] if by else 0
    rows["headed"] = bool(by) & ~frame[label].duplicated()
    rows["place"] = (ROW_INCHES + HEADING_INCHES * rows["headed"]).cumsum() - BELOW_INCHES
    with theme.canvas(EDGE_INCHES + rows["place"].iloc[-1] + BELOW_INCHES) as (figure, axes):
        for row in rows.itertuples():
            _draw(axes, row)
        _scale(axes, rows)
        _fit(figure, axes)
        alt = "、".join(f"{row.heading}は{f'{row.name} ' if by else ''}{row.words}" for row in rows.itertuples())
        return theme.finish(figure, title, f"割合と誤差の幅の図。{alt}", note)


def _words(rows: pd.DataFrame, people: pd.Series, few: pd.Series) -> list[str]:
    unit = wording.COLUMNS[str(people.name)].unit
    return [
        f"{wording.percent(row.value)}{_spread(row.low, row.high)}  {wording.count(number, unit)}{TOO_FEW * short}"
        for row, number, short in zip(rows.itertuples(), people, few, strict=True)
    ]


def _spread(low: float, high: float) -> str:
    return "" if pd.isna(low) else f"({wording.percent(low).removesuffix('%')}〜{wording.percent(high)})"


def _draw(axes: Axes, row: Any) -> None:
    axes.plot([row.low, row.high], [row.place] * 2, color=theme.QUIET, linewidth=10, solid_capstyle="butt")
    look = LOOKS[row.group] | {"markeredgecolor": theme.ACCENT, "markeredgewidth": 1.6}
    axes.plot(row.value, row.place, markersize=8, clip_on=False, **look)
    _write(axes, row.place - WORDS_INCHES, f"{theme.label(row.name)}  {row.words}")
    if row.headed:
        _write(axes, row.place - WORDS_INCHES - HEADING_INCHES * 0.8, theme.label(row.heading))
        axes.axhline(row.place + BELOW_INCHES - ROW_INCHES - HEADING_INCHES, color=theme.QUIET, linewidth=1)


def _write(axes: Axes, place: float, words: str) -> None:
    axes.text(0, place, words, va="center", ha="left", bbox=_PAPER, in_layout=False)


def _fit(figure: Figure, axes: Axes) -> None:
    """Write words smaller that are wider than the picture."""
    figure.draw_without_rendering()
    width = axes.get_window_extent().width
    for text in axes.texts:
        text.set_fontsize(float(text.get_fontsize()) * min(1.0, width / text.get_window_extent().width))


def _scale(axes: Axes, rows: pd.DataFrame) -> None:
    """Run the scale from 0 to a little above the farthest; where nothing is drawn, there is nothing to read off."""
    farthest = rows[["high", "value"]].fillna(0).max(axis=None)
    reach = max(farthest, LEAST_REACH) * HEADROOM
    ticks = MaxNLocator(TICKS, steps=[1, 2, 2.5, 5, 10]).tick_values(0, reach) if rows["value"].notna().any() else []
    axes.set_xticks([tick for tick in ticks if tick <= reach])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda ratio, _: f"{ratio * 100:g}%"))
    axes.set(xlim=(0, reach), ylim=(rows["place"].iloc[-1] + BELOW_INCHES, 0), yticks=[], xlabel="", ylabel="")
    axes.grid(axis="x", color=theme.RULE, linewidth=0.7)


def _name(label: str, code: object, names: Mapping[str, str] | None) -> str:
    return names[str(code)] if names and str(code) in names else wording.name(label, code)
