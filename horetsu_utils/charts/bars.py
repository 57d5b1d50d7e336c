"""Bars with their figures written on them."""

from collections.abc import Callable, Mapping

import pandas as pd
import seaborn as sns

from horetsu_utils import wording
from horetsu_utils.charts import theme
from horetsu_utils.charts.theme import Picture

BAR_INCHES = 0.46
EDGE_INCHES = 0.7


def ranked(
    frame: pd.DataFrame,
    label: str,
    value: str,
    *,
    title: str,
    names: Mapping[str, str] | None = None,
    highlight: tuple[str, ...] = (),
    say: Callable[[float], str] | None = None,
    note: str = "",
) -> Picture:
    """Draw one horizontal bar a row, in the frame's order, with its figure at its end.

    `names` gives the Japanese for the codes in `label` (default: words.CODES); `highlight` lists codes in the accent
    colour; `say` words a value (default: by the column's unit).
    """
    codes = frame[label].astype(str)
    shown = [names[code] if names and code in names else wording.name(label, code) for code in codes]
    unit = wording.COLUMNS[value].unit
    words = [(say or (lambda number: wording.figure(number, unit)))(number) for number in frame[value]]
    colours = [theme.ACCENT if not highlight or code in highlight else theme.QUIET for code in codes]
    with theme.canvas(EDGE_INCHES + BAR_INCHES * max(len(frame), 1)) as (figure, axes):
        bars = {"hue": shown, "palette": colours, "saturation": 1, "legend": False, "orient": "h"}
        sns.barplot(x=frame[value].to_numpy(), y=shown, ax=axes, **bars)
        for position, (number, word) in enumerate(zip(frame[value], words, strict=True)):
            axes.text(number, position, f" {word}", va="center", ha="left", color=theme.INK)
        axes.margins(x=0.22)
        axes.set(xlabel="", ylabel="", xticks=[])
        alt = "棒グラフ。" + "、".join(f"{name} {word}" for name, word in zip(shown, words, strict=True))
        return theme.finish(figure, title, alt, note)
