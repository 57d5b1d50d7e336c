"""The language of the process, as gettext programs have it: one environment variable, and a catalogue of messages.

Japanese is the language the package is written in. In another one each module is localised as it is loaded: its
Japanese literals are replaced by what the catalogue says of them (`literals`), so that the sentences can stand in the
text as they are read. What the catalogue does not know stays Japanese.
"""

import ast
import marshal
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import cache_from_source
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from horetsu_utils import literals

VARIABLE = "HORETSU_LANG"
JAPANESE, ENGLISH = "ja", "en"
LANGUAGES = (JAPANESE, ENGLISH)
PACKAGE = Path(__file__).resolve().parent
DOMAIN = "horetsu"

FEELINGS = frozenset({"良い", "普通", "悪い"})
"""What a story's feelings are called in the data; alone they are never translated where they stand."""

_OURS = "speaks of languages itself"
_DATA = "reads what customers and shops write"
_KEPT = "its words are kept in the client's cache, which all languages share"
LEFT_ALONE = {
    "language": _OURS,
    "literals": _OURS,
    "messages": _OURS,
    "page_words": _OURS,
    "units": _OURS,
    "demo": "writes an invented Japanese shop",
    "analyser": _DATA,
    "clauses": _DATA,
    "quotes": _DATA,
    "canon": _DATA,
    "method": _DATA,
    "relation": _DATA,
    "story_rules": _DATA,
    "climate_rules": _DATA,
    "ingest.aliases": _DATA,
    "ingest.answers": _DATA,
    "ingest.dates": _DATA,
    "ingest.evidence": _DATA,
    "ingest.identity": _DATA,
    "ingest.normalise": _DATA,
    "ingest.story": _DATA,
    "ingest.voices": _DATA,
    "ingest.account": _KEPT,
    "ingest.counts": _KEPT,
    "ingest.refused": _KEPT,
}
"""Modules whose Japanese stays, and why: a package's name stands for all in it."""
LEFT_NAMES = {
    "phrases": ("_DIGITS", "_STAND_INS", "_PLEASE", "_ASKED", "_MARKS", "_TITLE", "_HEADINGS"),
    "plans": ("EVERYBODY", "ENDINGS", "_BETWEEN", "_STAGES", "aimed"),
    "nicknames": ("FILE", "IDS", "NAMES"),
    "people_csv": ("UNWRITABLE", "TWINS", "_COULD_RUN"),
    "workbook": ("_NOT_IN_NAMES", "_STARTS_A_FORMULA"),
    "charts.theme": ("_NO_GLYPH",),
    "scaffold": ("FORMS",),
    "wording": ("money", "exact", "day", "day_of_year", "month", "month_of_year", "unended"),
    "draft_text": ("scalar",),
    "rule_checks": ("_BRACES",),
    "privacy": ("MASK", "_FEW_PEOPLE", "_ADDRESS"),
    "ingest.guess": ("_barred",),
    "ingest.money": ("_GOODS",),
    "ledger": ("_SAME_IN_CP932",),
    "ingest.survey": ("_KANA",),
    "ingest.persons": ("NOBODY",),
}
"""Of other modules the names whose words are matched against data."""


def chosen() -> str:
    """Return the code of the language of this process."""
    told = os.environ.get(VARIABLE, JAPANESE)
    return told if told in LANGUAGES else JAPANESE


def text(message: str) -> str:
    """Return what the catalogue says of a message; the message itself, where it says nothing."""
    return catalogue(chosen()).get(message, message)


def message(told: str) -> str:
    """Return the message that a translation is of (the first of several), as people may still write it."""
    return _messages(chosen()).get(told, told)


@cache
def _messages(language: str) -> Mapping[str, str]:
    return {told: message for message, told in reversed([*catalogue(language).items()])}


