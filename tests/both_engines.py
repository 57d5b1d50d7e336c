"""One notebook walked on two engines: every table that a metric returns and every figure that leaves the engine."""

import functools
import importlib
import importlib.util
import inspect
import json
import math
import os
import pkgutil
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from horetsu_utils import assets, cache, metrics
from horetsu_utils import client as clients

NEAR = 1e-9
MANY = 100_000
"""Tables of so many rows are first compared column by column: row by row takes minutes."""
Told = list[tuple[str, Any]]
"""What was said, in order: where (a metric's name, or the line that asked), and what."""
WITHOUT_ORDER = ("affinity.baskets",)
"""Metrics whose lists say what lies together, in no order."""


def functions() -> dict[str, Callable[..., Any]]:
    """Return every public function of the metrics, as module.name."""
    found = {}
    for module in map(importlib.import_module, _modules()):
        for name, each in vars(module).items():
            if inspect.isfunction(each) and each.__module__ == module.__name__ and not name.startswith("_"):
                found[f"{module.__name__.rpartition('.')[2]}.{name}"] = each
    return found


def _modules() -> list[str]:
    return [f"{metrics.__name__}.{each.name}" for each in pkgutil.iter_modules(metrics.__path__)]


WITHOUT = (
    'Spark is not installed: `make spark` installs the extra "spark" and runs these tests; Java 17 must stand beside '
    "it (on Debian: apt install openjdk-17-jre-headless)"
)


def has_spark() -> bool:
    java = shutil.which("java", path=str(Path(os.environ["JAVA_HOME"]) / "bin") if "JAVA_HOME" in os.environ else None)
    return bool(importlib.util.find_spec("pyspark") and java)


def on(engine: str, client: Path, folder: Path) -> Path:
    """Return a copy of a client, with its prepared tables, that computes by a line of client.yaml."""
    shutil.copytree(client, folder)
    settings = folder / "client.yaml"
    settings.write_text(f"{settings.read_text(encoding='utf-8')}\n{engine}\n", encoding="utf-8")
    return folder


def pair(engine: str, client: Path, folder: Path) -> tuple[Path, Path]:
    """Return a client on DuckDB, prepared, and the copy of it that `on` makes."""
    cache.prepared(clients.find(str(client)))
    return client, on(engine, client, folder)


