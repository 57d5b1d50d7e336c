"""A chapter to be made, and within which limits."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

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
