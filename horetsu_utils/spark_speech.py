"""How Spark is spoken to, so that it counts as DuckDB does: Ibis's compiler, put right where the two would differ."""

from typing import Any

import ibis.common.exceptions as com
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import sqlglot as sg
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import NULL
from ibis.backends.sql.compilers.pyspark import PySparkCompiler

KEPT, SORTED = "_kept", "_sorted"
"""Columns that a filter by a window function needs for a moment."""


class Speech(PySparkCompiler):
    """Write an expression as Spark's SQL. Each method is named by the operation of Ibis that it writes."""

    __slots__ = ()

    def visit_NonNullLiteral(self, op: ops.Literal, *, value: Any, dtype: dt.DataType) -> Any:
        """Write a float as a double: Spark takes a bare 0.1 for a decimal, and would reckon on in decimals."""
        if dtype.is_floating():
            return self.cast(repr(float(value)), dt.float64)
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_DateTruncate(self, op: ops.DateTruncate, *, arg: Any, unit: Any) -> Any:
        """Let the first day of a month stay a day: Spark makes a time of it."""
        return self.cast(self.visit_TimestampTruncate(op, arg=arg, unit=unit), op.dtype)

    def visit_CountStar(self, op: ops.CountStar, *, arg: Any, where: Any) -> Any:
        """Count 0 where there is no row: Ibis asks Spark for a sum, and of nothing that is null."""
        return self.f.count(sge.Star() if where is None else self.if_(where, 1, NULL))

    def visit_First(self, op: ops.First, *, arg: Any, where: Any, order_by: Any, include_null: bool) -> Any:
        """Find the first by an order as the least, which Spark can: it cannot order what it aggregates."""
        if order_by:
            return self._edge("min_by", op, arg, where, order_by)
        return super().visit_First(op, arg=arg, where=where, order_by=order_by, include_null=include_null)

    def visit_Last(self, op: ops.Last, *, arg: Any, where: Any, order_by: Any, include_null: bool) -> Any:
        """Find the last by an order as the greatest."""
        if order_by:
            return self._edge("max_by", op, arg, where, order_by)
        return super().visit_Last(op, arg=arg, where=where, order_by=order_by, include_null=include_null)

    def _edge(self, name: str, op: ops.First | ops.Last, arg: Any, where: Any, order_by: Any) -> Any:
        if op.include_null or any(not key.ascending for key in op.order_by):
            raise com.UnsupportedOperationError("Spark: the first or last of nulls, or by a descending order")
        known = arg.is_(sg.not_(NULL))
        keys = [part for each in order_by for part in (each.this.is_(NULL), each.this)]  # what is unknown comes last
        return self.agg[name](arg, self.f.struct(*keys), where=known if where is None else sg.and_(known, where))

    def visit_Select(self, op: Any, **parts: Any) -> Any:
        """Write a filter by a window function as a query around a query: Spark has no QUALIFY.

        sqlglot would do so, too, but loses whose columns the filter compares.
        """
        qualified, sort_keys = parts["qualified"], parts["sort_keys"]
        if not qualified:
            return super().visit_Select(op, **parts)
        names = list(parts["selections"]) or list(op.parent.schema)
        fields = self._cleanup_names(parts["selections"]) if parts["selections"] else [sge.Star()]
        keys = [each.this.as_(f"{SORTED}{place}", quoted=True) for place, each in enumerate(sort_keys)]
        inner = sg.select(*fields, sg.and_(*qualified).as_(KEPT, quoted=True), *keys).from_(parts["parent"])
        inner = inner.where(*parts["predicates"])
        outer = sg.select(*(sg.column(name, quoted=True) for name in names)).from_(inner.subquery(KEPT))
        for place, each in enumerate(sort_keys):
            each.set("this", sg.column(f"{SORTED}{place}", quoted=True))
        outer = outer.where(sg.column(KEPT, quoted=True)).order_by(*sort_keys)
        return outer.distinct() if parts["distinct"] else outer
