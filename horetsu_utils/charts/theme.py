"""The look of every picture: one font, few colours, and the words that belong to it."""

import base64
import html
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text
from PIL import Image

from horetsu_utils import privacy
from horetsu_utils.errors import shorten

with mpl.rc_context():
    import matplotlib_fontja  # registers the font, and would change everybody's settings

FONT = "IPAexGothic"
INK, MUTED, RULE, PAPER = "#26313d", "#66727f", "#d7dce1", "#ffffff"
ACCENT, QUIET = "#1f5f8b", "#a9bccb"
WARM = "#b4552d"
PIXELS_PER_INCH = 190
WIDTH_INCHES = 5.4
COLOURS = 128
"""A picture of few colours takes a third of the room, and looks the same: a report of 30 pictures fits into a mail."""
SMALL, QUICK = 8, 1
"""How hard a picture is pressed together: level 9 would save a hundredth of its size, and take longer by half."""
LABEL_WIDTH = 16
"""Characters of a name that fit beside a picture; its alt text keeps the whole name."""
NOTHING_TO_SHOW = "お見せできる数字が、まだありません。"
_GLYPHS = frozenset(FT2Font(matplotlib_fontja.get_font_ttf_path()).get_charmap())
_NO_GLYPH = "〓"
_AT_ONCE = ContextVar("at_once", default=False)


@dataclass(frozen=True)
class Picture:
    """A drawn figure with what belongs to it: a title that says what it shows, alt text, and the source of its data."""

    png: bytes
    title: str
    alt: str
    note: str = ""

    def to_html(self) -> str:
        """Return a self-contained <figure>, or its title alone where nothing is drawn; every text is escaped."""
        if self.alt == NOTHING_TO_SHOW:
            return f'<p class="hz-remark">{html.escape(self.title.removesuffix("。"))}。</p>'
        image = base64.b64encode(self.png).decode("ascii")
        note = f'<p class="hz-note">{html.escape(self.note)}</p>' if self.note else ""
        return (
            f'<figure class="hz-figure"><figcaption>{html.escape(self.title)}</figcaption>'
            f'<img alt="{html.escape(self.alt, quote=True)}" src="data:image/png;base64,{image}">{note}</figure>'
        )

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": self.to_html(), "text/plain": f"{self.title}\n{self.alt}"}


@contextmanager
def canvas(height: float, width: float = WIDTH_INCHES) -> Iterator[tuple[Figure, Axes]]:
    """Lend a figure and its axes in the house style; settings do not leak out."""
    with mpl.rc_context():
        sns.set_theme(style="white", font=FONT, rc=_STYLE)
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.subplots()
        sns.despine(ax=axes, left=True, bottom=True)
        yield figure, axes


def label(name: str) -> str:
    """Return a name as it can stand beside a picture: one line, not long, 〓 for what the font cannot draw."""
    return "".join(sign if ord(sign) in _GLYPHS else _NO_GLYPH for sign in shorten(name, LABEL_WIDTH))


def apart(middles: Sequence[float], heights: Sequence[float], whole: float) -> list[float]:
    """Move labels, given in order by their middles, apart until none covers another, and back from the end."""
    half = [height / 2 for height in heights]
    placed: list[float] = []
    for index, middle in enumerate(middles):
        floor = placed[-1] + half[index - 1] if placed else 0.0
        placed.append(max(middle, floor + half[index]))
    limit = whole
    for index in reversed(range(len(placed))):
        placed[index] = min(placed[index], limit - half[index])
        limit = placed[index] - half[index]
    return placed


def blank(title: str, note: str = "") -> Picture:
    """Say in place of a picture that there is nothing to draw."""
    with canvas(1.0) as (figure, axes):
        axes.set(xticks=[], yticks=[])
        axes.text(0.5, 0.5, NOTHING_TO_SHOW, ha="center", va="center", color=MUTED)
        return finish(figure, title, NOTHING_TO_SHOW, note)


def finish(figure: Figure, title: str, alt: str, note: str = "") -> Picture:
    """Render a figure and bind it to its words; what is drawn folds groups under five, as a picture cannot later."""
    for text in figure.findobj(Text):
        text.set_text(privacy.told(text.get_text()))
    figure.set_dpi(PIXELS_PER_INCH)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return Picture(_png(Image.fromarray(np.asarray(canvas.buffer_rgba()))), title, alt, note)


@contextmanager
def at_once() -> Iterator[None]:
    """Draw for somebody who waits at a control: the same picture, not made small for a mail, in half the time."""
    token = _AT_ONCE.set(True)
    try:
        yield
    finally:
        _AT_ONCE.reset(token)


def _png(drawn: Image.Image) -> bytes:
    image, level = drawn.convert("RGB"), QUICK
    if not _AT_ONCE.get():
        image, level = image.quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE), SMALL
    told = io.BytesIO()
    image.save(told, format="png", compress_level=level)
    return told.getvalue()


_STYLE = {
    "font.size": 12,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 11,
    "axes.edgecolor": RULE,
    "xtick.color": MUTED,
    "ytick.color": INK,
    "xtick.labelsize": 11,
    "ytick.labelsize": 12,
    "axes.unicode_minus": False,
    "text.parse_math": False,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
}
