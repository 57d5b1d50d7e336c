"""The records of a relationship: stages, the signals that tell them, what must not be done, how often one may write."""

import re
from dataclasses import dataclass, field, replace

HIGHEST_STAGE = 4
STAGES = tuple(range(HIGHEST_STAGE + 1))
COOLING = 9
"""The level of a signal that cools: sorted behind every other signal of its day."""
MARK = -1
"""The level of a signal that counts for nothing by itself: other signals refer to it."""


@dataclass(frozen=True)
class Stage:
    """What a stage means, and how to behave in it.

    `silence_days` is the stage's own rhythm: longer silence cools it (0: a stage that cannot cool). Source: METHOD.md
    section 3; the words stand in templates/rules/stages.yaml.
    """

    stage: int
    name: str
    heart: str
    stance: str
    welcome_action: str
    silence_days: int


@dataclass(frozen=True)
class SignalRule:
    """One row of the signal table: which rows of which table are a signal of which stage.

    `level` is the stage 0-4, COOLING or MARK. `condition` holds what a column must be, column by column. Of the rows
    that fulfil it, the signal are those whose running count (of rows, distinct weeks or rows in a row, within
    `window_days`, over all time where None) is at least `at_least` and, where given, at most `at_most`; `new_in` counts
    distinct values of a column instead. `steady` asks for that many gaps before the row whose deviation over mean is at
    most `spread`. With `quiet_days` the signal is given so many days later, if none of the signals `unless` came
    meanwhile. `after` is a signal that must have come before. `same` names a column within which rows are compared.
    Source: METHOD.md section 3; the rows stand in templates/rules/stages.yaml.
    """

    signal: str
    name: str
    level: int
    table: str
    why: str
    condition: dict[str, object] = field(default_factory=dict)
    at_least: int = 1
    at_most: int | None = None
    of: str = "rows"
    new_in: str = ""
    same: str = ""
    steady: int = 0
    spread: float = 0.0
    window_days: int | None = None
    quiet_days: int = 0
    unless: tuple[str, ...] = ()
    after: str = ""
    provisional: bool = False


@dataclass(frozen=True)
class StageRules:
    """The stages in their order, the signals, and after how many cooling days a stage is lost."""

    stages: tuple[Stage, ...]
    signals: tuple[SignalRule, ...]
    regress_days: int

    @property
    def rhythm(self) -> "StageRhythm":
        """The numbers that the walk along the signals needs."""
        return StageRhythm(tuple(stage.silence_days for stage in self.stages), self.regress_days)

    @property
    def landing_days(self) -> int:
        """So many quiet days a first order needs before it is a signal: of the first rule that waits."""
        return next((rule.quiet_days for rule in self.signals if rule.quiet_days), 0)

    def waiting(self, *, landing_days: int | None = None, regress_days: int | None = None) -> "StageRules":
        """Return the same rules with other days to wait; what is not given stays.

        `landing_days` stands in for the quiet days of every signal that waits, and in its name.
        """
        days = self.regress_days if regress_days is None else regress_days
        signals = self.signals if landing_days is None else tuple(_waiting(rule, landing_days) for rule in self.signals)
        return replace(self, signals=signals, regress_days=days)

    @property
    def tables(self) -> tuple[str, ...]:
        """The canonical tables whose rows can be signals, in the order of the rules."""
        named = (SOURCES[rule.table] for rule in self.signals if rule.level != MARK)
        return tuple(dict.fromkeys(named))


def _waiting(rule: SignalRule, days: int) -> SignalRule:
    """Let a signal that waits wait so many days; a name that tells the old number must not tell it any longer."""
    if not rule.quiet_days:
        return rule
    told = re.sub(rf"(?<!\d){rule.quiet_days}(?=日)", str(days), rule.name)
    return replace(rule, quiet_days=days, name=told)


@dataclass(frozen=True)
class StageRhythm:
    """How long each stage stays warm without a signal, and after how many cooling days a stage is lost."""

    silence_days: tuple[int, ...]
    regress_days: int


SOURCES = {
    "orders": "orders",
    "returns": "orders",
    "lines": "orders",
    "customers": "customers",
    "story": "story",
    "touchpoints": "touchpoints",
    "voices": "voices",
    "events": "events",
}
"""The tables that a signal may stand in, each with the canonical table it comes from."""
PURCHASES = ("orders", "lines", "returns")
"""Tables that tell of purchases only: they never prove a stage above 1."""


@dataclass(frozen=True)
class Prohibition:
    """What must not be done to customers of one stage, by its action code, and the words that give it away.

    In `words`, `#` stands for a number and `…` for a few signs between. `without` are words whose absence breaks the
    rule (a text to a supporter without thanks). Source: METHOD.md section 3; the rows stand in
    templates/rules/guard.yaml.
    """

    action: str
    stage: int
    name: str
    reason: str
    instead: str
    words: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class ContactRules:
    """The rules that count days, letters and contacts; `discount_words` tell a discount where no rate is given.

    Source: METHOD.md section 3; the numbers are the kit's own and stand in templates/rules/guard.yaml.
    """

    signup_days: int = 30
    discount_words: tuple[str, ...] = ()
    long_characters: int = 1000
    long_days: int = 7
    week_days: int = 7
    contacts_a_week: int = 3
    uncounted_channels: tuple[str, ...] = ("同梱物",)
    flood_characters: int = 2000
    flood_topics: int = 6


@dataclass(frozen=True)
class GuardRules:
    """All rules a planned action is held against, and in words what too many contacts mean and what to do instead."""

    prohibitions: tuple[Prohibition, ...]
    contact: ContactRules
    too_often: Prohibition


CHANGED, SMILE, KEEPS, LOW = KINDS = ("changed", "smile", "keeps", "low")
"""Where on the weekly board a customer stands. Source: METHOD.md section 7."""
PAST = "{past}"
"""Stands in a suggestion for how the customer's records have moved."""
LONGEST_SUGGESTION = 36
"""Characters, so that a full board stays on one page."""


@dataclass(frozen=True)
class Support:
    """What a shop can do for customers of one kind on the weekly board, by stage; `unknown` is fit for every stage.

    Source: METHOD.md section 7; the sentences stand in templates/rules/board.yaml.
    """

    kind: str
    by_stage: tuple[str, ...]
    unknown: str


@dataclass(frozen=True)
class MatrixRules:
    """When R, F and M together are high or low (the sum of three scores, 3-15), and which stages are high or low.

    Source: METHOD.md section 3 names the two cells; the lines are the kit's own.
    """

    high_points: int = 12
    low_points: int = 7
    high_stage: int = 3
    low_stage: int = 1
