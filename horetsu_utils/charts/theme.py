"""The look of every picture: one font, few colours, and the words that belong to it."""

import base64
import html
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib as mpl
import matplotlib_fontja
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

FONT = "IPAexGothic"
INK, MUTED, RULE, PAPER = "#26313d", "#66727f", "#d7dce1", "#ffffff"
ACCENT, QUIET = "#1f5f8b", "#a9bccb"
WARM = "#b4552d"
PIXELS_PER_INCH = 190
WIDTH_INCHES = 5.4


@dataclass(frozen=True)
class Picture:
    """A drawn figure with what belongs to it: a title that says what it shows, alt text, and the source of its data."""

    png: bytes
    title: str
    alt: str
    note: str = ""

    def to_html(self) -> str:
        """Return a self-contained <figure>; every text is escaped."""
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
    matplotlib_fontja.japanize()
    with mpl.rc_context():
        sns.set_theme(style="white", font=FONT, rc=_STYLE)
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.subplots()
        sns.despine(ax=axes, left=True, bottom=True)
        yield figure, axes


def finish(figure: Figure, title: str, alt: str, note: str = "") -> Picture:
    """Render a figure and bind it to its words."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=PIXELS_PER_INCH, metadata={"Software": None})
    return Picture(buffer.getvalue(), title, alt, note)


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
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
}
