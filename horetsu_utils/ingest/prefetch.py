"""Read ahead in a thread of its own, so that parsing goes on while what was parsed is worked on."""

import queue
import threading
from collections.abc import Iterator
from typing import TypeVar

Item = TypeVar("Item")
DEPTH = 4
_END = object()


def ahead(items: Iterator[Item], depth: int = DEPTH) -> Iterator[Item]:
    """Yield the items in their order while the next `depth` of them are made; a failure is raised in its place."""
    waiting: queue.Queue = queue.Queue(depth)
    stopped = threading.Event()

    def work() -> None:
        try:
            for item in items:
                if not _put(waiting, item, stopped):
                    return
            _put(waiting, _END, stopped)
        except BaseException as error:
            _put(waiting, error, stopped)

    threading.Thread(target=work, daemon=True, name="horetsu-read-ahead").start()
    try:
        while (item := waiting.get()) is not _END:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()


def _put(waiting: queue.Queue, item: object, stopped: threading.Event) -> bool:
    while not stopped.is_set():
        try:
            waiting.put(item, timeout=0.1)
            return True
        except queue.Full:
            continue
    return False
