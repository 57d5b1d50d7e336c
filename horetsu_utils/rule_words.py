"""What a rule file shows to people, in the language of the process; what it matches against data stays."""

from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel

from horetsu_utils import language
from horetsu_utils.literals import JAPANESE

FILES = ("stages", "guard", "segments", "board", "diagnosis", "emotions")
"""The rule files of which something is shown."""
_LEVELS = ("stage0", "stage1", "stage2", "stage3", "stage4", "unknown")
SHOWN = frozenset(
    {"name", "heart", "stance", "welcome_action", "why", "reason", "instead", "meaning", "next_step", "next_theme"}
    | {"axis", "ask", "A", "B", "C", "D", "holds", "fails", "missing", *_LEVELS}
)
"""The keys whose words are shown."""

Shown = TypeVar("Shown")


def shown(told: Shown) -> Shown:
    """Return what a rule file says with the words of the shown keys translated, once its words have been checked."""
    result: Any = told
    if language.chosen() == language.JAPANESE:
        return told
    if isinstance(told, BaseModel):
        values = {name: _value(name, value) for name, value in told}
        result = told.model_copy(update=values)
    elif isinstance(told, tuple | list):
        result = type(told)(shown(each) for each in told)
    return result


def _value(name: str, value: Any) -> Any:
    return language.text(value) if name in SHOWN and isinstance(value, str) else shown(value)


def messages(told: Any) -> Iterator[str]:
    """Yield the messages of a rule file, in their order."""
    for name, value in told.items() if isinstance(told, dict) else ():
        if name in SHOWN and isinstance(value, str):
            yield from (value,) if JAPANESE.search(value) else ()
        yield from messages(value)
    for each in told if isinstance(told, list) else ():
        yield from messages(each)
