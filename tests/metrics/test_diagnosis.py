"""The diagnosis: latest answers, people, the joint answer, how it was before, and the next thing, by hand."""

import datetime as dt

import ibis
import pytest
from by_hand import records
from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils import assets, rulebook
from horetsu_utils.canon import ANSWERS, QUESTIONS
from horetsu_utils.metrics import diagnosis

ANSWER = {"question": "string", "answer": "string", "answered_by": "string", "date": "date", "comment": "string"}
STAKE = {"question": "string", "yen": "float64"}
RULES = rulebook.diagnosis(assets.RULES / "diagnosis.yaml")
MARCH, JUNE = dt.date(2026, 3, 1), dt.date(2026, 6, 1)


def answers(*rows: tuple) -> ibis.Table:
    """Make answers of (question, answer, who, day)."""
    told = [dict(zip(ANSWER, (*row, None, None)[:5], strict=True)) for row in rows]
    return ibis.memtable(told, schema=ANSWER)


def all_ten(letters: str, who: str | None = "店主", day: dt.date | None = JUNE) -> list[tuple]:
    """Answer Q1 to Q10 with the letters."""
    return [(question, letter, who, day) for question, letter in zip(QUESTIONS, letters, strict=True)]


def joint(*rows: tuple) -> ibis.Table:
    return diagnosis.joint(diagnosis.latest(answers(*rows)))


def test_the_latest_answer_of_each_person_counts() -> None:
    told = diagnosis.latest(
        answers(
            ("Q1", "C", "店主", MARCH), ("Q1", "B", "店主", JUNE), ("Q1", "A", "店主", None),
            ("Q1", "D", " 店主 ", MARCH), ("Q1", "A", "CRM", MARCH), ("Q2", "A", None, None),
        )
    )  # fmt: skip
    found = records(told, "answered_by", "question", "answer", "on", by=None)
    # an untold day is before all others; a space around a name makes nobody else
    assert found == [("", "Q2", "A", None), ("CRM", "Q1", "A", MARCH), ("店主", "Q1", "B", JUNE)]


def test_of_two_answers_of_one_day_the_less_mature_counts() -> None:
    told = diagnosis.latest(answers(("Q1", "B", "店主", JUNE), ("Q1", "D", "店主", JUNE)))
    assert records(told, "answer", by=None) == [("D",)]


def test_people_by_hand() -> None:
    told = diagnosis.by_person(diagnosis.latest(answers(*all_ten("AABACCBDAA"), ("Q1", "A", "CRM", MARCH))))
    # AABACCBDAA has A at places 1, 2, 4, 9 and 10
    assert records(told, "answered_by", "on", "answered", "mature", by=None) == [
        ("CRM", MARCH, 1, 1), ("店主", JUNE, 10, 5),
    ]  # fmt: skip


def test_an_a_of_all_takes_all_of_them() -> None:
    told = joint(("Q1", "A", "店主"), ("Q1", "C", "CRM"), ("Q2", "A", "店主"), ("Q2", "A", "CRM"), ("Q3", "D", "CRM"))
    assert records(told, "question", "answer", "highest", "people", "agreed", by=None) == [
        ("Q1", "C", "A", 2, False), ("Q2", "A", "A", 2, True), ("Q3", "D", "D", 1, True),
    ]  # fmt: skip


def test_history_tells_how_each_day_looked() -> None:
    rows = [
        *all_ten("D" * 10, day=MARCH),
        ("Q1", "A", "店主", JUNE),
        ("Q2", "A", "CRM", JUNE),
        ("Q3", "A", "CRM", None),
    ]
    told = diagnosis.history(answers(*rows))
    assert records(told, "on", "answered_by", "answered", "mature", by=None) == [
        (MARCH, "店主", 10, 0),
        (JUNE, "CRM", 2, 2),  # the answer without a date was known by then
        (JUNE, "店主", 10, 1),  # nine of March, and the new one
    ]


def next_things(letters: str, *stakes: tuple[str, float]) -> list[tuple[str, float]]:
    table = diagnosis.next_things(joint(*all_ten(letters)), ibis.memtable(list(stakes), schema=STAKE), RULES)
    return records(table, "question", "weight", by=None)


def test_without_yen_the_order_of_dependencies_decides() -> None:
    # order Q10, Q1, Q2, Q3, Q6, Q4, Q5, Q7, Q8, Q9; not A are Q2, Q4 and Q9: 1/1, 1/2, 1/3
    assert next_things("ABACAAAAB" + "A") == [("Q2", 1.0), ("Q4", 0.5), ("Q9", pytest.approx(1 / 3))]


def test_most_of_the_yen_brings_the_next_axis_forward() -> None:
    # Q2 without yen, Q4 with 80 of 100, Q9 with 20: 1; (1 + 2 × .8) / 2 = 1.3; (1 + 2 × .2) / 3 = .4667
    assert next_things("ABACAAAABA", ("Q4", 80.0), ("Q9", 20.0)) == [
        ("Q4", pytest.approx(1.3)), ("Q2", 1.0), ("Q9", pytest.approx(1.4 / 3)),
    ]  # fmt: skip
    # half of the yen is not enough: (1 + 2 × .5) / 2 = 1, and the earlier one stands
    assert next_things("ABACAAAABA", ("Q4", 50.0), ("Q9", 50.0))[0] == ("Q2", 1.0)
    # all of the yen on the third: (1 + 2) / 3 = 1: it never overtakes the first
    assert [question for question, _ in next_things("ABACAAAABA", ("Q9", 100.0))] == ["Q2", "Q9", "Q4"]


def test_yen_of_an_axis_that_is_a_weighs_nothing() -> None:
    # Q3 is A: of the yen of the open ones all stands on Q4
    assert next_things("AAACAAAAAA", ("Q3", 900.0), ("Q4", 1.0)) == [("Q4", 3.0)]


def test_where_all_are_a_nothing_is_next() -> None:
    assert next_things("A" * 10, ("Q4", 1.0)) == []


@settings(max_examples=30, deadline=None)
@given(st.text(alphabet="ABCD", min_size=10, max_size=10), st.lists(st.floats(0, 1e9), min_size=10, max_size=10))
def test_the_next_thing_is_open_and_no_later_than_second(letters: str, yen: list[float]) -> None:
    found = next_things(letters, *zip(QUESTIONS, yen, strict=True))
    waiting = [q for q in RULES.order if letters[QUESTIONS.index(q)] != "A"]
    assert sorted(q for q, _ in found) == sorted(waiting)
    assert not found or found[0][0] in waiting[:2]


@pytest.mark.parametrize(
    ("mature", "grade"), [(10, "A"), (9, "A"), (8, "B"), (7, "B"), (6, "C"), (5, "C"), (1, "C"), (0, "C")]
)
def test_the_grade_is_told_by_the_number_of_a_alone(mature: int, grade: str) -> None:
    assert RULES.grade(mature).grade == grade


def test_every_question_has_four_answers_and_a_first_step() -> None:
    assert [each.question for each in RULES.questions] == list(QUESTIONS)
    for each in RULES.questions:
        assert tuple(each.answers) == ANSWERS
        assert len(set(each.answers.values())) == len(ANSWERS)
        assert each.next_step.endswith("。")
