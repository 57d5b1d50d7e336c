"""What a process lays down for a moment goes when it has ended, and not before."""

import os
import subprocess
import sys
from pathlib import Path

from horetsu_utils import workplace


def test_only_what_the_dead_left_is_cleared(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    own, other = workplace.named(tmp_path), workplace.named(tmp_path)
    assert own != other and not own.exists()
    left = [tmp_path / f"{sign}horetsu-{ended.pid}-0a1b" for sign in ("", ".")]
    kept = [own, tmp_path / ".horetsu-aside", tmp_path / f"horetsu-{os.getppid()}-0a1b"]
    for folder in (*left, *kept):
        folder.mkdir()
        (folder / "rows.tmp").touch()
    workplace.clear(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(kept)
