"""One file's cells → the text that feeds each canonical column, and the tests a mapping makes on its rows."""

from collections.abc import Callable
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from horetsu_utils import canon, schema
from horetsu_utils.ingest import normalise
from horetsu_utils.ingest.header import Header
from horetsu_utils.ingest.mapping import Condition, Key, Mapping, Section
from horetsu_utils.ingest.read import ROW


@dataclass(frozen=True)
class Door:
    """What is known about one file when its text is cast: its table, mapping, headings and the client's zone.

    `plain` names the columns whose every cell the quick way reads (see `plainly_written`).
    """

    table: str
    mapping: Mapping
    header: Header
    zone: str
    plain: frozenset[str] = frozenset()

    @property
    def section(self) -> Section:
        """The part of the mapping for this table."""
        return self.mapping.tables[self.table]

    @property
    def schema(self) -> schema.Table:
        """The canonical table this file feeds."""
        return canon.TABLES[self.table]


def texts(raw: ir.Table, door: Door) -> dict[str, ir.StringValue]:
    """Return the trimmed text that feeds each canonical column the file (or a constant) can fill."""
    texts: dict[str, ir.StringValue] = {}
    for column in door.schema.columns:
        clean: Callable[[ir.StringValue], ir.StringValue] = (
            normalise.identifier if column.kind == "id" else normalise.text
        )
        found = [clean(raw[f"c{place}"]) for place in door.header.first(door.section.columns.get(column.name, ()))]
        if column.name in door.section.constants:
            found.append(ibis.literal(door.section.constants[column.name]))
        if found:
            texts[column.name] = ibis.coalesce(*found) if len(found) > 1 else found[0]
    if door.section.customer_key:
        texts["customer_id"] = _customer(raw, door)
    return texts


def _customer(raw: ir.Table, door: Door) -> ir.StringValue:
    """Return who the customer is: the first key that is filled; all but ids carry their kind."""
    found = [_key(raw, key, door.header) for key in door.section.customer_key if door.header.first(key.columns)]
    return ibis.coalesce(*found)


def _key(raw: ir.Table, key: Key, header: Header) -> ir.StringValue:
    cells = [raw[f"c{place}"] for place in header.first(key.columns)]
    joined = cells[0]
    for cell in cells[1:]:
        joined = joined + " " + cell
    filled = normalise.identifier(joined.strip() if len(cells) > 1 else joined)
    known = filled.isin(key.empty).ifelse(ibis.null("string"), filled) if key.empty else filled
    match key.kind:
        case "mail":
            return ibis.literal("mail:") + normalise.mail(known)
        case "phone":
            return ibis.literal("phone:") + normalise.phone(known)
        case "text":
            return ibis.literal("name:") + normalise.half_width(known)
    return known


def text_of(raw: ir.Table, door: Door, column: str) -> ir.StringValue | None:
    """Return the trimmed text that feeds one canonical column, or None when the file has nothing for it."""
    return texts(raw, door).get(column)


def holds(raw: ir.Table, header: Header, conditions: tuple[Condition, ...]) -> ir.BooleanValue:
    """Tell per row whether any of the conditions holds; one on a column the file lacks never does."""
    tests = [
        _test(raw[f"c{place}"], condition)
        for condition in conditions
        if (place := header.position(condition.column)) is not None
    ]
    return ibis.or_(*tests) if tests else ibis.literal(False)


def _test(value: ir.StringValue, condition: Condition) -> ir.BooleanValue:
    if condition.is_in is not None:
        return value.isin(condition.is_in)
    if condition.starts_with is not None:
        return value.startswith(condition.starts_with)
    if condition.matches is not None:
        return value.re_search(condition.matches)
    if condition.below is not None:
        return (normalise.number(value) < condition.below).fill_null(False)
    return (value != "") == bool(condition.filled)


def filled_in_order(raw: ir.Table, door: Door) -> ir.Table:
    """Copy order-level cells, which stand on one row of an order, to its other rows; the first that is filled holds."""
    total = door.section.order_total
    names = (*door.section.fill_in_order, *((total.column, *total.minus) if total else ()))
    places = sorted(set(door.header.first(names)))
    keys = door.header.first(door.section.columns.get("order_id", ()))
    if not places or not keys:
        return raw
    order = f"c{keys[0]}"
    cells = {f"c{place}": raw[f"c{place}"] for place in places}
    firsts = raw.group_by(order).aggregate(
        **{f"first_{name}": cell.argmin(raw[ROW], where=cell != "") for name, cell in cells.items()}
    )
    joined = raw.left_join(firsts, order)
    blank = {
        name: (cell == "").ifelse(joined[f"first_{name}"].fill_null(""), joined[name]) for name, cell in cells.items()
    }
    known = joined[order] != ""
    return joined.mutate(**{name: known.ifelse(value, joined[name]) for name, value in blank.items()}).select(
        raw.columns
    )
