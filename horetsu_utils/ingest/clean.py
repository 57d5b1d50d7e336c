"""Give every row exactly one outcome: accepted, or the one reason why it is set aside."""

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from horetsu_utils import engine
from horetsu_utils.ingest import answers, cast, join, learn, normalise, texts, voices
from horetsu_utils.ingest.header import plain
from horetsu_utils.ingest.normalise import number
from horetsu_utils.ingest.read import ROW
from horetsu_utils.ingest.texts import Door

OUTCOMES = (
    "accepted",
    "cancelled_or_returned",
    "not_product",
    "no_customer",
    "out_of_scope",
    "duplicate",
    "joined",
    "rejected",
)
"""What becomes of a row. `joined` rows were added to the lines of the same order and are no rows of their own."""
UNMATCHED = f"{join.UNMATCHED}|order_id"
MARK, PART = "mark", "_part"
"""The hash of all cells of a file's row, and the place of a canonical row among those that one row becomes."""


def repeats(connection: Backend, raw: ir.Table, name: str) -> ir.Table:
    """Find the rows that repeat an earlier row of their file cell for cell.

    Shape
        raw text rows with MARK, the hash of all cells of a row -> ROW of each repeat
    Errors
        none
    Source
        METHOD.md section 1 (the same fact arriving twice counts once)
    """
    cells = [column for column in raw.columns if column != ROW]
    shared = raw.group_by(MARK).aggregate(rows=raw.count()).filter(lambda t: t.rows > 1)
    suspects = engine.keep(connection, raw.semi_join(shared, MARK), f"{name}_suspects")
    numbered = suspects.select(ROW, earlier=ibis.row_number().over(ibis.window(group_by=cells, order_by=ROW)))
    return numbered.filter(numbered.earlier > 0).select(ROW)


def split(raw: ir.Table, door: Door) -> ir.Table:
    """Make one row of each value where a cell lists several, such as the products of an order.

    Shape
        raw text rows -> the same rows, or more, with PART
    Errors
        none
    Source
        FORMATS.md section 12
    """
    for column, between in door.section.split.items():
        for places in door.header.found(door.section.columns.get(column, ()))[:1]:
            cell = f"c{places[0]}"
            each = raw.mutate(each=raw[cell].split(between)).unnest("each", offset=PART)
            whole = each.filter((each[PART] == 0) | (each.each.strip() != ""))
            return whole.mutate(**{cell: whole.each.strip(), PART: whole[PART].cast("int64")}).drop("each")
    return raw.mutate(**{PART: ibis.literal(0, "int64")})


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
        raw text rows, filled in order -> typed rows with is_repeat, is_not_product, is_out_of_scope, is_cancelled
    Errors
        none
    Source
        METHOD.md section 1
    """
    section = door.section
    rows = raw.mutate(
        is_repeat=raw[ROW].isin(repeated[ROW]),
        is_not_product=texts.holds(raw, door.header, section.not_product),
        is_out_of_scope=texts.holds(raw, door.header, section.out_of_scope),
        by_rule=ibis.cases(
            (texts.holds(raw, door.header, section.returned), "returned"),
            (texts.holds(raw, door.header, section.cancelled), "cancelled"),
            else_=ibis.null("string"),
        ),
        order_total=_total(raw, door),
        **voices.written(raw, door),
    )
    typed = _unmatched(cast.cast(rows, learn.learn(raw, door)))
    if door.table != "orders":
        return _TOLD.get(door.table, lambda rows: rows)(typed.mutate(is_cancelled=False))
    listed = ibis.or_(*(typed[column].isin(values).fill_null(False) for column, values in listed_values.items()))
    status = ibis.coalesce(typed.by_rule, typed.status, ibis.literal("paid"))
    typed = typed.mutate(
        is_not_product=typed.is_not_product | listed, status=status, is_cancelled=status.isin(("cancelled", "returned"))
    )
    return _spread_total(typed, digits, has_total(door)) if section.order_total else typed


_TOLD = {voices.TABLE: voices.told, answers.TABLE: answers.told}
"""What else is told of each row, in tables of their own kind."""


def _unmatched(typed: ir.Table) -> ir.Table:
    """Refuse the lines whose order stands in none of the order's files."""
    if join.UNMATCHED not in typed.columns:
        return typed
    lost = typed[join.UNMATCHED] & typed[join.KEY].notnull()
    told = {cast.PROBLEM: ibis.literal(UNMATCHED), cast.VALUE: typed[join.KEY]}
    return typed.mutate(**{name: lost.ifelse(value, typed[name]) for name, value in told.items()})


def _total(raw: ir.Table, door: Door) -> ir.DecimalValue:
    """Return the order-level amount written on a row, less what is given back; null where the row has none.

    Where the file has no such column, it is what to take off the sum of the lines: below zero, or null.
    """
    rule = door.section.order_total
    if rule is None:
        return ibis.null("decimal(18, 4)")

    def amount(place: int) -> ir.DecimalValue:
        return number(texts.cell(raw, (place,), door, normalise.text))

    off = ibis.literal(0).cast("decimal(18, 4)")
    for place in door.header.first(rule.minus):
        off = off + amount(place).abs().fill_null(0)
    if has_total(door):
        return (amount(door.header.first((rule.column,))[0]) - off).cast("decimal(18, 4)")
    return (-off).nullif(0).cast("decimal(18, 4)")


def has_total(door: Door) -> bool:
    """Tell whether a file has the column that its orders' lines must add up to."""
    rule = door.section.order_total
    return bool(rule and rule.column and door.header.first((rule.column,)))


def _spread_total(typed: ir.Table, digits: int, is_whole: bool) -> ir.Table:
    """Let the lines of an order add up to its total, each in proportion to its own amount, to the last yen."""
    counts = ~typed.is_repeat & ~typed.is_not_product & typed[cast.PROBLEM].isnull()
    share = counts.ifelse(typed.amount, 0)
    order = ibis.window(group_by="order_id")
    running = ibis.window(group_by="order_id", order_by=[ROW, PART], preceding=None, following=0)
    whole = share.sum().over(order)
    written = typed.order_total.max().over(order) if is_whole else whole + typed.order_total.min().over(order)
    total = (written < 0).ifelse(0, written)
    so_far = share.sum().over(running)
    first = ibis.row_number().over(ibis.window(group_by=["order_id", counts], order_by=[ROW, PART])) == 0

    def part(amount: ir.NumericValue) -> ir.NumericValue:
        return (total.cast("float64") * amount.cast("float64") / whole.cast("float64")).round(digits)

    spread = (whole != 0).ifelse(part(so_far) - part(so_far - share), first.ifelse(total.cast("float64"), 0.0))
    return typed.mutate(
        amount=(total.notnull() & counts).ifelse(spread.cast("decimal(18, 4)"), typed.amount).cast("decimal(18, 4)")
    )
