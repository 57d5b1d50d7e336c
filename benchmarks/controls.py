"""Every control of the notebooks, moved on a shop of 100,000 customers: `python -m benchmarks.controls`.

Each notebook's cells run in a process of its own, as a kernel runs them; then each control is moved over its range,
and the function behind it computes, and draws its PNG as it does in the notebook. The yardstick is an empty figure of
a usual size, drawn in the same process. Seconds are of CPU, over all threads: a busy machine does not lengthen them.
"""

import ast
import datetime as dt
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat

from benchmarks.__main__ import HEADING, RESULTS, machine

CUSTOMERS, GOAL_SECONDS, MOVES = 100_000, 0.3, 5
ROOT = Path(__file__).resolve().parents[1]
HOME = Path(tempfile.gettempdir()) / "horetsu-bench" / "clients" / "demo100k"


def shop() -> Path:
    """Write the demo shop at that size, once, and return its folder."""
    from horetsu_utils import demo

    if not (HOME / "client.yaml").is_file():
        demo.write(HOME, demo.build(CUSTOMERS))
    return HOME


def boxes(path: Path, client: Path) -> Iterator[Any]:
    """Run a notebook's cells in this process, and give what each interactive one shows."""
    space: dict[str, Any] = {}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        body = ast.parse(cell.source).body
        if isinstance(body[-1], ast.Expr):
            body[-1] = ast.Assign([ast.Name("_shown", ast.Store())], body[-1].value)
        exec(compile(ast.fix_missing_locations(ast.Module(body, [])), path.name, "exec"), space)
        tags = cell.metadata.get("tags", [])
        if "parameters" in tags:
            space["client"] = str(client)
        if "interactive" in tags:
            yield space["_shown"]


def others(control: Any) -> list[Any]:
    """Return values that a person could choose by a control, spread over its whole range."""
    if hasattr(control, "min"):
        found = [control.min + (control.max - control.min) * place // MOVES for place in range(MOVES + 1)]
    else:
        found = [each[1] if isinstance(each, tuple) else each for each in getattr(control, "options", ())][: MOVES + 1]
    return [each for each in found if each != control.value] or [
        _other_text(control.value, place) for place in range(MOVES)
    ]


def _other_text(text: str, place: int) -> str:
    """Raise the last number of a text: a list of cut-offs stays one that can be counted by."""
    return re.sub(r"\d+(?=\D*$)", lambda found: str(int(found[0]) + place + 1), text)


def timed(act: Callable[[], object]) -> float:
    """Return the seconds of CPU that something takes, over all threads."""
    begun = time.process_time()
    act()
    return time.process_time() - begun


def blank() -> None:
    """Draw an empty figure, as the kit draws its figures."""
    from horetsu_utils.charts import theme

    with theme.canvas(3) as (figure, _):
        theme.finish(figure, "", "")


def told(shown: Any) -> object:
    """Give what a notebook would be sent of it."""
    bundle = getattr(shown, "_repr_mimebundle_", None)
    return bundle() if bundle else shown._repr_html_()


def rows(name: str) -> Iterator[str]:
    """Move every control of one notebook: a row for each, with the median and the slowest."""
    from horetsu_utils import widgets

    widgets.display = told  # type: ignore[attr-defined]
    for box in boxes(ROOT / "notebooks" / f"{name}.ipynb", shop()):
        for control in box.children[:-1]:
            if not hasattr(control, "value"):
                continue
            moved, first = [], control.value
            for value in others(control):
                moved.append(timed(lambda value=value: setattr(control, "value", value)))  # noqa: B023
            control.value = first
            bare = statistics.median(timed(blank) for _ in range(MOVES))
            half, most = statistics.median(moved), max(moved)
            word = "met" if half <= GOAL_SECONDS else "missed"
            figures = f"{half:.2f} | {most:.2f} | {bare:.2f} | ≤ {GOAL_SECONDS} ({word})"
            yield f"| {name} | {control.description} | {figures} |"


def main() -> None:
    """Print the rows of one notebook; without a name measure all, each in a process of its own, into RESULTS.md."""
    if sys.argv[1:]:
        for row in rows(sys.argv[1]):
            print(row, flush=True)
        return
    found = []
    for name in sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb")):
        command = [sys.executable, "-m", "benchmarks.controls", name]
        ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        found += [line for line in ran.stdout.splitlines() if line.startswith("| ")]
        print(*found, sep="\n", flush=True)
    before = RESULTS.read_text(encoding="utf-8").partition(HEADING)[0]
    table = HEAD.format(day=dt.date.today().isoformat(), machine=machine()) + "\n".join(found) + "\n"
    RESULTS.write_text(before.rstrip("\n") + "\n\n" + table, encoding="utf-8")


HEAD = (
    HEADING
    + """

Measured by `python -m benchmarks.controls` on {day}: {machine}. Each control of each notebook, moved over its range on
the demo shop of 100,000 customers: seconds of CPU over all threads, to compute and to draw; median and slowest of up to
six moves. The yardstick is an empty figure, drawn in the same process.

| notebook | control | seconds | slowest | empty figure | goal |
|---|---|---|---|---|---|
"""
)

if __name__ == "__main__":
    main()
