"""Every control of the notebooks, moved on a shop of 100,000 customers: `python -m benchmarks.controls`.

Each notebook's cells run in a process of its own, as a kernel runs them; then each control is moved over its range,
and the function behind it computes, and draws its PNG as it does in the notebook. The yardstick is an empty figure of
a usual size, drawn in the same process. Seconds are of CPU, over all threads, which a busy machine lengthens
less than those of the clock, but does lengthen.
"""

import ast
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import nbformat

from benchmarks import results
from benchmarks.sizes import ROOT

CUSTOMERS, GOAL_SECONDS, MOVES = 100_000, 0.3, 5
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
        if "interactive" in tags and "form" not in tags:
            yield space["_shown"]


def others(control: Any) -> list[Any]:
    """Return values that a person could choose by a control, spread over its whole range."""
    if hasattr(control, "min"):
        found = [control.min + (control.max - control.min) * place // MOVES for place in range(MOVES + 1)]
    else:
        found = [each[1] if isinstance(each, tuple) else each for each in getattr(control, "options", ())][: MOVES + 1]
    return [each for each in found if each != control.value] or [_other_text(control, place) for place in range(MOVES)]


def _other_text(control: Any, place: int) -> str:
    """Raise the last number of what is written, or hinted at in an empty box: cut-offs stay cut-offs."""
    rising: list[float] = []
    for number in re.findall(r"[\d.]+", getattr(control, "placeholder", "").partition("いまは")[2]):
        rising.append(max(float(number), rising[-1] + 1 if rising else 0))
    written = control.value or ", ".join(f"{each:.0f}" for each in rising)
    return re.sub(r"\d+(?=\D*$)", lambda found: str(int(found[0]) + place + 1), written)


def timed(act: Callable[[], object]) -> float:
    """Return the seconds of CPU that something takes, over all threads."""
    begun = time.process_time()
    act()
    return time.process_time() - begun


def blank() -> None:
    """Draw an empty figure, as the kit draws its figures."""
    from horetsu_utils.charts import theme

    with theme.at_once(), theme.canvas(3) as (figure, _):
        theme.finish(figure, "", "")


def moved(control: Any, page: Any) -> list[float]:
    """Return the seconds of each move of a control, with what stands below it.

    Errors
        RuntimeError where a move drew nothing, or was refused in words: that would be no measurement
    """
    seconds, first = [], control.value
    for value in others(control):
        page.value = ""
        seconds.append(timed(partial(setattr, control, "value", value)))
        if not page.value or page.value.partition(">")[2].startswith("<p>"):
            raise RuntimeError(f"{control.description}: {value!r} → {page.value}")
    control.value = first
    return seconds


def rows(name: str) -> Iterator[str]:
    """Move every control of one notebook: a row for each, with the median and the slowest, which is judged."""
    from ipywidgets import HTML

    for box in boxes(ROOT / "notebooks" / f"{name}.ipynb", shop()):
        page = next(each for each in box.children if isinstance(each, HTML))
        for control in box.children[: box.children.index(page)]:
            seconds, bare = moved(control, page), statistics.median(timed(blank) for _ in range(MOVES))
            word = "met" if max(seconds) <= GOAL_SECONDS else "missed"
            figures = f"{statistics.median(seconds):.2f} | {max(seconds):.2f} | {bare:.2f}"
            yield f"| {name} | {control.description} | {figures} | ≤ {GOAL_SECONDS} ({word}) |"


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
    command = "python -m benchmarks.controls"
    results.put("Controls in the notebooks", f"{results.measured(command)}\n{HEAD}" + "\n".join(found))


HEAD = """Each control of each notebook, moved over its range on the demo shop of 100,000 customers: seconds of CPU over
all threads, to compute and to draw; median and slowest of up to six moves; the slowest is judged. The yardstick is an
empty figure, drawn in the same process. A move that drew nothing, or was refused, ends the measurement.

| notebook | control | seconds | slowest | empty figure | goal |
|---|---|---|---|---|---|
"""

if __name__ == "__main__":
    main()
