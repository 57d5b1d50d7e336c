"""Give every row exactly one outcome: accepted, or the one reason why it is set aside."""

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from horetsu_utils import engine
from horetsu_utils.canon import TABLES
from horetsu_utils.ingest import cast, texts
from horetsu_utils.ingest.header import plain
from horetsu_utils.ingest.normalise import number
from horetsu_utils.ingest.read import ROW
from horetsu_utils.ingest.texts import Door

OUTCOMES = ("accepted", "cancelled_or_returned", "not_product", "no_customer", "duplicate", "rejected")
LINE = ("order_id", "product_id", "product_name")
ONE_ROW_EACH = {"customers": "customer_id"}
"""Registers: what one row is about stands in it once, with its newest values."""


def repeats(connection: Backend, raw: ir.Table, name: str) -> ir.Table:
    """Find the rows that repeat an earlier row of their file cell for cell.

    Shape
        raw text rows -> ROW of each repeat
    Errors
        none
    Source
        METHOD.md section 1 (the same fact arriving twice counts once)
    """
    cells = [column for column in raw.columns if column != ROW]
    hashed = raw.select(ROW, mark=ibis.struct({column: raw[column] for column in cells}).hash())
    shared = hashed.group_by("mark").aggregate(rows=hashed.count()).filter(lambda t: t.rows > 1)
    suspects = engine.keep(connection, f"{name}_suspects", raw.semi_join(hashed.semi_join(shared, "mark"), ROW))
    window = ibis.window(group_by=cells, order_by=ROW)
    numbered = suspects.select(ROW, earlier=ibis.row_number().over(window))
    return numbered.filter(numbered.earlier > 0).select(ROW)


def listed(raw: ir.Table, door: Door, words: dict[str, list[str]]) -> dict[str, list[str]]:
    """Find the product names and ids of a file that stand on the list of things that are no products.

    Shape
        raw text rows and {column: words} -> {column: the file's own spellings of those words}
    Errors
        none
    Source
        templates/rules/not_products.yaml
    """
    found = {}
    for column, known in words.items():
        value, longest = texts.text_of(raw, door, column), 2 * max(map(len, known), default=0)
        if value is not None:  # each distinct spelling is folded once: folding every row costs seconds
            short = raw.filter(value.length() <= longest).select(spelling=value)
            spellings = short.distinct().order_by("spelling").spelling.to_pyarrow().to_pylist()
            folded = set(map(plain, known))
            found[column] = [spelling for spelling in spellings if plain(spelling) in folded]
    return found


def flagged(
    raw: ir.Table, repeated: ir.Table, door: Door, listed_values: dict[str, list[str]], *, digits: int
) -> ir.Table:
    """Cast one file and say of each row what could set it aside, each reason on its own.

    Shape
        raw text rows, filled in order -> typed rows with is_repeat, is_not_product, is_cancelled
    Errors
        none
    Source
        METHOD.md section 1
    """
    section = door.section
    rows = raw.mutate(
        is_repeat=raw[ROW].isin(repeated[ROW]),
        is_not_product=texts.holds(raw, door.header, section.not_product),
        by_rule=ibis.cases(
            (texts.holds(raw, door.header, section.returned), "returned"),
            (texts.holds(raw, door.header, section.cancelled), "cancelled"),
            else_=ibis.null("string"),
        ),
        order_total=_total(raw, door),
    )
    typed = cast.cast(rows, door)
    if door.table != "orders":
        return typed.mutate(is_cancelled=False)
    listed = ibis.or_(*(typed[column].isin(values).fill_null(False) for column, values in listed_values.items()))
    status = ibis.coalesce(typed.by_rule, typed.status, ibis.literal("paid"))
    typed = typed.mutate(
        is_not_product=typed.is_not_product | listed, status=status, is_cancelled=status.isin(("cancelled", "returned"))
    )
    return _spread_total(typed, digits) if section.order_total else typed


def _total(raw: ir.Table, door: Door) -> ir.DecimalValue:
    """Return the order-level amount written on a row, less what is given back; null where the row has none."""
    rule = door.section.order_total
    places = door.header.first((rule.column,)) if rule else []
    if rule is None or not places:
        return ibis.null("decimal(18, 4)")
    total = number(raw[f"c{places[0]}"])
    for place in door.header.first(rule.minus):
        total = total - number(raw[f"c{place}"]).fill_null(0)
    return total.cast("decimal(18, 4)")


