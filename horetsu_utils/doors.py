"""What a client's data cannot tell yet: left out of the pages, and gathered once at their end as questions.

A cell says in its metadata which canonical tables it cannot do without (`horetsu.needs`), or of which one is enough
(`horetsu.needs_one`). What a heading needs holds for everything below it, up to the next heading.
"""

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from horetsu_utils import language
from horetsu_utils.chapters import METADATA
from horetsu_utils.findings import collect as collected

MIME = "application/vnd.horetsu.later+json"
UNSHOWN = {"parameters", "setup", "interactive", "consultant", "cover"}
"""Cells that no chapter shows to the shop."""
ASKS = "\u304b"
"""By its last sign a heading is known as a question: the notebooks are written in Japanese."""
MORE = "今ある記録に書き足すと"


@dataclass(frozen=True)
class Later:
    """A sentence for the analyst in the place of a picture: on the pages it stands among what more data would tell."""

    sentence: str

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {
            MIME: {"sentence": self.sentence},
            "text/html": f'<p class="hz-remark">{html.escape(self.sentence)}</p>',
            "text/plain": self.sentence,
        }


def later(sentence: str) -> Later:
    """Say what a table would tell if it had one column, or one record, more."""
    return Later(sentence)


def collect(outputs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what a cell's outputs leave for later."""
    return [output["data"][MIME] for output in outputs if MIME in output.get("data", {})]


def answerable(cells: Sequence[Any], has: Callable[[str], bool]) -> list[Any]:
    """Return the cells for which a client has the data; what tells findings stays, wherever it stands."""
    kept: list[Any] = []
    above: Mapping[str, Any] = {}
    for cell in cells:
        above = _own(cell) if heading(cell) else above
        if collected(cell.get("outputs", [])) or not lacking(above, has) + lacking(_own(cell), has):
            kept.append(cell)
    return kept


def heading(cell: Any) -> str:
    """Return the words of a cell's heading; nothing where it has none."""
    first = cell.source.partition("\n")[0] if cell.cell_type == "markdown" else ""
    return first.lstrip("#").strip() if first.startswith("#") else ""


def lacking(needs: Mapping[str, Any], has: Callable[[str], bool]) -> list[str]:
    """Return the tables that have to come before something can be told; of those of which one is enough, the first."""
    missing = [table for table in needs.get("needs", ()) if not has(table)]
    either = tuple(needs.get("needs_one", ()))
    return missing + ([either[0]] if either and not any(map(has, either)) else [])


def behind(notebooks: Sequence[Any], has: Callable[[str], bool]) -> dict[str, list[str]]:
    """Return, by the table that is missing, the questions that it would answer, in the order of the notebooks."""
    found: dict[str, list[str]] = {}
    for notebook in notebooks:
        missing = lacking(_own(notebook), has)
        told = [(table, _chapter(notebook)) for table in missing] or list(_questions(notebook, has))
        for table, words in told:
            if words not in found.setdefault(table, []):
                found[table].append(words)
    return found


def merged(doors: Sequence[Mapping[str, Any]], cells: Sequence[Any]) -> list[dict[str, Any]]:
    """Add what single columns would tell, as executed cells leave it for later, to the doors of whole tables."""
    found = [each for cell in cells for each in collect(cell.get("outputs", []))]
    told = [dict(door) | {"questions": list(door["questions"])} for door in doors]
    own = list(dict.fromkeys(each["sentence"] for each in found))
    return told + ([{"name": MORE, "how": "", "questions": own}] if own else [])


def _questions(notebook: Any, has: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """Tell the questions that have to wait: those whose heading does, or all of whose pictures may have to."""
    for words, (first, *below) in _sections(notebook):
        shown = [_own(cell) for cell in below if _is_shown(cell)]
        waits = [_own(first), *(shown if all(map(_needs, shown)) else [])]
        if words.endswith(ASKS):
            told = _told(first)
            yield from ((table, told) for needs in waits for table in lacking(needs, has))


def _sections(notebook: Any) -> Iterator[tuple[str, list[Any]]]:
    """Part a notebook at its headings; the first part stands above all questions."""
    part: list[Any] = []
    for cell in notebook.cells:
        if heading(cell) and part:
            yield heading(part[0]), part
            part = []
        part.append(cell)
    if part:
        yield heading(part[0]), part


def _is_shown(cell: Any) -> bool:
    told = UNSHOWN & set(cell.metadata.get("tags", [])) or "findings.tell(" in cell.source
    return cell.cell_type == "code" and not told


def _needs(own: Mapping[str, Any]) -> bool:
    return bool(own.get("needs") or own.get("needs_one"))


def _chapter(notebook: Any) -> str:
    first = [_told(cell) for cell in notebook.cells[1:] if heading(cell)][:1]
    return f"「{language.text(notebook.metadata.get('title', ''))}」の章({''.join(first)} など)"


def _told(cell: Any) -> str:
    """Return the words of a heading in the language of the process."""
    return language.text(cell.source).partition("\n")[0].lstrip("#").strip()


def _own(cell: Any) -> Mapping[str, Any]:
    own: Mapping[str, Any] = cell.metadata.get(METADATA, {})
    return own
