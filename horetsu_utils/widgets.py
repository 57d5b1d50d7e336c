"""Controls around a function that a notebook hands over. The plain twin calls the same function."""

import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import ipywidgets
from IPython.display import HTML

from horetsu_utils.charts import theme
from horetsu_utils.errors import ConfigError, HoretsuError, shorten

SHOWN = "horetsu-shown"
"""The class of what stands below the controls."""


def explore(show: Callable[..., Any], **controls: ipywidgets.ValueWidget) -> ipywidgets.Widget:
    """Put controls above what `show` returns, and draw it again whenever one of them moves.

    `show` takes one keyword argument per control and returns a picture or HTML. What it cannot show is told in words.

    (Not by an Output widget: nbclient, and with it papermill, answers one on the socket on which it waits for the
    kernel, and now and then waits for ever.)
    """
    page = ipywidgets.HTML(_page(_shown(show, controls)), layout={"width": "100%"})
    page.add_class(SHOWN)

    def draw(_: object) -> None:
        try:
            page.value = _page(_shown(show, controls))
        except Exception as error:
            page.value = _unforeseen(error)

    for each in controls.values():
        each.observe(draw, names="value")
    return ipywidgets.VBox([*controls.values(), page])


def drawn(draw: Callable[..., Any], of: Callable[..., Any]) -> Callable[..., Any]:
    """Join a function that computes a frame with one that draws it: what the controls choose goes to the first."""
    return lambda **chosen: draw(of(**chosen))


def text(label: str, value: str) -> ipywidgets.Textarea:
    """Offer a box to write or paste a letter into."""
    return ipywidgets.Textarea(description=label, value=value, rows=4, style=_WIDE, layout={"width": "100%"})


def choice(label: str, options: dict[str, Any], value: Any) -> ipywidgets.Dropdown:
    """Offer a list to choose from: Japanese words, each with its value."""
    return ipywidgets.Dropdown(description=label, options=list(options.items()), value=value, style=_WIDE)


def days(label: str, value: int, *, least: int, most: int, step: int = 10) -> ipywidgets.IntSlider:
    """Offer a slider of days; the figure follows when it is let go."""
    return ipywidgets.IntSlider(
        description=label,
        value=value,
        min=min(least, value),
        max=max(most, value),
        step=step,
        continuous_update=False,
        style=_WIDE,
    )


class Numbers(ipywidgets.Text):
    """A box to write a few numbers into, such as 30, 60, 90; nothing written stands for what `show` takes itself."""

    def numbers(self) -> tuple[float, ...] | None:
        """Return the numbers, or None where nothing is written.

        Errors
            ConfigError naming what is no number
        """
        return tuple(map(self._number, self._words())) or None

    def _words(self) -> list[str]:
        return unicodedata.normalize("NFKC", self.value).replace(",", " ").replace("、", " ").split()

    def _number(self, word: str) -> float:
        try:
            return int(word) if word.isdecimal() else _finite(word)
        except ValueError as error:
            raise ConfigError(
                f"「{shorten(word)}」は数ではありません。",
                where=self.description,
                next_step="30, 60, 90 のように、数を「,」で区切って書いてください(3けたごとの「,」は付けません)。",
            ) from error


def numbers(label: str, values: Sequence[float] | None, *, hint: str = "") -> Numbers:
    """Offer a box of numbers; the figure follows on Enter, or when the box is left. `hint` stands in an empty box."""
    told = ", ".join(f"{value:.15g}" for value in values or ())
    wide = {"width": "34em", "max_width": "100%"}
    return Numbers(description=label, value=told, placeholder=hint, continuous_update=False, style=_WIDE, layout=wide)


def chosen(controls: Mapping[str, ipywidgets.ValueWidget]) -> dict[str, Any]:
    """Return what each control says now.

    Errors
        ConfigError for a box of numbers in which something else is written
    """
    return {name: each.numbers() if isinstance(each, Numbers) else each.value for name, each in controls.items()}


def told(act: Callable[[], str]) -> str:
    """Do something, and return as a paragraph what came of it, in words whatever happens."""
    try:
        words = act()
    except HoretsuError as error:
        words = str(error)
    except Exception as error:
        return _unforeseen(error)
    return _paragraph(words)


def _unforeseen(error: Exception) -> str:
    return _paragraph(f"思わぬ問題が起きました({type(error).__name__})。もう一度お試しください。")


def _shown(show: Callable[..., Any], controls: Mapping[str, ipywidgets.ValueWidget]) -> Any:
    try:
        with theme.at_once():
            return show(**chosen(controls))
    except HoretsuError as error:
        return HTML(_paragraph(str(error)))


def _page(shown: Any) -> str:
    """Return what is shown as HTML, which JupyterLab styles as it does below a cell."""
    told = shown.data if isinstance(shown, HTML) else shown.to_html()
    return f'<div class="jp-RenderedHTMLCommon">{told}</div>'


def _paragraph(words: str) -> str:
    return f"<p>{escape(words).replace(chr(10), '<br>')}</p>"


def _finite(word: str) -> float:
    number = float(word)
    if not math.isfinite(number):
        raise ValueError(word)
    return number


_WIDE = {"description_width": "initial"}
