"""How an unknown export tells who the buyer is, and which order a row belongs to, where no heading says it."""

import re

from horetsu_utils.ingest import evidence
from horetsu_utils.ingest.aliases import Words, bare, holds
from horetsu_utils.ingest.evidence import FITS, Cells
from horetsu_utils.ingest.guess import CHECK, LIKELY, Columns, Guess, Sample
from horetsu_utils.ingest.totals import Orders

REGULAR = 0.9
"""This share (0-1) of an id's cells must be written alike."""
FEWEST_IDS, FEWEST_SHARE = 3, 0.2
"""Customers are at least so many, and at least this share (0-1) of the orders."""
NOBODY = ("0", "guest", "ゲスト", "-", "非会員")
"""What stands where a buyer has no number of their own."""
_POSTCODE = re.compile(r"\d{3}-?\d{4}")


def people(sample: Sample, columns: Columns, words: Words) -> None:
    """Put together what stands in several columns: family and given name, a phone number in three parts."""
    pairs = [pair for pair in _names(sample, words) if not any(holds(name, words.not_the_buyer) for name in pair)]
    found = columns.found.get("name")
    if pairs and (found is None or found.heading in pairs[0] or found.sure == CHECK):
        columns.take(Guess("name", pairs[0], LIKELY, "姓と名が、2つの列に分かれています"))
    phones = _phones(sample, words)
    if phones and "phone" not in columns.found:
        columns.take(Guess("phone", phones, LIKELY, "電話番号が、3つの列に分かれています"))


def _names(sample: Sample, words: Words) -> list[tuple[str, str]]:
    known = {re.sub("[()]", "", bare(heading)): heading for heading in sample.columns}
    endings = [(bare(one), bare(other)) for one in words.family_name for other in words.given_name]
    pairs = [
        (heading, known[name.removesuffix(one) + other])
        for name, heading in known.items()
        for one, other in endings
        if name.endswith(one) and name.removesuffix(one) + other in known
    ]
    return [pair for pair in pairs if pair[0] != pair[1]]


def _phones(sample: Sample, words: Words) -> tuple[str, ...]:
    known = {bare(heading): heading for heading in sample.columns}
    for word in words.person["phone"]:
        three = [known.get(f"{bare(word)}{part}", "") for part in (1, 2, 3)]
        if all(three):
            return tuple(three)
    return ()


def ids(sample: Sample, columns: Columns, words: Words) -> None:
    """Find the order's number and the customer's among unnamed columns by how they repeat over the rows."""
    when = columns.found.get("ordered_at")
    days = sample.columns.get(when.heading, ()) if when and isinstance(when.heading, str) else ()
    if "order_id" not in columns.found and days:
        found = [name for name in columns.free if _is_order(sample.columns[name], days)]
        found.sort(key=lambda name: len(set(sample.columns[name])) == sample.rows)
        if found:
            why = "見出しからは分かりませんが、同じ番号の行は日時も同じです"
            columns.take(Guess("order_id", found[0], CHECK, why, tuple(found[1:3])))
    order = columns.found.get("order_id")
    if "customer_id" not in columns.found and order and isinstance(order.heading, str):
        orders = Orders.of(sample.columns[order.heading])
        free = [name for name in columns.free if not holds(name, words.not_the_buyer)]
        found = [name for name in free if _is_customer(sample.columns[name], orders)]
        if found:
            why = "見出しからは分かりませんが、いくつもの注文に同じ番号がくり返し出てきます"
            columns.take(Guess("customer_id", found[0], CHECK, why, tuple(found[1:3])))


def _is_id(cells: Cells) -> bool:
    """Tell whether cells are numbers of things: regular, and no amounts, days, postcodes or running numbers."""
    written = evidence.filled(cells)
    shapes = [re.sub(r"[a-z]", "a", re.sub(r"\d", "9", cell.casefold())) for cell in written]
    most = max((shapes.count(shape) for shape in set(shapes)), default=0)
    regular = written and most / len(written) >= REGULAR and "9" in "".join(shapes)
    telling = any(re.search(r"[^\d.,]", cell) or cell.startswith("0") or len(cell) >= 4 for cell in written)
    running = [str(place) for place in range(1, len(written) + 1)] == list(written)
    others = max(evidence.share(cells, lambda cell: bool(_POSTCODE.fullmatch(cell))), evidence.dates(cells).share)
    reads = evidence.share(cells, evidence.identifier)
    return bool(
        regular and telling and not running and others < FITS <= reads and not evidence.share(cells, evidence.phone)
    )


def _is_order(cells: Cells, days: Cells) -> bool:
    if not _is_id(cells) or len(set(evidence.filled(cells))) < FEWEST_IDS:
        return False
    groups: dict[str, set[str]] = {}
    for cell, day in zip(cells, days, strict=True):
        groups.setdefault(cell, set()).add(day)
    return all(len(same) == 1 for cell, same in groups.items() if cell)


def _is_customer(cells: Cells, orders: Orders) -> bool:
    if not _is_id(cells):
        return False
    told = [{cells[row] for row in rows if cells[row]} for rows in orders.rows]
    names = [next(iter(each)) for each in told if each]
    different = len(set(names))
    few = max(FEWEST_IDS, FEWEST_SHARE * len(names))
    return all(len(each) <= 1 for each in told) and few <= different < len(names)
