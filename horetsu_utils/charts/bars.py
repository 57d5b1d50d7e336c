"""Bars with their figures written on them."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from horetsu_utils import wording
from horetsu_utils.charts import theme
from horetsu_utils.charts.theme import Picture

BAR_INCHES = 0.46
EDGE_INCHES = 0.7
BAR_HEIGHT = 0.8
NAME_SIGN_INCHES, WORD_SIGN_INCHES = 0.17, 0.1
"""Widths of one sign of a name beside a bar, and of a figure at its end."""


def ranked(
    frame: pd.DataFrame,
    label: str,
    value: str,
    *,
    title: str,
    names: Mapping[str, str] | None = None,
    highlight: tuple[str, ...] = (),
    say: Callable[[float], str] | None = None,
    currency: str = "JPY",
    note: str = "",
) -> Picture:
    """Draw one horizontal bar a row, in the frame's order, with its figure at its end.

    `names` gives the Japanese for the codes in `label` (default: words.CODES); `highlight` lists codes in the accent
    colour; `say` words a value (default: by the column's unit).
    """
    if frame.empty:
        return theme.blank(title, note)
    codes = frame[label].astype(str)
    shown = [names[code] if names and code in names else wording.name(label, code) for code in codes]
    unit = wording.COLUMNS[value].unit
    words = [(say or (lambda number: wording.figure(number, unit, currency)))(number) for number in frame[value]]
    colours = [theme.ACCENT if not highlight or code in highlight else theme.QUIET for code in codes]
    lengths = frame[value].astype("float64").fillna(0)
    with theme.canvas(EDGE_INCHES + BAR_INCHES * len(frame)) as (figure, axes):
        axes.barh(range(len(frame)), lengths, height=BAR_HEIGHT, color=colours)
        labels = [theme.label(name) for name in shown]
        axes.set_yticks(range(len(frame)), labels)
        for position, (length, word) in enumerate(zip(lengths, words, strict=True)):
            axes.text(max(length, 0), position, f" {word}", va="center", ha="left", color=theme.INK)
        low, high = min(lengths.min(), 0), max(lengths.max(), 0)
        axes.set(xlabel="", ylabel="", xticks=[], ylim=(len(frame) - 0.5, -0.5))
        axes.set_xlim(low, high + _room(labels, words) * ((high - low) or 1))
        alt = "棒グラフ。" + "、".join(f"{name} {word}" for name, word in zip(shown, words, strict=True))
        return theme.finish(figure, title, alt, note)


def _room(labels: Sequence[str], words: Sequence[str]) -> float:
    """Return how much must stay free beyond the longest bar, as a share of it, for the figures at the ends."""
    bars = theme.WIDTH_INCHES - NAME_SIGN_INCHES * max(map(len, labels))
    figures = WORD_SIGN_INCHES * (1 + max(map(len, words)))
    return figures / max(bars - figures, WORD_SIGN_INCHES)
