"""Give every row exactly one outcome: accepted, or the one reason why it is set aside."""

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from horetsu_utils import engine
from horetsu_utils.ingest import cast, texts
from horetsu_utils.ingest.normalise import half_width, number
from horetsu_utils.ingest.read import ROW
from horetsu_utils.ingest.texts import Door
from horetsu_utils.schema import TABLES

OUTCOMES = ("accepted", "cancelled_or_returned", "not_product", "no_customer", "duplicate", "rejected")
LINE = ("order_id", "product_id", "product_name")


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


def listed(connection: Backend, raw: ir.Table, door: Door, words: dict[str, list[str]]) -> dict[str, list[str]]:
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
        value = texts.text_of(raw, door, column)
        if value is not None:  # each distinct spelling is folded once: folding every row costs seconds
            spellings = engine.keep(connection, "spellings", raw.select(value.name("spelling")).distinct())
            folded = half_width(spellings.spelling).upper()
            match = spellings.filter(folded.isin([word.upper() for word in known]))
            found[column] = match.order_by("spelling").spelling.to_pyarrow().to_pylist()
    return found


def flagged(
    raw: ir.Table, repeated: ir.Table, door: Door, listed_values: dict[str, list[str]], *, digits: int
) -> ir.Table:
    """Cast one file and say of each row what could set it aside, each reason on its own.

    Shape
        raw text rows -> typed rows with is_repeat, is_not_product, is_cancelled
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
    whole, total = share.sum().over(order), ibis.greatest(typed.order_total.max().over(order), 0)
    so_far = share.sum().over(running)
    first = ibis.row_number().over(ibis.window(group_by=["order_id", counts], order_by=ROW)) == 0

    def part(amount: ir.NumericValue) -> ir.NumericValue:
        return (total.cast("float64") * amount.cast("float64") / whole.cast("float64")).round(digits)

    spread = (whole != 0).ifelse(part(so_far) - part(so_far - share), first.ifelse(total.cast("float64"), 0.0))
    return typed.mutate(
        amount=(total.notnull() & counts).ifelse(spread.cast("decimal(18, 4)"), typed.amount).cast("decimal(18, 4)")
    )


def settled(files: list[ir.Table], table: str, needs_customer: bool) -> ir.Table:
    """Put all files of a table together and give each row its one outcome.

    A fact that stands in several files counts once: the last file (by name) is the newest and wins.

    Shape
        the flagged rows of each file -> one table with `outcome` and the reasons is_duplicate, is_no_customer, …
    Errors
        none
    Source
        METHOD.md section 1
    """
    rows = ibis.union(*files) if len(files) > 1 else files[0]
    rows = _told_again(rows, table) if len(files) > 1 else rows.mutate(told_again=False)
    rows = rows.mutate(
        is_duplicate=rows.is_repeat | rows.told_again,
        is_no_customer=rows.customer_id.isnull() if needs_customer else ibis.literal(False),
    )
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


def _told_again(rows: ir.Table, table: str) -> ir.Table:
    """Mark the rows whose fact a later file tells too: an order's line, or a row equal in every column."""
    fact = LINE if table == "orders" else TABLES[table].names
    usable = rows.mutate(usable=rows[cast.PROBLEM].isnull())
    same = ["origin", "usable", *fact]
    nth = ibis.row_number().over(ibis.window(group_by=["file", "is_repeat", *same], order_by=ROW))
    counted = usable.mutate(nth=nth)
    newest = counted.file.max().over(ibis.window(group_by=["nth", *same]))
    return counted.mutate(told_again=counted.usable & (counted.file != newest)).drop("nth", "usable")
