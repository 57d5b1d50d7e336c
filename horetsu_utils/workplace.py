"""A folder for what a process lays down for a moment; the next process clears it away if this one was killed."""

import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path

SHORT = 60
"""A socket's whole path may have about 100 signs; the names below the folder take up the rest."""
LAST = -1000
"""Multiprocessing, which lays its sockets in our folder, tidies up at -100."""
_OURS = re.compile(r"\.?horetsu-(\d+)-")


@cache
def own() -> Path:
    """Return this process's folder, which goes with the process."""
    base = Path(tempfile.gettempdir())
    if len(str(base)) > SHORT and Path("/tmp").is_dir():
        base = Path("/tmp")
    clear(base)
    place = tempfile.mkdtemp(prefix=f"horetsu-{os.getpid()}-", dir=base)
    Finalize(None, shutil.rmtree, (place, True), exitpriority=LAST)
    return Path(place)


@contextmanager
def at_work() -> Iterator[None]:
    """Let libraries that ask for a temporary folder find it in ours."""
    place, before = str(own()), tempfile.tempdir
    tempfile.tempdir = place
    try:
        yield
    finally:
        tempfile.tempdir = before


def named(base: Path) -> Path:
    """Return a folder below `base` that no other process uses; whoever needs it makes it, and `clear` takes it away."""
    return base / f".horetsu-{os.getpid()}-{secrets.token_hex(4)}"


def clear(base: Path) -> None:
    """Remove the folders of processes of this machine that live no more."""
    for left in base.glob("*horetsu-*"):
        found = _OURS.match(left.name)
        if found and not _lives(int(found[1])):
            shutil.rmtree(left, ignore_errors=True)


def _lives(pid: int) -> bool:
    if os.name == "nt":  # there a signal of 0 would end the process
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
