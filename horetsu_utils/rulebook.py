"""The rule files → records: a rule that means nothing is refused with its line."""

from collections.abc import Sequence
from pathlib import Path

from horetsu_utils import rule_checks
from horetsu_utils.canon import ANSWERS
from horetsu_utils.errors import ConfigError
from horetsu_utils.questions import DiagnosisRules, EvidenceRule, Grade, Question
from horetsu_utils.relation import (
    COOLING,
    MARK,
    STAGES,
    ContactRules,
    GuardRules,
    Prohibition,
    SignalRule,
    Stage,
    StageRules,
    Support,
)
from horetsu_utils.rule_files import BoardFile, DiagnosisFile, GuardFile, SignalRow, StageFile
from horetsu_utils.rule_words import shown
from horetsu_utils.settings import Document, load

LEVELS = {"cooling": COOLING, "mark": MARK}


def stages(path: Path, *, kept: Sequence[str] = ()) -> StageRules:
    """Read the stages and their signals. `kept` are headings that the client keeps beside the canonical columns.

    Errors
        ConfigError naming the line of every unknown table, column, value, signal or number
    """
    document = load(path)
    told = document.validate(StageFile)
    refuse(document, "ステージの決め方", [*rule_checks.unsound_stages(told), *rule_checks.unsound_signals(told, kept)])
    told = shown(told)
    ordered = sorted(told.stages, key=lambda stage: stage.stage)
    return StageRules(
        tuple(Stage(**dict(stage)) for stage in ordered), tuple(map(_signal, told.signals)), told.regress_days
    )


def guard(path: Path) -> GuardRules:
    """Read what must not be done at which stage, by which words it shows, and how often one may write.

    Errors
        ConfigError naming the line of every unknown action and unusable word
    """
    document = load(path)
    told = document.validate(GuardFile)
    refuse(document, "施策の決まり", list(rule_checks.unsound_prohibitions(told)))
    told = shown(told)
    prohibitions = tuple(Prohibition(**dict(each)) for each in told.prohibitions)
    too_often = Prohibition("too_often", -1, **dict(told.too_often))
    return GuardRules(prohibitions, ContactRules(**dict(told.contact)), too_often)


def board(path: Path, prohibitions: Sequence[Prohibition]) -> tuple[Support, ...]:
    """Read what can be done for the customers on the weekly board, held against what must not be done.

    Errors
        ConfigError naming the line of every missing kind and of every sentence that breaks a prohibition of its stage
    """
    document = load(path)
    told = document.validate(BoardFile)
    refuse(document, "ボードの「できること」", list(rule_checks.unsound_board(told, prohibitions)))
    return tuple(
        Support(row.kind, tuple(getattr(row, f"stage{stage}") for stage in STAGES), row.unknown)
        for row in shown(told).supports
    )


def diagnosis(path: Path) -> DiagnosisRules:
    """Read the ten questions, the grades, and how an answer is held against the records.

    Errors
        ConfigError naming the line of every missing question, unknown measure and unsound line
    """
    document = load(path)
    told = document.validate(DiagnosisFile)
    refuse(document, "診断の決まり", list(rule_checks.unsound_diagnosis(told)))
    told = shown(told)
    asked = [dict(row) for row in told.questions]
    return DiagnosisRules(
        told.order,
        told.stake_weight,
        tuple(Question(answers={letter: row.pop(letter) for letter in ANSWERS}, **row) for row in asked),
        tuple(Grade(**dict(row)) for row in told.grades),
        tuple(EvidenceRule(**dict(row)) for row in told.evidence),
    )


def _signal(told: SignalRow) -> SignalRule:
    given = {name: value for name, value in dict(told).items() if value is not None and name != "stage"}
    return SignalRule(level=_level(told), **given)


def _level(told: SignalRow) -> int:
    return LEVELS[told.stage] if isinstance(told.stage, str) else told.stage


def refuse(document: Document, what: str, problems: list[rule_checks.Problem]) -> None:
    """Raise a ConfigError that tells each problem of a rule file with its line, if there is any."""
    if problems:
        lines = [f"・{document.line(location)}行目: {sentence}" for location, sentence in problems]
        raise ConfigError(
            f"{what}に直すところがあります。\n" + "\n".join(lines),
            where=str(document.path),
            next_step="上の行を直して、もう一度お試しください。",
        )
