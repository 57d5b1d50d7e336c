"""The road of the first days: the pace of second orders, what was planned, and who was contacted."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from horetsu_utils import wording
from horetsu_utils.charts import strips, theme
from horetsu_utils.charts.strips import LINE_INCHES, listed, records
from horetsu_utils.charts.theme import Picture

BAR_INCHES, ABOVE_INCHES, LANES = 1.2, 0.5, 2
"""The longest bar; above it the words of the breaks, in so many lanes."""
STEP_INCHES, STEP_HEIGHT, MOST_STEPS = 0.27, 0.13, 12
"""So many planned steps are drawn; the others are counted in a word."""
CONTACT_INCHES, LEAST_REACH, GAP_INCHES = 0.85, 0.05, 0.2
"""The scale of the contacts reaches at least so far, so that a silence looks like one."""
WORDS_DAYS, LEAST_SIGNS = 1.0, 6
"""Words stand so many days from their bar; they are cut to its side, but not below so many signs."""
KEY_INCHES, KEY_DAYS, HATCH = 0.14, 4.5, "/////"
SHADE = "#eef1f4"
NO_PACE = "ご注文のペースの記録がありません"
PACE, MISSING, SILENT = "お店のペース", "少ない人数", "便りのない間"
_PAPER, _SHADED = ({"facecolor": colour, "edgecolor": "none", "pad": 1.5} for colour in (theme.PAPER, SHADE))
_HATCHED: dict[str, Any] = {"facecolor": theme.PAPER, "edgecolor": theme.WARM, "hatch": HATCH, "linewidth": 0}
Runs = list[tuple[int, int, float]]


def road(
    intervals: pd.DataFrame, steps: pd.DataFrame, contacts: pd.DataFrame, *, title: str, days: int = 90, note: str = ""
) -> Picture:
    """Draw three strips over the same days: how fast second orders came, the planned steps, and who was contacted.

    `intervals`: day_from, day_to, per_thousand, pace_per_thousand, is_break, lost, and is_settling for those drawn
    pale. `steps`: day_from, day_to, channel, label, reach_ratio. `contacts`: day, contacted_ratio, is_silent. Any may
    be empty; what is unknown is not drawn, and of plan and contacts no strip is left open.
    """
    if intervals.empty and steps.empty and contacts.empty:
        return theme.blank(title, note)
    steps = steps.sort_values(["day_from", "day_to"], kind="stable", ignore_index=True)
    shown = steps[(steps["day_from"] <= days) & (steps["day_to"] >= steps["day_from"])].head(MOST_STEPS)
    lines = len(shown) + (len(steps) > len(shown))
    reached = _reached(contacts, days)
    plan_at = 3 * LINE_INCHES + ABOVE_INCHES + BAR_INCHES + GAP_INCHES
    contact_at = plan_at + (LINE_INCHES + STEP_INCHES * lines + GAP_INCHES if lines else 0)
    end = contact_at + (LINE_INCHES + CONTACT_INCHES if len(reached) else -GAP_INCHES)
    silences = _silences(contacts, days)
    with strips.page(end, days) as (figure, axes):
        for first, last, _ in silences:
            axes.axvspan(first - strips.HALF_DAY, last + strips.HALF_DAY, color=SHADE, linewidth=0, zorder=0)
        _pace(axes, intervals)
        if lines:
            _plan(axes, plan_at, shown, len(steps) - len(shown))
        if len(reached):
            _contacts(axes, contact_at, reached, silences)
        return theme.finish(figure, title, _alt(intervals, steps, contacts, silences), note)


def _pace(axes: Axes, intervals: pd.DataFrame) -> None:
    inch = strips.heading(axes, 0, "2回目のご注文(1,000人のうち、1日に何人か)")
    base = inch + LINE_INCHES + ABOVE_INCHES + BAR_INCHES
    known = intervals[intervals["per_thousand"].notna()]
    if known.empty:
        strips.nothing(axes, base - BAR_INCHES / 2, NO_PACE)
        return
    paces = intervals["pace_per_thousand"].dropna()
    pace = float(paces.iloc[0]) if len(paces) else 0.0
    scale = BAR_INCHES / (max(float(known["per_thousand"].max()), pace) or 1)
    for row in known.to_dict("records"):
        _bar(axes, row, base, scale, pace)
    axes.plot(axes.get_xlim(), [base] * 2, color=theme.RULE, linewidth=1)
    runs = _breaks(intervals)
    if len(paces):
        axes.plot(axes.get_xlim(), [base - pace * scale] * 2, "--", color=theme.INK, linewidth=1.2)
        _key(axes, inch + LINE_INCHES / 2, wording.decimal(pace, "customer"), bool(runs))
    middles = (known["day_from"] + known["day_to"]) / 2
    figures = [wording.plain(value) for value in known["per_thousand"]]
    strips.row_of(axes, base + LINE_INCHES / 2, list(zip(middles, figures, strict=True)))
    _missing(axes, runs, known, (base, scale, pace))


def _bar(axes: Axes, row: dict[Any, Any], base: float, scale: float, pace: float) -> None:
    """Draw one interval; in a break, the part up to the shop's pace is hatched."""
    first, width = strips.span(row["day_from"], row["day_to"])
    pale = theme.QUIET if row.get("is_settling") is True else theme.ACCENT
    own = row["per_thousand"] * scale
    axes.bar(first, -own, width, base, align="edge", color=theme.WARM if row["is_break"] else pale, linewidth=0)
    if row["is_break"] and pace * scale > own:
        axes.bar(first, own - pace * scale, width, base - own, align="edge", **_HATCHED)


