"""stages.yaml and guard.yaml → records: a rule that means nothing is refused with its line."""

from collections.abc import Sequence
from pathlib import Path

from horetsu_utils import rule_checks
from horetsu_utils.errors import ConfigError
from horetsu_utils.relation import (
    COOLING,
    MARK,
    ContactRules,
    GuardRules,
    Prohibition,
    SignalRule,
    Stage,
    StageRules,
)
from horetsu_utils.rule_files import GuardFile, SignalRow, StageFile
from horetsu_utils.settings import Document, load

LEVELS = {"cooling": COOLING, "mark": MARK}


def stages(path: Path, *, kept: Sequence[str] = ()) -> StageRules:
    """Read the stages and their signals. `kept` are headings that the client keeps beside the canonical columns.

    Errors
        ConfigError naming the line of every unknown table, column, value, signal or number
    """
    document = load(path)
    told = document.validate(StageFile)
    _refuse(document, "ステージの決め方", [*rule_checks.unsound_stages(told), *rule_checks.unsound_signals(told, kept)])
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
    _refuse(document, "施策の決まり", list(rule_checks.unsound_prohibitions(told)))
    prohibitions = tuple(Prohibition(**dict(each)) for each in told.prohibitions)
    too_often = Prohibition("too_often", -1, **dict(told.too_often))
    return GuardRules(prohibitions, ContactRules(**dict(told.contact)), too_often)


def _signal(told: SignalRow) -> SignalRule:
    given = {name: value for name, value in dict(told).items() if value is not None and name != "stage"}
    return SignalRule(level=_level(told), **given)


def _level(told: SignalRow) -> int:
    return LEVELS[told.stage] if isinstance(told.stage, str) else told.stage


def _refuse(document: Document, what: str, problems: list[rule_checks.Problem]) -> None:
    if problems:
        lines = [f"・{document.line(location)}行目: {sentence}" for location, sentence in problems]
        raise ConfigError(
            f"{what}に直すところがあります。\n" + "\n".join(lines),
            where=str(document.path),
            next_step="上の行を直して、もう一度お試しください。",
        )
