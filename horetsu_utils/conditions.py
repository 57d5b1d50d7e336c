"""What a rule file may ask of a column, as Ibis expressions: a value, one of several, a comparison, words."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir

FILLED, CONTAINS = "filled", "contains"
FIRST, BEFORE = "first", "before"
_COMPARED = re.compile(
    r"(>=|<=|>|<)\s*(?:([0-9]+(?:\.[0-9]+)?)\s*[×x*]\s*)?([A-Za-z_][A-Za-z_0-9]*|-?[0-9]+(?:\.[0-9]+)?)"
)
_DIGITS = 6
"""Numbers are compared to so many digits, so that a value exactly on the line is never lost to rounding."""


class Comparison(NamedTuple):
    """A value held against a number, another column of its row, or the customer's own first or previous value."""

    sign: str
    factor: float
    other: str

    @property
    def number(self) -> float | None:
        """The number on the right, if it is one."""
        return None if self.other[0].isalpha() or self.other[0] == "_" else float(self.other)


def comparison(text: object) -> Comparison | None:
    """Read a comparison such as `>= expectation` or `>= 1.05 × before`; None for anything else."""
    found = _COMPARED.fullmatch(text.strip()) if isinstance(text, str) else None
    return Comparison(found[1], float(found[2] or 1), found[3]) if found else None


def holds(table: ir.Table, conditions: Mapping[str, Any], *, same: str = "") -> ir.BooleanValue:
    """Tell, per row, whether every column is what is asked of it; an unknown value is not.

    Shape
        rows with customer_id and `moment` (their order in time) -> boolean. `same` names a column within which `first`
        and `before` look.
    Errors
        none; a condition that cannot be read is refused with its rule file
    Source
        templates/rules/stages.yaml
    """
    checks = [_holds(table, name, wanted, same) for name, wanted in conditions.items()]
    return ibis.and_(*checks).fill_null(False) if checks else ibis.literal(True)


def _holds(table: ir.Table, name: str, wanted: Any, same: str) -> ir.BooleanValue:
    value = table[name]
    if isinstance(wanted, Mapping):
        return ibis.or_(*(value.contains(word) for word in wanted[CONTAINS]))
    if wanted == FILLED:
        return value.notnull() & (value.cast("string").replace("\u3000", " ").strip() != "")
    if compared := comparison(wanted):
        return _compares(table, value, compared, same)
    words = list(wanted) if isinstance(wanted, list | tuple) else [wanted]
    among = value.isin([word for word in words if word != ""])
    return among.fill_null(False) | value.isnull() if "" in words else among


def _compares(table: ir.Table, value: ir.NumericValue, compared: Comparison, same: str) -> ir.BooleanValue:
    other = compared.number if compared.number is not None else _other(table, value, compared, same)
    left, right = value.cast("float64").round(_DIGITS), (ibis.literal(compared.factor) * other).round(_DIGITS)
    return {">=": left >= right, "<=": left <= right, ">": left > right, "<": left < right}[compared.sign]


def _other(table: ir.Table, value: ir.NumericValue, compared: Comparison, same: str) -> ir.NumericValue:
    """Return the value to hold against: a multiple is asked only of what is more than nothing."""
    if compared.other not in (FIRST, BEFORE):
        return table[compared.other].cast("float64")
    own = ibis.window(group_by=["customer_id", *([same] if same else [])], order_by=["moment", value])
    earlier = value.first().over(own) if compared.other == FIRST else value.lag().over(own)
    number = earlier.cast("float64")
    return number if compared.factor == 1 else (number > 0).ifelse(number, None)
