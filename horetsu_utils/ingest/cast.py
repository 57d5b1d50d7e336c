"""One file's text columns → the typed columns of a canonical table, with the problem of each row beside them."""

from typing import TypeAlias

import ibis
import ibis.expr.types as ir

from horetsu_utils import engine, schema
from horetsu_utils.ingest import normalise, scores
from horetsu_utils.ingest.texts import Door, texts

PROBLEM, DOUBT, VALUE = "problem", "doubt", "_value"
MISSING, UNREADABLE, OUTSIDE, MANGLED = ALL_TROUBLES = ("missing", "unreadable", "outside", "mangled")
YEARS = (1900, 2199)
"""A date in another year was not meant so: 26/06/30 is no day of the year 26."""


_Refusal: TypeAlias = tuple[ir.BooleanValue, ir.StringValue, str]
"""When a row is refused, "code|column", and the column."""


def cast(raw: ir.Table, door: Door) -> ir.Table:
    """Give every row its canonical values, or the reason why it has none.

    Shape
        raw text rows (ROW, c0, c1, …) -> the same rows: ROW, every canonical column, `problem` ("code|column" of the
        first required value that cannot be used) and its text `_value`, `doubt` (every optional column whose value was
        emptied); columns that are not cells of the file stay
    Errors
        none; a row's trouble is told in its own columns
    Source
        METHOD.md section 1, FORMATS.md (rules for all)
    """
    cells = {f"c{index}" for index in range(len(door.header.names))}
    others = [name for name in raw.columns if name not in cells]
    rows, (told,) = _step(raw, others, texts(raw, door))
    typed = {name: _sized(door.schema[name], _typed(door.schema[name], value, door)) for name, value in told.items()}
    rows, (told, typed) = _step(rows, others, told, typed | _computed(typed, told, door))
    rows, (told, typed, troubles) = _step(rows, others, told, typed, _troubles(typed, told, door))
    settled = {column.name: _settled(column, typed, troubles) for column in door.schema.columns}
    refused = [*_refused(troubles, typed, door), *_none_given(troubles, settled, door)]
    if door.table == scores.TABLE:
        settled |= {name: scores.on_five_points(settled[name], door.section.scale) for name in scores.SCORES}
    return rows.select(
        *others,
        **settled,
        **{PROBLEM: _first(refused), DOUBT: _emptied(troubles, door), VALUE: _value_of(refused, told)},
    )


def _step(table: ir.Table, others: list[str], *groups: dict[str, ir.Value]) -> tuple[ir.Table, list[dict]]:
    """Put what is known so far into columns: written out anew wherever it is used, it would grow beyond all measure."""
    columns = {f"{place} {name}": value for place, group in enumerate(groups) for name, value in group.items()}
    rows = engine.layer(table.select(*others, **columns))
    return rows, [{name: rows[f"{place} {name}"] for name in group} for place, group in enumerate(groups)]


def _sized(column: schema.Column, value: ir.Value) -> ir.Value:
    return value.abs() if column.unsigned else value


def plainly(column: schema.Column, value: ir.StringValue, door: Door) -> ir.Value:
    """Read a number, or a date or time, that is written without full-width digits, currency signs and commas."""
    if column.kind in ("date", "time"):
        zone = door.mapping.time_zone or door.zone
        times = engine.parse_times(value, door.dates or door.section.dates, zone=zone, to_zone=door.zone)
        meant = times.year().between(*YEARS).ifelse(times, ibis.null(times.type()))
        return meant.cast(schema.DTYPES[column.kind])
    number = normalise.plain_number(value)
    return _whole(number) if column.kind == "integer" else number


def day(value: ir.StringValue, door: Door) -> ir.DateValue:
    """Read a day of a file that feeds no column of ours."""
    return _typed(schema.Column("day", "date"), value, door)


def _whole(number: ir.DecimalValue) -> ir.IntegerValue:
    return (number == number.floor()).ifelse(number, None).cast("int64")


def _typed(column: schema.Column, value: ir.StringValue, door: Door) -> ir.Value:
    if column.name in door.plain:
        return plainly(column, value, door)
    match column.kind:
        case "number":
            return normalise.number(value, european=door.mapping.numbers == "european")
        case "integer":
            return _whole(normalise.number(value, european=door.mapping.numbers == "european"))
        case "date" | "time":
            return plainly(column, normalise.half_width(value).re_replace(r"(\d)Z$", r"\1+00:00"), door)
        case "choice" | "flag":
            return _spelled(column, value, door)
    return value


def _spelled(column: schema.Column, value: ir.StringValue, door: Door) -> ir.Value:
    meanings = door.spellings.get(column.name, {})
    cases = [(value == word, meant) for word, meant in meanings.items()]
    if column.kind == "flag":
        flags = [(test, ibis.literal(meant == "true")) for test, meant in cases]
        return ibis.cases(*flags, else_=ibis.null("boolean")) if flags else ibis.null("boolean")
    return ibis.cases(*cases, else_=value) if cases else value


