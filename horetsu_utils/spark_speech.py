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

    def visit_Cast(self, op: ops.Cast, *, arg: Any, to: dt.DataType) -> Any:
        """Round on the way to a whole number, as DuckDB does (a float's half to the even one): Spark cuts off."""
        if to.is_integer() and op.arg.dtype.is_floating():
            arg = self.f.rint(arg)
        elif to.is_integer() and op.arg.dtype.is_decimal():
            arg = self.f.round(arg)
        return super().visit_Cast(op, arg=arg, to=to)

    def visit_Round(self, op: ops.Round, *, arg: Any, digits: Any) -> Any:
        """Round a float by what it is, not by how it is written: 1.005 lies below the half."""
        if not op.arg.dtype.is_floating() or not isinstance(op.digits, ops.Literal) or op.digits.value <= 0:
            return super().visit_Round(op, arg=arg, digits=digits)
        places = self.cast(repr(float(10**op.digits.value)), dt.float64)
        return self.cast(self.f.round(sge.paren(arg) * places) / places, op.dtype)

    def visit_Divide(self, op: ops.Divide, *, left: Any, right: Any) -> Any:
        """Divide as doubles: Spark's decimals keep a few digits only."""
        exact = [each.dtype.is_decimal() for each in (op.left, op.right)]
        parts = [self.cast(part, dt.float64) if is_ else part for part, is_ in zip((left, right), exact, strict=True)]
        return super().visit_Divide(op, left=parts[0], right=parts[1])

    def visit_Mean(self, op: ops.Mean, *, arg: Any, where: Any) -> Any:
        """Take the mean of decimals as doubles, for the same reason."""
        return self.agg.avg(self.cast(arg, dt.float64) if op.arg.dtype.is_decimal() else arg, where=where)

    def visit_DateDelta(self, op: ops.DateDelta, *, part: Any, left: Any, right: Any) -> Any:
        """Count days; of months Spark counts whole ones, DuckDB those begun."""
        if part.name != "day":
            raise com.UnsupportedOperationError(f"Spark: a span of days in {part.name}")
        return self.f.datediff(left, right)

    def visit_DateTruncate(self, op: ops.DateTruncate, *, arg: Any, unit: Any) -> Any:
        """Let the first day of a month stay a day: Spark makes a time of it."""
        return self.cast(self.visit_TimestampTruncate(op, arg=arg, unit=unit), op.dtype)

    def visit_CountStar(self, op: ops.CountStar, *, arg: Any, where: Any) -> Any:
        """Count 0 where there is no row: Ibis asks Spark for a sum, and of nothing that is null."""
        return self.f.count(sge.Star() if where is None else self.if_(where, 1, NULL))

    def visit_WindowFunction(self, op: ops.WindowFunction, *, func: Any, **parts: Any) -> Any:
        """Count what differs within a window as the size of its set: Spark counts it within a group only."""
        if not isinstance(op.func, ops.CountDistinct):
            return super().visit_WindowFunction(op, func=func, **parts)
        (counted,) = func.this.expressions
        return self.f.size(super().visit_WindowFunction(op, func=self.f.collect_set(counted), **parts))

    def visit_ArrayCollect(self, op: ops.ArrayCollect, **parts: Any) -> Any:
        """Collect nothing as null, not as an empty list."""
        collected = super().visit_ArrayCollect(op, **parts)
        return self.if_(self.f.size(collected).eq(0), NULL, collected)

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
        outer = outer.where(sg.column(KEPT, quoted=True))
        outer = outer.order_by(*sort_keys) if sort_keys else outer
        return outer.distinct() if parts["distinct"] else outer
