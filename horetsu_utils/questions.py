"""The records of the diagnosis: ten questions, the grades, and how an answer is held against the records."""

from collections.abc import Mapping
from dataclasses import dataclass

from horetsu_utils.canon import ANSWERS, QUESTIONS

MATURE = ANSWERS[0]
"""The answer that counts for the grade."""
MEASURED = tuple(question for question in QUESTIONS if question != "Q10")
"""The questions that records can speak of; the last asks what one thinks. Source: METHOD.md section 6."""
VALUE = "{value}"
"""What stands for the measured figure in the sentences of a rule."""
MEASURES = {
    "known_sales_ratio": "ratio",
    "known_tenure_ratio": "ratio",
    "known_orders_ratio": "ratio",
    "longest_silence_days": "day",
    "planned_contact_ratio": "ratio",
    "to_all_states_ratio": "ratio",
    "welcomed_stages_ratio": "ratio",
    "discounted_ratio": "ratio",
    "greeted_dormant_ratio": "ratio",
}
"""What a rule may measure, with the unit."""
EXACT = ("longest_silence_days", "welcomed_stages_ratio")
"""Measures that are known, not estimated: they have no interval, and need no crowd."""
LONGEST_AXIS = 14
"""Characters: a longer name of an axis does not fit beside its link of the chain."""


@dataclass(frozen=True)
class Question:
    """One question of the diagnosis. `axis` is its short name; `answers` words each letter; `next_step` is the first
    step where the answer is not A. Source: METHOD.md section 6; the words stand in templates/rules/diagnosis.yaml.
    """

    question: str
    axis: str
    ask: str
    answers: Mapping[str, str]
    next_step: str


@dataclass(frozen=True)
class Grade:
    """What `least` answers A and more mean, and the theme that comes next. Source: METHOD.md section 6."""

    grade: str
    least: int
    meaning: str
    next_theme: str


@dataclass(frozen=True)
class EvidenceRule:
    """What the records must show for an answer A to a question, and the sentences for the client.

    The ground for A is there where the measure is `at_least` or `at_most` so much. `{value}` in the sentences stands
    for the measured figure. Source: METHOD.md section 6; the lines are the kit's own.
    """

    question: str
    measure: str
    name: str
    holds: str
    fails: str
    missing: str
    at_least: float | None = None
    at_most: float | None = None

    @property
    def line(self) -> float:
        """The line that the measure must keep."""
        return next(line for line in (self.at_least, self.at_most) if line is not None)


@dataclass(frozen=True)
class DiagnosisRules:
    """The whole diagnosis. `order` is that of the method's dependencies; `stake_weight` the weight of the yen at stake.

    Source: METHOD.md section 6.
    """

    order: tuple[str, ...]
    stake_weight: float
    questions: tuple[Question, ...]
    grades: tuple[Grade, ...]
    evidence: tuple[EvidenceRule, ...]

    def __getitem__(self, question: str) -> Question:
        """Return the question of that code."""
        return next(each for each in self.questions if each.question == question)

    def grade(self, mature: int) -> Grade:
        """Return the grade that so many answers A give."""
        return next(each for each in self.grades if mature >= each.least)
