"""Executed notebooks → one page for the shop, one for the consultant, and the same findings for machines."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path
from typing import Any

import nbformat

from horetsu_utils import __version__, doors, movement, placing, privacy, wording
from horetsu_utils.chapters import METADATA
from horetsu_utils.exporter import HoretsuExporter
from horetsu_utils.findings import collect
from horetsu_utils.movement import Earlier
from horetsu_utils.privacy import CLIENT, CONSULTANT, PAGE
from horetsu_utils.words import TABLES

MOST_LEADING = 3
"""So many findings stand on the first page; the others head their chapters."""
MOST_NAMED = 3
"""So many tables are named below a picture."""
ACCOUNT = ("read", "outcomes", "matching")
"""What of a table's account leaves the house: the names of the client's files do not."""


def write(executed: Sequence[Path], folder: Path, *, title: str, extra: Mapping[str, Any] | None = None) -> Path:
    """Put executed notebooks together into pages, and their findings into report.json; each appears whole or not.

    `extra` is told on the page beside what the notebooks tell of themselves: the client's look, the appendix.

    Shape
        executed notebooks in the order of their chapters -> the client's page; the consultant's lies in CONSULTANT
    Errors
        PlacingError when the folder cannot be written; then no page has changed
    """
    notebooks = [nbformat.read(path, as_version=4) for path in executed]
    about = dict(notebooks[0].metadata.get(METADATA, {})) if notebooks else {}
    before = movement.earlier(folder, about.get("client", {}).get("id", ""))
    whole = merge(notebooks, title, before=before, extra=extra or {})
    told = whole.metadata[METADATA]
    analyses = [path.stem for path in executed]
    page, consultant = privacy.page(_page(whole)), _page(whole, CONSULTANT)
    texts = {
        folder / movement.REPORT: json.dumps(_machine(told, title, analyses), **_PLAIN) + "\n",
        folder / CONSULTANT / PAGE: consultant,
        folder / PAGE: page,
    }
    placing.place({path: text.encode("utf-8") for path, text in texts.items()})
    return folder / PAGE


_PLAIN: dict[str, Any] = {"ensure_ascii": False, "indent": 2, "sort_keys": True}


def _page(notebook: Any, edition: str = CLIENT) -> str:
    """Return a notebook as a page of an edition."""
    copy = deepcopy(notebook)
    copy.metadata[METADATA]["edition"] = edition
    page: str = HoretsuExporter().from_notebook_node(copy)[0]
    return page


def _machine(about: Mapping[str, Any], title: str, analyses: list[str]) -> dict[str, Any]:
    account = about.get("account", {})
    return {
        "horetsu": __version__,
        "title": title,
        "client": about.get("client", {}),
        "as_of": about.get("as_of"),
        "fingerprint": about.get("fingerprint"),
        "analyses": analyses,
        "findings": [privacy.finding(item) for item in about["all_findings"]],
        "account": {name: {key: table[key] for key in ACCOUNT if key in table} for name, table in account.items()},
    }


def merge(
    notebooks: Sequence[Any], title: str, *, before: Earlier | None = None, extra: Mapping[str, Any] | None = None
) -> Any:
    """Join executed notebooks into one: the most important findings lead the page, the others their chapters."""
    whole = nbformat.v4.new_notebook()
    about = dict(notebooks[0].metadata.get(METADATA, {})) if notebooks else {}
    chapters = [_chapter(position, notebook, about) for position, notebook in enumerate(notebooks)]
    told = [item for _, findings in chapters for item in findings]
    leading = _leading([findings for _, findings in chapters])
    for cells, findings in chapters:
        opening = next((cell for cell in cells if cell.cell_type == "markdown"), None)
        if opening is not None:
            own = [item for item in findings if item not in leading]
            opening.metadata[METADATA] = {**opening.metadata.get(METADATA, {}), "findings": own}
        whole.cells += cells
    figures = movement.key_figures(told, before, about.get("client", {}).get("currency", "JPY"))
    if before and any(each.moved for each in figures):
        about["before_words"] = wording.day(before.as_of)
    about |= {"findings": leading, "all_findings": told, "figures": [asdict(each) for each in figures], **(extra or {})}
    about["doors"] = doors.merged(about.get("doors", ()), whole.cells)
    whole.metadata.update({"title": title, METADATA: about})
    return whole


def _chapter(position: int, notebook: Any, about: Mapping[str, Any]) -> tuple[list[Any], list[dict[str, Any]]]:
    """Return a notebook's cells, each with an id of its own in the whole, and its findings with the way to them."""
    findings: list[dict[str, Any]] = []
    source = _source(notebook, about)
    if "has" in about:
        notebook.cells = doors.answerable(notebook.cells, about["has"].__contains__)
    for cell in notebook.cells:
        findings += collect(cell.get("outputs", []))
        cell.id = hashlib.sha256(f"{position}:{cell.id}".encode()).hexdigest()[:12]
        if cell.cell_type == "code":
            cell.metadata[METADATA] = {"source": source}
    opening = next((cell for cell in notebook.cells if cell.cell_type == "markdown"), None)
    if opening is not None:
        opening.metadata[METADATA] = {"opens": True, "source": source}
    return list(notebook.cells), [item | {"anchor": opening.id if opening else ""} for item in findings]


def _source(notebook: Any, about: Mapping[str, Any]) -> str:
    """Say which of the shop's tables a chapter reads, and up to which day."""
    own = notebook.metadata.get(METADATA, {})
    read = [name for name in own.get("reads", own.get("needs", ())) if name in about.get("account", {})]
    if not read or not about.get("as_of_words"):
        return ""
    named = "・".join(TABLES[name] for name in read[:MOST_NAMED]) + ("ほか" if len(read) > MOST_NAMED else "")
    return f"もとのデータ: {named}({about['as_of_words']}まで)"


def _leading(chapters: Sequence[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Choose the findings of the first page: those that lead, then the first of each chapter that makes a claim."""
    everything = [item for findings in chapters for item in findings]
    first = [next((item for item in findings if item["figure"] is not None), None) for findings in chapters]
    claims = [item for item in everything if item["figure"] is not None or len(chapters) == 1] or everything
    ranked = [item for item in everything if item.get("leads")] + [item for item in first if item] + claims
    chosen: list[dict[str, Any]] = []
    for item in ranked:
        if item not in chosen:
            chosen.append(item)
    return chosen[:MOST_LEADING]
