"""Answers against evidence: each rule of the kit on both sides of its line, by hand; intervals that straddle it."""

import ibis
import pytest
from by_hand import records
from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils import assets, rulebook
from horetsu_utils.metrics import evidence
from horetsu_utils.questions import EXACT, MEASURES, EvidenceRule

KIT = rulebook.diagnosis(assets.RULES / "diagnosis.yaml").evidence
COUNT = {"measure": "string", "part": "float64", "whole": "float64"}
SHARE = EvidenceRule("Q1", "known_sales_ratio", "名", "はい", "いいえ", "なし", at_least=0.9)
CEILING = EvidenceRule("Q8", "discounted_ratio", "名", "はい", "いいえ", "なし", at_most=0.3)
DAYS = EvidenceRule("Q4", "longest_silence_days", "名", "はい", "いいえ", "なし", at_most=13)


def told(rule: EvidenceRule, answer: str | None, part: float, whole: float, least: int = 30) -> tuple:
    measures = evidence.measured(ibis.memtable([(rule.measure, part, whole)], schema=COUNT))
    answers = ibis.memtable([(rule.question, answer)], schema={"question": "string", "answer": "string"})
    table = evidence.verdicts(answers, measures, (rule,), least=least)
    (found,) = records(table, "ground", "verdict", by=None)
    return found


def test_a_figure_by_hand() -> None:
    rows = [("discounted_ratio", 40, 100), ("longest_silence_days", 33, 2851), ("welcomed_stages_ratio", 3, 5)]
    found = records(evidence.measured(ibis.memtable(rows, schema=COUNT)), "value", "low", "high", by=None)
    # Wilson for 40 of 100: centre (.4 + .019207)/1.038415 = .40370, half .98083... × sqrt(.0024 + .000096) = .09428
    assert found[0] == pytest.approx((0.4, 0.30942, 0.49798), abs=5e-5)
    assert found[1] == (33, 33, 33)  # days are as they are
    assert found[2] == (0.6, 0.6, 0.6)  # of five stages all are known: no interval


def test_an_a_stands_on_its_ground_or_is_contradicted() -> None:
    # 960 of 1000: Wilson .9460-.9705, above .9; 840 of 1000: .8160-.8614, below
    assert told(SHARE, "A", 960, 1000) == ("holds", "supported")
    assert told(SHARE, "A", 840, 1000) == ("fails", "contradicted")


def test_an_interval_across_the_line_says_nothing() -> None:
    # 905 of 1000: .8852-.9216
    assert told(SHARE, "A", 905, 1000) == ("unsure", "no_data")
    assert told(SHARE, "D", 905, 1000) == ("unsure", "no_data")


def test_a_lower_answer_is_supported_by_what_is_missing_and_ready_where_it_is_there() -> None:
    for answer in "BCD":
        assert told(SHARE, answer, 840, 1000) == ("fails", "supported")
        assert told(SHARE, answer, 960, 1000) == ("holds", "ready")


def test_a_ceiling_is_kept_from_below() -> None:
    # 200 of 1000: .1764-.2259; 600 of 1000: .5693-.6299
    assert told(CEILING, "A", 200, 1000) == ("holds", "supported")
    assert told(CEILING, "A", 600, 1000) == ("fails", "contradicted")


@pytest.mark.parametrize(("days", "ground"), [(0, "holds"), (13, "holds"), (14, "fails"), (33, "fails")])
def test_days_are_compared_as_they_are(days: int, ground: str) -> None:
    assert told(DAYS, "A", days, 100)[0] == ground


def test_few_give_no_verdict_and_nothing_neither() -> None:
    assert told(SHARE, "A", 0, 29) == ("none", "no_data")
    assert told(SHARE, "A", 0, 30) == ("fails", "contradicted")
    assert told(SHARE, "A", 0, 0) == ("none", "no_data")
    assert told(DAYS, "A", 33, 0) == ("none", "no_data")


def test_without_an_answer_there_is_ground_and_no_verdict() -> None:
    measures = evidence.measured(ibis.memtable([(SHARE.measure, 960, 1000)], schema=COUNT))
    answers = ibis.memtable([], schema={"question": "string", "answer": "string"})
    table = evidence.verdicts(answers, measures, (SHARE, CEILING), least=30)
    rows = records(table, "question", "answer", "value", "ground", "verdict", by=None)
    assert rows == [("Q1", None, 0.96, "holds", None), ("Q8", None, None, "none", None)]


SIDES = {
    # measure: (enough for an A, too little for one), each as part of whole; the kit's lines are in the comments
    "known_sales_ratio": ((990, 1000), (500, 1000)),  # at least .9
    "known_tenure_ratio": ((990, 1000), (500, 1000)),  # at least .9
    "known_orders_ratio": ((990, 1000), (500, 1000)),  # at least .9
    "longest_silence_days": ((13, 500), (14, 500)),  # at most 13: from 14 on METHOD's gap of the scenario
    "planned_contact_ratio": ((800, 1000), (600, 1000)),  # at least .7
    "to_all_states_ratio": ((200, 1000), (400, 1000)),  # at most .3
    "welcomed_stages_ratio": ((5, 5), (4, 5)),  # all five
    "discounted_ratio": ((200, 1000), (400, 1000)),  # at most .3
    "greeted_dormant_ratio": ((600, 1000), (400, 1000)),  # at least .5
}


@pytest.mark.parametrize("rule", KIT, ids=lambda rule: rule.measure)
def test_every_rule_of_the_kit_on_both_sides_of_its_line(rule: EvidenceRule) -> None:
    enough, little = SIDES[rule.measure]
    assert told(rule, "A", *enough) == ("holds", "supported")
    assert told(rule, "A", *little) == ("fails", "contradicted")
    assert told(rule, "C", *enough) == ("holds", "ready")
    assert told(rule, "C", *little) == ("fails", "supported")


def test_the_kit_asks_the_records_about_the_first_nine_questions() -> None:
    assert [rule.question for rule in KIT] == [f"Q{number}" for number in range(1, 10)]
    assert {rule.measure for rule in KIT} == set(MEASURES) == set(SIDES)
    assert set(EXACT) <= set(MEASURES)
    for rule in KIT:
        assert all(rule.holds.count("{value}") <= 1 and text.endswith("。") for text in (rule.holds, rule.fails))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 500), st.integers(1, 500), st.sampled_from("ABCD"))
def test_no_answer_is_overruled(part: int, whole: int, answer: str) -> None:
    ground, verdict = told(SHARE, answer, min(part, whole), whole)
    assert (verdict == "contradicted") == (answer == "A" and ground == "fails")
    assert (verdict == "no_data") == (ground in ("none", "unsure"))
    assert answer == "A" or verdict != "contradicted"
