"""Voices asked in two halves: the expectation before, the evaluation after; put together they are one voice."""

import ibis
import ibis.expr.types as ir

from horetsu_utils.ingest.clean import PART
from horetsu_utils.ingest.read import ROW
from horetsu_utils.ingest.voices import EVALUATION, EXPECTATION, HALF


def apart(rows: ir.Table) -> ir.Table:
    """Take back what `joined` has filled in: the other half may now stand in another file."""
    is_filled = (rows[HALF] == EVALUATION).fill_null(False)
    return rows.mutate(**{EXPECTATION: is_filled.ifelse(None, rows[EXPECTATION])})


def joined(rows: ir.Table) -> ir.Table:
    """Join an expectation to an evaluation that the same customer gave at the same step on that day or later.

    The evaluations come in the order of their days, and each takes the latest expectation that is still free: as
    brackets close. A bracket's depth tells which closes which. The evaluation's row becomes the voice; halves that
    find none are refused.

    Shape
        voices with HALF and `outcome` -> the same rows, the expectations of joined ones filled in, outcomes settled
    Errors
        none
    Source
        METHOD.md section 5
    """
    stands = [*(["newness"] if "newness" in rows.columns else []), ROW, PART]
    order = ["date", "closes", *stands]
    free = rows[HALF].notnull() & rows.outcome.isin(("accepted", "no_customer"))
    known = rows.mutate(free=free, pairs=free & rows.customer_id.notnull(), closes=rows[HALF] == EVALUATION)
    group = ["customer_id", "step", "pairs"]
    so_far = ibis.window(group_by=group, order_by=order, preceding=None, following=0)
    height = known.mutate(height=known.closes.ifelse(-1, 1).sum().over(so_far))
    floor = height.mutate(floor=ibis.least(height.height.min().over(so_far), 0))
    deep = floor.mutate(depth=floor.height - floor.floor + floor.closes.cast("int64"))
    beside = ibis.window(group_by=[*group, "depth"], order_by=order)
    told = deep.mutate(
        before=deep[EXPECTATION].lag().over(beside),
        is_closed=(deep.closes.lead().over(beside) & ~deep.closes & deep.pairs).fill_null(False),
        closed=(~deep.closes.lag().over(beside) & deep.closes & deep.pairs).fill_null(False),
    )
    outcome = ibis.cases((told.is_closed, "joined"), (told.free & ~told.closed, "rejected"), else_=told.outcome)
    filled = told.closed.ifelse(told.before, told[EXPECTATION])
    settled = told.mutate(outcome=outcome, **{EXPECTATION: filled})
    return settled.select(rows.columns).order_by(stands)  # windows shuffle rows, and the same rows are the same bytes
