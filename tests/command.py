"""The command itself, as a consultant types it: a process of its own, in a folder."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

COMMAND = [sys.executable, "-c", "from horetsu_utils.cli import main; main()"]


def horetsu(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run horetsu with these words in a folder."""
    return subprocess.run(
        [*COMMAND, *words], cwd=folder, capture_output=True, text=True, env={**os.environ, "COLUMNS": "300"}
    )


def until(condition: Callable[[], object], seconds: float = 120) -> None:
    """Wait until something is so; fail when it never is."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)
