"""One file's text columns → the typed columns of a canonical table, with the problem of each row beside them."""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir

from horetsu_utils import engine, schema
from horetsu_utils.ingest import normalise
from horetsu_utils.ingest.texts import Door, filled_in_order, texts

PROBLEM, DOUBT, VALUE = "problem", "doubt", "_value"
MISSING, UNREADABLE, OUTSIDE, MANGLED = ALL_TROUBLES = ("missing", "unreadable", "outside", "mangled")
IDS = ("order_id", "customer_id", "product_id")


def cast(raw: ir.Table, door: Door) -> ir.Table:
    """Give every row its canonical values, or the reason why it has none.

    Shape
        raw text rows (ROW, c0, c1, …) -> the same rows: ROW, every canonical column, `problem` ("code|column" of the
        first required value that cannot be used), `doubt` (an optional column whose value was emptied), `_value`;
        columns that are not cells of the file stay
    Errors
        none; a row's trouble is told in its own columns
    Source
        METHOD.md section 1, FORMATS.md (rules for all)
    """
    raw = filled_in_order(raw, door)
    told = texts(raw, door)
    typed = {name: _typed(door.schema[name], value, door) for name, value in told.items()}
    typed |= _computed(typed, door)
    troubles = {name: _trouble(door.schema[name], told.get(name), value) for name, value in typed.items()}
    required = set(door.schema.required)

    def refused(name: str) -> tuple[str, ...]:
        if name == "customer_id":
            return (MANGLED,)  # a row without a customer is set aside, not refused
        return ALL_TROUBLES if name in required or name in IDS else ()

    def emptied(name: str) -> tuple[str, ...]:
        return () if refused(name) else ALL_TROUBLES

    cells = {f"c{index}" for index in range(len(door.header.names))}
    return raw.select(
        *[name for name in raw.columns if name not in cells],
        **{column.name: _settled(column, typed, troubles) for column in door.schema.columns},
        **{PROBLEM: _first(troubles, refused), DOUBT: _first(troubles, emptied), VALUE: _value_of(told, troubles)},
    )


def plainly_written(raw: ir.Table, door: Door) -> frozenset[str]:
    """Find the columns without a full-width digit, currency sign or grouping comma: they are read the quick way.

    Shape
        raw text rows -> names of canonical columns
    Errors
        none
    Source
        measured: folding every cell costs ten times the reading of plain ones
    """
    columns = {
        name: (door.schema[name], value)
        for name, value in texts(raw, door).items()
        if door.schema[name].kind in ("number", "integer", "date", "time")
    }
    unread = {
        name: (_quick(column, value, door).isnull() & value.notnull()).sum().fill_null(0)
        for name, (column, value) in columns.items()
    }
    if not unread or (door.mapping.numbers == "european"):
        return frozenset()
    counts = raw.aggregate(**unread).to_pyarrow().to_pylist()[0]
    return frozenset(name for name, count in counts.items() if count == 0)


def _quick(column: schema.Column, value: ir.StringValue, door: Door) -> ir.Value:
    if column.kind in ("date", "time"):
        zone = door.mapping.time_zone or door.zone
        times = engine.parse_times(value, door.section.dates, zone=zone, to_zone=door.zone)
        return times.cast(schema.DTYPES[column.kind])
    number = normalise.plain_number(value)
    return _whole(number) if column.kind == "integer" else number


def _whole(number: ir.DecimalValue) -> ir.IntegerValue:
    return (number == number.floor()).ifelse(number, None).cast("int64")


def _typed(column: schema.Column, value: ir.StringValue, door: Door) -> ir.Value:
    if column.name in door.plain:
        return _quick(column, value, door)
    match column.kind:
        case "number":
            return normalise.number(value, european=door.mapping.numbers == "european")
        case "integer":
            return _whole(normalise.number(value))
        case "flag":
            return normalise.flag(value)
        case "date" | "time":
            return _quick(column, normalise.half_width(value), door)
        case "choice":
            return _choice(column, value, door)
    return value


def _choice(column: schema.Column, value: ir.StringValue, door: Door) -> ir.StringValue:
    synonyms = door.section.values.get(column.name, {})
    word = normalise.half_width(value)
    pairs = [(word.lower() == seen.lower(), meant) for seen, meant in synonyms.items()]
    return ibis.cases(*pairs, else_=word) if pairs else word


def _computed(typed: dict[str, ir.Value], door: Door) -> dict[str, ir.Value]:
    numbers = {name: value for name, value in typed.items() if door.schema[name].kind == "number"}
    computed: dict[str, ir.Value] = {}
    for name, expression in door.section.computed.items():
        if not normalise.names_in(expression) <= set(numbers):
            continue  # a column of the expression is not in this file; `require` has spoken if it had to be
        value = normalise.arithmetic(expression, numbers)
        computed[name] = ibis.coalesce(typed[name], value) if name in typed else value
    return computed


def _trouble(column: schema.Column, text: ir.StringValue | None, value: ir.Value) -> ir.StringValue:
    """Return the code of what is wrong with a column's value, or null."""
    pairs = []
    if column.kind == "id" and text is not None:
        pairs.append((normalise.mangled(text), MANGLED))
    if text is not None and column.kind not in ("id", "text"):
        pairs.append((value.isnull() & text.notnull(), UNREADABLE))
    if column.choices or column.minimum is not None or column.maximum is not None:
        pairs.append(((~schema.valid(column, value)).fill_null(False), OUTSIDE))
    if column.required:
        pairs.append((value.isnull(), MISSING))
    return ibis.cases(*pairs, else_=ibis.null("string")) if pairs else ibis.null("string")


def _first(troubles: dict[str, ir.StringValue], counted: Callable[[str], tuple[str, ...]]) -> ir.StringValue:
    """Return "code|column" of a row's first trouble, among the codes that are `counted` for each column."""
    pairs = [
        (trouble.isin(codes), trouble + f"|{name}") for name, trouble in troubles.items() if (codes := counted(name))
    ]
    return ibis.cases(*pairs, else_=ibis.null("string")) if pairs else ibis.null("string")


def _settled(column: schema.Column, typed: dict[str, ir.Value], troubles: dict[str, ir.StringValue]) -> ir.Value:
    dtype = schema.DTYPES[column.kind]
    if column.name not in typed:
        return ibis.null(dtype)
    value = typed[column.name].cast(dtype)
    if column.required:
        return value
    return troubles[column.name].isnull().ifelse(value, ibis.null(dtype))


def _value_of(texts: dict[str, ir.StringValue], troubles: dict[str, ir.StringValue]) -> ir.StringValue:
    pairs = [(troubles[name].notnull(), text) for name, text in texts.items() if name in troubles]
    return ibis.cases(*pairs, else_=ibis.null("string")) if pairs else ibis.null("string")
