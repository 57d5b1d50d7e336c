"""The road of the first days: the pace of second orders, what was planned, who was contacted, on one line of days."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from horetsu_utils import wording
from horetsu_utils.charts import theme
from horetsu_utils.charts.theme import Picture

PACE_INCHES, CONTACT_INCHES, STEP_INCHES, EDGE_INCHES = 2.3, 1.15, 0.34, 1.0
MOST_STEPS = 10
"""So many planned steps are drawn; the others are counted in a word."""
HATCH, HEADROOM = "////", 1.3
TICK_DAYS = 30
SILENT = "便りのない間"
NO_PLAN, NO_CONTACTS = "90日シナリオの記録がありません", "連絡の記録がありません"
OWN_PACE = "お店のペース"


def road(
    intervals: pd.DataFrame, steps: pd.DataFrame, contacts: pd.DataFrame, *, title: str, days: int, note: str = ""
) -> Picture:
    """Draw three strips over the same days: how fast second orders came, the planned steps, and the contacts made.

    `intervals`: day_from, day_to, per_thousand, pace_per_thousand, lost, is_settling, is_break. `steps`: day_from,
    day_to, label, reach_ratio. `contacts`: day, contacted_ratio, is_silent. The last two may be empty.
    """
    if intervals.empty or intervals["per_thousand"].isna().all():
        return theme.blank(title, note)
    shown = steps.sort_values(["day_from", "day_to"]).head(MOST_STEPS)
    middle = STEP_INCHES * max(len(shown) + (len(steps) > MOST_STEPS), 1) + 0.1
    with theme.strips([PACE_INCHES, middle, CONTACT_INCHES], EDGE_INCHES) as (figure, axes):
        _pace(axes[0], intervals)
        _plan(axes[1], shown, len(steps), days)
        _contacts(axes[2], contacts)
        for first, last in _silences(contacts):
            for strip in axes:
                strip.axvspan(first - 0.5, last + 0.5, color=theme.RULE, alpha=0.45, linewidth=0, zorder=0)
        axes[2].set(xlim=(-0.5, days + 0.5), xticks=range(0, days + 1, TICK_DAYS))
        axes[2].set_xticklabels([f"{day}日" for day in range(0, days + 1, TICK_DAYS)])
        return theme.finish(figure, title, _alt(intervals, steps, contacts), note)


def _pace(axes: Axes, intervals: pd.DataFrame) -> None:
    pace = float(intervals["pace_per_thousand"].iloc[0])
    for row in intervals[intervals["per_thousand"].notna()].to_dict("records"):
        _bar(axes, row, pace)
    axes.axhline(pace, color=theme.INK, linestyle="--", linewidth=1.2)
    _write(axes, f"{OWN_PACE} {pace:.1f}人", (0.99, pace), 4, coords=("axes fraction", "data"), ha="right")
    for first, last, lost in _runs(intervals):
        words = f"約{wording.count(lost, 'customer')}少ない"
        _write(axes, words, ((first + last) / 2, pace), 22, ha="center", color=theme.WARM, fontsize=13)
    top = max(float(intervals["per_thousand"].max()), pace) or 1.0
    axes.set(ylim=(0, top * HEADROOM), yticks=[], ylabel="")
    axes.set_title("2回目のご注文(1,000人につき1日に)", loc="left", fontsize=11, color=theme.MUTED)


def _bar(axes: Axes, row: dict[str, Any], pace: float) -> None:
    """Draw one interval; of a break also what is missing up to the shop's pace."""
    left, width, height = row["day_from"] - 0.4, row["day_to"] - row["day_from"] + 0.8, row["per_thousand"]
    colour = theme.WARM if row["is_break"] else theme.QUIET if row["is_settling"] else theme.ACCENT
    axes.bar(left, height, width, align="edge", color=colour)
    if row["is_break"]:
        look: dict[str, Any] = {"facecolor": "none", "edgecolor": theme.WARM, "hatch": HATCH, "linewidth": 0}
        axes.bar(left, pace - height, width, bottom=height, align="edge", **look)


def _write(axes: Axes, words: str, at: tuple[float, float], above: int, coords: Any = "data", **look: Any) -> None:
    box = {"facecolor": theme.PAPER, "edgecolor": "none", "pad": 1, "alpha": 0.85}
    axes.annotate(words, at, xycoords=coords, xytext=(0, above), textcoords="offset points", bbox=box, **look)


