"""One client on its way to a report: where it stands, and what is made already."""

from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock

from horetsu_utils.chapters import Plan, Progress
from horetsu_utils.steps import Beside, Failure, Job, Page, Ready

QUEUED, ELSEWHERE, READING, RUNNING, WRITING = "queued", "elsewhere", "reading", "running", "writing"
ENDED = DONE, KEPT, FAILED = ("done", "kept", "failed")
"""Where a client stands. `elsewhere`: another process is at work on it; `kept`: nothing changed since the last run."""
LARGE_BYTES = 200_000_000
"""Tables of so much on disk keep all cores busy with one chapter, and two at once would hold twice the memory."""


@dataclass
class Course:
    """One client on its way to a report. `lock` keeps other processes from the same client meanwhile.

    A client that was not found has none, and has failed already.
    """

    job: Job
    name: str
    lock: FileLock | None
    state: str = QUEUED
    ready: Ready | None = None
    kept: Path | None = None
    executed: dict[str, Path] = field(default_factory=dict)
    beside: Beside | None = None
    page: Page | None = None
    failure: Failure | None = None
    began: float = 0.0
    seconds: float = 0.0
    doing: str = ""
    cells: dict[str, tuple[int, int]] = field(default_factory=dict)

    def hear(self, text: str) -> None:
        """Take note of what is being done just now."""
        self.doing = text

    def count(self, chapter: str) -> Progress:
        """Return a function that takes note of how many of a chapter's cells are done."""
        return lambda done, total: self.cells.update({chapter: (done, total)})

    @property
    def is_complete(self) -> bool:
        """Whether the page can be written."""
        whole = len(self.executed) == len(self.plans)
        return bool(self.ready and whole and (self.beside or not self.ready.has_beside))

    @property
    def is_large(self) -> bool:
        """Whether its steps are done one at a time."""
        return bool(self.ready and self.ready.size >= LARGE_BYTES)

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The chapters of the report, once they are known."""
        return self.ready.plans if self.ready else ()
