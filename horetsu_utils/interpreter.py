"""Work for a client whose language is not that of the process: it is done by a process of its own, in that language."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from horetsu_utils import language

if TYPE_CHECKING:
    from horetsu_utils.client import Client

_COMMAND = ("-P", "-c", "from horetsu_utils.cli import main; main()")
_PASSED_ON = ("SIGINT", "SIGTERM", "SIGHUP")
IS_WINDOWS = os.name == "nt"


def environment(spoken: str) -> dict[str, str]:
    """Return the environment in which a process speaks a language."""
    return os.environ | {language.VARIABLE: spoken}


def handed_over(client: "Client", command: str, *arguments: str, **options: str) -> bool:
    """Run a command in the client's language, if this process speaks another; tell whether it did.

    What the other process says appears where this one's words would, and Ctrl-C reaches it.

    Errors
        typer.Exit with the other process's exit status, if that is not 0
    """
    if client.config.lang == language.chosen():
        return False
    told = [part for name, value in options.items() if value for part in (f"--{name.replace('_', '-')}", value)]
    status = handed(command, [*arguments, *told], client.config.lang)
    if status:
        raise typer.Exit(status)
    return True


def handed(command: str, words: Sequence[str], spoken: str) -> int:
    """Run a command with these words in a process that speaks a language; return its exit status."""
    return call([sys.executable, *_COMMAND, command, *words], environment(spoken))


def call(command: list[str], variables: Mapping[str, str]) -> int:
    """Run a command to its end, and return its exit status; signals that ask this process to end are passed on."""
    # in a group of its own the command hears of Ctrl-C once, from here; on Windows the console tells both
    own: dict[str, Any] = {} if IS_WINDOWS else {"process_group": 0}
    with subprocess.Popen(command, env=dict(variables), **own) as process:
        before = {each: signal.signal(each, _passing_on(process)) for each in _signals()}
        try:
            status = process.wait()
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
    return status if status >= 0 else 128 - status


def _signals() -> list[signal.Signals]:
    return [signal.Signals[name] for name in _PASSED_ON if name in signal.Signals.__members__]


def _passing_on(process: subprocess.Popen[bytes]) -> Any:
    def passed_on(number: int, _: object) -> None:
        if not IS_WINDOWS:
            process.send_signal(number)

    return passed_on
