"""Whole commands, each beside what stands without it: `python -m benchmarks.whole` measures all, into RESULTS.md.

With a name it runs one case in this process and prints its seconds of the clock and the most memory in MB that the
process and all below it held at once. Every case begins from the same shop; what it needs is made before the clock.
"""

import datetime as dt
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import nbformat

from benchmarks import results, tenfold
from benchmarks.memory import Watch
from benchmarks.sizes import ROOT

HOME = Path(tempfile.gettempdir()) / "horetsu-bench" / "shops"
ONLY = os.environ.get("HORETSU_BENCH_ONLY", "").split()
"""The chapters to run, where not all."""
NOTEBOOKS = [path for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")) if not ONLY or path.stem in ONLY]
SECTION = "Whole commands"
MANY, FORKS = 40, 2
HORETSU = [sys.executable, "-c", "from horetsu_utils.cli import main; main()"]
LESS = 100_000
MORE = LESS * tenfold.TIMES
"""Customers of the two large shops."""
Case = Callable[[], None]


def shop(name: str = "demo", customers: int = 0) -> Path:
    """Write the demo shop once, and return its folder without what was prepared of it."""
    from horetsu_utils import demo

    folder = HOME / "clients" / name
    if not (folder / "client.yaml").is_file():
        demo.write(folder, demo.build(customers) if customers else None)
    shutil.rmtree(folder / ".cache", ignore_errors=True)
    return folder


def horetsu(*words: str | Path) -> None:
    """Run the command as a consultant types it; its words go nowhere, an error ends the measurement."""
    subprocess.run([*HORETSU, *map(str, words)], check=True, cwd=HOME, capture_output=True)


def run(*words: str | Path) -> list[str | Path]:
    """Return the words that make a report of the chosen chapters into a folder of its own."""
    chapters = [word for each in ONLY for word in ("--only", each)]
    return ["run", *words, "--out", tempfile.mkdtemp(dir=HOME), *chapters]


def report() -> Case:
    """From the exports to the report, in one command."""
    words = run(shop())
    return lambda: horetsu(*words)


def stock() -> Case:
    """Run papermill's command, then nbconvert's, for each notebook, one after another."""
    client, place = shop(), Path(tempfile.mkdtemp(dir=HOME))
    copies = [_plain(path, place) for path in NOTEBOOKS]

    def case() -> None:
        for path in copies:
            done = path.with_suffix(".done.ipynb")
            for command in (["papermill", path, done, "-p", "client", client], ["nbconvert", "--to", "html", done]):
                subprocess.run([sys.executable, "-m", *map(str, command)], check=True, cwd=place, capture_output=True)

    return case


def _plain(path: Path, place: Path) -> Path:
    """Copy a notebook without the cells for the analyst's hand, which our own command does not run either."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if "interactive" not in cell.metadata.get("tags", ())]
    nbformat.write(notebook, place / path.name)
    return place / path.name


def floor() -> Case:
    """Do the same without any Jupyter protocol: cells in plain forks of a warm process, two at once; then the page."""
    from horetsu_utils import cache, client, letterhead, production, warm  # noqa: F401
    from horetsu_utils.shop import Shop

    folder, words = shop(), run()
    target = Path(str(words[words.index("--out") + 1]))
    horetsu(*words, folder)
    shutil.rmtree(folder / ".cache")
    (page,) = target.glob("*/*/report.html")
    done = [page.parent / "consultant" / "notebooks" / path.name for path in NOTEBOOKS]

    def case() -> None:
        found = client.find(str(folder))
        prepared = cache.prepared(found)
        shop = Shop.of(found, prepared, as_of="")
        aside = partial(production.beside, shop, {path.stem for path in NOTEBOOKS}, page.parent)
        _forked([aside, *(partial(_cells, path, folder) for path in NOTEBOOKS)])
        production.publish(shop, done, page.parent, letterhead.letterhead(found))

    return case


def _forked(works: list[Callable[[], object]]) -> None:
    living = 0
    for work in works:
        if living == FORKS:
            _ended()
        else:
            living += 1
        if not os.fork():
            work()
            os._exit(0)
    for _ in range(living):
        _ended()


def _ended() -> None:
    _, status = os.wait()
    if status:
        raise RuntimeError(f"a notebook ended with {status}")


def _cells(path: Path, client: Path) -> None:
    """Run a notebook's cells, and make of each last value what a notebook would hold."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    shell = InteractiveShell.instance()
    for cell in nbformat.read(path, as_version=4).cells:
        tags = cell.metadata.get("tags", ())
        if cell.cell_type != "code" or "interactive" in tags:
            continue
        with capture_output():
            shell.run_cell(cell.source).raise_error()
        if "parameters" in tags:
            shell.user_ns["client"] = str(client)


def again() -> Case:
    """Run what has just been run, with nothing changed."""
    words = run(shop(), "--resume")
    horetsu(*words)
    return lambda: horetsu(*words)


def forty() -> Case:
    """Make the reports of forty shops, in one command."""
    first = shop()
    for number in range(MANY):
        copy = HOME / "many" / "clients" / f"shop{number:02}"
        if not copy.is_dir():
            shutil.copytree(first, copy)
        shutil.rmtree(copy / ".cache", ignore_errors=True)
    words = run(*sorted((HOME / "many" / "clients").iterdir()))
    return lambda: horetsu(*words)


def less() -> Case:
    """From the exports of a large shop to its report."""
    words = run(shop(f"demo{LESS}", LESS))
    return lambda: horetsu(*words)


def more() -> Case:
    """The same of a shop ten times as large."""
    small = shop(f"demo{LESS}", LESS)
    tenfold.write(small, small.with_name(f"demo{MORE}"))
    words = run(shop(f"demo{MORE}"))
    return lambda: horetsu(*words)


def kernel(*, warm: bool) -> Case:
    """Run one notebook that imports what ours import, in a kernel that is forked or started cold."""
    import ast

    from horetsu_utils import forking, runner
    from horetsu_utils.chapters import Limits

    place = Path(tempfile.mkdtemp(dir=HOME))
    lines = set()
    for path in NOTEBOOKS:
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                nodes = ast.parse(cell.source).body
                lines |= {ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)}
    cells = [nbformat.v4.new_code_cell("\n".join(sorted(lines)))]
    kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernelspec})
    nbformat.write(notebook, place / "imports.ipynb")
    if warm and not forking.can_fork():
        raise RuntimeError("no kernel can be forked here")
    return lambda: runner.run(place / "imports.ipynb", {}, place / "done.ipynb", limits=Limits(warm=warm)) and None


