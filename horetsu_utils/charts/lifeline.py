"""A lifeline: one customer's stage, feelings, voices, orders and contacts, in lanes along one time."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from horetsu_utils import wording
from horetsu_utils.charts import sheet, strips, theme
from horetsu_utils.charts.feeling import TOP_SCORE
from horetsu_utils.charts.growth import ALT_POINTS, MARKS
from horetsu_utils.charts.strips import LINE_INCHES, listed
from horetsu_utils.charts.theme import Picture

FIRST, LAST = 1.0, sheet.RIGHT - 0.08
"""The time line lies between these inches; left of it stand the names of the rows."""
STEP_INCHES, SCORE_INCHES, BAR_INCHES, ROW_INCHES, EDGE_INCHES = 0.2, 1.1, 0.7, 0.26, 0.1
GAP_INCHES, TOP_INCHES, AXIS_INCHES = 0.14, 0.06, 0.44
KEY_GAP, SIGN_GAP, KEY_SIGN = 0.16, 0.1, 5
BAR_WIDTH, TICK_INCHES, LEAST_BAR = 0.035, 0.075, 0.03
SHIFTS = {"良い": -0.27, "普通": 0.0, "悪い": 0.27}
"""Records of one score lie apart by their feeling (shares of a step), or they would cover each other."""
LEAST_DAYS, MONTH_DAYS, MOST_TICKS = 28, 31, 6
MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 2400)
NOTHING = "記録はありません"
VOICES: dict[str, dict[str, Any]] = {
    "moved": {"marker": "^", "color": theme.ACCENT},
    "content": {"marker": "o", "color": theme.INK, "markerfacecolor": theme.PAPER},
    "disappointed": {"marker": "v", "color": theme.WARM},
}
FEELINGS = {
    word: {"marker": look["marker"], "color": look["edgecolors"], "markerfacecolor": look["facecolors"]}
    for word, look in MARKS.items()
}
LINES: dict[str, dict[str, Any]] = {
    "warm": {"color": theme.ACCENT, "linestyle": "-", "linewidth": 2.4},
    "cooling": {"color": theme.WARM, "linestyle": (0, (1.6, 1)), "linewidth": 2.4},
}
LINE_WORDS = {"warm": "続いている", "cooling": "冷めかけ"}
CONTACTS = {"contact_out": ("お店から", theme.MUTED), "contact_in": ("お客様から", theme.ACCENT)}
COMPLAINT = "complaint"


@dataclass(frozen=True)
class _Days:
    """The days of the time line, and where they lie along the picture."""

    first: dt.date
    last: dt.date

    def at(self, day: dt.date) -> float:
        return FIRST + (LAST - FIRST) * (day - self.first).days / (self.last - self.first).days


def lifeline(
    moments: pd.DataFrame,
    names: Mapping[str, str],
    *,
    until: dt.date,
    title: str,
    currency: str = "JPY",
    note: str = "",
) -> Picture:
    """Draw one customer's moments (on, kind, value, word, in order of time) in lanes along the time, up to a day.

    `names` gives the Japanese name of each stage by its number as text.
    """
    if moments.empty:
        return theme.blank(title, note)
    told = moments.assign(on=pd.to_datetime(moments["on"]).dt.date, word=moments["word"].fillna(""))
    days = _Days(min(told["on"].iloc[0], until - dt.timedelta(days=LEAST_DAYS)), until)
    lanes = {str(kind): rows for kind, rows in told.groupby("kind")}
    empty = told.iloc[:0]
    stages, changes, voices, orders = (lanes.get(kind, empty) for kind in ("stage", "change", "voice", "order"))
    heights = [len(names) * STEP_INCHES, SCORE_INCHES if len(changes) else ROW_INCHES, ROW_INCHES]
    heights += [BAR_INCHES + EDGE_INCHES if len(orders) else ROW_INCHES, ROW_INCHES * len(CONTACTS)]
    tops = [TOP_INCHES + sum(heights[:place]) + place * (LINE_INCHES + GAP_INCHES) for place in range(len(heights))]
    foot = tops[-1] + LINE_INCHES + heights[-1]
    with sheet.page(foot + AXIS_INCHES) as (figure, axes):
        filled = [top for top, rows in zip(tops, (stages, changes, voices, orders, told), strict=True) if len(rows)]
        spans = [(top + LINE_INCHES, top + LINE_INCHES + heights[tops.index(top)]) for top in filled]
        _calendar(axes, days, spans)
        _stages(axes, tops[0], stages, names, days)
        _changes(axes, tops[1], changes, days)
        _voices(axes, tops[2], voices, days)
        _orders(axes, tops[3], orders, days, currency)
        _contacts(axes, tops[4], lanes, days)
        return theme.finish(figure, title, _alt(lanes, names, currency), note)


def _heading(axes: Axes, top: float, words: str, keys: Mapping[str, dict[str, Any]]) -> float:
    """Write what a lane shows, and at the right what its marks mean; return where the lane goes on."""
    middle = top + LINE_INCHES / 2
    strips.write(axes, sheet.LEFT, middle, words, color=theme.INK, fontsize=12)
    edge = sheet.RIGHT
    for word, look in reversed(list(keys.items())):
        text = strips.write(axes, edge, middle, word, ha="right", color=theme.MUTED)
        place = strips.room(axes, text).x0 - SIGN_GAP
        if "marker" in look:
            axes.plot(place, middle, linestyle="", markersize=KEY_SIGN, **look)
        else:
            axes.plot([place - 2 * SIGN_GAP, place + SIGN_GAP / 2], [middle] * 2, **look)
        edge = place - KEY_GAP - 2 * SIGN_GAP * ("marker" not in look)
    return top + LINE_INCHES


def _row(axes: Axes, middle: float, name: str = "") -> None:
    """Rule one row along the time, and name it on the left."""
    axes.plot([FIRST, LAST], [middle] * 2, color=theme.RULE, linewidth=0.7, zorder=0)
    sheet.name(axes, sheet.LEFT, middle, name, FIRST - sheet.LEFT - SIGN_GAP, fontsize=strips.SMALL, color=theme.MUTED)


def _nothing(axes: Axes, top: float) -> None:
    strips.write(axes, FIRST, top + ROW_INCHES / 2, NOTHING, color=theme.MUTED)


def _stages(axes: Axes, top: float, spells: pd.DataFrame, names: Mapping[str, str], days: _Days) -> None:
    """Draw the stages as steps, the highest above; while the tie cools the line is broken and warm."""
    keys = {word: LINES[code] for code, word in LINE_WORDS.items() if len(spells)}
    foot = _heading(axes, top, "ステージ", keys) + (len(names) - 0.5) * STEP_INCHES
    for stage, name in names.items():
        _row(axes, foot - int(stage) * STEP_INCHES, name)
    before = None
    ends = [*spells["on"].iloc[1:], days.last][: len(spells)]
    for first, last, value, word in zip(spells["on"], ends, spells["value"], spells["word"], strict=True):
        height = foot - value * STEP_INCHES
        if before is not None:
            axes.plot([days.at(first)] * 2, [before, height], color=theme.QUIET, linewidth=1.2, zorder=1)
        axes.plot([days.at(first), days.at(last)], [height] * 2, solid_capstyle="butt", zorder=2, **LINES[word])
        before = height


def _changes(axes: Axes, top: float, changes: pd.DataFrame, days: _Days) -> None:
    top = _heading(axes, top, f"変化の点数(0〜{TOP_SCORE}点)", FEELINGS if len(changes) else {})
    if changes.empty:
        _nothing(axes, top)
        return
    scale = (SCORE_INCHES - 2 * EDGE_INCHES) / TOP_SCORE
    foot = top + SCORE_INCHES - EDGE_INCHES
    for score in range(TOP_SCORE + 1):
        _row(axes, foot - score * scale, f"{score}点" if score in (0, TOP_SCORE) else "")
    for word, look in FEELINGS.items():
        mine = changes[changes["word"] == word]
        heights = foot - (mine["value"] - SHIFTS[word]) * scale
        axes.plot([days.at(day) for day in mine["on"]], heights, linestyle="", markersize=3.4, **look)


def _voices(axes: Axes, top: float, voices: pd.DataFrame, days: _Days) -> None:
    keys = {wording.name("pattern", code): look for code, look in VOICES.items() if len(voices)}
    top = _heading(axes, top, "お声", keys)
    if voices.empty:
        _nothing(axes, top)
        return
    _row(axes, top + ROW_INCHES / 2)
    for word, look in VOICES.items():
        places = [days.at(day) for day in voices.loc[voices["word"] == word, "on"]]
        axes.plot(places, [top + ROW_INCHES / 2] * len(places), linestyle="", markersize=6, **look)


def _orders(axes: Axes, top: float, orders: pd.DataFrame, days: _Days, currency: str) -> None:
    """Draw each order as a bar as high as its amount; what was given back hangs below the line."""
    top = _heading(axes, top, "ご注文と金額", {})
    if orders.empty:
        _nothing(axes, top)
        return
    amounts, top = orders["value"].astype("float64"), top + EDGE_INCHES
    high, low = max(amounts.max(), 0.0), min(amounts.min(), 0.0)
    scale = BAR_INCHES / ((high - low) or 1.0)
    line = top + high * scale if high > low else top + BAR_INCHES
    for place, amount in ((line, 0.0), (top, high)) if high else ((line, 0.0),):
        _row(axes, place)
        strips.write(axes, FIRST - SIGN_GAP, place, wording.money(amount, currency), ha="right", color=theme.MUTED)
    for day, amount in zip(orders["on"], amounts, strict=True):
        height = max(abs(amount) * scale, LEAST_BAR) * (-1 if amount >= 0 else 1)
        colour = theme.ACCENT if amount >= 0 else theme.WARM
        axes.bar(days.at(day), height, BAR_WIDTH, line, color=colour, linewidth=0)


def _contacts(axes: Axes, top: float, lanes: Mapping[str, pd.DataFrame], days: _Days) -> None:
    """Draw each contact as a tick, the shop's above the customer's; a complaint is a mark of its own."""
    complaint: dict[str, dict[str, Any]] = {"苦情": {"marker": "v", "color": theme.WARM}}
    top = _heading(axes, top, "連絡", complaint if _complaints(lanes) else {})
    for place, (kind, (name, colour)) in enumerate(CONTACTS.items()):
        middle = top + (place + 0.5) * ROW_INCHES
        _row(axes, middle, name)
        if kind in lanes:
            rows = lanes[kind]
            plain = [days.at(day) for day in rows.loc[rows["word"] != COMPLAINT, "on"]]
            axes.vlines(plain, middle - TICK_INCHES, middle + TICK_INCHES, color=colour, linewidth=1.1)
            loud = [days.at(day) for day in rows.loc[rows["word"] == COMPLAINT, "on"]]
            axes.plot(loud, [middle] * len(loud), linestyle="", markersize=6, **complaint["苦情"])


def _complaints(lanes: Mapping[str, pd.DataFrame]) -> int:
    return sum(int((lanes[kind]["word"] == COMPLAINT).sum()) for kind in CONTACTS if kind in lanes)


def _calendar(axes: Axes, days: _Days, spans: Sequence[tuple[float, float]]) -> None:
    """Rule thin lines down the lanes at some months, or days of a short time, and write them below."""
    year, foot = None, spans[-1][1]
    for day, words in _ticks(days):
        along = days.at(day)
        axes.vlines([along] * len(spans), *zip(*spans, strict=True), color=theme.RULE, linewidth=0.7, zorder=0)
        text = strips.write(axes, along, foot + LINE_INCHES / 2, words, ha="center", color=theme.MUTED)
        strips.keep_inside(axes, text)
        if day.year != year:
            words, below = f"{day.year}年", foot + LINE_INCHES * 1.3
            strips.keep_inside(axes, strips.write(axes, along, below, words, ha="center", color=theme.MUTED))
        year = day.year


def _ticks(days: _Days) -> Sequence[tuple[dt.date, str]]:
    """Choose the days to write: firsts of months, or in a short time every so many days."""
    length = (days.last - days.first).days
    if length <= 2 * MONTH_DAYS:
        step = -(-(length + 1) // MOST_TICKS)
        chosen = [days.first + dt.timedelta(days=ahead) for ahead in range(0, length + 1, step)]
        return [(day, f"{day.month}/{day.day}") for day in chosen]
    months = [pd.Timestamp(day).date() for day in pd.date_range(days.first, days.last, freq="MS")]
    step = next(each for each in MONTH_STEPS if len(months) <= each * MOST_TICKS)
    return [(day, wording.month_of_year(day)) for day in months if (day.year * 12 + day.month - 1) % step == 0]


def _alt(lanes: Mapping[str, pd.DataFrame], names: Mapping[str, str], currency: str) -> str:
    """Tell every lane in words, of long ones some moments, evenly spread, and the last."""
    words = {
        "stage": lambda row: f"{names[str(int(row['value']))]}{'(冷めかけ)' if row['word'] == 'cooling' else ''}",
        "change": lambda row: f"{row['value']:.0f}点({row['word']})",
        "voice": lambda row: wording.name("pattern", row["word"]),
        "order": lambda row: wording.money(row["value"], currency),
    }
    heads = {"stage": "ステージ", "change": "変化の点数", "voice": "お声", "order": "ご注文"}
    told = [
        f"{heads[kind]}は、" + listed(f"{wording.day(row['on'])} {say(row)}" for row in _some(lanes[kind]))
        for kind, say in words.items()
        if kind in lanes
    ]
    counts = [f"{name} {len(lanes[kind])}回" for kind, (name, _) in CONTACTS.items() if kind in lanes]
    told += [f"連絡は、{listed(counts)}"] if counts else []
    told += [f"そのうち苦情は {_complaints(lanes)}回"] if _complaints(lanes) else []
    return "。".join(["お一人の歩みを、時間に沿って並べた図", *told])


def _some(rows: pd.DataFrame) -> list[dict[Any, Any]]:
    step = -(-len(rows) // ALT_POINTS)
    return strips.records(rows.iloc[::-1].iloc[::step].iloc[::-1])
