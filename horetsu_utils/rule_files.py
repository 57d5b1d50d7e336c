"""What the rule files may say: their keys and the limits of their values."""

from typing import Annotated, Any, Literal

from pydantic import Field

from horetsu_utils.questions import LONGEST_AXIS
from horetsu_utils.relation import LONGEST_SUGGESTION, ContactRules
from horetsu_utils.settings import Strict

Count = Annotated[int, Field(ge=1, le=1000, strict=True)]
Days = Annotated[int, Field(ge=1, le=3660, strict=True)]
Text = Annotated[str, Field(min_length=1, max_length=500)]


class StageRow(Strict):
    """One stage, as relation.Stage."""

    stage: Annotated[int, Field(ge=0, le=4, strict=True)]
    name: Text
    heart: Text
    stance: Text
    welcome_action: Text
    silence_days: Annotated[int, Field(ge=0, le=3660, strict=True)]


class SignalRow(Strict):
    """One row of the signal table, as relation.SignalRule; `stage` is a number, cooling or mark."""

    signal: Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,49}$")]
    name: Text
    stage: Literal[0, 1, 2, 3, 4, "cooling", "mark"]
    table: str
    why: Text
    condition: dict[str, Any] = Field(default_factory=dict)
    at_least: Count = 1
    at_most: Count | None = None
    of: Literal["rows", "weeks", "in_a_row"] = "rows"
    new_in: str = ""
    same: str = ""
    steady: Annotated[int, Field(ge=2, le=50, strict=True)] | None = None
    spread: Annotated[float, Field(gt=0, le=10, strict=True)] | None = None
    window_days: Days | None = None
    quiet_days: Days | None = None
    unless: tuple[str, ...] = ()
    after: str = ""
    provisional: Annotated[bool, Field(strict=True)] = False


class StageFile(Strict):
    """The whole of stages.yaml."""

    regress_days: Days
    stages: tuple[StageRow, ...]
    signals: tuple[SignalRow, ...]


class _Contact(Strict):
    signup_days: Days = ContactRules.signup_days
    discount_words: tuple[str, ...] = ()
    long_characters: Days = ContactRules.long_characters
    long_days: Days = ContactRules.long_days
    week_days: Days = ContactRules.week_days
    contacts_a_week: Count = ContactRules.contacts_a_week
    uncounted_channels: tuple[str, ...] = ContactRules.uncounted_channels
    flood_characters: Annotated[int, Field(ge=1, strict=True)] = ContactRules.flood_characters
    flood_topics: Count = ContactRules.flood_topics


class _Words(Strict):
    name: Text
    reason: Text
    instead: Text


class ProhibitionRow(_Words):
    """One action that must not be done, as relation.Prohibition."""

    action: str
    stage: Annotated[int, Field(ge=0, le=4, strict=True)]
    words: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


class GuardFile(Strict):
    """The whole of guard.yaml."""

    contact: _Contact = _Contact()
    too_often: _Words
    prohibitions: tuple[ProhibitionRow, ...]


Suggestion = Annotated[str, Field(min_length=1, max_length=LONGEST_SUGGESTION)]


class SupportRow(Strict):
    """What can be done for customers of one kind on the weekly board, as relation.Support."""

    kind: Literal["changed", "smile", "keeps", "low"]
    stage0: Suggestion
    stage1: Suggestion
    stage2: Suggestion
    stage3: Suggestion
    stage4: Suggestion
    unknown: Suggestion


class BoardFile(Strict):
    """The whole of board.yaml."""

    supports: tuple[SupportRow, ...]


class QuestionRow(Strict):
    """One question of the diagnosis, as questions.Question."""

    question: str
    axis: Annotated[str, Field(min_length=1, max_length=LONGEST_AXIS)]
    ask: Text
    A: Text
    B: Text
    C: Text
    D: Text
    next_step: Text


class GradeRow(Strict):
    """One grade, as questions.Grade."""

    grade: Literal["A", "B", "C"]
    least: Annotated[int, Field(ge=0, le=10, strict=True)]
    meaning: Text
    next_theme: Text


class EvidenceRow(Strict):
    """One rule that holds an answer against the records, as questions.EvidenceRule."""

    question: str
    measure: str
    name: Text
    holds: Text
    fails: Text
    missing: Text
    at_least: Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)] | None = None
    at_most: Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)] | None = None


class DiagnosisFile(Strict):
    """The whole of diagnosis.yaml."""

    order: tuple[str, ...]
    stake_weight: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False, strict=True)]
    questions: tuple[QuestionRow, ...]
    grades: tuple[GradeRow, ...]
    evidence: tuple[EvidenceRow, ...] = ()


class EmotionRow(Strict):
    """One emotion and the words that tell it, as lexicon.Emotion."""

    emotion: Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,49}$")]
    name: Text
    side: Literal["良い", "悪い"]
    words: Annotated[tuple[Text, ...], Field(min_length=1)]


class EmotionFile(Strict):
    """The whole of emotions.yaml."""

    names: tuple[Text, ...] = ()
    emotions: tuple[EmotionRow, ...]


class ProductRow(Strict):
    """Ids and names that are one product, as people call it."""

    name: Text
    ids: tuple[Text, ...] = ()
    names: tuple[Text, ...] = ()


class HeldRow(Strict):
    """One product in a bundle, by its id or its name."""

    id: Annotated[str, Field(max_length=500)] = ""
    name: Annotated[str, Field(max_length=500)] = ""


class BundleRow(Strict):
    """A bundle, and what it holds; what stands in it twice is two."""

    ids: tuple[Text, ...] = ()
    names: tuple[Text, ...] = ()
    holds: Annotated[tuple[HeldRow, ...], Field(min_length=1, max_length=100)]


class ProductFile(Strict):
    """The whole of products.yaml."""

    products: tuple[ProductRow, ...] = ()
    bundles: tuple[BundleRow, ...] = ()
