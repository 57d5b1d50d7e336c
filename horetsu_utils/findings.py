"""What a notebook tells the cover page: a sentence, its figure and unit, and the next step."""

import html
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

MIME = "application/vnd.horetsu.findings+json"
DIGITS = 6
"""Figures are told to so many digits after the point, so that the same inputs give the same bytes."""


@dataclass(frozen=True)
class Finding:
    """One thing the analysis found. `key` names it for machines; `figure` may be None where no claim is made.

    A finding that `leads` stands before those of all other chapters: its next step is the one next thing.
    """

    key: str
    sentence: str
    figure: float | None
    unit: str
    next_step: str = ""
    leads: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; a figure that is not finite becomes None."""
        known = self.figure is not None and math.isfinite(self.figure)
        return asdict(self) | {
            "figure": round(float(self.figure), DIGITS) if known and self.figure is not None else None
        }


@dataclass(frozen=True)
class Findings:
    """A notebook's findings, most important first. Shown in the notebook, and read from it by the report."""

    items: tuple[Finding, ...]

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        rows = "".join(
            f"<li>{html.escape(item.sentence)}<br><small>{html.escape(item.next_step)}</small></li>"
            for item in self.items
        )
        return {
            MIME: [item.to_dict() for item in self.items],
            "text/html": f"<ol>{rows}</ol>",
            "text/plain": "\n".join(f"{item.sentence} → {item.next_step}" for item in self.items),
        }


def tell(*items: Finding | None) -> Findings:
    """Collect a notebook's findings, most important first; made the last value of its last cell.

    None stands for what the shop has no data for: it is told at the report's end, as a question.

    What is said once is not said again: several findings of a small shop tell the same, that it is too early.
    """
    return Findings(tuple({item.sentence: item for item in reversed(items) if item}.values())[::-1])


def collect(outputs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the findings told in a cell's outputs."""
    return [item for output in outputs for item in output.get("data", {}).get(MIME, [])]
