"""All files of a table together: the same fact once, the newest telling of it, and one outcome for every row."""

import ibis
import ibis.expr.types as ir

from horetsu_utils.canon import TABLES
from horetsu_utils.ingest import answers, cast, halves, scores, story
from horetsu_utils.ingest.clean import PART
from horetsu_utils.ingest.read import ROW

LINE = ("order_id", "item")
"""What a line of an order is known by: a product's name may change from export to export, its id does not."""
SETTLED = ("outcome", "told_again", "is_duplicate", "is_no_customer")
"""What settling tells of each row."""
MOST_ROWS = 10**12
"""More than any file has."""
ONE_ROW_EACH = {"customers": "customer_id"}
"""Registers: what one row is about stands in it once, with its newest values."""
LAST_HOLDS = {answers.TABLE: answers.FACT, story.TABLE: story.FACT}
"""Records of which the last one holds as it stands."""


def settled(files: list[ir.Table], table: str) -> ir.Table:
    """Put all files of a table together and give each row its one outcome.

    A fact that stands in several files counts once: the newest file wins (`newness`, from its name).

    Shape
        the flagged rows of each file, with file, origin and newness -> one table with `outcome`, `told_again` (a newer
        row tells the same fact) and the reasons is_duplicate, is_no_customer, …
    Errors
        none
    Source
        METHOD.md section 1
    """
    rows = ibis.union(*files) if len(files) > 1 else files[0]
    rows = rows.drop(*[name for name in SETTLED if name in rows.columns])
    rows = halves.apart(_strangers(rows)) if table == scores.TABLE else rows
    if table in ONE_ROW_EACH:
        rows = _last_row_each(rows, ONE_ROW_EACH[table])
    elif table in LAST_HOLDS:
        rows = _last_holds(rows, table)
    elif len(files) == 1:
        rows = rows.mutate(told_again=False)
    else:
        rows = _orders_told_again(rows) if table == "orders" else _told_again(rows, TABLES[table].names)
    rows = rows.mutate(is_duplicate=rows.is_repeat | rows.told_again, is_no_customer=_nobody(rows, table))
    rows = rows.mutate(
        outcome=ibis.cases(
            (rows.is_out_of_scope, "out_of_scope"),
            (rows[cast.PROBLEM].notnull(), "rejected"),
            (rows.is_duplicate, "duplicate"),
            (rows.is_not_product, "not_product"),
            (rows.is_no_customer, "no_customer"),
            (rows.is_cancelled, "cancelled_or_returned"),
            else_="accepted",
        )
    )
    return halves.joined(rows) if table == scores.TABLE else rows


def _strangers(rows: ir.Table) -> ir.Table:
    """Let the same voice of nobody known count each time: two strangers may well give the same score on one day."""
    return rows.mutate(is_repeat=rows.is_repeat & rows.customer_id.notnull())


def _nobody(rows: ir.Table, table: str) -> ir.BooleanValue:
    """Tell per row whether nothing says who the customer is, where the table needs to know."""
    groups = [("customer_id",)] if "customer_id" in TABLES[table].required else TABLES[table].one_of
    known = next((group for group in groups if "customer_id" in group), ())
    return ibis.and_(*(rows[name].isnull() for name in known)) if known else ibis.literal(False)


def _last_row_each(rows: ir.Table, key: str) -> ir.Table:
    """Keep of a register the last row of each, of the newest file, with the newest value of every column."""
    usable = rows[cast.PROBLEM].isnull() & rows[key].notnull() & ~rows.is_repeat
    known = rows.mutate(age=_age(rows), usable=usable)
    values = [name for name in TABLES["customers"].names if name != key]
    told = known.filter("usable")
    newest = {f"newest_{name}": told[name].argmax(told.age, where=told[name].notnull()) for name in values}
    registers = told.group_by(key).aggregate(**newest, newest_age=told.age.max())
    both = known.left_join(registers, key)
    filled = {name: both.usable.ifelse(both[f"newest_{name}"], both[name]) for name in values}
    again = (both.usable & (both.age != both.newest_age)).fill_null(False)
    return both.mutate(**filled, told_again=again).select(*rows.columns, "told_again")


def _age(rows: ir.Table) -> ir.IntegerValue:
    """Return a number that is the higher, the more a row is to be believed: a newer file, then a later row."""
    return (rows.newness.cast("int64") * MOST_ROWS if "newness" in rows.columns else ibis.literal(0)) + rows[ROW]


def _last_holds(rows: ir.Table, table: str) -> ir.Table:
    """Mark the records after which another tells of the same: the last row of the newest file holds.

    Of a row that stands twice, cell for cell, the last counts too: something else may stand between them.
    """
    usable = rows[cast.PROBLEM].isnull() & ~rows.is_out_of_scope & ~_nobody(rows, table)
    known = rows.mutate(age=_age(rows), usable=usable, is_repeat=rows.is_repeat & ~usable)
    last = known.age.max().over(ibis.window(group_by=[*LAST_HOLDS[table], "usable"]))
    return known.mutate(told_again=known.usable & (known.age != last)).drop("age", "usable")


def _told_again(rows: ir.Table, fact: tuple[str, ...]) -> ir.Table:
    """Mark the rows whose fact a later file tells too; as often as it stands in one file, so often it happened."""
    usable = rows.mutate(usable=rows[cast.PROBLEM].isnull())
    same = ["origin", "usable", *fact]
    nth = ibis.row_number().over(ibis.window(group_by=["file", "is_repeat", *same], order_by=[ROW, PART]))
    counted = usable.mutate(nth=nth)
    newest = counted.newness.max().over(ibis.window(group_by=["nth", *same]))
    return counted.mutate(told_again=counted.usable & (counted.newness != newest)).drop("nth", "usable")


def _orders_told_again(rows: ir.Table) -> ir.Table:
    """Mark the lines of an order that a later file tells anew, those it has dropped since among them.

    Two files that share no line of an order each hold a part of it: then both count.
    """
    item = ibis.coalesce(rows.product_id, rows.product_name)
    lines = _told_again(rows.mutate(item=item), LINE).drop("item")
    usable = lines[cast.PROBLEM].isnull()
    order = ibis.window(group_by=["file", "origin", "order_id", usable])
    return lines.mutate(told_again=usable & lines.told_again.any().over(order))
