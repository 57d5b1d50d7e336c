"""Diagnoses: how many of the ten answers were A each time, from the first to the latest."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes

from horetsu_utils import wording
from horetsu_utils.charts import sheet, strips, theme
from horetsu_utils.charts.strips import LINE_INCHES, listed, records
from horetsu_utils.charts.theme import Picture

QUESTIONS = 10
GRADES = {"A": (9, 10, "#dfeaf2"), "B": (7, 8, "#eef3f7"), "C": (0, 6, "#f8f9fa")}
"""Each grade reaches from so many A to so many, on its own light ground."""
ANSWER_INCHES, EDGE_INCHES, HALF = 0.25, 0.08, 0.5
FIRST, LAST = sheet.LEFT, sheet.RIGHT - 0.78
"""The diagnoses stand between these; right of them the grades are named."""
DOT_POINTS, NAME_AT, WORD_GAP = 19, 0.24, 0.015
"""The size of a dot, which holds its figure; how far below its middle stands the name of who answered."""
LONG_DATE_INCHES, DATE_LINE_INCHES, NARROW = 0.7, 0.19, 10
"""A date in two lines is so wide; narrower ones have three, in smaller type."""
NO_DATE = "日付\nなし"
HEADING, MEANS = f"Aとお答えの数({QUESTIONS}問のうち)", "線は、同じ日の平均を結んだもの"
_PAPER = {"facecolor": theme.PAPER, "edgecolor": "none", "pad": 1, "alpha": 0.75}


class _Day(NamedTuple):
    """The diagnoses of one day (NaT if that is not known), and where each stands along the picture."""

    date: pd.Timestamp
    rows: list[dict[Any, Any]]
    places: list[float]

    @property
    def middle(self) -> float:
        return sum(self.places) / len(self.places)

    @property
    def mean(self) -> float:
        return float(pd.Series([row["a_count"] for row in self.rows], dtype="float64").mean())


def earlier(frame: pd.DataFrame, *, title: str, note: str = "") -> Picture:
    """Draw how many answers were A in each diagnosis; a line joins the means of the days.

    `frame`: date, a_count (0 to 10), grade, answered_by. Diagnoses of one day stand side by side, with the name of who
    answered where it has room.
    """
    if frame.empty or frame["a_count"].isna().all():
        return theme.blank(title, note)
    days = _days(frame)
    top = EDGE_INCHES + LINE_INCHES + EDGE_INCHES
    bottom = top + (QUESTIONS + 2 * HALF) * ANSWER_INCHES
    several = any(len(day.rows) > 1 for day in days)
    under = bottom + NAME_AT * several
    with sheet.page(under + 3 * DATE_LINE_INCHES + 2 * EDGE_INCHES) as (figure, axes):
        joined = _means(axes, top, days)
        heading = f"{HEADING}。{MEANS}" if several and joined else HEADING
        strips.write(axes, sheet.LEFT, EDGE_INCHES + LINE_INCHES / 2, heading, color=theme.MUTED)
        _grades(axes, top)
        for day in days:
            _dots(axes, top, day, (LAST - FIRST) / len(frame))
        _dates(axes, under + EDGE_INCHES, days)
        alt = "。".join(map(_told, days))
        return theme.finish(figure, title, f"これまでの診断ごとに、{HEADING}を並べた図。{alt}", note)


def _days(frame: pd.DataFrame) -> list[_Day]:
    """Put the diagnoses in the order of their days, and give each the same room along the picture."""
    rows = frame.assign(date=pd.to_datetime(frame["date"]), by=frame["answered_by"].fillna("").astype(str))
    rows = rows.sort_values(["date", "by"], kind="stable", ignore_index=True)
    rows["place"] = FIRST + (rows.index + HALF) * (LAST - FIRST) / len(rows)
    each = rows.groupby("date", dropna=False, sort=True)
    return [_Day(date, records(day), day["place"].tolist()) for date, day in each]


def _down(top: float, count: float) -> float:
    return top + (QUESTIONS + HALF - count) * ANSWER_INCHES


def _grades(axes: Axes, top: float) -> None:
    """Lay the light grounds of the grades, each named on the right."""
    for grade, (least, most, ground) in GRADES.items():
        high, low = _down(top, most + HALF), _down(top, least - HALF)
        axes.bar(FIRST, low - high, LAST - FIRST, high, align="edge", color=ground, linewidth=0, zorder=0)
        words = f"{grade}  {least}〜{most}"
        strips.write(axes, LAST + 4 * WORD_GAP, (high + low) / 2, words, fontsize=12, color=theme.MUTED)


def _means(axes: Axes, top: float, days: Sequence[_Day]) -> bool:
    """Join the means of the days that are known, if there are two or more, and tell whether there are."""
    known = [(day.middle, _down(top, day.mean)) for day in days if pd.notna(day.mean) and pd.notna(day.date)]
    if len(known) > 1:
        axes.plot(*zip(*known, strict=True), "o-", color=theme.QUIET, linewidth=2, markersize=5, zorder=1)
    return len(known) > 1


def _dots(axes: Axes, top: float, day: _Day, room: float) -> None:
    """Draw the diagnoses of one day, each with its figure; where several answered, with their names."""
    for row, place in zip(day.rows, day.places, strict=True):
        known = pd.notna(row["a_count"])
        down = _down(top, row["a_count"] if known else 0)
        if known:
            axes.plot(place, down, "o", markersize=DOT_POINTS, color=theme.ACCENT, markeredgecolor=theme.PAPER)
        look: dict[str, Any] = {"ha": "center", "va": "center_baseline", "fontsize": 12}
        colour = theme.PAPER if known else theme.MUTED
        strips.write(axes, place, down, f"{row['a_count']:.0f}" if known else wording.NOTHING, color=colour, **look)
        if len(day.rows) > 1:
            name: dict[str, Any] = {"ha": "center", "fontsize": strips.SMALL, "bbox": _PAPER}
            text = sheet.name(axes, place, down + NAME_AT, row["by"], room - WORD_GAP, **name)
            if strips.room(axes, text).width + WORD_GAP > room:
                text.remove()


def _dates(axes: Axes, inch: float, days: Sequence[_Day]) -> None:
    """Write each day below its diagnoses; one that has no room beside the day before is left out."""
    wide = (LAST - FIRST) / sum(len(day.rows) for day in days) >= LONG_DATE_INCHES
    look: dict[str, Any] = {
        "ha": "center",
        "va": "top",
        "linespacing": 1.1,
        "fontsize": strips.SMALL if wide else NARROW,
    }
    reach, year = 0.0, 0
    for day in days:
        words = NO_DATE if pd.isna(day.date) else _date(day.date, wide, year)
        text = strips.write(axes, day.middle, inch, words, color=theme.MUTED, **look)
        if strips.room(axes, text).x0 < reach:
            text.remove()
            continue
        reach, year = strips.room(axes, text).x1 + WORD_GAP, 0 if pd.isna(day.date) else day.date.year


def _date(date: pd.Timestamp, wide: bool, year: int) -> str:
    """Say a day in two lines, or narrowly in three, the first of which tells the year only where it changes."""
    if wide:
        return f"{date.year}年\n{date.month}月{date.day}日"
    short = f"{date:%y}年" if date.year != year else " "
    return f"{short}\n{date.month}月\n{date.day}日"


def _told(day: _Day) -> str:
    when = NO_DATE.replace("\n", "") if pd.isna(day.date) else wording.day(day.date)
    mean = f"(平均 {day.mean:.1f})" if len(day.rows) > 1 and pd.notna(day.mean) else ""
    return f"{when}は、{listed(map(_one, day.rows))}{mean}"


def _one(row: dict[Any, Any]) -> str:
    count = wording.NOTHING if pd.isna(row["a_count"]) else f"{row['a_count']:.0f}"
    grade = "" if pd.isna(row["grade"]) else f"(総合{row['grade']})"
    return f"{row['by']} {count}{grade}".strip()