def _computed(typed: dict[str, ir.Value], told: dict[str, ir.StringValue], door: Door) -> dict[str, ir.Value]:
    """Fill in what the file leaves blank; a value that is written but cannot be read is never covered up.

    An expression that names its own column, such as `amount - discount`, changes what is written.
    """
    numbers = {name: value for name, value in typed.items() if door.schema[name].kind == "number"}
    computed: dict[str, ir.Value] = {}
    for name, expression in door.section.computed.items():
        if not normalise.names_in(expression) <= set(numbers):
            continue  # a column of the expression is not in this file; `require` has spoken if it had to be
        value = normalise.arithmetic(expression, numbers)
        fills = name in told and name not in normalise.names_in(expression)
        computed[name] = told[name].isnull().ifelse(value, typed[name]) if fills else value
    return computed


def _troubles(typed: dict[str, ir.Value], told: dict[str, ir.StringValue], door: Door) -> dict[str, ir.StringValue]:
    """Return, for each column that can be wrong, the code of what is wrong with its value, or null."""
    pairs = {name: _tests(door.schema[name], told.get(name), value) for name, value in typed.items()}
    return {name: ibis.cases(*tests, else_=ibis.null("string")) for name, tests in pairs.items() if tests}


def _tests(column: schema.Column, text: ir.StringValue | None, value: ir.Value) -> list[tuple[ir.BooleanValue, str]]:
    pairs: list[tuple[ir.BooleanValue, str]] = []
    if column.kind == "id" and text is not None:
        pairs.append((normalise.mangled(text), MANGLED))
    if text is not None and column.kind not in ("id", "text"):
        pairs.append((value.isnull() & text.notnull(), UNREADABLE))
    if column.choices or column.minimum is not None or column.maximum is not None:
        pairs.append(((~schema.valid(column, value)).fill_null(False), OUTSIDE))
    if column.required:
        pairs.append((value.isnull(), MISSING))
    return pairs


def _refused(troubles: dict[str, ir.StringValue], typed: dict[str, ir.Value], door: Door) -> list[_Refusal]:
    """List what makes a row unusable; a computed value that is missing is blamed on the part that cannot be read."""
    found = []
    for name, trouble in troubles.items():
        codes = _codes(name, door)
        named = normalise.names_in(door.section.computed.get(name, "0"))
        parts = named & set(troubles)
        if codes and parts:
            lost = trouble == MISSING
            found += [(lost & troubles[part].notnull(), troubles[part] + f"|{part}", part) for part in sorted(parts)]
            measured = ibis.and_(*(typed[part].notnull() for part in parts))
            if named <= set(typed):
                found.append((lost & measured, ibis.literal(f"{OUTSIDE}|{name}"), name))
        if codes:
            found.append((trouble.isin(codes), trouble + f"|{name}", name))
    return found


def _none_given(troubles: dict[str, ir.StringValue], settled: dict[str, ir.Value], door: Door) -> list[_Refusal]:
    """List the rows that leave a whole group empty of which one is needed; a row without a customer is no such row."""
    found = []
    for group in door.schema.one_of:
        if "customer_id" not in group:
            empty = ibis.and_(*(settled[name].isnull() for name in group))
            blamed = [name for name in group if name in troubles]
            found += [(empty & troubles[name].notnull(), troubles[name] + f"|{name}", name) for name in blamed]
            found.append((empty, ibis.literal(f"{MISSING}|{group[0]}"), group[0]))
    return found


def _codes(name: str, door: Door) -> tuple[str, ...]:
    """Return the troubles of a column that make the row unusable."""
    if name == "customer_id":
        return (MANGLED,)  # a row without a customer is set aside, not refused
    column = door.schema[name]
    return ALL_TROUBLES if column.required or column.telling else ()


def _first(refused: list[_Refusal]) -> ir.StringValue:
    return ibis.cases(*((holds, told) for holds, told, _ in refused), else_=ibis.null("string"))


def _value_of(refused: list[_Refusal], told: dict[str, ir.StringValue]) -> ir.StringValue:
    texts = ((holds, told.get(name, ibis.null("string"))) for holds, _, name in refused)
    return ibis.cases(*texts, else_=ibis.null("string"))


def _emptied(troubles: dict[str, ir.StringValue], door: Door) -> ir.StringValue:
    """Return "code|column" of every optional value that was left empty, with commas between them."""
    found = [trouble + f"|{name}" for name, trouble in troubles.items() if not _codes(name, door)]
    return ibis.literal(",").join(found).nullif("") if found else ibis.null("string")


def _settled(column: schema.Column, typed: dict[str, ir.Value], troubles: dict[str, ir.StringValue]) -> ir.Value:
    dtype = schema.DTYPES[column.kind]
    if column.name not in typed:
        return ibis.null(dtype)
    value = typed[column.name].cast(dtype)
    if column.required or column.name not in troubles:
        return value
    return troubles[column.name].isnull().ifelse(value, ibis.null(dtype))
