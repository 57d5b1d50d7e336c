"""Which of a file's amounts is the line's and which the whole order's, told by how they repeat over an order's rows."""

from dataclasses import dataclass
from itertools import combinations

from horetsu_utils.ingest.evidence import Cells, number

ENOUGH_ORDERS = 2
"""So many orders of several rows must say the same before an amount is taken for the whole order's."""
MOSTLY = 0.8
"""This share (0-1) of the orders must agree."""
SAME_YEN = 1.0


@dataclass(frozen=True)
class Orders:
    """The rows of each order of a sample. The last order may go on below the sample, and is left out."""

    rows: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, keys: Cells) -> "Orders":
        """Group a sample's rows by the cells of their order's number."""
        groups: dict[str, list[int]] = {}
        for row, key in enumerate(keys):
            if key:
                groups.setdefault(key, []).append(row)
        complete = [tuple(rows) for rows in groups.values() if len(groups) == 1 or rows[-1] != len(keys) - 1]
        return cls(tuple(complete))

    @property
    def several(self) -> tuple[tuple[int, ...], ...]:
        """The orders of more than one row."""
        return tuple(rows for rows in self.rows if len(rows) > 1)

    def repeats(self, cells: Cells) -> bool:
        """Tell whether a column says the same on all rows of an order, or says it on the first row only."""
        same = [len({cells[row] for row in rows if cells[row]}) == 1 for rows in self.several]
        return len(same) >= ENOUGH_ORDERS and all(same)


def lines(cells: Cells, by: Cells | None, *, european: bool) -> tuple[float | None, ...]:
    """Return the amount of every line, times the cells of `by` where these are given."""
    amounts = [number(cell, european=european) for cell in cells]
    counts = [number(cell, european=european) for cell in by] if by is not None else [1.0] * len(amounts)
    pairs = zip(amounts, counts, strict=True)
    return tuple(one * other if one is not None and other is not None else None for one, other in pairs)


@dataclass(frozen=True)
class Total:
    """The whole order's amount as a sample writes it, beside the amounts of the lines."""

    orders: Orders
    cells: Cells
    amounts: tuple[float | None, ...]
    european: bool

    def minus(self, extras: dict[str, Cells], given: Cells | None = None) -> tuple[tuple[str, ...], float]:
        """Find which other amounts of an order (postage, fees, …) stand in its total beside the lines.

        Shape
            {heading: cells}, and a discount that the total may have in it -> headings to take off, and the share (0-1)
            of the orders whose total then is what the lines add up to
        Errors
            none
        Source
            FORMATS.md (order totals)
        """
        best: tuple[tuple[str, ...], float] = ((), 0.0)
        for count in range(len(extras) + 1):
            for names in combinations(extras, count):
                rate = self._agreed([extras[name] for name in names], given)
                best = (names, rate) if rate > best[1] else best
        return best

    def _agreed(self, extras: list[Cells], given: Cells | None) -> float:
        told = [each for rows in self.orders.rows if (each := self._agrees(rows, extras, given)) is not None]
        return sum(told) / len(told) if told else 0.0

    def _agrees(self, rows: tuple[int, ...], extras: list[Cells], given: Cells | None) -> bool | None:
        written = self._of(rows, self.cells)
        sums = [amount for row in rows if (amount := self.amounts[row]) is not None]
        if written is None or len(sums) < len(rows):
            return None
        off = sum(abs(self._of(rows, cells) or 0) for cells in extras) - abs(self._of(rows, given or ()) or 0)
        return abs(written - off - sum(sums)) <= SAME_YEN

    def _of(self, rows: tuple[int, ...], cells: Cells) -> float | None:
        """Return what a column says of an order: its first amount."""
        found = (number(cells[row], european=self.european) for row in rows if cells and cells[row])
        return next((value for value in found if value is not None), None)
