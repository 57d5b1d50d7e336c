"""The shop's answers held against what its records show: supported, contradicted, or no data."""

import ibis
import ibis.expr.types as ir

from horetsu_utils import intervals
from horetsu_utils.questions import EXACT, MATURE, MEASURES, EvidenceRule


def measured(counts: ir.Table) -> ir.Table:
    """Give each measure its figure: a share with its interval, or a number of days as it is.

    Shape
        measure, part, whole -> the same rows; the days of a measure in days are its `part`
    Columns
        value; low, high: 95 % (Wilson), or the value itself where it is exact [0-1, or day]
    Errors
        none; out of nothing there is no figure
    Source
        METHOD.md section 6
    """
    low, high = intervals.wilson(counts.part, counts.whole)
    part = (counts.whole > 0).ifelse(counts.part.cast("float64"), None)
    value = counts.measure.isin(_DAYS).ifelse(part, part / counts.whole)
    exact = counts.measure.isin(EXACT)
    return counts.mutate(value=value, low=exact.ifelse(value, low), high=exact.ifelse(value, high))


_DAYS = [name for name, unit in MEASURES.items() if unit == "day"]


def verdicts(answers: ir.Table, measures: ir.Table, rules: tuple[EvidenceRule, ...], *, least: int) -> ir.Table:
    """Hold each answer against the measure that its rule names; no answer is overruled.

    The records hold the ground for an A where the whole interval keeps the rule's line, and lack it where the whole
    interval misses it. An A without its ground is contradicted. A lower answer says that something is missing: it is
    supported where the ground is missing, and where it is there the shop is ready for more.

    Shape
        answers (question, answer or null), measures (of `measured`), rules -> one row per rule
    Columns
        question; measure; answer; value, low, high; whole [behind the measure]; ground: holds / fails / unsure / none;
        verdict: supported / contradicted / ready / no_data, or null where there is no answer
    Errors
        none; fewer than `least` behind a share give no verdict
    Source
        METHOD.md section 6 (answers against evidence)
    """
    told = [(rule.question, rule.measure, rule.at_least, rule.at_most, place) for place, rule in enumerate(rules)]
    kinds = {"question": "string", "measure": "string", "at_least": "float64", "at_most": "float64", "place": "int64"}
    lines = ibis.memtable(told, schema=kinds)
    known = lines.left_join(measures, "measure").drop("measure_right")
    rows = known.left_join(answers.select("question", "answer"), "question").drop("question_right")
    enough = (rows.value.notnull() & (rows.measure.isin(EXACT) | (rows.whole >= least))).fill_null(False)
    keeps = ((rows.low >= rows.at_least) | (rows.high <= rows.at_most)).fill_null(False)
    misses = ((rows.high < rows.at_least) | (rows.low > rows.at_most)).fill_null(False)
    ground = ibis.cases((~enough, "none"), (keeps, "holds"), (misses, "fails"), else_="unsure")
    return _judged(rows.mutate(ground=ground)).order_by("place").drop("place", "at_least", "at_most", "part")


def _judged(rows: ir.Table) -> ir.Table:
    mature = rows.answer == MATURE
    verdict = ibis.cases(
        (rows.answer.isnull(), ibis.null("string")),
        (rows.ground.isin(("none", "unsure")), "no_data"),
        (mature & (rows.ground == "fails"), "contradicted"),
        (~mature & (rows.ground == "holds"), "ready"),
        else_="supported",
    )
    return rows.mutate(verdict=verdict)
