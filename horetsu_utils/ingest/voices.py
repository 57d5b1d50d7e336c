"""What one file's voices tell beside their columns: whose word the expectation is, a promise's step, and halves."""

import ibis
import ibis.expr.types as ir

from horetsu_utils.ingest import cast, normalise, texts
from horetsu_utils.ingest.mapping import Heading
from horetsu_utils.ingest.scores import SCORES, TABLE
from horetsu_utils.ingest.texts import Door

EXPECTATION, EVALUATION = SCORES
EARLY, ON_TIME, LATE = PROMISES = ("約束より早いお届け", "約束どおりのお届け", "約束より遅いお届け")
"""The steps that a promise tells."""
HALF = "half"
"""The one score that a row has, where it has only one."""
_PROMISED_STEP = "promised_step"


def written(raw: ir.Table, door: Door) -> dict[str, ir.Value]:
    """Return what only the cells of a file's voices tell: whether the expectation is the shop's word, and the promise.

    Shape
        raw text rows -> is_stand_in, the step by the promise (voices); nothing (other tables)
    Errors
        none
    Source
        METHOD.md section 5
    """
    if door.table != TABLE:
        return {}
    return {"is_stand_in": _is_stand_in(raw, door), _PROMISED_STEP: _promised_step(raw, door)}


def _is_stand_in(raw: ir.Table, door: Door) -> ir.BooleanValue:
    if EXPECTATION not in door.section.constants:
        return ibis.literal(False)
    own = texts.own(raw, door, door.schema[EXPECTATION])
    return ibis.and_(*(text.isnull() for text in own))


def _promised_step(raw: ir.Table, door: Door) -> ir.StringValue:
    promise = door.section.promise
    if promise is None:
        return ibis.null("string")
    promised, kept = _day(raw, door, promise.promised), _day(raw, door, promise.kept)
    return ibis.cases((kept < promised, EARLY), (kept == promised, ON_TIME), (kept > promised, LATE), else_=None)


def _day(raw: ir.Table, door: Door, headings: tuple[Heading, ...]) -> ir.DateValue:
    found = [texts.cell(raw, places, door, normalise.text) for places in door.header.found(headings)]
    return cast.day(ibis.coalesce(*found), door) if found else ibis.null("date")


def told(typed: ir.Table) -> ir.Table:
    """Finish the typed voices of one file: the promise's step where none is written, and HALF."""
    expectation, evaluation = typed[EXPECTATION].notnull(), typed[EVALUATION].notnull()
    sound = typed[cast.PROBLEM].isnull()
    half = ibis.cases(
        (sound & expectation & ~evaluation, EXPECTATION), (sound & evaluation & ~expectation, EVALUATION), else_=None
    )
    step = ibis.coalesce(typed.step, typed[_PROMISED_STEP])
    return typed.mutate(step=step, **{HALF: half}).drop(_PROMISED_STEP)
