"""Flows: where people were, where they are now, and how many took each way."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from horetsu_utils import wording
from horetsu_utils.charts import theme
from horetsu_utils.charts.theme import Picture
from horetsu_utils.words import CODES

BAR_WIDTH = 0.03
GAP_SHARE = 0.037
"""Room between two bars, enough for the words beside a bar of hardly any height."""


def between(
    frame: pd.DataFrame,
    *,
    order: Sequence[str],
    names: Mapping[str, str],
    ends: tuple[str, str],
    title: str,
    of: str = "segment",
    highlight: tuple[str, ...] = (),
    backward: bool = False,
    note: str = "",
) -> Picture:
    """Draw people flowing from one code (left) to another (right): `of` a segment, from_segment to to_segment.

    `order` is the order of the codes from the top, as strings, whatever they are in the frame; `ends` words the two
    dates; flows into `highlight` from another stand out, and with `backward` those to a code that stands before theirs
    in `order`.
    """
    if frame.empty:
        return theme.blank(title, note)
    frame = frame.rename(columns={f"from_{of}": "source", f"to_{of}": "target"})
    frame = frame.astype({"source": str, "target": str})
    total = frame["customers"].sum()
    left = _stack(frame.groupby("source")["customers"].sum(), order, total)
    right = _stack(frame.groupby("target")["customers"].sum(), order, total)
    with theme.canvas(5.6) as (figure, axes):
        _bands(axes, frame, order, (left, right), _standing_out(order, highlight, backward))
        for side, stack in ((0, left), (1, right)):
            _labels(axes, stack, side, names, total)
        axes.text(0, -0.03, ends[0], ha="center", va="bottom", color=theme.MUTED)
        axes.text(1, -0.03, ends[1], ha="center", va="bottom", color=theme.MUTED)
        axes.set(xlim=(-0.55, 1.55), ylim=(1.0 + GAP_SHARE * max(len(left), len(right)), -0.08), xticks=[], yticks=[])
        return theme.finish(figure, title, _alt(frame, names, of), note)


def _stack(counts: pd.Series, order: Sequence[str], total: float) -> dict[str, tuple[float, float]]:
    """Return where each code's bar begins, and its height, as shares of the whole."""
    spans, top = {}, 0.0
    for code in order:
        height = float(counts.get(code, 0)) / total if total else 0.0
        if height:
            spans[code] = (top, height)
            top += height + GAP_SHARE
    return spans


def _standing_out(order: Sequence[str], highlight: tuple[str, ...], backward: bool) -> set[tuple[str, str]]:
    """Return the ways, from code to code, that stand out."""
    into = {(near, far) for far in highlight for near in order if near not in (*highlight, *CODES["segment"])}
    back = {(near, far) for place, near in enumerate(order) for far in order[:place]} if backward else set()
    return into | back


def _bands(
    axes: Axes,
    frame: pd.DataFrame,
    order: Sequence[str],
    stacks: tuple[dict[str, tuple[float, float]], dict[str, tuple[float, float]]],
    bold: set[tuple[str, str]],
) -> None:
    total = frame["customers"].sum()
    starts, stops = ({code: top for code, (top, _) in stack.items()} for stack in stacks)
    ways = frame.set_index(["source", "target"])["customers"]
    for source in order:
        for target in order:
            height = float(ways.get((source, target), 0)) / total if total else 0.0
            if height:
                colour = theme.WARM if (source, target) in bold else theme.QUIET
                axes.add_patch(_band(starts[source], stops[target], height, colour))
                starts[source] += height
                stops[target] += height


def _band(start: float, stop: float, height: float, colour: str) -> PathPatch:
    near, far = BAR_WIDTH, 1 - BAR_WIDTH
    points = np.array(
        [
            (near, start),
            (0.5, start),
            (0.5, stop),
            (far, stop),
            (far, stop + height),
            (0.5, stop + height),
            (0.5, start + height),
            (near, start + height),
            (near, start),
        ]
    )
    curve = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    return PathPatch(Path(points, curve), facecolor=colour, alpha=0.55, edgecolor="none")


def _labels(
    axes: Axes, stack: dict[str, tuple[float, float]], side: int, names: Mapping[str, str], total: float
) -> None:
    edge = -BAR_WIDTH if side == 0 else 1 + BAR_WIDTH
    for code, (top, height) in stack.items():
        x = 0 if side == 0 else 1 - BAR_WIDTH
        axes.add_patch(
            PathPatch(
                Path([(x, top), (x + BAR_WIDTH, top), (x + BAR_WIDTH, top + height), (x, top + height), (x, top)]),
                facecolor=theme.ACCENT,
                edgecolor="none",
            )
        )
        axes.text(
            edge,
            top + height / 2,
            f"{theme.label(names.get(code, code))} {wording.count(height * total, 'customer')}",
            ha="right" if side == 0 else "left",
            va="center",
            fontsize=10,
        )


def _alt(frame: pd.DataFrame, names: Mapping[str, str], of: str) -> str:
    moved = frame[frame["source"] != frame["target"]].sort_values("customers", ascending=False).head(8)
    ways = [
        f"{names.get(row.source, row.source)}から{names.get(row.target, row.target)}へ"
        f"{wording.count(row.customers, 'customer')}"
        for row in moved.itertuples()
    ]
    told = f"{wording.COLUMNS[of].japanese}のあいだの移り変わり。"
    return f"{told}多い順に、{'、'.join(ways)}" if ways else f"{told}動いた方はいません"
