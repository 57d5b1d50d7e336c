"""Layers: what is counted for sure and what is only hinted at; how the parts of a whole grow over time."""

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from horetsu_utils import privacy, wording
from horetsu_utils.charts import theme
from horetsu_utils.charts.theme import Picture

BAR_INCHES, EDGE_INCHES, BAR_HEIGHT = 0.52, 0.5, 0.74
HATCH, HINTED_HEIGHT = "////", 0.5
"""The hatched part is slimmer than the solid one."""
WORDS_AT_MOST = 0.75
"""Words beside a bar take at most this share of the width; longer ones are written smaller."""
BAND_INCHES = 4.2
LABEL_GAP = 0.07
"""Two labels at the right end stand at least this share of the height apart."""
TIE_SHARE = 0.05
"""A line of this share of the width ties a band to its label."""
LABEL_SIGNS = 8
"""Characters of a name that fit beside a band; the alt text keeps the whole name."""
HEADROOM = 1.03
TICK_MONTHS = (1, 2, 3, 6, 12, 24, 60)
TICK_INCHES = 0.95
"""Months are written on the axis so many apart, counted back from the last, that each has at least this room."""


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
    """Draw one bar a row: counted for sure (solid), and apart from it those only hinted at (hatched, slimmer).

    Each part has its figure at its own end. The hatched part is no part of the sure count: who is hinted at here is
    counted for sure in another row. Where nobody is hinted at, nothing is drawn.
    """
    if frame.empty:
        return theme.blank(title, note)
    shown = [_name(label, code, names) for code in frame[label]]
    unit = wording.COLUMNS[firm].unit
    sure, maybe = (frame[column].astype("float64").fillna(0).to_numpy() for column in (firm, hinted))
    words = [wording.count(number, unit) for number in frame[firm]]
    asides = [f"暫定 {wording.count(number, unit)}" if number else "" for number in maybe]
    with theme.canvas(EDGE_INCHES + BAR_INCHES * len(frame)) as (figure, axes):
        axes.barh(range(len(frame)), sure, height=BAR_HEIGHT, color=theme.ACCENT)
        axes.set_yticks(range(len(frame)), [theme.label(name) for name in shown])
        axes.set(xlabel="", ylabel="", xticks=[], ylim=(len(frame) - 0.5, -0.5))
        told = [
            [_beside(axes, place, text) for text in row] for place, row in enumerate(zip(words, asides, strict=True))
        ]
        widths = _make_room(figure, axes, sure + maybe, told)
        _hatched(axes, sure + widths[:, 0], maybe)
        for (firm_words, hinted_words), end, width, length in zip(told, sure, widths[:, 0], maybe, strict=True):
            firm_words.set_x(end)
            hinted_words.set_x(end + width + length)
        rows = "、".join(" ".join(filter(None, row)) for row in zip(shown, words, asides, strict=True))
        return theme.finish(figure, title, f"棒グラフ。{rows}", note)


def _beside(axes: Axes, place: int, words: str) -> Text:
    """Write words whose place along the bar is settled once all are measured."""
    folded = privacy.told(words)  # before it is measured: a small group takes more room than its number
    return axes.text(0, place, folded and f" {folded} ", va="center", ha="left", in_layout=False)


def _make_room(figure: Figure, axes: Axes, lengths: np.ndarray, told: Sequence[Sequence[Text]]) -> np.ndarray:
    """Scale the axis so that the bars and words of each row fit, and return the lengths of the words on that scale."""
    figure.draw_without_rendering()
    width = axes.get_window_extent().width
    shares = np.array([[text.get_window_extent().width / width for text in row] for row in told])
    smaller = min(1.0, WORDS_AT_MOST / shares.sum(axis=1).max())
    for text in (text for row in told for text in row):
        text.set_fontsize(float(text.get_fontsize()) * smaller)
    reach = (lengths / (1 - smaller * shares.sum(axis=1))).max() or 1.0
    axes.set_xlim(0, reach)
    return smaller * shares * reach


