"""The benches in a small form: that they work, never how fast."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import results
from benchmarks.whole import ROOT

SMALL = {"HORETSU_BENCH_LINES": "20000", "HORETSU_BENCH_ONLY": "01_rfm"}
CASES = ("stock", "floor", "forked", "cold")
"""The others are the first part of `floor`, or the same with more."""


@pytest.fixture
def short() -> Iterator[Path]:
    """Lend a folder with a short name: kernels lay their sockets below it."""
    with tempfile.TemporaryDirectory(prefix="h") as place:
        yield Path(place)


def bench(place: Path, *words: str) -> str:
    """Run a bench in a small form, in a folder for what it writes."""
    own = {**os.environ, **SMALL, "TMPDIR": str(place)}
    ran = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, env=own, capture_output=True, text=True, timeout=300, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_every_query_and_its_yardstick_can_be_asked(tmp_path: Path) -> None:
    bench(tmp_path, "benchmarks.cases", "all")


@pytest.mark.parametrize("name", CASES)
def test_every_command_and_its_yardstick_can_be_timed(short: Path, name: str) -> None:
    seconds, memory = map(float, bench(short, "benchmarks.whole", name).split()[-2:])
    assert seconds > 0
    assert memory > 50


def test_many_clients_end_with_as_many_reports(short: Path) -> None:
    told = bench(short, "benchmarks.many", "3", "01_rfm")
    assert "| clients with a whole report, chapters 01_rfm | 3 of 3 |" in told


def test_a_section_is_put_in_its_place_and_the_others_stay(tmp_path: Path) -> None:
    kept = tmp_path / "RESULTS.md"
    for heading, body in (("Many clients", "b"), ("Queries", "a"), ("Many clients", "c\n\n| d |")):
        results.put(heading, body, kept)
    assert kept.read_text(encoding="utf-8") == "# Benchmarks\n\n## Queries\n\na\n\n## Many clients\n\nc\n\n| d |\n"
    assert results.section("Many clients", kept).strip() == "c\n\n| d |"
    assert results.section("Controls in the notebooks", kept) == ""