CASES: dict[str, Callable[[], Case]] = {
    "report": report,
    "stock": stock,
    "floor": floor,
    "again": again,
    "forty": forty,
    "less": less,
    "more": more,
    "forked": lambda: kernel(warm=True),
    "cold": lambda: kernel(warm=False),
}


class Pair(NamedTuple):
    """Two cases and the goal for their ratio; `times` is by how much the yardstick counts."""

    title: str
    ours: str
    yardstick: str
    goal: float
    runs: int = 5
    times: int = 1


PAIRS = (
    Pair("a kernel with all imports, forked / started cold", "forked", "cold", 0.16),
    Pair("seven notebooks and the report / papermill's and nbconvert's commands", "report", "stock", 0.12),
    Pair("the same / its floor: plain forks, no Jupyter protocol, the same page", "report", "floor", 1.2),
    Pair("nothing changed, run again / the first run", "again", "report", 0.05),
    Pair(f"{MANY} clients in one command / papermill and nbconvert {MANY} times", "forty", "stock", 0.09, 1, MANY),
    Pair(f"{MORE:,} customers / {LESS:,} customers (10 is linear)", "more", "less", 10.0, 1),
)


def once(name: str) -> tuple[float, float]:
    """Run one case in a process of its own: its seconds, and the most memory in MB."""
    command = [sys.executable, "-m", "benchmarks.whole", name]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT).stdout.split()
    return float(told[-2]), float(told[-1])


def one(name: str) -> None:
    """Run one case here, and print its figures."""
    HOME.mkdir(parents=True, exist_ok=True)
    case = CASES[name]()
    with Watch() as watch:
        begun = time.perf_counter()
        case()
        seconds = time.perf_counter() - begun
    print(seconds, watch.most_mb)


def rounds(runs: int) -> dict[str, list[tuple[float, float]]]:
    """Run every case of the pairs that are run so often, in turn, as often: for each its seconds and most memory."""
    cases = dict.fromkeys(name for pair in PAIRS if pair.runs == runs for name in (pair.yardstick, pair.ours))
    told: dict[str, list[tuple[float, float]]] = {name: [] for name in cases}
    for _ in range(runs):
        for name, seen in told.items():
            seen.append(once(name))
            print(f"{name}: {seen[-1][0]:.2f} s, {seen[-1][1]:,.0f} MB", flush=True)
    return told


def _row(pair: Pair, told: dict[str, list[tuple[float, float]]]) -> str:
    mine, theirs = told[pair.ours], told[pair.yardstick]
    ratio = statistics.median(a / (b * pair.times) for (a, _), (b, _) in zip(mine, theirs, strict=True))
    first, second = (statistics.median(seconds for seconds, _ in each) for each in (mine, theirs))
    word = "met" if ratio <= pair.goal else "missed"
    figures = f"{first:.2f} | {second * pair.times:.2f} | {ratio:.3f} | ≤ {pair.goal} ({word})"
    memory = f"{max(most for _, most in mine):,.0f}"
    return f"| {pair.title} | {figures} | {pair.runs} | {memory} | {dt.date.today().isoformat()} |"


def main() -> None:
    """Measure every pair, and write the table; with numbers only those that are run so often: the others stay."""
    wanted = [int(each) for each in sys.argv[1:]] or sorted({pair.runs for pair in PAIRS}, reverse=True)
    told = {runs: rounds(runs) for runs in wanted}
    known = {line.split(" | ")[0]: line for line in results.section(SECTION).splitlines()}
    asked = [_row(pair, told[pair.runs]) if pair.runs in told else known.get(f"| {pair.title}") for pair in PAIRS]
    rows = [row for row in asked if row]
    print(*rows, sep="\n")
    command = "python -m benchmarks.whole"
    results.put(SECTION, f"{results.measured(command)}\n{HEAD}" + "\n".join(rows) + "\n" + NOTES)


HEAD = """All cases run in turn, each in a process of its own, from a shop of which nothing is prepared; seconds by
the clock, median. Ratio: ours over the yardstick of the same run. Memory: the most that the command and all processes
below it held at once, each page of memory counted once.

| what | seconds | yardstick, seconds | ratio | goal | runs | peak memory, MB | measured |
|---|---|---|---|---|---|---|---|
"""
NOTES = """
Papermill and nbconvert run copies without the cells for the analyst's hand, which our command does not run either.
The report of a million customers may hold 4 GB at most. It held 12.5 GB while two of its chapters were made at once,
with up to 4.6 GB for DuckDB in each; now one is made at a time, with four times what the tables take on disk (1.6 GB):
the chapters hold 3.7 GB at most, but the largest file, while it is prepared, 6.0, 4.9 of them mapped pages.
"""

if __name__ == "__main__":
    one(sys.argv[1]) if sys.argv[1:] and sys.argv[1] in CASES else main()