def _hatched(axes: Axes, starts: np.ndarray, lengths: np.ndarray) -> None:
    """Draw the hatched bars; one of no length would still show its edge."""
    places = np.flatnonzero(lengths)
    axes.barh(
        places,
        lengths[places],
        left=starts[places],
        height=HINTED_HEIGHT,
        facecolor=theme.PAPER,
        edgecolor=theme.QUIET,
        hatch=HATCH,
        linewidth=1.2,
    )


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
    """Draw the parts of a whole stacked along time, the first of `order` at the bottom, each named at its right end.

    A month in which a part does not occur counts 0.
    """
    if frame.empty:
        return theme.blank(title, note)
    wide = frame.pivot(index=along, columns=part, values=value).reindex(columns=order).fillna(0)
    shown = [_name(part, code, names) for code in order]
    unit = wording.COLUMNS[value].unit
    with theme.canvas(BAND_INCHES) as (figure, axes):
        tops = _bands(axes, wide.to_numpy(dtype="float64"))
        axes.set(xlim=(0, len(wide) - 1) if len(wide) > 1 else (-0.4, 0.4), yticks=[], xlabel="", ylabel="")
        axes.set_ylim(0, max(tops.max() * HEADROOM, 1))
        words = [
            f"{_short(name)} {wording.count(number, unit)}" for name, number in zip(shown, wide.iloc[-1], strict=True)
        ]
        _named_at_right(axes, tops[-1] - wide.iloc[-1].to_numpy() / 2, [*map(privacy.told, words)])
        _months(figure, axes, list(wide.index))
        months = "。".join(f"{_month(month)}は{_told(shown, row, unit)}" for month, row in wide.iterrows())
        return theme.finish(figure, title, f"積み重ねグラフ。{months}", note)


def _bands(axes: Axes, counts: np.ndarray) -> np.ndarray:
    """Draw each part on top of the one before it, deeper in colour, and return where each ends, month by month."""
    tops = counts.cumsum(axis=1)
    shades = sns.light_palette(theme.ACCENT, counts.shape[1] + 2)[2:]
    months = np.arange(len(counts)) if len(counts) > 1 else np.array([-0.4, 0.4])
    for place, shade in enumerate(shades):
        below, above = (
            np.broadcast_to(edge, len(months)) for edge in (tops[:, place] - counts[:, place], tops[:, place])
        )
        axes.fill_between(months, below, above, color=shade, edgecolor=theme.PAPER, linewidth=1)
    return tops


def _named_at_right(axes: Axes, middles: np.ndarray, words: Sequence[str]) -> None:
    """Write each part's words beside the middle of its band, tied to it where they had to move."""
    height = axes.get_ylim()[1]
    for middle, place, word in zip(middles / height, _apart(list(middles / height)), words, strict=True):
        axes.plot(
            [1.0, 1 + TIE_SHARE],
            [middle, place],
            transform=axes.transAxes,
            color=theme.MUTED,
            linewidth=0.8,
            clip_on=False,
        )
        axes.text(1 + TIE_SHARE, place, f" {word}", transform=axes.transAxes, va="center", ha="left")


def _apart(middles: list[float]) -> list[float]:
    """Move labels of one height apart, on an axis from 0 to 1."""
    return theme.apart(middles, [LABEL_GAP] * len(middles), 1.0)


def _months(figure: Figure, axes: Axes, days: Sequence[dt.date]) -> None:
    """Write the last month on the axis, and as many before it, evenly, as have room."""
    figure.draw_without_rendering()
    inches = axes.get_window_extent().width / figure.dpi
    room = TICK_INCHES * (len(days) - 1) / inches
    step = next((months for months in TICK_MONTHS if months >= room), len(days))
    places = range(len(days) - 1, -1, -step)
    axes.set_xticks(places, [_month(days[place]) for place in places])
    axes.tick_params(axis="x", length=0)


def _told(shown: Sequence[str], counts: Sequence[float], unit: str) -> str:
    return "、".join(f"{name} {wording.count(number, unit)}" for name, number in zip(shown, counts, strict=True))


def _short(name: str) -> str:
    label = theme.label(name)
    return label if len(label) <= LABEL_SIGNS else f"{label[: LABEL_SIGNS - 1]}…"


def _month(day: dt.date) -> str:
    return wording.month(day)


def _name(label: str, code: object, names: Mapping[str, str] | None) -> str:
    return names[str(code)] if names and str(code) in names else wording.name(label, code)
