"""Exports in two files: the cells of an order's row are added to each of its lines."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from horetsu_utils import engine
from horetsu_utils.ingest import identity, normalise
from horetsu_utils.ingest.header import Header, plain
from horetsu_utils.ingest.mapping import Join
from horetsu_utils.ingest.read import ROW

UNMATCHED, FILE, KEY = "unmatched", "_partner", "_on"


def header(lines: Header, partners: Sequence[Header]) -> Header:
    """Return the headings of the lines followed by those of their partners, each heading of these once."""
    return Header((*lines.names, *_headings(partners))) if partners else lines


def orders(raws: Sequence[ir.Table], headers: Sequence[Header], join: Join, first: int) -> ir.Table:
    """Put the rows of all partners under each other, as cells numbered from `first` on.

    Shape
        raw text rows of each partner -> FILE [its number], ROW, KEY, c<first>, c<first+1>, …, keys of the person,
        is_last (no later row, of the same file or a newer one, tells the same order)
    Errors
        none
    Source
        FORMATS.md section 4
    """
    names = _headings(headers)
    tables = [
        _columns(raw, heading, names, first).mutate(**{FILE: ibis.literal(place), KEY: _key(raw, heading, join)})
        for place, (raw, heading) in enumerate(zip(raws, headers, strict=True))
    ]
    rows = ibis.union(*tables) if len(tables) > 1 else tables[0]
    newest = ibis.window(group_by=KEY, order_by=[ibis.desc(FILE), ibis.desc(ROW)])
    return rows.mutate(is_last=(ibis.row_number().over(newest) == 0) & rows[KEY].notnull())


def joined(connection: Backend, lines: ir.Table, heading: Header, orders: ir.Table, join: Join) -> ir.Table:
    """Add to each line the cells of its order; `unmatched` tells that there is no such order.

    Shape
        raw text rows of lines -> the same rows with more cells
    Errors
        none
    Source
        FORMATS.md section 4
    """
    told = orders.filter("is_last").drop("is_last", FILE).rename(order_row=ROW)
    keyed = lines.mutate(**{KEY: _key(lines, heading, join)})
    both = keyed.left_join(told, KEY, rname="{name}_of_order")
    added = {name: both[name].fill_null("") for name in told.columns if name.startswith("c")}
    for key in identity.KEYS:
        known = [both[name] for name in (key, f"{key}_of_order") if name in both.columns]
        added |= {key: ibis.coalesce(*known)} if known else {}
    columns = [KEY, *(name for name in lines.columns if name not in added)]
    return engine.keep(connection, both.select(*columns, **added, **{UNMATCHED: both.order_row.isnull()}), "joined")


def _headings(partners: Sequence[Header]) -> tuple[str, ...]:
    names = {plain(name): name for each in reversed(partners) for name in reversed(each.names)}
    return tuple(reversed(names.values()))


def _columns(raw: ir.Table, heading: Header, names: tuple[str, ...], first: int) -> ir.Table:
    keys = {key: raw[key] if key in raw.columns else ibis.null("string") for key in identity.KEYS}
    cells = {}
    for place, name in enumerate(names, start=first):
        own = f"c{heading.position(name)}"
        cells[f"c{place}"] = raw[own] if own in raw.columns else ibis.literal("")
    return raw.select(ROW, **cells, **keys)


def _key(raw: ir.Table, heading: Header, join: Join) -> ir.StringValue:
    return normalise.identifier(raw[f"c{heading.position(join.by)}"])
