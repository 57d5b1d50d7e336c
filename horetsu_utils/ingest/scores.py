"""The scores of a voice: on whatever scale the shop asks, they become the method's five points at the door."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

import ibis.expr.types as ir
from pydantic import AfterValidator, Field

from horetsu_utils import schema
from horetsu_utils.ingest import normalise

TABLE = "voices"
SCORES = ("expectation", "evaluation")
FIVE_POINTS = (1.0, 5.0)
"""The lowest and the highest score of the method (METHOD.md section 5)."""
FURTHEST = 1000
"""No survey asks for a score further from zero than this."""


def _ascending(scale: tuple[float, float]) -> tuple[float, float]:
    if scale[0] >= scale[1]:
        raise ValueError("scale には、いちばん低い点、いちばん高い点の順に書いてください(例: scale: [0, 10])")
    return scale


Score = Annotated[float, Field(ge=-FURTHEST, le=FURTHEST, strict=True, allow_inf_nan=False)]
Scale = Annotated[tuple[Score, Score], AfterValidator(_ascending)]
"""The lowest and the highest score that can be given."""


def outside(constants: Mapping[str, str], scale: tuple[float, float]) -> list[str]:
    """Word every constant score that its scale does not have."""
    low, high = scale
    told = {name: constants[name] for name in SCORES if name in constants}
    return [
        f"{name} に決めた点「{score}」は、点数の範囲({low:g}から{high:g}まで)にありません"
        for name, score in told.items()
        if not low <= _score(score) <= high
    ]


def _score(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def at_the_door(table: schema.Table, scale: tuple[float, float]) -> schema.Table:
    """Return what a row of a file must keep: of a voice, one of the two scores will do, for the other may follow."""
    if table.name != TABLE:
        return table
    low, high = scale
    scores = {name: replace(table[name], required=False, telling=True, minimum=low, maximum=high) for name in SCORES}
    columns = tuple(scores.get(column.name, column) for column in table.columns)
    return replace(table, columns=columns, one_of=(*table.one_of, SCORES))


def on_five_points(score: ir.DecimalValue, scale: tuple[float, float]) -> ir.DecimalValue:
    """Carry a score over to the five points: the lowest becomes 1, the highest 5, and equal scores stay equal."""
    if scale == FIVE_POINTS:
        return score
    (low, high), (lowest, highest) = scale, FIVE_POINTS
    line = f"(score - ({low!r})) * {highest - lowest!r} / ({high!r} - ({low!r})) + {lowest!r}"
    return normalise.arithmetic(line, {"score": score})