def _key(axes: Axes, inch: float, pace: str, broken: bool) -> None:
    """Say in words what the dashed line is, and what is hatched."""
    first = axes.get_xlim()[0]
    axes.plot([first, first + KEY_DAYS], [inch] * 2, "--", color=theme.INK, linewidth=1.2)
    text = strips.write(axes, first + KEY_DAYS + WORDS_DAYS, inch, f"{PACE} {pace}")
    if broken:
        after = strips.room(axes, text).x1 + 3 * WORDS_DAYS
        axes.bar(after, KEY_INCHES, KEY_DAYS, inch - KEY_INCHES / 2, align="edge", **_HATCHED)
        strips.write(axes, after + KEY_DAYS + WORDS_DAYS, inch, MISSING, color=theme.WARM)


def _missing(axes: Axes, runs: Runs, known: pd.DataFrame, scales: tuple[float, float, float]) -> None:
    """Write above each break how many are missing, clear of the bars beside it and of the words before."""
    base, scale, pace = scales
    taken: list[Any] = []
    for first, last, lost in runs:
        if pd.isna(lost):
            continue
        words = f"約{wording.count(lost, 'customer')}"
        text = strips.write(axes, (first + last) / 2, 0, words, ha="center", color=theme.WARM, fontsize=12)
        strips.keep_inside(axes, text)
        box = strips.room(axes, text)
        under = known[(known["day_from"] <= box.x1) & (known["day_to"] >= box.x0)]["per_thousand"]
        place = base - max(pace, float(under.max()) if len(under) else 0.0) * scale - LINE_INCHES / 2
        for _ in range(LANES):
            if all(
                box.x0 > other.x1 or box.x1 < other.x0 or abs(level - place) >= LINE_INCHES for other, level in taken
            ):
                break
            place -= LINE_INCHES
        else:
            text.remove()
            continue
        text.set_y(place)
        taken.append((box, place))


def _plan(axes: Axes, inch: float, steps: pd.DataFrame, rest: int) -> None:
    inch = strips.heading(axes, inch, "予定している便りと、届いた方の割合") + STEP_INCHES / 2
    for place, row in enumerate(steps.to_dict("records")):
        _step(axes, inch + place * STEP_INCHES, row)
    if rest:
        words = f"ほか {rest}件"
        strips.write(axes, axes.get_xlim()[0], inch + len(steps) * STEP_INCHES, words, color=theme.MUTED)


def _step(axes: Axes, inch: float, row: dict[Any, Any]) -> None:
    """Draw one planned step, its words on the side that has more room; else upon the bar."""
    low, high = axes.get_xlim()
    start, end = max(row["day_from"] - strips.HALF_DAY, low), min(row["day_to"] + strips.HALF_DAY, high)
    axes.barh(inch, end - start, STEP_HEIGHT, start, color=theme.ACCENT, linewidth=0)
    right = high - end >= start - low
    look: dict[str, Any] = {"ha": "left" if right else "right"}
    place = end + WORDS_DAYS if right else start - WORDS_DAYS
    space = max(high - end, start - low) - WORDS_DAYS
    name, reach = theme.label(_step_name(row)), wording.percent(row["reach_ratio"])
    text = strips.write(axes, place, inch, f"{name} {reach}".strip(), **look)
    for signs in range(len(name) - 1, LEAST_SIGNS - 1, -1):
        if strips.room(axes, text).width <= space:
            break
        text.set_text(f"{name[: signs - 1]}… {reach}")
    if strips.room(axes, text).width > space:
        text.set(x=(low + high) / 2, ha="center", text=f"{name} {reach}", bbox=_PAPER)


def _reached(contacts: pd.DataFrame, days: int) -> pd.DataFrame:
    return contacts[contacts["contacted_ratio"].notna() & (contacts["day"] <= days)] if len(contacts) else contacts


