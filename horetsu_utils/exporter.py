"""An executed notebook → one HTML page: without code, asking nothing of any network."""

import base64
import hashlib
import html
import re
from collections.abc import Iterator
from typing import Any

import nbformat
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import Preprocessor
from traitlets.config import Config

from horetsu_utils import assets, doors, language, page_words, wording
from horetsu_utils.chapters import METADATA
from horetsu_utils.findings import MIME, collect
from horetsu_utils.privacy import CONSULTANT
from horetsu_utils.words import TABLES

HIDDEN_TAGS = {"parameters", "injected-parameters", "interactive", "setup", "papermill-error-cell-tag"}
COVER = "cover"
"""The tag of cells that are shown on the first page, after the findings, and not in their chapter."""
SHOWN = ("text/html", "text/markdown", "image/svg+xml", "image/png", "text/plain")
"""What a reader may be shown, best first: never a widget, never a script."""


_REMARK = re.compile(r'<p class="hz-remark">[^<]*</p>')
_TITLE = re.compile(r'(?:<p class="hz-remark">|<figcaption>|<caption>)([^<]*)<')


class Prepare(Preprocessor):
    """Leave what the reader should see: no parameters, widgets or printed text; findings go to the head of the page."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Return the notebook reduced to questions, pictures and tables."""
        about = dict(nb.metadata.get(METADATA, {}))
        _translated(nb)
        found = [item for cell in nb.cells for item in collect(cell.get("outputs", []))]
        # cells about single customers have the consultant's tag
        hidden = HIDDEN_TAGS if about.get("edition") == CONSULTANT else HIDDEN_TAGS | {CONSULTANT}
        shown = [cell for cell in nb.cells if not hidden & _tags(cell)]
        nb.metadata[METADATA] = {
            **about,
            "cover": [each for cell in shown if COVER in _tags(cell) for each in _html(cell)],
            "client": about.get("client", {}),
            "findings": about.get("findings", found),
            "outcomes": _outcomes(about.get("account", {})),
            "tables": [table for table in TABLES if table in about.get("account", {})],
        }
        nb.cells = [_reduced(cell) for cell in shown if COVER not in _tags(cell)]
        nb.cells = _filled(_said_once([cell for cell in nb.cells if cell.cell_type == "markdown" or cell.outputs]))
        nb.metadata[METADATA]["contents"] = contents(nb.cells)
        nb.metadata[METADATA]["terms"] = _used(about.get("terms", []), nb)
        return nb, resources


def _translated(nb: Any) -> None:
    """Put a notebook's words into the language of the process; what its cells show has been put into it already."""
    if "title" in nb.metadata:
        nb.metadata["title"] = language.text(nb.metadata["title"])
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            cell.source = language.text(cell.source)


def _used(terms: list[dict[str, str]], notebook: Any) -> list[dict[str, str]]:
    """Return the terms whose words stand on the page; all in another language, whose words bend."""
    if language.chosen() != language.JAPANESE:
        return terms
    findings = notebook.metadata[METADATA]["findings"]
    shown = [output.data.get("text/html", "") for cell in notebook.cells for output in cell.get("outputs", [])]
    shown += [cell.source for cell in notebook.cells] + [item["sentence"] for item in findings]
    page = "".join(shown)
    return [term for term in terms if term.get("seen", term["name"]) in page]


def _tags(cell: Any) -> set[str]:
    return set(cell.metadata.get("tags", []))


def _html(cell: Any) -> list[str]:
    return [each.data["text/html"] for each in cell.get("outputs", []) if "text/html" in each.get("data", {})]


def _outcomes(account: dict[str, Any]) -> list[str]:
    """Return the outcomes that occur in any table: the others need no column."""
    names = wording.CODES["outcome"]
    return [name for name in names if any(table["outcomes"][name] for table in account.values())]


def _reduced(cell: Any) -> Any:
    """Keep of a cell what is shown; its headings go one step down, as the page's title is the only first one."""
    if cell.cell_type == "code":
        source = cell.metadata.get(METADATA, {}).get("source", "")
        cell.outputs = [_shown(output, source) for output in cell.outputs if _is_shown(output)]
    elif cell.cell_type == "markdown":
        cell.source = re.sub(r"^(#{1,5}) ", r"#\1 ", cell.source, flags=re.MULTILINE)
    return cell


