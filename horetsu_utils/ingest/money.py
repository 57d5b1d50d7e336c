"""Where an unknown export of orders tells what a line cost: its own amount, a product, or a share of the order's."""

import re
from dataclasses import dataclass

from horetsu_utils.ingest import evidence
from horetsu_utils.ingest.aliases import ORDER_TOTAL, Words, bare
from horetsu_utils.ingest.evidence import FITS, Cells, harmless, number
from horetsu_utils.ingest.guess import CHECK, LIKELY, Columns, Guess, Sample
from horetsu_utils.ingest.totals import ENOUGH_ORDERS, MOSTLY, Orders, Total, lines

PRODUCT, EQUAL = "quantity * unit_price", "1"
MOST_FEES = 3
LEAST_MONEY = 10
"""Numbers that stay below this are scores or counts rather than amounts."""
_GOODS = "商品"
"""Where this stands in the heading of a total, the total is of the goods alone."""


@dataclass(frozen=True)
class Money:
    """How the amount of a line comes about beside the columns found: computed, off a total, or asked."""

    computed: str = ""
    minus: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


def money(sample: Sample, columns: Columns, words: Words, *, european: bool) -> Money:
    """Settle which amounts are the lines' and which the order's; the guesses in `columns` change accordingly.

    Shape
        a sample and what is guessed so far -> Money
    Errors
        none
    Source
        FORMATS.md (order totals)
    """
    desk = _Desk(sample, columns, words, european)
    desk.tell_totals_from_amounts()
    found = desk.with_total() if ORDER_TOTAL in columns.found else Money()
    if "amount" not in columns.found and not found.computed:
        return desk.without_amount(found)
    return found


