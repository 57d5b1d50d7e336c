"""How much memory a process and all below it hold, watched while something runs."""

import threading
import time
from types import TracebackType

import psutil

EVERY_SECONDS = 0.5


def held_mb(process: psutil.Process) -> float:
    """Return what a process and all below it hold, in MB; a page that several share counts once."""
    total = 0.0
    for each in [process, *process.children(recursive=True)]:
        try:
            total += each.memory_full_info().pss / 1e6
        except psutil.Error:  # it has just ended
            continue
    return total


class Watch:
    """A thread that looks every half second; `seen` holds the seconds since the start and the MB held."""

    def __init__(self) -> None:
        self.seen: list[tuple[float, float]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Watch":
        self._begun = time.monotonic()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    @property
    def most_mb(self) -> float:
        """The most that was held at once."""
        return max(mb for _, mb in self.seen)

    def _look(self) -> None:
        me = psutil.Process()
        while True:
            self.seen.append((time.monotonic() - self._begun, held_mb(me)))
            if self._over.wait(EVERY_SECONDS):
                return
