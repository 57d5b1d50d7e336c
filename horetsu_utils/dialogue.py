"""Questions at the keyboard: arrow keys and Enter, and somebody must be sitting there."""

import sys
from collections.abc import Callable
from typing import Any, TypeAlias

import questionary
from questionary import Choice

from horetsu_utils.errors import ConfigError

KEYS = "(↑↓ で選び、Enter で決めます)"

Ask: TypeAlias = Callable[[questionary.Question], Any]


def asked(question: questionary.Question) -> Any:
    """Ask, and let Ctrl-C through."""
    return question.unsafe_ask()


def select(message: str, choices: list[Choice], preselected: str | None = None) -> questionary.Question:
    """Return a question that is answered by choosing."""
    return questionary.select(message, choices, default=preselected, qmark="", instruction=KEYS, use_jk_keys=False)


def refuse_pipe(next_step: str) -> None:
    """Make sure that somebody sits at the keyboard.

    Errors
        ConfigError telling the other ways, which stand in `next_step`
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise ConfigError("ここでは、質問を画面に出してお答えいただくことができません。", next_step=next_step)