def place(language: str) -> Path:
    """Return where the catalogue of a language lies."""
    return PACKAGE / "locale" / language / "LC_MESSAGES" / f"{DOMAIN}.po"


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the translations of a language by their messages."""
    path = place(language)
    if language == JAPANESE or not path.is_file():
        return {}
    told: Mapping[str, str] = _kept(Path(cache_from_source(str(path))), _state(path), _read)
    return told


def _read() -> dict[str, str]:
    from babel.messages.pofile import read_po

    with place(chosen()).open("rb") as stream:
        return {
            str(each.id): str(each.string) for each in read_po(stream) if each.id and each.string and not each.fuzzy
        }


def is_left_alone(module: str) -> bool:
    """Return whether the Japanese of a module of the package (its name without the package's) stays."""
    return any(module == name or module.startswith(f"{name}.") for name in LEFT_ALONE)


def walker(say: literals.Say, module: str = "") -> literals.Walker:
    """Return the walk over a module's literals, or over those of a notebook."""
    return literals.Walker(say, left=LEFT_NAMES.get(module, ()), words=FEELINGS)


def said(message: literals.Message) -> str | None:
    """Return what the catalogue says of a literal; None where it says nothing, or what does not fit."""
    told = catalogue(chosen()).get(message.text)
    if told is not None and message.is_template:
        with suppress(literals.MisfitError):
            literals.pieces(told, message)
            return told
        return None
    return told


class _Loader(SourceFileLoader):
    """Loads a module in the language of the process; the compiled module is kept beside the Japanese one."""

    def get_code(self, fullname: str) -> CodeType:
        """Return the module's code, as compiled the last time if neither text, catalogue nor walk have changed."""
        source = Path(self.path)
        kept = Path(cache_from_source(self.path, optimization=chosen()))
        code: CodeType = _kept(kept, _state(source, place(chosen()), *_WALK), lambda: self._compiled(fullname))
        return code

    def _compiled(self, fullname: str) -> CodeType:
        tree = ast.parse(self.get_data(self.path), self.path)
        walked = walker(said, fullname.partition(".")[2]).visit(tree)
        code: CodeType = compile(ast.fix_missing_locations(walked), self.path, "exec", dont_inherit=True)
        return code


_WALK = (Path(literals.__file__), Path(__file__))


class _Finder(MetaPathFinder):
    """Finds the package's modules where they are, and has them loaded in the language of the process."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        package, _, module = fullname.partition(".")
        if package != PACKAGE.name or not module or is_left_alone(module):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec and spec.origin and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(fullname, spec.origin)
        return spec


class Cells:
    """What IPython hands the syntax tree of each notebook cell to."""

    def visit(self, tree: ast.Module) -> ast.Module:
        """Return a cell in the language of the process."""
        walked: ast.Module = ast.fix_missing_locations(walker(said).visit(tree))
        return walked


def install() -> None:
    """Have every module that is imported from here on, and every cell of a notebook, speak the chosen language."""
    if any(isinstance(each, _Finder) for each in sys.meta_path):
        return
    sys.meta_path.insert(0, _Finder())
    speak_in(getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)())


def speak_in(shell: Any) -> None:
    """Have the cells that a shell of IPython runs speak the chosen language."""
    if shell is not None and chosen() != JAPANESE:
        shell.ast_transformers.append(Cells())


def _state(*paths: Path) -> list[int]:
    states = [path.stat() for path in paths if path.is_file()]
    return [number for each in states for number in (each.st_mtime_ns, each.st_size)]


def _kept(path: Path, state: list[int], make: Callable[[], Any]) -> Any:
    """Return what was made in the same state before, or make it and keep it (if the folder can be written)."""
    with suppress(OSError, ValueError, EOFError, TypeError):
        found, made = marshal.loads(path.read_bytes())
        if found == state:
            return made
    made = make()
    if not sys.dont_write_bytecode:
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
            with os.fdopen(handle, "wb") as stream:
                stream.write(marshal.dumps((state, made)))
            Path(name).replace(path)
    return made