@contextmanager
def recording(monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    """Record what metrics return, and what becomes pandas or Arrow, until the end of the block."""
    told: Told = []
    with monkeypatch.context() as patch:
        for name, each in functions().items():
            module, _, plain = name.rpartition(".")
            patch.setattr(f"{metrics.__name__}.{module}.{plain}", _metric(name, each, told))
        for way in ("execute", "to_pyarrow"):
            patch.setattr(ir.Expr, way, _asked(getattr(ir.Expr, way), told))
        yield told


def _metric(name: str, function: Callable[..., Any], told: Told) -> Callable[..., Any]:
    @functools.wraps(function)
    def told_too(*args: Any, **named: Any) -> Any:
        found = function(*args, **named)
        if isinstance(found, ir.Table):
            at = len(told)
            table = found.to_pyarrow()
            del told[at:]  # not asked by the kit itself
            told.append((name, table))
        else:
            told.append((name, None))
        return found

    return told_too


def _asked(way: Callable[..., Any], told: Told) -> Callable[..., Any]:
    def told_too(expression: ir.Expr, /, *args: Any, **named: Any) -> Any:
        at = len(told)
        found = way(expression, *args, **named)
        del told[at:]  # what one way asks of another is told once
        told.append((_place(), found))
        return found

    return told_too


def _place() -> str:
    """Return the line of the kit, or of the notebook, that asked."""
    frame = sys._getframe(2)
    while frame.f_back and "horetsu_utils" not in frame.f_code.co_filename and "<cell" not in frame.f_code.co_filename:
        frame = frame.f_back
    return f"{Path(frame.f_code.co_filename).stem}:{frame.f_code.co_name}:{frame.f_lineno}"


def walk(notebook: str, client: Path, as_of: str = "") -> dict[str, Any]:
    """Run a notebook's cells, but those for the analyst's hand, in this process; return its names."""
    cells = json.loads((assets.NOTEBOOKS / f"{notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
    names: dict[str, Any] = {"__name__": "notebook"}
    for place, cell in enumerate(cells):
        tags = cell["metadata"].get("tags", [])
        if cell["cell_type"] != "code" or "interactive" in tags:
            continue
        exec(compile("".join(cell["source"]), f"<cell {place}>", "exec"), names)
        if "parameters" in tags:
            names |= {"client": str(client), "as_of": as_of}
    return names


def walked(chapter: str, shop: Path) -> Told:
    """Walk a notebook and return what was said in it."""
    with pytest.MonkeyPatch.context() as patch, recording(patch) as told:
        walk(chapter, shop)
        plt.close("all")
    return told


def differences(one: Told, other: Told) -> list[str]:
    """Return where two walks said different things: other tables, rows, kinds of columns, or figures."""
    places, others = ([place for place, _ in each] for each in (one, other))
    if places != others:
        first = next((at for at, pair in enumerate(zip(places, others, strict=False)) if pair[0] != pair[1]), None)
        return [f"another way from step {first}: {len(places)} and {len(others)} steps"]
    pairs = zip(places, (each for _, each in one), (each for _, each in other), strict=True)
    return [f"{place}: {problem}" for place, this, that in pairs for problem in _difference(place, this, that)]


def _difference(place: str, one: Any, other: Any) -> Iterator[str]:
    if _equal_at_once(one, other):
        return
    (columns, rows), (other_columns, others) = _told(one, place), _told(other, place)
    if columns != other_columns:
        yield f"columns {sorted(set(columns.items()) ^ set(other_columns.items()))}"
    elif len(rows) != len(others):
        yield f"{len(rows)} and {len(others)} rows"
    else:
        # a metric that promises no order may have any: then rows are matched by what stands in them
        in_order = all(map(_same, rows, others))
        pairs = zip(sorted(rows, key=_key), sorted(others, key=_key), strict=True) if not in_order else ()
        apart = [(row, another) for row, another in pairs if not _same(row, another)]
        if apart:
            yield f"{len(apart)} of {len(rows)} rows, first {_unlike(list(columns), *apart[0])}"


def _equal_at_once(one: Any, other: Any) -> bool:
    """Tell of two large tables, column by column, that they hold the same rows; if not, each row is looked at."""
    tables = (one, other)
    if all(isinstance(each, pd.DataFrame) for each in tables) and list(one.dtypes) == list(other.dtypes):
        tables = tuple(pa.Table.from_pandas(each, preserve_index=False) for each in tables)
    if not all(isinstance(each, pa.Table) and len(each) >= MANY for each in tables) or len(one) != len(other):
        return False
    names, kinds = tables[0].column_names, tables[0].schema.types
    if (names, kinds) != (tables[1].column_names, tables[1].schema.types) or any(map(pa.types.is_nested, kinds)):
        return False
    floats = [name for name, kind in zip(names, kinds, strict=True) if pa.types.is_floating(kind)]
    order = [(name, "ascending") for name in (*(name for name in names if name not in floats), *floats)]
    this, that = (each.sort_by(order).combine_chunks() for each in tables)
    return all((_near if name in floats else pa.ChunkedArray.equals)(this[name], that[name]) for name in names)


def _near(one: pa.ChunkedArray, other: pa.ChunkedArray) -> bool:
    numbers = (each.to_numpy() for each in (one, other))
    same = one.is_null().equals(other.is_null())
    return same and np.allclose(*numbers, rtol=NEAR, atol=NEAR, equal_nan=True)


def _unlike(columns: list[str], one: tuple[Any, ...], other: tuple[Any, ...]) -> str:
    return str([each for each in zip(columns, one, other, strict=True) if not _same(each[1], each[2])])


def _told(found: Any, place: str) -> tuple[dict[str, str], list[tuple[Any, ...]]]:
    """Return a table's columns with their kinds, and its rows; of a single value, one row."""
    if isinstance(found, pa.Table):
        kinds = {each.name: str(each.type).replace("item: ", "").replace("l: ", "") for each in found.schema}
        rows = list(zip(*(column.to_pylist() for column in found.columns), strict=True))
    elif isinstance(found, pd.DataFrame):
        kinds = {name: str(kind) for name, kind in found.dtypes.items()}
        rows = list(found.itertuples(index=False, name=None))
    elif isinstance(found, pa.Scalar):
        kinds, rows = {"value": str(found.type)}, [(found.as_py(),)]
    else:
        values = found.tolist() if isinstance(found, pd.Series) else [found]
        kinds, rows = {"value": ""}, [(each,) for each in values]
    return kinds, [tuple(_plain(value, place) for value in row) for row in rows]


def _plain(value: Any, place: str) -> Any:
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, float) and math.isnan(value):
        return "not a number"
    if isinstance(value, list):
        values = tuple(_plain(each, place) for each in value)
        return tuple(sorted(values)) if place in WITHOUT_ORDER else values
    return value.item() if hasattr(value, "item") else value


def _key(row: tuple[Any, ...]) -> tuple[list[str], list[str]]:
    """Return what rows are matched by: all but the floats first, for these may differ by a hair."""
    floats = [f"{value:.6e}" for value in row if isinstance(value, float)]
    return [repr(value) for value in row if not isinstance(value, float)], floats


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=NEAR, abs_tol=NEAR)
    return type(one) is type(other) and bool(one == other)
