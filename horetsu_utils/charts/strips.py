"""Strips: one thing below the other on one shared axis of days; along it count days, down it count inches."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from horetsu_utils.charts import theme

LEFT_INCHES, RIGHT_INCHES, TOP_INCHES, AXIS_INCHES = 0.2, 0.24, 0.08, 0.36
LINE_INCHES = 0.25
"""A line of words takes so much height."""
SMALL = 11
TICK_DAYS, MOST_TICKS = 30, 6
HALF_DAY = 0.5
GAP_DAYS = 0.25
"""Neighbouring bars stand so far apart on each side."""
WORD_GAP = 0.6
"""Two words on one line stand at least so many days apart."""


@contextmanager
def page(height: float, days: int, left: float = LEFT_INCHES, right: float = RIGHT_INCHES) -> Iterator[Any]:
    """Lend a figure and its one axes: days along, inches from the top down; nothing moves when it is rendered."""
    whole = height + TOP_INCHES + AXIS_INCHES
    with theme.canvas(whole) as (figure, axes):
        figure.set_layout_engine("none")
        figure.set_dpi(theme.PIXELS_PER_INCH)  # words are measured as they will be rendered
        width = theme.WIDTH_INCHES
        axes.set_position((left / width, AXIS_INCHES / whole, (width - left - right) / width, height / whole))
        axes.set(xlim=(-HALF_DAY, days + HALF_DAY), ylim=(height, 0), xlabel="", ylabel="", yticks=[])
        ticks = day_ticks(days)
        axes.set_xticks(ticks, [f"{day}日" for day in ticks])
        axes.tick_params(axis="x", length=0)
        yield figure, axes


def day_ticks(days: int) -> list[int]:
    """Choose the days to write under an axis: every 30th, or fewer on a long axis; both ends of a short one."""
    step = TICK_DAYS * max(1, -(-days // (TICK_DAYS * MOST_TICKS)))
    return [*range(0, days + 1, step)] if days >= TICK_DAYS else sorted({0, days})


def write(axes: Axes, day: float, inch: float, words: str, **look: Any) -> Text:
    """Write small words beside a day."""
    usual: dict[str, Any] = {"fontsize": SMALL, "va": "center", "ha": "left"}
    return axes.text(day, inch, words, **(usual | look))


def room(axes: Axes, text: Text) -> Bbox:
    """Return the room that words take: days along, inches down."""
    corners = axes.transData.inverted().transform(text.get_window_extent().get_points())
    return Bbox([corners.min(axis=0), corners.max(axis=0)])


def keep_inside(axes: Axes, text: Text) -> None:
    """Move words along, no farther than needed, so that they end within the axis."""
    (low, high), box = axes.get_xlim(), room(axes, text)
    text.set_x(text.get_position()[0] + max(low - box.x0, 0) - max(box.x1 - high, 0))


def heading(axes: Axes, inch: float, words: str) -> float:
    """Write what a strip shows, and return where the strip goes on."""
    write(axes, axes.get_xlim()[0], inch + LINE_INCHES / 2, words, color=theme.MUTED)
    return inch + LINE_INCHES


def nothing(axes: Axes, inch: float, words: str) -> None:
    """Say in a strip that there is nothing to draw."""
    write(axes, sum(axes.get_xlim()) / 2, inch, words, ha="center", color=theme.MUTED, fontsize=12)


def span(day_from: float, day_to: float) -> tuple[float, float]:
    """Return where the bar of an interval of whole days begins, and its width."""
    first = day_from - HALF_DAY + GAP_DAYS
    return first, max(day_to + HALF_DAY - GAP_DAYS - first, GAP_DAYS)


def row_of(axes: Axes, inch: float, places: Sequence[tuple[float, str]], **look: Any) -> list[Text]:
    """Write words on one line, each centred on its day; one that has no room beside the word before is left out."""
    written: list[Text] = []
    reach = axes.get_xlim()[0] - WORD_GAP
    for day, words in places:
        text = write(axes, day, inch, words, **({"ha": "center"} | look))
        keep_inside(axes, text)
        box = room(axes, text)
        if box.x0 < reach + WORD_GAP:
            text.remove()
            continue
        reach = box.x1
        written.append(text)
    return written


def listed(words: Iterable[str]) -> str:
    """Put words in a row, as an alt text tells them."""
    return "、".join(words)


def records(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    """Return the rows of a frame, each by its columns."""
    return frame.to_dict("records")
