"""Layers: what is counted for sure and what is only hinted at; how the parts of a whole grow over time."""

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from horetsu_utils import wording
from horetsu_utils.charts import theme
from horetsu_utils.charts.theme import Picture

BAR_INCHES, EDGE_INCHES, BAR_HEIGHT = 0.52, 0.7, 0.72
HATCH = "////"
ROOM_FOR_WORDS = 0.62
"""Beyond the longest bar so much of it stays free for the words at its end."""
TICKS = 4
LABEL_GAP = 0.075
"""Two labels at the right end stand at least this share of the height apart."""
ROOM_AT_RIGHT = 0.34


def firm_and_hinted(
    frame: pd.DataFrame,
    label: str,
    firm: str,
    hinted: str,
    *,
    title: str,
    names: Mapping[str, str] | None = None,
    note: str = "",
) -> Picture:
    """Draw one bar a row: counted for sure (solid), and beside it those only hinted at (hatched, outlined).

    The hatched part is no part of the sure count: who is hinted at here is counted for sure in another row.
    """
    if frame.empty:
        return theme.blank(title, note)
    shown = [_name(label, code, names) for code in frame[label]]
    sure, maybe = (frame[column].astype("float64").fillna(0) for column in (firm, hinted))
    unit = wording.COLUMNS[firm].unit
    words = [wording.count(number, unit) for number in sure]
    asides = [f"暫定 {wording.count(number, unit)}" if number else "" for number in maybe]
    with theme.canvas(EDGE_INCHES + BAR_INCHES * len(frame)) as (figure, axes):
        places = range(len(frame))
        axes.barh(places, sure, height=BAR_HEIGHT, color=theme.ACCENT)
        axes.barh(
            places, maybe, left=sure, height=BAR_HEIGHT, facecolor=theme.PAPER, edgecolor=theme.QUIET, hatch=HATCH
        )
        for place, end in enumerate(sure + maybe):
            axes.text(end, place, f" {words[place]}", va="center", ha="left")
            axes.text(
                end, place + BAR_HEIGHT / 2, f" {asides[place]}", va="center", ha="left", fontsize=10, color=theme.MUTED
            )
        longest = (sure + maybe).max() or 1
        axes.set_yticks(places, [theme.label(name) for name in shown])
        axes.set(
            xlabel="", ylabel="", xticks=[], ylim=(len(frame) - 0.35, -0.5), xlim=(0, longest * (1 + ROOM_FOR_WORDS))
        )
        told = "、".join(" ".join(filter(None, row)) for row in zip(shown, words, asides, strict=True))
        return theme.finish(figure, title, f"棒グラフ。{told}", note)


def over_time(
    frame: pd.DataFrame,
    along: str,
    part: str,
    value: str,
    *,
    order: Sequence[object],
    title: str,
    names: Mapping[str, str] | None = None,
    note: str = "",
) -> Picture:
    """Draw the parts of a whole stacked along time, the first of `order` at the bottom, each named at its right end."""
    if frame.empty:
        return theme.blank(title, note)
    wide = frame.pivot(index=along, columns=part, values=value).reindex(columns=order).fillna(0).sort_index()
    shown = [_name(part, code, names) for code in order]
    unit = wording.COLUMNS[value].unit
    last = wide.iloc[-1]
    words = [f"{name} {wording.count(number, unit)}" for name, number in zip(shown, last, strict=True)]
    shades = sns.light_palette(theme.ACCENT, len(order) + 2)[2:]
    with theme.canvas(4.2) as (figure, axes):
        places = np.arange(len(wide))
        below = np.zeros(len(wide))
        for code, shade in zip(order, shades, strict=True):
            above = below + wide[code].to_numpy()
            if len(wide) > 1:
                axes.fill_between(places, below, above, color=shade, edgecolor=theme.PAPER, linewidth=0.8)
            else:
                axes.bar(places, above - below, bottom=below, color=shade, edgecolor=theme.PAPER)
            below = above
        _named_at_right(axes, last, words, len(wide) - 1)
        _months(axes, list(wide.index))
        axes.set(ylim=(0, max(below.max() * 1.03, 1)), yticks=[], xlabel="", ylabel="")
        alt = f"{_month(wide.index[0])}から{_month(wide.index[-1])}までの積み重ねグラフ。さいごの月は、" + "、".join(
            words
        )
        return theme.finish(figure, title, alt, note)


def _named_at_right(axes: Axes, last: pd.Series, words: Sequence[str], end: float) -> None:
    """Write each part's name beside the middle of its band, moved apart where bands are thin."""
    total = max(last.sum(), 1)
    middles = (last.cumsum() - last / 2) / total
    places = _apart(list(middles))
    for place, word in zip(places, words, strict=True):
        axes.annotate(word, (1.0, place / 1.03), xycoords="axes fraction", xytext=(6, 0), textcoords="offset points",
                      va="center", ha="left", fontsize=11, annotation_clip=False)  # fmt: skip
    axes.set_xlim(-0.5 if not end else 0, end or 0.5)


def _apart(middles: list[float]) -> list[float]:
    """Move places apart, upwards, until each stands clear of the one below; and down again from the top."""
    placed: list[float] = []
    for middle in middles:
        placed.append(max(middle, placed[-1] + LABEL_GAP) if placed else max(middle, LABEL_GAP / 2))
    over = placed[-1] - (1 - LABEL_GAP / 2)
    for index in range(len(placed) - 1, -1, -1):
        limit = 1 - LABEL_GAP / 2 if index == len(placed) - 1 else placed[index + 1] - LABEL_GAP
        placed[index] = min(placed[index], limit) if over > 0 else placed[index]
    return placed


def _months(axes: Axes, days: list[dt.date]) -> None:
    step = max(1, -(-len(days) // TICKS))
    places = list(range(0, len(days), step))
    axes.set_xticks(places, [_month(days[place]) for place in places])
    axes.tick_params(axis="x", length=0)


def _month(day: dt.date) -> str:
    return f"{day.year}年{day.month}月"


def _name(label: str, code: object, names: Mapping[str, str] | None) -> str:
    return names[str(code)] if names and str(code) in names else wording.name(label, code)
