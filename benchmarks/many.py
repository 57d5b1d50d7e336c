"""A thousand tiny clients in one run: every report there, memory flat, the last client as quick as the first.

`python -m benchmarks.many` writes what it saw into RESULTS.md; with a number of clients, and chapters, it only prints.
"""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import results
from benchmarks.memory import Watch
from benchmarks.whole import HORETSU

CLIENTS, CHAPTERS = 1_000, ("01_rfm",)
GROUP = 10
"""So many clients are compared: the first, those after a hundred, the last."""
SETTINGS = "name: お店{number:04}\ntables:\n  orders:\n    - files: data/orders.csv\n      mapping: generic\n"


def shops(place: Path, clients: int) -> None:
    """Write small shops, each with orders of its own: 30 customers, up to five orders each."""
    for number in range(clients):
        folder = place / "clients" / f"shop{number:04}"
        (folder / "data").mkdir(parents=True)
        rows = ["注文番号,顧客番号,注文日時,金額"]
        for customer in range(30):
            for order in range(1 + (customer + number) % 5):
                day, month = 1 + (customer * 7 + order) % 28, 1 + (order * 2 + number) % 6
                yen = 2_000 + 100 * ((customer * 13 + number) % 50)
                rows.append(f"A{customer}-{order},C{customer},2026-{month:02}-{day:02},{yen}")
        (folder / "data" / "orders.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        (folder / "client.yaml").write_text(SETTINGS.format(number=number), encoding="utf-8")


def measure(clients: int, chapters: Sequence[str]) -> str:
    """Run all of them in one command, and tell what was seen.

    Errors
        RuntimeError where a report is missing
    """
    place = Path(tempfile.mkdtemp(prefix="horetsu-bench-"))
    shops(place, clients)
    command = [*HORETSU, "run", "--all", *(word for each in chapters for word in ("--only", each))]
    begun = time.monotonic()
    with Watch() as watch:
        status = subprocess.run(command, cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
    seconds = time.monotonic() - begun
    told = json.loads((place / "reports" / "batch.json").read_text(encoding="utf-8"))["clients"]
    made = sum((place / each["report"]).is_file() for each in told if each["state"] == "done")
    if status or made != clients:
        raise RuntimeError(f"{made} of {clients} reports, exit status {status}")
    shutil.rmtree(place)
    return _told([each["seconds"] for each in told], watch.seen, seconds, chapters)


def _told(each: Sequence[float], seen: Sequence[tuple[float, float]], seconds: float, chapters: Sequence[str]) -> str:
    later = min(100, max(0, len(each) - GROUP))
    groups = {"the first": each[:GROUP], f"after {later}": each[later : later + GROUP], "the last": each[-GROUP:]}
    median = {name: statistics.median(group) for name, group in groups.items()}
    grown = median[f"after {later}"] / median["the first"]
    rows = [f"| seconds a client, {GROUP} of them, {name} | {value:.2f} |" for name, value in median.items()]
    tenth = max(1, len(seen) // 10)
    held = [statistics.median(mb for _, mb in seen[place : place + tenth]) for place in range(0, tenth * 10, tenth)]
    memory = ", ".join(f"{mb:,.0f}" for mb in held)
    word = "met" if grown <= 1.1 else "missed"
    return "\n".join(
        [
            "| what | figure |",
            "|---|---|",
            f"| clients with a whole report, chapters {', '.join(chapters)} | {len(each):,} of {len(each):,} |",
            f"| seconds in all | {seconds:,.0f} |",
            *rows,
            f"| after {later} / the first, goal ≤ 1.1 | {grown:.2f} ({word}) |",
            f"| MB held by the command and all below it, median of each tenth of the time | {memory} |",
            f"| the most at once | {max(mb for _, mb in seen):,.0f} |",
        ]
    )


def main() -> None:
    """Measure and print; write the section where nothing else was asked for."""
    if sys.argv[1:]:
        print(measure(int(sys.argv[1]), sys.argv[2:] or CHAPTERS))
        return
    table = measure(CLIENTS, CHAPTERS)
    print(table)
    results.put("Many clients", f"{results.measured('python -m benchmarks.many')}\n\n{table}")


if __name__ == "__main__":
    main()
