"""Executed notebooks → one page for the shop, and the same findings for machines."""

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import Preprocessor
from traitlets.config import Config

from horetsu_utils import __version__, assets, wording
from horetsu_utils.findings import MIME, collect
from horetsu_utils.words import TABLES

METADATA = "horetsu"
HIDDEN_TAGS = {"parameters", "injected-parameters", "interactive", "setup", "consultant", "papermill-error-cell-tag"}
COVER = "cover"
"""The tag of cells that are shown on the first page, after the findings, and not in their chapter."""
SHOWN = ("text/html", "text/markdown", "image/svg+xml", "image/png", "text/plain")
"""What a reader may be shown, best first: never a widget, never a script."""


class Prepare(Preprocessor):
    """Leave what the shop should see: no parameters, widgets or printed text; findings go to the head of the page."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Return the notebook reduced to questions, pictures and tables."""
        about = dict(nb.metadata.get(METADATA, {}))
        found = [item for cell in nb.cells for item in collect(cell.get("outputs", []))]
        nb.metadata[METADATA] = {
            **about,
            "cover": [shown for cell in nb.cells if COVER in cell.metadata.get("tags", []) for shown in _html(cell)],
            "client": about.get("client", {}),
            "findings": about.get("findings", found),
            "contents": [],
            "outcomes": _outcomes(about.get("account", {})),
            "tables": [table for table in TABLES if table in about.get("account", {})],
        }
        nb.cells = [cell for cell in nb.cells if not (HIDDEN_TAGS | {COVER}) & set(cell.metadata.get("tags", []))]
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs = [_shown(output) for output in cell.outputs if _is_shown(output)]
            elif cell.cell_type == "markdown":
                _contents(nb, cell)
        nb.cells = [cell for cell in nb.cells if cell.cell_type == "markdown" or cell.outputs]
        return nb, resources


def _html(cell: Any) -> list[str]:
    return [each.data["text/html"] for each in cell.get("outputs", []) if "text/html" in each.get("data", {})]


def _outcomes(account: dict[str, Any]) -> list[str]:
    """Return the outcomes that occur in any table: the others need no column."""
    names = wording.CODES["outcome"]
    return [name for name in names if any(table["outcomes"][name] for table in account.values())]


def _is_shown(output: Any) -> bool:
    data = output.get("data", {})
    return bool(data) and MIME not in data and not any("widget-view" in kind for kind in data)


def _shown(output: Any) -> Any:
    return nbformat.v4.new_output("display_data", data={k: v for k, v in output.data.items() if k in SHOWN})


def _contents(nb: Any, cell: Any) -> None:
    """Give a question's cell an anchor in the table of contents; the page's own title is the only first heading."""
    cell.source = re.sub(r"^(#{1,5}) ", r"#\1 ", cell.source, flags=re.MULTILINE)
    heading = re.match(r"(#{2,3}) (.+)", cell.source)
    if heading:
        nb.metadata[METADATA]["contents"].append(
            {"anchor": cell.id, "text": heading[2].strip(), "level": len(heading[1])}
        )


class HoretsuExporter(HTMLExporter):
    """The shop's page: Japanese, without code, in one file that asks nothing of any network."""

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
                        "language_code": "ja",
                    },
                }
            )
        )
        return config

    def _init_resources(self, resources: Any) -> Any:
        resources = super()._init_resources(resources)
        resources["style"] = (assets.REPORT_TEMPLATE / "style.css").read_text(encoding="utf-8")
        return resources


def write(executed: Sequence[Path], folder: Path, *, title: str) -> Path:
    """Put executed notebooks together into report.html and report.json; both appear whole or not at all.

    Shape
        executed notebooks in their order -> path of report.html
    Errors
        OSError when the folder cannot be written
    """
    notebook = merge([nbformat.read(path, as_version=4) for path in executed], title)
    about = notebook.metadata[METADATA]
    page, _ = HoretsuExporter().from_notebook_node(notebook)
    machine = {
        "horetsu": __version__,
        "title": title,
        "client": about.get("client", {}),
        "as_of": about.get("as_of"),
        "fingerprint": about.get("fingerprint"),
        "analyses": [path.stem for path in executed],
        "findings": about["findings"],
        "account": about.get("account", {}),
    }
    text = json.dumps(machine, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    _replace(folder / "report.json", text)
    _replace(folder / "report.html", page)
    return folder / "report.html"


def merge(notebooks: Sequence[Any], title: str) -> Any:
    """Join executed notebooks into one; their findings stand in its metadata, those that lead before the others."""
    whole = nbformat.v4.new_notebook()
    about = dict(notebooks[0].metadata.get(METADATA, {})) if notebooks else {}
    findings: list[dict[str, Any]] = []
    for position, notebook in enumerate(notebooks):
        for cell in notebook.cells:
            findings += collect(cell.get("outputs", []))
            cell.id = hashlib.sha256(f"{position}:{cell.id}".encode()).hexdigest()[:12]
            whole.cells.append(cell)
    findings.sort(key=lambda told: not told.get("leads"))
    whole.metadata.update({"title": title, METADATA: {**about, "findings": findings}})
    return whole


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
