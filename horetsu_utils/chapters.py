"""A chapter to be made, and within which limits."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from horetsu_utils import language

METADATA = "horetsu"
"""Under this key a notebook, or a cell, keeps what the kit says of it."""
STAGES, STORY = "02_stage", "06_story"
"""The chapter whose customers are listed one by one, and the one whose board is a page of its own."""
Progress = Callable[[int, int], None]
"""Hears how many cells of how many are done."""


@dataclass(frozen=True)
class Limits:
    """How notebooks are run: each may take so many seconds, and hold so many bytes (0: no limit).

    `warm` forks each kernel from a warm parent where the system allows it.
    """

    seconds: float = 1800
    memory_bytes: int = 0
    warm: bool = False


@dataclass(frozen=True)
class Plan:
    """A notebook of the kit: where it is, its title, the canonical tables it cannot do without, its place in a report.

    A notebook that names no `chapter` comes after those that do; so does one that is `last_without` a table, where a
    client has not given it: it asks more than it can tell. `cells` is how much there is to do.
    """

    path: Path
    title: str
    needs: tuple[str, ...]
    chapter: float
    last_without: str = ""
    cells: int = 0


def plan(path: Path) -> Plan:
    """Read what a notebook of the kit says of itself: its title, and the tables it needs."""
    notebook = json.loads(path.read_text(encoding="utf-8"))  # nbformat takes a second to be imported
    metadata = notebook["metadata"]
    about = metadata.get(METADATA, {})
    title, chapter = language.text(metadata.get("title", path.stem)), float(about.get("chapter", math.inf))
    needs, last_without = tuple(about.get("needs", ())), about.get("last_without", "")
    cells = sum(cell["cell_type"] == "code" for cell in notebook["cells"])
    return Plan(path, title, needs, chapter, last_without, cells)
