"""Curves: a share that grows step by step with the days, and who is still watched on the way."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from horetsu_utils import wording
from horetsu_utils.charts import theme
from horetsu_utils.charts.theme import Picture

CURVE_INCHES, ROW_INCHES, EDGE_INCHES = 3.0, 0.26, 0.75
TICK_DAYS = (7, 15, 30, 60, 90, 180, 365)
MOST_TICKS = 5
LABEL_GAP = 0.09
"""Names at the right stand at least twice this share of the height apart."""
ROOM_SHARE = 0.3
"""Beyond this share of the width a reading stands left of its point."""
LINES: tuple[dict[str, Any], ...] = (
    {"color": theme.ACCENT, "linestyle": "-"},
    {"color": theme.WARM, "linestyle": "--"},
    {"color": theme.INK, "linestyle": ":"},
    {"color": theme.QUIET, "linestyle": "-."},
)
"""Curves are told apart by colour and dashes, and by the name at their end."""
HEADROOM = 1.18
WATCHED = "数字は、その日に見守っている人数"
Names = Mapping[str, str]


def steps(
    frame: pd.DataFrame,
    at_risk: pd.DataFrame,
    *,
    title: str,
    days: int,
    by: str = "",
    names: Names | None = None,
    readings: Sequence[int] = (),
    note: str = "",
) -> Picture:
    """Draw one or a few step curves up to a day, with their band where there is one curve, and below who is watched.

    `frame` has day, value (0-1), low and high, one row per step; `at_risk` has day and customers: the days written
    under the axis. With `by`, a column of both, each group is a curve, at most as many as LINES. `readings` are days at
    which a single curve's value is written.
    """
    parts = _parts(frame[frame["day"] <= days], by)
    if not parts:
        return theme.blank(title, note)
    told = {code: (names or {}).get(code, code) for code in parts}
    height = CURVE_INCHES + EDGE_INCHES + ROW_INCHES * len(parts)
    with theme.canvas(height) as (figure, axes):
        for part, look in zip(parts.values(), LINES, strict=False):
            _curve(axes, part, days, look, band=not by)
        top = max(_highest(part, not by) for part in parts.values())
        axes.set(xlim=(0, days), ylim=(0, (top or 1) * HEADROOM), xlabel="", ylabel="")
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.grid(axis="y", color=theme.RULE, linewidth=0.7)
        for day in readings:
            _reading(axes, next(iter(parts.values())), day, days)
        if by:
            _ends(axes, parts, told, days)
        _watched(axes, at_risk, by, told)
        return theme.finish(figure, title, _alt(parts, told, readings, days), note)


def ticks(days: int) -> list[int]:
    """Choose days to write under an axis that ends on `days`."""
    step = next((each for each in TICK_DAYS if days / each <= MOST_TICKS), TICK_DAYS[-1])
    return [*range(0, days + 1, step)]


def _parts(frame: pd.DataFrame, by: str) -> dict[str, pd.DataFrame]:
    if frame.empty:
        return {}
    if not by:
        return {"": frame.sort_values("day")}
    codes = list(dict.fromkeys(frame[by].astype(str)))[: len(LINES)]
    parts = {code: frame[frame[by].astype(str) == code].sort_values("day") for code in codes}
    return dict(sorted(parts.items(), key=lambda part: -part[1]["value"].iloc[-1]))


def _highest(part: pd.DataFrame, band: bool) -> float:
    columns = ["value", "high"] if band else ["value"]
    return float(part[columns].max(axis=None))


def _curve(axes: Axes, part: pd.DataFrame, days: int, look: dict[str, Any], *, band: bool) -> None:
    along = [0.0, *part["day"], float(days)]

    def steady(column: str) -> list[float]:
        own = part[column].ffill().fillna(0.0)
        return [0.0, *own, own.iloc[-1]]

    axes.step(along, steady("value"), where="post", linewidth=2, **look)
    if band:
        axes.fill_between(along, steady("low"), steady("high"), step="post", color=theme.QUIET, alpha=0.45, linewidth=0)


def _at(part: pd.DataFrame, day: int) -> float:
    past = part.loc[part["day"] <= day, "value"]
    return float(past.iloc[-1]) if len(past) else 0.0


def _reading(axes: Axes, part: pd.DataFrame, day: int, days: int) -> None:
    if day > days:
        return
    value = _at(part, day)
    axes.plot(day, value, "o", color=theme.ACCENT, clip_on=False, zorder=5)
    room = day > days * ROOM_SHARE  # the line comes from below: left of and above a point there is room
    axes.annotate(
        f"{day}日 {wording.percent(value)}",
        (day, value),
        xytext=(-4, 8) if room else (9, -15),
        textcoords="offset points",
        ha="right" if room else "left",
        bbox={"facecolor": theme.PAPER, "edgecolor": "none", "pad": 1, "alpha": 0.85},
    )


def _ends(axes: Axes, parts: Mapping[str, pd.DataFrame], told: Names, days: int) -> None:
    """Write each curve's name and last value at its right end, none upon another."""
    top = axes.get_ylim()[1]
    values = {code: _at(part, days) for code, part in parts.items()}
    order = sorted(values, key=lambda code: values[code])
    places = np.array([values[code] for code in order]) / top
    for place in range(1, len(places)):
        places[place] = max(places[place], places[place - 1] + 2 * LABEL_GAP)
    places -= max(places[-1] - (1 - LABEL_GAP), 0)
    for code, place in zip(order, places, strict=True):
        look = LINES[list(parts).index(code)]
        words = f"{theme.label(told[code])}\n{wording.percent(values[code])}"
        axes.annotate(
            words,
            (1, values[code] / top),
            xytext=(1.03, place),
            xycoords="axes fraction",
            textcoords="axes fraction",
            va="center",
            ha="left",
            color=theme.INK if look["color"] == theme.QUIET else look["color"],
            fontsize=11,
        )


def _watched(axes: Axes, at_risk: pd.DataFrame, by: str, told: Names) -> None:
    """Write under each tick the day and how many are still watched, one line a group."""
    days = sorted(at_risk["day"].unique()) if len(at_risk) else [0]
    groups = {code: at_risk[at_risk[by].astype(str) == code] for code in told} if by else {"": at_risk}
    counts = [group.set_index("day")["customers"] for group in groups.values()]
    labels = ["\n".join([f"{day}日", *(f"{int(count.get(day, 0)):,}" for count in counts)]) for day in days]
    axes.set_xticks(days, labels)
    axes.tick_params(axis="x", length=0)
    who = f"{WATCHED}(右の名前の順)" if by else WATCHED
    axes.set_xlabel(who, loc="left")


def _alt(parts: Mapping[str, pd.DataFrame], told: Names, readings: Sequence[int], days: int) -> str:
    if list(parts) == [""]:
        part = parts[""]
        points = "、".join(f"{day}日で{wording.percent(_at(part, day))}" for day in readings or [days])
        return f"2回目のご注文をくださった方の割合が、日とともにふえる線。{points}"
    ends = "、".join(f"{told[code]}は{wording.percent(_at(part, days))}" for code, part in parts.items())
    return f"2回目のご注文をくださった方の割合を、分けて描いた線。{days}日で、{ends}"