@dataclass
class _Desk:
    """One file's amounts, laid out side by side."""

    sample: Sample
    columns: Columns
    words: Words
    european: bool

    @property
    def orders(self) -> Orders:
        return Orders.of(self._cells("order_id") or ())

    def _cells(self, column: str) -> Cells | None:
        guess = self.columns.found.get(column)
        return self.sample.columns[guess.heading] if guess and isinstance(guess.heading, str) else None

    def _lines(self) -> tuple[float | None, ...] | None:
        """Return the amount of every line, if the file tells it."""
        for column, by in (("amount", None), ("unit_price", self._cells("quantity"))):
            cells = self._cells(column)
            if cells is not None:
                return lines(cells, by, european=self.european)
        return None

    def tell_totals_from_amounts(self) -> None:
        """Call an amount the order's where it says the same on all its rows, and a total the line's where not."""
        amount, total = self._cells("amount"), self._cells(ORDER_TOTAL)
        if amount is not None and total is None and self.orders.repeats(amount) and not self._is_product(amount):
            why = "1つの注文のどの行にも同じ金額があるので、注文全体の金額と見ました"
            self.columns.take(Guess(ORDER_TOTAL, self.columns.drop("amount").heading, CHECK, why))
        elif total is not None and len(self.orders.several) >= ENOUGH_ORDERS and not self.orders.repeats(total):
            guess = self.columns.drop(ORDER_TOTAL)
            if amount is None:
                why = "見出しは合計ですが、注文の行ごとに違うので、1行の金額と見ました"
                self.columns.take(Guess("amount", guess.heading, CHECK, why))

    def _is_product(self, amount: Cells) -> bool:
        price, count = self._cells("unit_price"), self._cells("quantity")
        if price is None or count is None:
            return False
        return lines(price, count, european=self.european) == lines(amount, None, european=self.european)

    def with_total(self) -> Money:
        """Use the order's total as far as the sample bears it out."""
        total, known = self._cells(ORDER_TOTAL), self._lines()
        assert total is not None
        if known is None:
            return self._shared(total)
        if not self.orders.several and "amount" in self.columns.found:
            self.columns.drop(ORDER_TOTAL)
            return Money()
        computed = PRODUCT if "amount" not in self.columns.found and "quantity" in self.columns.found else ""
        return self._checked(Total(self.orders, total, known, self.european), computed)

    def _checked(self, total: Total, computed: str) -> Money:
        extras, discount = self._extras(), self._cells("discount")
        names, rate = total.minus(extras)
        if discount is not None and self._of_order(discount):
            net, net_rate = total.minus(extras, discount)
            if rate > net_rate:
                names = (*names, str(self.columns.found["discount"].heading))
            names, rate = (names, rate) if rate > net_rate else (net, net_rate)
        guess = self.columns.found[ORDER_TOTAL]
        if rate < MOSTLY:
            told = f"「{harmless(guess.heading)}」が明細の合計と合う注文が {rate:.0%} しかないので、使っていません。"
            self.columns.drop(ORDER_TOTAL)
            return Money(computed, questions=(told + "お店の値引きや送料がどう入っているかを確かめてください",))
        why = f"注文のどの行にも同じ金額があり、明細の合計と合う注文が {rate:.0%} です"
        self.columns.take(Guess(ORDER_TOTAL, guess.heading, LIKELY, why))
        return Money(computed, minus=names)

    def _shared(self, total: Cells) -> Money:
        """Let the lines of an order, whose own amounts are not told, share its total."""
        guess = self.columns.found[ORDER_TOTAL]
        minus = () if _GOODS in str(guess.heading) else tuple(self._extras())
        asked = f"「{harmless(guess.heading)}」に、送料・手数料・ポイントの利用が入っているかを確かめてください"
        if self.orders.several:
            why = "明細の金額が無いので、注文の合計を、その注文の行で等分します"
            self.columns.take(Guess(ORDER_TOTAL, guess.heading, CHECK, why))
            return Money(EQUAL, minus=minus, questions=(asked,))
        self.columns.drop(ORDER_TOTAL)
        why = "1行が1つの注文なので、注文の合計を金額と見ました"
        if minus:
            self.columns.take(Guess(ORDER_TOTAL, guess.heading, CHECK, "ここから送料などを引きます"))
        self.columns.take(Guess("amount", guess.heading, CHECK if minus else LIKELY, why))
        return Money(minus=minus, questions=(asked,))

    def without_amount(self, found: Money) -> Money:
        """Find what else could tell a line's amount."""
        price = self.columns.found.get("unit_price")
        if price and "quantity" in self.columns.found:
            return Money(PRODUCT, questions=found.questions)
        if price:
            self.columns.drop("unit_price")
            self.columns.take(Guess("amount", price.heading, CHECK, "数量の列が無いので、1行の金額と見ました"))
        else:
            rest = [heading for heading in self.columns.free if self._may_be_money(self.sample.columns[heading])]
            if len(rest) == 1:
                why = "見出しからは分かりませんが、残った列のうち、数が入っているのはこれだけです"
                self.columns.take(Guess("amount", rest[0], CHECK, why))
        return found

    def _may_be_money(self, cells: Cells) -> bool:
        told = [number(cell, european=self.european) for cell in evidence.filled(cells)]
        amounts = [amount for amount in told if amount is not None]
        leading = any(re.fullmatch(r"0\d+", cell) for cell in cells)
        return len(amounts) >= FITS * len(told) and max(amounts, default=0) >= LEAST_MONEY and not leading

    def _of_order(self, cells: Cells) -> bool:
        return not self.orders.several or self.orders.repeats(cells)

    def _extras(self) -> dict[str, Cells]:
        """Return the postage and fees that are told once an order."""
        fees = set(map(bare, self.words.fees))
        shipping = self.columns.found.get("shipping")
        headings = [shipping.heading] if shipping else []
        headings += [heading for heading in self.columns.free if bare(heading) in fees][:MOST_FEES]
        cells = {str(heading): self.sample.columns[str(heading)] for heading in headings}
        return {heading: told for heading, told in cells.items() if self._of_order(told)}