def _is_shown(output: Any) -> bool:
    data = output.get("data", {})
    if not data or MIME in data or doors.MIME in data or any("widget-view" in kind for kind in data):
        return False
    return bool(data.get("text/html", "shown").strip())


def _said_once(cells: list[Any]) -> list[Any]:
    """Leave out a sentence in the place of a picture that a picture, a table or a sentence has told already."""
    said: set[str] = set()
    kept = []
    for cell in cells:
        outputs = cell.get("outputs", [])
        told = {_plain(words) for output in outputs for words in _TITLE.findall(output.data.get("text/html", ""))}
        remarks = [output for output in outputs if _REMARK.fullmatch(output.data.get("text/html", "").strip())]
        if not outputs or remarks != outputs or not told <= said:
            kept.append(cell)
        said |= told
    return kept


def _plain(words: str) -> str:
    return words.strip().removesuffix("。")


def _filled(cells: list[Any]) -> list[Any]:
    """Leave out questions under which no answer is left."""
    kept: list[Any] = []
    answered = False
    for cell in reversed(cells):
        is_heading = cell.cell_type == "markdown" and cell.source.startswith("#")
        if not is_heading or answered or not cell.source.startswith("### "):
            kept.append(cell)
        answered = cell.cell_type == "code" or (answered and not is_heading)
    return kept[::-1]


def _shown(output: Any, source: str) -> Any:
    data = {kind: value for kind, value in output.data.items() if kind in SHOWN}
    if source and "text/html" in data:
        line = f'<p class="hz-source">{html.escape(source)}</p>'
        data["text/html"] = data["text/html"].replace("</figure>", f"{line}</figure>")
    return nbformat.v4.new_output("display_data", data=data)


def contents(cells: list[Any]) -> list[dict[str, Any]]:
    """Return the chapters, each with its questions: the anchor and the words of every heading."""
    chapters: list[dict[str, Any]] = []
    for level, anchor, text in _headings(cells):
        if level == 2 or not chapters:
            chapters.append({"anchor": anchor, "text": text, "questions": []})
        else:
            chapters[-1]["questions"].append({"anchor": anchor, "text": text})
    return chapters


def _headings(cells: list[Any]) -> Iterator[tuple[int, str, str]]:
    for cell in cells:
        heading = re.match(r"(#{2,3}) (.+)", cell.source) if cell.cell_type == "markdown" else None
        if heading:
            yield len(heading[1]), cell.id, heading[2].strip()


class HoretsuExporter(HTMLExporter):
    """The shop's page, in one file."""

    export_from_notebook = "horetsu"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.register_filter("figure", wording.figure)
        self.register_filter("term", wording.name)
        self.register_filter("table_term", lambda table: TABLES.get(table, table))

    @property
    def default_config(self) -> Config:
        """The stock settings of an HTML page, with ours over them."""
        config = super().default_config
        config.merge(
            Config(
                {
                    "NbConvertBase": {"display_data_priority": list(SHOWN)},
                    "TemplateExporter": {"exclude_input": True, "exclude_raw": True},
                    "HTMLExporter": {
                        "template_name": "report",
                        "extra_template_basedirs": [str(assets.TEMPLATES)],
                        "preprocessors": [Prepare],
                        "exclude_anchor_links": True,
                        "language_code": language.chosen(),
                    },
                }
            )
        )
        return config

    def _create_environment(self) -> Any:
        environment = super()._create_environment()
        environment.add_extension(page_words.Pages)
        return environment

    def _init_resources(self, resources: Any) -> Any:
        resources = super()._init_resources(resources)
        resources["style"] = (assets.REPORT_TEMPLATE / "style.css").read_text(encoding="utf-8")
        script = page_words.scripted((assets.REPORT_TEMPLATE / "page.js").read_text(encoding="utf-8"))
        resources["script"] = script
        resources["script_hash"] = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        return resources
