"""Curves: a share that grows step by step with the days, and who is still watched on the way."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox

from horetsu_utils import privacy, units, wording
from horetsu_utils.charts import strips, theme
from horetsu_utils.charts.strips import LINE_INCHES
from horetsu_utils.charts.strips import day_ticks as ticks
from horetsu_utils.charts.theme import Picture
from horetsu_utils.errors import shorten

CURVE_INCHES, BELOW_INCHES = 3.0, 0.1
LEFT_INCHES, RIGHT_INCHES, NAMES_INCHES = 0.6, 0.3, 1.75
"""The room beside the curves; on the right more of it where each curve is named there."""
TIE_SHARE, MARK_SHARE, ROW_SHARE = 0.05, 0.09, 0.13
"""Beyond the last day, in shares of the axis: names at the curves; the mark and the name of a row of the table."""
NAME_SIGNS, NAME_LINE = 9, 0.19
"""Characters of a name on one line, and its height; what is longer goes on in a second one."""
LOOKS: tuple[dict[str, Any], ...] = (
    {"color": theme.ACCENT, "linestyle": "-", "marker": "o"},
    {"color": theme.WARM, "linestyle": "--", "marker": "D"},
    {"color": theme.INK, "linestyle": ":", "marker": "s"},
    {"color": theme.MUTED, "linestyle": "-.", "marker": "^"},
)
"""Curves are told apart by colour, dashes and mark, and by the name at their end."""
HEADROOM, LEAST_REACH, TICKS = 1.12, 0.01, 5
READING_INCHES, READING_SHARE = 0.16, 0.015
"""A reading stands so far from its point, down or up, and along in shares of the axis."""
MOST_DAYS = 5
"""So many days have room in the table."""
AXIS, WATCHED = "はじめてのご注文からの日数", "見守っている人数"


class Curve(NamedTuple):
    """One curve from day 0 on: its code, its whole name, its steps, its look."""

    code: str
    name: str
    steps: pd.DataFrame
    look: dict[str, Any]

    def at(self, day: float) -> float:
        """Return the share on a day; unknown beyond the last."""
        days, values = self.steps["day"], self.steps["value"]
        return float(values[days <= day].iloc[-1]) if day <= days.iloc[-1] else float("nan")

    @property
    def end(self) -> tuple[float, float]:
        """The last day on which the share is known, and the share."""
        known = self.steps.dropna(subset=["value"])
        return float(known["day"].iloc[-1]), float(known["value"].iloc[-1])


def steps(
    frame: pd.DataFrame,
    at_risk: pd.DataFrame | None = None,
    *,
    title: str,
    by: str = "",
    names: Mapping[str, str] | None = None,
    readings: Sequence[int] = (),
    days: int | None = None,
    note: str = "",
) -> Picture:
    """Draw one to four step curves that begin at 0, and below the axis how many customers are still watched.

    `frame`: day, value (0-1), low, high, and the codes `by` of the curves; a single curve shows its band, and its value
    on the days `readings`. `at_risk`: day, customers, and `by`. The axis ends on `days`, or else on the last day given;
    a curve ends where its own rows end.
    """
    last = days or int(frame["day"].max() if len(frame) else 0) or 1
    curves = _curves(frame, by, names, last)
    if not curves:
        return theme.blank(title, note)
    watched = _watched(curves, at_risk, by, last)
    rows = 2 + (1 + len(curves)) * bool(len(watched))
    height = CURVE_INCHES + rows * LINE_INCHES + BELOW_INCHES - strips.AXIS_INCHES
    with strips.page(height, last, LEFT_INCHES, NAMES_INCHES if by else RIGHT_INCHES) as (figure, axes):
        axes.set(xlim=(0, last), xticks=[])
        scale = _scale(axes, curves)
        for curve in curves:
            _draw(axes, curve, scale, band=not by)
        read = [] if by else [day for day in sorted(readings) if day <= last and pd.notna(curves[0].at(day))]
        _readings(axes, curves[0], read, scale)
        if by:
            _ends(axes, curves, scale)
        _table(axes, curves, watched)
        return theme.finish(figure, title, _alt(curves, read, watched), note)


def _curves(frame: pd.DataFrame, by: str, names: Mapping[str, str] | None, last: int) -> list[Curve]:
    codes = frame[by].astype(str) if by else pd.Series("", index=frame.index)
    found = []
    for code in dict.fromkeys(codes):
        rows = frame[codes == code].sort_values("day")
        if rows["value"].notna().any() and (rows.loc[rows["value"].notna(), "day"] <= last).any():
            name = ((names or {}).get(code) or wording.name(by, code)) if by else ""
            found.append((code, name, _from_zero(rows, last)))
    return [Curve(*each, look) for each, look in zip(found, LOOKS, strict=False)]


def _from_zero(rows: pd.DataFrame, last: int) -> pd.DataFrame:
    """Begin a curve with 0 on day 0, and carry it to the end of the axis if it was followed beyond."""
    own = rows[["day", "value", "low", "high"]].astype("float64")
    start = pd.DataFrame({"day": [0.0], "value": [0.0], "low": [0.0], "high": [0.0]})
    inside = own[own["day"] <= last]
    parts = [start, inside] if inside.empty or inside["day"].iloc[0] > 0 else [inside]
    if own["day"].iloc[-1] > last:
        parts.append((inside if len(inside) else start).tail(1).assign(day=float(last)))
    return pd.concat(parts, ignore_index=True)


def _scale(axes: Axes, curves: Sequence[Curve]) -> float:
    """Rule the percentages from 0 to a little above the highest, and return the inches of a whole."""
    columns = ["value", "high"] if len(curves) == 1 else ["value"]
    highest = max(float(curve.steps[columns].max(axis=None)) for curve in curves)
    reach = min(max(highest, LEAST_REACH), 1.0) * HEADROOM
    scale = CURVE_INCHES / reach
    for tick in MaxNLocator(TICKS, steps=[1, 2, 2.5, 5, 10]).tick_values(0, reach):
        if tick <= min(reach, 1.0):
            place = CURVE_INCHES - tick * scale
            axes.plot(axes.get_xlim(), [place] * 2, color=theme.RULE, linewidth=0.7, zorder=0)
            axes.text(-READING_SHARE * axes.get_xlim()[1], place, f"{tick * 100:.6g}%", ha="right", va="center")
    return scale


def _draw(axes: Axes, curve: Curve, scale: float, *, band: bool) -> None:
    along = curve.steps["day"]
    places = CURVE_INCHES - curve.steps[["value", "low", "high"]] * scale
    line = {name: look for name, look in curve.look.items() if name != "marker"}
    axes.step(along, places["value"], where="post", linewidth=2, clip_on=False, **line)
    if band:
        low, high = places["low"], places["high"]
        axes.fill_between(along, low, high, step="post", color=theme.QUIET, alpha=0.45, linewidth=0)


def _readings(axes: Axes, curve: Curve, days: Sequence[int], scale: float) -> None:
    """Mark the days, and write each value below the curve on its right; or above it on its left, at the end.

    A curve that grows has nothing there. From the last day on, a reading that would cover one moves farther away.
    """
    taken: list[Bbox] = []
    whole = axes.get_xlim()[1]
    for day in reversed(days):
        share = curve.at(day)
        place = CURVE_INCHES - share * scale
        axes.plot(day, place, "o", color=theme.ACCENT, clip_on=False, zorder=5)
        words = f"{day}日 {wording.percent(share)}"
        edges = curve.steps.loc[curve.steps["day"] <= day, ["low", "high"]].iloc[-1].fillna(share)
        text = axes.text(day + READING_SHARE * whole, place, words, va="center", ha="left")
        box = strips.room(axes, text)
        below = CURVE_INCHES - edges["low"] * scale + READING_INCHES
        room = box.x1 <= whole and below + box.height / 2 <= CURVE_INCHES
        way = 1 if room else -1
        if not room:
            below = CURVE_INCHES - edges["high"] * scale - READING_INCHES
            text.set(ha="right", x=day)
            strips.keep_inside(axes, text)
            below -= _climb(curve, strips.room(axes, text).x1, edges["high"]) * scale
        text.set_y(below)
        while any(box.overlaps(strips.room(axes, text)) for box in taken):
            text.set_y(text.get_position()[1] + way * box.height)
        taken.append(strips.room(axes, text))


def _climb(curve: Curve, day: float, share: float) -> float:
    """Return how far the band climbs above a share by a day."""
    past = curve.steps.loc[curve.steps["day"] <= day, ["value", "high"]]
    return max(float(past.max(axis=None)) - share, 0.0)


def _ends(axes: Axes, curves: Sequence[Curve], scale: float) -> None:
    """Write each curve's name and last value at the right, none upon another, tied to its end."""
    whole = axes.get_xlim()[1]
    order = sorted(curves, key=lambda curve: -curve.end[1])
    words = [f"{_two_lines(curve.name)}\n{wording.percent(curve.end[1])}" for curve in order]
    heights = [NAME_LINE * (1 + each.count("\n")) + BELOW_INCHES for each in words]
    wanted = [CURVE_INCHES - curve.end[1] * scale for curve in order]
    for curve, text, place in zip(order, words, theme.apart(wanted, heights, CURVE_INCHES), strict=True):
        (day, share), edge = curve.end, whole * (1 + TIE_SHARE)
        mark = CURVE_INCHES - share * scale
        axes.plot([day, edge], [mark, place], color=theme.MUTED, linewidth=0.8, clip_on=False)
        axes.plot(day, mark, curve.look["marker"], color=curve.look["color"], clip_on=False, zorder=5)
        strips.write(axes, edge + READING_SHARE * whole, place, text, color=curve.look["color"], linespacing=1.25)


