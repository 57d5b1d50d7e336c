"""RFM × stage: where good numbers hide a thin tie, and where a supporter buys little."""

import ibis
import ibis.expr.types as ir

from horetsu_utils.relation import MatrixRules

HIGH, MIDDLE, LOW = LEVELS = ("high", "middle", "low")
THIN_TIE, QUIET_SUPPORTER = CELLS = ("thin_tie", "quiet_supporter")


def levelled(stages: ir.Table, scored: ir.Table, *, rules: MatrixRules) -> ir.Table:
    """Put the level of R, F and M beside each customer's stage, and name the two cells that tell most.

    Shape
        one row per customer with `stage`, one with three scores and `segment` -> one row per customer in both
    Columns
        stage [0-4]; segment; rfm_level: high / middle / low by the sum of the scores; cell: thin_tie (high level, low
        stage), quiet_supporter (low level, high stage) or null; recency_days, frequency, monetary_yen as scored
    Errors
        none
    Source
        METHOD.md section 3 (RFM × stage: two cells matter most)
    """
    points = scored.recency_score + scored.frequency_score + scored.monetary_score
    level = ibis.cases((points >= rules.high_points, HIGH), (points <= rules.low_points, LOW), else_=MIDDLE)
    figures = ("customer_id", "segment", "recency_days", "frequency", "monetary_yen")
    both = stages.join(scored.select(*figures, rfm_level=level), "customer_id")
    return both.mutate(
        cell=ibis.cases(
            ((both.rfm_level == HIGH) & (both.stage <= rules.low_stage), THIN_TIE),
            ((both.rfm_level == LOW) & (both.stage >= rules.high_stage), QUIET_SUPPORTER),
        )
    )


def matrix(levelled: ir.Table) -> ir.Table:
    """Count customers and sum their sales in each cell of RFM level × stage.

    Shape
        one row per customer -> one row per pair that occurs
    Columns
        rfm_level; stage [0-4]; customers [customer]; sales_yen [yen]
    Errors
        none
    Source
        METHOD.md section 3
    """
    cells = levelled.group_by(["rfm_level", "stage"])
    return cells.aggregate(customers=levelled.count(), sales_yen=levelled.monetary_yen.sum()).order_by(
        "rfm_level", "stage"
    )