def _spread_total(typed: ir.Table, digits: int) -> ir.Table:
    """Let the lines of an order add up to its total, each in proportion to its own amount, to the last yen."""
    counts = ~typed.is_repeat & ~typed.is_not_product & typed[cast.PROBLEM].isnull()
    share = counts.ifelse(typed.amount, 0)
    order = ibis.window(group_by="order_id")
    running = ibis.window(group_by="order_id", order_by=ROW, preceding=None, following=0)
    whole, written = share.sum().over(order), typed.order_total.max().over(order)
    total = (written < 0).ifelse(0, written)
    so_far = share.sum().over(running)
    first = ibis.row_number().over(ibis.window(group_by=["order_id", counts], order_by=ROW)) == 0

    def part(amount: ir.NumericValue) -> ir.NumericValue:
        return (total.cast("float64") * amount.cast("float64") / whole.cast("float64")).round(digits)

    spread = (whole != 0).ifelse(part(so_far) - part(so_far - share), first.ifelse(total.cast("float64"), 0.0))
    return typed.mutate(
        amount=(total.notnull() & counts).ifelse(spread.cast("decimal(18, 4)"), typed.amount).cast("decimal(18, 4)")
    )


def settled(files: list[ir.Table], table: str) -> ir.Table:
    """Put all files of a table together and give each row its one outcome.

    A fact that stands in several files counts once: the newest file wins (`newness`, from its name).

    Shape
        the flagged rows of each file -> one table with `outcome`, `told_again` (a newer row tells the same fact) and
        the reasons is_duplicate, is_no_customer, …
    Errors
        none
    Source
        METHOD.md section 1
    """
    rows = ibis.union(*files) if len(files) > 1 else files[0]
    if table in ONE_ROW_EACH:
        rows = _last_row_each(rows, ONE_ROW_EACH[table])
    else:
        rows = _told_again(rows, table) if len(files) > 1 else rows.mutate(told_again=False)
    rows = rows.mutate(is_duplicate=rows.is_repeat | rows.told_again, is_no_customer=_nobody(rows, table))
    return rows.mutate(
        outcome=ibis.cases(
            (rows[cast.PROBLEM].notnull(), "rejected"),
            (rows.is_duplicate, "duplicate"),
            (rows.is_not_product, "not_product"),
            (rows.is_no_customer, "no_customer"),
            (rows.is_cancelled, "cancelled_or_returned"),
            else_="accepted",
        )
    )


def _nobody(rows: ir.Table, table: str) -> ir.BooleanValue:
    """Tell per row whether nothing says who the customer is, where the table needs to know."""
    groups = [("customer_id",)] if "customer_id" in TABLES[table].required else TABLES[table].one_of
    known = next((group for group in groups if "customer_id" in group), ())
    return ibis.and_(*(rows[name].isnull() for name in known)) if known else ibis.literal(False)


def _last_row_each(rows: ir.Table, key: str) -> ir.Table:
    """Mark the rows of a register to which a later row, of the same file or a newer one, gives another value."""
    usable = rows[cast.PROBLEM].isnull() & rows[key].notnull() & ~rows.is_repeat
    window = ibis.window(group_by=["origin", key, usable], order_by=[rows.newness.desc(), rows[ROW].desc()])
    return rows.mutate(told_again=usable & (ibis.row_number().over(window) > 0))


def _told_again(rows: ir.Table, table: str) -> ir.Table:
    """Mark the rows whose fact a later file tells too: an order's line, or a row equal in every column."""
    fact = LINE if table == "orders" else TABLES[table].names
    usable = rows.mutate(usable=rows[cast.PROBLEM].isnull())
    same = ["origin", "usable", *fact]
    nth = ibis.row_number().over(ibis.window(group_by=["file", "is_repeat", *same], order_by=ROW))
    counted = usable.mutate(nth=nth)
    newest = counted.newness.max().over(ibis.window(group_by=["nth", *same]))
    return counted.mutate(told_again=counted.usable & (counted.newness != newest)).drop("nth", "usable")
