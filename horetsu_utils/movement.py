"""The key figures of a report, and how far each has moved since the report before."""

import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from horetsu_utils import wording
from horetsu_utils.words import FIGURES

REPORT = "report.json"
LARGEST_REPORT_BYTES = 5_000_000
"""An earlier report's file larger than this was not written by the kit."""
MOST_FIGURES = 6
UNMOVED = "前回と同じです"


@dataclass(frozen=True)
class Earlier:
    """The report before: its day, and the figures it told by their keys."""

    as_of: dt.date
    figures: Mapping[str, float]


@dataclass(frozen=True)
class KeyFigure:
    """One figure of the first page: what it is, what it comes to, and how it has moved (empty where unknown)."""

    name: str
    words: str
    moved: str


def earlier(folder: Path, client: str) -> Earlier | None:
    """Return the newest report of the same client before the one that `folder`, named by its day, is for.

    A report that cannot be read, or that belongs to somebody else, is passed over.
    """
    days = sorted((day, path) for path in folder.parent.glob(f"*/{REPORT}") if (day := _day(path.parent.name)))
    today = _day(folder.name)
    for day, path in reversed(days):
        if today and day < today:
            told = _read(path)
            if told.get("client", {}).get("id") == client:
                return Earlier(day, _figures(told.get("findings", [])))
    return None


def key_figures(findings: Sequence[Mapping[str, Any]], before: Earlier | None, currency: str) -> list[KeyFigure]:
    """Choose the figures of the first page, in the order of words.FIGURES, and say how they have moved."""
    now = {item["key"]: item for item in findings if item.get("figure") is not None}
    chosen = [key for key in FIGURES if key in now][:MOST_FIGURES]
    return [_told(key, now[key], before, currency) for key in chosen]


def _told(key: str, item: Mapping[str, Any], before: Earlier | None, currency: str) -> KeyFigure:
    words = wording.figure(item["figure"], item["unit"], currency)
    if before is None or key not in before.figures:
        return KeyFigure(FIGURES[key], words, "")
    moved = moved_words(item["figure"] - before.figures[key], item["unit"], currency)
    return KeyFigure(FIGURES[key], words, f"前回より {moved}" if moved else UNMOVED)


def moved_words(difference: float, unit: str, currency: str = "JPY") -> str:
    """Say a difference with its sign; nothing where it rounds to none."""
    size = abs(difference)
    words = f"{100 * size:.1f}ポイント" if unit == "ratio" else wording.figure(size, unit, currency)
    none = f"{0:.1f}ポイント" if unit == "ratio" else wording.figure(0.0, unit, currency)
    if words in (none, wording.decimal(0.0, unit)):
        return ""
    return f"{'+' if difference > 0 else '−'}{words}"


def _read(path: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError, RecursionError):
        if path.stat().st_size <= LARGEST_REPORT_BYTES:
            told = json.loads(path.read_text(encoding="utf-8"))
            client = told.get("client") if isinstance(told, dict) else None
            return told if isinstance(client, dict) else {}
    return {}


def _figures(findings: object) -> dict[str, float]:
    rows = findings if isinstance(findings, list) else []
    told = {row.get("key"): row.get("figure") for row in rows if isinstance(row, dict)}
    return {
        key: float(value)
        for key, value in told.items()
        if isinstance(key, str) and isinstance(value, (int, float)) and math.isfinite(value)
    }


def _day(name: str) -> dt.date | None:
    with suppress(ValueError):
        return dt.date.fromisoformat(name)
    return None
