"""Sheets: pictures measured in inches, along from the left and down from the top, in which nothing moves."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from horetsu_utils.charts import strips, theme

LEFT, RIGHT = 0.1, theme.WIDTH_INCHES - 0.1
"""Everything stands between these."""
LEAST_SIGNS = 2


@contextmanager
def page(height: float) -> Iterator[tuple[Figure, Axes]]:
    """Lend a figure and its one axes, an inch of which is an inch of the picture."""
    with theme.canvas(height) as (figure, axes):
        figure.set_layout_engine("none")
        figure.set_dpi(theme.PIXELS_PER_INCH)  # words are measured as they will be rendered
        axes.set_position((0, 0, 1, 1))
        axes.set(xlim=(0, theme.WIDTH_INCHES), ylim=(height, 0), xticks=[], yticks=[])
        yield figure, axes


def name(axes: Axes, along: float, down: float, words: str, inches: float, **look: Any) -> Text:
    """Write a name, cut to the room it has."""
    whole = theme.label(words)
    text = strips.write(axes, along, down, whole, **({"fontsize": 12} | look))
    for signs in range(len(whole) - 1, LEAST_SIGNS - 1, -1):
        if strips.room(axes, text).width <= inches:
            break
        text.set_text(f"{whole[: signs - 1]}…")
    return text


def wrapped(words: str, signs: int) -> str:
    """Break a name into lines of so many signs."""
    whole = theme.label(words)
    return "\n".join(whole[first : first + signs] for first in range(0, len(whole), signs))


def shrink(axes: Axes, texts: Sequence[Text], inches: float) -> None:
    """Write words of one kind smaller, all alike, until the widest has room."""
    widest = max((strips.room(axes, text).width for text in texts), default=0.0)
    for text in texts if widest > inches else ():
        text.set_fontsize(float(text.get_fontsize()) * inches / widest)
