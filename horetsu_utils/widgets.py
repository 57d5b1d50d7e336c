"""Controls around a function that a notebook hands over. The plain twin calls the same function."""

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets
from IPython.display import display

from horetsu_utils.errors import HoretsuError


def explore(show: Callable[..., Any], **controls: ipywidgets.ValueWidget) -> ipywidgets.Widget:
    """Put controls above what `show` returns, and draw it again whenever one of them moves.

    `show` takes one keyword argument per control and returns something that displays itself.
    """
    output = ipywidgets.interactive_output(lambda **chosen: display(show(**chosen)), controls)
    return ipywidgets.VBox([*controls.values(), output])


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
        description=label, value=value, min=least, max=most, step=step, continuous_update=False, style=_WIDE
    )


def told(act: Callable[[], str]) -> str:
    """Do something, and return as a paragraph what came of it, in words whatever happens."""
    try:
        words = act()
    except HoretsuError as error:
        words = str(error)
    except Exception as error:
        words = f"思わぬ問題が起きました({type(error).__name__})。もう一度お試しください。"
    return f"<p>{escape(words).replace(chr(10), '<br>')}</p>"


_WIDE = {"description_width": "initial"}