def _two_lines(name: str) -> str:
    shown = theme.label(name)
    cut = len(shown) if len(shown) <= NAME_SIGNS else -(-len(shown) // 2)
    return "\n".join(filter(None, (shown[:cut], shown[cut:])))


def _watched(curves: Sequence[Curve], at_risk: pd.DataFrame | None, by: str, last: int) -> pd.DataFrame:
    """Return the numbers at risk, one row per curve, one column per day that is written."""
    told = at_risk[at_risk["day"].between(0, last)] if at_risk is not None else pd.DataFrame()
    if told.empty:
        return pd.DataFrame()
    codes = told[by].astype(str) if by else pd.Series("", index=told.index)
    wide = told.assign(code=codes).pivot(index="code", columns="day", values="customers")
    return wide.reindex(index=[curve.code for curve in curves]).iloc[:, :: -(-wide.shape[1] // MOST_DAYS)]


def _table(axes: Axes, curves: Sequence[Curve], watched: pd.DataFrame) -> None:
    """Write the days below the curves, and below each how many are still watched."""
    inch, whole = CURVE_INCHES + LINE_INCHES * 0.7, axes.get_xlim()[1]
    for day in list(watched) or ticks(int(whole)):
        strips.write(axes, day, inch, f"{day:.0f}日", ha="center", color=theme.MUTED)
    strips.write(axes, 0, inch + LINE_INCHES, AXIS, color=theme.MUTED)
    if len(watched):
        strips.write(axes, 0, inch + 2 * LINE_INCHES, WATCHED, color=theme.MUTED)
    for place, (curve, (_, row)) in enumerate(zip(curves, watched.iterrows(), strict=False)):
        line = inch + (3 + place) * LINE_INCHES
        for day, number in row.items():
            strips.write(
                axes, day, line, units.without(privacy.told(wording.count(number, "customer")), "customer"), ha="center"
            )
        if curve.name:
            look = {"color": curve.look["color"], "clip_on": False, "markersize": 5}
            axes.plot(whole * (1 + MARK_SHARE), line, curve.look["marker"], **look)
            short = shorten(theme.label(curve.name), NAME_SIGNS - 1)
            strips.write(axes, whole * (1 + ROW_SHARE), line, short, color=curve.look["color"])


def _alt(curves: Sequence[Curve], readings: Sequence[int], watched: pd.DataFrame) -> str:
    ends = [
        f"{curve.name and f'{curve.name}は'}{curve.end[0]:.0f}日 {wording.percent(curve.end[1])}" for curve in curves
    ]
    points = [f"{day}日 {wording.percent(curves[0].at(day))}" for day in readings] or ends
    told = [f"{AXIS}とともに、割合がふえる線。{'、'.join(points)}"]
    for curve, (_, row) in zip(curves, watched.iterrows(), strict=False):
        counts = "、".join(f"{day}日 {wording.count(number, 'customer')}" for day, number in row.items())
        told.append(f"{WATCHED}は、{curve.name and f'{curve.name} '}{counts}")
    return "。".join(told)
