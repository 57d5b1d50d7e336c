"""One file's cells → the text that feeds each canonical column, and the tests a mapping makes on its rows."""

from collections.abc import Callable
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir

from horetsu_utils import canon, schema
from horetsu_utils.ingest import identity, normalise, scores
from horetsu_utils.ingest.conditions import Condition
from horetsu_utils.ingest.header import Header
from horetsu_utils.ingest.mapping import Mapping, Section
from horetsu_utils.ingest.read import ROW


@dataclass(frozen=True)
class Door:
    """What is known about one file when its text is cast: its table, mapping, headings and the client's zone.

    `shop` is put before customer ids, where several shops number their customers on their own. `values` are the
    client's own words, by column; `spellings` are the words that stand in the file, with what they mean;
    `dates` its forms of dates, the likeliest first; `plain` the columns whose every cell the quick way reads.
    """

    table: str
    mapping: Mapping
    header: Header
    zone: str
    shop: str = ""
    values: Dictionary[str, Dictionary[str, str]] = field(default_factory=dict)
    spellings: Dictionary[str, Dictionary[str, str]] = field(default_factory=dict)
    dates: tuple[str, ...] = ()
    plain: frozenset[str] = frozenset()

    @property
    def section(self) -> Section:
        """The part of the mapping for this table."""
        return self.mapping.tables[self.table]

    @property
    def schema(self) -> schema.Table:
        """The canonical table this file feeds, with the bounds that its rows must keep."""
        return scores.at_the_door(canon.TABLES[self.table], self.section.scale)


def texts(raw: ir.Table, door: Door) -> dict[str, ir.StringValue]:
    """Return the trimmed text that feeds each canonical column the file (or a constant) can fill."""
    texts: dict[str, ir.StringValue] = {}
    section = door.section
    for column in door.schema.columns:
        found = own(raw, door, column)
        if column.name in section.constants:
            found.append(ibis.literal(section.constants[column.name]))
        if found:
            texts[column.name] = ibis.coalesce(*found) if len(found) > 1 else found[0]
    if section.customer_key:
        texts["customer_id"] = _customer(raw, door)
    elif "customer_id" in texts:
        texts["customer_id"] = _in_shop(texts["customer_id"], door)
    return texts


def own(raw: ir.Table, door: Door, column: schema.Column) -> list[ir.StringValue]:
    """Return the texts that a file's own cells have for a column, the preferred one first."""
    clean = normalise.identifier if column.kind == "id" else normalise.text
    headings = door.section.columns.get(column.name, ())
    found = [cell(raw, places, door, clean) for places in door.header.found(headings)]
    return found + _cases(raw, door, column.name)


def _in_shop(number: ir.StringValue, door: Door) -> ir.StringValue:
    return ibis.literal(f"{door.shop}:") + number if door.shop else number


def cell(
    raw: ir.Table, places: tuple[int, ...], door: Door, clean: Callable[[ir.StringValue], ir.StringValue]
) -> ir.StringValue:
    """Return the text of one heading, or of several with a space between them; null where nothing is written."""
    joined = raw[f"c{places[0]}"]
    for place in places[1:]:
        joined = joined + " " + raw[f"c{place}"]
    filled = clean(joined.strip() if len(places) > 1 else joined)
    return _unless(filled, door.section.empty)


def _unless(value: ir.StringValue, words: tuple[str, ...]) -> ir.StringValue:
    return value.isin(words).ifelse(ibis.null("string"), value) if words else value


def _cases(raw: ir.Table, door: Door, column: str) -> list[ir.StringValue]:
    """Return the value of the first case that holds, where the mapping tells a column by conditions."""
    cases = [case for case in door.section.when.get(column, ()) if door.header.position(case.column) is not None]
    pairs = [(holds(raw, door.header, (case,)), ibis.literal(case.value)) for case in cases]
    return [ibis.cases(*pairs, else_=ibis.null("string"))] if pairs else []


def _customer(raw: ir.Table, door: Door) -> ir.StringValue:
    """Return who the customer is: the first key that is filled; keys of the person were made at the door."""
    keys: list[ir.StringValue] = []
    for key in door.section.customer_key:
        if key.kind == "id":
            found = (cell(raw, places, door, normalise.identifier) for places in door.header.found(key.columns))
            keys += [_in_shop(_unless(value, key.empty), door) for value in found]
        elif _KEY[key.kind] in raw.columns:
            keys.append(raw[_KEY[key.kind]])
    return ibis.coalesce(*keys) if keys else ibis.null("string")


_KEY = {"mail": identity.MAIL, "phone": identity.PHONE, "name_and_phone": identity.PERSON}


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
    if condition.not_in is not None:
        return value.notin(condition.not_in)
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
    amounts = [name for name in (total.column, *total.minus) if name] if total else []
    headings = (*door.section.fill_in_order, *amounts)
    told = {f"c{place}" for place in door.header.first(headings)}
    told |= set(identity.KEYS) if door.section.fill_in_order else set()
    keys = door.header.found(door.section.columns.get("order_id", ()))
    names = [name for name in raw.columns if name in told]
    if not names or not keys:
        return raw
    order = f"c{keys[0][0]}"
    firsts = raw.group_by(order).aggregate(
        **{f"first_{name}": raw[name].argmin(raw[ROW], where=raw[name].fill_null("") != "") for name in names}
    )
    joined = raw.left_join(firsts, order)
    known = joined[order] != ""
    filled = {name: known.ifelse(_or_first(joined, name), joined[name]) for name in names}
    return joined.mutate(**filled).select(raw.columns)


def _or_first(joined: ir.Table, name: str) -> ir.StringValue:
    told = ibis.coalesce(joined[name].nullif(""), joined[f"first_{name}"])
    return told if name in identity.KEYS else told.fill_null("")