def _contacts(axes: Axes, inch: float, known: pd.DataFrame, silences: Runs) -> None:
    days = int(axes.get_xlim()[1])
    base = inch + LINE_INCHES + CONTACT_INCHES
    ratio = known.set_index("day")["contacted_ratio"].astype("float64")
    most = f"最大は{ratio.idxmax()}日の{wording.percent(ratio.max())}"
    strips.heading(axes, inch, f"便りが届いた方の割合(日ごと。{most})")
    heights = ratio.reindex(range(days + 1)) * (CONTACT_INCHES / max(ratio.max(), LEAST_REACH))
    edges = [day - strips.HALF_DAY for day in range(days + 2)]
    axes.stairs(base - heights.to_numpy(), edges, baseline=base, fill=True, color=theme.ACCENT, linewidth=0)
    axes.plot(axes.get_xlim(), [base] * 2, color=theme.RULE, linewidth=1)
    longest = max(silences, key=lambda run: run[2])[0] if silences else None
    for first, last, _ in silences:
        words = strips.write(axes, (first + last) / 2, base - CONTACT_INCHES / 2, SILENT, ha="center", bbox=_SHADED)
        if strips.room(axes, words).width > last - first + 1:
            words.set_text(f"{SILENT[:3]}\n{SILENT[3:]}")
        if strips.room(axes, words).width > last - first + 1 and first != longest:
            words.remove()
        else:
            strips.keep_inside(axes, words)


def _breaks(intervals: pd.DataFrame) -> Runs:
    """Join the neighbouring intervals of a break: first day, last day, customers lost."""
    told = intervals.sort_values("day_from", ignore_index=True)
    own = told[told["is_break"].eq(True)]
    joined = own.groupby((own.index.to_series().diff() != 1).cumsum())
    lost = joined["lost"].sum(min_count=1).astype("float64")
    return list(zip(joined["day_from"].min(), joined["day_to"].max(), lost, strict=True))


def _silences(contacts: pd.DataFrame, days: int) -> Runs:
    """Join neighbouring silent days: first day, last day."""
    if contacts.empty:
        return []
    quiet = contacts.loc[contacts["is_silent"].eq(True) & (contacts["day"] <= days), "day"].sort_values()
    joined = quiet.groupby((quiet.diff() != 1).cumsum())
    return [(int(each.min()), int(each.max()), float(len(each))) for _, each in joined]


def _step_name(row: dict[Any, Any]) -> str:
    """Name a step by its words and its channel."""
    told = (str(row.get(part)) for part in ("label", "channel") if pd.notna(row.get(part)))
    return "・".join(dict.fromkeys(word for word in told if word.strip()))


def _alt(intervals: pd.DataFrame, steps: pd.DataFrame, contacts: pd.DataFrame, silences: Runs) -> str:
    has_contacts = len(contacts) > 0 and bool(contacts["contacted_ratio"].notna().any())
    strip = ["2回目のご注文のペース", *["予定している便り"] * (len(steps) > 0), *["届いた便り"] * has_contacts]
    told = [f"はじめてのご注文からの日数に沿って、{'、'.join(strip)}を並べた図"]
    pace = intervals["pace_per_thousand"].dropna()
    bars = listed(f"{_days(row)} {wording.decimal(row['per_thousand'], 'customer')}" for row in records(intervals))
    told.append(f"2回目のご注文は1,000人のうち1日に、{bars}" if bars else NO_PACE)
    told += [f"{PACE}は{wording.decimal(float(value), 'customer')}" for value in pace.head(1)]
    told += [
        f"{first}〜{last}日は{PACE}に届かず、{MISSING}は{'約' * (lost == lost)}{wording.count(lost, 'customer')}"
        for first, last, lost in _breaks(intervals)
    ]
    plan = listed(f"{_days(row)} {_step_name(row)} {wording.percent(row['reach_ratio'])}" for row in records(steps))
    told += [f"予定している便りと届いた方の割合は、{plan}"] if plan else []
    told += [_alt_contacts(contacts, silences)] if has_contacts else []
    return "。".join(told)


def _alt_contacts(contacts: pd.DataFrame, silences: Runs) -> str:
    highest = contacts.loc[contacts["contacted_ratio"].idxmax()]
    most = f"便りが届いた方の割合の最大は{highest['day']:.0f}日の{wording.percent(highest['contacted_ratio'])}"
    quiet = listed(f"{first}〜{last}日" for first, last, _ in silences)
    return f"{most}。{SILENT}は、{quiet}" if quiet else f"{most}。{SILENT}はありません"


def _days(row: dict[Any, Any]) -> str:
    first, last = (wording.NOTHING if pd.isna(row[edge]) else f"{row[edge]:.0f}" for edge in ("day_from", "day_to"))
    return f"{first}日" if first == last else f"{first}〜{last}日"
