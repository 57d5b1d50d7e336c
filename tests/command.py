"""The command itself, as a consultant types it: a process of its own, in a folder."""

import os
import subprocess
import sys
from pathlib import Path


def horetsu(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run horetsu with these words in a folder."""
    command = [sys.executable, "-c", "from horetsu_utils.cli import main; main()", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, "COLUMNS": "300"})
