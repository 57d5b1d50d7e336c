"""The diagnosis: each person's latest answers, what all agree on, how it was before, and the one next thing."""

import ibis
import ibis.expr.types as ir

from horetsu_utils.questions import MATURE, DiagnosisRules

SHARE_DIGITS = 6


def latest(answers: ir.Table) -> ir.Table:
    """Keep of each person the latest answer to each question.

    Shape
        answers -> one row per person and question answered
    Columns
        answered_by ('' where nobody is named); question; answer; on [date, null where it is untold]; comment
    Errors
        none; an answer without a date is older than any with one
    Source
        METHOD.md section 6
    """
    named = answers.select(
        "question", "answer", "comment", on=answers.date, answered_by=answers.answered_by.strip().fill_null("")
    )
    return _newest(named, "answered_by", "question").order_by("answered_by", "question")


def _newest(answers: ir.Table, *same: str) -> ir.Table:
    """Keep of the answers that share some columns the latest one; of two of one day, the less mature."""
    order = [ibis.desc("on", nulls_first=False), ibis.desc("answer"), "comment"]
    ranked = answers.mutate(place=ibis.row_number().over(ibis.window(group_by=same, order_by=order)))
    return ranked.filter(ranked.place == 0).drop("place")


def by_person(latest: ir.Table) -> ir.Table:
    """Count each person's answers, and those that are A.

    Shape
        latest answers -> one row per person
    Columns
        answered_by; on: the latest day; answered, mature [question]
    Errors
        none
    Source
        METHOD.md section 6 (grade by the number of A only)
    """
    rows = latest.group_by("answered_by").aggregate(
        on=latest.on.max(), answered=latest.count(), mature=(latest.answer == MATURE).sum()
    )
    return rows.order_by("answered_by")


def joint(latest: ir.Table) -> ir.Table:
    """Put the answers of all people together: the least mature one stands, so that an A is what all of them say.

    Shape
        latest answers -> one row per question that anybody answered
    Columns
        question; answer; highest: the most mature of the answers; people [person]; agreed
    Errors
        none
    Source
        METHOD.md section 6; that one doubt is enough is the kit's own caution
    """
    rows = latest.group_by("question").aggregate(
        answer=latest.answer.max(), highest=latest.answer.min(), people=latest.count()
    )
    return rows.mutate(agreed=rows.answer == rows.highest).order_by("question")


def history(answers: ir.Table) -> ir.Table:
    """Tell how each person's diagnosis stood on every day on which they answered.

    Shape
        answers -> one row per person and day
    Columns
        answered_by; on; answered, mature [question]: by the latest answers up to that day
    Errors
        none; answers without a date are no point on the line, and are known on every day
    Source
        METHOD.md section 6
    """
    named = answers.mutate(on=answers.date, answered_by=answers.answered_by.strip().fill_null(""))
    days = named.filter(named.on.notnull()).select("answered_by", until="on").distinct()
    known = days.join(named, "answered_by")
    seen = known.filter((known.on <= known.until).fill_null(True))
    held = _newest(seen, "answered_by", "until", "question")
    rows = held.group_by("answered_by", "until").aggregate(answered=held.count(), mature=(held.answer == MATURE).sum())
    return rows.rename(on="until").order_by("on", "answered_by")


def next_things(joint: ir.Table, stakes: ir.Table, rules: DiagnosisRules) -> ir.Table:
    """Rank the axes that are not A: the earliest in the order of dependencies first, weighted by the yen at stake.

    The n-th of them weighs (1 + stake_weight x its share of all yen at stake) / n: an axis comes before the earlier one
    only if most of the yen stands on it. Without yen the order alone decides.

    Shape
        joint answers, stakes (question, yen), rules -> one row per axis that was answered and is not A
    Columns
        question; answer; place: in the order of dependencies [1-10]; yen [yen, null where none is known]; weight
    Errors
        none; where all are A there are no rows
    Source
        METHOD.md section 6 (the one next thing); the weighting is the kit's own
    """
    order = ibis.memtable({"question": rules.order, "place": range(1, len(rules.order) + 1)})
    open_ones = joint.filter(joint.answer != MATURE).select("question", "answer")
    known = open_ones.join(order, "question").left_join(stakes, "question").drop("question_right")
    yen = known.yen.cast("float64")
    nth = ibis.row_number().over(ibis.window(order_by=known.place)) + 1
    told = known.mutate(yen=yen, nth=nth, whole=yen.sum().over(ibis.window()))
    share = (told.yen / told.whole.nullif(0)).fill_null(0).round(SHARE_DIGITS)
    weighed = told.mutate(weight=(1 + rules.stake_weight * share) / told.nth).drop("nth", "whole")
    return weighed.select("question", "answer", "place", "yen", "weight").order_by(ibis.desc("weight"), "place")
