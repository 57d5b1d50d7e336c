"""RESULTS.md: a section for each kind of bench, put in its place when that kind was measured anew."""

import datetime as dt
import importlib.metadata
import os
import platform
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
TITLE = "# Benchmarks\n"
ORDER = ("Queries", "Whole commands", "Many clients", "Controls in the notebooks")
PACKAGES = (
    "duckdb",
    "ibis-framework",
    "ipykernel",
    "nbconvert",
    "pandas",
    "papermill",
    "pyarrow",
    "sqlglot",
    "sudachidict-core",
    "sudachipy",
)


def measured(command: str) -> str:
    """Say by which command, when, on what and with which versions the figures below were measured."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    return f"Measured by `{command}` on {dt.date.today().isoformat()}: {machine}; {versions}."


def put(heading: str, body: str, results: Path = RESULTS) -> None:
    """Put a section in its place; the others stay as they are."""
    sections = _sections(results) | {heading: f"\n{body.strip()}\n"}
    written = "".join(f"\n## {each}\n{sections[each].rstrip()}\n" for each in ORDER if each in sections)
    results.write_text(TITLE + written, encoding="utf-8")


def section(heading: str, results: Path = RESULTS) -> str:
    """Return what stands in a section; nothing where there is none."""
    return _sections(results).get(heading, "")


def _sections(results: Path) -> dict[str, str]:
    told = results.read_text(encoding="utf-8") if results.is_file() else TITLE
    _, *parts = told.split("\n## ")
    return dict(part.split("\n", 1) for part in parts)