def _runs(intervals: pd.DataFrame) -> list[tuple[int, int, float]]:
    """Join neighbouring intervals of one break: first day, last day, customers lost."""
    told = intervals.sort_values("day_from")
    run = (told["is_break"] != told["is_break"].shift()).cumsum()
    own = told[told["is_break"]].groupby(run)
    joined = own.agg(first=("day_from", "min"), last=("day_to", "max"), lost=("lost", "sum"))
    return [(int(row.first), int(row.last), float(row.lost)) for row in joined.itertuples(index=False)]


def _plan(axes: Axes, steps: pd.DataFrame, whole: int, days: int) -> None:
    axes.set(yticks=[], ylabel="")
    axes.set_title("予定の便りと、その間に届いた割合", loc="left", fontsize=11, color=theme.MUTED)
    if steps.empty:
        axes.text(0.5, 0.5, NO_PLAN, transform=axes.transAxes, ha="center", va="center", color=theme.MUTED)
        return
    for place, row in enumerate(steps.to_dict("records")):
        axes.barh(
            place, row["day_to"] - row["day_from"] + 1, left=row["day_from"] - 0.5, height=0.62, color=theme.ACCENT
        )
        right = row["day_to"] > days / 2
        words = f"{theme.label(str(row['label']))} {wording.percent(row['reach_ratio'], 0)}"
        axes.text(
            row["day_from"] - 1.5 if right else row["day_to"] + 1.5,
            place,
            words,
            va="center",
            ha="right" if right else "left",
            fontsize=11,
        )
    rest = whole - len(steps)
    if rest:
        axes.text(0, len(steps), f"ほか {rest}件", va="center", color=theme.MUTED, fontsize=11)
    axes.set_ylim(len(steps) - 0.4 + (rest > 0), -0.6)


def _contacts(axes: Axes, contacts: pd.DataFrame) -> None:
    axes.set(yticks=[], ylabel="")
    axes.set_title("その日に連絡した方の割合", loc="left", fontsize=11, color=theme.MUTED)
    if contacts.empty or contacts["contacted_ratio"].isna().all():
        axes.text(0.5, 0.5, NO_CONTACTS, transform=axes.transAxes, ha="center", va="center", color=theme.MUTED)
        return
    ratio = contacts["contacted_ratio"].astype("float64").fillna(0)
    axes.bar(contacts["day"], ratio, width=0.9, color=theme.ACCENT)
    most = f"いちばん多い日で {wording.percent(float(ratio.max()), 0)}"
    axes.set_title(most, loc="right", fontsize=11, color=theme.MUTED)
    for first, last in _silences(contacts):
        axes.text((first + last) / 2, float(ratio.max()) / 2, SILENT, ha="center", va="center", fontsize=12)
    axes.set_ylim(0, (float(ratio.max()) or 1) * 1.15)


def _silences(contacts: pd.DataFrame) -> list[tuple[int, int]]:
    """Return the stretches of silent days."""
    if contacts.empty:
        return []
    silent = contacts["is_silent"].fillna(False).astype(bool)
    run = (silent != silent.shift()).cumsum()
    days = contacts.loc[silent, "day"].groupby(run[silent])
    return [(int(first), int(last)) for first, last in zip(days.min(), days.max(), strict=True)]


def _alt(intervals: pd.DataFrame, steps: pd.DataFrame, contacts: pd.DataFrame) -> str:
    bars = "、".join(
        f"{row['day_from']}〜{row['day_to']}日は{wording.decimal(row['per_thousand'], 'customer')}"
        for row in intervals.to_dict("records")
    )
    pace = wording.decimal(float(intervals["pace_per_thousand"].iloc[0]), "customer")
    parts = [f"2回目のご注文は、1,000人につき1日に、{bars}。{OWN_PACE}は{pace}"]
    parts += [
        f"{first}〜{last}日は、ペースより約{wording.count(lost, 'customer')}少ない"
        for first, last, lost in _runs(intervals)
    ]
    parts.append(
        "予定の便りは、"
        + "、".join(
            f"{row['day_from']}〜{row['day_to']}日の{row['label']}は{wording.percent(row['reach_ratio'], 0)}に届き"
            for row in steps.to_dict("records")
        )
        if len(steps)
        else NO_PLAN
    )
    parts += [f"{first}〜{last}日は{SILENT}" for first, last in _silences(contacts)] if len(contacts) else [NO_CONTACTS]
    return "。".join(parts)
