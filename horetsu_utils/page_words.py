"""The Japanese of page templates and scripts: found as messages, and replaced by what the catalogue says.

What stands between two tags is one message with its `{{ … }}` in it; so is an attribute's value, a text in quotes
inside a template's expression, and a script's text in double quotes. A translation may move
`{{ … }}`, repeat or leave it out, and has no markup of its own.
"""

import json
import re
from collections.abc import Callable, Iterator

from jinja2 import Environment
from jinja2.ext import Extension

from horetsu_utils import language
from horetsu_utils.literals import JAPANESE

_HOLE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_PIECES = re.compile(r"(\{#.*?#\}|\{%.*?%\}|<(?:\{\{.*?\}\}|[^<>])*>)", re.DOTALL)
"""Comments, statements and tags: what cuts a template's text into pieces."""
_ATTRIBUTE = re.compile(r'(?<==")[^"<>]*(?=")')
_NAME = re.compile(r"\{\w+\}")
"""What a script puts numbers in the place of."""
_QUOTED = re.compile(r"'([^'\\\n]*)'")
_SCRIPTED = re.compile(r'"([^"\\\n]*)"')

Say = Callable[[str, int], str]


def fits(told: str, message: str) -> bool:
    """Tell whether a translation holds only what its message holds: expressions, a script's names, and no markup."""
    rest = _HOLE.sub("", told)
    for name in _NAME.findall(_HOLE.sub("", message)):
        rest = rest.replace(name, "")
    return set(_HOLE.findall(told)) <= set(_HOLE.findall(message)) and not re.search(r"[<>{}\"\\]", rest)


def page(source: str, say: Say) -> str:
    """Return a template with each message replaced by what `say` answers, given its line."""
    made, line = [], 1
    for piece in _PIECES.split(source):
        made.append(_piece(piece, line, say))
        line += piece.count("\n")
    return "".join(made)


def script(source: str, say: Say) -> str:
    """Return a script, likewise."""

    def told(found: re.Match[str]) -> str:
        line = source.count("\n", 0, found.start()) + 1
        return json.dumps(say(found[1], line), ensure_ascii=False) if JAPANESE.search(found[1]) else found[0]

    return _SCRIPTED.sub(told, source)


def _piece(piece: str, line: int, say: Say) -> str:
    if piece.startswith("{#") or not JAPANESE.search(piece):
        return piece
    if piece.startswith("{%"):
        return _quoted(piece, line, say)
    if piece.startswith("<"):
        return _ATTRIBUTE.sub(lambda found: _run(found[0], line, say), piece)
    return _run(piece, line, say)


def _run(text: str, line: int, say: Say) -> str:
    """Translate a run of text and `{{ … }}`; where all its Japanese is quoted inside expressions, only that."""
    if JAPANESE.search(_HOLE.sub("", text)):
        bare = text.strip()
        text = text.replace(bare, say(bare, line + text[: text.index(bare)].count("\n")))
    return _HOLE.sub(lambda found: _quoted(found[0], line, say), text)


def _quoted(code: str, line: int, say: Say) -> str:
    def told(found: re.Match[str]) -> str:
        return f"'{say(found[1], line)}'".replace("\\", "") if JAPANESE.search(found[1]) else found[0]

    return _QUOTED.sub(told, code)


def messages(name: str, source: str) -> Iterator[tuple[int, str]]:
    """Yield each message of a template, or of a script (.js), with its line."""
    found: list[tuple[int, str]] = []

    def say(message: str, line: int) -> str:
        found.append((line, message))
        return message

    (script if name.endswith(".js") else page)(source, say)
    yield from found


def said(message: str, line: int = 0) -> str:
    """Return what the catalogue says of a message; the message itself, where it says nothing or what does not fit."""
    told = language.text(message)
    return told if fits(told, message) else message


class Pages(Extension):
    """Hands Jinja the templates in the language of the process; `lang` is its code."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.globals["lang"] = language.chosen()

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return a template's source as it is to be compiled."""
        return source if language.chosen() == language.JAPANESE else page(source, said)


def scripted(source: str) -> str:
    """Return a script in the language of the process."""
    return source if language.chosen() == language.JAPANESE else script(source, said)
