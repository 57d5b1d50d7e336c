"""A metric asked of many small histories: Ibis takes far longer to put it into SQL than DuckDB to answer.

So it is put into SQL once for each set of tables and settings, and asked of the rows that stand in them each time.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from horetsu_utils import engine

_asked: dict[str, tuple[ir.Table, ir.Table]] = {}
"""The view in DuckDB, and the expression behind it, which holds what small tables of its own it has."""


@cache
def _house() -> Backend:
    return engine.connect()


def ask(metric: Callable[..., ir.Table], tables: Mapping[str, ir.Table], **asked: Any) -> ir.Table:
    """Return what `metric(tables, **asked)` tells of these tables, as a table in memory."""
    house = _house()
    for name, table in tables.items():
        house.con.register(name, table.to_pyarrow())
    kinds = [(name, str(table.schema())) for name, table in tables.items()]
    key = f"{metric.__module__}.{metric.__qualname__} {kinds} {asked}"
    if key not in _asked:
        expression = metric({name: house.table(name) for name in tables}, **asked)
        _asked[key] = house.create_view(ibis.util.gen_name("asked"), expression), expression
    view, expression = _asked[key]
    return ibis.memtable(view.to_pyarrow().cast(expression.schema().to_pyarrow()))
