"""What a warm parent has ready before kernels are forked from it: imported, and used once.

Only the forkserver of `kernels` imports this module: importing it is what warms.
"""

import os

os.environ.update(
    {
        # a process that is forked must have no threads of a linear algebra library
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        # matplotlib reads this when it is imported: pictures go into the notebook, as in a kernel of Jupyter's own
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    }
)

import ast
import gc
import importlib
import io
import json
from pathlib import Path

from horetsu_utils import assets

SOONER = "horetsu_utils.quick_schema"
KERNEL = ("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "matplotlib.backends.backend_agg")


def imported(notebook: Path) -> list[str]:
    """Return the names that a notebook imports; the last part of some is no module, but something in one."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    names: list[str] = []
    for node in ast.walk(ast.parse("\n".join(sources))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


def load(names: list[str]) -> None:
    """Import modules; a name that is none is passed over."""
    for name in names:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            continue


def use() -> None:
    """Do once what is slow the first time: the kit's own files parsed, a query compiled, a picture with its words."""
    import ibis
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from horetsu_utils import engine, settings
    from horetsu_utils.charts import theme

    for path in sorted(assets.TEMPLATES.rglob("*.yaml")):
        settings.load(path)
    connection = engine.connect()
    rows = connection.create_table("rows", ibis.memtable({"who": [1, 1, 2], "yen": [1, 2, 3]}))
    rows.group_by("who").agg(yen=rows.yen.sum()).order_by("who").to_pandas()
    connection.disconnect()
    with theme.canvas(height=1, width=1) as (figure, axes):
        axes.set_title("準備")
        FigureCanvasAgg(figure).print_png(io.BytesIO())


def as_in_a_kernel() -> None:
    """Undo what pandas decides when no kernel is seen at its import: to show as many columns as the screen is wide."""
    import pandas as pd

    pd.set_option("display.max_columns", 20)


load([SOONER, *KERNEL, *(name for path in sorted(assets.NOTEBOOKS.glob("[0-9]*.ipynb")) for name in imported(path))])
use()
as_in_a_kernel()
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 20)
"""Ibis makes many small objects that stay: looking among them for rings as often as usual takes a fifth of the time."""
